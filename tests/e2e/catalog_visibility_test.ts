/**
 * The emulated catalog is made object by object when statements need it, and a transaction of DuckDB sees only what was made before its
 * first use of it. Each case has a worker of its own, in which nothing was made yet.
 */
import { deepEqual, equal } from "node:assert/strict";
import { connect } from "../support/sql.ts";
import { once } from "../support/once.ts";
import { TestProject } from "../support/project.ts";
import { sharedServer } from "../support/server.ts";

const server = sharedServer();
const projectOf = once(() => TestProject.withSales(server.current.rest));

const first = "SELECT to_char(1234.5, '9999.9')";
const second = "SELECT quote_ident('a b')";
const relation = "SELECT count(*) > 0 FROM pg_class WHERE relname = 'own'";
const columns = "SELECT count(*) FROM information_schema.columns WHERE table_name = 'own'";
const write = "INSERT INTO own VALUES (1)";

/** Statements of one transaction; the last one's value. */
const cases: Readonly<Record<string, readonly string[]>> = {
  "a function, then another one": ["BEGIN", first, second],
  "a function, then a relation": ["BEGIN", first, relation],
  "a function, a write, then another function": ["BEGIN", first, write, second],
  "a write, a function, then another one": ["BEGIN", write, first, second],
  "a write, then a relation": ["BEGIN", write, relation],
  "a relation, a write, a function, then another relation": ["BEGIN", relation, write, first, relation, second],
  "repeatable read: a function, then another one": ["BEGIN ISOLATION LEVEL REPEATABLE READ", first, second],
  "repeatable read: a table, a function, then a relation": [
    "BEGIN ISOLATION LEVEL REPEATABLE READ",
    "SELECT count(*) FROM own",
    first,
    relation,
    second,
  ],
  "serializable: a write, then a function": ["BEGIN ISOLATION LEVEL SERIALIZABLE", write, second],
  "a project table, a function, a write, then a relation": [
    "BEGIN",
    "SELECT count(*) FROM in_c_sales.orders",
    first,
    write,
    relation,
  ],
  "a schema, then a relation": ["BEGIN", "CREATE SCHEMA extra", columns, relation, first],
  "a table that is not there, a write, then a relation": [
    "BEGIN",
    "DROP TABLE IF EXISTS absent",
    "CREATE TEMP TABLE IF NOT EXISTS kept (a int)",
    write,
    relation,
    first,
  ],
  "a view that is renamed, then a relation": [
    "BEGIN",
    "CREATE VIEW early AS SELECT 1 AS a",
    "ALTER TABLE early RENAME TO late",
    "ALTER TABLE late RENAME TO latest",
    relation,
    first,
  ],
  "an enum, a write, then a relation": [
    "BEGIN",
    "CREATE TYPE mood AS ENUM ('a', 'b')",
    "SELECT 'a'::mood",
    write,
    relation,
    first,
  ],
  "an enum of the transaction's own, then a first look at all columns": [
    "BEGIN",
    "CREATE TYPE mood AS ENUM ('a', 'b')",
    "CREATE TABLE felt (mood mood)",
    "SELECT mood FROM felt",
    write,
    columns,
  ],
  "DuckDB's own list, then a first look at all columns": ["BEGIN", "SELECT count(*) FROM duckdb_tables()", columns],
  "DuckDB's own list, a write, then a first look at all columns": [
    "BEGIN",
    "SELECT count(*) FROM duckdb_tables()",
    write,
    columns,
  ],
  "a write, DuckDB's own list, then a first look at all columns": [
    "BEGIN",
    write,
    "SHOW TABLES",
    columns,
  ],
  "a description of a table, then a first look at all columns": ["BEGIN", "DESCRIBE own", columns],
  "a function that the statement writes with": [
    "BEGIN",
    first,
    "INSERT INTO own SELECT length(quote_literal('x'))",
    second,
  ],
};

const answers: Readonly<Record<string, unknown>> = {
  [first]: " 1234.5",
  [second]: '"a b"',
  [relation]: true,
  [columns]: "1",
};

for (const [name, statements] of Object.entries(cases)) {
  Deno.test(`a transaction sees the catalog as it needs it: ${name}`, async () => {
    await using client = await connect(await (await projectOf()).workspace());
    await client.query("CREATE TABLE own (a bigint)");
    for (const statement of statements) {
      const { rows } = await client.query({ text: statement, rowMode: "array" });
      if (statement in answers) deepEqual([statement, rows], [statement, [[answers[statement]]]]);
    }
    await client.query("COMMIT");
    const writes = statements.filter((statement) => statement.startsWith("INSERT")).length;
    equal(await client.value("SELECT count(*) FROM own"), String(writes));
  });
}

Deno.test("what another session makes meanwhile is seen by a transaction that has read nothing but tables", async () => {
  const workspace = await (await projectOf()).workspace();
  await using one = await connect(workspace);
  await using other = await connect(workspace);
  await one.query("BEGIN");
  equal(await one.value("SELECT count(*) FROM in_c_sales.orders"), "100");
  equal(await other.value(second), '"a b"');
  equal(await one.value(second), '"a b"');
  await one.query("COMMIT");
});
