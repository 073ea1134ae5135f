import { deepEqual, rejects } from "node:assert/strict";
import { WritePause } from "./write_pause.ts";

Deno.test("writes wait while they are held, and go on at resume or when the time is over", async () => {
  const writes = new WritePause();
  await writes.allowed();
  const order: string[] = [];
  writes.pause(60_000);
  const first = writes.allowed().then(() => order.push("write"));
  await Promise.resolve();
  order.push("resume");
  writes.resume();
  await first;
  deepEqual(order, ["resume", "write"]);
  writes.pause(1);
  await writes.allowed();
  writes.resume();
});

Deno.test("a statement that is cancelled while it waits gets its reason", async () => {
  const writes = new WritePause();
  writes.pause(60_000);
  const abort = new AbortController();
  const waiting = rejects(writes.allowed(abort.signal), /cancelled/);
  abort.abort(new Error("cancelled"));
  await waiting;
  await rejects(writes.allowed(abort.signal), /cancelled/);
  writes.resume();
});
