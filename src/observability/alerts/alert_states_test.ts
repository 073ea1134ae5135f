import assert from "node:assert/strict";
import { advance, type AlertStates, alertStatesMax, markUndelivered, stateKey } from "./alert_states.ts";
import type { Condition } from "./alert_types.ts";
import { condition } from "./alerts_fixture.ts";

const minIntervalMs = 60_000;

/** Goes through moments, each with what holds then; gives what was told, as `time status severity`. */
function told(moments: readonly (readonly [seconds: number, ...Condition[]])[], intervalMs = minIntervalMs): string[] {
  let states: AlertStates = new Map();
  const messages: string[] = [];
  for (const [seconds, ...conditions] of moments) {
    const step = advance(states, conditions, { monotonicMs: seconds * 1000, epochMs: 0 }, intervalMs);
    states = step.states;
    for (const { status, condition } of step.notifications) {
      messages.push(`${seconds} ${status} ${condition.severity} ${condition.occurrences}`);
    }
  }
  return messages;
}

const holds = condition();
const again = (occurrences: number) => condition({ occurrences });

Deno.test("a condition is told once when it begins and once when it is over", () => {
  assert.deepEqual(told([[0, holds], [60, holds], [3600, holds], [3601], [3700], [9999]]), [
    "0 firing warning 1",
    "3601 resolved warning 1",
  ]);
});

Deno.test("between two notifications lies the interval; what came and went within it is not told", () => {
  assert.deepEqual(told([[0, holds], [1], [30], [59], [60], [61, holds], [62], [119], [120]]), [
    "0 firing warning 1",
    "60 resolved warning 1",
  ]);
  assert.deepEqual(told([[0, holds], [60], [61, holds], [119, holds], [120, holds]]), [
    "0 firing warning 1",
    "60 resolved warning 1",
    "120 firing warning 1",
  ]);
});

Deno.test("flapping every second is one message an interval", () => {
  const moments = Array.from(
    { length: 600 },
    (_, second): [number, ...Condition[]] => second % 2 === 0 ? [second, again(second)] : [second],
  );
  assert.ok(told(moments).length <= 10, told(moments).join());
});

Deno.test("it is told again when it grows more severe, not when it grows less", () => {
  const critical = condition({ severity: "critical" });
  assert.deepEqual(told([[0, holds], [10, critical], [60, critical], [200, holds], [300, critical]]), [
    "0 firing warning 1",
    "60 firing critical 1",
  ]);
});

Deno.test("what happens again is repeated with growing pauses, at most hourly", () => {
  const moments = Array.from({ length: 2 * 3600 }, (_, second): [number, Condition] => [second, again(second)]);
  assert.deepEqual(told(moments).map((message) => Number(message.split(" ")[0])), [
    0,
    60,
    180,
    420,
    900,
    1860,
    3780,
  ]);
});

Deno.test("with an interval of 0 repetitions still have pauses", () => {
  const moments = Array.from({ length: 100 }, (_, tick): [number, Condition] => [tick / 10, again(tick)]);
  assert.ok(told(moments, 0).length <= 5, told(moments, 0).join());
});

Deno.test("subjects and alerts do not share an interval", () => {
  const others = [condition({ subject: "ws_b" }), condition({ alert: "WorkerRestarts" })];
  assert.equal(told([[0, holds], [1, holds, ...others]]).length, 3);
});

Deno.test("a firing alert that the webhook did not take is told again after the pause, a resolved one is not", () => {
  const at = (seconds: number) => ({ monotonicMs: seconds * 1000, epochMs: 0 });
  const key = stateKey(holds.alert, holds.subject);
  let step = advance(new Map(), [holds], at(0), minIntervalMs);
  step = advance(markUndelivered(step.states, key), [holds], at(59), minIntervalMs);
  assert.deepEqual(step.notifications, []);
  step = advance(step.states, [holds], at(60), minIntervalMs);
  assert.equal(step.notifications.length, 1);
  step = advance(step.states, [], at(120), minIntervalMs);
  assert.equal(step.notifications[0]?.status, "resolved");
  step = advance(markUndelivered(step.states, key), [], at(500), minIntervalMs);
  assert.deepEqual([step.notifications.length, step.states.size], [0, 0]);
});

Deno.test("a state is forgotten once it is over and its interval too", () => {
  const at = (seconds: number) => ({ monotonicMs: seconds * 1000, epochMs: 0 });
  let step = advance(new Map(), [holds], at(0), minIntervalMs);
  step = advance(step.states, [], at(100), minIntervalMs);
  assert.equal(step.states.size, 1);
  step = advance(step.states, [], at(160), minIntervalMs);
  assert.equal(step.states.size, 0);
});

Deno.test("more alerts than the bound are not taken in", () => {
  const many = Array.from({ length: alertStatesMax + 10 }, (_, index) => condition({ subject: `ws_${index}` }));
  const step = advance(new Map(), many, { monotonicMs: 0, epochMs: 0 }, minIntervalMs);
  assert.equal(step.states.size, alertStatesMax);
  assert.equal(step.notifications.length, alertStatesMax);
});
