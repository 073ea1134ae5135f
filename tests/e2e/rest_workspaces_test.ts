import { deepEqual, equal, match, notEqual, ok } from "node:assert/strict";
import { sharedServer, TestServer } from "../support/server.ts";
import { once } from "../support/once.ts";
import { TestProject } from "../support/project.ts";
import type { List, WorkspaceAnswer } from "../support/rest.ts";
import { connect } from "../support/sql.ts";

interface LoadAnswer {
  readonly loaded: readonly { source: string; destination: string; rows: number; size_bytes: number }[];
  readonly workspace_size_bytes: number;
}

const server = sharedServer();
const projectOf = once(() => TestProject.withSales(server.current.rest));

async function detail(project: TestProject, workspace: { id: string }): Promise<WorkspaceAnswer> {
  return await project.rest.expect<WorkspaceAnswer>(200, "GET", project.workspacePath(workspace));
}

Deno.test("the create answer has everything that the contract names", async () => {
  const project = await projectOf();
  const workspace = await project.workspace({ name: "complete", ttl_hours: 2, size_limit_gb: 3 });
  match(workspace.id, /^ws_[0-9a-f]{12}$/);
  equal(workspace.name, "complete");
  equal(workspace.project_id, project.id);
  equal(workspace.branch_id, null);
  equal(workspace.size_limit_gb, 3);
  equal(workspace.status, "active");
  equal(Date.parse(workspace.expires_at) - Date.parse(workspace.created_at), 2 * 3_600_000);
  const { connection } = workspace;
  equal(connection.host, "localhost");
  equal(connection.port, server.current.pgPort);
  equal(connection.database, `workspace_${workspace.id}`);
  match(connection.username, new RegExp(`^${workspace.id}_[A-Za-z0-9]+$`));
  ok(connection.password.length >= 16);
  equal(connection.ssl_mode, "require");
  equal(
    connection.connection_string,
    `postgresql://${connection.username}:${connection.password}@localhost:${connection.port}/${connection.database}` +
      "?sslmode=require",
  );
  deepEqual(workspace.attached_tables.map(({ schema, table, rows }) => [schema, table, rows]), [
    ["in_c_sales", "customers", 4],
    ["in_c_sales", "orders", 100],
  ]);
});

Deno.test("the detail adds size, sessions and objects, and leaves the password out", async () => {
  const project = await projectOf();
  const workspace = await project.workspace({ name: "detailed" });
  await using client = await connect(workspace);
  await client.query("CREATE TABLE things AS SELECT * FROM range(12)");
  await client.query("CREATE VIEW seen AS SELECT * FROM things");
  const shown = await detail(project, workspace);
  ok(shown.size_bytes > 0);
  equal(shown.active_sessions, 1);
  deepEqual(shown.workspace_objects.map(({ name, type, rows }) => [name, type, rows]), [
    ["seen", "view", null],
    ["things", "table", 12],
  ]);
  equal(shown.connection.password, undefined);
  ok(!JSON.stringify(shown).includes(workspace.connection.password));
  const list = await project.rest.expect<List<WorkspaceAnswer>>(200, "GET", `${project.path}/workspaces`);
  ok(list.items.some(({ id }) => id === workspace.id));
  ok(!JSON.stringify(list).includes(workspace.connection.password));
});

Deno.test("bad fields of a new workspace give 422 with their pointers", async () => {
  const project = await projectOf();
  const cases: [object, string][] = [
    [{ name: undefined }, "/name"],
    [{ ttl_hours: 0 }, "/ttl_hours"],
    [{ ttl_hours: 1000 }, "/ttl_hours"],
    [{ size_limit_gb: -1 }, "/size_limit_gb"],
    [{ memory_limit: "lots" }, "/memory_limit"],
    [{ max_result_rows: -5 }, "/max_result_rows"],
    [{ preload_tables: "in.c-sales.orders" }, "/preload_tables"],
    [{ unknown_field: 1 }, "/unknown_field"],
  ];
  for (const [change, pointer] of cases) {
    const problem = await project.rest.refused(422, "invalid_request", "POST", `${project.path}/workspaces`, {
      json: { name: "bad", ...change },
    });
    ok(problem.errors?.some((error) => error.pointer === pointer), `${pointer}: ${JSON.stringify(problem)}`);
  }
});

Deno.test("preload_tables copies tables into the new workspace; an unknown one makes none", async () => {
  const project = await projectOf();
  const workspace = await project.workspace({ name: "preloaded", preload_tables: ["in.c-sales.orders"] });
  await using client = await connect(workspace);
  equal(await client.value("SELECT count(*) FROM orders"), "100");
  await client.query("DELETE FROM orders WHERE id > 10");
  equal(await client.value("SELECT count(*) FROM in_c_sales.orders"), "100");
  const before = (await project.rest.expect<List<unknown>>(200, "GET", `${project.path}/workspaces`)).items.length;
  const answer = await project.rest.request("POST", `${project.path}/workspaces`, {
    json: { name: "never", preload_tables: ["in.c-sales.orders", "in.c-sales.missing"] },
  });
  ok([404, 422].includes(answer.status), answer.text);
  equal((await project.rest.expect<List<unknown>>(200, "GET", `${project.path}/workspaces`)).items.length, before);
});

Deno.test("PATCH changes name, life and limits, within their bounds", async () => {
  const project = await projectOf();
  const workspace = await project.workspace({ name: "patched", max_result_rows: 5 });
  const changed = await project.rest.expect<WorkspaceAnswer>(200, "PATCH", project.workspacePath(workspace), {
    json: { name: "renamed", size_limit_gb: 2, ttl_hours: 48, max_result_rows: 50 },
  });
  equal(changed.name, "renamed");
  equal(changed.size_limit_gb, 2);
  ok(Date.parse(changed.expires_at) > Date.parse(workspace.expires_at));
  await using client = await connect(workspace);
  equal((await client.query("SELECT * FROM range(50)")).rows.length, 50);
  await project.rest.refused(422, "invalid_request", "PATCH", project.workspacePath(workspace), {
    json: { ttl_hours: 100_000 },
  });
});

Deno.test("a new result limit holds in sessions that are open already", async () => {
  const project = await projectOf();
  const workspace = await project.workspace({ name: "tightened" });
  await using client = await connect(workspace);
  equal((await client.query("SELECT * FROM range(100)")).rows.length, 100);
  await project.rest.expect(200, "PATCH", project.workspacePath(workspace), { json: { max_result_rows: 10 } });
  const error = await client.query("SELECT * FROM range(100)").then(() => null, (thrown) => thrown);
  equal(error?.code, "54000");
});

Deno.test("load copies tables with columns and filter, and says how much", async () => {
  const project = await projectOf();
  const workspace = await project.workspace({ name: "loaded" });
  const answer = await project.rest.expect<LoadAnswer>(200, "POST", `${project.workspacePath(workspace)}/load`, {
    json: {
      tables: [
        { source: "in.c-sales.orders", destination: "cheap", columns: ["id", "amount"], where: "amount < 5" },
        { source: "in.c-sales.customers" },
      ],
    },
  });
  deepEqual(answer.loaded.map(({ source, destination, rows }) => [source, destination, rows]), [
    ["in.c-sales.orders", "cheap", 19],
    ["in.c-sales.customers", "customers", 4],
  ]);
  ok(answer.workspace_size_bytes > 0);
  await using client = await connect(workspace);
  deepEqual((await client.query("SELECT * FROM cheap LIMIT 0")).fields.map(({ name }) => name), ["id", "amount"]);
  equal(await client.value("SELECT count(*) FROM customers"), "4");
});

Deno.test("load is all or nothing: an unknown table, column or a wrong filter loads none", async () => {
  const project = await projectOf();
  const workspace = await project.workspace({ name: "not loaded" });
  const bad: object[] = [
    { source: "in.c-sales.missing" },
    { source: "in.c-sales.orders", columns: ["id", "no_such_column"] },
    { source: "in.c-sales.orders", where: "no_such_column > 1" },
    { source: "in.c-sales.orders", where: "1 = 1; DROP TABLE customers" },
    { source: "in.c-sales.orders", where: "id IN (SELECT content FROM read_text('/etc/hosts'))" },
    { source: "in.c-sales.orders", where: "amount / (id - id) = 'x'::integer" },
  ];
  for (const item of bad) {
    const answer = await project.rest.request("POST", `${project.workspacePath(workspace)}/load`, {
      json: { tables: [{ source: "in.c-sales.customers", destination: "first" }, item] },
    });
    ok(answer.status >= 400 && answer.status < 500, `${JSON.stringify(item)}: ${answer.status} ${answer.text}`);
    deepEqual((await detail(project, workspace)).workspace_objects, [], JSON.stringify(item));
  }
  const several = { source: "in.c-sales.orders", where: "1 = 1; DROP TABLE customers" };
  const problem = await project.rest.refused(
    422,
    "invalid_request",
    "POST",
    `${project.workspacePath(workspace)}/load`,
    { json: { tables: [{ source: "in.c-sales.customers" }, several] } },
  );
  equal(problem.errors?.[0]?.pointer, "/tables/1/where");
});

Deno.test("load over an existing object is refused or replaces it whole, never half", async () => {
  const project = await projectOf();
  const workspace = await project.workspace({ name: "twice" });
  const path = `${project.workspacePath(workspace)}/load`;
  const json = { tables: [{ source: "in.c-sales.customers" }] };
  await project.rest.expect(200, "POST", path, { json });
  const again = await project.rest.request("POST", path, { json });
  ok([200, 409].includes(again.status), again.text);
  const [object] = (await detail(project, workspace)).workspace_objects;
  deepEqual([object?.name, object?.rows], ["customers", 4]);
});

Deno.test("objects are dropped one by one, clear drops all", async () => {
  const project = await projectOf();
  const workspace = await project.workspace({ name: "cleared" });
  await using client = await connect(workspace);
  await client.query(
    "CREATE TABLE one (id integer); CREATE TABLE two (id integer); CREATE VIEW three AS SELECT * FROM one",
  );
  const path = project.workspacePath(workspace);
  const dropped = await project.rest.request("DELETE", `${path}/objects/two`);
  ok([200, 204].includes(dropped.status), dropped.text);
  deepEqual((await detail(project, workspace)).workspace_objects.map(({ name }) => name), ["one", "three"]);
  await project.rest.refused(404, null, "DELETE", `${path}/objects/two`);
  await client.query("CREATE SCHEMA own; CREATE TABLE own.four (id integer)");
  await project.rest.expect(200, "POST", `${path}/clear`);
  deepEqual((await detail(project, workspace)).workspace_objects, []);
  await using later = await connect(workspace);
  equal(await later.value("SELECT 1"), 1, "a dropped schema is in no new session's search path");
  equal(await client.value("SELECT count(*) FROM in_c_sales.orders"), "100", "project tables stay");
});

Deno.test("one workspace more than max_workspaces_per_project is 409", async () => {
  await using small = await TestServer.start({ config: { max_workspaces_per_project: 2 } });
  const project = await TestProject.create(small.rest);
  const first = await project.workspace();
  await project.workspace();
  await project.rest.refused(409, "workspace_limit_reached", "POST", `${project.path}/workspaces`, {
    json: { name: "x" },
  });
  await project.rest.request("DELETE", project.workspacePath(first));
  await project.workspace();
});

Deno.test("a workspace over its size limit takes no more data, and deleting makes room", async () => {
  const project = await projectOf();
  const workspace = await project.workspace({ name: "full", size_limit_gb: 0.005 });
  await using client = await connect(workspace);
  const error = await client.query("CREATE TABLE large AS SELECT md5(range::varchar) AS t, range FROM range(2000000)")
    .then(() => client.query("INSERT INTO large SELECT md5(range::varchar), range FROM range(2000000)"))
    .then(() => null, (thrown) => thrown);
  equal(error?.code, "53100", String(error));
  await client.query("DROP TABLE IF EXISTS large");
  await client.query("CREATE TABLE small AS SELECT 1 AS id");
});

Deno.test("credentials reset answers with a new password, once", async () => {
  const project = await projectOf();
  const workspace = await project.workspace({ name: "renewed" });
  const path = project.workspacePath(workspace);
  const answer = await project.rest.expect<WorkspaceAnswer>(200, "POST", `${path}/credentials/reset`);
  notEqual(answer.connection.password, workspace.connection.password);
  ok(answer.connection.connection_string.includes(answer.connection.password));
  ok(!JSON.stringify(await detail(project, workspace)).includes(answer.connection.password));
});

Deno.test("a branch's workspaces are listed, read and deleted under the branch", async () => {
  const project = await TestProject.withSales(server.current.rest, "branching");
  const branch = await project.branch("side");
  const path = `${project.path}/branches/${branch.id}/workspaces`;
  const workspace = await project.rest.expect<WorkspaceAnswer>(201, "POST", path, { json: { name: "in branch" } });
  equal(workspace.branch_id, branch.id);
  const list = await project.rest.expect<List<WorkspaceAnswer>>(200, "GET", path);
  deepEqual(list.items.map(({ id }) => id), [workspace.id]);
  equal((await project.rest.expect<WorkspaceAnswer>(200, "GET", `${path}/${workspace.id}`)).id, workspace.id);
  await project.rest.expect(204, "DELETE", `${path}/${workspace.id}`);
  await project.rest.refused(404, "not_found", "GET", `${path}/${workspace.id}`);
  await project.rest.refused(404, "not_found", "POST", `${project.path}/branches/br_missing/workspaces`, {
    json: { name: "x" },
  });
});

Deno.test("every workspace route answers 404 for an unknown workspace", async () => {
  const project = await projectOf();
  const path = `${project.path}/workspaces/ws_000000000000`;
  const routes: [string, string, unknown?][] = [
    ["GET", path],
    ["PATCH", path, { name: "x" }],
    ["DELETE", path],
    ["POST", `${path}/clear`],
    ["DELETE", `${path}/objects/t`],
    ["POST", `${path}/load`, { tables: [{ source: "in.c-sales.orders" }] }],
    ["POST", `${path}/credentials/reset`],
    ["GET", `${path}/sessions`],
    ["DELETE", `${path}/sessions/pgs_000000000000`],
    ["POST", `${path}/sessions/pgs_000000000000/heartbeat`],
    ["POST", `${path}/disconnect-all`],
  ];
  for (const [method, route, json] of routes) {
    await project.rest.refused(404, "not_found", method, route, json === undefined ? {} : { json });
  }
});

Deno.test("a deleted workspace's metric series are gone", async () => {
  const project = await projectOf();
  const workspace = await project.workspace({ name: "measured" });
  {
    await using client = await connect(workspace);
    await client.query("SELECT 1");
  }
  ok((await server.current.rest.request("GET", "/metrics")).text.includes(workspace.id));
  await project.rest.request("DELETE", project.workspacePath(workspace));
  ok(!(await server.current.rest.request("GET", "/metrics")).text.includes(workspace.id));
});
