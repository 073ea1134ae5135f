/** The query log of a workspace, a project or the server: filters in the address, newest first, and the plan of slow statements. */
/// <reference lib="dom" />
import { useEffect, useState } from "preact/hooks";
import { type Page, request } from "../api.ts";
import type { Place } from "../router.ts";
import { CodeBlock } from "../ui/copy.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { Badge, CheckField, Empty, SelectField, TextField, type Tone } from "../ui/fields.tsx";
import { formatBytes, formatCount, formatDuration, formatTime } from "../ui/format.ts";
import { asError, ProblemNote, useLoaded, Waiting } from "../ui/loading.tsx";
import { TableHead } from "../ui/table.tsx";

interface PlanNode {
  readonly operator: string;
  readonly timing_ms: number | null;
  readonly rows: number | null;
  readonly estimated_rows: number | null;
  readonly details: Readonly<Record<string, string>>;
  readonly children: readonly PlanNode[];
}

interface LoggedQuery {
  readonly id: number;
  readonly timestamp: string;
  readonly username: string;
  readonly client_ip: string;
  readonly application_name: string;
  readonly workspace_id: string;
  readonly session_id: string;
  readonly query: string | null;
  readonly query_hash: string;
  readonly query_truncated: boolean;
  readonly duration_ms: number;
  readonly rows_returned: number;
  readonly bytes_returned: number;
  readonly status: string;
  readonly error: string | null;
  readonly sqlstate: string | null;
  readonly slow: boolean;
  readonly plan: { readonly source: string; readonly text: string; readonly tree: PlanNode } | null;
}

type Status = "" | "success" | "error" | "timeout" | "cancelled";

interface Filter {
  readonly text: string;
  readonly user: string;
  readonly status: Status;
  readonly minDurationMs: string;
  readonly slow: boolean;
}

const noFilter: Filter = { text: "", user: "", status: "", minDurationMs: "", slow: false };
const pageRows = 100;
/** After the last key of a filter. */
const typingMs = 300;
const tones: Readonly<Record<string, Tone>> = {
  success: "good",
  error: "bad",
  timeout: "warning",
  cancelled: "warning",
};

export function QueryLogView({ path, place }: { path: string; place?: Place }) {
  const [filter, setFilter] = useState<Filter>({ ...noFilter, slow: place?.query.get("slow") === "true" });
  const settled = useSettled(filter);
  const [more, setMore] = useState<{ readonly items: readonly LoggedQuery[]; readonly cursor: string | null } | null>(
    null,
  );
  const [error, setError] = useState<Error | null>(null);
  const [opened, setOpened] = useState<LoggedQuery | null>(null);
  const load = (cursor: string | undefined, signal?: AbortSignal) =>
    request<Page<LoggedQuery>>(path, {
      query: {
        limit: pageRows,
        cursor,
        text: settled.text || undefined,
        user: settled.user || undefined,
        status: settled.status || undefined,
        min_duration_ms: settled.minDurationMs || undefined,
        slow: settled.slow ? "true" : undefined,
      },
      signal,
    });
  const first = useLoaded((signal) => {
    setMore(null);
    return load(undefined, signal);
  }, [path, settled]);
  const change = (part: Partial<Filter>) => setFilter({ ...filter, ...part });
  const next = async (cursor: string, before: readonly LoggedQuery[]) => {
    try {
      const page = await load(cursor);
      setMore({ items: [...before, ...page.items], cursor: page.next_cursor });
    } catch (reason) {
      setError(asError(reason));
    }
  };
  return (
    <section>
      <div class="filters" role="search">
        <TextField label="Text" type="search" value={filter.text} onValue={(text) => change({ text })} />
        <TextField label="User" type="search" value={filter.user} onValue={(user) => change({ user })} />
        <SelectField
          label="Status"
          value={filter.status}
          onValue={(status) => change({ status })}
          options={[
            ["", "all"],
            ["success", "success"],
            ["error", "error"],
            ["timeout", "timeout"],
            ["cancelled", "cancelled"],
          ]}
        />
        <TextField
          label="At least, ms"
          type="number"
          value={filter.minDurationMs}
          onValue={(minDurationMs) => change({ minDurationMs })}
        />
        <CheckField label="Slow only" checked={filter.slow} onChecked={(slow) => change({ slow })} />
        <button type="button" onClick={first.reload}>Refresh</button>
      </div>
      <Waiting of={first}>
        {(page) => {
          const { items, cursor } = more ?? { items: page.items, cursor: page.next_cursor };
          if (items.length === 0) return <Empty>No statement fits.</Empty>;
          return (
            <>
              <QueryTable items={items} onOpen={setOpened} />
              {cursor !== null && (
                <div class="row end">
                  <button type="button" onClick={() => void next(cursor, items)}>Show more</button>
                </div>
              )}
            </>
          );
        }}
      </Waiting>
      {error !== null && <ProblemNote error={error} />}
      {opened !== null && <QueryDialog query={opened} onClose={() => setOpened(null)} />}
    </section>
  );
}

function QueryTable({ items, onOpen }: { items: readonly LoggedQuery[]; onOpen: (query: LoggedQuery) => void }) {
  return (
    <div class="table-box">
      <table class="grid">
        <TableHead columns={["When", "User", "Statement", "Status", { number: "Duration" }, { number: "Rows" }]} />
        <tbody>
          {items.map((query) => (
            <tr key={query.id}>
              <td class="unbroken">{formatTime(query.timestamp)}</td>
              <td>
                {query.username}
                <div class="weak small-text">{query.application_name}</div>
              </td>
              <td>
                <button
                  type="button"
                  class="statement-button"
                  aria-label={`Details of the statement of ${formatTime(query.timestamp)}`}
                  onClick={() => onOpen(query)}
                >
                  <code class="statement">{query.query ?? `hash ${query.query_hash.slice(0, 16)} …`}</code>
                </button>
              </td>
              <td>
                <Badge tone={tones[query.status] ?? "plain"}>{query.status}</Badge>
                {query.sqlstate !== null && <div class="small-text">{query.sqlstate}</div>}
              </td>
              <td class="number unbroken">
                {formatDuration(query.duration_ms)} {query.slow && <Badge tone="warning">slow</Badge>}
              </td>
              <td class="number">{formatCount(query.rows_returned)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function QueryDialog({ query, onClose }: { query: LoggedQuery; onClose: () => void }) {
  return (
    <Dialog title={`Statement of ${formatTime(query.timestamp)}`} wide onClose={onClose}>
      <p class="facts">
        <span>
          <Badge tone={tones[query.status] ?? "plain"}>{query.status}</Badge>
        </span>
        <span>{formatDuration(query.duration_ms)}</span>
        <span>{formatCount(query.rows_returned)} rows, {formatBytes(query.bytes_returned)}</span>
        <span>{query.username} from {query.client_ip}</span>
        <span>{query.application_name}</span>
        <span>session {query.session_id}</span>
      </p>
      {query.error !== null && <div class="problem">{query.sqlstate}: {query.error}</div>}
      {query.query === null
        ? <p class="weak">The log keeps only hashes: {query.query_hash}</p>
        : <CodeBlock text={query.query} what="the statement" />}
      {query.query_truncated && <p class="weak">Cut off at the log's longest text.</p>}
      {query.plan !== null && (
        <>
          <h3>Plan{query.plan.source === "profile" ? ", as it ran" : ", estimated"}</h3>
          <ul class="plan" tabindex={0}>
            <PlanBranch node={query.plan.tree} totalMs={totalOf(query.plan.tree)} />
          </ul>
        </>
      )}
      {query.slow && query.plan === null && <p class="weak">There is no plan for this statement.</p>}
    </Dialog>
  );
}

function totalOf(node: PlanNode): number {
  return (node.timing_ms ?? 0) + node.children.reduce((sum, child) => sum + totalOf(child), 0);
}

function PlanBranch({ node, totalMs }: { node: PlanNode; totalMs: number }) {
  const share = node.timing_ms === null || totalMs === 0 ? 0 : node.timing_ms / totalMs;
  const details = Object.entries(node.details).map(([name, text]) => `${name}: ${text}`).join("\n");
  return (
    <li>
      <div class="plan-node" style={{ "--share": String(share) }}>
        <strong>{node.operator}</strong>
        <span class="weak">
          {node.timing_ms !== null && `${formatDuration(node.timing_ms)} (${Math.round(share * 100)} %) `}
          {node.rows !== null && `${formatCount(node.rows)} rows `}
          {node.estimated_rows !== null && `(estimated ${formatCount(node.estimated_rows)})`}
        </span>
        {details !== "" && <pre>{details}</pre>}
      </div>
      {node.children.length > 0 && (
        <ul>{node.children.map((child, index) => <PlanBranch key={index} node={child} totalMs={totalMs} />)}</ul>
      )}
    </li>
  );
}

/** The value once it has not changed for a moment. */
function useSettled<Value>(value: Value): Value {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), typingMs);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}
