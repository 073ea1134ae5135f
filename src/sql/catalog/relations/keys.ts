/**
 * Keys, constraints and indexes as SQL fragments, each a subquery in parentheses. A PRIMARY KEY or UNIQUE has an index
 * of its name, as in PostgreSQL. DuckDB keeps no name that a user gave to a constraint, so all have those that
 * PostgreSQL would choose.
 */
import { catalogDatabase } from "../types.ts";
import { keptPart } from "../memo/parts.ts";
import { objectOid } from "./define.ts";
import { ownRows } from "./objects.ts";

/** SQL of the OID of a table's constraint; the arguments are SQL. */
export function constraintOid(schema: string, table: string, constraint: string): string {
  return objectOid("constraint", schema, `concat(${table}, '.', ${constraint})`);
}

const isKeyConstraint = "constraint_type IN ('PRIMARY KEY', 'UNIQUE')";

/** PRIMARY KEY and UNIQUE of own tables: shown_schema, table_name, table_oid, index_name, is_primary, key_names. */
export const ownKeys = ownRows(
  "duckdb_constraints",
  `table_name, table_oid, constraint_type = 'PRIMARY KEY' AS is_primary, constraint_column_names AS key_names,
   CASE constraint_type WHEN 'PRIMARY KEY' THEN concat(table_name, '_pkey')
     ELSE concat(table_name, '_', array_to_string(constraint_column_names, '_'), '_key') END AS index_name`,
  isKeyConstraint,
);

/**
 * All constraints but NOT NULL, which PostgreSQL 16 does not list: shown_schema, table_name, constraint_index, kind
 * (contype), constraint_name, key (column numbers), column_names, expression, referenced_table (in the same schema;
 * DuckDB has no others), referenced_names (in the letter case in which the user wrote them).
 */
export const ownConstraintRows = `(
  SELECT numbered.* EXCLUDE (base_name, repetition, written_table),
    coalesce(targets.table_name, written_table) AS referenced_table,
    CASE WHEN repetition = 1 OR kind IN ('p', 'u') THEN base_name
      ELSE concat(base_name, repetition - 1) END AS constraint_name
  FROM (
    SELECT *, row_number() OVER (PARTITION BY shown_schema, base_name ORDER BY constraint_index) AS repetition
    FROM ${
  ownRows(
    "duckdb_constraints",
    `table_name, constraint_index, expression, referenced_table AS written_table,
     referenced_column_names AS referenced_names, constraint_column_names AS column_names,
     list_transform(constraint_column_indexes, lambda position: CAST(position + 1 AS SMALLINT)) AS key,
     CASE constraint_type WHEN 'PRIMARY KEY' THEN 'p' WHEN 'UNIQUE' THEN 'u' WHEN 'CHECK' THEN 'c' ELSE 'f' END AS kind,
     CASE constraint_type
       WHEN 'PRIMARY KEY' THEN concat(table_name, '_pkey')
       WHEN 'UNIQUE' THEN concat(table_name, '_', array_to_string(constraint_column_names, '_'), '_key')
       WHEN 'FOREIGN KEY' THEN concat(table_name, '_', array_to_string(constraint_column_names, '_'), '_fkey')
       ELSE concat(table_name, CASE WHEN len(constraint_column_names) = 1
         THEN concat('_', array_extract(constraint_column_names, 1)) END, '_check') END AS base_name`,
    // The limit of a varchar(n) column is a CHECK in DuckDB (`translate/rewrite/statements/length_limit.ts`), and none in PostgreSQL.
    `constraint_type IN ('PRIMARY KEY', 'UNIQUE', 'CHECK', 'FOREIGN KEY') AND NOT (constraint_type = 'CHECK'
     AND system.main.regexp_matches(expression, '^[(]?(len[(].+[)] <= [0-9]+|[0-9]+ >= len[(].+[)])[)]?$'))`,
  )
} AS constraints) AS numbered
  LEFT JOIN ${ownRows("duckdb_tables", "table_name")} AS targets
    ON targets.shown_schema = numbered.shown_schema AND lower(targets.table_name) = lower(written_table))`;

/** The same, kept: for the relations of the catalog alone. */
export const ownConstraints = keptPart(
  "own_constraints",
  [
    ["shown_schema", "VARCHAR"],
    ["table_name", "VARCHAR"],
    ["constraint_index", "BIGINT"],
    ["kind", "VARCHAR"],
    ["constraint_name", "VARCHAR"],
    ["key", "SMALLINT[]"],
    ["column_names", "VARCHAR[]"],
    ["expression", "VARCHAR"],
    ["referenced_table", "VARCHAR"],
    ["referenced_names", "VARCHAR[]"],
  ],
  ownConstraintRows,
  "definitions",
);

/**
 * Primary keys of project tables: schema_name, table_name, index_name, key (column numbers in the key's order),
 * key_names.
 */
export const projectKeys = `(
  SELECT schema_name, table_name, concat(table_name, '_pkey') AS index_name,
    list(CAST(position AS SMALLINT) ORDER BY key_position) AS key, list(column_name ORDER BY key_position) AS key_names
  FROM ${catalogDatabase}.state.project_columns WHERE key_position IS NOT NULL GROUP BY schema_name, table_name)`;

/** A column that DuckDB writes with its table, `(t.a)`, when CREATE INDEX spells the table in another case. */
const qualifiedColumn = String.raw`^\((?:(?:"(?:[^"]|"")*"|[^."()\s]+)\.)+("(?:[^"]|"")*"|[^."()\s]+)\)$`;

/**
 * CREATE INDEX of own tables: shown_schema, table_name, table_oid, index_name, is_unique, comment, definition,
 * key_names. A column's name is as CREATE INDEX wrote it.
 */
export const ownCreatedIndexes = ownRows(
  "duckdb_indexes",
  `table_name, table_oid, index_name, is_unique, comment, sql AS definition,
   list_transform(list_transform(CAST(expressions AS VARCHAR[]), lambda element:
     regexp_replace(element, '${qualifiedColumn}', '\\1')), lambda element: CASE WHEN starts_with(element, '"')
     THEN replace(array_slice(element, 2, -2), '""', '"') ELSE element END) AS key_names`,
);

/**
 * All indexes of own tables: shown_schema, table_name, table_oid, index_name, is_unique, is_primary, is_key, key_names.
 */
export const ownIndexes = `(
  SELECT shown_schema, table_name, table_oid, index_name, is_unique, false AS is_primary, false AS is_key, key_names
  FROM ${ownCreatedIndexes} AS created
  UNION ALL
  SELECT shown_schema, table_name, table_oid, index_name, true, is_primary, true, key_names FROM ${ownKeys} AS keys)`;

/** Columns of the own tables that have an index: no others are read, and none when there is no index. */
export const indexedColumns = `(
  SELECT table_oid, column_name, column_index, data_type FROM duckdb_columns() WHERE table_oid IN (
    SELECT table_oid FROM ${ownRows("duckdb_indexes", "table_oid")} AS created
    UNION ALL SELECT table_oid FROM ${ownRows("duckdb_constraints", "table_oid", isKeyConstraint)} AS constraints))`;

/**
 * One row a key of an own index: the columns of `ownIndexes` but key_names, and position (from 1), key (a column's
 * name, or an expression in parentheses), attribute_number (0 for an expression), data_type (null for an expression).
 * `columns` is SQL of at least the columns of `indexedColumns`.
 */
export function ownIndexKeys(columns: string): string {
  return `(
    SELECT entries.* EXCLUDE (written_key), coalesce(columns.column_name, written_key) AS key,
      coalesce(columns.column_index, 0) AS attribute_number, columns.data_type
    FROM (
      SELECT * EXCLUDE (key_names), unnest(key_names) AS written_key, generate_subscripts(key_names, 1) AS position
      FROM ${ownIndexes} AS indexes
    ) AS entries LEFT JOIN ${columns} AS columns
      ON columns.table_oid = entries.table_oid AND lower(columns.column_name) = lower(entries.written_key))`;
}
