import assert from "node:assert/strict";
import { SlidingCounts } from "./sliding_counts.ts";

Deno.test("what left the window is not counted any more, to the step", () => {
  const counts = new SlidingCounts(30_000, 2);
  counts.add(0, 0);
  counts.add(10_500, 0, 2);
  counts.add(29_999, 1);
  assert.deepEqual(counts.sums(29_999), [3, 1]);
  assert.deepEqual(counts.sums(30_000), [2, 1]);
  assert.deepEqual(counts.sums(40_000), [0, 1]);
  assert.deepEqual(counts.sums(60_000), [0, 0]);
  counts.add(60_000, 0);
  assert.deepEqual(counts.sums(60_000), [1, 0]);
});

Deno.test("a time before the last one counts with it: no count is lost", () => {
  const counts = new SlidingCounts(30_000, 1);
  counts.add(20_000, 0);
  counts.add(19_000, 0);
  assert.deepEqual(counts.sums(20_000), [2]);
});
