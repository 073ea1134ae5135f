import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { AppError } from "../errors/app_error.ts";
import type { WorkerEvent } from "../ipc/channel.ts";
import {
  allGone,
  catalogOf,
  closed,
  headerOf,
  isGone,
  lineOf,
  silentLogger,
  specOf,
  startSupervisor,
} from "./testdata/support.ts";

Deno.test("concurrent calls of acquire share one start and get one process", async () => {
  let asked = 0;
  await using supervisor = await startSupervisor({
    launchSpec: (workspaceId) => {
      asked++;
      return Promise.resolve(specOf(workspaceId));
    },
  });
  assert.equal(supervisor.running("ws_a"), undefined);
  const workers = await Promise.all([1, 2, 3, 4].map(() => supervisor.acquire("ws_a")));
  assert.equal(new Set(workers.map((worker) => worker.processId)).size, 1);
  assert.equal(asked, 1);
  assert.equal(supervisor.running("ws_a")?.processId, workers[0]?.processId);
  assert.deepEqual(supervisor.stats(), { active: 1, spare: 0 });
  assert.ok((workers[0]?.memoryBytes ?? 0) > 0);
});

Deno.test("two workspaces run in two processes, and none sees the server's EIDER_ settings", async () => {
  Deno.env.set("EIDER_ADMIN_KEY", "secret");
  await using supervisor = await startSupervisor();
  const [a, b] = await Promise.all([supervisor.acquire("ws_a"), supervisor.acquire("ws_b")]);
  assert.notEqual(a.processId, b.processId);
  const described = await b.call({ command: "describe" }) as {
    pid: number;
    workspace_id: string;
    environment: Record<string, string>;
  };
  assert.equal(described.workspace_id, "ws_b");
  assert.equal(described.pid, b.processId);
  assert.equal(described.environment["EIDER_ADMIN_KEY"], undefined);
  assert.equal(described.environment["PATH"], Deno.env.get("PATH"));
  Deno.env.delete("EIDER_ADMIN_KEY");
});

Deno.test("a session's socket carries bytes both ways and is counted until it closes", async () => {
  await using supervisor = await startSupervisor();
  const worker = await supervisor.acquire("ws_a");
  const socket = await worker.openSession(headerOf("pgs_1"));
  assert.equal(await lineOf(socket), `hello pgs_1 from ${worker.processId}`);
  assert.equal(worker.sessionCount, 1);
  socket.write("select 1\n");
  assert.equal(await lineOf(socket), "select 1");
  await worker.call({ command: "terminate_session", session_id: "pgs_1", kind: "admin_shutdown", detail: "bye" });
  assert.equal(await lineOf(socket), "admin_shutdown: bye");
  await closed(socket);
  assert.equal(worker.sessionCount, 0);
});

Deno.test("a session's socket starts to flow with its first listener, and with pipe", async () => {
  await using supervisor = await startSupervisor();
  const worker = await supervisor.acquire("ws_a");
  const heard = await worker.openSession(headerOf("pgs_1"));
  const first = await new Promise<string>((resolve) => heard.once("data", (bytes) => resolve(String(bytes))));
  assert.match(first, /^hello pgs_1/);
  const piped = await worker.openSession(headerOf("pgs_2"));
  const through = new PassThrough();
  piped.pipe(through);
  const line = await new Promise<string>((resolve) => through.once("data", (bytes) => resolve(String(bytes))));
  assert.match(line, /^hello pgs_2/);
});

Deno.test("kill -9 of a worker ends its own sessions only, reports them, and the next session works", async () => {
  await using supervisor = await startSupervisor();
  const [a, b] = await Promise.all([supervisor.acquire("ws_a"), supervisor.acquire("ws_b")]);
  const [lost, kept] = await Promise.all([a.openSession(headerOf("pgs_lost")), b.openSession(headerOf("pgs_kept"))]);
  await Promise.all([lineOf(lost), lineOf(kept)]);
  const waiting = a.call({ command: "drop_object", name: "hang" });
  const killedId = a.processId;
  Deno.kill(killedId, "SIGKILL");
  await assert.rejects(waiting, { kind: "worker_lost", message: /SIGKILL/ });
  await closed(lost);
  const exit = await supervisor.exit(({ workspaceId }) => workspaceId === "ws_a");
  assert.deepEqual(exit, {
    kind: "workspace",
    workspaceId: "ws_a",
    processId: killedId,
    reason: "crashed",
    wanted: false,
    exitCode: null,
    signal: "SIGKILL",
    sessionsLost: ["pgs_lost"],
  });
  kept.write("still here\n");
  assert.equal(await lineOf(kept), "still here");
  const again = await supervisor.acquire("ws_a");
  assert.notEqual(again.processId, killedId);
  assert.match(await lineOf(await again.openSession(headerOf("pgs_2"))), /hello pgs_2/);
});

Deno.test("a session that is opened in the moment of a kill gets a new process", async () => {
  await using supervisor = await startSupervisor();
  const worker = await supervisor.acquire("ws_a");
  Deno.kill(worker.processId, "SIGKILL");
  await allGone([worker.processId]);
  const socket = await worker.openSession(headerOf("pgs_1"));
  assert.equal(await lineOf(socket), `hello pgs_1 from ${supervisor.running("ws_a")?.processId}`);
});

Deno.test("a worker that ends by itself is reported with its exit code", async () => {
  await using supervisor = await startSupervisor();
  const worker = await supervisor.acquire("ws_a");
  await assert.rejects(worker.call({ command: "drop_object", name: "exit" }), {
    kind: "worker_lost",
    message: "the workspace process ended: exit code 7",
  });
  const exit = await supervisor.exit(() => true);
  assert.deepEqual([exit.reason, exit.exitCode, exit.signal, exit.wanted], ["crashed", 7, null, false]);
});

Deno.test("a worker's own errors do not end it", async () => {
  await using supervisor = await startSupervisor();
  const worker = await supervisor.acquire("ws_a");
  await assert.rejects(worker.call({ command: "clear" }), { kind: "feature_not_supported" });
  assert.equal(await worker.call({ command: "drop_object", name: "x" }), "x");
});

Deno.test("text between the messages ends the worker as protocol_error", async () => {
  await using supervisor = await startSupervisor();
  const worker = await supervisor.acquire("ws_a");
  worker.call({ command: "drop_object", name: "print" }).catch(() => {});
  const exit = await supervisor.exit(() => true);
  assert.deepEqual([exit.reason, exit.signal], ["protocol_error", "SIGKILL"]);
});

Deno.test("a worker that does not answer pings is killed as unresponsive", async () => {
  await using supervisor = await startSupervisor({ config: { pingIntervalMs: 20, pingTimeoutMs: 20 } });
  const worker = await supervisor.acquire("ws_a");
  await worker.call({ command: "drop_object", name: "silent" });
  assert.equal((await supervisor.exit(() => true)).reason, "unresponsive");
});

Deno.test("a worker far over its memory limit in three reports is killed, one peak is forgiven", async () => {
  const memory: number[] = [];
  await using supervisor = await startSupervisor({
    events: {
      onWorkerEvent: (_workspaceId, event: WorkerEvent) => {
        if (event.event === "memory") memory.push(event.rss_bytes);
      },
    },
  });
  const worker = await supervisor.acquire("ws_a");
  const report = (bytes: number) => worker.call({ command: "drop_object", name: `memory ${bytes}` });
  const high = 50 * 1024 ** 3;
  await report(high);
  await report(high);
  await report(1);
  assert.equal(worker.memoryBytes, 1);
  await report(high);
  await report(high);
  report(high).catch(() => {});
  assert.equal((await supervisor.exit(() => true)).reason, "memory_exceeded");
  assert.ok(memory.includes(high));
});

Deno.test("a workspace whose worker dies three times while it opens is refused until the window is over", async () => {
  const windowMs = 60_000;
  await using supervisor = await startSupervisor({ config: { startFailureWindowMs: windowMs } });
  for (let attempt = 1; attempt <= 3; attempt++) {
    await assert.rejects(supervisor.acquire("ws_dies_on_open"), { kind: "worker_lost", message: /exit code 3/ });
  }
  const started = supervisor.exits.length;
  assert.equal(started, 3);
  await assert.rejects(supervisor.acquire("ws_dies_on_open"), (error) => {
    assert.ok(error instanceof AppError);
    assert.equal(error.kind, "worker_lost");
    assert.match(error.message, /ws_dies_on_open failed to start 3 times within 60 s: .*exit code 3/);
    assert.match(error.hint ?? "", /tried again in \d+ s/);
    return true;
  });
  assert.equal(supervisor.exits.length, started);
  assert.equal((await supervisor.acquire("ws_a")).workspaceId, "ws_a");
});

Deno.test("a worker that refuses to open its workspace gives its own error and is ended", async () => {
  await using supervisor = await startSupervisor();
  await assert.rejects(supervisor.acquire("ws_refuses"), { kind: "io_error", message: /no header/ });
  assert.equal((await supervisor.exit(() => true)).reason, "start_failed");
  assert.equal(supervisor.running("ws_refuses"), undefined);
});

Deno.test("a worker that does not finish opening in time is killed", async () => {
  await using supervisor = await startSupervisor({ config: { openTimeoutMs: 50 } });
  await assert.rejects(supervisor.acquire("ws_hangs_on_open"), { kind: "worker_lost", message: /start_failed/ });
});

Deno.test("a program that is not a worker fails the start, not the server", async () => {
  await using missing = await startSupervisor({
    workerCommand: () => ({ executable: "/nowhere/eider", args: [] }),
  });
  await assert.rejects(missing.acquire("ws_a"), { kind: "worker_lost" });
  await using silent = await startSupervisor({
    workerCommand: () => ({
      executable: Deno.execPath(),
      args: ["eval", "await new Promise(() => setInterval(() => {}, 1000))"],
    }),
    config: { readyTimeoutMs: 300 },
  });
  await assert.rejects(silent.acquire("ws_a"), { kind: "worker_lost", message: /did not start: start_failed/ });
  const exit = await silent.exit(() => true);
  assert.deepEqual([exit.workspaceId, exit.reason, exit.wanted], ["ws_a", "start_failed", false]);
});

Deno.test("a launch spec that is refused reaches every caller and starts nothing", async () => {
  await using supervisor = await startSupervisor({
    launchSpec: () => Promise.reject(new AppError("workspace_expired", "workspace ws_a expired")),
  });
  const results = await Promise.allSettled([supervisor.acquire("ws_a"), supervisor.acquire("ws_a")]);
  for (const result of results) assert.ok(result.status === "rejected" && result.reason.kind === "workspace_expired");
  assert.deepEqual(supervisor.exits, []);
});

Deno.test("the spare becomes the workspace's process, and a new spare is started", async () => {
  await using supervisor = await startSupervisor({ config: { spareCount: 1 } });
  const first = await supervisor.acquire("ws_warm_up");
  while (supervisor.stats().spare === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  const worker = await supervisor.acquire("ws_a");
  assert.notEqual(worker.processId, first.processId);
  while (supervisor.stats().spare === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.deepEqual(supervisor.stats(), { active: 2, spare: 1 });
});

Deno.test("a spare that dies is reported and replaced", async () => {
  const base = await Deno.makeTempDir();
  {
    await using supervisor = await startSupervisor({ config: { spareCount: 1, socketBaseDirectory: base } });
    while (supervisor.stats().spare === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    const [folder] = Deno.readDirSync(base);
    const socket = [...Deno.readDirSync(`${base}/${folder?.name}`)].find(({ name }) => name.endsWith(".sock"));
    const processId = Number(socket?.name.slice(1, -".sock".length));
    Deno.kill(processId, "SIGKILL");
    const exit = await supervisor.exit(() => true);
    assert.deepEqual([exit.kind, exit.workspaceId, exit.processId], ["spare", null, processId]);
    while (supervisor.stats().spare === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    assert.notEqual((await supervisor.acquire("ws_a")).processId, processId);
  }
  await Deno.remove(base);
});

Deno.test("an idle worker is drained after the idle time, but never while a session or a command is open", async () => {
  await using supervisor = await startSupervisor({ config: { workerIdleMs: 30 } });
  const worker = await supervisor.acquire("ws_a");
  const socket = await worker.openSession(headerOf("pgs_1"));
  await lineOf(socket);
  const processId = worker.processId;
  // Another workspace comes, idles and goes meanwhile: its idle time passes within the session of this one.
  await supervisor.acquire("ws_b");
  const other = await supervisor.exit(({ workspaceId }) => workspaceId === "ws_b");
  assert.deepEqual([other.reason, other.exitCode, other.wanted], ["idle", 0, true]);
  assert.ok(!isGone(processId));
  socket.destroy();
  const exit = await supervisor.exit(({ workspaceId }) => workspaceId === "ws_a");
  assert.deepEqual([exit.reason, exit.sessionsLost], ["idle", []]);
});

Deno.test("stopWorkspace resolves when the process is gone; acquire during the drain waits for a new one", async () => {
  await using supervisor = await startSupervisor();
  const worker = await supervisor.acquire("ws_a");
  const socket = await worker.openSession(headerOf("pgs_1"));
  await lineOf(socket);
  const firstId = worker.processId;
  const stopped = supervisor.stopWorkspace("ws_a", 1_000);
  const [again] = await Promise.all([supervisor.acquire("ws_a"), stopped, closed(socket)]);
  assert.ok(isGone(firstId));
  assert.notEqual(again.processId, firstId);
  const [exit] = supervisor.exits;
  assert.deepEqual([exit?.reason, exit?.wanted, exit?.exitCode], ["drained", true, 0]);
  await supervisor.stopWorkspace("ws_never_started", 1_000);
});

Deno.test("stopWorkspace of a starting workspace waits for the start and then ends it", async () => {
  await using supervisor = await startSupervisor();
  const starting = supervisor.acquire("ws_a").then((worker) => worker.processId, () => null);
  await supervisor.stopWorkspace("ws_a", 1_000);
  assert.equal(supervisor.exits[0]?.reason, "drained");
  await starting;
});

Deno.test("a worker that does not drain in time is killed, reported as drain_timeout with its sessions", async () => {
  await using supervisor = await startSupervisor({ config: { drainGraceMs: 20 } });
  const worker = await supervisor.acquire("ws_a");
  const socket = await worker.openSession(headerOf("pgs_1"));
  await lineOf(socket);
  await worker.call({ command: "drop_object", name: "refuse to drain" });
  await supervisor.stopWorkspace("ws_a", 20);
  const [exit] = supervisor.exits;
  assert.deepEqual([exit?.reason, exit?.signal, exit?.sessionsLost], ["drain_timeout", "SIGKILL", ["pgs_1"]]);
  assert.ok(isGone(worker.processId));
  await closed(socket);
});

Deno.test("refreshCatalog reaches a running worker, waits for a starting one, and starts none", async () => {
  await using supervisor = await startSupervisor();
  await supervisor.refreshCatalog("ws_a", catalogOf("v2"));
  assert.deepEqual(supervisor.stats(), { active: 0, spare: 0 });
  const starting = supervisor.acquire("ws_a");
  await supervisor.refreshCatalog("ws_a", catalogOf("v1", "v2", "v3"));
  const worker = await starting;
  assert.equal((await worker.call({ command: "describe" }) as { table_count: number }).table_count, 3);
});

Deno.test("files stay in use as long as a process lives that was told of them", async () => {
  await using supervisor = await startSupervisor({
    launchSpec: (workspaceId) => Promise.resolve(specOf(workspaceId, { catalog: catalogOf("orders.v1") })),
  });
  await supervisor.acquire("ws_a");
  await supervisor.refreshCatalog("ws_a", catalogOf("orders.v2"));
  assert.deepEqual([...supervisor.filesInUse()].sort(), ["orders.v1", "orders.v2"]);
  await supervisor.stopWorkspace("ws_a", 1_000);
  assert.deepEqual([...supervisor.filesInUse()], []);
});

Deno.test("close drains every process, removes the socket folder and refuses what comes later", async () => {
  const base = await Deno.makeTempDir();
  const supervisor = await startSupervisor({ config: { socketBaseDirectory: base, spareCount: 1 } });
  const [a, b] = await Promise.all([supervisor.acquire("ws_a"), supervisor.acquire("ws_b")]);
  const starting = supervisor.acquire("ws_c").catch((error) => error);
  await supervisor.close(1_000);
  assert.ok(isGone(a.processId) && isGone(b.processId));
  assert.deepEqual([...Deno.readDirSync(base)], []);
  assert.equal((await starting).kind, "shutting_down");
  await assert.rejects(supervisor.acquire("ws_a"), { kind: "shutting_down" });
  await assert.rejects(supervisor.runStorageJob({ job: "preview", source_path: "x", limit: 1 }), {
    kind: "shutting_down",
  });
  assert.ok(supervisor.exits.every(({ wanted }) => wanted), JSON.stringify(supervisor.exits));
  await supervisor.close(1_000);
  await Deno.remove(base);
});

Deno.test("a worker's stderr goes to the log line by line", async () => {
  const seen = Promise.withResolvers<Record<string, unknown> | undefined>();
  await using supervisor = await startSupervisor({
    logger: {
      ...silentLogger,
      info: (message, fields) => {
        if (message === "worker output") seen.resolve(fields);
      },
    },
  });
  const worker = await supervisor.acquire("ws_a");
  await worker.call({ command: "drop_object", name: "log spill folder is full" });
  assert.deepEqual(await seen.promise, { worker_pid: worker.processId, line: "spill folder is full" });
});

Deno.test("kill -9 of the server leaves no worker behind", async () => {
  const base = await Deno.makeTempDir();
  const server = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "--quiet", `${import.meta.dirname}/testdata/fake_server.ts`, base],
    stdout: "piped",
    stdin: "null",
  }).spawn();
  let text = "";
  for await (const chunk of server.stdout.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    if (text.includes("\n")) break;
  }
  const workers: number[] = JSON.parse(text);
  assert.equal(workers.length, 3);
  assert.ok(workers.every((processId) => !isGone(processId)));
  server.kill("SIGKILL");
  await server.status;
  await allGone(workers);

  // Its folder is still there; the next server in the same place removes it.
  assert.equal([...Deno.readDirSync(base)].length, 1);
  const next = await startSupervisor({ config: { socketBaseDirectory: base } });
  assert.equal([...Deno.readDirSync(base)].length, 1);
  await next.close(1_000);
  assert.deepEqual([...Deno.readDirSync(base)], []);
  await Deno.remove(base);
});
