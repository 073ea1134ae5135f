/** Every emulated relation has the columns of PostgreSQL 16's, in their order and with their types. */
import assert from "node:assert/strict";
import { openTestingCatalog } from "../testing_catalog.ts";
import { duckdbType } from "./define.ts";
import { pgCatalogRelations } from "./mod.ts";
import { postgresRelations } from "./postgres_columns.ts";
import { pg } from "./testing_objects.ts";

const catalog = await openTestingCatalog();

/** DuckDB's own word for what the relations write shorter. */
const spelledOut: Readonly<Record<string, string>> = { TIMESTAMPTZ: "TIMESTAMP WITH TIME ZONE" };

function engineType(type: string): string {
  const text = duckdbType(type);
  return spelledOut[text] ?? text;
}

Deno.test("each relation of PostgreSQL's list exists once, and no other", () => {
  const names = pgCatalogRelations.map(({ name }) => name);
  assert.deepEqual(names.toSorted(), [...postgresRelations.keys()].toSorted());
});

for (const { name, columns, kind } of postgresRelations.values()) {
  Deno.test(`${name} has PostgreSQL's columns and types`, async () => {
    const described = await catalog.rows(`SELECT column_name, column_type FROM (DESCRIBE FROM ${pg(name)})`);
    assert.deepEqual(described, columns.map((column) => [column.name, engineType(column.type)]));
    assert.equal(pgCatalogRelations.find((relation) => relation.name === name)?.kind, kind);
  });
}

/** Written down here again, from the documentation of version 16, because the data file began with version 15. */
const changedIn16: readonly (readonly [relation: string, columns: string])[] = [
  [
    "pg_attribute",
    "attrelid attname atttypid attlen attnum attcacheoff atttypmod attndims attbyval attalign attstorage " +
    "attcompression attnotnull atthasdef atthasmissing attidentity attgenerated attisdropped attislocal " +
    "attinhcount attstattarget attcollation attacl attoptions attfdwoptions attmissingval",
  ],
  ["pg_auth_members", "oid roleid member grantor admin_option inherit_option set_option"],
  [
    "pg_collation",
    "oid collname collnamespace collowner collprovider collisdeterministic collencoding collcollate collctype " +
    "colliculocale collicurules collversion",
  ],
  [
    "pg_database",
    "oid datname datdba encoding datlocprovider datistemplate datallowconn datconnlimit datfrozenxid datminmxid " +
    "dattablespace datcollate datctype daticulocale daticurules datcollversion datacl",
  ],
  [
    "pg_prepared_statements",
    "name statement prepare_time parameter_types result_types from_sql generic_plans custom_plans",
  ],
  [
    "pg_stat_user_tables",
    "relid schemaname relname seq_scan last_seq_scan seq_tup_read idx_scan last_idx_scan idx_tup_fetch n_tup_ins " +
    "n_tup_upd n_tup_del n_tup_hot_upd n_tup_newpage_upd n_live_tup n_dead_tup n_mod_since_analyze " +
    "n_ins_since_vacuum last_vacuum last_autovacuum last_analyze last_autoanalyze vacuum_count autovacuum_count " +
    "analyze_count autoanalyze_count",
  ],
];

for (const [relation, columns] of changedIn16) {
  Deno.test(`${relation} has the columns that version 16 added or moved`, () => {
    assert.equal(postgresRelations.get(relation)?.columns.map(({ name }) => name).join(" "), columns);
  });
}

Deno.test("pg_attribute's counts are int2 since version 16", () => {
  const types = new Map(postgresRelations.get("pg_attribute")?.columns.map(({ name, type }) => [name, type]));
  assert.deepEqual(["attndims", "attinhcount", "attstattarget"].map((name) => types.get(name)), [
    "int2",
    "int2",
    "int2",
  ]);
});

Deno.test("the emulated relations are rows of pg_class with PostgreSQL's OIDs", async () => {
  const rows = await catalog.rows(
    `SELECT relname, oid, relkind, relnatts FROM ${pg("pg_class")}
     WHERE relname IN ('pg_class', 'pg_attribute', 'pg_type', 'pg_proc', 'pg_tables') ORDER BY relname`,
  );
  assert.deepEqual(rows, [
    ["pg_attribute", "1249", "r", "26"],
    ["pg_class", "1259", "r", "33"],
    ["pg_proc", "1255", "r", "30"],
    ["pg_tables", "12033", "v", "8"],
    ["pg_type", "1247", "r", "32"],
  ]);
});

Deno.test("pg_attribute describes the emulated relations as a query's result does", async () => {
  const rows = await catalog.rows(
    `SELECT attname, atttypid, attlen, attnotnull, attnum FROM ${pg("pg_attribute")}
     WHERE attrelid = 2610 AND attname IN ('indexrelid', 'indnatts', 'indkey', 'indclass', 'indexprs') ORDER BY attnum`,
  );
  assert.deepEqual(rows, [
    ["indexrelid", "26", "4", "true", "1"],
    ["indnatts", "21", "2", "true", "3"],
    ["indkey", "22", "-1", "true", "16"],
    ["indclass", "30", "-1", "true", "18"],
    ["indexprs", "194", "-1", "false", "20"],
  ]);
});

Deno.test("every relation has as many columns in pg_attribute as pg_class says", async () => {
  const rows = await catalog.rows(
    `SELECT c.relname, c.relnatts, count(a.attname) AS found FROM ${pg("pg_class")} AS c
     LEFT JOIN ${pg("pg_attribute")} AS a ON a.attrelid = c.oid AND a.attnum > 0
     GROUP BY ALL HAVING c.relnatts <> found`,
  );
  assert.deepEqual(rows, []);
});
