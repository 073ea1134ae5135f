/** What the query log holds, how it is asked for, and what it needs of whoever keeps it. */
import type { PlanNode } from "../ipc/messages.ts";

export const queryLogStatuses = ["success", "error", "timeout", "cancelled"] as const;
export type QueryLogStatus = (typeof queryLogStatuses)[number];

/** One statement, with the names of the JSON line and of the table's columns. */
export interface QueryLogRecord {
  readonly event: "query_executed";
  /** When the statement began, RFC 3339 UTC. */
  readonly timestamp: string;
  readonly workspace_id: string;
  readonly project_id: string;
  readonly branch_id: string | null;
  readonly session_id: string;
  readonly username: string;
  readonly client_ip: string;
  readonly application_name: string;
  readonly mode: "full" | "structure" | "hash_only";
  readonly query: string | null;
  readonly query_truncated: boolean;
  readonly query_length: number;
  readonly query_hash: string;
  readonly duration_ms: number;
  readonly rows_returned: number;
  readonly bytes_returned: number;
  readonly status: QueryLogStatus;
  readonly error: string | null;
  readonly sqlstate: string | null;
}

export interface QueryPlan {
  readonly source: "profile" | "explain";
  readonly text: string;
  readonly root: PlanNode;
}

/** What is kept: the line, and of a slow statement its plan. */
export interface NewKeptQuery extends Omit<QueryLogRecord, "event"> {
  readonly slow: boolean;
  readonly plan: QueryPlan | null;
}

export interface KeptQuery extends NewKeptQuery {
  /** Grows with every row: the order of the list, whatever the clock did. */
  readonly id: number;
}

/** A slow statement as those who alert on it get it. */
export interface SlowQuery {
  readonly timestamp: string;
  readonly workspaceId: string;
  readonly projectId: string;
  readonly branchId: string | null;
  readonly sessionId: string;
  readonly username: string;
  readonly queryHash: string;
  /** As the log's mode allows it; null in the mode hash_only. */
  readonly query: string | null;
  readonly durationMs: number;
  readonly status: QueryLogStatus;
}

export interface QueryLogFilter {
  /** null: of every project. */
  readonly projectId: string | null;
  readonly branchId?: string | null | undefined;
  readonly workspaceId?: string | undefined;
  readonly fromMs?: number | undefined;
  /** Exclusive. */
  readonly toMs?: number | undefined;
  readonly status?: QueryLogStatus | undefined;
  readonly username?: string | undefined;
  readonly minDurationMs?: number | undefined;
  /** Part of the statement's text, whatever the case of its letters. */
  readonly text?: string | undefined;
  readonly slow?: boolean | undefined;
}

export interface QueryLogPage {
  readonly limit: number;
  /** Only rows with a smaller id. */
  readonly beforeId: number | null;
}

export interface QueryLogFile {
  readonly body: ReadableStream<Uint8Array>;
  readonly sizeBytes: number;
}

/** Keeps the rows; implemented by `metadata/query_log/store.ts`. */
export interface QueryLogStore {
  /** All of them or none. Throws when they could not be kept. */
  append(rows: readonly NewKeptQuery[]): Promise<void>;
  /** Up to `limit` rows, newest first. */
  list(filter: QueryLogFilter, page: QueryLogPage): Promise<KeptQuery[]>;
  /** The rows as a Parquet file, newest first. */
  exportParquet(filter: QueryLogFilter): Promise<QueryLogFile>;
  /** Deletes rows of statements that began before then; gives how many. */
  prune(beforeMs: number): Promise<number>;
  close(): Promise<void>;
}
