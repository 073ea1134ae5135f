import assert from "node:assert/strict";
import { AppError } from "../../errors/app_error.ts";
import { Metrics } from "../../observability/metrics.ts";
import { createApp, type EiderApp } from "../app.ts";
import { operationsRoutes, serverChecks, type ServerParts } from "./operations.ts";

const log = { info() {}, warn() {}, error() {} };

function appWith(parts: Partial<ServerParts> = {}, metrics = new Metrics({ processMetrics: false })): EiderApp {
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
        ...parts,
      }),
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
    checks: { metadata: ok, workers: ok, postgres: ok },
  });
});

Deno.test("/ready is 503 with the reason of each failed check", async () => {
  const response = await appWith({
    pingMetadata: () => Promise.reject(new AppError("shutting_down", "metadata store: closed")),
    postgresListening: () => false,
  }).request("/ready");
  assert.equal(response.status, 503);
  assert.deepEqual(await response.json(), {
    status: "unavailable",
    checks: {
      metadata: { status: "failed", reason: "metadata store: closed" },
      workers: { status: "ok" },
      postgres: { status: "failed", reason: "the PostgreSQL port is not open" },
    },
  });
});

Deno.test("a check that hangs or has a defect is failed, and the defect's text stays in the log", async () => {
  const hanging = await appWith({ pingMetadata: () => new Promise(() => {}) }).request("/ready");
  assert.equal((await hanging.json()).checks.metadata.reason, "no answer within 0.02 s");
  const defect = await appWith({ pingMetadata: () => Promise.reject(new Error("secret path")) }).request("/ready");
  assert.equal((await defect.json()).checks.metadata.reason, "failed; the log has the cause");
});

Deno.test("/api/v1/health shows version, uptime and checks, and is 503 when one fails", async () => {
  const well = await appWith().request("/api/v1/health");
  const health = await well.json();
  assert.deepEqual([well.status, health.status, health.version, health.uptime_seconds], [200, "ok", "1.2.3", 61]);
  const ill = await appWith({ workersAvailable: () => false }).request("/api/v1/health");
  assert.deepEqual([ill.status, (await ill.json()).checks.workers.status], [503, "failed"]);
});

Deno.test("/metrics/health is ok when the metrics render and 503 when a source throws", async () => {
  const metrics = new Metrics({ processMetrics: false });
  const app = appWith({}, metrics);
  const well = await app.request("/metrics/health");
  assert.deepEqual([well.status, await well.json()], [200, { status: "ok", metrics: metrics.metricCount }]);
  metrics.readFrom({
    workers: () => {
      throw new Error("gone");
    },
  });
  const ill = await app.request("/metrics/health");
  assert.deepEqual([ill.status, (await ill.json()).status], [503, "unavailable"]);
});

Deno.test("the operations routes stand in openapi.json as public", async () => {
  const document = await (await appWith().request("/openapi.json")).json();
  for (const path of ["/metrics", "/metrics/health", "/live", "/ready", "/api/v1/health"]) {
    assert.deepEqual(document.paths[path]?.get?.security, [], path);
  }
});
