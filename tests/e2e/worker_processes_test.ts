/** The supervisor's promises, kept with real workers: real DuckDB files, real sessions, real signals. */
import assert from "node:assert/strict";
import { allGone, isGone } from "../../src/supervisor/testdata/support.ts";
import { importCsv, superviseRealWorkers, WorkerSession } from "./worker_support.ts";

const endlessQuery = "SELECT count(*) FROM range(100000000000)";

Deno.test("a real worker serves a table that a real storage job wrote", async () => {
  await using supervisor = await superviseRealWorkers();
  const orders = await importCsv(supervisor, "orders", "id,amount\n1,2.5\n2,3.5\n");
  supervisor.catalog = { schemas: ["in_c_sales"], tables: [orders] };
  await using session = await WorkerSession.open(supervisor, "ws_a", "pgs_1");
  assert.equal(await session.value("SELECT count(*) FROM in_c_sales.orders"), "2");
  assert.ok(supervisor.filesInUse().has(orders.file_path));

  const customers = await importCsv(supervisor, "customers", "id\n1\n2\n3\n");
  await supervisor.refreshCatalog("ws_a", { schemas: ["in_c_sales"], tables: [orders, customers] });
  assert.equal(await session.value("SELECT count(*) FROM in_c_sales.customers"), "3");
  assert.ok(supervisor.filesInUse().has(customers.file_path));
});

Deno.test("kill -9 of a real worker in a query closes its session; the next has every committed row", async () => {
  await using supervisor = await superviseRealWorkers();
  await using session = await WorkerSession.open(supervisor, "ws_a", "pgs_1");
  await using neighbour = await WorkerSession.open(supervisor, "ws_b", "pgs_2");
  await session.value("CREATE TABLE kept AS SELECT * FROM range(1000)");
  session.send(endlessQuery);
  Deno.kill(supervisor.running("ws_a")!.processId, "SIGKILL");
  await session.closed();
  assert.equal(await neighbour.value("SELECT 1"), "1");
  await using again = await WorkerSession.open(supervisor, "ws_a", "pgs_3");
  assert.equal(await again.value("SELECT count(*) FROM kept"), "1000");
  assert.deepEqual(supervisor.exits.map(({ reason, sessionsLost }) => [reason, sessionsLost]), [
    ["crashed", ["pgs_1"]],
  ]);
});

Deno.test("stopWorkspace cancels an endless query after its time, closes the file and tells the session", async () => {
  await using supervisor = await superviseRealWorkers();
  await using session = await WorkerSession.open(supervisor, "ws_a", "pgs_1");
  await session.value("CREATE TABLE kept AS SELECT 42 AS answer");
  session.send(endlessQuery);
  const processId = supervisor.running("ws_a")!.processId;
  await supervisor.stopWorkspace("ws_a", 100);
  assert.ok(isGone(processId));
  assert.deepEqual(await session.closed(), ["57P01"]);
  assert.deepEqual(supervisor.exits.map(({ reason, exitCode, sessionsLost }) => [reason, exitCode, sessionsLost]), [
    ["drained", 0, []],
  ]);
  await using again = await WorkerSession.open(supervisor, "ws_a", "pgs_2");
  assert.equal(await again.value("SELECT answer FROM kept"), "42");
});

Deno.test("cancel_query and terminate_session reach a session that is inside of a query", async () => {
  await using supervisor = await superviseRealWorkers();
  await using session = await WorkerSession.open(supervisor, "ws_a", "pgs_1");
  const worker = supervisor.running("ws_a")!;
  const started = supervisor.nextEvent((event) => event.event === "query_started");
  session.send(endlessQuery);
  await started;
  await worker.call({ command: "cancel_query", session_id: "pgs_1" });
  await assert.rejects(session.answer(), /57014/);
  assert.equal(await session.value("SELECT 1"), "1");
  await worker.call({ command: "terminate_session", session_id: "pgs_1", kind: "admin_shutdown", detail: "bye" });
  assert.deepEqual(await session.closed(), ["57P01"]);
});

Deno.test("a worker that was stopped by a signal is found unresponsive, and the next connection works", async () => {
  await using supervisor = await superviseRealWorkers({ pingIntervalMs: 100, pingTimeoutMs: 300 });
  await using session = await WorkerSession.open(supervisor, "ws_a", "pgs_1");
  Deno.kill(supervisor.running("ws_a")!.processId, "SIGSTOP");
  await session.closed();
  await using again = await WorkerSession.open(supervisor, "ws_a", "pgs_2");
  assert.equal(await again.value("SELECT 1"), "1");
  assert.equal(supervisor.exits[0]?.reason, "unresponsive");
});

Deno.test("kill -9 of the server ends real workers, also one inside of an endless query", async () => {
  const directory = await Deno.makeTempDir({ prefix: "eider_test_" });
  const server = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "--quiet", `${import.meta.dirname}/worker_parent_child.ts`, directory],
    stdout: "piped",
    stdin: "null",
  }).spawn();
  let text = "";
  for await (const chunk of server.stdout.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    if (text.includes("\n")) break;
  }
  const workers: number[] = JSON.parse(text);
  assert.equal(workers.length, 2);
  server.kill("SIGKILL");
  await server.status;
  await allGone(workers);
  await Deno.remove(directory, { recursive: true });
});
