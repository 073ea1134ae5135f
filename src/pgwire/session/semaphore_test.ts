import assert from "node:assert/strict";
import { AppError } from "../../errors/app_error.ts";
import { Semaphore } from "./semaphore.ts";

const never = new AbortController().signal;

Deno.test("a semaphore lets waiters in one by one, in order", async () => {
  const semaphore = new Semaphore(1, 10);
  const order: number[] = [];
  const first = await semaphore.acquire(never);
  const second = semaphore.acquire(never).then((release) => (order.push(2), release));
  const third = semaphore.acquire(never).then((release) => (order.push(3), release));
  first();
  first(); // giving back twice must not free a second slot
  (await second)();
  (await third)();
  assert.deepEqual(order, [2, 3]);
});

Deno.test("a semaphore tells how many slots are held and how many were ever given", async () => {
  const semaphore = new Semaphore(2, 10);
  const counts = () => [semaphore.heldCount, semaphore.grantedCount];
  const first = await semaphore.acquire(never);
  const second = await semaphore.acquire(never);
  const third = semaphore.acquire(never);
  assert.deepEqual(counts(), [2, 2]);
  first();
  const releaseThird = await third;
  assert.deepEqual(counts(), [2, 3]);
  second();
  releaseThird();
  assert.deepEqual(counts(), [0, 3]);
});

Deno.test("a waiter that is aborted leaves the queue with the abort's reason", async () => {
  const semaphore = new Semaphore(1, 10);
  const release = await semaphore.acquire(never);
  const abort = new AbortController();
  const waiting = semaphore.acquire(abort.signal);
  abort.abort(new AppError("query_canceled", "canceled"));
  await assert.rejects(waiting, { kind: "query_canceled" });
  release();
  (await semaphore.acquire(never))();
});

Deno.test("one waiter beyond the bound is refused", async () => {
  const semaphore = new Semaphore(1, 1);
  const release = await semaphore.acquire(never);
  const waiting = semaphore.acquire(never);
  await assert.rejects(semaphore.acquire(never), { kind: "configuration_limit" });
  release();
  (await waiting)();
});
