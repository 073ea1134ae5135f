import { deepEqual, equal } from "node:assert/strict";
import { sharedServer } from "../support/server.ts";
import { once } from "../support/once.ts";
import { TestProject } from "../support/project.ts";
import { connect, refusedWith } from "../support/sql.ts";
import {
  errorFields,
  firstColumn,
  frontend,
  sqlstatesOf,
  transactionStatus,
  typesOf,
  WireClient,
} from "../support/wire.ts";

const server = sharedServer({ config: { max_connections_per_workspace: 20 } });
const workspaceOf = once(async () => await (await TestProject.withSales(server.current.rest)).workspace());

Deno.test("COMMIT keeps and ROLLBACK drops what a transaction did", async () => {
  await using client = await connect(await workspaceOf());
  await client.query("CREATE TABLE ledger (id integer)");
  await client.query("BEGIN");
  await client.query("INSERT INTO ledger VALUES (1)");
  await client.query("COMMIT");
  await client.query("BEGIN");
  await client.query("INSERT INTO ledger VALUES (2)");
  await client.query("ROLLBACK");
  deepEqual(await client.rowsOf("SELECT id FROM ledger"), [[1]]);
  await client.query("DROP TABLE ledger");
});

Deno.test("uncommitted rows are invisible to another session", async () => {
  await using writer = await connect(await workspaceOf());
  await using reader = await connect(await workspaceOf());
  await writer.query("CREATE TABLE pending (id integer)");
  await writer.query("BEGIN");
  await writer.query("INSERT INTO pending VALUES (1)");
  equal(await reader.value("SELECT count(*) FROM pending"), "0");
  await writer.query("COMMIT");
  equal(await reader.value("SELECT count(*) FROM pending"), "1");
  await writer.query("DROP TABLE pending");
});

Deno.test("any error fails the transaction: 25P02 until ROLLBACK, and COMMIT answers ROLLBACK", async () => {
  await using client = await connect(await workspaceOf());
  for (
    const [sqlstate, wrong] of [["42703", "SELECT nope"], ["22P02", "SELECT 'a'::integer"], [
      "42601",
      "SELEC 1",
    ]] as const
  ) {
    await client.query("BEGIN");
    await client.query("CREATE TABLE never_kept (id integer)");
    await refusedWith(sqlstate, client.query(wrong));
    await refusedWith("25P02", client.query("SELECT 1"));
    equal((await client.query("COMMIT")).command, "ROLLBACK");
    await refusedWith("42P01", client.query("SELECT * FROM never_kept"));
  }
});

Deno.test("ReadyForQuery tells the transaction's state: I, T, E", async () => {
  using wire = await WireClient.connect(await workspaceOf());
  const states: string[] = [];
  for (const sql of ["SELECT 1", "BEGIN", "SELECT 1", "SELECT nope", "ROLLBACK", "BEGIN", "COMMIT"]) {
    states.push(transactionStatus(await wire.roundTrip(frontend.query(sql))));
  }
  equal(states.join(""), "ITTEITI");
});

Deno.test("a string of several statements is one implicit transaction: an error undoes all of it", async () => {
  await using client = await connect(await workspaceOf());
  await client.query("CREATE TABLE batch (id integer)");
  await refusedWith("42703", client.query("INSERT INTO batch VALUES (1); INSERT INTO batch VALUES (2); SELECT nope"));
  equal(await client.value("SELECT count(*) FROM batch"), "0");
  const results = await client.query(
    "INSERT INTO batch VALUES (1); INSERT INTO batch VALUES (2); SELECT count(*) FROM batch",
  );
  const list = results as unknown as { command: string; rows: { count: string }[] }[];
  deepEqual(list.map((result) => result.command), ["INSERT", "INSERT", "SELECT"]);
  equal(Object.values(list[2]?.rows[0] ?? {})[0], "2");
  await client.query("DROP TABLE batch");
});

Deno.test("an explicit COMMIT inside of a string of statements keeps what came before a later error", async () => {
  await using client = await connect(await workspaceOf());
  await client.query("CREATE TABLE halves (id integer)");
  await refusedWith(
    "42703",
    client.query("BEGIN; INSERT INTO halves VALUES (1); COMMIT; INSERT INTO halves VALUES (2); SELECT nope"),
  );
  deepEqual(await client.rowsOf("SELECT id FROM halves"), [[1]]);
  await client.query("DROP TABLE halves");
});

Deno.test("statements after the wrong one of a string do not run", async () => {
  using wire = await WireClient.connect(await workspaceOf());
  const answers = await wire.roundTrip(frontend.query("SELECT 1; SELECT nope; SELECT 2"));
  equal(typesOf(answers), "TDCEZ");
  deepEqual(firstColumn(answers), ["1"]);
});

Deno.test("an empty query string gives EmptyQueryResponse", async () => {
  using wire = await WireClient.connect(await workspaceOf());
  for (const sql of ["", ";", " -- only a comment", "/* nothing */ ;;"]) {
    equal(typesOf(await wire.roundTrip(frontend.query(sql))), "IZ", JSON.stringify(sql));
  }
});

Deno.test("BEGIN in a transaction and COMMIT outside of one give a warning, not an error", async () => {
  using wire = await WireClient.connect(await workspaceOf());
  const outside = await wire.roundTrip(frontend.query("COMMIT"));
  deepEqual(sqlstatesOf(outside), []);
  equal(errorFields(outside.find(({ type }) => type === "N")!.body)["C"], "25P01");
  await wire.roundTrip(frontend.query("BEGIN"));
  const inside = await wire.roundTrip(frontend.query("BEGIN"));
  equal(errorFields(inside.find(({ type }) => type === "N")!.body)["C"], "25001");
  equal(transactionStatus(inside), "T");
});

Deno.test("a session that ends inside of a transaction leaves nothing of it", async () => {
  {
    await using client = await connect(await workspaceOf());
    await client.query("BEGIN");
    await client.query("CREATE TABLE abandoned (id integer)");
  }
  await using client = await connect(await workspaceOf());
  await refusedWith("42P01", client.query("SELECT * FROM abandoned"));
});

Deno.test("the extended protocol keeps one transaction until Sync and undoes it at an error", async () => {
  await using client = await connect(await workspaceOf());
  await client.query("CREATE TABLE pipeline (id integer)");
  using wire = await WireClient.connect(await workspaceOf());
  const insert = (id: number) => [
    frontend.parse("", `INSERT INTO pipeline VALUES (${id})`),
    frontend.bind("", ""),
    frontend.execute(""),
  ];
  const failed = await wire.roundTrip(...insert(1), frontend.parse("", "SELECT nope"), ...insert(2), frontend.sync());
  deepEqual(sqlstatesOf(failed), ["42703"]);
  equal(transactionStatus(failed), "I");
  equal(await client.value("SELECT count(*) FROM pipeline"), "0");
  await wire.roundTrip(...insert(3), frontend.sync(), ...insert(4), frontend.sync());
  await wire.readUntil("Z");
  deepEqual(await client.rowsOf("SELECT id FROM pipeline ORDER BY id"), [[3], [4]]);
  await client.query("DROP TABLE pipeline");
});

// PostgreSQL makes the second one wait; DuckDB's transactions are optimistic.
Deno.test("two transactions that change one row: the second gets 40001 and loses nothing else", async () => {
  await using one = await connect(await workspaceOf());
  await using two = await connect(await workspaceOf());
  await one.query("CREATE TABLE contested (id integer, value integer)");
  await one.query("INSERT INTO contested VALUES (1, 0)");
  await one.query("BEGIN");
  await two.query("BEGIN");
  await one.query("UPDATE contested SET value = 1");
  await refusedWith("40001", two.query("UPDATE contested SET value = 2"));
  await two.query("ROLLBACK");
  await one.query("COMMIT");
  deepEqual(await two.rowsOf("SELECT value FROM contested"), [[1]]);
  await one.query("DROP TABLE contested");
});

Deno.test("a savepoint is gone back to when nothing was written before it, also after an error", async () => {
  await using client = await connect(await workspaceOf());
  await client.query("BEGIN");
  await client.query("SAVEPOINT before");
  await client.query("CREATE TABLE undone (id integer)");
  await refusedWith("42703", client.query("SELECT nothing_here"));
  await refusedWith("25P02", client.query("SELECT 1"));
  await client.query("ROLLBACK TO SAVEPOINT before");
  await client.query("CREATE TABLE kept_after_savepoint AS SELECT 1 AS id");
  await client.query("COMMIT");
  await refusedWith("42P01", client.query("SELECT * FROM undone"));
  equal(await client.value("SELECT id FROM kept_after_savepoint"), 1);
  await client.query("DROP TABLE kept_after_savepoint");
});

Deno.test("a savepoint with writes before it can be released, but going back to it aborts the transaction", async () => {
  await using client = await connect(await workspaceOf());
  await client.query("CREATE TABLE savings (id integer)");
  await client.query("BEGIN");
  await client.query("INSERT INTO savings VALUES (1)");
  await client.query("SAVEPOINT middle");
  await client.query("RELEASE SAVEPOINT middle");
  await refusedWith("3B001", client.query("ROLLBACK TO SAVEPOINT middle"));
  await client.query("ROLLBACK");
  await client.query("BEGIN");
  await client.query("INSERT INTO savings VALUES (2)");
  await client.query("SAVEPOINT middle");
  await refusedWith("0A000", client.query("ROLLBACK TO SAVEPOINT middle"));
  await refusedWith("25P02", client.query("SELECT 1"));
  await client.query("COMMIT");
  deepEqual(await client.rowsOf("SELECT id FROM savings"), []);
  await refusedWith("25P01", client.query("SAVEPOINT outside"));
  await client.query("DROP TABLE savings");
});

Deno.test("SET SESSION CHARACTERISTICS is for the transactions that follow, with and without BEGIN", async () => {
  await using client = await connect(await workspaceOf());
  await client.query("SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL SERIALIZABLE, READ ONLY, DEFERRABLE");
  equal(await client.value("SHOW transaction_isolation"), "serializable");
  equal(await client.value("SHOW default_transaction_read_only"), "on");
  equal(await client.value("SHOW default_transaction_deferrable"), "on");
  await refusedWith("25006", client.query("CREATE TABLE read_only_one (id integer)"));
  await client.query("BEGIN");
  equal(await client.value("SHOW transaction_read_only"), "on");
  await refusedWith("25006", client.query("CREATE TABLE read_only_one (id integer)"));
  await client.query("ROLLBACK");
  await client.query("BEGIN READ WRITE");
  await client.query("CREATE TABLE read_only_one (id integer)");
  await client.query("SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL REPEATABLE READ");
  equal(await client.value("SHOW transaction_isolation"), "serializable");
  await client.query("ROLLBACK");
  await client.query("SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ WRITE");
  equal(await client.value("SHOW transaction_isolation"), "repeatable read");
  await client.query("CREATE TABLE read_only_one (id integer)");
  await client.query("DROP TABLE read_only_one");
});

Deno.test("a session that is read-only by default loads nothing with COPY", async () => {
  using wire = await WireClient.connect(await workspaceOf());
  await wire.roundTrip(frontend.query("CREATE TABLE not_loaded (a int)"));
  await wire.roundTrip(frontend.query("SET default_transaction_read_only = on"));
  deepEqual(sqlstatesOf(await wire.roundTrip(frontend.query("COPY not_loaded FROM STDIN"))), ["25006"]);
  deepEqual(sqlstatesOf(await wire.roundTrip(frontend.query("INSERT INTO not_loaded VALUES (1); SELECT 1"))), [
    "25006",
  ]);
});

Deno.test("a schema of a transaction that is rolled back is in nobody's way", async () => {
  const workspace = await workspaceOf();
  await using one = await connect(workspace);
  await one.query("BEGIN");
  await one.query("CREATE SCHEMA never_made");
  await one.query("CREATE TABLE never_made.t (a int)");
  equal(await one.value("SELECT count(*) FROM never_made.t"), "0");
  await using meanwhile = await connect(workspace);
  await refusedWith("42P01", meanwhile.query("SELECT * FROM never_made.t"));
  await one.query("ROLLBACK");
  await refusedWith("42P01", one.query("SELECT * FROM never_made.t"));
  await using later = await connect(workspace);
  equal(await later.value("SELECT 1"), 1);
  await one.query("BEGIN");
  await one.query("CREATE SCHEMA made; CREATE TABLE made.t AS SELECT 7 AS a");
  await one.query("COMMIT");
  for (const client of [one, meanwhile, later]) equal(await client.value("SELECT a FROM made.t"), 7);
  await later.query("DROP SCHEMA made CASCADE");
  await refusedWith("42P01", one.query("SELECT a FROM made.t"));
});

Deno.test("a schema that others make or drop does not disturb an open transaction", async () => {
  const workspace = await workspaceOf();
  await using one = await connect(workspace);
  await using other = await connect(workspace);
  await one.query("CREATE TABLE kept_open (a int)");
  await other.query("CREATE SCHEMA early; CREATE TABLE early.t AS SELECT 1 AS a");
  await one.query("BEGIN");
  equal(await one.value("SELECT count(*) FROM kept_open"), "0");
  await other.query("CREATE SCHEMA late; CREATE TABLE late.t AS SELECT 2 AS a");
  equal(await one.value("SELECT a FROM late.t"), 2, "READ COMMITTED sees it");
  await one.query("INSERT INTO kept_open VALUES (3)");
  await other.query("CREATE SCHEMA latest; DROP SCHEMA early CASCADE");
  equal(await one.value("SELECT a FROM kept_open"), 3);
  equal(await one.value("SELECT a FROM late.t"), 2);
  await one.query("COMMIT");
  equal(await one.value("SELECT count(*) FROM information_schema.schemata WHERE schema_name = 'latest'"), "1");
  await other.query("DROP SCHEMA late CASCADE; DROP SCHEMA latest");
});
