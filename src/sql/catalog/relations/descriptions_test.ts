/** pg_description and pg_depend. */
import assert from "node:assert/strict";
import { openTestingObjects, pg } from "./testing_objects.ts";

const catalog = await openTestingObjects();

Deno.test("pg_description has the comments on objects and columns", async () => {
  const rows = await catalog.rows(
    `SELECT k.relname, coalesce(c.relname, t.typname, p.proname, n.nspname), d.objsubid, d.description
     FROM ${pg("pg_description")} AS d JOIN ${pg("pg_class")} AS k ON k.oid = d.classoid
     LEFT JOIN ${pg("pg_class")} AS c ON c.oid = d.objoid AND d.classoid = 1259
     LEFT JOIN ${pg("pg_type")} AS t ON t.oid = d.objoid AND d.classoid = 1247
     LEFT JOIN ${pg("pg_proc")} AS p ON p.oid = d.objoid AND d.classoid = 1255
     LEFT JOIN ${pg("pg_namespace")} AS n ON n.oid = d.objoid AND d.classoid = 2615 ORDER BY 1, 2, 3`,
  );
  assert.deepEqual(rows, [
    ["pg_class", "counter", "0", "a sequence"],
    ["pg_class", "person", "0", "people"],
    ["pg_class", "person", "2", "what they are called"],
    ["pg_class", "person_balance", "0", "an index"],
    ["pg_class", "rich", "0", "a view"],
    ["pg_namespace", "pg_catalog", "0", "system catalog schema"],
    ["pg_namespace", "pg_toast", "0", "reserved schema for TOAST tables"],
    ["pg_namespace", "public", "0", "standard public schema"],
    ["pg_proc", "add_up", "0", "a macro"],
    ["pg_type", "mood", "0", "a type"],
  ]);
});

/** deptype, dependent, what it depends on with its column. */
function dependencies(condition: string): Promise<(string | null)[][]> {
  return catalog.rows(
    `SELECT d.deptype, coalesce(c.relname, k.conname, 'default'), r.relname, d.refobjsubid
     FROM ${pg("pg_depend")} AS d LEFT JOIN ${pg("pg_class")} AS r ON r.oid = d.refobjid
     LEFT JOIN ${pg("pg_class")} AS c ON c.oid = d.objid AND d.classid = 1259
     LEFT JOIN ${pg("pg_constraint")} AS k ON k.oid = d.objid AND d.classid = 2606
     WHERE ${condition} ORDER BY 2, 1, 3, 4`,
  );
}

Deno.test("pg_depend gives a serial column its sequence, and no other column one", async () => {
  assert.deepEqual(await dependencies("c.relkind = 'S'"), [["a", "ticket_id_seq", "ticket", "1"]]);
});

Deno.test("pg_depend lets a default depend on its column and its sequence", async () => {
  assert.deepEqual(await dependencies("d.classid = 2604 AND r.relname IN ('ticket', 'counter', 'Odd one')"), [
    ["a", "default", "ticket", "1"],
    ["a", "default", "ticket", "2"],
    ["n", "default", "Odd one", "0"],
    ["n", "default", "counter", "0"],
  ]);
});

Deno.test("pg_depend lets a view's rule depend on the view and on the columns that it reads", async () => {
  const rows = await catalog.rows(
    `SELECT v.relname, d.deptype, c.relname, d.refobjsubid FROM ${pg("pg_depend")} AS d
       JOIN ${pg("pg_rewrite")} AS r ON r.oid = d.objid AND d.classid = 2618 JOIN ${
      pg("pg_class")
    } AS v ON v.oid = r.ev_class
       JOIN ${pg("pg_class")} AS c ON c.oid = d.refobjid AND d.refclassid = 1259 ORDER BY ALL`,
  );
  assert.deepEqual(rows.map((row) => row.join(" ")), [
    "glance i glance 0",
    "rich i rich 0",
    "rich n person 1",
    "rich n person 2",
    "rich n person 3",
    "totals i totals 0",
    "totals n person 3",
  ]);
});

Deno.test("pg_depend lets a constraint depend on its columns and on the table it refers to", async () => {
  assert.deepEqual(await dependencies("k.conname IN ('payment_slot_room_fkey', 'booking_pkey')"), [
    ["a", "booking_pkey", "booking", "1"],
    ["a", "booking_pkey", "booking", "2"],
    ["a", "payment_slot_room_fkey", "payment", "1"],
    ["a", "payment_slot_room_fkey", "payment", "2"],
    ["n", "payment_slot_room_fkey", "booking", "0"],
  ]);
});

Deno.test("pg_depend gives a key's index to its constraint", async () => {
  const rows = await catalog.rows(
    `SELECT c.relname, k.conname FROM ${pg("pg_depend")} AS d JOIN ${pg("pg_class")} AS c ON c.oid = d.objid
     JOIN ${pg("pg_constraint")} AS k ON k.oid = d.refobjid WHERE d.deptype = 'i' ORDER BY 1`,
  );
  assert.deepEqual(rows.map(([index]) => index), [
    "Part of_pkey",
    "booking_note_key",
    "booking_pkey",
    "person_pkey",
    "person_title_key",
    "scratch_pkey",
  ]);
  for (const [index, constraint] of rows) assert.equal(index, constraint);
});
