/** Statements that must be refused. Each is run nowhere: the policy is what stands before DuckDB. */
import assert from "node:assert/strict";
import { AppError } from "../../errors/app_error.ts";
import { checkStatement, loadPolicyParser, parseStatements } from "./mod.ts";
import { context, database } from "./testing_instance.ts";

await loadPolicyParser();

/** The error of the first statement that is refused, or null. */
function refusal(sql: string): AppError | null {
  try {
    for (const statement of parseStatements(sql)) checkStatement(statement, context);
    return null;
  } catch (error) {
    assert.ok(error instanceof AppError, `${sql}: ${error}`);
    return error;
  }
}

const filesByFunction: readonly string[] = [
  "SELECT * FROM read_csv('x.csv')",
  `SELECT * FROM "read_csv"('x.csv')`,
  `SELECT * FROM "READ_CSV"('x.csv')`,
  "SELECT * FROM ReAd_CsV_AuTo('x.csv')",
  "SELECT * FROM system.main.read_csv('x.csv')",
  `SELECT * FROM "system"."main"."read_json_auto"('x.json')`,
  `SELECT * FROM ${database}.main.read_csv('x.csv')`,
  "SELECT * FROM pg_catalog.read_parquet('x.parquet')",
  "SELECT * FROM/* a */read_csv/* b */ -- c\n ('x.csv')",
  "SELECT * FROM read_text($$x.csv$$)",
  "SELECT * FROM read_blob(E'x\\x2ecsv')",
  "SELECT * FROM glob('*')",
  "SELECT * FROM sniff_csv('x.csv')",
  "SELECT * FROM parquet_metadata('x.parquet')",
  "SELECT * FROM parquet_scan('x.parquet')",
  "SELECT * FROM read_duckdb('other.duckdb')",
  "SELECT * FROM seq_scan('t')",
  "SELECT * FROM arrow_scan(1, 2, 3)",
  "SELECT * FROM query('FROM ''x.csv''')",
  "SELECT * FROM query_table('x.csv')",
  "SELECT * FROM query_table(['x.csv'])",
  "SELECT * FROM histogram('x.csv', b)",
  'FROM histogram_values("x.csv", b)',
  "SELECT json_serialize_plan('SELECT * FROM read_csv(''x.csv'')')",
  "FROM json_execute_serialized_sql(json_serialize_sql('FROM ''x.csv'''))",
  "SELECT (SELECT count(*) FROM read_csv('x.csv'))",
  "SELECT 1 WHERE EXISTS (SELECT 1 FROM t WHERE a IN (SELECT a FROM read_csv('x.csv')))",
  "WITH q AS (SELECT * FROM read_csv('x.csv')) SELECT * FROM q",
  "WITH q AS MATERIALIZED (FROM read_csv('x.csv')) FROM q",
  "SELECT * FROM t, LATERAL (SELECT * FROM read_csv('x.csv')) l",
  "SELECT ARRAY(SELECT b FROM read_csv('x.csv'))",
  "SELECT list_transform([1], lambda x: (SELECT b FROM read_csv('x.csv')))",
  "SELECT * FROM t ORDER BY (SELECT b FROM read_csv('x.csv'))",
  "VALUES ((SELECT b FROM read_csv('x.csv')))",
  "FROM t SELECT *, (FROM read_csv('x.csv') SELECT b)",
  "CALL read_csv('x.csv')",
  `CALL "Read_Csv"('x.csv')`,
  "CALL query('FROM ''x.csv''')",
  "CREATE TABLE t AS SELECT * FROM read_csv('x.csv')",
  "CREATE OR REPLACE TABLE t AS FROM read_csv('x.csv')",
  "CREATE VIEW v AS SELECT * FROM read_csv('x.csv')",
  "CREATE OR REPLACE TEMP VIEW v AS FROM read_csv('x.csv')",
  "CREATE MACRO m() AS TABLE SELECT * FROM read_csv('x.csv')",
  "CREATE MACRO m(p) AS TABLE FROM query_table(p)",
  "CREATE OR REPLACE TEMPORARY FUNCTION m() AS (SELECT b FROM read_csv('x.csv'))",
  "CREATE TABLE t (a INT DEFAULT (SELECT 1 FROM read_csv('x.csv')))",
  "CREATE TYPE e AS ENUM (SELECT b FROM read_csv('x.csv'))",
  "INSERT INTO t SELECT * FROM read_csv('x.csv')",
  "INSERT INTO t BY NAME FROM read_csv('x.csv')",
  "UPDATE t SET b = (SELECT b FROM read_csv('x.csv'))",
  "DELETE FROM t USING read_csv('x.csv') f WHERE t.a = f.a",
  "MERGE INTO t USING read_csv('x.csv') f ON t.a = f.a WHEN MATCHED THEN DELETE",
  "PREPARE p AS SELECT * FROM read_csv($1)",
  "PREPARE p AS FROM read_csv('x.csv')",
  "EXECUTE p((SELECT b FROM read_csv('x.csv')))",
  "EXECUTE p([x for x in (SELECT list(b) FROM read_csv('x.csv'))])",
  "DECLARE c CURSOR FOR SELECT * FROM read_csv('x.csv')",
  "DECLARE c CURSOR FOR FROM read_csv('x.csv')",
  "EXPLAIN SELECT * FROM read_csv('x.csv')",
  "EXPLAIN ANALYZE SELECT * FROM read_csv('x.csv')",
  "EXPLAIN (ANALYZE, FORMAT JSON) FROM read_csv('x.csv')",
  "COPY (SELECT * FROM read_csv('x.csv')) TO STDOUT",
  "COPY (FROM read_csv('x.csv')) TO STDOUT (FORMAT csv)",
  "SET VARIABLE v = (SELECT b FROM read_csv('x.csv'))",
  "SELECT 1; SELECT 2; SELECT * FROM read_csv('x.csv')",
  "SELECT ';'; SELECT /* ; */ * FROM read_csv('x.csv') --;",
  "SELECT $a$;$a$, ';' FROM read_csv($a$x.csv$a$)",
  "PIVOT read_csv('x.csv') ON b",
  "SUMMARIZE FROM read_csv('x.csv')",
  "DESCRIBE SELECT * FROM read_csv('x.csv')",
];

const filesByName: readonly string[] = [
  "SELECT * FROM 'x.csv'",
  "FROM 'x.csv'",
  "FROM E'x.csv'",
  "FROM $$x.csv$$",
  "FROM $tag$x.csv$tag$",
  "FROM 'x.'\n'csv'",
  "FROM 'x.' -- comment\n 'csv'",
  `SELECT * FROM "x.csv"`,
  `SELECT * FROM "X.CSV"`,
  "SELECT * FROM x.csv",
  "SELECT * FROM x . csv",
  `SELECT * FROM "/data/x"."csv"`,
  `SELECT * FROM "/data/project_1/in_c_sales/orders.v1".duckdb`,
  `SELECT * FROM "*.parquet"`,
  `SELECT * FROM "s3://bucket/key"`,
  `SELECT * FROM "https://example.com/x"`,
  `SELECT * FROM "${"a".repeat(70)}.csv"`,
  `SELECT * FROM "x.csv?y=1"`,
  "(FROM 'x.csv')",
  "FROM t, 'x.csv'",
  "FROM t x, t y, 'x.csv' z",
  "FROM t set, 'x.csv'",
  "FROM t values, 'x.csv'",
  `FROM t AS "where", 'x.csv'`,
  "FROM t x(c, d), 'x.csv'",
  "FROM (VALUES (1)) v, 'x.csv'",
  "FROM t TABLESAMPLE 10%, 'x.csv'",
  "FROM t JOIN t u ON true, 'x.csv'",
  "FROM t JOIN 'x.csv' ON true",
  "FROM t NATURAL JOIN 'x.csv'",
  "FROM t POSITIONAL JOIN 'x.csv'",
  "FROM t ASOF JOIN 'x.csv' USING (a)",
  "FROM ('x.csv' JOIN t ON true)",
  "FROM (t JOIN t u ON true JOIN 'x.csv' ON true)",
  "FROM a: 'x.csv'",
  "FROM t, a: 'x.csv'",
  "FROM ONLY 'x.csv'",
  "FROM t, ONLY 'x.csv'",
  "TABLE 'x.csv'",
  "FROM (TABLE 'x.csv')",
  "SUMMARIZE 'x.csv'",
  "DESCRIBE 'x.csv'",
  "DESC 'x.csv'",
  "DESCRIBE TABLE 'x.csv'",
  "SHOW 'x.csv'",
  "FROM (SHOW 'x.csv')",
  "FROM (DESCRIBE 'x.csv')",
  "PIVOT 'x.csv' ON b",
  "PIVOT_WIDER 'x.csv' ON b",
  "UNPIVOT 'x.csv' ON a",
  "FROM (PIVOT 'x.csv' ON b)",
  "FROM t PIVOT (sum(a) FOR b IN ('x')), 'x.csv'",
  "SELECT (FROM 'x.csv' SELECT b)",
  "SELECT exists(FROM 'x.csv')",
  "SELECT trim(FROM 'x') FROM 'x.csv'",
  "SELECT a IS DISTINCT FROM 'x' FROM t, 'x.csv'",
  "SELECT 1 UNION ALL BY NAME TABLE 'x.csv'",
  "CREATE TABLE q AS FROM 'x.csv'",
  "CREATE VIEW v (a) AS TABLE 'x.csv'",
  "INSERT INTO t FROM 'x.csv'",
  "UPDATE t SET a = 1 FROM 'x.csv'",
  "DELETE FROM t USING 'x.csv'",
  "DELETE FROM t USING t x, 'x.csv'",
  "MERGE INTO t USING 'x.csv' ON true WHEN MATCHED THEN DELETE",
  "CREATE MACRO m() AS TABLE 'x.csv'",
  "EXPLAIN ANALYZE SUMMARIZE 'x.csv'",
  "SELECT b\u00a0FROM\u00a0'x.csv'",
  "SELECT b\u200bFROM\u2003'x.csv'",
  `SELECT * FROM U&"x\\002ecsv"`,
  "FROM $1",
];

const serverState: readonly string[] = [
  "ATTACH 'y.duckdb' AS y",
  "attach/**/database 'y.duckdb' (READ_WRITE)",
  "ATTACH IF NOT EXISTS ':memory:' AS y",
  "DETACH __t1_v1",
  `DETACH DATABASE IF EXISTS ${database}`,
  "COPY t TO 'out.csv'",
  "COPY t FROM 'x.csv'",
  "COPY (SELECT 1) TO 'out.parquet' (FORMAT parquet)",
  "COPY t TO PROGRAM 'sh'",
  "COPY t FROM PROGRAM 'sh'",
  "COPY FROM DATABASE memory TO project",
  "EXPLAIN COPY (SELECT 1) TO 'out.csv'",
  "EXPORT DATABASE 'out'",
  "IMPORT DATABASE 'out'",
  "INSTALL httpfs",
  "FORCE INSTALL httpfs",
  "LOAD httpfs",
  "LOAD 'lib'",
  "UPDATE EXTENSIONS",
  "UPDATE EXTENSIONS (httpfs)",
  "PRAGMA database_list",
  "PRAGMA enable_profiling",
  "PRAGMA enable_profiling='json'",
  "PRAGMA memory_limit='100GB'",
  "PRAGMA table_info = 'x'",
  `PRAGMA "enable_profiling"`,
  "SET memory_limit = '100GB'",
  "SET threads TO 64",
  "SET SESSION enable_profiling = 'json'",
  "SET profile_output = '/x'",
  "SET GLOBAL TimeZone = 'UTC'",
  "SET enable_external_access = true",
  `SET "allowed_directories" = '/'`,
  "SET LOCAL temp_directory = '/x'",
  "SET search_path = '__t1_v1.main'",
  "SET search_path TO memory",
  "SET schema = 'other.main'",
  "RESET memory_limit",
  "RESET GLOBAL memory_limit",
  "USE memory",
  "USE project.main",
  "USE __t1_v1",
  "USE workspace_ws_ffffffffffff",
  "CREATE SECRET s (TYPE s3)",
  "CREATE OR REPLACE PERSISTENT SECRET s (TYPE s3)",
  "DROP SECRET s",
  "CREATE DATABASE d",
  "DROP DATABASE d",
  `ALTER DATABASE ${database} SET x = 1`,
  "ALTER DATABASE d RENAME TO e",
  "CHECKPOINT",
  "FORCE CHECKPOINT",
  "CHECKPOINT __t1_v1",
  "CALL force_checkpoint()",
  "CALL enable_logging()",
  "CALL enable_profiling()",
  "SELECT * FROM disable_logging()",
  "FROM truncate_duckdb_logs()",
  "ALTER SYSTEM SET work_mem = 1",
  "CREATE EXTENSION postgres_fdw",
  "CREATE FUNCTION f() RETURNS int LANGUAGE c AS 'lib', 'f'",
  "DO $$ BEGIN END $$",
  "CREATE ROLE r",
  "ALTER USER postgres PASSWORD 'x'",
  "CREATE FOREIGN TABLE f (a int) SERVER s",
  "SELECT * FROM duckdb_settings()",
  "SELECT * FROM duckdb_databases",
  `SELECT * FROM "Duckdb_Databases"`,
  "SELECT path FROM main.duckdb_databases()",
  "FROM system.main.pragma_database_list",
  "SELECT * FROM pg_settings",
  "SELECT * FROM pg_catalog.pg_settings",
  "SELECT * FROM duckdb_secrets()",
  "FROM which_secret('x', 's3')",
  "FROM duckdb_temporary_files()",
  "FROM duckdb_logs",
  "FROM duckdb_extensions()",
  "SHOW DATABASES",
  "SELECT * FROM (SHOW DATABASES)",
  "SELECT current_setting('temp_directory')",
  `SELECT "current_setting"('allowed_directories')`,
  "SELECT x.current_setting(name) FROM t",
  "FROM t SELECT current_setting('temp' || '_directory')",
  "SELECT __eider_setting(1, 'x', true)",
  "SELECT * FROM __eider.state.sessions",
  "FROM pg_settings",
  "FROM pg_catalog.pg_settings SELECT name",
  "SELECT * FROM main.pg_settings",
  "FROM t SELECT 'temp_directory'.current_setting()",
  "FROM t SELECT x.current_setting('TimeZone')",
  "FROM t SELECT current_setting(E'temp\\x5fdirectory')",
  "SELECT getenv('PATH')",
  "SELECT __internal_decompress_string(1)",
  "SELECT pg_read_file('x.csv')",
];

const otherDatabases: readonly string[] = [
  "SELECT * FROM __t1_v1.main.data",
  "SELECT * FROM __t1_v1.data",
  `FROM "__T1_V1".data`,
  "SELECT * FROM workspace_ws_ffffffffffff.main.t",
  "SELECT * FROM workspace_ws_ffffffffffff.t",
  "SELECT * FROM memory.main.t",
  "SELECT * FROM memory.t",
  "SELECT * FROM other.main.t",
  "CREATE TABLE memory.t (a int)",
  "CREATE TABLE memory.main.t AS SELECT 1 AS a",
  "CREATE OR REPLACE TABLE memory.main.t AS FROM range(1)",
  "CREATE SCHEMA memory.s",
  "CREATE TABLE system.main.t (a int)",
  "DROP SCHEMA memory.main",
  "CREATE SCHEMA __t9",
  "DROP VIEW system.main.duckdb_tables",
  "INSERT INTO __t1_v1.main.data VALUES (1)",
  "CREATE TABLE pg_catalog.t (a int)",
];

const projectChanges: readonly string[] = [
  "INSERT INTO in_c_sales.orders VALUES (1)",
  `INSERT INTO "IN_C_SALES"."ORDERS" VALUES (1)`,
  "INSERT INTO project.in_c_sales.orders VALUES (1)",
  "INSERT OR REPLACE INTO in_c_sales.orders VALUES (1)",
  "INSERT INTO in_c_sales.orders BY NAME SELECT 1 AS id",
  "WITH q AS (SELECT 1) INSERT INTO in_c_sales.orders SELECT * FROM q",
  "WITH q AS (FROM range(1)) INSERT INTO in_c_sales.orders FROM q",
  "WITH q AS (INSERT INTO in_c_sales.orders VALUES (1) RETURNING id) SELECT * FROM q",
  "UPDATE in_c_sales.orders SET name = 'x'",
  "UPDATE in_c_sales.orders o SET name = [x for x in ['a']][1]",
  "DELETE FROM in_c_sales.orders",
  "DELETE FROM ONLY in_c_sales.orders WHERE id = 1",
  "TRUNCATE in_c_sales.orders",
  "TRUNCATE TABLE t, in_c_sales.orders",
  "MERGE INTO in_c_sales.orders USING t ON true WHEN MATCHED THEN DELETE",
  "COPY in_c_sales.orders FROM STDIN",
  "EXPLAIN ANALYZE DELETE FROM in_c_sales.orders",
  "PREPARE p AS DELETE FROM in_c_sales.orders",
  "ALTER TABLE in_c_sales.orders ADD COLUMN x int",
  "ALTER VIEW in_c_sales.orders RENAME TO o",
  "ALTER VIEW orders RENAME TO o",
  "ALTER TABLE t SET SCHEMA in_c_sales",
  "DROP TABLE in_c_sales.orders",
  "DROP VIEW in_c_sales.orders",
  "DROP VIEW IF EXISTS t, orders CASCADE",
  "DROP VIEW project.in_c_sales.orders",
  "CREATE INDEX i ON in_c_sales.orders (id)",
  "CREATE OR REPLACE VIEW in_c_sales.orders AS SELECT 1",
  "CREATE OR REPLACE VIEW in_c_sales.other AS FROM range(1)",
  "CREATE TABLE in_c_sales.other (a int)",
  "CREATE TABLE project.main.other (a int)",
  "CREATE MACRO in_c_sales.m() AS 1",
  "CREATE SEQUENCE in_c_sales.s",
  "CREATE TYPE in_c_sales.e AS ENUM ('a')",
  "CREATE SCHEMA in_c_sales",
  `CREATE SCHEMA IF NOT EXISTS "In_C_Sales"`,
  "CREATE SCHEMA project.other",
  "DROP SCHEMA in_c_sales CASCADE",
  "DROP SCHEMA project.in_c_sales CASCADE",
  "ALTER SCHEMA in_c_sales RENAME TO x",
  "COMMENT ON TABLE in_c_sales.orders IS 'x'",
  "COMMENT ON COLUMN in_c_sales.orders.id IS 'x'",
  "COMMENT ON VIEW orders IS 'x'",
  "COMMENT ON TABLE orders IS 'x'",
];

const groups: readonly [name: string, kind: string, statements: readonly string[]][] = [
  ["a file through a function", "insufficient_privilege", filesByFunction],
  ["a file through a name or string", "insufficient_privilege", filesByName],
  ["the server's state", "insufficient_privilege", serverState],
  ["another database", "insufficient_privilege", otherDatabases],
  ["a change of the project's data", "read_only", projectChanges],
];

for (const [name, kind, statements] of groups) {
  Deno.test(`the policy refuses ${name}: ${statements.length} statements`, () => {
    for (const sql of statements) {
      const error = refusal(sql);
      assert.ok(error !== null, `let through: ${sql}`);
      // A text with characters that only DuckDB takes for spaces is a syntax error, as in PostgreSQL.
      const expected = /[\u00a0\u200b]|U&/.test(sql) ? "syntax_error" : kind;
      assert.equal(error.kind, expected, `${sql}: ${error.message}`);
    }
  });
}

Deno.test("a refused change of a project table names it and says how to get a copy", () => {
  const error = refusal("insert into IN_C_SALES.orders values (1)");
  assert.equal(
    error?.message,
    "cannot execute INSERT on project table in_c_sales.orders: project tables are read-only",
  );
  assert.equal(error?.hint, "Copy it into the workspace: CREATE TABLE orders AS SELECT * FROM in_c_sales.orders.");
  assert.equal(error?.sqlstate, "25006");
});

Deno.test("the statements before a refused one are not refused", () => {
  const statements = parseStatements("SELECT 1; ATTACH 'x'; SELECT 2");
  assert.equal(statements.length, 3);
  checkStatement(statements[0]!, context);
  assert.throws(() => checkStatement(statements[1]!, context), AppError);
  checkStatement(statements[2]!, context);
});

Deno.test("a search path that begins with a bucket makes unqualified changes the project's", () => {
  const inside = { ...context, searchPath: ["in_c_sales", `${database}.main`] };
  for (
    const sql of [
      "CREATE TABLE x (a int)",
      "INSERT INTO orders VALUES (1)",
      "DROP TABLE orders",
      "CREATE VIEW v AS SELECT 1",
      "CREATE SCHEMA s",
    ]
  ) {
    const [statement] = parseStatements(sql);
    assert.throws(() => checkStatement(statement!, inside), (error: AppError) => error.kind === "read_only", sql);
  }
  for (const sql of ["INSERT INTO own VALUES (1)", "CREATE TEMP TABLE x (a int)", `CREATE TABLE main.x (a int)`]) {
    checkStatement(parseStatements(sql)[0]!, inside);
  }
});

Deno.test("pg_settings is open when the catalog emulation answers it", () => {
  const emulated = { ...context, emulatedRelations: new Set(["pg_settings"]) };
  checkStatement(parseStatements("SELECT setting FROM pg_catalog.pg_settings")[0]!, emulated);
});
