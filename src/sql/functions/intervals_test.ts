import assert from "node:assert/strict";
import { clockMicros, justified } from "./intervals.ts";

const hour = 3_600_000_000n;

for (
  const [name, months, days, micros, expected] of [
    ["days", 0n, 35n, 0n, "1 months 5 days 0 microseconds"],
    ["days", 0n, -35n, 0n, "-1 months -5 days 0 microseconds"],
    ["days", 1n, -1n, 0n, "0 months 29 days 0 microseconds"],
    ["hours", 0n, 0n, 27n * hour, `0 months 1 days ${3n * hour} microseconds`],
    ["hours", 0n, 1n, -hour, `0 months 0 days ${23n * hour} microseconds`],
    ["interval", 1n, 0n, -hour, `0 months 29 days ${23n * hour} microseconds`],
    ["interval", -1n, 40n, -30n * hour, `0 months 8 days ${18n * hour} microseconds`],
  ] as const
) {
  Deno.test(`justify_${name} of ${months} months ${days} days ${micros} µs is ${expected}`, () => {
    assert.equal(justified(name, months, days, micros), expected);
  });
}

Deno.test("clockMicros is the time of now", () => {
  assert.ok(Math.abs(Number(clockMicros()) / 1000 - Date.now()) < 60_000);
});
