/** Joins the built-in alerts with what the server sees: workers, connections, sizes, the metadata pool. */
import type { Config } from "../config/config.ts";
import type { MetadataPool } from "../metadata/types.ts";
import { Alerts } from "../observability/alerts/alerts.ts";
import type { Logger } from "../observability/log.ts";
import type { SlowQuery } from "../observability/query_log_types.ts";
import type { Metrics } from "../observability/metrics.ts";
import type { ConnectionAudit } from "../pgwire/front/ports.ts";
import { type SupervisorEvents, unwantedReasons, type WorkerExit } from "../supervisor/settings.ts";
import { version } from "../version.ts";
import type { SessionRegistry } from "../workspaces/sessions.ts";
import type { MeasuredWorkspace } from "../workspaces/size_watch.ts";
import type { WorkspaceRepository } from "../workspaces/types.ts";
import { readSetting, writeSetting } from "./server_settings.ts";

const settingKey = "alerts";

export interface AlertParts {
  readonly config: Config;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly pool: MetadataPool;
  /** The port that is bound. */
  readonly pgPort: () => number;
}

/** The alerts as configured; `start` them once everything runs. */
export function makeAlerts({ config, logger, metrics, pool, pgPort }: AlertParts): Alerts {
  metrics.declareWorkerEnds(unwantedReasons);
  const alerts = new Alerts({
    instance: () => `${config.publicHost}:${pgPort()}`,
    thresholds: {
      windowMs: config.alertWindowSeconds * 1000,
      errorRatePercent: config.alertErrorRatePercent,
      errorRateQueriesMin: config.alertErrorRateMinQueries,
      authFailuresMin: config.alertAuthFailures,
      slowQueriesMin: config.alertSlowQueries,
    },
    minIntervalMs: config.alertMinIntervalSeconds * 1000,
    webhook: config.alertWebhookUrl === null ? null : {
      url: config.alertWebhookUrl,
      headers: config.alertWebhookHeaders,
      timeoutMs: config.alertWebhookTimeoutSeconds * 1000,
      userAgent: `eider/${version}`,
    },
    format: config.alertWebhookFormat,
    metrics,
    logger,
    store: {
      load: () => readSetting(pool, settingKey),
      save: (text) => writeSetting(pool, settingKey, text),
    },
    pool: () => pool.stats(),
    monotonicMs: () => performance.now(),
    epochMs: Date.now,
  });
  // Called for every deleted workspace: it leaves neither series nor alerts.
  metrics.onWorkspaceRemoved = (workspaceId) => alerts.removeWorkspace(workspaceId);
  return alerts;
}

export interface WorkerSources {
  readonly alerts: Alerts;
  readonly sessions: SessionRegistry;
  readonly repository: Pick<WorkspaceRepository, "find">;
}

/** The same events, seen by the alerts too. */
export function observeWorkers(events: SupervisorEvents, sources: WorkerSources): SupervisorEvents {
  const { alerts, sessions, repository } = sources;
  const reportExit = async (exit: WorkerExit) => {
    const { kind, workspaceId, reason } = exit;
    const workspace = workspaceId === null ? null : await repository.find(workspaceId).catch(() => null);
    const projectId = workspace?.projectId ?? null;
    alerts.workerEnded({ kind, workspaceId, projectId, reason, sessionsLost: exit.sessionsLost.length });
  };
  return {
    ...events,
    onWorkerEvent(workspaceId, event) {
      if (event.event === "query_finished") {
        const projectId = sessions.get(event.session_id)?.projectId ?? null;
        alerts.query({ workspaceId, projectId, status: event.status });
      }
      events.onWorkerEvent?.(workspaceId, event);
    },
    onWorkerExit(exit) {
      if (!exit.wanted) void reportExit(exit);
      events.onWorkerExit?.(exit);
    },
  };
}

/** Wrong passwords, and attempts that are not even looked at after too many of them. */
export function observeConnection(entry: ConnectionAudit, alerts: Alerts): void {
  if (entry.event === "refused" && entry.errorKind === "invalid_password") {
    alerts.authFailure(entry.clientAddress, entry.username);
  }
}

/** Without its text: the hash finds it in the query log. */
export function observeSlowQuery(query: SlowQuery, alerts: Alerts): void {
  const { workspaceId, projectId, sessionId, queryHash, durationMs } = query;
  alerts.slowQuery({ workspaceId, projectId, sessionId, queryHash, durationMs });
}

export function reportSizes(measured: readonly MeasuredWorkspace[], metrics: Metrics, alerts: Alerts): void {
  for (const { workspaceId, sizeBytes, limitBytes } of measured) {
    metrics.setSizeBytes(workspaceId, sizeBytes);
    metrics.setSizeLimitBytes(workspaceId, limitBytes);
  }
  alerts.sizes(measured);
}
