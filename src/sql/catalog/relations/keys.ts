/**
 * Constraints and indexes of own tables as SQL fragments, each a subquery in parentheses, for who asks for those of one table in the midst of a
 * transaction. The catalog's own are made of the same (`made/keys.ts`; a test compares the two).
 */
import { objectOid } from "./define.ts";
import { ownRows } from "./objects.ts";

/** SQL of the OID of a table's constraint; the arguments are SQL. */
export function constraintOid(schema: string, table: string, constraint: string): string {
  return objectOid("constraint", schema, `concat(${table}, '.', ${constraint})`);
}

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
