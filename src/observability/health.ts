/**
 * The server's health, measured when somebody asks: the metadata database, the workspaces' processes, the disk. `degraded`
 * still works but needs an administrator, `unhealthy` does not work.
 *
 * The document is also Perses': its command line reads `version`, `buildTime`, `commit` and the boolean `database` from the
 * same address. The build's time and commit are empty where nobody knows them.
 */
import { statfs } from "node:fs/promises";

export type HealthStatus = "healthy" | "degraded" | "unhealthy";

/** From this share of the metadata pool's connections in use on it is degraded. */
const poolUseDegraded = 0.8;
/** Below this share of free disk space it is degraded. */
const diskFreeDegraded = 0.1;
/** A metadata database that answers later than this does not work. */
export const databaseTimeoutMs = 2_000;

export interface HealthPool {
  readonly open: number;
  readonly idle: number;
  readonly inUse: number;
  readonly waiters: number;
  readonly waitSecondsTotal: number;
  readonly waitCount: number;
}

export interface HealthSources {
  pingDatabase(): Promise<void>;
  pool(): HealthPool;
  /** `db_max_open_conns`. */
  readonly poolConnectionsMax: number;
  /** `isOpen`: new processes can be started. */
  workers(): { readonly active: number; readonly spare: number; readonly isOpen: boolean };
  memory(): { readonly budgetBytes: number; readonly grantedBytes: number };
  disk(): Promise<{ readonly totalBytes: number; readonly freeBytes: number }>;
  /** Milliseconds since the epoch. */
  now(): number;
  readonly timeoutMs?: number;
}

export interface DatabaseCheck {
  readonly status: HealthStatus;
  readonly response_time_ms: number;
  readonly message?: string;
  readonly details: {
    readonly open_connections: number;
    readonly idle_connections: number;
    readonly in_use_connections: number;
    readonly wait_count: number;
  };
}

export interface HealthReport {
  readonly status: HealthStatus;
  readonly timestamp: string;
  readonly checks: {
    readonly database: DatabaseCheck;
    readonly workers: {
      readonly status: HealthStatus;
      readonly message?: string;
      readonly details: {
        readonly active: number;
        readonly spare: number;
        readonly memory_budget_bytes: number;
        readonly memory_granted_bytes: number;
      };
    };
    readonly disk: {
      readonly status: HealthStatus;
      readonly message?: string;
      readonly details: { readonly total_bytes: number; readonly free_bytes: number; readonly free_percent: number };
    };
  };
}

/** All checks. Takes at most the timeout; what a failed check says is written for whoever asks, without a key. */
export async function measureHealth(sources: HealthSources): Promise<HealthReport> {
  const [database, disk] = await Promise.all([checkDatabase(sources), checkDisk(sources)]);
  const workers = checkWorkers(sources);
  return {
    status: worst([database.status, workers.status, disk.status]),
    timestamp: new Date(sources.now()).toISOString(),
    checks: { database, workers, disk },
  };
}

export async function checkDatabase(sources: HealthSources): Promise<DatabaseCheck> {
  const startedMs = performance.now();
  const failure = await failureWithin(sources.pingDatabase(), sources.timeoutMs ?? databaseTimeoutMs);
  const responseMs = Math.round((performance.now() - startedMs) * 100) / 100;
  const pool = sources.pool();
  const details = {
    open_connections: pool.open,
    idle_connections: pool.idle,
    in_use_connections: pool.inUse,
    wait_count: pool.waitCount,
  };
  if (failure !== null) return { status: "unhealthy", response_time_ms: responseMs, message: failure, details };
  // The ping's own connection is back in the pool by now.
  const use = pool.inUse / sources.poolConnectionsMax;
  if (use <= poolUseDegraded) return { status: "healthy", response_time_ms: responseMs, details };
  const message = `${pool.inUse} of ${sources.poolConnectionsMax} connections are in use (db_max_open_conns)`;
  return { status: "degraded", response_time_ms: responseMs, message, details };
}

function checkWorkers(sources: HealthSources): HealthReport["checks"]["workers"] {
  const { active, spare, isOpen } = sources.workers();
  const { budgetBytes, grantedBytes } = sources.memory();
  const details = { active, spare, memory_budget_bytes: budgetBytes, memory_granted_bytes: grantedBytes };
  return isOpen
    ? { status: "healthy", details }
    : { status: "unhealthy", message: "no process is started any more: the server is stopping", details };
}

async function checkDisk(sources: HealthSources): Promise<HealthReport["checks"]["disk"]> {
  try {
    const { totalBytes, freeBytes } = await sources.disk();
    const share = totalBytes === 0 ? 1 : freeBytes / totalBytes;
    const details = { total_bytes: totalBytes, free_bytes: freeBytes, free_percent: Math.round(share * 1000) / 10 };
    if (share >= diskFreeDegraded) return { status: "healthy", details };
    return { status: "degraded", message: "less than 10 % of the disk under data_dir is free", details };
  } catch {
    const details = { total_bytes: 0, free_bytes: 0, free_percent: 0 };
    return { status: "degraded", message: "the disk under data_dir cannot be looked at", details };
  }
}

/** What a user without privileges may still write, and all there is. */
export async function diskSpace(directory: string): Promise<{ totalBytes: number; freeBytes: number }> {
  const { bsize, blocks, bavail, bfree } = await statfs(directory);
  // As df counts: what is reserved for the system is neither used nor free.
  return { totalBytes: (blocks - bfree + bavail) * bsize, freeBytes: bavail * bsize };
}

/** The database's seven figures in Prometheus' text format; they can be read while it is unhealthy. */
export async function renderDatabaseFigures(sources: HealthSources): Promise<string> {
  const check = await checkDatabase(sources);
  const pool = sources.pool();
  const figures: readonly (readonly [name: string, type: string, help: string, value: number])[] = [
    [
      "database_healthy",
      "gauge",
      "Whether the metadata database answers in time.",
      check.status === "unhealthy" ? 0 : 1,
    ],
    ["database_response_time_seconds", "gauge", "How long it took to answer just now.", check.response_time_ms / 1000],
    ["database_open_connections", "gauge", "Open connections of its pool.", pool.open],
    ["database_in_use_connections", "gauge", "Connections in use.", pool.inUse],
    [
      "database_utilization_percent",
      "gauge",
      "Connections in use of db_max_open_conns.",
      Math.round((pool.inUse / sources.poolConnectionsMax) * 1000) / 10,
    ],
    ["database_wait_count", "counter", "How often somebody had to wait for a connection.", pool.waitCount],
    ["database_wait_duration_seconds", "counter", "How long all of them waited.", pool.waitSecondsTotal],
  ];
  return figures.map(([name, type, help, value]) =>
    `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${name} ${value}\n`
  )
    .join("");
}

function worst(statuses: readonly HealthStatus[]): HealthStatus {
  return statuses.includes("unhealthy") ? "unhealthy" : statuses.includes("degraded") ? "degraded" : "healthy";
}

/** Null when the work succeeds in time. The cause is for the log of whoever failed, not for the public. */
async function failureWithin(work: Promise<void>, timeoutMs: number): Promise<string | null> {
  const late = Promise.withResolvers<string>();
  const timer = setTimeout(() => late.resolve(`no answer within ${timeoutMs / 1000} s`), timeoutMs);
  try {
    return await Promise.race([work.then(() => null, () => "it does not answer"), late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
