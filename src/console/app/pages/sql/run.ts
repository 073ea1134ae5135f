/** SQL as the page runs it: the request, its cancelling, and what it answers. */
/// <reference lib="dom" />
import { Problem, request, storedKey } from "../../api.ts";
import { workspacePath } from "../data.ts";
import type { GridColumn, GridValue } from "../../ui/grid.tsx";

export interface SqlNotice {
  readonly severity: string;
  readonly sqlstate: string;
  readonly message: string;
  readonly hint: string | null;
}

export interface SqlResult {
  readonly columns: readonly GridColumn[];
  readonly rows: readonly (readonly GridValue[])[];
  readonly row_count: number;
  readonly truncated: boolean;
  readonly command: string;
  readonly notices: readonly SqlNotice[];
  readonly duration_ms: number;
}

export interface SqlFailure {
  readonly message: string;
  readonly sqlstate: string | null;
  readonly hint: string | null;
  readonly detail: string | null;
  /** In UTF-16 units of the text that was sent. */
  readonly offset: number | null;
}

export interface SqlOutcome {
  readonly results: readonly SqlResult[];
  readonly failure: SqlFailure | null;
  readonly durationMs: number;
}

export interface RunningSql {
  readonly outcome: Promise<SqlOutcome>;
  cancel(): Promise<void>;
}

interface Place {
  readonly projectId: string;
  readonly workspaceId: string;
}

/** Starts a text. Its outcome also tells what the server refused; it rejects only for defects. */
export function runSql({ projectId, workspaceId }: Place, sql: string, rowsMax: number): RunningSql {
  const queryId = `console-${crypto.getRandomValues(new Uint32Array(4)).join("-")}`.slice(0, 64);
  const path = `${workspacePath(projectId, workspaceId)}/query`;
  const cancelPath = `${path}/${queryId}/cancel`;
  // Who closes the tab does not wait for the answer; `keepalive` lets this request outlive the page.
  const onLeave = () => {
    void fetch(cancelPath, {
      method: "POST",
      keepalive: true,
      headers: { authorization: `Bearer ${storedKey() ?? ""}` },
    });
  };
  addEventListener("pagehide", onLeave);
  const startedMs = performance.now();
  const answer = request<{ results: SqlResult[]; duration_ms: number }>(path, {
    method: "POST",
    body: { sql, max_rows: rowsMax, query_id: queryId },
  });
  const outcome = answer.then(
    ({ results, duration_ms }) => ({ results, failure: null, durationMs: duration_ms }),
    (error: unknown) => failed(error, sql, performance.now() - startedMs),
  ).finally(() => removeEventListener("pagehide", onLeave));
  return {
    outcome,
    async cancel() {
      try {
        await request(cancelPath, { method: "POST" });
      } catch (error) {
        // It has ended meanwhile.
        if (!(error instanceof Problem) || error.status !== 404) throw error;
      }
    },
  };
}

function failed(error: unknown, sql: string, durationMs: number): SqlOutcome {
  if (!(error instanceof Problem)) throw error;
  const { members } = error;
  const position = members["position"];
  return {
    results: Array.isArray(members["results"]) ? members["results"] as SqlResult[] : [],
    failure: {
      message: error.message,
      sqlstate: typeof members["sqlstate"] === "string" ? members["sqlstate"] : null,
      hint: error.hint,
      detail: typeof members["sql_detail"] === "string" ? members["sql_detail"] : null,
      offset: typeof position === "number" ? offsetOfCharacter(sql, position) : null,
    },
    durationMs: typeof members["duration_ms"] === "number" ? members["duration_ms"] : durationMs,
  };
}

/** PostgreSQL counts characters from 1, JavaScript UTF-16 units from 0. */
export function offsetOfCharacter(text: string, position: number): number {
  let offset = 0;
  for (let passed = 1; passed < position && offset < text.length; passed++) {
    offset += (text.codePointAt(offset) ?? 0) > 0xffff ? 2 : 1;
  }
  return offset;
}

export interface NamedColumn {
  readonly name: string;
  readonly type: string;
}

/** Schema -> table -> columns, as a session of the workspace sees them. */
export type Names = ReadonlyMap<string, ReadonlyMap<string, readonly NamedColumn[]>>;

const namesQuery = "SELECT table_schema, table_name, column_name, data_type FROM information_schema.columns " +
  "WHERE table_schema NOT IN ('pg_catalog', 'information_schema') ORDER BY table_schema, table_name, ordinal_position";
const namesMax = 50_000;

export async function loadNames(place: Place): Promise<Names> {
  const { results, failure } = await runSql(place, namesQuery, namesMax).outcome;
  if (failure !== null) throw new Error(failure.message);
  const names = new Map<string, Map<string, NamedColumn[]>>();
  for (const row of results[0]?.rows ?? []) {
    const [schema = "", table = "", name = "", type = ""] = row.map(String);
    const tables = names.get(schema) ?? new Map<string, NamedColumn[]>();
    names.set(schema, tables);
    const columns = tables.get(table) ?? [];
    tables.set(table, columns);
    columns.push({ name, type });
  }
  return names;
}

/** Whether other names may be there now; CREATE TABLE AS answers SELECT, without columns. */
export function changesNames({ results }: SqlOutcome): boolean {
  return results.some(({ command, columns }) =>
    /^(CREATE|DROP|ALTER)\b/.test(command) || (command.startsWith("SELECT") && columns.length === 0)
  );
}

export interface HistoryEntry {
  readonly sql: string;
  readonly startedAt: string;
  readonly durationMs: number;
  readonly summary: string;
  readonly isFailed: boolean;
}

const historyMax = 100;

/** What this tab has run in a workspace, newest first; gone with the tab. */
export function readHistory(workspaceId: string): readonly HistoryEntry[] {
  try {
    return JSON.parse(sessionStorage.getItem(`eider.sql.history.${workspaceId}`) ?? "[]") as HistoryEntry[];
  } catch {
    return [];
  }
}

export function addToHistory(workspaceId: string, entry: HistoryEntry): readonly HistoryEntry[] {
  const entries = [entry, ...readHistory(workspaceId)].slice(0, historyMax);
  try {
    sessionStorage.setItem(`eider.sql.history.${workspaceId}`, JSON.stringify(entries));
  } catch {
    // The browser's room for the tab is used up: the list stays as it was.
  }
  return entries;
}
