import assert from "node:assert/strict";
import { Deadline } from "./deadline.ts";

/** Resolves when the deadline is reached. */
function deadline(): { readonly limit: Deadline; readonly reached: Promise<void>; count(): number } {
  const reached = Promise.withResolvers<void>();
  let count = 0;
  const limit = new Deadline(() => {
    count += 1;
    reached.resolve();
  });
  return { limit, reached: reached.promise, count: () => count };
}

Deno.test("a limit is reached once, also when an earlier timer was left running", async () => {
  const { limit, reached, count } = deadline();
  limit.set(1);
  limit.set(5);
  await reached;
  assert.equal(count(), 1);
  limit.close();
});

Deno.test("a shorter limit than the timer that is left from before is kept", async () => {
  const { limit, reached } = deadline();
  limit.set(3_600_000);
  limit.lift();
  limit.set(1);
  await reached;
  limit.close();
});

Deno.test("a lifted limit is not reached, and a closed one leaves no timer", async () => {
  const { limit, count } = deadline();
  const later = deadline();
  limit.set(1);
  limit.lift();
  later.limit.set(3);
  await later.reached;
  assert.equal(count(), 0);
  // The test runner fails when a timer is left.
  limit.set(3_600_000);
  limit.close();
  later.limit.close();
});
