/** Server Health: is this server well? From its own history, without a Prometheus. */
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
import { level, mean, rate, total } from "./history_sql.ts";

const last = (name: string) => `
  SELECT at, value FROM metrics WHERE name = '${name}' AND at >= $__start AND at < $__end ORDER BY at`;

const jobs = `
  SELECT labels->>'job' AS job,
    round(max(value) FILTER (WHERE name = 'background_job_last_duration_seconds')::numeric, 3) AS longest_seconds,
    to_timestamp(max(value) FILTER (WHERE name = 'background_job_last_success_timestamp_seconds')) AS last_success
  FROM metrics
  WHERE name IN ('background_job_last_duration_seconds', 'background_job_last_success_timestamp_seconds')
    AND at >= $__start AND at < $__end
  GROUP BY 1 ORDER BY 1`;

export const serverHealth: SystemTemplate = {
  name: "server-health",
  title: "Server Health",
  description: "Memory, CPU, HTTP, metadata store, background jobs and alerts of this server, from its own history.",
  category: "eider",
  parameters: [
    limitParameter("memory_limit_bytes", "Memory limit of the server process", 1e9, "Bytes; where the line is drawn."),
  ],
  spec: dashboard({
    description: "Memory, CPU, HTTP, metadata store, background jobs and alerts of this server, from its own history.",
    duration: "6h",
    refreshInterval: "30s",
    datasources: historyDatasources,
    variables: [],
    rows: [
      {
        title: "Now",
        panels: {
          uptime: stat(
            { title: "Running for", unit: "seconds", decimals: 0, noSparkline: true },
            series(`
              SELECT at, extract(epoch FROM at) - value AS value FROM metrics
              WHERE name = 'process_start_time_seconds' AND at >= $__start AND at < $__end ORDER BY at`),
          ),
          memory_now: stat(
            { title: "Memory", unit: "bytes", thresholds: [{ value: "{{memory_limit_bytes}}", color: red }] },
            series(last("process_resident_memory_bytes")),
          ),
          workers_now: stat({ title: "Workspace processes", decimals: 0 }, series(last("workers_active"))),
          errors_now: stat(
            {
              title: "HTTP 5xx in this time",
              decimals: 0,
              noSparkline: true,
              thresholds: [{ value: 1, color: orange }, { value: 20, color: red }],
            },
            series(total("http_requests_total", { where: "labels->>'status' LIKE '5%'" })),
          ),
          restarts_now: stat(
            {
              title: "Processes lost",
              decimals: 0,
              noSparkline: true,
              description: "Worker processes that ended without having been asked to.",
              thresholds: [{ value: 1, color: orange }, { value: 5, color: red }],
            },
            series(total("worker_restarts_total")),
          ),
          job_failures: stat(
            {
              title: "Failed jobs",
              decimals: 0,
              noSparkline: true,
              thresholds: [{ value: 1, color: orange }, { value: 10, color: red }],
            },
            series(total("background_job_runs_total", { where: "labels->>'status' = 'failed'" })),
          ),
        },
      },
      {
        title: "Process",
        panels: {
          memory: chart(
            {
              title: "Memory",
              unit: "bytes",
              thresholds: [{ value: "{{memory_limit_bytes}}", color: red }],
              description: "Of the server process itself; workspaces have processes of their own.",
            },
            series(level("process_resident_memory_bytes"), "resident"),
            series(level("nodejs_heap_size_used_bytes"), "heap used"),
          ),
          cpu: chart(
            { title: "CPU", unit: "percent-decimal", description: "1 is one core." },
            series(rate("process_cpu_user_seconds_total"), "user"),
            series(rate("process_cpu_system_seconds_total"), "system"),
          ),
          event_loop: chart(
            {
              title: "Event loop lag",
              unit: "seconds",
              description: "How late the server comes to what waits.",
              thresholds: [{ value: 0.1, color: orange }, { value: 1, color: red }],
            },
            series(level("nodejs_eventloop_lag_p50_seconds"), "median"),
            series(level("nodejs_eventloop_lag_p99_seconds"), "99th percentile"),
          ),
          descriptors: chart(
            { title: "Open files and sockets", unit: "decimal" },
            series(level("process_open_fds"), "open"),
          ),
        },
      },
      {
        title: "HTTP",
        panels: {
          requests: chart(
            { title: "Requests by status", unit: "requests/sec", stacked: true },
            series(rate("http_requests_total", { by: "status" })),
          ),
          durations: chart(
            { title: "Mean time of a request", unit: "seconds", description: "Until the head of the answer." },
            series(mean("http_request_duration_seconds", { by: "method" })),
          ),
          routes: table(
            {
              title: "Routes by time spent",
              columns: [
                column("method", "Method"),
                column("route", "Route"),
                column("requests", "Requests", "decimal"),
                column("mean_seconds", "Mean", "seconds"),
                column("total_seconds", "Total", "seconds"),
              ],
            },
            rows(`
              SELECT labels->>'method' AS method, labels->>'route' AS route,
                sum(increase) FILTER (WHERE name = 'http_request_duration_seconds_count') AS requests,
                sum(increase) FILTER (WHERE name = 'http_request_duration_seconds_sum')
                  / nullif(sum(increase) FILTER (WHERE name = 'http_request_duration_seconds_count'), 0) AS mean_seconds,
                sum(increase) FILTER (WHERE name = 'http_request_duration_seconds_sum') AS total_seconds
              FROM increases
              WHERE name IN ('http_request_duration_seconds_count', 'http_request_duration_seconds_sum')
                AND at >= $__start AND at < $__end
              GROUP BY 1, 2 HAVING sum(increase) > 0 ORDER BY total_seconds DESC LIMIT 30`),
          ),
        },
      },
      {
        title: "Metadata store",
        panels: {
          connections: chart(
            { title: "Connections", unit: "decimal", description: "waiting: callers for whom there is none." },
            series(level("metadata_pool_connections", { by: "state" })),
          ),
          waits: chart(
            {
              title: "Mean wait for a connection",
              unit: "seconds",
              thresholds: [{ value: 0.1, color: orange }, { value: 1, color: red }],
            },
            series(mean("metadata_pool_wait_seconds"), "wait"),
          ),
        },
      },
      {
        title: "Background",
        panels: {
          runs: chart(
            { title: "Runs of jobs", unit: "ops/sec", stacked: true },
            series(rate("background_job_runs_total", { by: "status" })),
          ),
          alerts: chart(
            { title: "Alerts", unit: "ops/sec", bars: true },
            series(rate("alerts_sent_total", { by: "status" })),
          ),
          jobs: table(
            {
              title: "Jobs",
              columns: [
                column("job", "Job"),
                column("last_success", "Last success"),
                column("longest_seconds", "Longest run", "seconds"),
              ],
            },
            rows(jobs),
          ),
        },
      },
    ],
  }),
};
