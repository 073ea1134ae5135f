/** Workspaces & PG Wire: who is connected, what they run, what it costs. From the server's own history. */
import type { SystemTemplate } from "../service.ts";
import {
  chart,
  column,
  dashboard,
  historyDatasources,
  limitParameter,
  orange,
  red,
  rows,
  series,
  stat,
  table,
} from "./build.ts";
import { level, mean, ofWorkspace, rate, share, total } from "./history_sql.ts";
import { workspaceVariable } from "./workspace_variable.ts";

const description = "Connections, statements, memory and size of workspaces, from the server's own history.";

export const workspaces: SystemTemplate = {
  name: "workspaces-pgwire",
  title: "Workspaces & PG Wire",
  description,
  category: "eider",
  parameters: [
    limitParameter(
      "error_percent",
      "Share of failed statements",
      5,
      "Percent; where the line is drawn.",
    ),
  ],
  spec: dashboard({
    description,
    duration: "6h",
    refreshInterval: "30s",
    datasources: historyDatasources,
    variables: [workspaceVariable],
    rows: [
      {
        title: "Now",
        panels: {
          sessions_now: stat(
            { title: "Open sessions", decimals: 0 },
            series(level("pgwire_connections_active", { ofWorkspace: true })),
          ),
          statements_now: stat(
            { title: "Statements in this time", decimals: 0, noSparkline: true },
            series(total("pgwire_queries_total", { ofWorkspace: true })),
          ),
          failed_now: stat(
            { title: "Failed", decimals: 0, noSparkline: true },
            series(total("pgwire_queries_total", { ofWorkspace: true, where: "labels->>'status' = 'error'" })),
          ),
          refused_now: stat(
            {
              title: "Refused logins",
              description: "On the whole server.",
              decimals: 0,
              noSparkline: true,
              thresholds: [{ value: 10, color: orange }, { value: 100, color: red }],
            },
            series(total("pgwire_connections_total", { where: "labels->>'status' <> 'success'" })),
          ),
          active_now: stat(
            { title: "Running processes", decimals: 0, description: "On the whole server." },
            series(level("workers_active")),
          ),
          memory_now: stat(
            { title: "Memory of workspaces", unit: "bytes" },
            series(level("workspace_memory_bytes", { ofWorkspace: true })),
          ),
        },
      },
      {
        title: "Statements",
        panels: {
          statements: chart(
            { title: "Statements by outcome", unit: "ops/sec", stacked: true },
            series(rate("pgwire_queries_total", { by: "status", ofWorkspace: true })),
          ),
          by_workspace: chart(
            { title: "Statements by workspace", unit: "ops/sec", stacked: true },
            series(rate("pgwire_queries_total", { by: "workspace_id", ofWorkspace: true })),
          ),
          durations: chart(
            { title: "Mean time of a statement", unit: "seconds" },
            series(mean("pgwire_query_duration_seconds", { by: "workspace_id", ofWorkspace: true })),
          ),
          failed: chart(
            {
              title: "Failed statements",
              unit: "percent",
              max: 100,
              thresholds: [{ value: "{{error_percent}}", color: red }],
            },
            series(`
              SELECT time_bucket(greatest($__interval, interval '30 seconds'), at) AS bucket,
                labels->>'workspace_id' AS workspace_id,
                100 * sum(increase) FILTER (WHERE labels->>'status' = 'error') / nullif(sum(increase), 0) AS value
              FROM increases
              WHERE name = 'pgwire_queries_total' AND at >= $__start AND at < $__end AND ${ofWorkspace}
              GROUP BY 1, 2 ORDER BY bucket`),
          ),
        },
      },
      {
        title: "Connections",
        panels: {
          connections: chart(
            { title: "Connections by outcome", unit: "ops/sec", stacked: true, description: "On the whole server." },
            series(rate("pgwire_connections_total", { by: "status" })),
          ),
          sessions: chart(
            { title: "Open sessions", unit: "decimal", stacked: true },
            series(level("pgwire_connections_active", { by: "workspace_id", ofWorkspace: true })),
          ),
          authentication: chart(
            { title: "Mean time of authentication", unit: "seconds", description: "On the whole server." },
            series(mean("pgwire_auth_duration_seconds"), "authentication"),
          ),
          bytes: chart(
            { title: "Traffic", unit: "bytes/sec", description: "Of all sessions, as the server sees it." },
            series(rate("pgwire_bytes_total", { by: "direction" })),
          ),
        },
      },
      {
        title: "Resources",
        panels: {
          memory: chart(
            { title: "Memory", unit: "bytes", stacked: true },
            series(level("workspace_memory_bytes", { by: "workspace_id", ofWorkspace: true })),
          ),
          sizes: chart(
            { title: "Size on disk", unit: "bytes", stacked: true },
            series(level("workspace_size_bytes", { by: "workspace_id", ofWorkspace: true })),
          ),
          processes: chart(
            { title: "Processes", unit: "decimal", description: "On the whole server." },
            series(level("workers_active"), "of workspaces"),
            series(level("workers_spare"), "spare"),
          ),
          lost: chart(
            { title: "Processes lost", unit: "ops/sec", bars: true, description: "On the whole server, by reason." },
            series(rate("worker_restarts_total", { by: "reason" })),
          ),
          fullness: table(
            {
              title: "Workspaces",
              columns: [
                column("workspace_id", "Workspace"),
                column("size_bytes", "Size", "bytes"),
                column("limit_bytes", "Limit", "bytes"),
                column("used_percent", "Used", "percent"),
                column("memory_bytes", "Most memory", "bytes"),
              ],
            },
            rows(`
              SELECT labels->>'workspace_id' AS workspace_id,
                max(value) FILTER (WHERE name = 'workspace_size_bytes') AS size_bytes,
                max(value) FILTER (WHERE name = 'workspace_size_limit_bytes') AS limit_bytes,
                100 * max(value) FILTER (WHERE name = 'workspace_size_bytes')
                  / nullif(max(value) FILTER (WHERE name = 'workspace_size_limit_bytes'), 0) AS used_percent,
                max(value) FILTER (WHERE name = 'workspace_memory_bytes') AS memory_bytes
              FROM metrics
              WHERE name IN ('workspace_size_bytes', 'workspace_size_limit_bytes', 'workspace_memory_bytes')
                AND at >= $__start AND at < $__end AND ${ofWorkspace}
              GROUP BY 1 ORDER BY used_percent DESC LIMIT 100`),
          ),
        },
      },
      {
        title: "Slow statements",
        closed: true,
        panels: {
          slow: chart(
            { title: "Share of slow statements", unit: "percent" },
            series(share("pgwire_slow_queries_total", "pgwire_query_duration_seconds_count", {
              by: "workspace_id",
              ofWorkspace: true,
            })),
          ),
        },
      },
    ],
  }),
};
