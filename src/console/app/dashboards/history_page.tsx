/** The versions of a dashboard: who changed it, when and why; two compared; one made the next. */
/// <reference lib="dom" />
import { useState } from "preact/hooks";
import { listAll, request } from "../api.ts";
import { href } from "../router.ts";
import { asError, ProblemNote, useLoaded, Waiting } from "../ui/loading.tsx";
import { type ComparedVersion, type Comparison, Differences } from "./differences.tsx";
import { dashboardPath } from "./server.ts";

interface Version extends ComparedVersion {
  readonly origin: string;
  readonly size_bytes: number;
  readonly state_changes: readonly {
    readonly at: string;
    readonly by: string;
    readonly from: string;
    readonly to: string;
  }[];
}

export function HistoryPage({ project, name }: { readonly project: string; readonly name: string }) {
  const path = dashboardPath(project, name);
  const versions = useLoaded((signal) => listAll<Version>(`${path}/versions`, 200, signal), [path]);
  return (
    <>
      <nav class="weak" aria-label="Place">
        <a href={href({}, "dashboards", project)}>{project}</a> /{" "}
        <a href={href({}, "dashboards", project, name)}>{name}</a> /
      </nav>
      <h1>History of {name}</h1>
      <Waiting of={versions}>
        {(items) => <Versions path={path} items={items} onRestored={versions.reload} />}
      </Waiting>
    </>
  );
}

interface VersionsProperties {
  readonly path: string;
  readonly items: readonly Version[];
  readonly onRestored: () => void;
}

function Versions({ path, items, onRestored }: VersionsProperties) {
  const [from, setFrom] = useState(items[1]?.version ?? items[0]?.version ?? 0);
  const [to, setTo] = useState(items[0]?.version ?? 0);
  const [comparison, setComparison] = useState<Comparison | null>(null);
  const [note, setNote] = useState("");
  const [error, setError] = useState<Error | null>(null);
  const attempt = (work: () => Promise<void>) => {
    setError(null);
    setNote("");
    work().catch((reason: unknown) => setError(asError(reason)));
  };
  const compare = () =>
    attempt(async () => setComparison(await request<Comparison>(`${path}/compare`, { query: { from, to } })));
  const restore = (version: number) =>
    attempt(async () => {
      const present = items[0]?.version ?? 0;
      await request(`${path}/versions/${version}/restore`, {
        method: "POST",
        query: { message: `version ${version} restored` },
        headers: { "if-match": `"v${present}"` },
      });
      setComparison(null);
      setNote(`Version ${version} is the present one again, as version ${present + 1}.`);
      onRestored();
    });
  return (
    <>
      <table class="grid card">
        <thead>
          <tr>
            <th>From</th>
            <th>To</th>
            <th>Version</th>
            <th>When</th>
            <th>Who</th>
            <th>How</th>
            <th>Why</th>
            <th></th>
          </tr>
        </thead>
        <tbody>
          {items.map((item, index) => (
            <tr key={item.version}>
              <td>
                <Choice name="from" version={item.version} chosen={from} onChoose={setFrom} />
              </td>
              <td>
                <Choice name="to" version={item.version} chosen={to} onChoose={setTo} />
              </td>
              <td>
                {item.version}
                {index === 0 && <span class="weak">(present)</span>}
              </td>
              <td>{new Date(item.created_at).toLocaleString()}</td>
              <td>{item.created_by}</td>
              <td>{item.origin}</td>
              <td>
                {item.message}
                {item.state_changes.map((change, place) => (
                  <div key={place} class="weak">
                    {change.from} → {change.to}, {change.by}, {new Date(change.at).toLocaleString()}
                  </div>
                ))}
              </td>
              <td>{index > 0 && <button type="button" onClick={() => restore(item.version)}>Restore</button>}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <button type="button" class="primary" disabled={from === to} onClick={compare}>Compare {from} with {to}</button>
      {note !== "" && <p class="notice" role="status">{note}</p>}
      {error !== null && <ProblemNote error={error} />}
      {comparison !== null && <Differences comparison={comparison} />}
    </>
  );
}

interface ChoiceProperties {
  readonly name: string;
  readonly version: number;
  readonly chosen: number;
  readonly onChoose: (version: number) => void;
}

function Choice({ name, version, chosen, onChoose }: ChoiceProperties) {
  return (
    <input
      type="radio"
      name={name}
      aria-label={`${name} version ${version}`}
      checked={version === chosen}
      onChange={() => onChoose(version)}
    />
  );
}
