/**
 * What own views read, as SQL fragments, each a subquery in parentheses. A name without a schema is looked for as DuckDB does when it
 * carries the view out: first in the schema of the view.
 */
import { ownRows, stateRows, temporarySchema } from "./objects.ts";

const ownViews = ownRows("duckdb_views", "view_name, sql", "NOT internal");

/** shown_schema, view_name, named_schema ('' when the view names none), named, columns (['*'] for all). */
const names = `(
  SELECT shown_schema, view_name, array_extract(parts, 1) AS named_schema, array_extract(parts, 2) AS named,
    array_slice(parts, 3, -1) AS columns
  FROM (
    SELECT shown_schema, view_name, string_split(line, chr(9)) AS parts FROM (
      SELECT shown_schema, view_name, unnest(string_split(__eider_view_reads(sql, current_database()), chr(10))) AS line
      FROM ${ownViews} AS own) AS lines
    WHERE line <> '') AS split_lines)`;

const relations = `(
  SELECT shown_schema AS schema_name, table_name AS name FROM ${ownRows("duckdb_tables", "table_name")} AS tables
  UNION ALL SELECT shown_schema, view_name FROM ${ownRows("duckdb_views", "view_name", "NOT internal")} AS views
  UNION ALL SELECT schema_name, table_name FROM ${stateRows("project_tables", "schema_name, table_name")} AS project)`;

/** view_schema, view_name, named_schema, named, columns, schema_name, name: own and project relations, not the catalog's. */
export const viewReads = `(
  SELECT found.shown_schema AS view_schema, view_name, named_schema, named, columns, schema_name, name
  FROM ${names} AS found JOIN ${relations} AS relations ON lower(name) = lower(named) AND (named_schema = '' OR
    lower(schema_name) = CASE lower(named_schema) WHEN 'main' THEN 'public' WHEN 'temp' THEN '${temporarySchema}'
      WHEN 'pg_temp' THEN '${temporarySchema}' ELSE lower(named_schema) END)
  QUALIFY row_number() OVER (
    PARTITION BY found.shown_schema, view_name, named_schema, named
    ORDER BY CASE schema_name WHEN found.shown_schema THEN 0 WHEN '${temporarySchema}' THEN 1 WHEN 'public' THEN 2
      ELSE 3 END, schema_name) = 1)`;

/** shown_schema, view_name, definition as pg_get_viewdef prints it. */
export const viewTexts = `(
  SELECT own.shown_schema, own.view_name,
    __eider_view_definition(own.sql, current_database(), coalesce(reads.lines, '')) AS definition
  FROM ${ownViews} AS own LEFT JOIN (
    SELECT view_schema, view_name, string_agg(concat(named, chr(9), schema_name), chr(10)) AS lines
    FROM ${viewReads} AS found WHERE named_schema = '' GROUP BY view_schema, view_name) AS reads
  ON reads.view_schema = own.shown_schema AND reads.view_name = own.view_name)`;

/**
 * As `viewReads`, a row a column: column_name and position, from 1; one row with nulls where the view names no column of the
 * relation.
 */
export const viewColumnReads = `(
  SELECT reads.*, column_name, position FROM ${viewReads} AS reads LEFT JOIN (
    SELECT shown_schema AS column_schema, table_name AS column_relation, column_name, column_index AS position
    FROM ${ownRows("duckdb_columns", "table_name, column_name, column_index", "NOT internal")} AS own_columns
    UNION ALL SELECT schema_name, table_name, column_name, position
    FROM ${stateRows("project_columns", "schema_name, table_name, column_name, position")} AS project_columns) AS known
  ON column_schema = schema_name AND column_relation = name
    AND (list_contains(columns, '*') OR list_contains(columns, lower(column_name))))`;
