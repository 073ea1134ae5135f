/**
 * The metadata store: `data_dir/metadata.duckdb`, opened by one process, behind a pool of connections to one DuckDB
 * instance.
 *
 * A commit is on disk before it is acknowledged (DuckDB syncs its write-ahead log). Transactions are optimistic: two
 * that change the same row conflict, and the later one is run again. After a failed statement a transaction accepts
 * nothing more and never commits, as DuckDB would roll back such a one and report success.
 */
import { mkdir, realpath } from "node:fs/promises";
import * as path from "node:path";
import {
  type DuckDBConnection,
  DuckDBInstance,
  type DuckDBPreparedStatement,
  ResultReturnType,
  StatementType,
} from "@duckdb/node-api";
import "../../heartbeat.ts";
import type { Config } from "../../config/config.ts";
import { AppError } from "../../errors/app_error.ts";
import type { WritePause } from "../../ipc/write_pause.ts";
import type { Logger } from "../../observability/log.ts";
import { type Clock, ConnectionPool, systemClock } from "./connection_pool.ts";
import { translateDuckDbError } from "./duckdb_error.ts";
import { bindParameters, readRows } from "./duckdb_values.ts";
import { StatementGate } from "./statement_gate.ts";
import type { MetadataConnection, MetadataPool, PoolStats, SqlParameter, SqlRow } from "../types.ts";

export interface MetadataPoolOptions {
  /** The folder of `metadata.duckdb`; created when it is missing. */
  readonly dataDir: string;
  readonly openMax?: number;
  readonly idleMax?: number;
  /** 0 = unlimited, as for `idleTimeMs` and `queryTimeoutMs`. */
  readonly lifetimeMs?: number;
  readonly idleTimeMs?: number;
  readonly acquireTimeoutMs?: number;
  readonly queryTimeoutMs?: number;
  readonly waitersMax?: number;
  readonly logger?: Logger;
  /** Called with the seconds each caller had to wait for a connection. */
  readonly onWait?: (seconds: number) => void;
  readonly clock?: Clock;
  /** Holds new writes while a backup copies the file. */
  readonly writes?: WritePause;
}

export const metadataFileName = "metadata.duckdb";

/** Enough for every request of a busy server; beyond it waiting would only end in the acquire timeout. */
const waitersMaxDefault = 1000;
/** See `StatementGate`: fewer than DuckDB's own limit of about 30. */
const runningStatementsMax = 24;
/** The first attempt, then retries one after another; a conflict is then only possible with a first attempt. */
const transactionAttemptsMax = 10;
/** Of one connection: more than the repositories have in one request, at some 50 kB each. */
const preparedStatementsMax = 32;
/** Longer texts are lists of keys, which differ from call to call. */
const preparedTextLengthMax = 2000;
/** An interrupt between the planning and the running of a statement is forgotten, so it is repeated. */
const interruptIntervalMs = 50;
/**
 * The metadata of thousands of tables is a few MB; the rest of the memory is the workspaces'. Some 25 small tables, of which each
 * column takes a block: with DuckDB's 256 KB a new file has 13 MB on the disk and more in memory, with 16 KB a tenth.
 * A file that exists keeps its own size.
 */
const engineOptions = { threads: "1", memory_limit: "512MB", default_block_size: "16384" };

/** DuckDB does not refuse two instances on one file inside one process, though they would corrupt it. */
const openFiles = new Set<string>();

export function metadataPoolOptions(config: Config): MetadataPoolOptions {
  return {
    dataDir: config.dataDir,
    openMax: config.dbMaxOpenConns,
    idleMax: config.dbMaxIdleConns,
    lifetimeMs: config.dbConnMaxLifetimeSeconds * 1000,
    idleTimeMs: config.dbConnMaxIdleTimeSeconds * 1000,
    acquireTimeoutMs: config.dbConnectTimeoutSeconds * 1000,
    queryTimeoutMs: config.dbQueryTimeoutSeconds * 1000,
  };
}

/** Throws `metadata_unusable` when the folder or the file cannot be used, as when another process has it open. */
export async function openMetadataPool(options: MetadataPoolOptions): Promise<MetadataPool> {
  const dataDir = path.resolve(options.dataDir);
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw unusable(`data_dir ${dataDir}: cannot be created (${(error as Error).message})`, error);
  }
  const filePath = path.join(await realpath(dataDir), metadataFileName);
  if (openFiles.has(filePath)) throw inUse(dataDir, "this process");
  openFiles.add(filePath);
  try {
    return new DuckDbMetadataPool(await openInstance(dataDir, filePath), filePath, options);
  } catch (error) {
    openFiles.delete(filePath);
    throw error;
  }
}

async function openInstance(dataDir: string, filePath: string): Promise<DuckDBInstance> {
  let instance: DuckDBInstance;
  try {
    instance = await DuckDBInstance.create(filePath, engineOptions);
  } catch (error) {
    const text = (error as Error).message;
    if (/could not set lock/i.test(text)) {
      throw inUse(dataDir, `another process${/\(PID \d+\)/.exec(text)?.[0].replace(/^/, " ") ?? ""}`, error);
    }
    throw unusable(`${filePath}: cannot be opened (${text.split("\n", 1)[0]})`, error);
  }
  try {
    const connection = await instance.connect();
    await connection.run("SET GLOBAL autoinstall_known_extensions = false");
    await connection.run("SET GLOBAL autoload_known_extensions = false");
    connection.disconnectSync();
    return instance;
  } catch (error) {
    instance.closeSync();
    throw translateDuckDbError(error);
  }
}

/** One DuckDB connection; statements given to it run one after another. */
class PooledDuckDbConnection {
  readonly #connection: DuckDBConnection;
  readonly #gate: StatementGate;
  readonly #queryTimeoutMs: number;
  /** By text, the one used last at the end. Preparing takes a third of a small query's time. */
  readonly #prepared = new Map<string, DuckDBPreparedStatement>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(connection: DuckDBConnection, gate: StatementGate, queryTimeoutMs: number) {
    this.#connection = connection;
    this.#gate = gate;
    this.#queryTimeoutMs = queryTimeoutMs;
  }

  query(sql: string, parameters: readonly SqlParameter[]): Promise<SqlRow[]> {
    return this.#inTurn(() => this.#limited(async () => await readRows(await this.#run(sql, parameters))));
  }

  execute(sql: string, parameters: readonly SqlParameter[]): Promise<number> {
    return this.#inTurn(() =>
      this.#limited(async () => {
        const result = await this.#run(sql, parameters);
        const isReturning = result.returnType === ResultReturnType.QUERY_RESULT &&
          result.statementType !== StatementType.SELECT;
        return isReturning ? result.rowCount : result.rowsChanged;
      })
    );
  }

  /** BEGIN, COMMIT, ROLLBACK, CHECKPOINT: short or not to be cut short, so without timeout and ahead of the gate. */
  control(sql: string): Promise<void> {
    return this.#inTurn(async () => {
      await this.#connection.run(sql);
    });
  }

  interrupt(): void {
    this.#connection.interrupt();
  }

  close(): void {
    this.#forgetPrepared();
    this.#connection.disconnectSync();
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work, work);
    this.#last = turn.catch(() => {});
    return turn.catch((error) => {
      throw translateDuckDbError(error);
    });
  }

  async #limited<T>(work: () => Promise<T>): Promise<T> {
    const timeoutMs = this.#queryTimeoutMs;
    const expired = new AbortController();
    const timer = timeoutMs > 0 ? setTimeout(() => expired.abort(), timeoutMs) : undefined;
    let interrupting: ReturnType<typeof setInterval> | undefined;
    const interrupt = () => {
      this.#connection.interrupt();
      interrupting = setInterval(() => this.#connection.interrupt(), interruptIntervalMs);
    };
    try {
      if (!await this.#gate.enter(expired.signal)) throw queryTimeout(timeoutMs, "before it started");
      expired.signal.addEventListener("abort", interrupt, { once: true });
      try {
        return await work();
      } catch (error) {
        throw expired.signal.aborted ? queryTimeout(timeoutMs, "while it ran", error) : error;
      } finally {
        this.#gate.leave();
      }
    } finally {
      clearTimeout(timer);
      clearInterval(interrupting);
      expired.signal.removeEventListener("abort", interrupt);
    }
  }

  /** Without parameters, `sql` may hold several statements (migrations); the last one's result counts. */
  async #run(sql: string, parameters: readonly SqlParameter[]) {
    if (parameters.length === 0) return await this.#connection.run(sql);
    const statement = this.#prepared.get(sql) ?? await this.#connection.prepare(sql);
    // Out while it runs: one that failed is not used again.
    this.#prepared.delete(sql);
    try {
      bindParameters(statement, parameters);
      const result = await statement.run();
      if (sql.length > preparedTextLengthMax) statement.destroySync();
      else this.#keepPrepared(sql, statement);
      return result;
    } catch (error) {
      statement.destroySync();
      throw error;
    }
  }

  #keepPrepared(sql: string, statement: DuckDBPreparedStatement): void {
    this.#prepared.set(sql, statement);
    if (this.#prepared.size <= preparedStatementsMax) return;
    for (const [oldest, unused] of this.#prepared) {
      this.#prepared.delete(oldest);
      unused.destroySync();
      return;
    }
  }

  #forgetPrepared(): void {
    for (const statement of this.#prepared.values()) statement.destroySync();
    this.#prepared.clear();
  }
}

/** What `withTransaction` hands to its work: stops after the first failed statement and after the end. */
class Transaction implements MetadataConnection {
  readonly #connection: PooledDuckDbConnection;
  #state: "open" | "failed" | "ended" = "open";
  #failure: unknown;
  #running = 0;

  constructor(connection: PooledDuckDbConnection) {
    this.#connection = connection;
  }

  query<Row extends SqlRow = SqlRow>(sql: string, parameters: readonly SqlParameter[] = []): Promise<Row[]> {
    return this.#guard(() => this.#connection.query(sql, parameters) as Promise<Row[]>);
  }

  execute(sql: string, parameters: readonly SqlParameter[] = []): Promise<number> {
    return this.#guard(() => this.#connection.execute(sql, parameters));
  }

  /** Commits, unless a statement failed: then throws that failure, also when the work ignored it. */
  async commit(): Promise<void> {
    if (this.#running > 0) throw new Error("a transaction's work ended before its statements");
    if (this.#state === "failed") throw this.#failure;
    this.#state = "ended";
    await this.#connection.control("COMMIT");
  }

  /** What made the transaction fail, if it did. */
  get failure(): unknown {
    return this.#failure;
  }

  end(): void {
    this.#state = "ended";
  }

  async #guard<T>(statement: () => Promise<T>): Promise<T> {
    if (this.#state === "ended") throw new Error("a statement was given to a transaction that has ended");
    if (this.#state === "failed") throw this.#failure;
    this.#running += 1;
    try {
      return await statement();
    } catch (error) {
      if (this.#state === "open") {
        this.#state = "failed";
        this.#failure = error;
      }
      throw error;
    } finally {
      this.#running -= 1;
    }
  }
}

class DuckDbMetadataPool implements MetadataPool {
  readonly #instance: DuckDBInstance;
  readonly #filePath: string;
  readonly #options: MetadataPoolOptions;
  readonly #connections: ConnectionPool<PooledDuckDbConnection>;
  readonly #gate = new StatementGate(runningStatementsMax);
  /** Of the retries of transactions, so that they do not conflict with each other. Whoever waits here holds no connection. */
  #retryTurn: Promise<unknown> = Promise.resolve();
  #closing: Promise<void> | undefined;

  constructor(instance: DuckDBInstance, filePath: string, options: MetadataPoolOptions) {
    this.#instance = instance;
    this.#filePath = filePath;
    this.#options = options;
    const openMax = options.openMax ?? 50;
    this.#connections = new ConnectionPool({
      connect: () => this.#connect(),
      openMax,
      idleMax: Math.min(options.idleMax ?? 10, openMax),
      lifetimeMs: options.lifetimeMs ?? 300_000,
      idleTimeMs: options.idleTimeMs ?? 60_000,
      acquireTimeoutMs: options.acquireTimeoutMs ?? 10_000,
      waitersMax: options.waitersMax ?? waitersMaxDefault,
      clock: options.clock ?? systemClock,
      ...(options.onWait ? { onWait: options.onWait } : {}),
    });
  }

  query<Row extends SqlRow = SqlRow>(sql: string, parameters: readonly SqlParameter[] = []): Promise<Row[]> {
    return this.#retried(() => this.#leased((connection) => connection.query(sql, parameters) as Promise<Row[]>));
  }

  execute(sql: string, parameters: readonly SqlParameter[] = []): Promise<number> {
    return this.#write(() => this.#leased((connection) => connection.execute(sql, parameters)));
  }

  withTransaction<T>(work: (transaction: MetadataConnection) => Promise<T>): Promise<T> {
    return this.#write(() => this.#leased((connection) => runTransaction(connection, work)));
  }

  #write<T>(work: () => Promise<T>): Promise<T> {
    const { writes } = this.#options;
    return writes === undefined ? this.#retried(work) : writes.allowed().then(() => this.#retried(work));
  }

  async ping(): Promise<void> {
    await this.#leased((connection) => connection.query("SELECT 1", []));
  }

  stats(): PoolStats {
    return this.#connections.stats();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#connections.close();
    try {
      const connection = await this.#instance.connect();
      await connection.run("CHECKPOINT");
      connection.disconnectSync();
    } catch (error) {
      // Nothing is lost: what was committed is in the write-ahead log, which the next start replays.
      this.#options.logger?.warn("metadata store closed without a checkpoint", { error });
    } finally {
      this.#instance.closeSync();
      openFiles.delete(this.#filePath);
    }
  }

  async #connect(): Promise<PooledDuckDbConnection> {
    const connection = await this.#instance.connect();
    await connection.run("SET TimeZone = 'UTC'");
    return new PooledDuckDbConnection(connection, this.#gate, this.#options.queryTimeoutMs ?? 30_000);
  }

  async #leased<T>(work: (connection: PooledDuckDbConnection) => Promise<T>): Promise<T> {
    const lease = await this.#connections.acquire();
    let broken = false;
    try {
      return await work(lease.connection);
    } catch (error) {
      broken = error instanceof BrokenConnection;
      throw broken ? (error as BrokenConnection).cause : error;
    } finally {
      lease.release({ broken });
    }
  }

  /** Runs `attempt` again after a conflict; from the second time on in turn with other retries. */
  async #retried<T>(attempt: () => Promise<T>): Promise<T> {
    try {
      return await attempt();
    } catch (error) {
      if (!isConflict(error)) throw error;
    }
    const previous = this.#retryTurn;
    const { promise: ended, resolve: end } = Promise.withResolvers<void>();
    this.#retryTurn = previous.then(() => ended);
    try {
      await settledWithin(previous, this.#options.acquireTimeoutMs ?? 10_000);
      for (let count = 2;; count++) {
        await new Promise((resolve) => setTimeout(resolve, Math.random() * count * 2));
        try {
          return await attempt();
        } catch (error) {
          if (!isConflict(error) || count >= transactionAttemptsMax) throw error;
        }
      }
    } finally {
      end();
    }
  }
}

/** Resolves with `promise`, which never rejects, or when the time is over. */
async function settledWithin(promise: Promise<unknown>, timeoutMs: number): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  await Promise.race([promise, new Promise((resolve) => timer = setTimeout(resolve, timeoutMs))]);
  clearTimeout(timer);
}

/** A connection whose transaction could not be rolled back must not be used again. */
class BrokenConnection extends Error {}

async function runTransaction<T>(
  connection: PooledDuckDbConnection,
  work: (transaction: MetadataConnection) => Promise<T>,
): Promise<T> {
  await connection.control("BEGIN");
  const transaction = new Transaction(connection);
  try {
    const result = await work(transaction);
    await transaction.commit();
    return result;
  } catch (error) {
    const cause = isConflict(transaction.failure) ? transaction.failure : error;
    transaction.end();
    try {
      await connection.control("ROLLBACK");
    } catch (rollbackError) {
      // A failed COMMIT has ended the transaction already; everything else leaves the connection in doubt.
      if (!/no transaction is active/i.test((rollbackError as Error).message)) {
        throw new BrokenConnection("rollback failed", { cause });
      }
    }
    throw cause;
  }
}

function isConflict(error: unknown): boolean {
  return error instanceof AppError && error.kind === "serialization_failure";
}

function queryTimeout(timeoutMs: number, when: string, cause?: unknown): AppError {
  return new AppError("timeout", `metadata store: query not finished within ${timeoutMs / 1000} s, ended ${when}`, {
    cause,
  });
}

function unusable(detail: string, cause?: unknown): AppError {
  return new AppError("metadata_unusable", detail, { cause });
}

function inUse(dataDir: string, owner: string, cause?: unknown): AppError {
  return unusable(`data_dir ${dataDir}: already in use by ${owner}; stop that server or choose another folder`, cause);
}
