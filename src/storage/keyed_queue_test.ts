import assert from "node:assert/strict";
import { AppError } from "../errors/app_error.ts";
import { KeyedQueue } from "./keyed_queue.ts";

Deno.test("work of one key runs in order, of another key at once, and a failure does not stop the line", async () => {
  const queue = new KeyedQueue(10);
  const log: string[] = [];
  const gate = Promise.withResolvers<void>();
  const first = queue.run("a", "a", async () => {
    await gate.promise;
    log.push("a1");
    throw new Error("a1 failed");
  });
  const second = queue.run("a", "a", () => Promise.resolve(void log.push("a2")));
  await queue.run("b", "b", () => Promise.resolve(void log.push("b1")));
  gate.resolve();
  await assert.rejects(first, /a1 failed/);
  await second;
  assert.deepEqual(log, ["b1", "a1", "a2"]);
  assert.equal(queue.size, 0);
});

Deno.test("a full line refuses with too_many_requests, and a place released twice counts once", () => {
  const queue = new KeyedQueue(2);
  const place = queue.take("a", "table");
  queue.take("a", "table");
  const refused = (error: unknown) => error instanceof AppError && error.kind === "too_many_requests";
  assert.throws(() => queue.take("a", "table"), refused);
  place.release();
  place.release();
  queue.take("a", "table");
  assert.throws(() => queue.take("a", "table"), refused);
});
