/** Errors and notices as a client sees them: SQLSTATE, text, position, detail and the names of what they are about. */
import { deepEqual, equal } from "node:assert/strict";
import { once } from "../support/once.ts";
import { TestProject } from "../support/project.ts";
import { sharedServer } from "../support/server.ts";
import { type BackendMessage, errorFields, frontend, message, transactionStatus, WireClient } from "../support/wire.ts";
import { Buffer } from "node:buffer";

const server = sharedServer();
const workspaceOf = once(async () => await (await TestProject.create(server.current.rest)).workspace());

function fieldsOf(answers: readonly BackendMessage[], type: "E" | "N"): Record<string, string>[] {
  return answers.filter((answer) => answer.type === type).map(({ body }) => errorFields(body));
}

async function run(wire: WireClient, sql: string): Promise<BackendMessage[]> {
  return await wire.roundTrip(frontend.query(sql));
}

Deno.test("a violated constraint names itself, its table, schema and column, in every way of sending", async () => {
  using wire = await WireClient.connect(await workspaceOf());
  await run(
    wire,
    "CREATE SCHEMA shop; CREATE TABLE shop.item (id int PRIMARY KEY, label text NOT NULL, n int CHECK (n > 0))",
  );
  await run(wire, "INSERT INTO shop.item VALUES (1, 'x', 1)");
  const unique = { C: "23505", s: "shop", t: "item", n: "item_pkey", D: "Key (id)=(1) already exists." };
  const [simple] = fieldsOf(await run(wire, "INSERT INTO shop.item VALUES (1, 'y', 1)"), "E");
  const [extended] = fieldsOf(
    await wire.roundTrip(
      frontend.parse("", "INSERT INTO shop.item VALUES ($1, 'y', 1)"),
      frontend.bind("", "", ["1"]),
      frontend.execute(""),
      frontend.sync(),
    ),
    "E",
  );
  for (const fields of [simple, extended]) {
    equal(fields?.["M"], 'duplicate key value violates unique constraint "item_pkey"');
    for (const [letter, value] of Object.entries(unique)) equal(fields?.[letter], value, letter);
  }
  const [missing] = fieldsOf(await run(wire, "UPDATE shop.item SET label = NULL"), "E");
  deepEqual([missing?.["C"], missing?.["c"], missing?.["t"], missing?.["s"]], ["23502", "label", "item", "shop"]);
  await run(wire, "BEGIN");
  const [check] = fieldsOf(await run(wire, "INSERT INTO shop.item VALUES (2, 'z', -1)"), "E");
  deepEqual([check?.["C"], check?.["n"]], ["23514", "item_n_check"]);
  equal(transactionStatus(await run(wire, "SELECT 1")), "E");
  await run(wire, "ROLLBACK");
  wire.send(frontend.query("COPY shop.item FROM STDIN"));
  await wire.readUntil("G");
  const [copied] = fieldsOf(await wire.roundTrip(message("d", Buffer.from("9\tq\t1\n1\ty\t1\n")), message("c")), "E");
  deepEqual([copied?.["C"], copied?.["n"], copied?.["t"]], ["23505", "item_pkey", "item"]);
});

/** Statement, and the notice of a real PostgreSQL 15: SQLSTATE and text; none when nothing is passed over. */
const notices: readonly (readonly [sql: string, ...notices: readonly (readonly [string, string])[]])[] = [
  ["CREATE TABLE there (a int)"],
  ["DROP TABLE IF EXISTS gone", ["00000", 'table "gone" does not exist, skipping']],
  ["DROP TABLE IF EXISTS gone, lost CASCADE", ["00000", 'table "gone" does not exist, skipping'], [
    "00000",
    'table "lost" does not exist, skipping',
  ]],
  ["DROP VIEW IF EXISTS gone", ["00000", 'view "gone" does not exist, skipping']],
  ["DROP SEQUENCE IF EXISTS gone", ["00000", 'sequence "gone" does not exist, skipping']],
  ["DROP INDEX IF EXISTS gone", ["00000", 'index "gone" does not exist, skipping']],
  ["DROP TYPE IF EXISTS gone", ["00000", 'type "gone" does not exist, skipping']],
  ["DROP SCHEMA IF EXISTS gone", ["00000", 'schema "gone" does not exist, skipping']],
  ["DROP TABLE IF EXISTS gone.there", ["00000", 'schema "gone" does not exist, skipping']],
  ["CREATE TABLE IF NOT EXISTS there (b text)", ["42P07", 'relation "there" already exists, skipping']],
  ["CREATE TABLE IF NOT EXISTS there AS SELECT 1 AS b", ["42P07", 'relation "there" already exists, skipping']],
  ["CREATE INDEX IF NOT EXISTS there_a ON there (a)"],
  ["CREATE INDEX IF NOT EXISTS there_a ON there (a)", ["42P07", 'relation "there_a" already exists, skipping']],
  ["CREATE SCHEMA IF NOT EXISTS place"],
  ["CREATE SCHEMA IF NOT EXISTS place", ["42P06", 'schema "place" already exists, skipping']],
  ["CREATE TABLE IF NOT EXISTS place.there (a int)"],
  ["DROP TABLE IF EXISTS place.there"],
  ["DROP TABLE IF EXISTS there"],
  ["CREATE SCHEMA one; CREATE SCHEMA two; CREATE TABLE one.t (a int); CREATE TABLE two.t (a int)"],
  ["CREATE VIEW seen AS SELECT 1 AS a"],
  ["BEGIN"],
  ["DROP TABLE IF EXISTS one.t"],
  ["DROP TABLE IF EXISTS one.t", ["00000", 'table "t" does not exist, skipping']],
  ["DROP TABLE IF EXISTS two.t"],
  ["DROP SCHEMA IF EXISTS one"],
  ["DROP TABLE IF EXISTS one.t", ["00000", 'schema "one" does not exist, skipping']],
  ["CREATE SCHEMA IF NOT EXISTS three"],
  ["CREATE SCHEMA IF NOT EXISTS three", ["42P06", 'schema "three" already exists, skipping']],
  ["CREATE TABLE IF NOT EXISTS three.t (a int)"],
  ["CREATE INDEX IF NOT EXISTS t_a ON three.t (a)"],
  ["CREATE INDEX IF NOT EXISTS t_a ON three.t (a)", ["42P07", 'relation "t_a" already exists, skipping']],
  ["ALTER TABLE seen RENAME TO looked_at; ALTER TABLE looked_at RENAME TO shown"],
  ["DROP VIEW IF EXISTS looked_at", ["00000", 'view "looked_at" does not exist, skipping']],
  ["DROP VIEW IF EXISTS shown"],
  ["CREATE TEMP TABLE IF NOT EXISTS passing (a int)"],
  ["CREATE TEMP TABLE IF NOT EXISTS passing (a int)", ["42P07", 'relation "passing" already exists, skipping']],
  ["CREATE TABLE IF NOT EXISTS public.passing (a int)"],
  ["DROP TABLE IF EXISTS pg_temp.passing"],
  ["DROP TABLE IF EXISTS pg_temp.passing", ["00000", 'table "passing" does not exist, skipping']],
  ["CREATE TYPE mood AS ENUM ('a')"],
  ["DROP TYPE IF EXISTS mood"],
  ["DROP TYPE IF EXISTS mood", ["00000", 'type "mood" does not exist, skipping']],
  ["CREATE TEMP VIEW fleeting AS SELECT 2 AS a; ALTER TABLE fleeting RENAME TO gone; SELECT * FROM gone"],
  ["ROLLBACK"],
  ["DROP TABLE IF EXISTS passing", ["00000", 'table "passing" does not exist, skipping']],
  ["DROP SCHEMA IF EXISTS three", ["00000", 'schema "three" does not exist, skipping']],
  ["DROP TABLE IF EXISTS one.t"],
  ["DROP VIEW IF EXISTS seen"],
];

Deno.test("IF EXISTS and IF NOT EXISTS give a notice for what they pass over, and only then", async () => {
  using wire = await WireClient.connect(await workspaceOf());
  for (const [sql, ...expected] of notices) {
    const answers = await run(wire, sql);
    deepEqual(fieldsOf(answers, "E"), [], sql);
    deepEqual([sql, ...fieldsOf(answers, "N").map((fields) => [fields["C"], fields["M"]])], [sql, ...expected]);
  }
});

/** Statement, SQLSTATE, text and position of a real PostgreSQL 15. */
const positions: readonly (readonly [sql: string, sqlstate: string, position: string, text?: string])[] = [
  ["SELECT 'x'::int", "22P02", "8", 'invalid input syntax for type integer: "x"'],
  ["SELECT 1, CAST('x' AS bigint) + 2", "22P02", "16", 'invalid input syntax for type bigint: "x"'],
  ["SELECT 'zz'::bool", "22P02", "8", 'invalid input syntax for type boolean: "zz"'],
  ["SELECT '99999999999'::int", "22003", "8", 'value "99999999999" is out of range for type integer'],
  ["SELECT 'x'::date", "22007", "8", 'invalid input syntax for type date: "x"'],
  ["SELECT 1; SELECT 'x'::int", "22P02", "18"],
  ["SELECT 1; SELECT nope", "42703", "18"],
  ["/* žluť */ SELECT nope", "42703", "19"],
  ["SELECT 1;\nSELEC 1", "42601", "11"],
];

Deno.test("an error has its position in the whole text that was sent", async () => {
  using wire = await WireClient.connect(await workspaceOf());
  for (const [sql, sqlstate, position, text] of positions) {
    const [fields] = fieldsOf(await run(wire, sql), "E");
    deepEqual([sql, fields?.["C"], fields?.["P"]], [sql, sqlstate, position]);
    if (text !== undefined) equal(fields?.["M"], text);
  }
  const [parsed] = fieldsOf(await wire.roundTrip(frontend.parse("", "/* é */ SELECT nope"), frontend.sync()), "E");
  equal(parsed?.["P"], "16");
});

Deno.test("a cursor over SELECT INTO is a syntax error", async () => {
  using wire = await WireClient.connect(await workspaceOf());
  const [fields] = fieldsOf(await run(wire, "DECLARE c CURSOR WITH HOLD FOR SELECT 1 AS a INTO elsewhere"), "E");
  deepEqual([fields?.["C"], fields?.["M"]], ["42601", "SELECT ... INTO is not allowed here"]);
});
