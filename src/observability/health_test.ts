import { deepEqual, equal, match, ok } from "node:assert/strict";
import { type HealthSources, measureHealth, renderDatabaseFigures } from "./health.ts";

function sources(changes: Partial<HealthSources> = {}): HealthSources {
  return {
    pingDatabase: () => Promise.resolve(),
    pool: () => ({ open: 6, idle: 4, inUse: 2, waiters: 0, waitSecondsTotal: 1.5, waitCount: 3 }),
    poolConnectionsMax: 10,
    workers: () => ({ active: 2, spare: 1, isOpen: true }),
    memory: () => ({ budgetBytes: 1000, grantedBytes: 400 }),
    disk: () => Promise.resolve({ totalBytes: 1000, freeBytes: 100 }),
    now: () => Date.parse("2026-01-02T03:04:05Z"),
    timeoutMs: 20,
    ...changes,
  };
}

const pool = (inUse: number) => () => ({ open: 10, idle: 0, inUse, waiters: 0, waitSecondsTotal: 0, waitCount: 0 });

Deno.test("a healthy server says so with its figures", async () => {
  const report = await measureHealth(sources());
  ok(report.checks.database.response_time_ms >= 0);
  deepEqual({ ...report, checks: { ...report.checks, database: { ...report.checks.database, response_time_ms: 0 } } }, {
    status: "healthy",
    timestamp: "2026-01-02T03:04:05.000Z",
    checks: {
      database: {
        status: "healthy",
        response_time_ms: 0,
        details: { open_connections: 6, idle_connections: 4, in_use_connections: 2, wait_count: 3 },
      },
      workers: {
        status: "healthy",
        details: { active: 2, spare: 1, memory_budget_bytes: 1000, memory_granted_bytes: 400 },
      },
      disk: { status: "healthy", details: { total_bytes: 1000, free_bytes: 100, free_percent: 10 } },
    },
  });
});

Deno.test("over 80 % of the pool in use, and less than 10 % of the disk free, are degraded", async () => {
  equal((await measureHealth(sources({ pool: pool(8) }))).status, "healthy");
  const busy = await measureHealth(sources({ pool: pool(9) }));
  deepEqual([busy.status, busy.checks.database.status], ["degraded", "degraded"]);
  match(String(busy.checks.database.message), /9 of 10 connections/);
  const full = await measureHealth(sources({ disk: () => Promise.resolve({ totalBytes: 1000, freeBytes: 99 }) }));
  deepEqual([full.status, full.checks.disk.status], ["degraded", "degraded"]);
  const unknown = await measureHealth(sources({ disk: () => Promise.reject(new Error("no such folder /secret")) }));
  equal(unknown.status, "degraded");
  ok(!JSON.stringify(unknown).includes("secret"), "anybody may ask");
});

Deno.test("a database that fails or does not answer in time, and workers that cannot start, are unhealthy", async () => {
  const failing = await measureHealth(sources({ pingDatabase: () => Promise.reject(new Error("corrupt /secret")) }));
  deepEqual([failing.status, failing.checks.database.message], ["unhealthy", "it does not answer"]);
  const late = await measureHealth(sources({ pingDatabase: () => new Promise(() => {}) }));
  deepEqual([late.status, late.checks.database.message], ["unhealthy", "no answer within 0.02 s"]);
  const stopping = await measureHealth(sources({ workers: () => ({ active: 0, spare: 0, isOpen: false }) }));
  equal(stopping.status, "unhealthy");
});

Deno.test("the database's seven figures are Prometheus' text, also when it does not answer", async () => {
  const lines = (text: string) => text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  const text = await renderDatabaseFigures(sources());
  deepEqual(lines(text).map((line) => line.replace(/(response_time_seconds) .*/, "$1 …")), [
    "database_healthy 1",
    "database_response_time_seconds …",
    "database_open_connections 6",
    "database_in_use_connections 2",
    "database_utilization_percent 20",
    "database_wait_count 3",
    "database_wait_duration_seconds 1.5",
  ]);
  equal(text.match(/^# TYPE /gm)?.length, 7);
  const failing = await renderDatabaseFigures(sources({ pingDatabase: () => Promise.reject(new Error("gone")) }));
  match(failing, /^database_healthy 0$/m);
});
