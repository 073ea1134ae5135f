/**
 * The server's end of the query log: makes the JSON line of each statement and gathers rows for the table, which are written some at a time
 * by somebody whom no session waits for.
 *
 * What does not fit is dropped, never waited for: every lost row is counted, in a metric at once and in a log line at most every ten seconds.
 */
import type { LoggedQuery, PlanNode } from "../ipc/messages.ts";
import type { Logger } from "./log.ts";
import type { NewKeptQuery, QueryLogRecord, QueryLogStore, SlowQuery } from "./query_log_types.ts";

/** Rows that wait for the table: ten seconds of a busy server. */
export const waitingRowsMax = 10_000;
/** Characters of their texts, error texts and plans. */
export const waitingCharactersMax = 32 * 1024 * 1024;
/** Rows of one write; a crash of the server loses at most what waits, which is written every second. */
const batchRows = 1_000;
const batchCharactersMax = 8 * 1024 * 1024;
const flushIntervalMs = 1_000;
/** After a failed write the next one waits: a full disk does not empty in a second. */
const retryIntervalMs = 5_000;
const reportIntervalMs = 10_000;
/** A clock that went more than this ahead of the monotonic one has been set: nothing is pruned by it at first. */
const clockJumpMs = 60 * 60_000;
/** A clock that has stayed where it jumped to for this long is believed. */
const clockTrustedAfterMs = 24 * 60 * 60_000;

export type DropReason = "worker" | "queue_full" | "store_failed";

/** A workspace's place, as the server knows it: a worker is not asked. */
export interface WorkspacePlace {
  readonly projectId: string;
  readonly branchId: string | null;
}

export interface QueryLogOptions {
  /** null: no table is kept. */
  readonly store: QueryLogStore | null;
  readonly logger: Logger;
  /** Takes the JSON lines of some statements, each without its line feed. */
  readonly writeLines: (lines: readonly QueryLogRecord[]) => void;
  readonly retentionMs: number;
  readonly onDropped: (reason: DropReason, count: number) => void;
  readonly onSlowQuery: (query: SlowQuery) => void;
  now(): number;
  /** Milliseconds that only go forward. */
  monotonicNow(): number;
}

interface WaitingRow {
  readonly row: NewKeptQuery;
  readonly characters: number;
}

export class QueryLog {
  readonly #options: QueryLogOptions;
  readonly #places = new Map<string, WorkspacePlace>();
  #waiting: WaitingRow[] = [];
  #waitingCharacters = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #writing: Promise<void> = Promise.resolve();
  #unreported = new Map<DropReason, number>();
  #reportTimer: ReturnType<typeof setTimeout> | undefined;
  #lastFailure = "";
  /** Wall clock minus monotonic clock, as believed, and since when another one shows. */
  #clockOffsetMs: number;
  #clockJump: { readonly offsetMs: number; readonly sinceMs: number } | null = null;
  #closed = false;

  constructor(options: QueryLogOptions) {
    this.#options = options;
    this.#clockOffsetMs = options.now() - options.monotonicNow();
  }

  /** A workspace's worker is about to start. */
  opening(workspaceId: string, place: WorkspacePlace): void {
    this.#places.set(workspaceId, place);
  }

  /** The worker has ended, and everything that it reported was added. */
  ended(workspaceId: string): void {
    this.#places.delete(workspaceId);
  }

  /** Takes what a worker reports. Never waits and never throws. */
  add(workspaceId: string, queries: readonly LoggedQuery[], dropped: number): void {
    if (dropped > 0) this.#drop("worker", dropped);
    const place = this.#places.get(workspaceId);
    if (place === undefined) return;
    const records: QueryLogRecord[] = [];
    for (const query of queries) {
      const record = recordOf(query, workspaceId, place);
      if (query.logged) records.push(record);
      if (query.slow) this.#tellSlow(query, record);
      if (query.logged && this.#options.store !== null) this.#keep(query, record);
    }
    if (records.length > 0) this.#options.writeLines(records);
  }

  /** Writes what waits. Resolves when it is written, or lost and counted. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#writing = this.#writing.then(() => this.#write());
    return this.#writing;
  }

  /** Writes what waits, tells what was lost and closes the table. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.flush();
    clearTimeout(this.#timer);
    clearTimeout(this.#reportTimer);
    this.#report();
    await this.#options.store?.close();
  }

  /**
   * Deletes the rows of statements older than the retention, as of `nowMs`; gives how many. A clock that has just jumped deletes nothing:
   * a wrong year would take the whole log.
   */
  async prune(nowMs: number = this.#options.now()): Promise<number> {
    const { store, retentionMs, logger } = this.#options;
    if (store === null) return 0;
    if (!this.#trustsClock(nowMs)) {
      logger.warn("query log: not pruned, because the clock has jumped", { now: new Date(nowMs).toISOString() });
      return 0;
    }
    const count = await store.prune(nowMs - retentionMs);
    if (count > 0) logger.info("query log pruned", { rows: count, retention_days: retentionMs / 86_400_000 });
    return count;
  }

  #trustsClock(nowMs: number): boolean {
    const monotonicMs = this.#options.monotonicNow();
    const offsetMs = nowMs - monotonicMs;
    if (Math.abs(offsetMs - this.#clockOffsetMs) <= clockJumpMs) {
      // Small corrections are followed, so that they do not add up to a jump.
      this.#clockOffsetMs = offsetMs;
      this.#clockJump = null;
      return true;
    }
    if (this.#clockJump === null || Math.abs(offsetMs - this.#clockJump.offsetMs) > clockJumpMs) {
      this.#clockJump = { offsetMs, sinceMs: monotonicMs };
      return false;
    }
    if (monotonicMs - this.#clockJump.sinceMs < clockTrustedAfterMs) return false;
    this.#clockOffsetMs = offsetMs;
    this.#clockJump = null;
    return true;
  }

  #keep(query: LoggedQuery, record: QueryLogRecord): void {
    const { event: _event, ...columns } = record;
    const plan = query.plan === null ? null : { ...query.plan, text: planText(query.plan.root) };
    const row: NewKeptQuery = { ...columns, slow: query.slow, plan };
    const characters = 500 + (record.query?.length ?? 0) + (record.error?.length ?? 0) +
      (plan === null ? 0 : 3 * plan.text.length);
    if (
      this.#waiting.length >= waitingRowsMax || this.#waitingCharacters + characters > waitingCharactersMax ||
      this.#closed
    ) {
      return this.#drop("queue_full", 1);
    }
    this.#waiting.push({ row, characters });
    this.#waitingCharacters += characters;
    if (this.#waiting.length >= batchRows && this.#lastFailure === "") void this.flush();
    else this.#schedule(this.#lastFailure === "" ? flushIntervalMs : retryIntervalMs);
  }

  #schedule(delayMs: number): void {
    this.#timer ??= setTimeout(() => void this.flush(), delayMs);
  }

  async #write(): Promise<void> {
    const { store, logger } = this.#options;
    while (store !== null && this.#waiting.length > 0) {
      const batch = this.#takeBatch();
      try {
        await store.append(batch.map(({ row }) => row));
        if (this.#lastFailure !== "") logger.info("query log: the table is written again");
        this.#lastFailure = "";
      } catch (error) {
        const failure = error instanceof Error ? error.message : String(error);
        if (failure !== this.#lastFailure) {
          logger.error("query log: rows could not be kept in the table; their lines on stdout are complete", {
            error: failure,
          });
        }
        this.#lastFailure = failure;
        this.#drop("store_failed", batch.length);
        // The others wait for the next attempt, as far as there is room.
        if (!this.#closed) return this.#waiting.length > 0 ? this.#schedule(retryIntervalMs) : undefined;
      }
    }
  }

  #takeBatch(): WaitingRow[] {
    let characters = 0;
    let count = 0;
    for (const { characters: more } of this.#waiting) {
      if (count >= batchRows || characters >= batchCharactersMax) break;
      characters += more;
      count += 1;
    }
    this.#waitingCharacters -= characters;
    return this.#waiting.splice(0, count);
  }

  #drop(reason: DropReason, count: number): void {
    this.#options.onDropped(reason, count);
    this.#unreported.set(reason, (this.#unreported.get(reason) ?? 0) + count);
    if (!this.#closed) this.#reportTimer ??= setTimeout(() => this.#report(), reportIntervalMs);
  }

  #report(): void {
    this.#reportTimer = undefined;
    if (this.#unreported.size === 0) return;
    this.#options.logger.warn("query log: statements were dropped", Object.fromEntries(this.#unreported));
    this.#unreported = new Map();
  }

  #tellSlow(query: LoggedQuery, record: QueryLogRecord): void {
    const { event: _event, timestamp, query: _query, query_truncated: _truncated, ...fields } = record;
    this.#options.logger.warn("slow query", {
      event: "slow_query",
      started_at: timestamp,
      ...fields,
      query: query.slow_query,
      ...(query.plan === null ? {} : { plan_source: query.plan.source, plan: planText(query.plan.root) }),
    });
    this.#options.onSlowQuery({
      timestamp: record.timestamp,
      workspaceId: record.workspace_id,
      projectId: record.project_id,
      branchId: record.branch_id,
      sessionId: record.session_id,
      username: record.username,
      queryHash: record.query_hash,
      query: record.query,
      durationMs: record.duration_ms,
      status: record.status,
    });
  }
}

function recordOf(query: LoggedQuery, workspaceId: string, place: WorkspacePlace): QueryLogRecord {
  return {
    event: "query_executed",
    timestamp: timestampOf(query.started_at_ms),
    workspace_id: workspaceId,
    project_id: place.projectId,
    branch_id: place.branchId,
    session_id: query.session_id,
    username: query.username,
    client_ip: query.client_ip,
    application_name: query.application_name,
    mode: query.mode,
    query: query.query,
    query_truncated: query.query_truncated,
    query_length: query.query_length,
    query_hash: query.query_hash,
    duration_ms: query.duration_ms,
    rows_returned: query.rows,
    bytes_returned: query.bytes,
    status: query.status,
    error: query.error,
    sqlstate: query.sqlstate,
  };
}

/** A worker's clock can say anything that a number can hold. */
function timestampOf(timeMs: number): string {
  const date = new Date(timeMs);
  return (Number.isNaN(date.getTime()) ? new Date(0) : date).toISOString();
}

/** A plan for people: one operator a line, indented below the one that reads it. */
export function planText(root: PlanNode): string {
  const lines: string[] = [];
  const visit = (node: PlanNode, depth: number): void => {
    const figures = [
      node.timing_ms === null ? "" : `${node.timing_ms} ms`,
      node.rows === null ? "" : `${node.rows} rows`,
      node.estimated_rows === null ? "" : `about ${node.estimated_rows} rows expected`,
    ].filter((figure) => figure !== "");
    const details = Object.entries(node.details).map(([name, detail]) => `${name}: ${detail.replace(/\s+/g, " ")}`);
    const shown = [...figures, ...details].join("; ");
    lines.push(`${"  ".repeat(depth)}${node.operator}${shown === "" ? "" : ` (${shown})`}`);
    for (const child of node.children) visit(child, depth + 1);
  };
  visit(root, 0);
  return lines.join("\n");
}
