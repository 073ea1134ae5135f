/** The memory budget over real processes of the fake worker: who is ended, lowered, raised, kept waiting, refused. */
import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import type { LaunchSpec } from "../ipc/messages.ts";
import type { AppError } from "../errors/app_error.ts";
import { headerOf, isGone, lineOf, specOf, startSupervisor, type TestSupervisor } from "./testdata/support.ts";

const MB = 1_000_000;

/** A supervisor whose workspaces want 1000 MB each, or what their name says: `ws_300_b`. */
function start(budgetMB: number, waitMs = 20): Promise<TestSupervisor> {
  return startSupervisor({
    launchSpec: (workspaceId): Promise<LaunchSpec> => {
      const own = /^ws_(\d+)_/.exec(workspaceId)?.[1];
      return Promise.resolve(specOf(workspaceId, { memory_bytes_max: Number(own ?? 1000) * MB }));
    },
    config: { memoryBudgetBytes: budgetMB * MB, memoryWaitMs: waitMs },
  });
}

async function busy(supervisor: TestSupervisor, workspaceId: string) {
  const worker = await supervisor.acquire(workspaceId);
  const socket = await worker.openSession(headerOf(`pgs_${workspaceId}`));
  await lineOf(socket);
  return {
    worker,
    socket,
    /** What the process itself was told, in MB. */
    told: async () => Number(await worker.call({ command: "drop_object", name: "tell memory" })) / MB,
  };
}

function limits(supervisor: TestSupervisor): Record<string, number> {
  return Object.fromEntries(
    supervisor.runningWorkspaces().map((worker) => [worker.workspaceId, worker.memoryLimitBytes / MB]),
  );
}

async function until(what: string, holds: () => boolean): Promise<void> {
  const deadlineMs = performance.now() + 20_000;
  while (!holds()) {
    if (performance.now() > deadlineMs) throw new Error(`still not so: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

Deno.test("an idle process is ended before anybody's limit is lowered", async () => {
  await using supervisor = await start(2500);
  const a = await busy(supervisor, "ws_a");
  const b = await supervisor.acquire("ws_b");
  const c = await busy(supervisor, "ws_c");
  ok(isGone(b.processId), "the idle one went");
  deepEqual(limits(supervisor), { ws_a: 1000, ws_c: 1000 });
  a.socket.destroy();
  c.socket.destroy();
});

Deno.test("limits are lowered in proportion while all are in use, told to the processes, and raised again", async () => {
  await using supervisor = await start(1500);
  const a = await busy(supervisor, "ws_a");
  const b = await busy(supervisor, "ws_2000_b");
  deepEqual(limits(supervisor), { ws_a: 500, ws_2000_b: 1000 });
  deepEqual([await a.told(), await b.told()], [500, 1000]);
  deepEqual(supervisor.memory(), { budgetBytes: 1500 * MB, grantedBytes: 1500 * MB });
  b.socket.destroy();
  await supervisor.stopWorkspace("ws_2000_b", 1_000);
  await until("the other is raised", () => limits(supervisor)["ws_a"] === 1000);
  await until("and told", () => supervisor.memory().grantedBytes === 1000 * MB);
  equal(await a.told(), 1000);
  a.socket.destroy();
});

Deno.test("nobody is lowered below 256 MB, and a workspace's own smaller limit stays", async () => {
  await using supervisor = await start(900);
  const sessions = [await busy(supervisor, "ws_100_a"), await busy(supervisor, "ws_300_b")];
  sessions.push(await busy(supervisor, "ws_4000_c"));
  deepEqual(limits(supervisor), { ws_100_a: 100, ws_300_b: 256, ws_4000_c: 544 });
  for (const { socket } of sessions) socket.destroy();
});

Deno.test("when the floors do not fit, a new workspace waits and is refused with the budget's name", async () => {
  await using supervisor = await start(600);
  const sessions = [await busy(supervisor, "ws_a"), await busy(supervisor, "ws_b")];
  await rejects(supervisor.acquire("ws_c"), (error: AppError) => {
    equal(error.kind, "insufficient_memory_budget");
    equal(error.sqlstate, "53200");
    match(error.message, /workspaces_memory_budget is used up: workspace ws_c needs at least 256 MB, and 2 active/);
    match(error.message, /hold 600 MB of 600 MB/);
    return true;
  });
  await until("the others have all of it", () => supervisor.memory().grantedBytes === 600 * MB);
  for (const { socket } of sessions) socket.destroy();
});

Deno.test("a workspace that waits is let in when another one leaves", async () => {
  await using supervisor = await start(600, 60_000);
  const a = await busy(supervisor, "ws_a");
  const b = await busy(supervisor, "ws_b");
  const waiting = busy(supervisor, "ws_c");
  let let_in = false;
  waiting.then(() => let_in = true);
  await a.told(); // a turn of the processes: nothing has changed
  ok(!let_in);
  a.socket.destroy();
  const c = await waiting;
  deepEqual(limits(supervisor), { ws_b: 300, ws_c: 300 });
  b.socket.destroy();
  c.socket.destroy();
});

Deno.test("a limit that a statement holds counts until it is lowered, so the sum is never over the budget", async () => {
  await using supervisor = await start(1000, 60_000);
  const a = await busy(supervisor, "ws_a");
  await a.worker.call({ command: "drop_object", name: `hold ${700 * MB}` });
  const b = await busy(supervisor, "ws_b");
  deepEqual(limits(supervisor), { ws_a: 700, ws_b: 300 }, "the new one gets what is really free");
  await a.worker.call({ command: "drop_object", name: "hold 0" });
  await until("both have their share", () => limits(supervisor)["ws_a"] === 500 && limits(supervisor)["ws_b"] === 500);
  equal(await b.told(), 500);
  a.socket.destroy();
  b.socket.destroy();
});

Deno.test("another own limit is taken while it runs, and the others' shares follow", async () => {
  await using supervisor = await start(1000);
  const a = await busy(supervisor, "ws_a");
  const b = await busy(supervisor, "ws_b");
  deepEqual(limits(supervisor), { ws_a: 500, ws_b: 500 });
  await a.worker.call({ command: "update_limits", limits: { memory_bytes_max: 100 * MB } });
  await until("b is raised", () => limits(supervisor)["ws_b"] === 900);
  deepEqual(limits(supervisor), { ws_a: 100, ws_b: 900 });
  equal(await a.told(), 100);
  a.socket.destroy();
  b.socket.destroy();
});

Deno.test("closing does not wait for a workspace that waits for memory", async () => {
  await using supervisor = await start(300, 600_000);
  const a = await busy(supervisor, "ws_a");
  const waiting = supervisor.acquire("ws_b").then(() => null, (error: AppError) => error.kind);
  await a.told();
  await supervisor.close(1_000);
  equal(await waiting, "shutting_down");
});
