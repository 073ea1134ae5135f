/**
 * Slow Queries: where statements take long. The history has counters and sums, no statements: those are in the query log, which
 * SQL of dashboards does not reach, so the dashboard says where to look.
 */
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
  text,
} from "./build.ts";
import { mean, ofWorkspace, rate, share, total } from "./history_sql.ts";
import { workspaceVariable } from "./workspace_variable.ts";

const description = "Slow statements, timeouts and where the time goes, by workspace, from the server's own history.";

export const slowQueries: SystemTemplate = {
  name: "slow-queries",
  title: "Slow Queries",
  description,
  category: "eider",
  parameters: [
    limitParameter("slow_percent", "Share of slow statements", 5, "Percent; where the line is drawn."),
  ],
  spec: dashboard({
    description,
    duration: "6h",
    refreshInterval: "1m",
    datasources: historyDatasources,
    variables: [workspaceVariable],
    rows: [
      {
        title: "Slow statements",
        panels: {
          where_to_look: text(
            "The statements themselves",
            `
            The history counts; it has no texts. Statements with their plans are in the query log:

            - of a workspace: \`GET /projects/{project}/workspaces/{workspace}/queries?slow=true\`
            - of a project: \`GET /projects/{project}/queries?slow=true\`
            - of the server (administrator): \`GET /internal/queries?slow=true\`

            What is slow is said by \`slow_query_threshold_ms\`.`,
            4,
          ),
          slow_now: stat(
            {
              title: "Slow in this time",
              decimals: 0,
              noSparkline: true,
              thresholds: [{ value: 1, color: orange }, { value: 100, color: red }],
            },
            series(total("pgwire_slow_queries_total", { ofWorkspace: true })),
          ),
          timeouts_now: stat(
            {
              title: "Timed out",
              decimals: 0,
              noSparkline: true,
              thresholds: [{ value: 1, color: orange }, { value: 10, color: red }],
            },
            series(total("pgwire_queries_total", { ofWorkspace: true, where: "labels->>'status' = 'timeout'" })),
          ),
          cancelled_now: stat(
            { title: "Cancelled", decimals: 0, noSparkline: true },
            series(total("pgwire_queries_total", { ofWorkspace: true, where: "labels->>'status' = 'cancelled'" })),
          ),
          seconds_now: stat(
            { title: "Time in statements", unit: "seconds", decimals: 1, width: 8, noSparkline: true },
            series(total("pgwire_query_duration_seconds_sum", { ofWorkspace: true })),
          ),
          lost_now: stat(
            {
              title: "Lost by the log",
              decimals: 0,
              noSparkline: true,
              description: "Statements that did not come into the query log, on the whole server.",
              thresholds: [{ value: 1, color: orange }],
            },
            series(total("query_log_dropped_total")),
          ),
          slow: chart(
            { title: "Slow statements", unit: "ops/sec", stacked: true },
            series(rate("pgwire_slow_queries_total", { by: "workspace_id", ofWorkspace: true })),
          ),
          slow_share: chart(
            {
              title: "Share of slow statements",
              unit: "percent",
              thresholds: [{ value: "{{slow_percent}}", color: red }],
            },
            series(share("pgwire_slow_queries_total", "pgwire_query_duration_seconds_count", {
              by: "workspace_id",
              ofWorkspace: true,
            })),
          ),
        },
      },
      {
        title: "Where the time goes",
        panels: {
          mean: chart(
            { title: "Mean time of a statement", unit: "seconds" },
            series(mean("pgwire_query_duration_seconds", { by: "workspace_id", ofWorkspace: true })),
          ),
          busy: chart(
            {
              title: "Statements at once",
              unit: "decimal",
              stacked: true,
              description: "Seconds spent in statements per second.",
            },
            series(rate("pgwire_query_duration_seconds_sum", { by: "workspace_id", ofWorkspace: true })),
          ),
          interrupted: chart(
            { title: "Timed out and cancelled", unit: "ops/sec", width: 24, bars: true },
            series(rate("pgwire_queries_total", {
              by: "status",
              ofWorkspace: true,
              where: "labels->>'status' IN ('timeout', 'cancelled')",
            })),
          ),
          workspaces: table(
            {
              title: "Workspaces by time spent",
              columns: [
                column("workspace_id", "Workspace"),
                column("statements", "Statements", "decimal"),
                column("slow", "Slow", "decimal"),
                column("mean_seconds", "Mean", "seconds"),
                column("total_seconds", "Total", "seconds"),
              ],
            },
            rows(`
              SELECT labels->>'workspace_id' AS workspace_id,
                sum(increase) FILTER (WHERE name = 'pgwire_query_duration_seconds_count') AS statements,
                coalesce(sum(increase) FILTER (WHERE name = 'pgwire_slow_queries_total'), 0) AS slow,
                sum(increase) FILTER (WHERE name = 'pgwire_query_duration_seconds_sum')
                  / nullif(sum(increase) FILTER (WHERE name = 'pgwire_query_duration_seconds_count'), 0) AS mean_seconds,
                sum(increase) FILTER (WHERE name = 'pgwire_query_duration_seconds_sum') AS total_seconds
              FROM increases
              WHERE name IN ('pgwire_query_duration_seconds_count', 'pgwire_query_duration_seconds_sum',
                  'pgwire_slow_queries_total')
                AND at >= $__start AND at < $__end AND ${ofWorkspace}
              GROUP BY 1 ORDER BY total_seconds DESC NULLS LAST LIMIT 30`),
          ),
        },
      },
    ],
  }),
};
