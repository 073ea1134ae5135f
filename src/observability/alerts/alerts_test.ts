import assert from "node:assert/strict";
import { silentLogger } from "../log.ts";
import { Metrics } from "../metrics.ts";
import { Alerts } from "./alerts.ts";
import { thresholds } from "./alerts_fixture.ts";

/** Alerts without a webhook, on clocks that the test sets; what was said is read from the log. */
function watched(saved: string | null = null) {
  const clock = { monotonicMs: 1_000_000, epochMs: Date.UTC(2026, 0, 1) };
  const said: string[] = [];
  const store = { text: saved };
  const note = (message: string, fields: Readonly<Record<string, unknown>> = {}) => {
    if (message.startsWith("alert ")) said.push(`${message} ${fields["alert"]}`);
  };
  const alerts = new Alerts({
    instance: () => "db.example:5432",
    thresholds,
    minIntervalMs: 60_000,
    webhook: null,
    format: "json",
    metrics: new Metrics({ processMetrics: false }),
    logger: { ...silentLogger, info: note, warn: note },
    store: {
      load: () => Promise.resolve(store.text),
      save: (text) => {
        store.text = text;
        return Promise.resolve();
      },
    },
    monotonicMs: () => clock.monotonicMs,
    epochMs: () => clock.epochMs,
  });
  const pass = (seconds: number) => {
    clock.monotonicMs += seconds * 1000;
    clock.epochMs += seconds * 1000;
    alerts.look();
  };
  const failLogins = (count: number) => {
    for (let number = 0; number < count; number++) alerts.authFailure("192.0.2.1", "u");
  };
  return { alerts, clock, said, store, pass, failLogins };
}

Deno.test("a wall clock that jumps neither fires nor silences nor resolves", () => {
  const { alerts, clock, said, pass, failLogins } = watched();
  failLogins(9);
  clock.epochMs += 365 * 86_400_000;
  pass(1);
  assert.deepEqual(said, []);
  clock.epochMs -= 2 * 365 * 86_400_000;
  failLogins(1);
  pass(1);
  assert.deepEqual(said, ["alert firing PGWireAuthFailures"], "ten in the window, whatever the wall clock says");
  clock.epochMs += 10 * 365 * 86_400_000;
  pass(10);
  assert.equal(alerts.firing().length, 1);
  clock.epochMs -= 20 * 365 * 86_400_000;
  pass(300);
  assert.deepEqual(said, ["alert firing PGWireAuthFailures", "alert resolved PGWireAuthFailures"]);
  clock.epochMs -= 86_400_000;
  failLogins(10);
  pass(61);
  assert.equal(said.length, 3, "and it fires again");
});

Deno.test("1,000 failed logins in a minute are told a bounded number of times", () => {
  const { said, pass, failLogins } = watched();
  for (let second = 0; second < 60; second++) {
    failLogins(17);
    pass(1);
  }
  assert.deepEqual(said, ["alert firing PGWireAuthFailures"]);
});

Deno.test("an alert that fired before a restart resolves after it, and not before its interval is over", async () => {
  const before = watched();
  await before.alerts.start();
  before.failLogins(10);
  before.pass(1);
  await before.alerts.stop();
  assert.deepEqual(before.said, ["alert firing PGWireAuthFailures", "alert firing PGWireServerDown"]);

  const after = watched(before.store.text);
  after.clock.epochMs = before.clock.epochMs + 10_000;
  await after.alerts.start();
  after.pass(1);
  assert.deepEqual(after.said, []);
  after.pass(60);
  assert.deepEqual(after.said.sort(), ["alert resolved PGWireAuthFailures", "alert resolved PGWireServerDown"]);
  await after.alerts.stop();
});

Deno.test("a restart with a wall clock set back does not keep alerts silent", async () => {
  const before = watched();
  await before.alerts.start();
  before.failLogins(10);
  before.pass(1);
  await before.alerts.stop();
  const after = watched(before.store.text);
  after.clock.epochMs = 0;
  await after.alerts.start();
  after.pass(1);
  assert.equal(after.said.length, 2);
  await after.alerts.stop();
});

Deno.test("an end without a stop is told at the next start, a first start is not", async () => {
  const first = watched();
  await first.alerts.start();
  first.pass(1);
  assert.deepEqual(first.said, []);
  const textAtKill = first.store.text;
  await first.alerts.stop();

  const second = watched(textAtKill);
  await second.alerts.start();
  second.pass(1);
  assert.deepEqual(second.said, ["alert firing PGWireServerDown"]);
  assert.equal(second.alerts.firing()[0]?.condition.severity, "critical");
  second.pass(300);
  assert.deepEqual(second.said, ["alert firing PGWireServerDown", "alert resolved PGWireServerDown"]);
  await second.alerts.stop();
});

Deno.test("what cannot be read of an earlier version is forgotten, not fatal", async () => {
  const { alerts, said, pass } = watched('{"something": "else"}');
  await alerts.start();
  pass(1);
  assert.deepEqual(said, []);
  await alerts.stop();
});

Deno.test("processes that end while the server stops are not restarts", async () => {
  const { alerts, said, pass } = watched();
  await alerts.start();
  alerts.serverStopping();
  alerts.workerEnded({
    kind: "workspace",
    workspaceId: "ws_a",
    projectId: "p",
    reason: "drain_timeout",
    sessionsLost: 0,
  });
  pass(1);
  assert.deepEqual(said, ["alert firing PGWireServerDown"]);
  await alerts.stop();
});
