/**
 * The query log's table: `data_dir/query_log.duckdb`, one table `queries`, opened by the server only and by nobody else's instance.
 *
 * Rows come in time order and go by age, so that deleting the oldest frees whole row groups, whose space the next rows take after
 * a checkpoint: the file stays as large as its fullest time (`size_bound.ts` bounds that). A file that cannot be read is set aside under another name, and the log goes on
 * in a new one; one that cannot be opened for another reason (locked, no permission) is tried again later. Neither stops the server.
 */
import * as path from "node:path";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import "../../heartbeat.ts";
import { AppError } from "../../errors/app_error.ts";
import type { Logger } from "../../observability/log.ts";
import type {
  KeptQuery,
  NewKeptQuery,
  QueryLogFile,
  QueryLogFilter,
  QueryLogPage,
  QueryLogStore,
  QueryPlan,
} from "../../observability/query_log_types.ts";
import { bindParameters, readRows } from "../pool/duckdb_values.ts";
import type { SqlParameter, SqlRow } from "../types.ts";
import { rowGroupRows, SizeBound } from "./size_bound.ts";

export const queryLogFileName = "query_log.duckdb";
const exportPrefix = "query_log_export_";

/**
 * The log is searched now and then; the memory is the workspaces'. Smaller blocks than DuckDB's 256 KB take less of it for the
 * 24 columns, and 64 KB cost neither speed nor room (16 KB do: the file grows by half).
 */
const engineOptions = { threads: "1", memory_limit: "256MB", default_block_size: "65536" };
const useLog = "USE query_log";
/** Searches at once, those that wait beside them, and the longest time of one. */
const readersMax = 2;
const waitingReadersMax = 20;
const readTimeoutMs = 30_000;
const interruptIntervalMs = 50;
/** After a failed opening the next attempt waits. */
const reopenIntervalMs = 10_000;

/** Names and types of the table's columns, in its order; `plan` is JSON. */
const columns = {
  id: "BIGINT",
  timestamp: "TIMESTAMPTZ",
  project_id: "VARCHAR",
  branch_id: "VARCHAR",
  workspace_id: "VARCHAR",
  session_id: "VARCHAR",
  username: "VARCHAR",
  client_ip: "VARCHAR",
  application_name: "VARCHAR",
  mode: "VARCHAR",
  query: "VARCHAR",
  query_truncated: "BOOLEAN",
  query_length: "BIGINT",
  query_hash: "VARCHAR",
  duration_ms: "DOUBLE",
  rows_returned: "BIGINT",
  bytes_returned: "BIGINT",
  status: "VARCHAR",
  error: "VARCHAR",
  sqlstate: "VARCHAR",
  slow: "BOOLEAN",
  plan_source: "VARCHAR",
  plan_text: "VARCHAR",
  plan: "VARCHAR",
} as const;

const columnNames = Object.keys(columns).join(", ");
const createTable = `CREATE TABLE IF NOT EXISTS queries (${
  Object.entries(columns).map(([name, type]) => `${name} ${type}`).join(", ")
})`;
/**
 * One bound text of JSON in place of a call a value: it is read in DuckDB's thread, not in the server's. A list for each column, as a
 * name for each value costs a third of the reading.
 */
const insertRows = `INSERT INTO queries SELECT ${
  Object.keys(columns).map((name) => `unnest(logged.${name})`).join(", ")
} FROM (SELECT from_json($1, '${
  JSON.stringify(Object.fromEntries(Object.entries(columns).map(([name, type]) => [name, [type]])))
}') AS logged)`;

interface OpenFile {
  readonly instance: DuckDBInstance;
  readonly writer: DuckDBConnection;
  /** The largest id given so far. */
  lastId: number;
}

export interface QueryLogStoreOptions {
  readonly dataDir: string;
  readonly logger: Logger;
  /** What the rows may take; beyond it the oldest go. 0: no limit. */
  readonly bytesMax: number;
  /** Told how many rows went because of their size. */
  readonly onOutgrown: (rows: number) => void;
  /** Names of set-aside files have its time in them. */
  now(): number;
  monotonicNow(): number;
}

/** Opens or makes the file. Never throws because of the file's state: see `DuckDbQueryLogStore`. */
export async function openQueryLogStore(options: QueryLogStoreOptions): Promise<QueryLogStore> {
  const store = new DuckDbQueryLogStore(options);
  await store.removeExports();
  await store.tryOpen();
  return store;
}

/** Invariant: at most one instance has the file open; writes run one after another, each in a transaction of its own. */
class DuckDbQueryLogStore implements QueryLogStore {
  readonly #options: QueryLogStoreOptions;
  readonly #filePath: string;
  #open: OpenFile | null = null;
  #triedAtMs = -Infinity;
  #lastProblem = "";
  #queue: Promise<unknown> = Promise.resolve();
  #readers = 0;
  readonly #waitingReaders: (() => void)[] = [];
  #closed = false;
  readonly #sizeBound: SizeBound;

  constructor(options: QueryLogStoreOptions) {
    this.#options = options;
    this.#sizeBound = new SizeBound(options.bytesMax);
    this.#filePath = path.join(options.dataDir, queryLogFileName);
  }

  append(rows: readonly NewKeptQuery[]): Promise<void> {
    return this.#exclusive(async () => {
      const open = await this.#require();
      const numbered = rows.map((row) => toColumns(row, ++open.lastId));
      const text = JSON.stringify(
        Object.fromEntries(
          (Object.keys(columns) as (keyof typeof columns)[]).map((name) => [name, numbered.map((row) => row[name])]),
        ),
      );
      await this.#guard(() => runWith(open.writer, insertRows, [text]));
      if (this.#sizeBound.isDue(text.length)) await this.#removeOutgrown(open.writer);
    });
  }

  async list(filter: QueryLogFilter, page: QueryLogPage): Promise<KeptQuery[]> {
    const where = conditions(filter, page.beforeId);
    const rows = await this.#read(async (connection) =>
      await readRows(
        await runWith(
          connection,
          `SELECT ${columnNames} FROM queries ${where.sql} ORDER BY id DESC LIMIT ${page.limit}`,
          where.parameters,
        ),
      )
    );
    return rows.map(fromColumns);
  }

  async exportParquet(filter: QueryLogFilter): Promise<QueryLogFile> {
    const where = conditions(filter, null);
    const file = path.join(this.#options.dataDir, `${exportPrefix}${crypto.randomUUID()}.parquet`);
    try {
      await this.#read(async (connection) => {
        await runWith(
          connection,
          `COPY (SELECT ${columnNames} FROM queries ${where.sql} ORDER BY id DESC) ` +
            `TO '${file.replaceAll("'", "''")}' (FORMAT parquet)`,
          where.parameters,
        );
        return [];
      });
      const opened = await Deno.open(file, { read: true });
      const { size } = await opened.stat();
      return { body: opened.readable, sizeBytes: size };
    } finally {
      // An open file is read to its end although its name is gone.
      await Deno.remove(file).catch(() => undefined);
    }
  }

  prune(beforeMs: number): Promise<number> {
    return this.#exclusive(async () => {
      const { writer } = await this.#require();
      return await this.#guard(async () => {
        const result = await runWith(writer, "DELETE FROM queries WHERE timestamp < $1::TIMESTAMPTZ", [
          isoTime(beforeMs),
        ]);
        const count = result.rowsChanged;
        // Without it the space of deleted rows is not used again, and the log of changes stays.
        if (count > 0) await writer.run("CHECKPOINT");
        await this.#removeOutgrown(writer);
        return count;
      });
    });
  }

  /** The rows just written are kept: a failure here is not theirs. */
  async #removeOutgrown(writer: DuckDBConnection): Promise<void> {
    const { logger, onOutgrown } = this.#options;
    const { bytesMax } = this.#sizeBound;
    try {
      const { rows, sizeBytes } = await this.#guard(() => this.#sizeBound.enforce(writer, this.#filePath));
      if (rows === 0) return;
      onOutgrown(rows);
      logger.warn("query log: the oldest statements were removed, because it had grown over query_audit_max_bytes", {
        rows,
        size_bytes: sizeBytes,
        max_bytes: bytesMax,
      });
    } catch (error) {
      logger.warn("query log: it could not be kept within query_audit_max_bytes", {
        max_bytes: bytesMax,
        error: messageOf(error),
      });
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#exclusive(() => {
      this.#closeFile();
      return Promise.resolve();
    });
  }

  /** Files that an interrupted export has left. */
  async removeExports(): Promise<void> {
    for await (const entry of Deno.readDir(this.#options.dataDir)) {
      if (!entry.name.startsWith(exportPrefix)) continue;
      await Deno.remove(path.join(this.#options.dataDir, entry.name)).catch(() => undefined);
    }
  }

  /** Opens the file if it is not; what stands in the way is logged once. */
  async tryOpen(): Promise<OpenFile | null> {
    if (this.#open !== null || this.#closed) return this.#open;
    const nowMs = this.#options.monotonicNow();
    if (nowMs - this.#triedAtMs < reopenIntervalMs) return null;
    this.#triedAtMs = nowMs;
    try {
      this.#open = await this.#openFile();
    } catch (error) {
      if (isDamage(error) && await this.#setAside(messageOf(error))) {
        this.#open = await this.#openFile().catch((again) => this.#complain(messageOf(again)));
      } else this.#open = this.#complain(messageOf(error));
    }
    if (this.#open !== null) this.#lastProblem = "";
    return this.#open;
  }

  async #openFile(): Promise<OpenFile> {
    const instance = await DuckDBInstance.create(":memory:", engineOptions);
    try {
      const writer = await instance.connect();
      // Attached, and not opened: only here DuckDB takes a size of row groups.
      const file = this.#filePath.replaceAll("'", "''");
      await writer.run(`ATTACH '${file}' AS query_log (ROW_GROUP_SIZE ${rowGroupRows})`);
      await writer.run(useLog);
      await writer.run("SET GLOBAL autoinstall_known_extensions = false; SET GLOBAL autoload_known_extensions = false");
      await writer.run("SET GLOBAL TimeZone = 'UTC'");
      await writer.run(`SET GLOBAL temp_directory = '${`${this.#filePath}.tmp`.replaceAll("'", "''")}'`);
      await writer.run(createTable);
      // A file of another program, or of another version of this one.
      await writer.run(`SELECT ${columnNames} FROM queries LIMIT 0`);
      const [row] = await readRows(await writer.run("SELECT coalesce(max(id), 0) AS id FROM queries"));
      return { instance, writer, lastId: Number(row?.["id"]) };
    } catch (error) {
      instance.closeSync();
      throw error;
    }
  }

  async #setAside(problem: string): Promise<boolean> {
    const time = isoTime(this.#options.now()).replace(/[-:]|\.\d+/g, "");
    const target = `${this.#filePath.replace(/\.duckdb$/, "")}.damaged-${time}.duckdb`;
    try {
      await Deno.rename(this.#filePath, target);
      await Deno.rename(`${this.#filePath}.wal`, `${target}.wal`).catch((error) => {
        if (!(error instanceof Deno.errors.NotFound)) throw error;
      });
    } catch (error) {
      this.#complain(`${problem}; and it could not be set aside: ${messageOf(error)}`);
      return false;
    }
    this.#options.logger.error("query log: its file is damaged and was set aside; the log goes on in a new one", {
      file: this.#filePath,
      set_aside_as: target,
      error: problem,
    });
    return true;
  }

  #complain(problem: string): null {
    if (problem !== this.#lastProblem) {
      this.#options.logger.error("query log: its file cannot be opened; it is tried again", {
        file: this.#filePath,
        error: problem,
      });
    }
    this.#lastProblem = problem;
    return null;
  }

  async #require(): Promise<OpenFile> {
    const open = await this.tryOpen();
    if (open !== null) return open;
    throw new AppError(
      "query_log_unusable",
      `query log: its file cannot be used now (${this.#lastProblem || "closed"})`,
    );
  }

  /** A fatal error ends DuckDB's instance: the next use opens the file again, and finds out whether it is damaged. */
  async #guard<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (isFatal(error) || isCorruption(error)) {
        this.#closeFile();
        if (isCorruption(error)) await this.#setAside(messageOf(error));
      }
      throw translate(error);
    }
  }

  #closeFile(): void {
    const open = this.#open;
    this.#open = null;
    this.#triedAtMs = -Infinity;
    if (open === null) return;
    open.writer.disconnectSync();
    open.instance.closeSync();
  }

  #exclusive<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#queue.then(work);
    this.#queue = done.catch(() => undefined);
    return done;
  }

  async #read(work: (connection: DuckDBConnection) => Promise<SqlRow[]>): Promise<SqlRow[]> {
    await this.#takeReader();
    try {
      // Opening waits for a write under way, which may be closing the file.
      const { instance } = this.#open ?? await this.#exclusive(() => this.#require());
      const connection = await instance.connect();
      await connection.run(useLog);
      let interrupts: ReturnType<typeof setInterval> | undefined;
      const timer = setTimeout(() => {
        interrupts = setInterval(() => connection.interrupt(), interruptIntervalMs);
      }, readTimeoutMs);
      try {
        return await work(connection);
      } catch (error) {
        throw translate(error);
      } finally {
        clearTimeout(timer);
        clearInterval(interrupts);
        connection.disconnectSync();
      }
    } finally {
      this.#readers -= 1;
      this.#waitingReaders.shift()?.();
    }
  }

  async #takeReader(): Promise<void> {
    while (this.#readers >= readersMax) {
      if (this.#waitingReaders.length >= waitingReadersMax) {
        throw new AppError(
          "too_many_requests",
          `query log: ${waitingReadersMax} searches are waiting; try again later`,
        );
      }
      await new Promise<void>((resolve) => this.#waitingReaders.push(resolve));
    }
    this.#readers += 1;
  }
}

async function runWith(connection: DuckDBConnection, sql: string, parameters: readonly SqlParameter[]) {
  const statement = await connection.prepare(sql);
  try {
    bindParameters(statement, parameters);
    return await statement.run();
  } finally {
    statement.destroySync();
  }
}

function conditions(filter: QueryLogFilter, beforeId: number | null): { sql: string; parameters: SqlParameter[] } {
  const parameters: SqlParameter[] = [];
  const terms: string[] = [];
  const add = (term: (place: string) => string, value: SqlParameter | undefined) => {
    if (value === undefined) return;
    parameters.push(value);
    terms.push(term(`$${parameters.length}`));
  };
  add((place) => `project_id = ${place}`, filter.projectId ?? undefined);
  if (filter.branchId === null) terms.push("branch_id IS NULL");
  else add((place) => `branch_id = ${place}`, filter.branchId);
  add((place) => `workspace_id = ${place}`, filter.workspaceId);
  add(
    (place) => `timestamp >= ${place}::TIMESTAMPTZ`,
    filter.fromMs === undefined ? undefined : isoTime(filter.fromMs),
  );
  add((place) => `timestamp < ${place}::TIMESTAMPTZ`, filter.toMs === undefined ? undefined : isoTime(filter.toMs));
  add((place) => `status = ${place}`, filter.status);
  add((place) => `username = ${place}`, filter.username);
  add((place) => `duration_ms >= ${place}`, filter.minDurationMs);
  add((place) => `contains(lower(query), lower(${place}))`, filter.text);
  add((place) => `slow = ${place}`, filter.slow);
  add((place) => `id < ${place}`, beforeId ?? undefined);
  return { sql: terms.length === 0 ? "" : `WHERE ${terms.join(" AND ")}`, parameters };
}

function toColumns({ plan, ...row }: NewKeptQuery, id: number): Record<keyof typeof columns, unknown> {
  return {
    id,
    ...row,
    plan_source: plan?.source ?? null,
    plan_text: plan?.text ?? null,
    plan: plan === null ? null : JSON.stringify(plan.root),
  };
}

function fromColumns(row: SqlRow): KeptQuery {
  const { plan_source, plan_text, plan, ...rest } = row;
  return {
    ...rest,
    plan: plan === null || plan === undefined
      ? null
      : { source: plan_source, text: plan_text, root: JSON.parse(String(plan)) } as QueryPlan,
  } as unknown as KeptQuery;
}

/** The range of DuckDB's and JavaScript's times both. */
function isoTime(timeMs: number): string {
  return new Date(Math.min(Math.max(timeMs, -62_000_000_000_000), 253_000_000_000_000)).toISOString();
}

function messageOf(error: unknown): string {
  return ((error instanceof Error ? error.message : String(error)).split("\n", 1)[0] ?? "").trim();
}

/** What DuckDB says of a file whose content it cannot read. */
function isCorruption(error: unknown): boolean {
  return /not a valid DuckDB database|checksum|corrupt|deserializ|Serialization Error|Failure while replaying WAL|could not read/i
    .test(error instanceof Error ? error.message : String(error));
}

/** Also a file of another version or program. Not one that is locked, or may not be opened, or finds no space. */
function isDamage(error: unknown): boolean {
  const text = error instanceof Error ? error.message : String(error);
  if (/could not set lock|permission|no space left/i.test(text)) return false;
  return isCorruption(error) || /version|^(Binder|Catalog) Error/i.test(text);
}

function isFatal(error: unknown): boolean {
  return error instanceof Error && /^(FATAL|INTERNAL) Error|database has been invalidated/i.test(error.message);
}

function translate(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof AppError) return error;
  const text = messageOf(error);
  if (/no space left on device|not enough (disk )?space/i.test(error.message)) {
    return new AppError("disk_full", `query log: the disk is full (${text})`, { cause: error });
  }
  if (/^INTERRUPT Error/i.test(text)) {
    return new AppError("timeout", `query log: the search took over ${readTimeoutMs / 1000} s; ask for less time`, {
      cause: error,
    });
  }
  if (isFatal(error)) {
    return new AppError("query_log_unusable", `query log: stopped by an error (${text})`, { cause: error });
  }
  return error;
}
