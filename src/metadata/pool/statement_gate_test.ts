import assert from "node:assert/strict";
import { StatementGate } from "./statement_gate.ts";

const never = new AbortController().signal;

Deno.test("the gate lets runningMax in and the others in their order", async () => {
  const gate = new StatementGate(1);
  assert.equal(await gate.enter(never), true);
  const order: string[] = [];
  const waiting = ["a", "b"].map(async (name) => {
    assert.equal(await gate.enter(never), true);
    order.push(name);
    gate.leave();
  });
  assert.deepEqual(order, []);
  gate.leave();
  await Promise.all(waiting);
  assert.deepEqual(order, ["a", "b"]);
});

Deno.test("who gives up waiting never runs, and its place goes to the next", async () => {
  const gate = new StatementGate(1);
  await gate.enter(never);
  const abandoned = new AbortController();
  const first = gate.enter(abandoned.signal);
  const second = gate.enter(never);
  abandoned.abort();
  assert.equal(await first, false);
  gate.leave();
  assert.equal(await second, true);
  assert.equal(await gate.enter(AbortSignal.abort()), false);
});
