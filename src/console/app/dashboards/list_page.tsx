/** The dashboards of a project: all, favourites, recently viewed, deleted; searched, narrowed by tag and state; new ones made. */
/// <reference lib="dom" />
import { useState } from "preact/hooks";
import { listAll, request } from "../api.ts";
import { loadProjects } from "../pages/projects.tsx";
import { href } from "../router.ts";
import type { Session } from "../session.ts";
import { asError, ProblemNote, useLoaded, Waiting } from "../ui/loading.tsx";
import { ImportDialog } from "./import_dialog.tsx";
import { loadPreferences, type Preferences, type Reference } from "./preferences.ts";
import { projectPath, type Summary } from "./server.ts";
import { SummaryTable } from "./summary_table.tsx";
import { TemplateDialog } from "./template_dialog.tsx";

interface ListProperties {
  /** Null until one is chosen. */
  readonly project: string | null;
  readonly session: Session;
  readonly query: URLSearchParams;
}

const views = ["all", "favourites", "recent", "deleted"] as const;
type View = typeof views[number];
const viewTitles: Readonly<Record<View, string>> = {
  all: "All",
  favourites: "Favourites",
  recent: "Recently viewed",
  deleted: "Deleted",
};
const listedMax = 5_000;

export function ListPage({ project, session, query }: ListProperties) {
  const projects = useLoaded((signal) => loadProjects(session, signal), [session.user]);
  return (
    <>
      <h1>Dashboards</h1>
      <Waiting of={projects}>
        {(items) => {
          const chosen = project ?? (items.length === 1 ? items[0]!.id : null);
          return (
            <>
              {items.length > 1 && (
                <label class="row">
                  Project
                  <select
                    name="project"
                    value={chosen ?? ""}
                    onChange={(event) => location.hash = href({}, "dashboards", event.currentTarget.value)}
                  >
                    {chosen === null && <option value="">choose one</option>}
                    {items.map(({ id, name }) => (
                      <option key={id} value={id}>{name === id ? id : `${name} (${id})`}</option>
                    ))}
                  </select>
                </label>
              )}
              {items.length === 0 && <p class="weak">There is no project yet.</p>}
              {chosen === null ? <PreferredDashboards /> : <ProjectDashboards project={chosen} query={query} />}
            </>
          );
        }}
      </Waiting>
    </>
  );
}

/** Before a project is chosen: what this key likes and has seen, of any project. */
function PreferredDashboards() {
  const preferences = useLoaded((signal) => loadPreferences(signal), []);
  return (
    <Waiting of={preferences}>
      {({ favourites, recently_viewed }) => (
        <>
          {favourites.length > 0 && <h2>Favourites</h2>}
          <References items={favourites} />
          {recently_viewed.length > 0 && <h2>Recently viewed</h2>}
          <References items={recently_viewed} />
        </>
      )}
    </Waiting>
  );
}

function References({ items }: { items: readonly (Reference & { readonly exists: boolean })[] }) {
  return (
    <ul>
      {items.map(({ project, name, exists }) => (
        <li key={`${project}/${name}`}>
          {exists
            ? <a href={href({}, "dashboards", project, name)}>{project} / {name}</a>
            : <span class="weak">{project} / {name} (gone)</span>}
        </li>
      ))}
    </ul>
  );
}

function ProjectDashboards({ project, query }: { readonly project: string; readonly query: URLSearchParams }) {
  const view = views.find((known) => known === query.get("view")) ?? "all";
  const [search, tag, state] = ["q", "tag", "state"].map((name) => query.get(name) ?? "") as [string, string, string];
  const [dialog, setDialog] = useState<"template" | "import" | null>(null);
  const [error, setError] = useState<Error | null>(null);
  const preferences = useLoaded((signal) => loadPreferences(signal), []);
  const found = useLoaded(
    (signal) =>
      view === "deleted" ? loadDeleted(project, signal) : loadSummaries(project, { search, tag, state }, signal),
    [project, view === "deleted", search, tag, state],
  );
  const go = (change: Readonly<Record<string, string>>) => {
    location.hash = href({ view: view === "all" ? "" : view, q: search, tag, state, ...change }, "dashboards", project);
  };
  const attempt = (work: Promise<unknown>) => {
    setError(null);
    work.then(() => {
      found.reload();
      preferences.reload();
    }, (reason: unknown) => setError(asError(reason)));
  };
  return (
    <>
      <div class="row list-controls">
        <div role="tablist" class="row">
          {views.map((one) => (
            <button
              key={one}
              type="button"
              role="tab"
              aria-selected={one === view}
              onClick={() => go({ view: one === "all" ? "" : one })}
            >
              {viewTitles[one]}
            </button>
          ))}
        </div>
        <span class="spring"></span>
        <button type="button" class="primary" onClick={() => setDialog("template")}>New from template</button>
        <button type="button" onClick={() => setDialog("import")}>Import</button>
      </div>
      {view !== "deleted" && (
        <div class="row list-controls">
          <form
            role="search"
            onSubmit={(event) => {
              event.preventDefault();
              go({ q: String(new FormData(event.currentTarget).get("q") ?? "").trim() });
            }}
          >
            <input
              key={search}
              type="search"
              name="q"
              aria-label="Search dashboards"
              placeholder="Search"
              defaultValue={search}
            />
            <button type="submit">Search</button>
          </form>
          <select aria-label="State" value={state} onChange={(event) => go({ state: event.currentTarget.value })}>
            <option value="">Active and drafts</option>
            <option value="active">Active</option>
            <option value="draft">Drafts</option>
            <option value="archived">Archived</option>
          </select>
          {tag !== "" && <button type="button" class="tag" onClick={() => go({ tag: "" })}>{tag} ✕</button>}
        </div>
      )}
      {error !== null && <ProblemNote error={error} />}
      <Waiting of={found}>
        {(items) => (
          <Waiting of={preferences}>
            {(loaded) => (
              <SummaryTable
                items={ofView(view, items, loaded, project)}
                preferences={loaded}
                isTrash={view === "deleted"}
                onTag={(one) => go({ tag: one })}
                onAttempt={attempt}
                emptyText={emptyText(view, search, tag)}
              />
            )}
          </Waiting>
        )}
      </Waiting>
      {dialog === "template" && <TemplateDialog project={project} onClose={() => setDialog(null)} />}
      {dialog === "import" && (
        <ImportDialog
          project={project}
          onImported={() => found.reload()}
          onClose={() => setDialog(null)}
        />
      )}
    </>
  );
}

interface Filter {
  readonly search: string;
  readonly tag: string;
  readonly state: string;
}

/** The server finds words with typing errors, too; the best come first. */
async function loadSummaries(
  project: string,
  { search, tag, state }: Filter,
  signal: AbortSignal,
): Promise<readonly Summary[]> {
  const filter = { tag: tag || undefined, state: state || undefined };
  if (search !== "") {
    const { items } = await request<{ items: readonly Summary[] }>(`${projectPath(project)}/dashboard-search`, {
      query: { q: search, limit: 100, ...filter },
      signal,
    });
    return items;
  }
  const parameters = new URLSearchParams(
    Object.entries(filter).filter((pair): pair is [string, string] => pair[1] !== undefined),
  );
  return await listAll<Summary>(`${projectPath(project)}/dashboards?${parameters}`, listedMax, signal);
}

function loadDeleted(project: string, signal: AbortSignal): Promise<readonly Summary[]> {
  return listAll<Summary>(`${projectPath(project)}/deleted-dashboards`, listedMax, signal);
}

function ofView(view: View, items: readonly Summary[], preferences: Preferences, project: string): readonly Summary[] {
  if (view === "all" || view === "deleted") return items;
  const wanted = (view === "favourites" ? preferences.favourites : preferences.recently_viewed)
    .filter((one) => one.project === project);
  return wanted.flatMap(({ name }) => items.filter((item) => item.name === name));
}

function emptyText(view: View, search: string, tag: string): string {
  if (view === "deleted") return "Nothing is deleted.";
  if (search !== "" || tag !== "") return "Nothing fits.";
  if (view === "favourites") return "No favourite yet: the star beside a dashboard makes it one.";
  return view === "recent" ? "Nothing has been looked at yet." : "There is no dashboard yet: make one from a template.";
}
