/** What happens to sessions, data and processes when one of them ends, gently or not. */
import { deepEqual, equal, notEqual, ok } from "node:assert/strict";
import { DuckDBInstance } from "@duckdb/node-api";
import { eventually, isProcessRunning, TestServer } from "../support/server.ts";
import { ordersCsv, TestProject } from "../support/project.ts";
import type { List, ProjectAnswer, SessionAnswer, WorkspaceAnswer } from "../support/rest.ts";
import { connect, connectionRefusal, refusal } from "../support/sql.ts";
import { frontend, sqlstatesOf, WireClient } from "../support/wire.ts";

const endlessQuery = "SELECT count(*) FROM range(1000000000000000)";

Deno.test("kill -9 of a worker ends only its own sessions, and the next connection works", async () => {
  await using server = await TestServer.start();
  const project = await TestProject.withSales(server.rest);
  const [one, two] = [await project.workspace({ name: "one" }), await project.workspace({ name: "two" })];
  const before = new Set(server.workerProcessIds());
  await using victim = await connect(one);
  const victimWorker = server.workerProcessIds().filter((id) => !before.has(id));
  equal(victimWorker.length, 1);
  await using survivor = await connect(two);
  await victim.query("CREATE TABLE kept AS SELECT * FROM range(10)");

  Deno.kill(victimWorker[0]!, "SIGKILL");
  await victim.ended;
  equal(await survivor.value("SELECT count(*) FROM in_c_sales.orders"), "100");
  await using again = await connect(one);
  equal(await again.value("SELECT count(*) FROM kept"), "10");
  equal(await again.value("SELECT count(*) FROM in_c_sales.orders"), "100");
  equal((await project.rest.request("GET", project.workspacePath(one))).status, 200);
  const metrics = await server.rest.request("GET", "/metrics");
  ok(/^worker_restarts_total\{[^}]*\} [1-9]/m.test(metrics.text), "the restart is counted");
});

Deno.test("a log that names one of our functions is replayed after kill -9 of its worker", async () => {
  await using server = await TestServer.start();
  const workspace = await (await TestProject.create(server.rest)).workspace();
  await using victim = await connect(workspace);
  await victim.query("CREATE TABLE named (id integer, quoted text)");
  await victim.query("ALTER TABLE named ALTER COLUMN quoted SET DEFAULT quote_ident('a b')");
  await victim.query("CREATE VIEW shown AS SELECT to_char(id, '009') AS padded FROM named");
  await victim.query("INSERT INTO named (id) VALUES (7)");
  for (const id of server.workerProcessIds()) Deno.kill(id, "SIGKILL");
  await victim.ended;
  await using again = await connect(workspace);
  await again.query("INSERT INTO named (id) VALUES (8)");
  equal(await again.value("SELECT string_agg(id || quoted, ',' ORDER BY id) FROM named"), '7"a b",8"a b"');
  equal(await again.value("SELECT max(padded) FROM shown"), " 008");
});

Deno.test("a query that runs in a worker that dies ends with an error, not with silence", async () => {
  await using server = await TestServer.start();
  const project = await TestProject.create(server.rest);
  const workspace = await project.workspace();
  await using client = await connect(workspace);
  const outcome = client.query(endlessQuery).then(() => "answered", (error: Error) => error.message);
  const path = `${project.workspacePath(workspace)}/sessions`;
  await eventually(
    "the query runs",
    async () => (await project.rest.expect<List<SessionAnswer>>(200, "GET", path)).items[0]?.["state"] === "active",
  );
  for (const id of server.workerProcessIds()) Deno.kill(id, "SIGKILL");
  notEqual(await outcome, "answered");
});

Deno.test("kill -9 of the server leaves no worker behind", async () => {
  await using server = await TestServer.start({ config: { spare_workers: 1 } });
  const project = await TestProject.withSales(server.rest);
  await using client = await connect(await project.workspace());
  client.query(endlessQuery).catch(() => {});
  const workers = server.workerProcessIds();
  ok(workers.length >= 1);
  await server.kill();
  await eventually("every worker has ended", () => workers.every((id) => !isProcessRunning(id)));
});

Deno.test("after kill -9 every acknowledged change is there, and open sessions are recovered as closed", async () => {
  await using server = await TestServer.start({ config: { spare_workers: 0 } });
  const project = await TestProject.withSales(server.rest, "survivor");
  const workspace = await project.workspace();
  const key = await project.rest.expect<{ id: string; key: string }>(201, "POST", `${project.path}/keys`, {
    json: { name: "reader", role: "read" },
  });
  await using client = await connect(workspace);
  await client.query("CREATE TABLE mine AS SELECT * FROM range(500)");
  await client.query("INSERT INTO mine SELECT * FROM range(500)");
  await project.import("in.c-sales.orders", ordersCsv(250));
  await server.kill();
  await client.ended;

  await server.startProcess();
  const rest = server.rest.as(project.rest.key);
  equal((await rest.expect<ProjectAnswer>(200, "GET", project.path)).id, project.id);
  await server.rest.as(key.key).expect(200, "GET", `${project.path}/tables`);
  const table = await rest.expect<{ rows: number }>(200, "GET", `${project.path}/tables/in.c-sales.orders`);
  equal(table.rows, 250);
  const sessions = await rest.expect<List<SessionAnswer>>(200, "GET", `${project.workspacePath(workspace)}/sessions`);
  deepEqual(sessions.items, []);
  const moved: WorkspaceAnswer = {
    ...workspace,
    connection: { ...workspace.connection, port: server.pgPort },
  };
  await using again = await connect(moved);
  equal(await again.value("SELECT count(*) FROM mine"), "1000");
  equal(await again.value("SELECT count(*) FROM in_c_sales.orders"), "250");
  const metrics = await server.rest.request("GET", "/metrics");
  ok(/^pgwire_connections_active\{[^}]*\} 1$/m.test(metrics.text), "only the new session counts");
});

Deno.test("a session that the killed server left open in its store is closed there by the next start", async () => {
  await using server = await TestServer.start();
  const project = await TestProject.create(server.rest);
  const workspace = await project.workspace();
  await using client = await connect(workspace);
  await client.query("SELECT 1");
  const path = `${project.workspacePath(workspace)}/sessions`;
  const { items: [session] } = await project.rest.expect<List<SessionAnswer>>(200, "GET", path);
  const id = String(session?.session_id);
  await eventually("the session is saved", async () => {
    for (const name of ["metadata.duckdb", "metadata.duckdb.wal"]) {
      const bytes = await Deno.readFile(`${server.dataDir}/${name}`).catch(() => new Uint8Array());
      if (new TextDecoder("latin1").decode(bytes).includes(id)) return true;
    }
    return false;
  });
  await server.kill();
  await server.startProcess();
  const line = await server.waitForLog(({ message }) => message === "leftovers of an earlier run removed");
  equal(line["sessions_closed"], 1);
  await server.stop();
  const instance = await DuckDBInstance.create(`${server.dataDir}/metadata.duckdb`, { access_mode: "READ_ONLY" });
  const connection = await instance.connect();
  const reader = await connection.runAndReadAll(
    "SELECT id, ended_at IS NOT NULL, end_reason FROM pg_sessions WHERE id = $1",
    [id],
  );
  deepEqual(reader.getRows(), [[id, true, "server_restart"]]);
  connection.closeSync();
  instance.closeSync();
});

Deno.test("kill -9 at any moment of many writes loses no acknowledged one", async () => {
  await using server = await TestServer.start();
  const acknowledged: string[] = [];
  for (let round = 0; round < 3; round++) {
    const rest = server.rest;
    let running = true;
    const writers = Array.from({ length: 4 }, async (_, writer) => {
      for (let index = 0; running; index++) {
        const id = `p${round}-${writer}-${index}`.replaceAll("-", "_");
        const answer = await rest.request("POST", "/projects", { json: { id, name: id } }).catch(() => null);
        if (answer === null) return;
        equal(answer.status, 201, answer.text);
        acknowledged.push(id);
      }
    });
    const enough = acknowledged.length + 10 + round * 7;
    await eventually("some writes were acknowledged", () => acknowledged.length >= enough);
    await server.kill();
    running = false;
    await Promise.all(writers);
    await server.startProcess();
  }
  for (const id of acknowledged) await server.rest.expect(200, "GET", `/projects/${id}`);
});

Deno.test("an import that the server's kill -9 interrupts changes nothing, and its files are cleaned up", async () => {
  await using server = await TestServer.start();
  const project = await TestProject.withSales(server.rest, "interrupted");
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const writer = writable.getWriter();
  const upload = project.rest.request("POST", `${project.path}/tables/in.c-sales.orders/import?mode=full&format=csv`, {
    raw: readable,
  }).catch(() => null);
  await writer.write(new TextEncoder().encode(ordersCsv(5_000)));
  await server.kill();
  await upload;
  await writer.abort().catch(() => {});
  await server.startProcess();
  const rest = server.rest.as(project.rest.key);
  const table = await rest.expect<{ rows: number }>(200, "GET", `${project.path}/tables/in.c-sales.orders`);
  equal(table.rows, 100);
  const path = `${project.path}/tables/in.c-sales.orders/import?mode=full&format=csv`;
  const answer = await rest.request("POST", path, { raw: ordersCsv(9) });
  ok(answer.status === 200 || answer.status === 201, answer.text);
});

Deno.test("SIGTERM lets a running query finish, refuses new connections and ends with exit code 0", async () => {
  await using server = await TestServer.start({ config: { shutdown_timeout_seconds: 60 } });
  const workspace = await (await TestProject.withSales(server.rest)).workspace();
  await using client = await connect(workspace);
  // A few seconds of work, so that the signal arrives while it runs.
  const result = client.value("SELECT count(*) FROM range(1500000000) WHERE range % 7 = 3");
  await eventually("the query runs", async () => {
    const metrics = await server.rest.request<{ items: SessionAnswer[] }>(
      "GET",
      `/projects/${workspace.project_id}/workspaces/${workspace.id}/sessions`,
    );
    return metrics.body.items[0]?.["state"] === "active";
  });
  let ended = false;
  void result.finally(() => ended = true);
  server.signal("SIGTERM");
  await eventually("it is not ready", async () => (await fetch(`${server.baseUrl}/ready`)).status === 503);
  const refused = await connectionRefusal(workspace);
  deepEqual([refused.code, refused.message], ["57P03", "the database system is shutting down"]);
  const rest = await server.rest.request<{ code: string }>("GET", "/projects");
  deepEqual([rest.status, rest.body.code], [503, "shutting_down"]);
  equal((await fetch(`${server.baseUrl}/live`)).status, 200);
  ok(!ended, "the query still ran when new connections were refused");
  equal(await result, "214285714");
  await client.ended;
  equal((client.connectionErrors[0] as { code?: string }).code, "57P01");
  equal((await server.exit()).code, 0);
});

Deno.test("SIGTERM ends idle sessions with 57P01 and cancels what runs longer than shutdown_timeout_seconds", async () => {
  await using server = await TestServer.start({ config: { shutdown_timeout_seconds: 1 } });
  const workspace = await (await TestProject.create(server.rest)).workspace();
  using idle = await WireClient.connect(workspace);
  using busy = await WireClient.connect(workspace);
  busy.send(frontend.query(endlessQuery));
  const workers = server.workerProcessIds();
  server.signal("SIGTERM");
  ok(sqlstatesOf(await idle.readToEnd()).includes("57P01"));
  deepEqual(sqlstatesOf(await busy.readToEnd()), ["57P01"]);
  equal((await server.exit()).code, 0);
  ok(workers.every((id) => !isProcessRunning(id)), "no worker outlives the server");
});

Deno.test("a second SIGTERM cancels what the first one waits for, and the end is as orderly", async () => {
  await using server = await TestServer.start({ config: { shutdown_timeout_seconds: 600 } });
  const project = await TestProject.create(server.rest);
  const workspace = await project.workspace();
  await using client = await connect(workspace);
  await client.query("CREATE TABLE kept AS SELECT * FROM range(10)");
  using busy = await WireClient.connect(workspace);
  busy.send(frontend.query(endlessQuery));
  const path = `${project.workspacePath(workspace)}/sessions`;
  await eventually("the query runs", async () => {
    const { items } = await project.rest.expect<List<SessionAnswer>>(200, "GET", path);
    return items.some((session) => session["state"] === "active");
  });
  server.signal("SIGTERM");
  await client.ended;
  // Two signals within a second are taken for one that came by two ways.
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  server.signal("SIGTERM");
  deepEqual(sqlstatesOf(await busy.readToEnd()), ["57P01"]);
  equal((await server.exit()).code, 0);
  const folder = `${server.dataDir}/project_${project.id}/_workspaces`;
  deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name), [`${workspace.id}.duckdb`], "no log is left");
  ok(!await Deno.stat(`${server.dataDir}/metadata.duckdb.wal`).then(() => true, () => false));
});

Deno.test("a worker ends after its last session, and the next connection starts a new one", async () => {
  await using server = await TestServer.start({ config: { worker_idle_seconds: 0, spare_workers: 0 } });
  const workspace = await (await TestProject.create(server.rest)).workspace();
  {
    await using client = await connect(workspace);
    await client.query("CREATE TABLE kept (id integer)");
  }
  await eventually("the worker has ended", () => server.workerProcessIds().length === 0);
  await using client = await connect(workspace);
  equal(await client.value("SELECT count(*) FROM kept"), "0");
});

Deno.test("a query that exceeds its workspace's memory and spill limits fails alone", async () => {
  await using server = await TestServer.start({ config: { workspace_max_temp_storage: "1MB" } });
  const project = await TestProject.create(server.rest);
  const small = await project.workspace({ name: "small", memory_limit: "64MB" });
  const other = await project.workspace({ name: "other" });
  await using client = await connect(small);
  await using neighbour = await connect(other);
  const greedy = "SELECT count(*) FROM (SELECT DISTINCT range, range::varchar || repeat('x', 200) FROM range(3000000))";
  const error = await refusal(client.query(greedy));
  ok(["53100", "53200"].includes(error.code ?? ""), `${error.code}: ${error.message}`);
  equal(await neighbour.value("SELECT 1"), 1);
  equal(await client.value("SELECT 1"), 1, "the session goes on");
});

Deno.test("without a configured key the first start makes one, the second start keeps it and prints none", async () => {
  await using server = await TestServer.start({ adminKey: null });
  const key = server.adminKey;
  ok(server.logLines.some((line) => line.message === "admin key generated"));
  await server.rest.expect(201, "POST", "/projects", { json: { id: "kept", name: "kept" } });
  await server.stop();
  await server.startProcess();
  ok(!server.logLines.some((line) => line.message === "admin key generated"));
  await server.rest.as(key).expect(200, "GET", "/projects/kept");
  const stored = new TextDecoder("latin1").decode(await Deno.readFile(`${server.dataDir}/metadata.duckdb`));
  ok(!stored.includes(key), "only a hash of the key is stored");
});

Deno.test("two servers on one data folder: the second says so and ends", async () => {
  await using server = await TestServer.start();
  const second = await TestServer.start({ dataDir: server.dataDir }).then(() => null, (error: Error) => error);
  ok(second !== null, "it started");
  ok(/ended/.test(second.message), second.message);
  equal(
    (await connectionRefusal(await (await TestProject.create(server.rest)).workspace(), { password: "x" })).code,
    "28P01",
  );
});
