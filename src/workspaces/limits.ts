/**
 * A workspace's limits: which there are, what holds where the workspace has none of its own, and how they are told to its
 * process. Everything that knows the list of limits derives it from the types here.
 */
import type { ChangeableLimits } from "../ipc/messages.ts";

/** A workspace's own limits. null: the server's default at the time of use. 0 is unlimited where it says so. */
export interface WorkspaceLimits {
  readonly memoryLimitBytes: number | null;
  /** 0: unlimited. */
  readonly maxResultRows: number | null;
  /** 0: unlimited. */
  readonly maxResultBytes: number | null;
  readonly threads: number | null;
  /** Spill files. */
  readonly maxTempBytes: number | null;
  /** 0: unlimited. */
  readonly maxQueriesPerMinute: number | null;
  /** 0: only the protocol's own limit. */
  readonly maxStatementBytes: number | null;
  readonly maxConnections: number | null;
}

export type LimitName = keyof WorkspaceLimits;

export const noOwnLimits: WorkspaceLimits = {
  memoryLimitBytes: null,
  maxResultRows: null,
  maxResultBytes: null,
  threads: null,
  maxTempBytes: null,
  maxQueriesPerMinute: null,
  maxStatementBytes: null,
  maxConnections: null,
};

export const limitNames = Object.keys(noOwnLimits) as readonly LimitName[];

/** The limits that hold, by the same names. */
export type EffectiveLimits = { readonly [Name in LimitName]: number };

/** What a request asks for: missing leaves a limit as it is, null gives it back to the server's default. */
export type LimitChanges = { readonly [Name in LimitName]?: number | null | undefined };

/** The server's defaults; part of the domain's settings. */
export interface LimitDefaults {
  readonly defaultMemoryLimitBytes: number;
  readonly maxResultRows: number;
  readonly maxResultBytes: number;
  /** Threads of one workspace's DuckDB instance. */
  readonly threads: number;
  readonly tempBytesMax: number;
  readonly queriesPerMinuteMax: number;
  readonly statementBytesMax: number;
  readonly connectionsPerWorkspaceMax: number;
}

export function effectiveLimits(own: WorkspaceLimits, defaults: LimitDefaults): EffectiveLimits {
  return {
    memoryLimitBytes: own.memoryLimitBytes ?? defaults.defaultMemoryLimitBytes,
    maxResultRows: own.maxResultRows ?? defaults.maxResultRows,
    maxResultBytes: own.maxResultBytes ?? defaults.maxResultBytes,
    threads: own.threads ?? defaults.threads,
    maxTempBytes: own.maxTempBytes ?? defaults.tempBytesMax,
    maxQueriesPerMinute: own.maxQueriesPerMinute ?? defaults.queriesPerMinuteMax,
    maxStatementBytes: own.maxStatementBytes ?? defaults.statementBytesMax,
    maxConnections: own.maxConnections ?? defaults.connectionsPerWorkspaceMax,
  };
}

/** The own limits that a request names. */
export function namedLimits(changes: LimitChanges): Partial<WorkspaceLimits> {
  return Object.fromEntries(
    limitNames.filter((name) => changes[name] !== undefined).map((name) => [name, changes[name]]),
  );
}

/** The limits as a worker is told them. Connections are the server's to count. */
export function workerLimits(
  own: WorkspaceLimits & { readonly sizeLimitGb: number },
  defaults: LimitDefaults,
): Required<{ [Name in keyof ChangeableLimits]: number }> {
  const limits = effectiveLimits(own, defaults);
  return {
    memory_bytes_max: limits.memoryLimitBytes,
    result_rows_max: limits.maxResultRows,
    result_bytes_max: limits.maxResultBytes,
    threads: limits.threads,
    temp_bytes_max: limits.maxTempBytes,
    queries_per_minute_max: limits.maxQueriesPerMinute,
    statement_bytes_max: limits.maxStatementBytes,
    size_bytes_max: sizeLimitBytes(own),
  };
}

export function sizeLimitBytes(workspace: { readonly sizeLimitGb: number }): number {
  return Math.round(workspace.sizeLimitGb * 1e9);
}
