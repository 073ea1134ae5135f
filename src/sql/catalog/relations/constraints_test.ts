/** pg_index, pg_constraint and the views over indexes. */
import assert from "node:assert/strict";
import { openTestingObjects, pg } from "./testing_objects.ts";

const catalog = await openTestingObjects();

Deno.test("pg_index has the keys of every index, those behind constraints too", async () => {
  const rows = await catalog.rows(
    `SELECT c.relname, t.relname, i.indisunique, i.indisprimary, i.indkey, i.indclass, i.indcollation, i.indexprs
     FROM ${pg("pg_index")} AS i JOIN ${pg("pg_class")} AS c ON c.oid = i.indexrelid
     JOIN ${pg("pg_class")} AS t ON t.oid = i.indrelid ORDER BY 1`,
  );
  assert.deepEqual(rows, [
    ["Part of_pkey", "Part of", "true", "true", "[1]", "[1978]", "[0]", null],
    ["booking_note_key", "booking", "true", "false", "[4]", "[3126]", "[100]", null],
    ["booking_pkey", "booking", "true", "true", "[1, 2]", "[1978, 1978]", "[0, 0]", null],
    ["by parent", "Part of", "false", "false", "[2]", "[1978]", "[0]", null],
    ["customers_pkey", "customers", "true", "true", "[1]", "[3124]", "[0]", null],
    ["person_balance", "person", "false", "false", "[3]", "[3125]", "[0]", null],
    ["person_lower", "person", "true", "false", "[3, 0]", "[3125, 3126]", "[0, 100]", "(lower(title))"],
    ["person_pkey", "person", "true", "true", "[1]", "[1978]", "[0]", null],
    ["person_title_key", "person", "true", "false", "[2]", "[3126]", "[100]", null],
    ["scratch_pkey", "scratch", "true", "true", "[1]", "[1978]", "[0]", null],
  ]);
});

Deno.test("the classes in pg_index are rows of pg_opclass for the key's type", async () => {
  const rows = await catalog.rows(
    `SELECT DISTINCT o.opcname, o.opcintype, o.opcdefault FROM (
       SELECT unnest(indclass) AS class FROM ${pg("pg_index")}) AS used
     LEFT JOIN ${pg("pg_opclass")} AS o ON o.oid = used.class ORDER BY 1`,
  );
  assert.deepEqual(rows, [
    ["int4_ops", "23", "true"],
    ["int8_ops", "20", "true"],
    ["numeric_ops", "1700", "true"],
    ["text_ops", "25", "true"],
  ]);
});

Deno.test("pg_constraint names constraints as PostgreSQL does, with key, referenced key and expression", async () => {
  const rows = await catalog.rows(
    `SELECT k.conname, k.contype, t.relname, k.conkey, r.relname, k.confkey, x.relname, k.conbin
     FROM ${pg("pg_constraint")} AS k JOIN ${pg("pg_class")} AS t ON t.oid = k.conrelid
     LEFT JOIN ${pg("pg_class")} AS r ON r.oid = k.confrelid LEFT JOIN ${pg("pg_class")} AS x ON x.oid = k.conindid
     ORDER BY k.conname`,
  );
  assert.deepEqual(rows, [
    ["Part of_parent_fkey", "f", "Part of", "[2]", "Part of", "[1]", "Part of_pkey", null],
    ["Part of_pkey", "p", "Part of", "[1]", null, null, "Part of_pkey", null],
    ["booking_check", "c", "booking", "[1, 2]", null, null, null, "(slot < room)"],
    ["booking_check1", "c", "booking", "[1, 2]", null, null, null, "((slot != 7) AND (room != 7))"],
    ["booking_guest_fkey", "f", "booking", "[3]", "person", "[1]", "person_pkey", null],
    ["booking_note_check", "c", "booking", "[4]", null, null, null, "(note != '')"],
    ["booking_note_key", "u", "booking", "[4]", null, null, "booking_note_key", null],
    ["booking_pkey", "p", "booking", "[1, 2]", null, null, "booking_pkey", null],
    ["customers_pkey", "p", "customers", "[1]", null, null, "customers_pkey", null],
    ["payment_slot_room_fkey", "f", "payment", "[1, 2]", "booking", "[1, 2]", "booking_pkey", null],
    ["person_balance_check", "c", "person", "[3]", null, null, null, "(balance > 0)"],
    ["person_pkey", "p", "person", "[1]", null, null, "person_pkey", null],
    ["person_title_key", "u", "person", "[2]", null, null, "person_title_key", null],
    ["scratch_pkey", "p", "scratch", "[1]", null, null, "scratch_pkey", null],
  ]);
});

Deno.test("only a foreign key has actions and a match type", async () => {
  const rows = await catalog.rows(
    `SELECT DISTINCT contype = 'f', confupdtype, confdeltype, confmatchtype FROM ${pg("pg_constraint")} ORDER BY 1`,
  );
  assert.deepEqual(rows, [["false", " ", " ", " "], ["true", "a", "a", "s"]]);
});

Deno.test("pg_indexes gives CREATE INDEX with quoted names", async () => {
  const rows = await catalog.rows(
    `SELECT schemaname, tablename, indexdef FROM ${pg("pg_indexes")}
     WHERE indexname IN ('by parent', 'person_lower', 'booking_pkey', 'customers_pkey') ORDER BY indexname`,
  );
  assert.deepEqual(rows, [
    ["public", "booking", "CREATE UNIQUE INDEX booking_pkey ON public.booking USING btree (slot, room)"],
    ["staging", "Part of", 'CREATE INDEX "by parent" ON staging."Part of" USING btree (parent)'],
    ["in_c_sales", "customers", "CREATE UNIQUE INDEX customers_pkey ON in_c_sales.customers USING btree (id)"],
    ["public", "person", "CREATE UNIQUE INDEX person_lower ON public.person USING btree (balance, (lower(title)))"],
  ]);
});

Deno.test("keys and references in another letter case than the table's are the same columns", async () => {
  await catalog.run('CREATE TABLE "Mixed"("Key" INTEGER PRIMARY KEY, "Other" INTEGER)');
  await catalog.run("CREATE TABLE refers(a INTEGER REFERENCES mixed(key))");
  await catalog.run("CREATE INDEX mixed_other ON mixed(OTHER)");
  const indexes = await catalog.rows(
    `SELECT c.relname, i.indkey, i.indexprs FROM ${pg("pg_index")} AS i JOIN ${
      pg("pg_class")
    } AS c ON c.oid = i.indexrelid
     JOIN ${pg("pg_class")} AS t ON t.oid = i.indrelid WHERE t.relname = 'Mixed' ORDER BY 1`,
  );
  assert.deepEqual(indexes, [["Mixed_pkey", "[1]", null], ["mixed_other", "[2]", null]]);
  const constraints = await catalog.rows(
    `SELECT k.conname, r.relname, x.relname FROM ${pg("pg_constraint")} AS k JOIN ${
      pg("pg_class")
    } AS r ON r.oid = k.confrelid
     JOIN ${pg("pg_class")} AS x ON x.oid = k.conindid WHERE r.relname = 'Mixed'`,
  );
  assert.deepEqual(constraints, [["refers_a_fkey", "Mixed", "Mixed_pkey"]]);
  assert.equal(await catalog.value(`SELECT relhastriggers FROM ${pg("pg_class")} WHERE relname = 'Mixed'`), "true");
});
