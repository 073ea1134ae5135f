import assert from "node:assert/strict";
import { addressesMax, Observations } from "./observations.ts";

const windowMs = 60_000;
const query = (status: "success" | "error" | "timeout" | "cancelled") => ({
  workspaceId: "ws_a",
  projectId: "p",
  status,
});
const restart = { kind: "workspace", workspaceId: "ws_a", projectId: "p", reason: "crashed", sessionsLost: 1 };

Deno.test("errors and timeouts have failed, what its user cancelled has not", () => {
  const observations = new Observations(windowMs, 0);
  for (const status of ["success", "error", "timeout", "cancelled"] as const) observations.query(1, query(status));
  const [figures] = observations.figures(1, "i").queries;
  assert.deepEqual([figures?.total, figures?.failed], [4, 2]);
});

Deno.test("what is older than the window is forgotten with its subject", () => {
  const observations = new Observations(windowMs, 0);
  observations.query(0, query("error"));
  observations.authFailure(0, "192.0.2.1", "u");
  observations.workerEnded(0, restart);
  assert.equal(observations.figures(30_000, "i").queries.length, 1);
  const later = observations.figures(61_000, "i");
  assert.deepEqual([later.queries, later.authFailures, later.restarts, later.authFailuresTotal], [[], [], [], 0]);
});

Deno.test("only so many addresses are kept, the latest; the total counts them all", () => {
  const observations = new Observations(windowMs, 0);
  for (let count = 0; count < addressesMax + 500; count++) {
    observations.authFailure(1, `10.0.${count >> 8}.${count & 255}`, "u");
  }
  const figures = observations.figures(1, "i");
  assert.equal(figures.authFailures.length, addressesMax);
  assert.equal(figures.authFailures.at(-1)?.clientIp, "10.0.5.219");
  assert.equal(figures.authFailuresTotal, addressesMax + 500);
});

Deno.test("an attempted name is cut to what a name can be", () => {
  const observations = new Observations(windowMs, 0);
  observations.authFailure(1, "192.0.2.1", "x".repeat(10_000));
  assert.equal(observations.figures(1, "i").authFailures[0]?.username.length, 63);
});

Deno.test("a deleted workspace leaves nothing", () => {
  const observations = new Observations(windowMs, 0);
  observations.query(1, query("error"));
  observations.workerEnded(1, restart);
  observations.slowQuery(1, { workspaceId: "ws_a", projectId: "p", sessionId: "s", queryHash: "h", durationMs: 1 });
  observations.sizes([{ workspaceId: "ws_a", projectId: "p", sizeBytes: 1, limitBytes: 1 }]);
  observations.removeWorkspace("ws_a");
  const { queries, restarts, slowQueries, sizes } = observations.figures(1, "i");
  assert.deepEqual([queries, restarts, slowQueries, sizes], [[], [], [], []]);
});

Deno.test("waiting callers are the waited time over the window, or the sampled queue when waits do not end", () => {
  const observations = new Observations(windowMs, 0);
  observations.pool(1_000, { waiters: 0, waitSecondsTotal: 30 });
  assert.equal(observations.figures(1_000, "i").poolWaiters, 0.5);
  observations.pool(2_000, { waiters: 0, waitSecondsTotal: 60 });
  assert.equal(observations.figures(2_000, "i").poolWaiters, 1);
  observations.pool(3_000, { waiters: 12, waitSecondsTotal: 60 });
  assert.equal(observations.figures(3_000, "i").poolWaiters, 4);
  assert.equal(observations.figures(70_000, "i").poolWaiters, 0);
});

Deno.test("that the server has recovered is news for one window", () => {
  const observations = new Observations(windowMs, 5_000);
  observations.server = "recovered";
  assert.equal(observations.figures(64_999, "i").server, "recovered");
  assert.equal(observations.figures(65_000, "i").server, "up");
  observations.server = "stopping";
  assert.equal(observations.figures(999_999, "i").server, "stopping");
});
