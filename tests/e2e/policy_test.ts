import { equal } from "node:assert/strict";
import { sharedServer } from "../support/server.ts";
import { once } from "../support/once.ts";
import { TestProject } from "../support/project.ts";
import { connect, refusedWith } from "../support/sql.ts";

const server = sharedServer();
const projectOf = once(() => TestProject.withSales(server.current.rest));
const workspaceOf = once(async () => await (await projectOf()).workspace());

/** Statements that reach for the server, its files or its settings. */
const forbidden: readonly [string, string][] = [
  ["ATTACH", "ATTACH ':memory:' AS other"],
  ["DETACH", "DETACH in_c_sales"],
  ["COPY to a file", "COPY (SELECT 1) TO '/tmp/eider_policy_probe.csv'"],
  ["COPY from a file", "CREATE TEMP TABLE copied (line varchar); COPY copied FROM '/etc/passwd'"],
  ["EXPORT", "EXPORT DATABASE '/tmp/eider_policy_probe'"],
  ["IMPORT", "IMPORT DATABASE '/tmp/eider_policy_probe'"],
  ["INSTALL", "INSTALL httpfs"],
  ["LOAD", "LOAD httpfs"],
  ["PRAGMA", "PRAGMA enable_profiling"],
  ["PRAGMA with a value", "PRAGMA memory_limit='100GB'"],
  ["SET of an engine setting", "SET memory_limit = '100GB'"],
  ["SET GLOBAL", "SET GLOBAL threads = 64"],
  ["SET of external access", "SET enable_external_access = true"],
  ["RESET of an engine setting", "RESET memory_limit"],
  ["read_csv", "SELECT * FROM read_csv('/etc/passwd')"],
  ["read_text", "SELECT * FROM read_text('/etc/passwd')"],
  ["read_blob", "SELECT * FROM read_blob('/etc/passwd')"],
  ["read_parquet", "SELECT * FROM read_parquet('/tmp/x.parquet')"],
  ["read_json", "SELECT * FROM read_json('/tmp/x.json')"],
  ["glob", "SELECT * FROM glob('/etc/*')"],
  ["a file name as a table", "SELECT * FROM '/etc/passwd'"],
  ["a file name in a subquery", "SELECT (SELECT count(*) FROM '/etc/passwd')"],
  ["a file function in a common table expression", "WITH x AS (SELECT * FROM read_text('/etc/hosts')) SELECT * FROM x"],
  ["a file function in EXPLAIN", "EXPLAIN SELECT * FROM read_text('/etc/hosts')"],
  ["a file function in CREATE TABLE AS", "CREATE TABLE stolen AS SELECT * FROM read_text('/etc/hosts')"],
  ["a file function in CREATE VIEW", "CREATE VIEW stolen AS SELECT * FROM read_text('/etc/hosts')"],
  ["a file function in PREPARE", "PREPARE stolen AS SELECT * FROM read_text('/etc/hosts')"],
  ["a file function after another statement", "SELECT 1; SELECT * FROM read_text('/etc/hosts')"],
  [
    "a file function in INSERT",
    "CREATE TEMP TABLE t1 (c varchar); INSERT INTO t1 SELECT content FROM read_text('/etc/hosts')",
  ],
  ["a file function in DuckDB's FROM-first form", "FROM read_text('/etc/hosts')"],
  ["duckdb_secrets", "SELECT * FROM duckdb_secrets()"],
  ["CREATE SECRET", "CREATE SECRET s (TYPE s3, KEY_ID 'a', SECRET 'b')"],
  ["USE of another database", "USE system"],
  ["getenv", "SELECT getenv('HOME')"],
  ["a function that runs SQL text", "SELECT * FROM query('SELECT 1')"],
  ["a table named by text", "SELECT * FROM query_table('in_c_sales.orders')"],
];

for (const [what, sql] of forbidden) {
  Deno.test(`refused with 42501: ${what}`, async () => {
    await using client = await connect(await workspaceOf());
    await refusedWith("42501", client.query(sql));
    equal(await client.value("SELECT 1"), 1, "the session goes on");
  });
}

Deno.test("the extended protocol refuses the same statements", async () => {
  await using client = await connect(await workspaceOf());
  await refusedWith("42501", client.query({ text: "SELECT * FROM read_text($1)", values: ["/etc/hosts"] }));
  await refusedWith("42501", client.query({ name: "sneaky", text: "ATTACH ':memory:' AS other" }));
  await refusedWith("25006", client.query({ text: "DELETE FROM in_c_sales.orders WHERE id = $1", values: [1] }));
});

Deno.test("a file name in a query never reaches the file system through a replacement scan", async () => {
  await using client = await connect(await workspaceOf());
  for (
    const path of ["/etc/passwd", `${server.current.dataDir}/metadata.duckdb`, "x.csv", "https://example.com/x.csv"]
  ) {
    await refusedWith("42501", client.query(`SELECT * FROM "${path}"`));
  }
});

/** Settings that clients make, and what SHOW answers then. */
const allowed: readonly [string, string, string][] = [
  ["TimeZone", "SET TimeZone = 'Europe/Prague'", "Europe/Prague"],
  ["application_name", "SET application_name = 'probe'", "probe"],
  ["extra_float_digits", "SET extra_float_digits = 3", "3"],
  ["DateStyle", "SET DateStyle = 'ISO, MDY'", "ISO, MDY"],
  ["client_encoding", "SET client_encoding = 'UTF8'", "UTF8"],
  ["statement_timeout", "SET statement_timeout = '5s'", "5s"],
  ["search_path", "SET search_path = in_c_sales, main", "in_c_sales, main"],
];

for (const [name, sql, shown] of allowed) {
  Deno.test(`a session may set ${name}, and SHOW gives it back`, async () => {
    await using client = await connect(await workspaceOf());
    equal((await client.query(sql)).command, "SET");
    equal(await client.value(`SHOW ${name}`), shown);
  });
}

Deno.test("a session's settings do not reach another session", async () => {
  await using first = await connect(await workspaceOf());
  await using second = await connect(await workspaceOf());
  const before = await second.value("SHOW TimeZone");
  await first.query("SET TimeZone = 'Asia/Tokyo'");
  equal(await first.value("SHOW TimeZone"), "Asia/Tokyo");
  equal(await second.value("SHOW TimeZone"), before);
});

Deno.test("search_path makes a bucket's tables reachable by their bare name", async () => {
  await using client = await connect(await workspaceOf());
  await client.query("SET search_path = in_c_sales, main");
  equal(await client.value("SELECT count(*) FROM customers"), "4");
});

Deno.test("statement_timeout of the session cancels with 57014", async () => {
  await using client = await connect(await workspaceOf());
  await client.query("SET statement_timeout = 200");
  await refusedWith("57014", client.query("SELECT count(*) FROM range(100000000000)"));
  await client.query("SET statement_timeout = 0");
  equal(await client.value("SELECT 1"), 1);
});
