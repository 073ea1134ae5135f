import { deepEqual } from "node:assert/strict";
import { Rest } from "./rest.ts";

/** What each tick answers; a tick is [statements begun so far, statements running]. */
function answers(...ticks: readonly (readonly [number, number])[]): boolean[] {
  const rest = new Rest();
  return ticks.map(([begunCount, runningCount]) => rest.tick(begunCount, runningCount));
}

Deno.test("a worker that has only opened its workspace is at rest once", () => {
  deepEqual(answers([0, 0], [0, 0], [0, 0]), [true, false, false]);
});

Deno.test("statements within an interval put the rest off, and one rest follows them", () => {
  deepEqual(answers([0, 0], [3, 0], [4, 0], [4, 0], [4, 0], [5, 0], [5, 0]), [
    true,
    false,
    false,
    true,
    false,
    false,
    true,
  ]);
});

Deno.test("there is no rest while a long statement runs", () => {
  deepEqual(answers([1, 1], [1, 1], [1, 1], [1, 0], [1, 0]), [false, false, false, true, false]);
});
