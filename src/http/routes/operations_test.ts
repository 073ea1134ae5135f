import assert from "node:assert/strict";
import { AppError } from "../../errors/app_error.ts";
import { Metrics } from "../../observability/metrics.ts";
import { createApp, type EiderApp } from "../app.ts";
import { operationsRoutes, serverChecks, type ServerParts } from "./operations.ts";

const log = { info() {}, warn() {}, error() {} };

function appWith(parts: Partial<ServerParts> = {}, freePercent = 50): EiderApp {
  const metrics = new Metrics({ processMetrics: false });
  return createApp({
    log,
    authentication: { adminKeyHash: () => "", findKey: () => Promise.resolve(null) },
    version: "1.2.3",
    routes: [],
    publicRoutes: [operationsRoutes({
      metrics,
      checks: serverChecks({
        pingMetadata: () => Promise.resolve(),
        workersAvailable: () => true,
        postgresListening: () => true,
        isDraining: () => false,
        ...parts,
      }),
      health: {
        pingDatabase: parts.pingMetadata ?? (() => Promise.resolve()),
        pool: () => ({ open: 1, idle: 1, inUse: 0, waiters: 0, waitSecondsTotal: 0, waitCount: 0 }),
        poolConnectionsMax: 50,
        workers: () => ({ active: 0, spare: 1, isOpen: parts.workersAvailable?.() ?? true }),
        memory: () => ({ budgetBytes: 10, grantedBytes: 0 }),
        disk: () => Promise.resolve({ totalBytes: 100, freeBytes: freePercent }),
        now: () => 0,
        timeoutMs: 20,
      },
      build: { time: "", commit: "abc" },
      version: "1.2.3",
      uptimeMs: () => 61_999,
      log,
      checkTimeoutMs: 20,
    })],
    onRequest: ({ route, method, status, seconds }) => metrics.request(route, method, status, seconds),
  });
}

Deno.test("/metrics answers in Prometheus' text format without a key, requests by route pattern", async () => {
  const app = appWith();
  await app.request("/live");
  const response = await app.request("/metrics");
  assert.equal(response.status, 200);
  assert.match(response.headers.get("content-type") ?? "", /^text\/plain; version=0\.0\.4/);
  assert.match(await response.text(), /^http_requests_total\{route="\/live",method="GET",status="200"\} 1$/m);
});

Deno.test("/live answers ok whatever else is broken", async () => {
  const response = await appWith({ postgresListening: () => false }).request("/live");
  assert.deepEqual([response.status, await response.json()], [200, { status: "ok" }]);
});

Deno.test("/ready is 200 when every check passes", async () => {
  const response = await appWith().request("/ready");
  assert.equal(response.status, 200);
  const ok = { status: "ok" };
  assert.deepEqual(await response.json(), {
    status: "ok",
    checks: { metadata: ok, workers: ok, postgres: ok, draining: ok },
  });
});

Deno.test("/ready is 503 with the reason of each failed check", async () => {
  const response = await appWith({
    pingMetadata: () => Promise.reject(new AppError("shutting_down", "metadata store: closed")),
    postgresListening: () => false,
    isDraining: () => true,
  }).request("/ready");
  assert.equal(response.status, 503);
  assert.deepEqual(await response.json(), {
    status: "unavailable",
    checks: {
      metadata: { status: "failed", reason: "metadata store: closed" },
      workers: { status: "ok" },
      postgres: { status: "failed", reason: "the PostgreSQL port is not open" },
      draining: { status: "failed", reason: "the server is stopping: it takes no new work" },
    },
  });
});

Deno.test("a check that hangs or has a defect is failed, and the defect's text stays in the log", async () => {
  const hanging = await appWith({ pingMetadata: () => new Promise(() => {}) }).request("/ready");
  assert.equal((await hanging.json()).checks.metadata.reason, "no answer within 0.02 s");
  const defect = await appWith({ pingMetadata: () => Promise.reject(new Error("secret path")) }).request("/ready");
  assert.equal((await defect.json()).checks.metadata.reason, "failed; the log has the cause");
});

Deno.test("/api/v1/health is Perses' document and ours, 200 while degraded and 503 when unhealthy", async () => {
  const well = await appWith().request("/api/v1/health");
  const { status, version, buildTime, commit, database, uptime_seconds, checks } = await well.json();
  assert.deepEqual(
    [well.status, status, version, buildTime, commit, database, uptime_seconds],
    [200, "healthy", "1.2.3", "", "abc", true, 61],
  );
  assert.deepEqual(Object.keys(checks), ["database", "workers", "disk"]);
  const degraded = await appWith({}, 9).request("/api/v1/health");
  assert.deepEqual([degraded.status, (await degraded.json()).status], [200, "degraded"]);
  const stopping = await appWith({ workersAvailable: () => false }).request("/api/v1/health");
  assert.deepEqual([stopping.status, (await stopping.json()).checks.workers.status], [503, "unhealthy"]);
  const dead = await appWith({ pingMetadata: () => Promise.reject(new Error("gone")) }).request("/api/v1/health");
  assert.deepEqual([dead.status, (await dead.json()).database], [503, false]);
});

Deno.test("/metrics/health is Prometheus' text, also while the database does not answer", async () => {
  const response = await appWith({ pingMetadata: () => new Promise(() => {}) }).request("/metrics/health");
  assert.equal(response.status, 200);
  assert.match(response.headers.get("content-type") ?? "", /^text\/plain; version=0\.0\.4/);
  assert.match(await response.text(), /^database_healthy 0$/m);
});

Deno.test("the operations routes stand in openapi.json as public", async () => {
  const document = await (await appWith().request("/openapi.json")).json();
  for (const path of ["/metrics", "/metrics/health", "/live", "/ready", "/api/v1/health"]) {
    assert.deepEqual(document.paths[path]?.get?.security, [], path);
  }
});
