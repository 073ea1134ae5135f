/** SQL over REST: what it answers, whom it lets do what, its limits, how it is cancelled, and who can see that it ran. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import type { List, Problem, Rest, SessionAnswer, WorkspaceAnswer } from "../support/rest.ts";
import { eventually, sharedServer } from "../support/server.ts";
import { TestProject } from "../support/project.ts";

const server = sharedServer();

interface Result {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly rows: readonly (readonly unknown[])[];
  readonly row_count: number;
  readonly truncated: boolean;
  readonly command: string;
  readonly notices: readonly { readonly severity: string; readonly message: string }[];
  readonly duration_ms: number;
}

interface Answer {
  readonly results: readonly Result[];
  readonly duration_ms: number;
}

interface SqlProblem extends Problem {
  readonly hint?: string;
  readonly sqlstate: string;
  readonly position?: number;
  readonly statement: number;
  readonly results: readonly Result[];
}

interface Setting {
  readonly project: TestProject;
  readonly workspace: WorkspaceAnswer;
  readonly path: string;
  readonly reader: Rest;
}

let setting: Setting;

Deno.test.beforeAll(async () => {
  const project = await TestProject.withSales(server.current.rest, "sqlrest");
  const workspace = await project.workspace();
  const { key } = await project.rest.expect<{ key: string }>(201, "POST", `${project.path}/keys`, {
    json: { name: "reader", role: "read" },
  });
  setting = { project, workspace, path: `${project.workspacePath(workspace)}/query`, reader: project.rest.as(key) };
});

async function run(sql: string, more: Record<string, unknown> = {}, rest = setting.project.rest): Promise<Answer> {
  return await rest.expect<Answer>(200, "POST", setting.path, { json: { sql, ...more } });
}

async function failure(
  status: number,
  code: string,
  sql: string,
  more: Record<string, unknown> = {},
  rest = setting.project.rest,
): Promise<SqlProblem> {
  return await rest.refused(status, code, "POST", setting.path, { json: { sql, ...more } }) as SqlProblem;
}

Deno.test("a SELECT answers columns with PostgreSQL's types and rows as JSON, exact where JSON can be", async () => {
  const { results } = await run(
    "SELECT 1 AS i, 9007199254740993::bigint AS big, 1.50::numeric(10,2) AS n, 0.25::float8 AS f, 'NaN'::float8 AS nan, " +
      "true AS b, NULL::text AS nothing, DATE '2026-01-02' AS d, 'ž' AS t, ARRAY[1,2] AS a",
  );
  const [result] = results;
  deepEqual(result?.columns.map(({ type }) => type), [
    "integer",
    "bigint",
    "numeric",
    "double precision",
    "double precision",
    "boolean",
    "text",
    "date",
    "text",
    "integer[]",
  ]);
  deepEqual(result?.rows, [[1, "9007199254740993", "1.50", 0.25, "NaN", true, null, "2026-01-02", "ž", "{1,2}"]]);
  equal(result?.command, "SELECT 1");
  equal(result?.row_count, 1);
  equal(result?.truncated, false);
});

Deno.test("every statement of a text has a result, with its own tag and notices", async () => {
  const { results } = await run(
    "CREATE TABLE many (x int); INSERT INTO many VALUES (1), (2), (3); -- a comment; no statement\n" +
      "SELECT sum(x) FROM many; DROP TABLE IF EXISTS none_such; DROP TABLE many;",
  );
  deepEqual(results.map(({ command }) => command), [
    "CREATE TABLE",
    "INSERT 0 3",
    "SELECT 1",
    "DROP TABLE",
    "DROP TABLE",
  ]);
  deepEqual(results[2]?.rows, [[6]]);
  match(results[3]?.notices[0]?.message ?? "", /none_such.*skipping/);
});

Deno.test("a failed statement says SQLSTATE, hint and its place in the whole text, and keeps the results before it", async () => {
  const sql = "SELECT 'ž𝄞';\nSELECT nope FROM in_c_sales.orders; SELECT 3";
  const problem = await failure(400, "undefined_column", sql);
  equal(problem.sqlstate, "42703");
  equal(problem.statement, 1);
  equal([...sql].slice((problem.position ?? 0) - 1).join("").slice(0, 4), "nope");
  deepEqual(problem.results.map(({ rows }) => rows), [[["ž𝄞"]]]);
  equal((await failure(400, "syntax_error", "SELEC 1")).position, 1);
  equal((await failure(400, "syntax_error", "SELECT 'open")).sqlstate, "42601");
  equal((await failure(400, "division_by_zero", "SELECT 1/0")).sqlstate, "22012");
  equal((await failure(422, "invalid_request", " -- nothing")).errors?.[0]?.pointer, "/sql");
});

Deno.test("statements commit one by one, BEGIN holds them together, and what is left open is rolled back with a warning", async () => {
  await failure(400, "undefined_table", "CREATE TABLE kept (x int); INSERT INTO none_such VALUES (1)");
  await run("DROP TABLE kept");
  await failure(400, "undefined_table", "BEGIN; CREATE TABLE lost (x int); INSERT INTO none_such VALUES (1); COMMIT");
  await failure(400, "undefined_table", "SELECT * FROM lost");
  const { results } = await run("BEGIN; CREATE TABLE open_end (x int)");
  match(results[1]?.notices.at(-1)?.message ?? "", /rolled back/);
  await failure(400, "undefined_table", "SELECT * FROM open_end");
});

Deno.test("rows beyond max_rows and bytes beyond the answer's limit are cut off and said to be", async () => {
  const many = await run("SELECT * FROM generate_series(1, 5000) AS s(i); SELECT 7", { max_rows: 2500 });
  equal(many.results[0]?.row_count, 2500);
  equal(many.results[0]?.truncated, true);
  deepEqual(many.results[0]?.rows[2499], [2500]);
  deepEqual(many.results[1]?.rows, [[7]]);
  const exact = await run("SELECT * FROM generate_series(1, 2500) AS s(i)", { max_rows: 2500 });
  equal(exact.results[0]?.truncated, false);
  const wide = await run("SELECT repeat('x', 1000000) FROM generate_series(1, 100)", { max_rows: 100 });
  equal(wide.results[0]?.truncated, true);
  ok((wide.results[0]?.row_count ?? 0) >= 9 && (wide.results[0]?.row_count ?? 0) <= 11);
  // more than workspace_max_result_rows: nobody asked for those
  const huge = await run("SELECT * FROM range(1000000)", { max_rows: 10 });
  equal(huge.results[0]?.row_count, 10);
  await setting.project.rest.refused(422, "invalid_request", "POST", setting.path, {
    json: { sql: "SELECT 1", max_rows: 1_000_000 },
  });
});

Deno.test("COPY from or to the client is refused, as there is no such stream", async () => {
  equal((await failure(501, "feature_not_supported", "COPY in_c_sales.orders TO STDOUT")).sqlstate, "0A000");
  await run("CREATE TABLE copied (x int)");
  equal((await failure(501, "feature_not_supported", "COPY copied FROM STDIN")).sqlstate, "0A000");
  await run("DROP TABLE copied");
});

Deno.test("a key with the role read reads, and cannot write however it tries", async () => {
  await run("CREATE TABLE guarded (x int); CREATE SEQUENCE counter; INSERT INTO guarded VALUES (1)");
  deepEqual((await run("SELECT x FROM guarded", {}, setting.reader)).results[0]?.rows, [[1]]);
  for (
    const attempt of [
      "INSERT INTO guarded VALUES (2)",
      "CREATE TABLE other (x int)",
      "CREATE TABLE other AS SELECT 1 AS x",
      "SELECT 1 AS x INTO other",
      "DROP TABLE guarded",
      "TRUNCATE guarded",
      "SET default_transaction_read_only = off; INSERT INTO guarded VALUES (2)",
      "SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE; INSERT INTO guarded VALUES (2)",
      "BEGIN READ WRITE; INSERT INTO guarded VALUES (2); COMMIT",
      "BEGIN; SET TRANSACTION READ WRITE; DELETE FROM guarded; COMMIT",
      "SELECT set_config('default_transaction_read_only', 'off', false); UPDATE guarded SET x = 2",
      "PREPARE p AS INSERT INTO guarded VALUES (2); EXECUTE p",
      "EXPLAIN ANALYZE INSERT INTO guarded VALUES (2)",
      "WITH w AS (INSERT INTO guarded VALUES (2) RETURNING x) SELECT * FROM w",
      "SELECT nextval('counter')",
      "SELECT setval('counter', 100)",
      "CREATE VIEW v AS SELECT 1",
      "COMMENT ON TABLE guarded IS 'mine'",
    ]
  ) {
    const answer = await setting.reader.request<SqlProblem>("POST", setting.path, { json: { sql: attempt } });
    ok(answer.status >= 400, `${attempt}: ${answer.text}`);
    ok(["25006", "0A000", "25001"].includes(answer.body.sqlstate), `${attempt}: ${answer.text}`);
  }
  deepEqual((await run("SELECT x FROM guarded")).results[0]?.rows, [[1]]);
  await run("INSERT INTO guarded VALUES (2); SELECT nextval('counter')");
});

Deno.test("another project's key, no key and an unknown workspace get nothing", async () => {
  const other = await TestProject.create(server.current.rest, "stranger");
  const json = { sql: "SELECT 1" };
  await other.rest.refused(404, "not_found", "POST", setting.path, { json });
  await server.current.rest.as(null).refused(401, "unauthorized", "POST", setting.path, { json });
  await other.rest.refused(404, "not_found", "POST", `${other.path}/workspaces/${setting.workspace.id}/query`, {
    json,
  });
  await server.current.rest.expect(200, "POST", setting.path, { json });
  equal((await failure(403, "read_only", "DELETE FROM in_c_sales.orders")).sqlstate, "25006");
});

const endless = "SELECT count(*) FROM range(100000000000) a, range(100) b";

Deno.test("a running query is seen as a session, is cancelled by its query_id, and only by those who may", async () => {
  const queryId = `cancel_me_${Date.now()}`;
  const running = setting.project.rest.request<SqlProblem>("POST", setting.path, {
    json: { sql: `SELECT 1; ${endless}`, query_id: queryId, timeout_seconds: 60 },
  });
  const sessions = `${setting.project.workspacePath(setting.workspace)}/sessions`;
  const session = await eventually("the query is in the session list", async () => {
    const { items } = await setting.project.rest.expect<List<SessionAnswer>>(200, "GET", sessions);
    return items.find((item) => item["current_query"] === endless);
  });
  equal(session["username"], `${setting.project.id}/first key`);
  await setting.project.rest.refused(409, "conflict", "POST", setting.path, {
    json: { sql: "SELECT 1", query_id: queryId },
  });
  await setting.reader.refused(404, "not_found", "POST", `${setting.path}/${queryId}/cancel`);
  await setting.project.rest.expect(200, "POST", `${setting.path}/${queryId}/cancel`);
  const answer = await running;
  equal(answer.status, 499, answer.text);
  equal(answer.body.code, "query_canceled");
  equal(answer.body.sqlstate, "57014");
  deepEqual(answer.body.results[0]?.rows, [[1]]);
  await setting.project.rest.refused(404, "not_found", "POST", `${setting.path}/${queryId}/cancel`);
});

Deno.test("a query ends when its asker goes away, when its time is over, and when its session is disconnected", async () => {
  const sessions = `${setting.project.workspacePath(setting.workspace)}/sessions`;
  const open = async () => (await setting.project.rest.expect<List<SessionAnswer>>(200, "GET", sessions)).items;
  // In one piece: Deno tells of a client that goes away only then.
  const socket = await Deno.connect({ hostname: "127.0.0.1", port: server.current.httpPort });
  const body = JSON.stringify({ sql: endless });
  const head = [
    `POST ${setting.path} HTTP/1.1`,
    "host: x",
    `authorization: Bearer ${setting.project.rest.key}`,
    "content-type: application/json",
    `content-length: ${body.length}`,
  ];
  await socket.write(new TextEncoder().encode(`${head.join("\r\n")}\r\n\r\n${body}`));
  await eventually("it runs", async () => (await open()).some((item) => item["state"] === "active"));
  socket.close();
  await eventually("its session has ended", async () => (await open()).length === 0);

  equal((await failure(504, "timeout", endless, { timeout_seconds: 0.2 })).sqlstate, "57014");

  const running = setting.project.rest.request<SqlProblem>("POST", setting.path, { json: { sql: endless } });
  const session = await eventually(
    "it runs again",
    async () => (await open()).find((item) => item["state"] === "active"),
  );
  await setting.project.rest.expect(200, "DELETE", `${sessions}/${session["session_id"]}`);
  equal((await running).body.code, "admin_shutdown");
});

Deno.test("a session that reads cannot end the statements of others", async () => {
  const running = setting.project.rest.request("POST", setting.path, {
    json: { sql: endless, query_id: "neighbour_1", timeout_seconds: 60 },
  });
  const target = await eventually("it runs", async () => {
    const { results } = await run("SELECT pid FROM pg_stat_activity WHERE query LIKE 'SELECT count(*) FROM range%'");
    return results[0]?.rows[0]?.[0];
  });
  const problem = await failure(
    403,
    "insufficient_privilege",
    `SELECT pg_cancel_backend(${target})`,
    {},
    setting.reader,
  );
  equal(problem.sqlstate, "42501");
  await run(`SELECT pg_cancel_backend(${target})`);
  equal((await running).status, 499);
});

Deno.test("what ran is in the query log under the caller's name and in the audit log without its text", async () => {
  await run("SELECT 'find me in the log'", {}, setting.reader);
  const log = `${setting.project.workspacePath(setting.workspace)}/queries?text=find%20me%20in`;
  const logged = await eventually("it is in the query log", async () => {
    return (await setting.project.rest.expect<List<Record<string, unknown>>>(200, "GET", log)).items[0];
  });
  equal(logged["username"], `${setting.project.id}/reader`);
  equal(logged["application_name"], "eider REST");
  const audit = await setting.project.rest.request<List<Record<string, unknown>>>(
    "GET",
    `${setting.project.path}/audit?action=query&limit=1`,
  );
  equal(audit.body.items[0]?.["actor"], `${setting.project.id}/reader`);
  equal(audit.body.items[0]?.["object_id"], setting.workspace.id);
  ok(!audit.text.includes("find me"));
});
