/** pg_namespace, pg_class and pg_attribute of a workspace with objects of every kind. */
import assert from "node:assert/strict";
import { oidOf, openTestingObjects, pg } from "./testing_objects.ts";

const catalog = await openTestingObjects();

Deno.test("pg_namespace lists own schemas, buckets and PostgreSQL's own, with their owners", async () => {
  const rows = await catalog.rows(
    `SELECT nspname, nspowner, CASE WHEN oid < 16384 THEN oid END FROM ${pg("pg_namespace")} ORDER BY nspname`,
  );
  assert.deepEqual(rows, [
    ["in_c_sales", "11", null],
    ["information_schema", "10", "13000"],
    ["pg_catalog", "10", "11"],
    ["pg_temp_1", "10", null],
    ["pg_toast", "10", "99"],
    ["public", "10", "2200"],
    ["staging", "10", null],
  ]);
});

Deno.test("pg_class lists tables, views, indexes and sequences with kind, owner and persistence", async () => {
  const rows = await catalog.rows(
    `SELECT n.nspname, c.relname, c.relkind, c.relowner, c.relpersistence, c.relam, c.relnatts
     FROM ${pg("pg_class")} AS c JOIN ${pg("pg_namespace")} AS n ON n.oid = c.relnamespace
     WHERE c.oid >= 16384 ORDER BY 1, 2`,
  );
  assert.deepEqual(rows.map((row) => row.join(" ")), [
    "in_c_sales customers r 11 p 2 2",
    "in_c_sales customers_pkey i 11 p 403 1",
    "in_c_sales orders r 11 p 2 3",
    "pg_temp_1 glance v 10 t 0 1",
    "pg_temp_1 scratch r 10 t 2 1",
    "pg_temp_1 scratch_pkey i 10 t 403 1",
    "public booking r 10 p 2 4",
    "public booking_note_key i 10 p 403 1",
    "public booking_pkey i 10 p 403 2",
    "public counter S 10 p 0 3",
    "public payment r 10 p 2 2",
    "public person r 10 p 2 15",
    "public person_balance i 10 p 403 1",
    "public person_lower i 10 p 403 2",
    "public person_pkey i 10 p 403 1",
    "public person_title_key i 10 p 403 1",
    "public rich v 10 p 0 3",
    "public ticket r 10 p 2 2",
    "public ticket_id_seq S 10 p 0 3",
    "staging Odd one S 10 p 0 3",
    "staging Part of r 10 p 2 2",
    "staging Part of_pkey i 10 p 403 1",
    "staging by parent i 10 p 403 1",
    "staging other r 10 p 2 2",
    "staging totals v 10 p 0 2",
  ]);
});

Deno.test("an OID of pg_class belongs to one relation and is the one of __object_oid", async () => {
  assert.deepEqual(await catalog.rows(`SELECT oid FROM ${pg("pg_class")} GROUP BY oid HAVING count(*) > 1`), []);
  assert.deepEqual(
    await catalog.rows(`SELECT oid = ${pg("__object_oid")}('relation', 'public', 'person') FROM ${pg("pg_class")}
      WHERE relname = 'person'`),
    [["true"]],
  );
  assert.deepEqual(
    await catalog.rows(`SELECT oid = ${pg("__object_oid")}('schema', '', nspname) FROM ${pg("pg_namespace")}
      WHERE nspname IN ('staging', 'in_c_sales')`),
    [["true"], ["true"]],
  );
});

Deno.test("reltuples is the number of rows, of own tables and of the project's, and none has pages", async () => {
  const rows = await catalog.rows(
    `SELECT relname, reltuples, relpages FROM ${
      pg("pg_class")
    } WHERE relname IN ('person', 'ticket', 'orders') ORDER BY 1`,
  );
  assert.deepEqual(rows, [["orders", "100", "0"], ["person", "10", "0"], ["ticket", "2", "0"]]);
});

Deno.test("pg_class says which tables have checks, indexes, or triggers as those with a foreign key do", async () => {
  const rows = await catalog.rows(
    `SELECT relname, relhastriggers, relhasindex, relchecks FROM ${pg("pg_class")}
     WHERE relkind = 'r' AND oid >= 16384 ORDER BY relname`,
  );
  assert.deepEqual(rows.map((row) => row.join(" ")), [
    "Part of true true 0",
    "booking true true 3",
    "customers false true 0",
    "orders false false 0",
    "other false false 0",
    "payment true true 0",
    "person true true 1",
    "scratch false true 0",
    "ticket false false 0",
  ]);
});

Deno.test("a project table may be read by the user and belongs to project", async () => {
  assert.equal(
    await catalog.value(`SELECT relacl FROM ${pg("pg_class")} WHERE relname = 'orders'`),
    "['project=arwdDxt/project', 'ws_test_user=r/project']",
  );
});

Deno.test("pg_attribute gives each column the type, modifier and length that the wire protocol says", async () => {
  const rows = await catalog.rows(
    `SELECT attnum, attname, atttypid, atttypmod, attlen, attndims FROM ${pg("pg_attribute")}
     WHERE attrelid = ${oidOf("person")} ORDER BY attnum`,
  );
  // The engine knows the enums' OIDs: tests/e2e/descriptions_test.ts.
  assert.deepEqual(rows.map((row) => row.join(" ")), [
    "1 id 23 -1 4 0",
    "2 title 25 -1 -1 0",
    "3 balance 1700 786438 -1 0",
    "4 feeling 25 -1 -1 0",
    "5 feelings 1009 -1 -1 1",
    "6 numbers 1007 -1 -1 1",
    "7 matrix 1007 -1 -1 2",
    "8 triple 1007 -1 -1 1",
    "9 home 114 -1 -1 0",
    "10 points 23 -1 4 0",
    "11 document 114 -1 -1 0",
    "12 seen 1184 -1 8 0",
    "13 amount 1700 -1 -1 0",
    "14 prices 1231 -1 -1 1",
    "15 doubled 23 -1 4 0",
  ]);
});

Deno.test("pg_attribute tells what is not null, has a default, is generated", async () => {
  const rows = await catalog.rows(
    `SELECT attname, attnotnull, atthasdef, attgenerated FROM ${pg("pg_attribute")}
     WHERE attrelid = ${oidOf("person")} AND (attnotnull OR atthasdef) ORDER BY attnum`,
  );
  assert.deepEqual(rows, [
    ["id", "true", "false", ""],
    ["title", "true", "false", ""],
    ["balance", "false", "true", ""],
    ["doubled", "false", "true", "s"],
  ]);
});

Deno.test("pg_attribute takes alignment, storage and collation from the type", async () => {
  const rows = await catalog.rows(
    `SELECT attname, attbyval, attalign, attstorage, attcollation FROM ${pg("pg_attribute")}
     WHERE attrelid = ${oidOf("person")} AND attname IN ('id', 'title', 'balance', 'seen') ORDER BY attnum`,
  );
  assert.deepEqual(rows, [
    ["id", "true", "i", "p", "0"],
    ["title", "false", "i", "x", "100"],
    ["balance", "false", "i", "m", "0"],
    ["seen", "true", "d", "p", "0"],
  ]);
});

Deno.test("pg_attribute has the columns of views, indexes, sequences and project tables", async () => {
  const rows = await catalog.rows(
    `SELECT c.relname, string_agg(a.attname || ':' || a.atttypid, ' ' ORDER BY a.attnum)
     FROM ${pg("pg_class")} AS c JOIN ${pg("pg_attribute")} AS a ON a.attrelid = c.oid
     WHERE c.relname IN ('rich', 'totals', 'person_lower', 'booking_pkey', 'counter', 'orders', 'customers_pkey')
     GROUP BY c.relname ORDER BY c.relname`,
  );
  assert.deepEqual(rows, [
    ["booking_pkey", "slot:23 room:23"],
    ["counter", "last_value:20 log_cnt:20 is_called:16"],
    ["customers_pkey", "id:20"],
    ["orders", "id:20 customer_id:20 amount:1700"],
    ["person_lower", "balance:1700 expr:25"],
    ["rich", "id:23 title:25 balance:1700"],
    ["totals", "people:20 money:1700"],
  ]);
});

Deno.test("pg_attrdef shows defaults as PostgreSQL writes them", async () => {
  const rows = await catalog.rows(
    `SELECT c.relname, d.adnum, d.adbin FROM ${pg("pg_attrdef")} AS d JOIN ${pg("pg_class")} AS c ON c.oid = d.adrelid
     ORDER BY 1, 2`,
  );
  assert.deepEqual(rows, [
    ["other", "1", `nextval('staging."Odd one"'::regclass)`],
    ["other", "2", "current_date"],
    ["person", "3", "1.5"],
    ["person", "15", "CAST((id * 2) AS INTEGER)"],
    ["ticket", "1", "nextval('ticket_id_seq'::regclass)"],
    ["ticket", "2", "nextval('counter'::regclass)"],
  ]);
});

Deno.test("nothing of the internal database or of another one is a row of pg_class or pg_namespace", async () => {
  const rows = await catalog.rows(
    `SELECT relname FROM ${pg("pg_class")} WHERE starts_with(relname, '__') OR relname IN ('project_tables', 'settings')
     UNION ALL SELECT nspname FROM ${pg("pg_namespace")} WHERE nspname IN ('pg', 'info', 'state', 'main', 'temp')`,
  );
  assert.deepEqual(rows, []);
});
