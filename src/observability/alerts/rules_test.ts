import assert from "node:assert/strict";
import { quiet, thresholds } from "./alerts_fixture.ts";
import { type Figures, findConditions } from "./rules.ts";

const found = (figures: Partial<Figures>) => findConditions({ ...quiet, ...figures }, thresholds);
const firing = (figures: Partial<Figures>) =>
  found(figures).map(({ alert, subject, severity }) => `${alert} ${subject} ${severity}`);

function queries(total: number, failed: number) {
  return { queries: [{ workspaceId: "ws_a", projectId: "p", total, failed, failedSinceStart: failed }] };
}

function failures(...counts: [string, number][]) {
  return counts.map(([clientIp, count]) => ({
    clientIp,
    username: `u${count}`,
    failures: count,
    failuresSinceStart: count,
  }));
}

function sized(sizeBytes: number) {
  return { sizes: [{ workspaceId: "ws_a", projectId: "p", sizeBytes, limitBytes: 1000 }] };
}

Deno.test("nothing to report is nothing reported", () => assert.deepEqual(found({}), []));

Deno.test("the error rate fires over its share, not at it, and not for a handful of statements", () => {
  assert.deepEqual(firing(queries(100, 5)), []);
  assert.deepEqual(firing(queries(100, 6)), ["PGWireHighErrorRate ws_a critical"]);
  assert.deepEqual(firing(queries(9, 9)), []);
  assert.deepEqual(firing(queries(10, 1)), ["PGWireHighErrorRate ws_a critical"]);
  const [condition] = found(queries(40, 10));
  assert.deepEqual(condition?.context, { project: "p", workspace: "ws_a" });
  assert.equal(condition?.value, 0.25);
  assert.equal(
    condition?.summary,
    "25 % of the statements in workspace ws_a failed in the last 5 minutes (10 of 40)",
  );
});

Deno.test("failed logins fire for each address at the limit", () => {
  const authFailures = failures(["192.0.2.1", 10], ["192.0.2.2", 9], ["192.0.2.3", 11]);
  const conditions = found({ authFailures, authFailuresTotal: 30 });
  assert.deepEqual(conditions.map(({ subject }) => subject), ["192.0.2.1", "192.0.2.3"]);
  assert.deepEqual(conditions[0]?.context, { client_ip: "192.0.2.1", attempted_username: "u10" });
  assert.equal(conditions[0]?.value, 10);
});

Deno.test("failed logins spread over many addresses fire together, those of loud addresses not counted twice", () => {
  const authFailures = failures(["192.0.2.1", 500], ["192.0.2.2", 1]);
  assert.deepEqual(firing({ authFailures, authFailuresTotal: 599 }), ["PGWireAuthFailures 192.0.2.1 warning"]);
  assert.deepEqual(firing({ authFailures, authFailuresTotal: 600 }), [
    "PGWireAuthFailures 192.0.2.1 warning",
    "PGWireAuthFailures many addresses warning",
  ]);
});

Deno.test("a slow statement's condition names session and hash", () => {
  const slow = {
    workspaceId: "ws_a",
    projectId: "p",
    count: 3,
    countSinceStart: 7,
    sessionId: "pgs_1",
    queryHash: "sha256:0",
    durationMs: 2_345,
  };
  const [condition] = found({ slowQueries: [slow] });
  assert.deepEqual(condition?.context, {
    project: "p",
    workspace: "ws_a",
    session: "pgs_1",
    query_hash: "sha256:0",
  });
  assert.equal(condition?.value, 2.345);
  assert.equal(condition?.occurrences, 7);
  assert.deepEqual(
    findConditions({ ...quiet, slowQueries: [slow] }, { ...thresholds, slowQueriesMin: 4 }),
    [],
  );
});

Deno.test("a workspace's size warns from 90 % on and is critical from 100 % on", () => {
  assert.deepEqual(firing(sized(899)), []);
  assert.deepEqual(firing(sized(900)), ["WorkspaceSizeExceeded ws_a warning"]);
  assert.deepEqual(firing(sized(999)), ["WorkspaceSizeExceeded ws_a warning"]);
  assert.deepEqual(firing(sized(1000)), ["WorkspaceSizeExceeded ws_a critical"]);
  assert.deepEqual(found(sized(1200))[0]?.context, {
    project: "p",
    workspace: "ws_a",
    current: 1200,
    limit: 1000,
  });
});

Deno.test("restarts, waiting callers and the server's own end fire", () => {
  const restart = {
    workspaceId: null,
    projectId: null,
    count: 2,
    countSinceStart: 2,
    reason: "crashed",
    sessionsLost: 0,
  };
  assert.deepEqual(firing({ restarts: [{ ...restart, subject: "storage" }] }), ["WorkerRestarts storage warning"]);
  assert.deepEqual(firing({ poolWaiters: 0.49 }), []);
  assert.deepEqual(firing({ poolWaiters: 0.5 }), ["MetadataPoolPressure db.example:5432 warning"]);
  assert.deepEqual(firing({ server: "stopping" }), ["PGWireServerDown db.example:5432 info"]);
  assert.deepEqual(firing({ server: "recovered" }), ["PGWireServerDown db.example:5432 critical"]);
  assert.deepEqual(found({ server: "stopping" })[0]?.context, { instance: "db.example:5432" });
});

Deno.test("the window is named as people say it", () => {
  const named = (windowMs: number) =>
    findConditions({ ...quiet, poolWaiters: 2 }, { ...thresholds, windowMs })[0]?.summary.split("in the last ")[1];
  assert.deepEqual([60_000, 300_000, 90_000].map(named), ["minute", "5 minutes", "90 seconds"]);
});
