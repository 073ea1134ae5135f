/**
 * pg_attribute and pg_attrdef: columns of own tables and views, of indexes and sequences, of project tables, and of the
 * emulated relations. A type's OID and modifier are those that a query's result has (`__type_oid`, `__type_modifier`).
 */
import { catalogDatabase, type CatalogRelation } from "../types.ts";
import { objectOid, relation, shownSql } from "./define.ts";
import { ownIndexKeys } from "./keys.ts";
import { ownRows, relationOid, shownSchema, stateRows } from "./objects.ts";
import { postgresTypeRows, typeOid } from "./postgres_types.ts";
import { staticRows } from "./static_rows.ts";
import type { SystemRelation } from "./system_relations.ts";

const typeOidOf = (type: string) => `${catalogDatabase}.pg."__type_oid"(${type})`;
const typeModifierOf = (type: string) => `${catalogDatabase}.pg."__type_modifier"(${type})`;

/** `duckdb_columns()` takes 1 ms for 1,000 columns of the whole instance, so it is read once. */
const readColumns = `own_columns AS MATERIALIZED (
  SELECT * FROM ${
  ownRows(
    "duckdb_columns",
    "table_name, table_oid, column_name, column_index, data_type, is_nullable, column_default",
    "NOT internal",
  )
} AS columns)`;

/** `DEFAULT(…)` and `GENERATED ALWAYS AS(…)` look alike there, but not in the text of the table. */
const tablesWithGenerated = ownRows("duckdb_tables", "table_oid, sql", "contains(sql, ' GENERATED ALWAYS AS(')");

const isGenerated = "column_default IS NOT NULL AND sql IS NOT NULL AND (" +
  ["concat(' ', column_name, ' '", "concat('(', column_name, ' '", `concat('"', replace(column_name, '"', '""'), '" '`]
    .map((beginning) => `contains(sql, ${beginning}, data_type, ' GENERATED ALWAYS AS('))`).join(" OR ") +
  ")";

const ownColumns = `
  SELECT columns.shown_schema AS schema_name, table_name AS relation_name, column_name AS name,
    column_index AS position, data_type, NOT is_nullable AS not_null, column_default IS NOT NULL AS has_default,
    CASE WHEN ${isGenerated} THEN 's' ELSE '' END AS generated
  FROM own_columns AS columns LEFT JOIN ${tablesWithGenerated} AS tables ON tables.table_oid = columns.table_oid`;

const projectColumns = `
  SELECT schema_name, table_name, column_name, position, data_type, NOT nullable OR key_position IS NOT NULL, false, ''
  FROM ${
  stateRows(
    "project_columns",
    "schema_name, table_name, column_name, position, data_type, nullable, key_position",
  )
} AS columns`;

const ownIndexColumns = `
  SELECT shown_schema, index_name, CASE WHEN attribute_number = 0 THEN 'expr' ELSE key END, position,
    coalesce(data_type, 'VARCHAR'), false, false, ''
  FROM ${ownIndexKeys("own_columns")} AS index_keys`;

const projectIndexColumns = `
  SELECT keys.schema_name, concat(keys.table_name, '_pkey'), column_name, key_position, data_type, false, false, ''
  FROM ${
  stateRows(
    "project_columns",
    "schema_name, table_name, column_name, key_position, data_type",
    "key_position IS NOT NULL",
  )
} AS keys`;

const sequenceColumns = `
  SELECT shown_schema, sequence_name, unnest(['last_value', 'log_cnt', 'is_called']), unnest([1, 2, 3]),
    unnest(['BIGINT', 'BIGINT', 'BOOLEAN']), true, false, ''
  FROM ${ownRows("duckdb_sequences", "sequence_name")} AS sequences`;

/** Texts in PostgreSQL's own tables have collation C, not the default one. */
const collationC = 950;

function emulatedColumns(relations: readonly SystemRelation[]): string {
  return staticRows(
    [
      "relation_oid UINTEGER",
      "name VARCHAR",
      "position SMALLINT",
      "type_oid UINTEGER",
      "not_null BOOLEAN",
      "is_table BOOLEAN",
    ],
    relations.flatMap(({ oid, kind, columns }) =>
      columns.map(({ name, type, notNull }, index) => [oid, name, index + 1, typeOid(type), notNull, kind === "r"])
    ),
  );
}

const typeFacts = staticRows(
  ["oid UINTEGER", "length SMALLINT", "by_value BOOLEAN", "alignment VARCHAR", "storage VARCHAR", "collation UINTEGER"],
  postgresTypeRows.map((type) => [
    type.oid,
    type.length,
    type.byValue,
    type.alignment,
    type.storage,
    type.collationOid,
  ]),
);

/**
 * The OID of an enum or of a list of enums, by what `data_type` says; NULL when the engine knows no one type of these labels. Called for
 * such columns only: a join with DuckDB's list of types cost every reader of pg_attribute 8 to 13 ms.
 */
const enumOid = "CASE WHEN starts_with(data_type, 'ENUM(') THEN CAST(__eider_enum_oid(data_type) AS UINTEGER) END";

/** How deep an array's brackets go: `INTEGER[][3]` has 2. */
const dimensions = String.raw`length(regexp_replace(regexp_extract(data_type, '(\[\d*\])*$'), '[^\]]', '', 'g'))`;

export function attributes(relations: readonly SystemRelation[]): CatalogRelation[] {
  return [
    relation(
      "pg_attribute",
      {
        attrelid: "relation_oid",
        attname: "name",
        atttypid: "type_oid",
        attlen: "types.length",
        attnum: "position",
        attcacheoff: "-1",
        atttypmod: "modifier",
        attndims: "dimensions",
        attbyval: "types.by_value",
        attalign: "types.alignment",
        attstorage: "types.storage",
        attnotnull: "not_null",
        atthasdef: "has_default",
        attgenerated: "generated",
        attislocal: "true",
        attstattarget: "-1",
        attcollation: `CASE WHEN is_table AND types.collation <> 0 THEN ${collationC} ELSE types.collation END`,
      },
      `FROM (
        SELECT * EXCLUDE (built_in_oid, enum_oid, data_type), coalesce(enum_oid, built_in_oid) AS type_oid,
          CASE WHEN enum_oid IS NULL THEN built_in_oid WHEN ends_with(data_type, ']') THEN ${typeOid("_int4")}
            ELSE ${typeOid("int4")} END AS facts_oid
        FROM (
          WITH ${readColumns}
          SELECT ${relationOid("schema_name", "relation_name")} AS relation_oid, name, position, data_type,
            ${typeOidOf("data_type")} AS built_in_oid, ${enumOid} AS enum_oid,
            ${typeModifierOf("data_type")} AS modifier, ${dimensions} AS dimensions,
            not_null, has_default, generated, false AS is_table
          FROM (
            ${[ownColumns, projectColumns, ownIndexColumns, projectIndexColumns, sequenceColumns].join(" UNION ALL ")}
          ) AS columns
        ) AS typed
        UNION ALL BY NAME
        SELECT relation_oid, name, position, type_oid, type_oid AS facts_oid, -1 AS modifier, 0 AS dimensions, not_null,
          false AS has_default, '' AS generated, is_table
        FROM ${emulatedColumns(relations)} AS emulated
      ) AS attributes JOIN ${typeFacts} AS types ON types.oid = attributes.facts_oid`,
    ),
    relation(
      "pg_attrdef",
      {
        oid: objectOid("default", "shown_schema", "concat(table_name, '.', column_name)"),
        adrelid: relationOid("shown_schema", "table_name"),
        adnum: "column_index",
        adbin: "value",
      },
      `FROM ${columnDefaults} AS defaults`,
    ),
  ];
}

/**
 * `nextval('main.a_seq')` as PostgreSQL writes it: without database and schema `public`, with the cast that tools look
 * for.
 */
const withoutDatabase = `replace(${
  shownSql("column_default")
}, concat('nextval(''', current_database(), '.'), 'nextval(''')`;
const postgresDefault = `regexp_replace(${withoutDatabase}, ` +
  String.raw`'^nextval\(''(?:main\.)?(.*)''\)$', 'nextval(''\1''::regclass)')`;

const tablesWithDefaults = ownRows(
  "duckdb_tables",
  "table_oid",
  "(contains(sql, ' DEFAULT(') OR contains(sql, ' GENERATED ALWAYS AS('))",
);

/**
 * shown_schema, table_name, table_oid, column_name, column_index, value. Only own tables have defaults. Without such a
 * table no column is read: OFFSET 0 keeps DuckDB from filtering the columns before it compares them with the tables.
 */
export const columnDefaults = `(
  SELECT ${shownSchema} AS shown_schema, table_name, table_oid, column_name, column_index, ${postgresDefault} AS value
  FROM (
    SELECT * FROM duckdb_columns() WHERE table_oid IN (SELECT table_oid FROM ${tablesWithDefaults} AS tables) OFFSET 0
  ) AS columns WHERE column_default IS NOT NULL)`;
