/** WITH queries that change data and RETURNING of another table's columns, as drivers send them: each runs once, whole or not at all. */
import { deepEqual, equal } from "node:assert/strict";
import { once } from "../support/once.ts";
import { TestProject } from "../support/project.ts";
import { sharedServer } from "../support/server.ts";
import { connect, refusedWith } from "../support/sql.ts";
import { firstColumn, frontend, sqlstatesOf, WireClient } from "../support/wire.ts";

const server = sharedServer();
const workspaceOf = once(async () => await (await TestProject.withSales(server.current.rest)).workspace());

async function withTables() {
  const client = await connect(await workspaceOf());
  await client.query(`DROP TABLE IF EXISTS people, notes, prices;
    CREATE TABLE people (id serial PRIMARY KEY, name text UNIQUE, age int);
    CREATE TABLE notes (person int, day date, what text);
    CREATE TABLE prices (sku text, price numeric(8, 2));
    INSERT INTO people (name, age) VALUES ('ada', 30), ('bob', 40);
    INSERT INTO prices VALUES ('a', 1.5), ('b', 2)`);
  return client;
}

const added = "WITH made AS (INSERT INTO people (name, age) VALUES ($1, $2) RETURNING id, name) " +
  "INSERT INTO notes (person, day, what) SELECT id, $3, name || $4 FROM made RETURNING person, day, what";

Deno.test("Describe tells parameters and columns of a WITH query that changes data, and runs nothing", async () => {
  await using client = await withTables();
  using wire = await WireClient.connect(await workspaceOf());
  const answers = await wire.roundTrip(frontend.parse("s", added), frontend.describe("S", "s"), frontend.sync());
  deepEqual(sqlstatesOf(answers), []);
  const { body } = answers.find(({ type }) => type === "t")!;
  deepEqual(Array.from({ length: body.readInt16BE(0) }, (_, at) => body.readUInt32BE(2 + 4 * at)), [25, 23, 1082, 25]);
  const described = answers.find(({ type }) => type === "T")!.body;
  equal(described.readInt16BE(0), 3);
  equal(await client.value("SELECT count(*) FROM people"), "2");
  equal(await client.value("SELECT nextval('people_id_seq')"), "3", "a default was computed");
});

Deno.test("parameters reach every part, and each execution of the statement runs once", async () => {
  await using client = await withTables();
  for (const name of ["cyd", "dan"]) {
    const query = { name: "add", text: added, values: [name, 50, "2024-05-06", "!"] };
    const { rows, command, rowCount } = await client.query<{ what: string; person: number }>(query);
    deepEqual([rows[0]?.what, command, rowCount], [`${name}!`, "INSERT", 1]);
  }
  deepEqual(await client.rowsOf("SELECT id, name FROM people ORDER BY id"), [
    [1, "ada"],
    [2, "bob"],
    [3, "cyd"],
    [4, "dan"],
  ]);
  deepEqual(await client.rowsOf("SELECT person, what FROM notes ORDER BY 1"), [[3, "cyd!"], [4, "dan!"]]);
  const changed =
    "UPDATE people SET age = v.age FROM (VALUES ($1::text, $2::int)) v(name, age) WHERE v.name = people.name " +
    "RETURNING people.id, v.age + $3 AS sum";
  deepEqual(await client.rowsOf(changed, ["ada", 31, 100]), [[1, 131]]);
});

Deno.test("a statement whose last change fails has changed nothing", async () => {
  await using client = await withTables();
  const values = ["eve", 1, "2024-05-06", "?"];
  const second = added.replace(
    "INSERT INTO notes (person, day, what) SELECT id, $3, name || $4",
    "INSERT INTO people (age, name) SELECT $3::date - '2024-05-05'::date, left('bob' || $4, 3)",
  )
    .replace("RETURNING person, day, what", "RETURNING id");
  await refusedWith("23505", client.query({ text: second, values }));
  equal(await client.value("SELECT count(*) FROM people"), "2");
  equal(await client.value("SELECT count(*) FROM pg_class WHERE relname LIKE '\\_\\_eider%'"), "0");
});

Deno.test("in a transaction it sees what was written before, and is undone with it", async () => {
  await using client = await withTables();
  await client.query("BEGIN");
  await client.query("CREATE TABLE own (k int PRIMARY KEY, v text)");
  await client.query("INSERT INTO own VALUES (1, 'a'), (2, 'b')");
  const moved =
    "WITH gone AS (DELETE FROM own WHERE k = 1 RETURNING *) INSERT INTO notes (person, what) SELECT k, v FROM gone";
  equal((await client.query(moved)).rowCount, 1);
  deepEqual(await client.rowsOf("SELECT own.k, (SELECT count(*)::int FROM notes) FROM own"), [[2, 1]]);
  await client.query("ROLLBACK");
  equal(await client.value("SELECT count(*) FROM notes"), "0");
});

Deno.test("a suspended portal goes on with the rows of its one execution", async () => {
  await using client = await withTables();
  using wire = await WireClient.connect(await workspaceOf());
  const text =
    "WITH made AS (INSERT INTO people (name) SELECT 'p' || g FROM generate_series(1, 5) g RETURNING name) SELECT name FROM made ORDER BY 1";
  await wire.roundTrip(frontend.query("BEGIN"));
  const first = await wire.roundTrip(
    frontend.parse("", text),
    frontend.bind("p", ""),
    frontend.execute("p", 2),
    frontend.sync(),
  );
  deepEqual([sqlstatesOf(first), firstColumn(first)], [[], ["p1", "p2"]]);
  deepEqual(firstColumn(await wire.roundTrip(frontend.query("SELECT count(*) FROM people"))), ["7"]);
  deepEqual(firstColumn(await wire.roundTrip(frontend.execute("p", 0), frontend.sync())), ["p3", "p4", "p5"]);
  await wire.roundTrip(frontend.query("COMMIT"));
  equal(await client.value("SELECT count(*) FROM people"), "7");
});

Deno.test("PREPARE and EXECUTE take them; cursors, COPY, EXPLAIN and project tables do not", async () => {
  await using client = await withTables();
  await client.query(
    "PREPARE raised (int) AS UPDATE prices SET price = price + $1 FROM people WHERE people.id = $1 RETURNING sku, people.name",
  );
  deepEqual(await client.rowsOf("EXECUTE raised (2)"), [["a", "bob"], ["b", "bob"]]);
  const gone = "WITH gone AS (DELETE FROM prices RETURNING sku) SELECT * FROM gone";
  await client.query("BEGIN");
  await refusedWith("0A000", client.query(`DECLARE c CURSOR FOR ${gone}`));
  await client.query("ROLLBACK");
  await refusedWith("0A000", client.query(`COPY (${gone}) TO STDOUT`));
  await refusedWith("0A000", client.query(`EXPLAIN ${gone}`));
  await refusedWith(
    "25006",
    client.query("WITH x AS (DELETE FROM in_c_sales.orders RETURNING *) SELECT count(*) FROM x"),
  );
  await client.query("BEGIN READ ONLY");
  await refusedWith("25006", client.query(gone));
  await client.query("ROLLBACK");
  equal(await client.value("SELECT count(*) FROM prices"), "2");
});

Deno.test("two changes of one table's rows in a statement are refused, and so is one without RETURNING that is read", async () => {
  await using client = await withTables();
  const twice = "WITH a AS (UPDATE people SET age = 1 RETURNING id) DELETE FROM people WHERE id IN (SELECT id FROM a)";
  await refusedWith("0A000", client.query(twice));
  await refusedWith("0A000", client.query("WITH a AS (UPDATE people SET age = 1) SELECT * FROM a"));
  equal(await client.value("SELECT sum(age) FROM people"), "70");
});

Deno.test("several rows of an upsert keep the types of their parameters", async () => {
  await using client = await withTables();
  using wire = await WireClient.connect(await workspaceOf());
  const upsert =
    "INSERT INTO people (name, age) VALUES ($1, $2), ($3, $4) ON CONFLICT (name) DO UPDATE SET age = excluded.age RETURNING name, age";
  const answers = await wire.roundTrip(frontend.parse("", upsert), frontend.describe("S", ""), frontend.sync());
  const { body } = answers.find(({ type }) => type === "t")!;
  deepEqual(Array.from({ length: body.readInt16BE(0) }, (_, at) => body.readUInt32BE(2 + 4 * at)), [25, 23, 25, 23]);
  const { rows } = await client.query(upsert, ["ada", 1, "zoe", 2]);
  equal(rows.length, 2);
  await refusedWith("21000", client.query(upsert, ["ada", 1, "ada", 2]));
});
