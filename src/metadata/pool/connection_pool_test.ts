import assert from "node:assert/strict";
import { AppError } from "../../errors/app_error.ts";
import { type Clock, ConnectionPool, type ConnectionPoolOptions } from "./connection_pool.ts";

/** Time that moves only when a test says so. */
class ManualClock implements Clock {
  #nowMs = 0;
  #timers: { atMs: number; callback: () => void }[] = [];

  now(): number {
    return this.#nowMs;
  }

  setTimer(callback: () => void, delayMs: number): () => void {
    const timer = { atMs: this.#nowMs + delayMs, callback };
    this.#timers.push(timer);
    return () => this.#timers = this.#timers.filter((other) => other !== timer);
  }

  advance(durationMs: number): void {
    const endMs = this.#nowMs + durationMs;
    for (;;) {
      const next = this.#timers.filter((timer) => timer.atMs <= endMs).sort((a, b) => a.atMs - b.atMs)[0];
      if (!next) break;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.callback();
    }
    this.#nowMs = endMs;
  }
}

class FakeConnection {
  closed = false;
  readonly id: number;
  constructor(id: number) {
    this.id = id;
  }
  close(): void {
    assert.equal(this.closed, false, "closed twice");
    this.closed = true;
  }
}

function makePool(options: Partial<ConnectionPoolOptions<FakeConnection>> = {}) {
  const clock = new ManualClock();
  const connections: FakeConnection[] = [];
  const waits: number[] = [];
  const pool = new ConnectionPool<FakeConnection>({
    connect: () => {
      const connection = new FakeConnection(connections.length);
      connections.push(connection);
      return Promise.resolve(connection);
    },
    openMax: 2,
    idleMax: 2,
    lifetimeMs: 0,
    idleTimeMs: 0,
    acquireTimeoutMs: 1000,
    waitersMax: 10,
    clock,
    onWait: (seconds) => waits.push(seconds),
    ...options,
  });
  return { pool, clock, connections, waits };
}

const kind = (expected: string) => (error: unknown) => error instanceof AppError && error.kind === expected;

Deno.test("a released connection is used again instead of opening another", async () => {
  const { pool, connections } = makePool();
  for (let count = 0; count < 3; count++) (await pool.acquire()).release();
  assert.equal(connections.length, 1);
  const { open, idle, inUse } = pool.stats();
  assert.deepEqual({ open, idle, inUse }, { open: 1, idle: 1, inUse: 0 });
});

Deno.test("at most openMax connections are open, and waiters are served in the order they came", async () => {
  const { pool, connections, waits, clock } = makePool();
  const first = await pool.acquire();
  const second = await pool.acquire();
  const order: string[] = [];
  const waiting = ["a", "b", "c"].map(async (name) => {
    const lease = await pool.acquire();
    order.push(name);
    return lease;
  });
  assert.equal(pool.stats().waiters, 3);
  clock.advance(500);
  first.release();
  const a = await waiting[0];
  second.release();
  const b = await waiting[1];
  a?.release();
  const c = await waiting[2];
  assert.deepEqual(order, ["a", "b", "c"]);
  assert.equal(connections.length, 2);
  assert.deepEqual(waits, [0.5, 0.5, 0.5]);
  const stats = pool.stats();
  assert.deepEqual([stats.waitCount, stats.waitSecondsTotal, stats.waiters, stats.inUse], [3, 1.5, 0, 2]);
  b?.release();
  c?.release();
});

Deno.test("a waiter whose time is over gets timeout and does not take a connection later", async () => {
  const { pool, clock } = makePool({ openMax: 1 });
  const lease = await pool.acquire();
  const late = pool.acquire();
  clock.advance(999);
  assert.equal(pool.stats().waiters, 1);
  clock.advance(1);
  await assert.rejects(late, kind("timeout"));
  lease.release();
  assert.deepEqual([pool.stats().idle, pool.stats().waiters], [1, 0]);
});

Deno.test("one waiter more than waitersMax is refused at once", async () => {
  const { pool } = makePool({ openMax: 1, waitersMax: 2 });
  const lease = await pool.acquire();
  const waiting = [pool.acquire(), pool.acquire()];
  await assert.rejects(pool.acquire(), kind("too_many_requests"));
  lease.release();
  for (const waiter of waiting) (await waiter).release();
});

Deno.test("callers that come while connections are being opened are not refused", async () => {
  const { pool } = makePool({ openMax: 3, waitersMax: 0 });
  const leases = await Promise.all([pool.acquire(), pool.acquire(), pool.acquire()]);
  assert.equal(new Set(leases.map((lease) => lease.connection.id)).size, 3);
  await assert.rejects(pool.acquire(), kind("too_many_requests"));
});

Deno.test("only idleMax connections are kept idle", async () => {
  const { pool, connections } = makePool({ openMax: 3, idleMax: 1 });
  const leases = await Promise.all([pool.acquire(), pool.acquire(), pool.acquire()]);
  for (const lease of leases) lease.release();
  assert.deepEqual([pool.stats().open, pool.stats().idle], [1, 1]);
  assert.deepEqual(connections.map((connection) => connection.closed), [false, true, true]);
});

Deno.test("a connection that idled too long is closed by itself, the others later", async () => {
  const { pool, clock, connections } = makePool({ idleTimeMs: 100 });
  const [first, second] = await Promise.all([pool.acquire(), pool.acquire()]);
  first.release();
  clock.advance(60);
  second.release();
  clock.advance(40);
  assert.deepEqual(connections.map((connection) => connection.closed), [true, false]);
  clock.advance(60);
  assert.deepEqual(connections.map((connection) => connection.closed), [true, true]);
  assert.equal(pool.stats().open, 0);
});

Deno.test("a connection past its lifetime is replaced, in use or idle", async () => {
  const { pool, clock, connections } = makePool({ openMax: 1, lifetimeMs: 100 });
  const lease = await pool.acquire();
  const waiting = pool.acquire();
  clock.advance(100);
  lease.release();
  const replaced = await waiting;
  assert.deepEqual([connections[0]?.closed, replaced.connection.id], [true, 1]);
  replaced.release();
  clock.advance(100);
  assert.equal(pool.stats().open, 0);
});

Deno.test("a connection released as broken is closed and makes room for a waiter", async () => {
  const { pool, connections } = makePool({ openMax: 1 });
  const lease = await pool.acquire();
  const waiting = pool.acquire();
  lease.release({ broken: true });
  assert.equal((await waiting).connection.id, 1);
  assert.equal(connections[0]?.closed, true);
});

Deno.test("a failed connect reaches its caller, and the place is free again", async () => {
  let fail = true;
  const { pool } = makePool({
    openMax: 1,
    connect: () => fail ? Promise.reject(new Error("no")) : Promise.resolve(new FakeConnection(9)),
  });
  await assert.rejects(pool.acquire(), /no/);
  fail = false;
  assert.equal((await pool.acquire()).connection.id, 9);
});

Deno.test("close refuses waiting and new callers, and ends when the last connection is back", async () => {
  const { pool, connections } = makePool({ openMax: 1 });
  const lease = await pool.acquire();
  const waiting = pool.acquire();
  let closed = false;
  const closing = pool.close().then(() => closed = true);
  await assert.rejects(waiting, kind("shutting_down"));
  await assert.rejects(pool.acquire(), kind("shutting_down"));
  assert.equal(closed, false);
  lease.release();
  await closing;
  assert.deepEqual([pool.stats().open, connections[0]?.closed], [0, true]);
});

Deno.test("close also waits for a connection that is still being opened", async () => {
  const opening = Promise.withResolvers<FakeConnection>();
  const { pool } = makePool({ connect: () => opening.promise });
  const waiting = pool.acquire();
  const closing = pool.close();
  await assert.rejects(waiting, kind("shutting_down"));
  const connection = new FakeConnection(0);
  opening.resolve(connection);
  await closing;
  assert.equal(connection.closed, true);
});

Deno.test("a lease can be released only once", async () => {
  const { pool } = makePool();
  const lease = await pool.acquire();
  lease.release();
  assert.throws(() => lease.release(), /released twice/);
});
