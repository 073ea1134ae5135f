/** What the supervisor is told at start, and what it tells the rest of the server. No code that does anything. */
import type { WorkerEvent } from "../ipc/channel.ts";
import type { LaunchSpec } from "../ipc/messages.ts";

/** The program of a worker; the supervisor adds `worker --socket-directory=DIR`. */
export interface WorkerCommand {
  readonly executable: string;
  readonly args: readonly string[];
}

/** What `setTimeout` gives. */
export type Timer = ReturnType<typeof setTimeout>;

/** The part of the server's logger (`observability/log.ts`) that is used here. */
export interface SupervisorLogger {
  debug(message: string, fields?: Record<string, unknown>): void;
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
}

/**
 * Why a process is gone. Wanted: `idle` (no sessions for a while), `drained` (stopWorkspace), `retired` (a storage
 * process after its share of jobs), `shutdown`. Unwanted, counted in `worker_restarts_total`: `crashed` (ended by
 * itself, or by somebody's signal), `unresponsive` (no answer to a ping), `memory_exceeded`, `protocol_error`,
 * `start_failed`, `drain_timeout` (did not end in time and was killed).
 */
export type ExitReason =
  | "idle"
  | "drained"
  | "retired"
  | "shutdown"
  | "crashed"
  | "unresponsive"
  | "memory_exceeded"
  | "protocol_error"
  | "start_failed"
  | "drain_timeout";

const wantedReasons: ReadonlySet<ExitReason> = new Set(["idle", "drained", "retired", "shutdown"]);

/** The others, so that each is a series of `worker_restarts_total` from the start. */
export const unwantedReasons = [
  "crashed",
  "unresponsive",
  "memory_exceeded",
  "protocol_error",
  "start_failed",
  "drain_timeout",
] as const satisfies readonly ExitReason[];

/** Whether a process was meant to end this way. */
export function isWanted(reason: ExitReason): boolean {
  return wantedReasons.has(reason);
}

export interface ProcessExit {
  readonly reason: ExitReason;
  readonly processId: number;
  readonly exitCode: number | null;
  /** Such as `SIGKILL`; null when the process ended by itself. */
  readonly signal: string | null;
}

export interface WorkerExit extends ProcessExit {
  readonly kind: "workspace" | "spare" | "storage";
  /** null for a spare or a storage process. */
  readonly workspaceId: string | null;
  /** Whether the process was meant to end. */
  readonly wanted: boolean;
  /** Sessions that ended with the process and that it did not report as closed. */
  readonly sessionsLost: readonly string[];
}

/** Called as things happen; must not throw (what is thrown is logged). */
export interface SupervisorEvents {
  /** Everything a workspace's worker reports: queries, session states, memory. */
  onWorkerEvent?(workspaceId: string, event: WorkerEvent): void;
  onWorkerStart?(workspaceId: string, processId: number, durationMs: number): void;
  onWorkerExit?(exit: WorkerExit): void;
}

export interface SupervisorConfig {
  /** How many started processes wait for a workspace. */
  readonly spareCount: number;
  /** How long a worker stays after its last session or command. */
  readonly workerIdleMs: number;
  /** Ceiling for the sum of running workspaces' memory limits; 0 = none. */
  readonly memoryBudgetBytes: number;
  /** No workspace is lowered below this, unless its own limit is. */
  readonly memoryFloorBytes: number;
  /** How long a workspace that does not fit into the budget waits for room before it is refused. */
  readonly memoryWaitMs: number;
  readonly readyTimeoutMs: number;
  /** For `open_workspace`: a large write-ahead log is replayed in it. */
  readonly openTimeoutMs: number;
  readonly pingIntervalMs: number;
  readonly pingTimeoutMs: number;
  /** After the time given for a drain: cancel, checkpoint, exit. Then SIGKILL. */
  readonly drainGraceMs: number;
  /** A workspace that fails to start this often within the window is refused until the window has passed. */
  readonly startFailuresMax: number;
  readonly startFailureWindowMs: number;
  readonly storageProcessesMax: number;
  /** Jobs that wait; one more is refused. */
  readonly storageQueueMax: number;
  /** A storage process is replaced after this many jobs, which gives its memory back. */
  readonly storageJobsPerProcess: number;
  readonly storageIdleMs: number;
  /** The system's folder for temporary files; the socket folder is made in it. */
  readonly socketBaseDirectory: string | null;
}

export const supervisorDefaults: SupervisorConfig = {
  spareCount: 1,
  workerIdleMs: 300_000,
  memoryBudgetBytes: 0,
  memoryFloorBytes: 256_000_000,
  memoryWaitMs: 30_000,
  readyTimeoutMs: 10_000,
  openTimeoutMs: 120_000,
  pingIntervalMs: 5_000,
  pingTimeoutMs: 9_000,
  drainGraceMs: 15_000,
  startFailuresMax: 3,
  startFailureWindowMs: 60_000,
  storageProcessesMax: 2,
  storageQueueMax: 100,
  storageJobsPerProcess: 50,
  storageIdleMs: 30_000,
  socketBaseDirectory: null,
};

export interface SupervisorOptions {
  /** Everything its worker needs to open a workspace; throws (not_found, workspace_expired, …) when it may not run. */
  readonly launchSpec: (workspaceId: string) => Promise<LaunchSpec>;
  readonly workerCommand: () => WorkerCommand;
  readonly logger: SupervisorLogger;
  readonly events?: SupervisorEvents;
  readonly config?: Partial<SupervisorConfig>;
}

/**
 * How much memory a worker may really hold before it is killed. DuckDB's limit covers its buffers, not every allocation
 * of an aggregate, nor the JavaScript heap; what goes beyond twice the limit and 512 MiB would take the machine down.
 */
export function residentBytesMax(memoryLimitBytes: number): number {
  return 2 * memoryLimitBytes + 512 * 1024 * 1024;
}
