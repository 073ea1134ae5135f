import assert from "node:assert/strict";
import type { QueryFinished } from "../ipc/messages.ts";
import { endedSessionsMax, type SessionRecord, SessionRegistry, type SessionStore } from "./sessions.ts";
import { countingRandom, FakeClock, hourMs, makeTestWorkspaces, openSession } from "./test_support.ts";

function request(workspaceId: string, terminate: (kind: string, detail: string) => void = () => {}) {
  const clientAddress = "192.0.2.1";
  return { workspaceId, projectId: "p", username: "u", clientAddress, applicationName: "", tls: false, terminate };
}

function finished(sessionId: string): QueryFinished {
  return { event: "query_finished", session_id: sessionId, duration_ms: 1, slow: false, status: "success" };
}

class MemoryStore implements SessionStore {
  readonly batches: SessionRecord[][] = [];
  failure: Error | undefined;
  save(sessions: readonly SessionRecord[]): Promise<void> {
    if (this.failure !== undefined) return Promise.reject(this.failure);
    this.batches.push([...sessions]);
    return Promise.resolve();
  }
  closeOpen = () => Promise.resolve(0);
  prune = () => Promise.resolve(0);
}

function makeRegistry(store: SessionStore = new MemoryStore(), clock = new FakeClock()) {
  return new SessionRegistry({
    store,
    connectionsPerWorkspaceMax: 2,
    logger: { info: () => {}, warn: () => {} },
    random: countingRandom(),
    now: clock.now,
    monotonicMs: clock.now,
    flushIntervalMs: 0,
  });
}

Deno.test("a workspace takes as many sessions as it may have, and one more after one has closed", () => {
  const sessions = makeRegistry();
  const first = sessions.open(request("ws_1"));
  sessions.open(request("ws_1"));
  assert.throws(() => sessions.open(request("ws_1")), { kind: "too_many_connections" });
  sessions.open(request("ws_2"));
  sessions.close(first, "client closed");
  assert.match(sessions.open(request("ws_1")), /^pgs_[0-9a-f]{12}$/);
  assert.deepEqual([sessions.count("ws_1"), sessions.count("ws_2"), sessions.count()], [2, 1, 3]);
});

Deno.test("worker events show in a session's state, statement, counts and time of last activity", () => {
  const clock = new FakeClock();
  const sessions = makeRegistry(new MemoryStore(), clock);
  const id = sessions.open(request("ws_1"));
  clock.nowMs += 5000;
  sessions.queryStarted(id, "select pg_sleep(1)", clock.nowMs);
  const during = sessions.get(id);
  assert.deepEqual([during?.state, during?.currentQuery], ["active", "select pg_sleep(1)"]);
  assert.equal(during?.lastActivityAtMs, clock.nowMs);
  sessions.queryFinished(finished(id));
  sessions.state(id, "idle in transaction", "dbeaver");
  sessions.addBytes(id, 10, 200);
  sessions.addBytes(id, 1, 2);
  const after = sessions.get(id);
  assert.deepEqual([after?.state, after?.applicationName, after?.currentQuery], [
    "idle in transaction",
    "dbeaver",
    null,
  ]);
  assert.deepEqual([after?.queryCount, after?.bytesReceived, after?.bytesSent], [1, 11, 202]);
});

Deno.test("events of a session that is not open change nothing", () => {
  const sessions = makeRegistry();
  sessions.queryStarted("pgs_0", "select 1", 0);
  sessions.queryFinished(finished("pgs_0"));
  sessions.state("pgs_0", "idle", "");
  sessions.close("pgs_0", "nothing");
  assert.equal(sessions.terminate("pgs_0", "admin_shutdown", ""), false);
  assert.equal(sessions.heartbeat("pgs_0"), undefined);
  assert.equal(sessions.count(), 0);
});

Deno.test("a session that is being terminated is gone from lists at once and cannot be terminated twice", () => {
  const sessions = makeRegistry();
  const ends: string[] = [];
  const id = sessions.open(request("ws_1", (kind, detail) => ends.push(`${kind} ${detail}`)));
  assert.equal(sessions.terminate(id, "admin_shutdown", "bye"), true);
  assert.equal(sessions.terminate(id, "admin_shutdown", "bye"), false);
  assert.deepEqual(ends, ["admin_shutdown bye"]);
  assert.deepEqual(sessions.list("ws_1"), []);
  assert.equal(sessions.get(id), undefined);
  assert.deepEqual([...sessions.workspaceIds()], ["ws_1"]);
});

Deno.test("a session whose termination throws is closed", () => {
  const sessions = makeRegistry();
  sessions.open(request("ws_1", () => {
    throw new Error("socket gone");
  }));
  assert.equal(sessions.terminateAll("ws_1", "admin_shutdown", "bye"), 1);
  assert.equal(sessions.workspaceIds().size, 0);
});

Deno.test("flush saves in batches, and only what changed since the last time", async () => {
  const store = new MemoryStore();
  const sessions = makeRegistry(store);
  for (let index = 0; index < 250; index++) sessions.open(request(`ws_${index}`));
  await sessions.flush();
  assert.deepEqual(store.batches.map((batch) => batch.length), [200, 50]);
  await sessions.flush();
  assert.equal(store.batches.length, 2);
  const [id] = sessions.list("ws_7").map((session) => session.id);
  sessions.addBytes(id ?? "", 1, 1);
  await sessions.flush();
  assert.deepEqual(store.batches[2]?.map((session) => session.id), [id]);
});

Deno.test("what changes while a flush saves waits for the next one", async () => {
  const store = new MemoryStore();
  const sessions = makeRegistry(store);
  const id = sessions.open(request("ws_1"));
  const save = store.save.bind(store);
  store.save = (batch) => {
    if (store.batches.length < 3) sessions.queryFinished(finished(id));
    return save(batch);
  };
  await sessions.flush();
  assert.equal(store.batches.length, 1);
  await sessions.flush();
  assert.deepEqual(store.batches.map((batch) => batch[0]?.queryCount), [0, 1]);
});

Deno.test("what could not be saved is saved later, and ended sessions wait in a bounded queue", async () => {
  const store = new MemoryStore();
  const sessions = makeRegistry(store);
  store.failure = new Error("disk full");
  for (let index = 0; index < endedSessionsMax + 3; index++) sessions.close(sessions.open(request("ws_1")), "done");
  sessions.open(request("ws_1"));
  await assert.rejects(sessions.flush(), /disk full/);
  store.failure = undefined;
  await sessions.flush();
  const saved = store.batches.flat();
  assert.equal(saved.length, new Set(saved.map((session) => session.id)).size);
  assert.equal(saved.filter((session) => session.endReason === "done").length, endedSessionsMax);
  assert.equal(saved.filter((session) => session.endedAtMs === null).length, 1);
});

Deno.test("stale sessions are those whose worker is gone, after a grace", () => {
  const clock = new FakeClock();
  const sessions = makeRegistry(new MemoryStore(), clock);
  sessions.open(request("ws_dead"));
  sessions.open(request("ws_alive"));
  clock.nowMs += 1000;
  sessions.open(request("ws_dead"));
  const isServed = (workspaceId: string) => workspaceId === "ws_alive";
  assert.equal(sessions.closeStale(isServed, 5000), 0);
  clock.nowMs += 4500;
  assert.equal(sessions.closeStale(isServed, 5000), 1);
  assert.deepEqual([sessions.count("ws_dead"), sessions.count("ws_alive")], [1, 1]);
});

Deno.test("idle sessions are ended, those that run a statement or were vouched for are not", () => {
  const clock = new FakeClock();
  const sessions = makeRegistry(new MemoryStore(), clock);
  const ends: string[] = [];
  const idle = sessions.open({ ...request("ws_1"), terminate: (kind) => ends.push(kind) });
  const active = sessions.open(request("ws_1"));
  const vouched = sessions.open(request("ws_2"));
  sessions.queryStarted(active, "SELECT 1", clock.nowMs);
  clock.nowMs += 5_000;
  sessions.heartbeat(vouched);
  assert.equal(sessions.endIdle(6_000), 0);
  clock.nowMs += 2_000;
  assert.equal(sessions.endIdle(6_000), 1);
  assert.deepEqual(ends, ["idle_session_timeout"]);
  assert.deepEqual(sessions.list("ws_1").map(({ id }) => id), [active]);
  assert.equal(sessions.get(idle), undefined);
});

Deno.test("a clock that jumps makes no session stale or idle", () => {
  const clock = new FakeClock();
  const sessions = new SessionRegistry({
    store: new MemoryStore(),
    connectionsPerWorkspaceMax: 5,
    logger: { info: () => {}, warn: () => {} },
    random: (count) => new Uint8Array(count),
    now: clock.now,
    monotonicMs: () => 7,
    flushIntervalMs: 0,
  });
  sessions.open(request("ws_1"));
  clock.nowMs += 365 * 24 * 3_600_000;
  assert.equal(sessions.closeStale(() => false, 1_000), 0);
  assert.equal(sessions.endIdle(1_000), 0);
});

Deno.test("sessions are rows in the metadata store: open, updated, ended, and closed after a restart", async () => {
  await using test = await makeTestWorkspaces();
  const ended = openSession(test, "ws_1");
  const left = openSession(test, "ws_1");
  await test.sessions.flush();
  assert.deepEqual(await test.query("SELECT count(*) AS open FROM pg_sessions WHERE ended_at IS NULL"), [{ open: 2 }]);
  test.clock.nowMs += 1000;
  test.sessions.queryFinished(finished(ended));
  test.sessions.state(ended, "idle", "renamed");
  test.sessions.close(ended, "client closed");
  await test.sessions.flush();
  const [row] = await test.query(`SELECT * FROM pg_sessions WHERE id = '${ended}'`);
  assert.deepEqual([row?.end_reason, row?.query_count, row?.application_name], ["client closed", 1, "renamed"]);
  assert.equal(row?.ended_at, "2026-01-02T03:04:06.000Z");

  const nextRun = makeRegistry(test.sessionStore, test.clock);
  assert.equal(await nextRun.closeLeftovers(), 1);
  const [closed] = await test.query(`SELECT end_reason FROM pg_sessions WHERE id = '${left}'`);
  assert.equal(closed?.end_reason, "server_restart");
  assert.equal(await nextRun.closeLeftovers(), 0);
  assert.equal(await nextRun.prune(test.clock.nowMs + hourMs), 2);
});

Deno.test("closing leftovers spares the sessions of this run, and shutDown ends and saves them", async () => {
  await using test = await makeTestWorkspaces();
  openSession(test, "ws_1");
  await test.sessions.flush();
  assert.equal(await test.sessions.closeLeftovers(), 0);
  await test.sessions.shutDown("server_stop");
  assert.deepEqual(await test.query("SELECT end_reason FROM pg_sessions"), [{ end_reason: "server_stop" }]);
});

Deno.test("a change is saved by itself within the flush interval", async () => {
  const store = new MemoryStore();
  const saved = Promise.withResolvers<void>();
  const save = store.save.bind(store);
  store.save = (batch) => save(batch).then(saved.resolve);
  const sessions = new SessionRegistry({
    store,
    connectionsPerWorkspaceMax: 2,
    logger: { info: () => {}, warn: () => {} },
    random: countingRandom(),
    now: () => 0,
    flushIntervalMs: 1,
  });
  sessions.open(request("ws_1"));
  await saved.promise;
  assert.equal(store.batches.length, 1);
  await sessions.shutDown("done");
});
