/** A workspace's own limits over REST and SQL: set at creation, changed while it runs, and exact in what they refuse. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { eventually, sharedServer } from "../support/server.ts";
import { once } from "../support/once.ts";
import { TestProject } from "../support/project.ts";
import { connect, connectionRefusal, refusedWith } from "../support/sql.ts";

const server = sharedServer({ config: { max_connections_per_workspace: 3, spare_workers: 1 } });
const projectOf = once(() => TestProject.withSales(server.current.rest));

type Limits = Readonly<Record<string, unknown>>;

async function patch(project: TestProject, workspace: { id: string }, limits: Limits): Promise<Limits> {
  return await project.rest.expect<Limits>(200, "PATCH", project.workspacePath(workspace), { json: limits });
}

Deno.test("every limit can be set at creation and by PATCH, and the detail shows it", async () => {
  const project = await projectOf();
  const own = {
    memory_limit: "200MB",
    max_result_rows: 11,
    max_result_bytes: 12_000,
    threads: 1,
    temp_storage_limit: "50MB",
    max_queries_per_minute: 600,
    max_statement_bytes: 70_000,
    max_connections: 2,
    size_limit_gb: 0.5,
  };
  const workspace = await project.workspace({ name: "own", ...own });
  const shown = async () => {
    const detail = await project.rest.expect<Limits>(200, "GET", project.workspacePath(workspace));
    return Object.fromEntries(Object.keys(own).map((name) => [name, detail[name]]));
  };
  deepEqual(await shown(), own);
  await using client = await connect(workspace);
  equal(await client.value("SELECT 1"), 1);
  const others = { ...own, memory_limit: "300MB", threads: 2, max_result_rows: 5, max_connections: 1 };
  await patch(project, workspace, others);
  deepEqual(await shown(), others);
  await patch(project, workspace, { threads: null, max_queries_per_minute: null });
  const back = await project.rest.expect<Limits>(200, "GET", project.workspacePath(workspace));
  deepEqual([back["max_queries_per_minute"], back["max_result_rows"]], [0, 5]);
  ok(Number(back["threads"]) >= 1);
});

Deno.test("a PATCH of the result limits holds for the next statement of an open session, exactly", async () => {
  const project = await projectOf();
  const workspace = await project.workspace({ name: "rows" });
  await using client = await connect(workspace);
  equal((await client.rowsOf("SELECT * FROM range(10)")).length, 10);
  await patch(project, workspace, { max_result_rows: 9 });
  const error = await refusedWith("54000", client.query("SELECT * FROM range(10)"));
  match(error.message, /more than 9 rows/);
  equal((await client.rowsOf("SELECT * FROM range(9)")).length, 9);
  await patch(project, workspace, { max_result_rows: 0 });
  equal((await client.rowsOf("SELECT * FROM range(200000)")).length, 200_000);
});

Deno.test("max_queries_per_minute is 53400, and a PATCH lets the session go on", async () => {
  const project = await projectOf();
  const workspace = await project.workspace({ name: "rate", max_queries_per_minute: 3 });
  await using client = await connect(workspace);
  for (let turn = 0; turn < 3; turn++) await client.query("SELECT 1");
  const error = await refusedWith("53400", client.query("SELECT 1"));
  match(error.message, /too many queries: 3 a minute/);
  match(String(error.hint), /Wait \d+ s/);
  await patch(project, workspace, { max_queries_per_minute: 0 });
  equal(await client.value("SELECT 1"), 1);
});

Deno.test("max_connections of a workspace is 53300 for one more, whatever the server's limit", async () => {
  const project = await projectOf();
  const workspace = await project.workspace({ name: "seats", max_connections: 1 });
  await using first = await connect(workspace);
  match((await connectionRefusal(workspace)).message, /1 are open/);
  await patch(project, workspace, { max_connections: 4 });
  const more = await Promise.all([connect(workspace), connect(workspace), connect(workspace)]);
  equal((await connectionRefusal(workspace)).code, "53300");
  await Promise.all(more.map((client) => client.end()));
  equal(await first.value("SELECT 1"), 1);
});

Deno.test("a statement of 20 MB is 54000 in both protocols, and the session goes on", async () => {
  const project = await projectOf();
  const workspace = await project.workspace({ name: "long texts" });
  await using client = await connect(workspace);
  const text = `SELECT 1 /* ${"x".repeat(20_000_000)} */`;
  const error = await refusedWith("54000", client.query(text));
  match(error.message, /2000\d{4} bytes, at most 16000000 are accepted/);
  await refusedWith("54000", client.query({ text, values: [], name: "prepared" }));
  equal(await client.value("SELECT 2"), 2);
  await patch(project, workspace, { max_statement_bytes: 30_000_000 });
  equal(await client.value(text), 1);
  // Data is no statement: it may be as long as it likes.
  equal(await client.value("SELECT length($1::text)", ["y".repeat(20_000_000)]), 20_000_000);
});

Deno.test("threads, spill and memory limits of a running process change without a restart", async () => {
  const project = await projectOf();
  const workspace = await project.workspace({ name: "engine", memory_limit: "400MB", threads: 1 });
  await using client = await connect(workspace);
  const [before] = server.current.workerProcessIds();
  const greedy = "SELECT count(*) FROM (SELECT DISTINCT range, repeat('x', 100) || range FROM range(1500000))";
  await patch(project, workspace, { memory_limit: "100MB", temp_storage_limit: "5MB" });
  const error = await client.query(greedy).then(() => null, (refused: { code: string }) => refused);
  ok(error !== null && ["53100", "53200"].includes(error.code), JSON.stringify(error));
  await patch(project, workspace, { memory_limit: "500MB", temp_storage_limit: "2GB", threads: 2 });
  equal(await client.value(greedy), "1500000");
  ok(server.current.workerProcessIds().includes(before!), "the process is the same");
});

Deno.test("a full workspace refuses writes with 53100 until space is freed; reading and dropping work, and then it is shown as small again", async () => {
  const project = await projectOf();
  const workspace = await project.workspace({ name: "full", size_limit_gb: 0.02 });
  await using client = await connect(workspace);
  await client.query("CREATE TABLE kept AS SELECT range AS n FROM range(1000)");
  await client.query("CREATE TABLE big (noise varchar)");
  const fill = "INSERT INTO big SELECT uuid()::varchar || uuid()::varchar FROM range(50000)";
  let refused: { code?: string } | undefined;
  for (let turn = 0; refused === undefined && turn < 100; turn++) {
    await client.query(fill).catch((error: { code?: string }) => refused = error);
  }
  equal(refused?.code, "53100");
  for (
    const write of [
      "INSERT INTO kept VALUES (1)",
      "CREATE TABLE more AS SELECT 1 AS n",
      "UPDATE kept SET n = n + 1",
    ]
  ) {
    const error = await refusedWith("53100", client.query(write));
    match(error.message, /is full: \d+ bytes used of 20000000/);
  }
  const load = await project.rest.request<{ code: string }>("POST", `${project.workspacePath(workspace)}/load`, {
    json: { tables: [{ source: "in.c-sales.orders" }] },
  });
  deepEqual([load.status, load.body.code], [507, "workspace_size_exceeded"]);
  equal(await client.value("SELECT count(*) FROM kept"), "1000");
  await server.current.rest.expect(200, "POST", "/internal/jobs/sizes/run");
  const { text } = await server.current.rest.request("GET", "/metrics");
  match(text, new RegExp(`workspace_size_limit_bytes\\{workspace_id="${workspace.id}"\\} 20000000`));
  await server.current.waitForLog((line) =>
    line.message === "workspace is near its size limit" && line["workspace_id"] === workspace.id
  );
  await client.query("DROP TABLE big");
  await client.query("INSERT INTO kept VALUES (1)");
  equal(await client.value("SELECT count(*) FROM kept"), "1001");
  // The file stays as large as it was, over this limit, and what is free in it counts no more.
  await patch(project, workspace, { size_limit_gb: 0.01 });
  const freed = await project.rest.expect<{ size_bytes: number }>(200, "GET", project.workspacePath(workspace));
  ok(freed.size_bytes < 5_000_000, `${freed.size_bytes} bytes`);
  await server.current.rest.expect(200, "POST", "/internal/jobs/sizes/run");
  await server.current.waitForLog((line) =>
    line.message === "workspace is below its size limit again" && line["workspace_id"] === workspace.id
  );
});

Deno.test("one statement that would grow far beyond the size limit is stopped on its way with 53100", async () => {
  const project = await projectOf();
  const workspace = await project.workspace({ name: "runaway", size_limit_gb: 0.02 });
  await using client = await connect(workspace);
  const error = await refusedWith(
    "53100",
    client.query("CREATE TABLE big AS SELECT uuid()::varchar || uuid()::varchar AS noise FROM range(100000000)"),
  );
  match(error.message, /is full/);
  await client.query("CREATE TABLE small AS SELECT 1 AS n");
  equal(await client.value("SELECT n FROM small"), 1);
});

Deno.test("a process's spill folder is gone with it, also after kill -9", async () => {
  const project = await projectOf();
  const workspace = await project.workspace({ name: "spill", memory_limit: "80MB" });
  const folder = `${server.current.dataDir}/project_${project.id}/_tmp/${workspace.id}`;
  const before = new Set(server.current.workerProcessIds());
  await using client = await connect(workspace);
  const spilling = client.query("CREATE TABLE s AS SELECT DISTINCT uuid()::varchar AS u FROM range(20000000)")
    .catch(() => {});
  await eventually("it spills", () => {
    try {
      return [...Deno.readDirSync(folder)].length > 0;
    } catch {
      return false;
    }
  });
  // The spare became this workspace's process, and its successor the new spare.
  for (const id of server.current.workerProcessIds()) if (before.has(id)) Deno.kill(id, "SIGKILL");
  await spilling;
  await eventually("the folder is gone", () => Deno.stat(folder).then(() => false, () => true));
});
