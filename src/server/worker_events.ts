/** Passes on what workers report: to the sessions, the metrics, the log and the workspaces' bookkeeping. */
import { AppError } from "../errors/app_error.ts";
import type { Logger } from "../observability/log.ts";
import type { Metrics } from "../observability/metrics.ts";
import type { SupervisorEvents } from "../supervisor/settings.ts";
import type { SessionRegistry } from "../workspaces/sessions.ts";
import type { QueryLogging } from "./query_log.ts";

export interface WorkerEventTargets {
  readonly sessions: SessionRegistry;
  readonly metrics: Metrics;
  readonly logger: Logger;
  readonly queryLogging: Pick<QueryLogging, "log" | "started" | "ended">;
}

export function workerEvents(targets: WorkerEventTargets): SupervisorEvents {
  const { sessions, metrics, logger, queryLogging } = targets;
  return {
    onWorkerEvent(workspaceId, event) {
      switch (event.event) {
        case "query_started":
          return sessions.queryStarted(event.session_id, event.query, event.started_at_ms);
        case "query_finished": {
          sessions.queryFinished(event);
          metrics.query(workspaceId, event.status, event.duration_ms / 1000);
          if (event.slow) metrics.slowQuery(workspaceId);
          return;
        }
        case "queries_logged":
          return queryLogging.log.add(workspaceId, event.queries, event.dropped);
        case "session_state":
          return sessions.state(event.session_id, event.state, event.application_name);
        case "session_closed":
          return sessions.close(event.session_id, event.reason);
        case "memory":
          return metrics.setMemoryBytes(workspaceId, event.rss_bytes);
        case "ready":
          return;
        default: {
          const never: never = event;
          throw new AppError("internal", `unknown worker event: ${JSON.stringify(never)}`);
        }
      }
    },
    onWorkerStart(workspaceId, processId, durationMs) {
      queryLogging.started(workspaceId);
      logger.info("worker started", { workspace_id: workspaceId, worker_pid: processId, duration_ms: durationMs });
    },
    onWorkerExit(exit) {
      metrics.workerEnded(exit);
      if (exit.workspaceId === null) return;
      for (const sessionId of exit.sessionsLost) sessions.close(sessionId, `worker ${exit.reason}`);
      queryLogging.ended(exit.workspaceId);
      logger[exit.wanted ? "info" : "warn"]("worker ended", {
        workspace_id: exit.workspaceId,
        worker_pid: exit.processId,
        reason: exit.reason,
        exit_code: exit.exitCode,
        signal: exit.signal,
        sessions_lost: exit.sessionsLost.length,
      });
    },
  };
}
