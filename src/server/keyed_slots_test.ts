import { deepEqual, equal, rejects } from "node:assert/strict";
import { KeyedSlots } from "./keyed_slots.ts";

/** Work that ends when it is told to. */
function steps() {
  const started: string[] = [];
  const ends = new Map<string, () => void>();
  const work = (name: string) => () => {
    started.push(name);
    const { promise, resolve } = Promise.withResolvers<string>();
    ends.set(name, () => resolve(name));
    return promise;
  };
  return { started, work, end: (name: string) => ends.get(name)?.() };
}

Deno.test("a few of a key run at once, the next when one has ended, in order, other keys beside them", async () => {
  const slots = new KeyedSlots({ slots: 2, waitingMax: 8 });
  const { started, work, end } = steps();
  const asked = ["a", "b", "c", "d"].map((name) => slots.run("k", "queries", undefined, work(name)));
  const other = slots.run("other", "queries", undefined, work("x"));
  deepEqual(started, ["a", "b", "x"]);
  end("b");
  equal(await asked[1], "b");
  deepEqual(started, ["a", "b", "x", "c"]);
  end("c");
  await asked[2];
  for (const name of ["a", "d", "x"]) end(name);
  deepEqual([...await Promise.all(asked), await other], ["a", "b", "c", "d", "x"]);
  equal(slots.size, 0);
});

Deno.test("the line has an end, and a failure leaves its slot to the next", async () => {
  const slots = new KeyedSlots({ slots: 1, waitingMax: 1 });
  const { work, end } = steps();
  const first = slots.run("k", "queries of w", undefined, async () => {
    await work("a")();
    throw new Error("broken");
  });
  const second = slots.run("k", "queries of w", undefined, work("b"));
  await rejects(slots.run("k", "queries of w", undefined, work("c")), {
    kind: "too_many_requests",
    message: "queries of w: 1 run and 1 wait already, at most 1 may",
  });
  end("a");
  await rejects(first, /broken/);
  end("b");
  equal(await second, "b");
  equal(slots.size, 0);
});

Deno.test("whoever goes away leaves the line, and is never run", async () => {
  const slots = new KeyedSlots({ slots: 1, waitingMax: 1 });
  const { started, work, end } = steps();
  const first = slots.run("k", "queries", undefined, work("a"));
  const gone = new AbortController();
  const waiting = slots.run("k", "queries", gone.signal, work("b"));
  gone.abort();
  await rejects(waiting, { kind: "query_canceled" });
  await rejects(slots.run("k", "queries", gone.signal, work("c")), { kind: "query_canceled" });
  const next = slots.run("k", "queries", undefined, work("d"));
  end("a");
  await first;
  end("d");
  equal(await next, "d");
  deepEqual(started, ["a", "d"]);
  equal(slots.size, 0);
});
