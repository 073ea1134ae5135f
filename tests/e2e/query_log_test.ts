/** The query log as its readers see it: the line on stdout, the list over REST, the Parquet file. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import type pg from "pg";
import { once } from "../support/once.ts";
import { TestProject } from "../support/project.ts";
import type { List, Rest, WorkspaceAnswer } from "../support/rest.ts";
import { eventually, type LogLine, sharedServer, type TestServer } from "../support/server.ts";
import { connect, refusedWith, type SqlClient } from "../support/sql.ts";
import { WireClient } from "../support/wire.ts";
import { copyFrom, copyTo } from "./copy_wire.ts";

const server = sharedServer({
  config: { query_audit_max_length: 2_000, workspace_max_result_rows: 0, workspace_max_statement_bytes: "64MB" },
});
const project = once(() => TestProject.withSales(server.current.rest, "querylog"));

interface LoggedQuery {
  readonly id: number;
  readonly timestamp: string;
  readonly query: string | null;
  readonly query_truncated: boolean;
  readonly query_length: number;
  readonly query_hash: string;
  readonly username: string;
  readonly status: string;
  readonly error: string | null;
  readonly sqlstate: string | null;
  readonly rows_returned: number;
  readonly bytes_returned: number;
  readonly duration_ms: number;
  readonly slow: boolean;
  readonly [field: string]: unknown;
}

/** The line of the statement with this mark in its text. */
function lineWith(running: TestServer, mark: string): Promise<LogLine & LoggedQuery> {
  return running.waitForLog((line) =>
    line["event"] === "query_executed" && String(line["query"]).includes(mark)
  ) as Promise<LogLine & LoggedQuery>;
}

async function listed(rest: Rest, path: string, query = ""): Promise<LoggedQuery[]> {
  return [...(await rest.expect<List<LoggedQuery>>(200, "GET", `${path}/queries?${query}`)).items];
}

interface Place {
  readonly workspace: WorkspaceAnswer;
  readonly path: string;
  readonly rest: Rest;
  readonly client: SqlClient & AsyncDisposable;
}

async function place(overrides: pg.ClientConfig = {}): Promise<Place> {
  const owner = await project();
  const workspace = await owner.workspace();
  const client = await connect(workspace, overrides);
  return { workspace, path: owner.workspacePath(workspace), rest: owner.rest, client };
}

/** Statements of the workspace, oldest first, once there are `count` of them. */
async function waitForRows({ rest, path }: Place, count: number): Promise<LoggedQuery[]> {
  return await eventually(`${count} rows in the query log`, async () => {
    const rows = await listed(rest, path);
    return rows.length >= count && rows.toReversed();
  });
}

Deno.test("a statement's line and row have every field", async () => {
  const here = await place({ application_name: "reports" });
  await using client = here.client;
  await client.query("SELECT id, name FROM in_c_sales.customers WHERE id < 3 ORDER BY id -- mark_fields");
  const line = await lineWith(server.current, "FROM in_c_sales.customers WHERE id < 3");
  const { timestamp, session_id, query_hash, duration_ms, bytes_returned, query_length, ...rest } = line;
  deepEqual(rest, {
    event: "query_executed",
    workspace_id: here.workspace.id,
    project_id: here.workspace.project_id,
    branch_id: null,
    username: here.workspace.connection.username,
    client_ip: "127.0.0.1",
    application_name: "reports",
    mode: "full",
    query: "SELECT id, name FROM in_c_sales.customers WHERE id < 3 ORDER BY id",
    query_truncated: false,
    rows_returned: 2,
    status: "success",
    error: null,
    sqlstate: null,
  });
  ok(Math.abs(Date.parse(timestamp) - Date.now()) < 3_600_000 && timestamp.endsWith("Z"));
  match(String(session_id), /^pgs_/);
  match(query_hash, /^sha256:[0-9a-f]{64}$/);
  equal(query_length, 66);
  ok(duration_ms > 0 && bytes_returned > 20);

  const [row] = await waitForRows(here, 1);
  const { id, slow, plan, ...columns } = row!;
  deepEqual(columns, Object.fromEntries(Object.entries(line).filter(([name]) => name !== "event")));
  ok(id > 0);
  deepEqual([slow, plan], [false, null]);
});

Deno.test("equal statements with other values have one hash, others have another", async () => {
  const here = await place();
  await using client = here.client;
  await client.query("SELECT 1 + 41");
  await client.query("SELECT 2 + 77");
  await client.query("SELECT 2 - 77");
  const [first, second, third] = await waitForRows(here, 3);
  equal(first!.query_hash, second!.query_hash);
  ok(first!.query_hash !== third!.query_hash);
});

Deno.test("each statement of a simple query's text is logged, up to the one that failed", async () => {
  const here = await place();
  await using client = here.client;
  await refusedWith(
    "42P01",
    client.query("CREATE TABLE one (a int); INSERT INTO one VALUES (1), (2); TABLE nowhere; SELECT 3"),
  );
  const rows = await waitForRows(here, 3);
  deepEqual(rows.map((row) => [row.query, row.status, row.sqlstate, row.rows_returned]), [
    ["CREATE TABLE one (a int)", "success", null, 0],
    ["INSERT INTO one VALUES (1), (2)", "success", null, 2],
    ["TABLE nowhere", "error", "42P01", 0],
  ]);
  match(rows[2]!.error!, /nowhere/);
});

Deno.test("what fails before it runs is logged too: syntax, Parse, Bind, refused by policy", async () => {
  const here = await place();
  await using client = here.client;
  await refusedWith("42601", client.query("SELEKT 1"));
  await refusedWith("42703", client.query("SELECT no_such_column WHERE $1 = 1", [1]));
  await refusedWith("22P02", client.query("SELECT $1::int AS bound", ["not a number"]));
  await refusedWith("42501", client.query("COPY (SELECT 1) TO '/tmp/file.csv'"));
  const rows = await waitForRows(here, 4);
  deepEqual(rows.map((row) => [row.query, row.status, row.sqlstate]), [
    ["SELEKT 1", "error", "42601"],
    ["SELECT no_such_column WHERE $1 = 1", "error", "42703"],
    ["SELECT $1::int AS bound", "error", "22P02"],
    ["COPY (SELECT 1) TO '/tmp/file.csv'", "error", "42501"],
  ]);
});

Deno.test("the extended protocol logs the statement with its parameters' places and never their values", async () => {
  const here = await place();
  await using client = here.client;
  await client.query("CREATE TABLE kept (a int, b text)");
  await client.query({ name: "put", text: "INSERT INTO kept VALUES ($1, $2)", values: [1, "parameter_value"] });
  await client.query({ name: "put", text: "INSERT INTO kept VALUES ($1, $2)", values: [2, "parameter_value"] });
  const result = await client.query("SELECT a FROM kept WHERE b = $1", ["parameter_value"]);
  equal(result.rows.length, 2);
  const rows = await waitForRows(here, 4);
  deepEqual(rows.slice(1).map((row) => [row.query, row.rows_returned, row.status]), [
    ["INSERT INTO kept VALUES ($1, $2)", 1, "success"],
    ["INSERT INTO kept VALUES ($1, $2)", 1, "success"],
    ["SELECT a FROM kept WHERE b = $1", 2, "success"],
  ]);
  ok(!JSON.stringify(rows).includes("parameter_value"));
});

Deno.test("cancelled and timed-out statements have their status", async () => {
  const here = await place();
  await using client = here.client;
  await client.query("SET statement_timeout = 200");
  const long = "SELECT count(*) FROM range(100000000) a, range(100000000) b WHERE (a.range * b.range) % 7 = 3";
  await refusedWith("57014", client.query(long));
  await client.query("SET statement_timeout = 0");
  const cancelled = refusedWith("57014", client.query(`${long} OR false`));
  await using other = await connect(here.workspace);
  await eventually(
    "the statement runs",
    async () =>
      await other.value("SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%OR false'") !==
        "0",
  );
  await other.query(
    "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE query LIKE '%OR false' AND pid <> pg_backend_pid()",
  );
  await cancelled;
  const found = await eventually("both are logged", async () => {
    const rows = (await listed(here.rest, here.path, "text=a.range")).toReversed();
    return rows.length === 2 && rows;
  });
  deepEqual(found.map((row) => [row.status, row.sqlstate]), [["timeout", "57014"], ["cancelled", "57014"]]);
});

Deno.test("COPY is logged with its rows, and its data are not", async () => {
  const here = await place();
  await using client = here.client;
  await client.query("CREATE TABLE copied (t text)");
  using wire = await WireClient.connect(here.workspace);
  deepEqual((await copyFrom(wire, "COPY copied FROM STDIN", ["copy_data\n", "copy_data\n"])).tags, ["COPY 2"]);
  equal((await copyTo(wire, "COPY copied TO STDOUT")).data.length, 2);
  match((await copyFrom(wire, "COPY copied FROM STDIN", ["one\ttwo\n"])).error!, /^22P04/);
  const rows = await waitForRows(here, 4);
  deepEqual(rows.slice(1).map((row) => [row.query, row.rows_returned, row.sqlstate]), [
    ["COPY copied FROM STDIN", 2, null],
    ["COPY copied TO STDOUT", 2, null],
    ["COPY copied FROM STDIN", 0, "22P04"],
  ]);
  ok(rows[2]!.bytes_returned > 20);
  ok(!JSON.stringify(rows).includes("copy_data"));
});

Deno.test("a text of 20 MB is cut and marked, and the session goes on", async () => {
  const here = await place();
  await using client = here.client;
  const text = `SELECT length('${"ř".repeat(20_000_000)}') AS big`;
  equal(await client.value(text), "20000000");
  equal(await client.value("SELECT 5"), "5");
  const [row] = await waitForRows(here, 2);
  deepEqual([row!.query_truncated, row!.query!.length, row!.query_length], [true, 2_000, text.length]);
  equal(row!.query, text.slice(0, 2_000));
});

Deno.test("a text is never cut inside a character", async () => {
  const here = await place();
  await using client = here.client;
  await client.query(`SELECT '${"😀".repeat(1_500)}'`);
  const [row] = await waitForRows(here, 1);
  equal(row!.query_truncated, true);
  ok(row!.query!.isWellFormed());
  equal(row!.query, `SELECT '${"😀".repeat(996)}`);
});

Deno.test("the list filters by time, status, user, duration and text, and pages newest first", async () => {
  const here = await place();
  await using client = here.client;
  for (let number = 1; number <= 5; number++) await client.query(`SELECT ${number} AS Page_${number}`);
  await refusedWith("22012", client.query("SELECT 1 / 0 AS page_6"));
  const rows = await waitForRows(here, 6);
  const texts = async (query: string) => (await listed(here.rest, here.path, query)).map((row) => row.query);
  deepEqual(await texts("text=PAGE_3"), ["SELECT 3 AS Page_3"]);
  deepEqual(await texts("status=error"), ["SELECT 1 / 0 AS page_6"]);
  deepEqual(await texts("user=somebody"), []);
  equal((await texts(`user=${here.workspace.connection.username}`)).length, 6);
  deepEqual(await texts("min_duration_ms=3600000"), []);
  equal((await texts("slow=false")).length, 6);
  deepEqual(await texts("slow=true"), []);
  deepEqual(await texts("from=2200-01-01T00:00:00Z"), []);
  deepEqual(await texts("to=2001-01-01T00:00:00%2B02:00"), []);
  equal((await texts(`from=${rows[0]!.timestamp}`)).length, 6);

  const pages: (string | null)[] = [];
  for (let cursor: string | null = ""; cursor !== null;) {
    const next: string = cursor === "" ? "" : `&cursor=${cursor}`;
    const page: List<LoggedQuery> = await here.rest.expect(200, "GET", `${here.path}/queries?limit=4${next}`);
    pages.push(...page.items.map((row) => row.query));
    cursor = page.next_cursor;
  }
  deepEqual(pages, rows.toReversed().map((row) => row.query));

  for (const bad of ["from=yesterday", "status=fine", "min_duration_ms=-1", "limit=0", "cursor=x", "format=csv"]) {
    const problem = await here.rest.refused(422, "invalid_request", "GET", `${here.path}/queries?${bad}`);
    equal(problem.errors?.[0]?.pointer, `/${bad.split("=")[0]}`, JSON.stringify(problem));
  }
});

Deno.test("a project sees its own statements only, the administrator all, a branch its workspaces'", async () => {
  const here = await place();
  await using client = here.client;
  await client.query("SELECT 'mark_scope'");
  await waitForRows(here, 1);
  const stranger = await TestProject.create(server.current.rest, "stranger");
  await stranger.rest.refused(404, "not_found", "GET", `${here.path}/queries`);
  await stranger.rest.refused(404, "not_found", "GET", `${stranger.path}/workspaces/${here.workspace.id}/queries`);
  deepEqual(await listed(stranger.rest, stranger.path, "text=mark_scope"), []);
  equal((await listed(here.rest, (await project()).path, "text=mark_scope")).length, 1);
  equal((await listed(server.current.rest, "/internal", "text=mark_scope")).length, 1);
  await here.rest.refused(403, "forbidden", "GET", "/internal/queries");

  const branch = await (await project()).branch("side");
  const branchPath = `${(await project()).path}/branches/${branch.id}`;
  const made = await here.rest.expect<WorkspaceAnswer>(201, "POST", `${branchPath}/workspaces`, {
    json: { name: "b" },
  });
  await using inBranch = await connect(made);
  await inBranch.query("SELECT 'mark_branch'");
  const rows = await eventually("the branch's row", async () => {
    const found = await listed(here.rest, `${branchPath}/workspaces/${made.id}`);
    return found.length > 0 && found;
  });
  deepEqual([rows[0]!["branch_id"], rows[0]!.query], [branch.id, "SELECT 'mark_branch'"]);
});

Deno.test("the log of a deleted workspace stays", async () => {
  const here = await place();
  await here.client.query("SELECT 'mark_deleted'");
  await waitForRows(here, 1);
  await here.client.end();
  await here.rest.expect(204, "DELETE", here.path);
  equal((await listed(here.rest, here.path)).length, 1);
});

Deno.test("the filtered rows come as a Parquet file that DuckDB reads", async () => {
  const here = await place();
  await using client = here.client;
  for (const number of [1, 2, 3]) await client.query(`SELECT ${number} AS parquet_${number === 3 ? "other" : "row"}`);
  await waitForRows(here, 3);
  const { DuckDBInstance } = await import("@duckdb/node-api");
  const file = await Deno.makeTempFile({ suffix: ".parquet" });
  try {
    for (const how of ["format", "accept"]) {
      const response = await here.rest.fetch(
        "GET",
        `${here.path}/queries?text=parquet_row${how === "format" ? "&format=parquet" : ""}`,
        {
          headers: how === "accept" ? { accept: "application/vnd.apache.parquet" } : {},
        },
      );
      equal(response.status, 200);
      equal(response.headers.get("content-type"), "application/vnd.apache.parquet");
      await Deno.writeFile(file, new Uint8Array(await response.arrayBuffer()));
      const connection = await (await DuckDBInstance.create()).connect();
      const reader = await connection.runAndReadAll(
        `SELECT query, status, workspace_id, typeof(timestamp) FROM '${file}'`,
      );
      deepEqual(
        reader.getRows(),
        ["SELECT 2 AS parquet_row", "SELECT 1 AS parquet_row"].map((query) => [
          query,
          "success",
          here.workspace.id,
          "TIMESTAMP WITH TIME ZONE",
        ]),
      );
      connection.closeSync();
    }
  } finally {
    await Deno.remove(file);
  }
  const left: string[] = [];
  for await (const entry of Deno.readDir(server.current.dataDir)) if (/export/.test(entry.name)) left.push(entry.name);
  deepEqual(left, []);
});

Deno.test("GET /openapi.json describes the query log's routes", async () => {
  const document = await server.current.rest.expect<{ paths: Record<string, unknown> }>(200, "GET", "/openapi.json");
  for (
    const path of [
      "/projects/{project_id}/workspaces/{ws_id}/queries",
      "/projects/{project_id}/branches/{branch_id}/workspaces/{ws_id}/queries",
      "/projects/{project_id}/queries",
      "/internal/queries",
      "/internal/settings",
    ]
  ) ok(path in document.paths, path);
});
