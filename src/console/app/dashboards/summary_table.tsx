/** Dashboards as a table, with what can be done to each. */
/// <reference lib="dom" />
import { request } from "../api.ts";
import { href } from "../router.ts";
import { relative } from "./format.ts";
import { isFavourite, type Preferences, setFavourite } from "./preferences.ts";
import { dashboardPath, projectPath, type Summary } from "./server.ts";

interface TableProperties {
  readonly items: readonly Summary[];
  readonly preferences: Preferences;
  readonly isTrash: boolean;
  readonly emptyText: string;
  readonly onTag: (tag: string) => void;
  /** Runs a change, shows what the server says against it, and loads the list again. */
  readonly onAttempt: (work: Promise<unknown>) => void;
}

export function SummaryTable({ items, preferences, isTrash, emptyText, onTag, onAttempt }: TableProperties) {
  if (items.length === 0) return <p class="weak">{emptyText}</p>;
  return (
    <table class="grid card dashboards">
      <thead>
        <tr>
          <th></th>
          <th>Dashboard</th>
          <th>Tags</th>
          <th>State</th>
          <th>{isTrash ? "Deleted" : "Changed"}</th>
          <th></th>
        </tr>
      </thead>
      <tbody>
        {items.map((item) => (
          <tr key={isTrash ? item.id : item.name} data-dashboard={item.name}>
            <td>
              {!isTrash && <Star item={item} preferences={preferences} onAttempt={onAttempt} />}
            </td>
            <td>
              {isTrash
                ? item.title ?? item.name
                : <a href={href({}, "dashboards", item.project_id, item.name)}>{item.title ?? item.name}</a>}
              <div class="weak">
                {[item.title === null ? null : item.name, item.description].filter((text) => text !== null).join(" · ")}
              </div>
              {item.provisioned_from !== null && <div class="weak">kept by the file {item.provisioned_from}</div>}
            </td>
            <td>
              {item.tags.map((tag) => (
                <button key={tag} type="button" class="tag" onClick={() => onTag(tag)}>{tag}</button>
              ))}
            </td>
            <td>{item.state}</td>
            <td title={isTrash ? item.state_changed_at : item.updated_at}>
              {relative(Date.parse(isTrash ? item.state_changed_at : item.updated_at) - Date.now())}
              <div class="weak">{isTrash ? item.state_changed_by : item.updated_by}</div>
            </td>
            <td class="row-actions">
              {isTrash
                ? <TrashActions item={item} onAttempt={onAttempt} />
                : <Actions item={item} onAttempt={onAttempt} />}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

type ActionProperties = Pick<TableProperties, "onAttempt"> & { readonly item: Summary };

function Star({ item, preferences, onAttempt }: ActionProperties & Pick<TableProperties, "preferences">) {
  const reference = { project: item.project_id, name: item.name };
  const isOne = isFavourite(preferences, reference);
  return (
    <button
      type="button"
      class="star"
      aria-pressed={isOne}
      title={isOne ? "No favourite any more" : "Favourite"}
      onClick={() => onAttempt(setFavourite(reference, !isOne))}
    >
      {isOne ? "★" : "☆"}
    </button>
  );
}

function Actions({ item, onAttempt }: ActionProperties) {
  const path = dashboardPath(item.project_id, item.name);
  const setState = (state: "active" | "draft" | "archived") =>
    onAttempt(request(`${path}/state`, { method: "PUT", body: { state }, headers: seen(item) }));
  const duplicate = () => {
    const name = prompt("Name of the copy", `${item.name}-copy`);
    if (name === null || name.trim() === "") return;
    const title = item.title === null ? {} : { title: `${item.title} (copy)` };
    onAttempt(request(`${path}/copy`, { method: "POST", body: { name: name.trim(), ...title } }));
  };
  return (
    <>
      <button type="button" onClick={duplicate}>Duplicate</button>
      {item.state === "archived"
        ? <button type="button" onClick={() => setState("active")}>Bring back</button>
        : <button type="button" onClick={() => setState("archived")}>Archive</button>}
      {item.state === "draft" && <button type="button" onClick={() => setState("active")}>Activate</button>}
      <button
        type="button"
        class="danger"
        onClick={() => onAttempt(request(path, { method: "DELETE", headers: seen(item) }))}
      >
        Delete
      </button>
    </>
  );
}

function TrashActions({ item, onAttempt }: ActionProperties) {
  const path = `${projectPath(item.project_id)}/deleted-dashboards/${item.id}`;
  const undelete = async () => {
    try {
      await request(`${path}/undelete`, { method: "POST" });
    } catch (error) {
      // Its name has gone to another one.
      const name = prompt(error instanceof Error ? error.message : String(error), `${item.name}-again`);
      if (name === null || name.trim() === "") throw error;
      await request(`${path}/undelete`, { method: "POST", body: { name: name.trim() } });
    }
  };
  const purge = () => {
    if (confirm(`Delete "${item.title ?? item.name}" for good, with its history?`)) {
      onAttempt(request(path, { method: "DELETE" }));
    }
  };
  return (
    <>
      <button type="button" onClick={() => onAttempt(undelete())}>Undelete</button>
      <button type="button" class="danger" onClick={purge}>For good</button>
    </>
  );
}

/** Only what is on the screen is changed: not a version that somebody has made meanwhile. */
function seen(item: Summary): Record<string, string> {
  return { "if-match": `"v${item.version}"` };
}
