/** Statements of an honest user: each passes the policy and runs on a DuckDB instance that is set up as a worker's. */
import assert from "node:assert/strict";
import { checkStatement, loadPolicyParser, parseStatements } from "./mod.ts";
import { context, database, makeTestInstance, searchPathStatement } from "./testing_instance.ts";

await loadPolicyParser();

/** In order: later ones use what earlier ones made. */
const postgresql: readonly string[] = [
  "SELECT 1",
  "select id, name from in_c_sales.orders where id in (1, 2, 3) order by name desc limit 2",
  "SELECT o.id, c.name FROM in_c_sales.orders o JOIN in_c_sales.customers c ON o.id = c.id",
  "SELECT * FROM project.in_c_sales.orders",
  `SELECT "ID" FROM "IN_C_SALES"."Orders"`,
  "SELECT count(*), sum(amount) FROM orders GROUP BY name HAVING count(*) > 0",
  "WITH q AS (SELECT id FROM in_c_sales.orders), r(a) AS (SELECT id FROM q) SELECT * FROM r",
  "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5) SELECT * FROM n",
  "SELECT id, row_number() OVER (PARTITION BY name ORDER BY id) FROM in_c_sales.orders",
  "SELECT CASE WHEN id > 1 THEN 'x.csv' ELSE '/etc/passwd' END FROM in_c_sales.orders WHERE name <> 'read_csv(''x'')'",
  "SELECT extract(year FROM date '2020-01-01'), trim(both FROM ' x '), substring('abc' FROM 2 FOR 1)",
  "SELECT 'a' IS DISTINCT FROM 'x.csv', 1::text, CAST('2' AS integer), interval '1 day'",
  "SELECT * FROM generate_series(1, 3) AS g(i)",
  "SELECT unnest(string_to_array('a,b', ','))",
  "SELECT * FROM json_each('{\"a\": 1}')",
  "SELECT now(), current_date, current_schema(), version()",
  "SELECT current_setting('TimeZone')",
  "SELECT table_schema, table_name FROM information_schema.tables",
  "SELECT relname FROM pg_catalog.pg_class",
  "SELECT n.nspname FROM pg_namespace n",
  "SELECT * FROM duckdb_tables()",
  "SELECT * FROM duckdb_columns",
  "SELECT 1 UNION SELECT 2 EXCEPT SELECT 3 INTERSECT SELECT 3",
  "VALUES (1, 'a'), (2, 'b')",
  "TABLE in_c_sales.orders",
  "CREATE TABLE orders AS SELECT * FROM in_c_sales.orders",
  "INSERT INTO orders VALUES (100, 'new', 1.5)",
  "UPDATE orders SET name = 'x', amount = amount * 2 WHERE id = 100",
  "DELETE FROM orders WHERE id = 100 RETURNING id",
  "ALTER TABLE orders ADD COLUMN note text",
  "ALTER TABLE orders RENAME COLUMN note TO remark",
  "CREATE INDEX orders_id ON orders (id)",
  "DROP INDEX orders_id",
  "COMMENT ON TABLE main.orders IS 'my copy of x.csv'",
  "TRUNCATE orders",
  "DROP TABLE orders",
  "CREATE TABLE IF NOT EXISTS t (a int PRIMARY KEY, b text DEFAULT 'x', c timestamp, CHECK (a > 0))",
  "INSERT INTO t (a, b) VALUES (1, 'one'), (2, 'two') ON CONFLICT (a) DO UPDATE SET b = excluded.b",
  "INSERT INTO t (a, b) SELECT id + 10, name FROM in_c_sales.orders ON CONFLICT DO NOTHING RETURNING a, b",
  "UPDATE t SET b = o.name FROM in_c_sales.orders o WHERE o.id = t.a",
  "DELETE FROM t USING in_c_sales.customers c WHERE c.id = t.a AND c.id > 15",
  "MERGE INTO t USING in_c_sales.orders o ON t.a = o.id WHEN MATCHED THEN UPDATE SET b = o.name WHEN NOT MATCHED THEN DO NOTHING",
  "CREATE VIEW v AS SELECT a, upper(b) AS b FROM t",
  "CREATE OR REPLACE VIEW v AS SELECT a FROM t",
  "SELECT * FROM main.v",
  "DROP VIEW v",
  "CREATE TEMP TABLE tmp AS SELECT 1 AS a",
  "SELECT * FROM temp.tmp",
  "CREATE SCHEMA mine",
  "CREATE TABLE mine.things (a int)",
  "INSERT INTO mine.things SELECT i FROM generate_series(1, 3) g(i)",
  `SELECT * FROM ${database}.mine.things`,
  "ALTER TABLE mine.things RENAME TO items",
  "DROP SCHEMA mine CASCADE",
  "CREATE SEQUENCE s START 5",
  "SELECT nextval('s')",
  "DROP SEQUENCE s",
  "CREATE TYPE mood AS ENUM ('sad', 'happy')",
  "SELECT 'sad'::mood",
  "DROP TYPE mood",
  "EXPLAIN SELECT * FROM in_c_sales.orders",
  "EXPLAIN ANALYZE SELECT count(*) FROM t",
  "SHOW TABLES",
  "CALL pragma_version()",
  "CREATE TABLE summary (query int)",
  "INSERT INTO summary (query) VALUES (1)",
  `SELECT query AS "a/b", query AS "x.csv" FROM summary`,
  "SELECT histogram(query) FROM summary",
  "DROP TABLE summary",
  "/* comment ' */ SELECT 1 -- x",
  "SELECT $$it's; fine$$, E'tab\\t', 'a;b', \"a\" FROM t",
  "COPY t (a, b) TO STDOUT WITH (FORMAT csv, HEADER)",
  "COPY (SELECT a FROM t) TO STDOUT",
  "PREPARE p(int) AS SELECT 1 + 1",
  "DECLARE c CURSOR FOR SELECT * FROM t",
];

const duckdb: readonly string[] = [
  "FROM in_c_sales.orders",
  "FROM in_c_sales.orders SELECT id, 'x.csv' AS label WHERE id < 3",
  "FROM in_c_sales.orders o, in_c_sales.customers c WHERE o.id = c.id",
  "SELECT * EXCLUDE (name) FROM in_c_sales.orders",
  "SELECT * REPLACE (upper(name) AS name) FROM in_c_sales.orders",
  "SELECT COLUMNS('.*a.*') FROM in_c_sales.orders",
  "SELECT name, count(*) FROM in_c_sales.orders GROUP BY ALL ORDER BY ALL",
  "SELECT id, name FROM in_c_sales.orders QUALIFY row_number() OVER (PARTITION BY name ORDER BY id) = 1",
  "SELECT [x * 2 FOR x IN [1, 2, 3] IF x > 1] AS l, {'a': 1, 'b': 'x.csv'} AS s, MAP {'k': 'v'} AS m",
  "SELECT list_transform([1, 2], lambda x: x + 1), [1, 2, 3][2:3]",
  "SELECT ('a,b').string_split(',').list_reverse()",
  "FROM in_c_sales.orders o ASOF JOIN in_c_sales.customers c ON o.id >= c.id SELECT o.id, c.id",
  "FROM in_c_sales.orders POSITIONAL JOIN in_c_sales.customers",
  "FROM in_c_sales.orders SEMI JOIN in_c_sales.customers USING (id)",
  "FROM o: in_c_sales.orders SELECT total: sum(o.amount)",
  "PIVOT in_c_sales.orders ON name IN ('name 1', 'name 2') USING sum(amount)",
  "FROM in_c_sales.orders PIVOT (sum(amount) FOR name IN ('name 1'))",
  "UNPIVOT (SELECT 1 AS a, 2 AS b) ON a, b INTO NAME k VALUE v",
  "SUMMARIZE in_c_sales.orders",
  "SUMMARIZE SELECT 1 AS a",
  "DESCRIBE in_c_sales.orders",
  "DESCRIBE SELECT * FROM in_c_sales.orders",
  "SHOW ALL TABLES",
  "FROM (VALUES ('a'), ('b')) v(x)",
  "FROM (DESCRIBE in_c_sales.orders)",
  "FROM range(3) r, range(2) s",
  "FROM in_c_sales.orders USING SAMPLE 3 ROWS",
  "FROM in_c_sales.orders TABLESAMPLE 50 PERCENT",
  "SELECT 1 AS a UNION ALL BY NAME SELECT 2 AS b",
  "SELECT trim(FROM ' x '), extract(year FROM date '2020-01-01') FROM (FROM range(1)) r",
  "SELECT a IS NOT DISTINCT FROM 'x' FROM (FROM (VALUES ('x')) v(a))",
  "CREATE OR REPLACE TABLE d AS FROM in_c_sales.orders",
  "CREATE OR REPLACE TABLE d2 (id INTEGER PRIMARY KEY, tags VARCHAR[], s STRUCT(a INT, b VARCHAR))",
  "INSERT OR REPLACE INTO d2 VALUES (1, ['a'], {'a': 1, 'b': 'x'})",
  "INSERT OR IGNORE INTO d2 BY NAME SELECT 2 AS id",
  "INSERT INTO d BY NAME SELECT 500 AS id, 'x' AS name",
  "UPDATE d SET name = [x FOR x IN ['y']][1] WHERE id = 500",
  "DELETE FROM d WHERE id IN (FROM range(3))",
  "WITH q AS (FROM range(3)) FROM q SELECT *",
  "WITH q AS MATERIALIZED (FROM in_c_sales.orders SELECT id) INSERT INTO d2 (id) SELECT id + 100 FROM q",
  "CREATE OR REPLACE MACRO add_one(a, b := 1) AS a + b",
  "SELECT add_one(1), add_one(2, b := 5)",
  "CREATE OR REPLACE MACRO top(n) AS TABLE SELECT * FROM in_c_sales.orders ORDER BY id LIMIT n",
  "FROM top(3)",
  "SELECT * FROM top(2)",
  "DROP MACRO TABLE top",
  "DROP MACRO add_one",
  "CREATE OR REPLACE VIEW dv AS FROM d SELECT id",
  "CREATE OR REPLACE TEMP VIEW tv AS FROM range(2)",
  "FROM tv",
  "ALTER TABLE d ADD COLUMN IF NOT EXISTS extra STRUCT(a INT)",
  "ALTER TABLE d ALTER COLUMN name SET DATA TYPE VARCHAR USING name || '!'",
  "COMMENT ON COLUMN d.id IS 'key'",
  "SET VARIABLE threshold = 10",
  "SELECT getvariable('threshold')",
  "FROM in_c_sales.orders WHERE id > getvariable('threshold')",
  "RESET VARIABLE threshold",
  "PRAGMA table_info('d')",
  "PRAGMA show_tables",
  "PRAGMA version",
  "EXPLAIN FROM in_c_sales.orders",
  "EXPLAIN ANALYZE FROM d SELECT count(*)",
  "CREATE TYPE colours AS ENUM (FROM (VALUES ('red'), ('blue')) v(c))",
  "DROP TYPE colours",
  "SELECT 0x1F, 1_000, 10 // 3, 2 ** 3, 'x' ~ 'x', '{\"a\": [1]}'::JSON ->> '$.a[0]'",
  "FROM d ORDER BY d.id DESC NULLS LAST, name LIMIT 10%",
  "FROM d SELECT max(id) FILTER (WHERE id > 1), arg_max(name, id), approx_count_distinct(name)",
  "SELECT struct_pack(a := 1, b := 'x').a, (SELECT unnest([1, 2]) LIMIT 1)",
  "FROM d WHERE name NOT IN ('x.csv', '/etc/passwd', 's3://b/k') AND name LIKE '%.parquet'",
  "FROM d JOIN d2 ON d.id = d2.id AND d.name = 'x', range(2) r",
  "MERGE INTO d2 USING (FROM range(3) SELECT range AS id) src USING (id) WHEN NOT MATCHED THEN INSERT BY NAME",
  "TRUNCATE d2",
  "CREATE TABLE query (file int, d int)",
  "INSERT INTO query (file) SELECT 1 WHERE [1] IS NOT NULL",
  "DROP TABLE query",
  "DROP VIEW dv",
  "DROP TABLE IF EXISTS d",
  "COPY (FROM d2) TO STDOUT (FORMAT csv)",
  "PREPARE p AS FROM d2",
  "DECLARE c CURSOR FOR FROM d2",
];

for (const [dialect, statements] of [["PostgreSQL", postgresql], ["DuckDB", duckdb]] as const) {
  Deno.test(`${statements.length} statements of ${dialect}'s dialect pass the policy and run`, async () => {
    await using instance = await makeTestInstance();
    const connection = await instance.connect();
    for (const sql of statements) {
      const [statement, ...more] = parseStatements(sql);
      assert.ok(statement !== undefined && more.length === 0, sql);
      try {
        checkStatement(statement, context);
      } catch (error) {
        assert.fail(`refused: ${sql}: ${error}`);
      }
      const { action } = statement;
      const runnable = action.type === "copy_to_stdout"
        ? action.query
        : action.type === "prepare" || action.type === "declare_cursor"
        ? action.text
        : statement.text;
      const result = await connection.runAndReadAll(runnable).catch((error) => assert.fail(`${sql}: ${error}`));
      if (action.type === "execute" && statement.returnsRows === true) {
        assert.ok(result.columnCount > 0, `returns rows: ${sql}`);
      }
    }
    await connection.run(searchPathStatement);
    connection.closeSync();
  });
}
