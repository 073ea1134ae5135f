/**
 * Puts the query log together: its table, its lines on stdout, what each worker is told to report, and changes of that while the server runs.
 */
import type { Config } from "../config/config.ts";
import type { RuntimeSettings } from "../http/routes/settings.ts";
import type { LaunchSpec, StatementLogSettings } from "../ipc/messages.ts";
import { openQueryLogStore } from "../metadata/query_log/store.ts";
import { type Logger, writeStdout } from "../observability/log.ts";
import type { Metrics } from "../observability/metrics.ts";
import { QueryLog } from "../observability/query_log.ts";
import type { QueryLogRecord, QueryLogStore, SlowQuery } from "../observability/query_log_types.ts";
import type { Supervisor } from "../supervisor/supervisor.ts";

/** A worker that hangs must not hold the administrator's answer; the supervisor finds and ends it. */
const pushTimeoutMs = 5_000;

export interface QueryLogging {
  readonly log: QueryLog;
  /** null: no table is kept. */
  readonly store: QueryLogStore | null;
  readonly settings: RuntimeSettings;
  /** Adds to a launch spec what its worker shall report. */
  launching(spec: LaunchSpec): LaunchSpec;
  /** A worker runs: it is told if something has changed since its launch spec was made. */
  started(workspaceId: string): void;
  ended(workspaceId: string): void;
}

export interface QueryLoggingOptions {
  readonly config: Config;
  readonly logger: Logger;
  readonly metrics: Pick<Metrics, "queryLogDropped">;
  readonly supervisor: () => Supervisor;
  /** Told of every slow statement, for those who alert on it. */
  readonly onSlowQuery?: (query: SlowQuery) => void;
}

export async function startQueryLogging(options: QueryLoggingOptions): Promise<QueryLogging> {
  const { config, logger, metrics, supervisor } = options;
  const store = config.queryAuditTable
    ? await openQueryLogStore({
      dataDir: config.dataDir,
      logger,
      bytesMax: config.queryAuditMaxBytes,
      onOutgrown: (rows) => metrics.queryLogDropped("outgrown", rows),
      now: Date.now,
      monotonicNow: () => performance.now(),
    })
    : null;
  let current: StatementLogSettings = {
    enabled: config.queryAuditEnabled,
    mode: config.queryAuditMode,
    text_length_max: config.queryAuditMaxLength,
    slow_ms: config.slowQueryThresholdMs,
    slow_explain: config.slowQueryExplain,
    slow_full_text: config.slowQueryLogFull,
  };
  const launchedWith = new Map<string, StatementLogSettings>();
  const log = new QueryLog({
    store,
    logger,
    writeLines: lineWriter(config, logger),
    retentionMs: config.queryAuditRetentionDays * 86_400_000,
    onDropped: (reason, count) => metrics.queryLogDropped(reason, count),
    onSlowQuery: options.onSlowQuery ?? (() => {}),
    now: Date.now,
    monotonicNow: () => performance.now(),
  });

  async function push(workspaceId: string): Promise<void> {
    const settings = current;
    launchedWith.set(workspaceId, settings);
    try {
      await within(supervisor().running(workspaceId)?.call({ command: "set_statement_log", settings }), pushTimeoutMs);
    } catch (error) {
      // Of a worker that is ending: its successor starts with the present settings.
      if (supervisor().running(workspaceId) === undefined) return;
      logger.warn("a workspace was not told of changed query log settings", {
        workspace_id: workspaceId,
        error: String(error),
      });
    }
  }

  return {
    log,
    store,
    settings: {
      current: () => current,
      async change(settings) {
        current = settings;
        logger.info("query log settings changed", { ...settings });
        await Promise.all(supervisor().runningWorkspaces().map((worker) => push(worker.workspaceId)));
      },
    },
    launching(spec) {
      log.opening(spec.workspace_id, { projectId: spec.project_id, branchId: spec.branch_id });
      launchedWith.set(spec.workspace_id, current);
      return { ...spec, statement_log: current };
    },
    started(workspaceId) {
      if (launchedWith.get(workspaceId) !== current) void push(workspaceId);
    },
    ended(workspaceId) {
      launchedWith.delete(workspaceId);
      log.ended(workspaceId);
    },
  };
}

/** The lines belong to the audit: no log level holds them back. `pretty` is for people, who get them as such. */
function lineWriter(config: Config, logger: Logger): (records: readonly QueryLogRecord[]) => void {
  if (config.logFormat === "json") {
    return (records) => writeStdout(records.map((record) => JSON.stringify(record)).join("\n"));
  }
  return (records) => {
    for (const { event, timestamp: _timestamp, ...fields } of records) logger.info(event, fields);
  };
}

async function within(work: Promise<unknown> | undefined, timeoutMs: number): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
