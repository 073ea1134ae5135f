/**
 * The server's own history of metrics, joined with its worker: a database like a workspace's, of no project, that no analyst can connect
 * to. It has a process only while it is written to or read.
 */
import { join } from "node:path";
import { MetricHistory } from "../history/metric_history.ts";
import type { LaunchSpec } from "../ipc/messages.ts";
import type { Metrics } from "../observability/metrics.ts";
import type { SupervisorEvents } from "../supervisor/settings.ts";
import type { Supervisor } from "../supervisor/supervisor.ts";
import { openWorkerSession } from "./panel_sql.ts";

/** No workspace can have this id: theirs are `ws_` and hexadecimal digits. */
export const historyWorkspaceId = "ws_server_history";
export const historyDatabase = "history";
export const historySampleIntervalMs = 15_000;
export const historyFlushIntervalMs = 15 * 60_000;
const retentionMs = 7 * 86_400_000;
/** About 150 MB on disk: 500 series over 7 days are 20 million samples. */
const storedSamplesMax = 30_000_000;
const stopTimeoutMs = 5_000;

/** What its worker is started with. Memory is small: a week of samples is read column by column. */
export async function historyLaunchSpec(dataDirectory: string): Promise<LaunchSpec> {
  const folder = join(dataDirectory, "_server");
  await Deno.mkdir(folder, { recursive: true });
  return {
    workspace_id: historyWorkspaceId,
    project_id: "",
    branch_id: null,
    database: historyDatabase,
    file_path: join(folder, "metrics_history.duckdb"),
    temp_directory: join(folder, "_tmp"),
    temp_bytes_max: 1e9,
    memory_bytes_max: 256e6,
    threads: 1,
    allowed_directories: [],
    result_rows_max: 0,
    result_bytes_max: 64e6,
    size_bytes_max: 1e9,
    queries_per_minute_max: 0,
    statement_bytes_max: 0,
    query_timeout_ms: 60_000,
    idle_timeout_ms: 60_000,
    catalog: { schemas: [], tables: [] },
  };
}

/** The history's process tells of no workspace: no series, session or alert comes of it. */
export function withoutHistory(events: SupervisorEvents): SupervisorEvents {
  return {
    ...events,
    onWorkerEvent(workspaceId, event) {
      if (workspaceId !== historyWorkspaceId) events.onWorkerEvent?.(workspaceId, event);
    },
    onWorkerStart(workspaceId, processId, durationMs) {
      if (workspaceId !== historyWorkspaceId) events.onWorkerStart?.(workspaceId, processId, durationMs);
    },
  };
}

export interface HistoryParts {
  readonly metrics: Metrics;
  readonly supervisor: () => Supervisor;
}

export function metricHistory({ metrics, supervisor }: HistoryParts): MetricHistory {
  return new MetricHistory({
    sample: () => metrics.samples(),
    open: () =>
      openWorkerSession(supervisor(), {
        workspaceId: historyWorkspaceId,
        username: "eider",
        database: historyDatabase,
        applicationName: "eider history",
      }),
    release: () => supervisor().stopWorkspace(historyWorkspaceId, stopTimeoutMs),
    now: Date.now,
    retentionMs,
    storedSamplesMax,
  });
}
