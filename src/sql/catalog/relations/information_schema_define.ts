/**
 * How a relation of information_schema is written down: SQL for its columns by name over a FROM clause. Order and types
 * of the columns come from `information_schema_columns.txt`; a column that is not named is NULL, as most of the
 * standard's are in PostgreSQL.
 */
import { type CatalogColumn, type CatalogColumnType, catalogDatabase, type CatalogRelation } from "../types.ts";
import { qualifyFunctions } from "../functions/macro.ts";
import { type ColumnValues, duckdbType } from "./define.ts";
import { dataLines } from "./postgres_columns.ts";
import text from "./information_schema_columns.txt" with { type: "text" };

interface Shape {
  readonly kind: "table" | "view";
  readonly columns: readonly CatalogColumn[];
}

const shapes: ReadonlyMap<string, Shape> = new Map(
  dataLines(text).map((line) => {
    const match = /^(\w+) (table|view): (.+)$/.exec(line);
    if (match === null) throw new Error(`not a relation: ${line}`);
    const [, name, kind, columns] = match as unknown as [string, string, "table" | "view", string];
    const parsed = columns.split(", ").map((column) => {
      const [columnName, type] = column.split(" ") as [string, CatalogColumnType];
      return { name: columnName, type };
    });
    return [name, { kind, columns: parsed }] as const;
  }),
);

export const informationSchemaNames: readonly string[] = [...shapes.keys()];

/** `source` is what follows the select list. Throws when PostgreSQL's relation has no column of a given name. */
export function informationRelation(name: string, columns: ColumnValues, source: string): CatalogRelation {
  const shape = shapes.get(name);
  if (shape === undefined) throw new Error(`PostgreSQL has no information_schema.${name}`);
  const unknown = Object.keys(columns).filter((column) => !shape.columns.some((known) => known.name === column));
  if (unknown.length > 0) throw new Error(`information_schema.${name} has no column ${unknown.join(", ")}`);
  const values = shape.columns.map((column) => `CAST(${columns[column.name] ?? "NULL"} AS ${duckdbType(column.type)})`);
  return {
    schema: "information_schema",
    name,
    columns: shape.columns,
    select: qualifyFunctions(`SELECT ${values.join(", ")} ${source}`),
    kind: shape.kind,
  };
}

/** Without rows: nobody can make any of these objects here. */
export function emptyInformationRelation(name: string): CatalogRelation {
  return informationRelation(name, {}, "WHERE false");
}

/** The path of a pg_catalog relation or a macro. */
export function pg(name: string): string {
  return `${catalogDatabase}.pg."${name}"`;
}

/** The one database. */
export const catalogName = "current_database()";

/** SQL of the standard's YES and NO. */
export function yesOrNo(condition: string): string {
  return `CASE WHEN ${condition} THEN 'YES' ELSE 'NO' END`;
}

/** Columns that say how long or precise a type is, of `type` and `modifier`, SQL of an OID and a number. */
export function sizeColumns(type: string, modifier: string): ColumnValues {
  const arguments_ = `(${type}, ${modifier})`;
  return {
    character_maximum_length: `${pg("_pg_char_max_length")}${arguments_}`,
    character_octet_length: `${pg("_pg_char_octet_length")}${arguments_}`,
    numeric_precision: `${pg("_pg_numeric_precision")}${arguments_}`,
    numeric_precision_radix: `${pg("_pg_numeric_precision_radix")}${arguments_}`,
    numeric_scale: `${pg("_pg_numeric_scale")}${arguments_}`,
    datetime_precision: `${pg("_pg_datetime_precision")}${arguments_}`,
  };
}

/**
 * Types as information_schema shows them: oid, udt_schema, udt_name, data_type, element_oid (0 when it is no array),
 * collation_name. `__eider_format_type` runs once a type and not once a column.
 */
export const shownTypes = `(
  SELECT t.oid, nt.nspname AS udt_schema, t.typname AS udt_name,
    CASE WHEN t.typelem <> 0 AND t.typlen = -1 THEN 'ARRAY' WHEN nt.nspname = 'pg_catalog'
      THEN coalesce(__eider_format_type(t.oid::BIGINT, (-2)::BIGINT), t.typname) ELSE 'USER-DEFINED' END AS data_type,
    CASE WHEN t.typelem <> 0 AND t.typlen = -1 THEN t.typelem ELSE 0 END AS element_oid
  FROM ${pg("pg_type")} t JOIN ${pg("pg_namespace")} nt ON nt.oid = t.typnamespace)`;
