/**
 * Data for panels: what a query of a dashboard is, who asks, and what comes back. The engines behind it (workspaces, the server's own
 * history, a Prometheus) are ports; `server/` wires them.
 */
import type { JsonObject, ResourceStore } from "../types.ts";
import type { HttpTarget } from "./datasources.ts";

/** A query's plugin: `{kind: "DuckDBTimeSeriesQuery", spec: {query: "SELECT …"}}`. */
export interface QueryPlugin {
  readonly kind: string;
  readonly spec: JsonObject;
}

export interface TimeRange {
  readonly fromMs: number;
  readonly toMs: number;
  /** The distance of two points that the reader can tell apart: the step of a range query, `$__interval` in SQL. */
  readonly intervalMs: number;
}

/** Values by name; a list is what a variable with several chosen values has. */
export type VariableValues = ReadonlyMap<string, string | readonly string[]>;

/** Whose rights a query has. */
export interface PanelReader {
  /** `admin`, `<project>/<key name>`, or `share:<token id>`. */
  readonly name: string;
  /** Whether the server's own history may be read: it tells of every project. */
  readonly readsHistory: boolean;
}

/** Where SQL runs. A workspace is named by its id and belongs to the dashboard's project. */
export type SqlTarget =
  | { readonly source: "workspace"; readonly projectId: string; readonly workspaceId: string }
  | { readonly source: "history" };

export interface SqlRequest {
  readonly target: SqlTarget;
  /** With `$name` for variables, which are bound, never written into the text. */
  readonly text: string;
  readonly range: TimeRange;
  readonly variables: VariableValues;
  readonly reader: string;
  readonly rowsMax: number;
  readonly timeoutMs: number;
  /** Whoever asks has gone away. */
  readonly signal?: AbortSignal;
}

/** What a value is, as far as a panel must know. */
export type PanelColumnType = "time" | "number" | "boolean" | "text" | "json";

export interface SqlColumn {
  readonly name: string;
  readonly type: PanelColumnType;
  /** PostgreSQL's name: `timestamp with time zone`. */
  readonly typeName: string;
}

/** Values in PostgreSQL's text format. */
export interface SqlAnswer {
  readonly columns: readonly SqlColumn[];
  readonly rows: readonly (readonly (string | null)[])[];
  /** There were more rows than `rowsMax`. */
  readonly truncated: boolean;
}

/** Runs one read-only statement. Throws the statement's own error, `timeout`, `query_canceled` or `not_found`. */
export type RunSql = (request: SqlRequest) => Promise<SqlAnswer>;

/** Sends a GET to a datasource and gives its JSON. Throws `upstream_failed`. */
export type FetchJson = (
  target: HttpTarget,
  path: string,
  parameters: URLSearchParams,
  signal?: AbortSignal,
) => Promise<unknown>;

/** What queries and variables are answered with. */
export interface PanelEngines {
  readonly store: Pick<ResourceStore, "list">;
  readonly runSql: RunSql;
  readonly fetchJson: FetchJson;
  readonly rowsMax: number;
  readonly timeoutMs: number;
}

/** Where a query stands and who asks. */
export interface PanelContext {
  readonly project: string;
  /** The dashboard's `spec`; `{}` for a query that stands alone. */
  readonly dashboard: JsonObject;
  readonly range: TimeRange;
  readonly variables: VariableValues;
  /** Leaves out the variables of project and server, which others than the dashboard's author may change. */
  readonly ownVariablesOnly?: boolean;
  readonly reader: PanelReader;
  /** Whoever asks has gone away: what still waits or runs ends. */
  readonly signal?: AbortSignal;
}

export interface TimeSeries {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Milliseconds since the epoch, ascending, and the value; null is a gap. */
  readonly values: readonly (readonly [number, number | null])[];
}

export type PanelData =
  | {
    readonly type: "time_series";
    readonly series: readonly TimeSeries[];
    readonly stepMs: number;
    readonly truncated: boolean;
  }
  | {
    readonly type: "table";
    readonly columns: readonly { readonly name: string; readonly type: string }[];
    /** Numbers that JSON cannot hold exactly, and times, are text. */
    readonly rows: readonly JsonObject[];
    readonly truncated: boolean;
  };
