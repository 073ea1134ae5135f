import assert from "node:assert/strict";
import { StartFailures } from "./start_failures.ts";

Deno.test("three failures within the window refuse a start, and the window's end allows it again", () => {
  let now = 0;
  const failures = new StartFailures(3, 60_000, () => now);
  for (now = 0; now < 30_000; now += 10_000) {
    failures.check("ws_a");
    failures.record("ws_a", "exit code 3");
  }
  now = 30_000;
  assert.throws(() => failures.check("ws_a"), { kind: "worker_lost", hint: /in 30 s/ });
  failures.check("ws_b");
  now = 59_999;
  assert.throws(() => failures.check("ws_a"), { hint: /in 1 s/ });
  now = 60_000;
  failures.check("ws_a");
  failures.record("ws_a", "exit code 3");
  assert.throws(() => failures.check("ws_a"), { hint: /in 10 s/ });
});

Deno.test("a start that works ends the count", () => {
  const failures = new StartFailures(1, 60_000, () => 0);
  failures.record("ws_a", "exit code 3");
  failures.clear("ws_a");
  failures.check("ws_a");
});

Deno.test("the list of failing workspaces is bounded", () => {
  const failures = new StartFailures(1, 60_000, () => 0);
  for (let i = 0; i <= 1_000; i++) failures.record(`ws_${i}`, "exit code 3");
  failures.check("ws_0");
  assert.throws(() => failures.check("ws_1"));
});
