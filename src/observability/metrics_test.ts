import assert from "node:assert/strict";
import { Metrics } from "./metrics.ts";

function metricsAlone(): Metrics {
  return new Metrics({ processMetrics: false });
}

async function lines(metrics: Metrics): Promise<string[]> {
  return (await metrics.render()).split("\n").filter((line) => line !== "" && !line.startsWith("#"));
}

Deno.test("every metric of the contract exists with its type from the start", async () => {
  const text = await metricsAlone().render();
  const types = Object.fromEntries([...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => [name, type]));
  assert.deepEqual(types, {
    pgwire_connections_total: "counter",
    pgwire_connections_active: "gauge",
    pgwire_queries_total: "counter",
    pgwire_query_duration_seconds: "histogram",
    pgwire_slow_queries_total: "counter",
    query_log_dropped_total: "counter",
    pgwire_sessions_total: "counter",
    pgwire_auth_duration_seconds: "histogram",
    pgwire_bytes_total: "counter",
    workspace_size_bytes: "gauge",
    workspace_size_limit_bytes: "gauge",
    workspace_memory_bytes: "gauge",
    workers_active: "gauge",
    workers_spare: "gauge",
    worker_restarts_total: "counter",
    http_requests_total: "counter",
    http_request_duration_seconds: "histogram",
    metadata_pool_connections: "gauge",
    metadata_pool_wait_seconds: "summary",
    background_job_last_success_timestamp_seconds: "gauge",
    background_job_last_duration_seconds: "gauge",
    background_job_runs_total: "counter",
    alerts_sent_total: "counter",
    dashboard_views_total: "counter",
  });
});

Deno.test("prom-client's process metrics are there", async () => {
  const text = await new Metrics().render();
  for (const name of ["process_resident_memory_bytes", "process_cpu_seconds_total", "process_start_time_seconds"]) {
    assert.match(text, new RegExp(`^${name} \\d`, "m"));
  }
});

Deno.test("the query duration has the contract's buckets", async () => {
  const metrics = metricsAlone();
  metrics.query("ws_a", "success", 0.3);
  const buckets = (await metrics.render()).matchAll(
    /^pgwire_query_duration_seconds_bucket\{le="([^"]+)",[^}]*\} (\d+)$/gm,
  );
  assert.deepEqual([...buckets].map(([, bound, count]) => `${bound}:${count}`), [
    "0.01:0",
    "0.05:0",
    "0.1:0",
    "0.25:0",
    "0.5:1",
    "1:1",
    "2.5:1",
    "5:1",
    "10:1",
    "30:1",
    "60:1",
    "+Inf:1",
  ]);
});

Deno.test("what is reported appears with the contract's labels", async () => {
  const metrics = metricsAlone();
  metrics.connection("auth_failed");
  metrics.sessionOpened("ws_a");
  metrics.sessionOpened("ws_a");
  metrics.sessionClosed("ws_a");
  metrics.query("ws_a", "timeout", 1);
  metrics.slowQuery("ws_a");
  metrics.bytes(10, 200);
  metrics.bytes(0, 1);
  metrics.setSizeBytes("ws_a", 4096);
  metrics.setMemoryBytes("ws_a", 90_000_000);
  metrics.workerEnded({ workspaceId: "ws_b", reason: "crashed", wanted: false });
  metrics.workerEnded({ workspaceId: "ws_c", reason: "idle", wanted: true });
  metrics.request("/projects/:project_id", "GET", 404, 0.01);
  metrics.alert("slow_query", "sent");
  metrics.authentication(0.004);
  const found = await lines(metrics);
  for (
    const line of [
      'pgwire_connections_total{status="auth_failed"} 1',
      'pgwire_connections_total{status="success"} 0',
      'pgwire_connections_active{workspace_id="ws_a"} 1',
      "pgwire_sessions_total 2",
      'pgwire_queries_total{workspace_id="ws_a",status="timeout"} 1',
      'pgwire_slow_queries_total{workspace_id="ws_a"} 1',
      'pgwire_bytes_total{direction="received"} 10',
      'pgwire_bytes_total{direction="sent"} 201',
      'workspace_size_bytes{workspace_id="ws_a"} 4096',
      'workspace_memory_bytes{workspace_id="ws_a"} 90000000',
      'worker_restarts_total{reason="crashed"} 1',
      'http_requests_total{route="/projects/:project_id",method="GET",status="404"} 1',
      'http_request_duration_seconds_count{route="/projects/:project_id",method="GET"} 1',
      'alerts_sent_total{alert="slow_query",status="sent"} 1',
      "pgwire_auth_duration_seconds_count 1",
    ]
  ) assert.ok(found.includes(line), line);
  assert.ok(!found.some((line) => line.includes('reason="idle"')));
});

Deno.test("a workspace's counters exist from its first session on, so that their first increase is one", async () => {
  const metrics = metricsAlone();
  metrics.sessionOpened("ws_a");
  metrics.declareAlerts(["WorkerRestarts"], ["sent"]);
  metrics.declareWorkerEnds(["crashed"]);
  const found = await lines(metrics);
  for (
    const line of [
      'pgwire_queries_total{workspace_id="ws_a",status="error"} 0',
      'pgwire_slow_queries_total{workspace_id="ws_a"} 0',
      'alerts_sent_total{alert="WorkerRestarts",status="sent"} 0',
      'worker_restarts_total{reason="crashed"} 0',
    ]
  ) assert.ok(found.includes(line), line);
});

Deno.test("removeWorkspace drops all series of one workspace, and late reports do not bring them back", async () => {
  const metrics = metricsAlone();
  const report = (workspaceId: string) => {
    metrics.sessionOpened(workspaceId);
    metrics.query(workspaceId, "success", 1);
    metrics.query(workspaceId, "cancelled", 1);
    metrics.slowQuery(workspaceId);
    metrics.setSizeBytes(workspaceId, 1);
    metrics.setSizeLimitBytes(workspaceId, 2);
    metrics.setMemoryBytes(workspaceId, 1);
    metrics.sessionClosed(workspaceId);
  };
  report("ws_gone");
  report("ws_stays");
  metrics.removeWorkspace("ws_gone");
  report("ws_gone");
  const found = await lines(metrics);
  assert.deepEqual(found.filter((line) => line.includes("ws_gone")), []);
  assert.equal(new Set(found.filter((line) => line.includes("ws_stays")).map((line) => line.split("{")[0])).size, 9);
});

Deno.test("a worker's end removes its memory and nothing else", async () => {
  const metrics = metricsAlone();
  metrics.setMemoryBytes("ws_a", 1);
  metrics.setSizeBytes("ws_a", 1);
  metrics.workerEnded({ workspaceId: "ws_a", reason: "idle", wanted: true });
  assert.deepEqual((await lines(metrics)).filter((line) => line.includes("ws_a")), [
    'workspace_size_bytes{workspace_id="ws_a"} 1',
  ]);
});

Deno.test("the pool's and the workers' figures are read when the metrics are", async () => {
  const metrics = metricsAlone();
  let waitCount = 2;
  metrics.readFrom({
    pool: () => ({ idle: 3, inUse: 1, waiters: 4, waitSecondsTotal: waitCount / 4, waitCount }),
    workers: () => ({ active: 5, spare: 1 }),
  });
  const expected = (count: number) => [
    "workers_active 5",
    "workers_spare 1",
    'metadata_pool_connections{state="idle"} 3',
    'metadata_pool_connections{state="in_use"} 1',
    'metadata_pool_connections{state="waiting"} 4',
    `metadata_pool_wait_seconds_sum ${count / 4}`,
    `metadata_pool_wait_seconds_count ${count}`,
  ];
  const shown = async () => (await lines(metrics)).filter((line) => /^(workers_|metadata_)/.test(line));
  assert.deepEqual(await shown(), expected(2));
  waitCount = 6;
  assert.deepEqual(await shown(), expected(6));
  assert.deepEqual(await shown(), expected(6));
});
