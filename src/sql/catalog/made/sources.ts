/**
 * What DuckDB tells of the workspace's own objects, and what the engine has written of the project: each list is read once after a change, and all that
 * the catalog says of them is made of it. `schema` is as PostgreSQL shows it.
 */
import { lookupMemo } from "../memo/define.ts";
import { pg } from "../functions/macro.ts";
import type { LookupMemo, MemoChange } from "../memo/types.ts";
import { ownRows, stateRows } from "../relations/objects.ts";

type Text = string | null;
type TextRow = readonly Text[];

/** Between the elements of a list. */
const separator = "chr(31)";
const joined = (list: string) => `array_to_string(CAST(${list} AS VARCHAR[]), ${separator})`;
const namesIn = (text: Text | undefined) =>
  text === null || text === undefined || text === "" ? [] : text.split("\u001f");
const is = (text: Text | undefined) => text === "t";

function source<Item>(
  key: string,
  select: string,
  read: (row: TextRow) => Item,
  changes: MemoChange = "definitions",
): LookupMemo<readonly Item[]> {
  return lookupMemo(key, select, (rows) => rows.map(read), changes);
}

function own<Item>(
  tableFunction: string,
  columns: readonly string[],
  read: (row: TextRow) => Item,
  condition?: string,
): LookupMemo<readonly Item[]> {
  return source(
    `own rows of ${tableFunction}`,
    `SELECT * FROM ${
      ownRows(tableFunction, columns.map((column, index) => `${column} AS c${index}`).join(", "), condition)
    }`,
    read,
  );
}

export interface Relation {
  readonly schema: string;
  readonly name: string;
}

export interface OwnTable extends Relation {
  readonly columnCount: number;
  readonly indexCount: number;
  /** DuckDB's text where a column of it is GENERATED, else "". */
  readonly generatedSql: string;
}

const generated = "contains(sql, ' GENERATED ALWAYS AS(')";

export const ownTables = own("duckdb_tables", [
  "table_name",
  "column_count",
  "index_count",
  `CASE WHEN ${generated} THEN sql END`,
], ([schema, name, columnCount, indexCount, generatedSql]): OwnTable => ({
  schema: schema!,
  name: name!,
  columnCount: Number(columnCount),
  indexCount: Number(indexCount),
  generatedSql: generatedSql ?? "",
}));

/** DuckDB's estimates, by schema and name, separated by a zero. */
export const rowCounts: LookupMemo<ReadonlyMap<string, number>> = lookupMemo(
  "numbers of rows of own tables",
  `SELECT * FROM ${ownRows("duckdb_tables", "table_name, estimated_size")}`,
  (rows) => new Map(rows.map(([schema, name, count]) => [`${schema}\0${name}`, Number(count)])),
  "data",
);

export interface OwnView extends Relation {
  readonly columnCount: number;
}

export const ownViews = own(
  "duckdb_views",
  ["view_name", "column_count"],
  ([schema, name, columnCount]): OwnView => ({ schema: schema!, name: name!, columnCount: Number(columnCount) }),
  "NOT internal",
);

export const ownSequences = own(
  "duckdb_sequences",
  ["sequence_name"],
  ([schema, name]): Relation => ({ schema: schema!, name: name! }),
);

export interface CreatedIndex extends Relation {
  readonly table: string;
  readonly isUnique: boolean;
  /** As CREATE INDEX wrote them: names, quoted where DuckDB quotes them, and expressions. */
  readonly expressions: readonly string[];
}

export const createdIndexes = own(
  "duckdb_indexes",
  ["index_name", "table_name", "is_unique", joined("expressions")],
  ([schema, name, table, isUnique, expressions]): CreatedIndex => ({
    schema: schema!,
    name: name!,
    table: table!,
    isUnique: is(isUnique),
    expressions: namesIn(expressions),
  }),
);

export interface OwnConstraint {
  readonly schema: string;
  readonly table: string;
  /** Within its table. */
  readonly index: number;
  /** DuckDB's word. */
  readonly type: "PRIMARY KEY" | "UNIQUE" | "CHECK" | "FOREIGN KEY";
  readonly expression: string | null;
  readonly columns: readonly string[];
  /** Numbers of the columns, from 1. */
  readonly numbers: readonly number[];
  /** As the user wrote it. */
  readonly referencedTable: string | null;
  readonly referencedColumns: readonly string[];
}

export const constraintsOfDuckdb = own("duckdb_constraints", [
  "table_name",
  "constraint_index",
  "constraint_type",
  "expression",
  joined("constraint_column_names"),
  joined("constraint_column_indexes"),
  "referenced_table",
  joined("referenced_column_names"),
], ([schema, table, index, type, expression, columns, numbers, referencedTable, referencedColumns]): OwnConstraint => ({
  schema: schema!,
  table: table!,
  index: Number(index),
  type: type as OwnConstraint["type"],
  expression: expression ?? null,
  columns: namesIn(columns),
  numbers: namesIn(numbers).map((number) => Number(number) + 1),
  referencedTable: referencedTable ?? null,
  referencedColumns: namesIn(referencedColumns),
}), "constraint_type IN ('PRIMARY KEY', 'UNIQUE', 'CHECK', 'FOREIGN KEY')");

export interface ColumnType {
  /** DuckDB's text of it. */
  readonly text: string;
  /** PostgreSQL's type, as which an enum is text. */
  readonly builtInOid: number;
  /** Of an enum or a list of enums. */
  readonly enumOid: number | null;
  readonly modifier: number;
}

export interface OwnColumn {
  readonly schema: string;
  readonly relation: string;
  readonly name: string;
  /** From 1. */
  readonly number: number;
  readonly isNullable: boolean;
  /** DuckDB's text of a default or of what the column is generated from. */
  readonly value: string | null;
  readonly type: ColumnType;
}

/**
 * The OID of an enum or of a list of enums, by what `data_type` says; NULL when the engine knows no one type of these labels. Called for
 * such columns only.
 */
const enumOid = "CASE WHEN starts_with(data_type, 'ENUM(') THEN __eider_enum_oid(data_type) END";
const typeFacts = ["data_type", `${pg("__type_oid")}(data_type)`, enumOid, `${pg("__type_modifier")}(data_type)`];

function readType([text, oid, enumOid, modifier]: TextRow): ColumnType {
  return {
    text: text!,
    builtInOid: Number(oid),
    enumOid: enumOid === null || enumOid === undefined ? null : Number(enumOid),
    modifier: Number(modifier),
  };
}

export const ownColumns = own("duckdb_columns", [
  "table_name",
  "column_name",
  "column_index",
  "is_nullable",
  "column_default",
  ...typeFacts,
], ([schema, relation, name, number, isNullable, value, ...type]): OwnColumn => ({
  schema: schema!,
  relation: relation!,
  name: name!,
  number: Number(number),
  isNullable: is(isNullable),
  value: value ?? null,
  type: readType(type),
}), "NOT internal");

export const ownSchemas = source(
  "own schemas",
  `SELECT shown_schema FROM ${ownRows("duckdb_schemas", "schema_name")}`,
  ([name]) => name!,
  "routines",
);

export const projectSchemas = source(
  "schemas of the project",
  `SELECT schema_name FROM ${stateRows("project_schemas", "schema_name")}`,
  ([name]) => name!,
  "routines",
);

export interface ProjectTable extends Relation {
  readonly rowCount: number;
}

export const projectTables = source(
  "tables of the project",
  `SELECT * FROM ${stateRows("project_tables", "schema_name, table_name, row_count")}`,
  ([schema, name, rowCount]): ProjectTable => ({
    schema: schema!,
    name: name!,
    rowCount: Number(rowCount),
  }),
  "routines",
);

export interface ProjectColumn {
  readonly schema: string;
  readonly relation: string;
  readonly name: string;
  /** From 1. */
  readonly number: number;
  readonly isNullable: boolean;
  /** Place in the primary key, from 1; null outside of it. */
  readonly keyPosition: number | null;
  readonly type: ColumnType;
}

export const projectColumns = source(
  "columns of the project",
  `SELECT schema_name, table_name, column_name, position, nullable, key_position, ${typeFacts.join(", ")} FROM ${
    stateRows("project_columns", "*")
  }`,
  ([schema, relation, name, number, isNullable, keyPosition, ...type]): ProjectColumn => ({
    schema: schema!,
    relation: relation!,
    name: name!,
    number: Number(number),
    isNullable: is(isNullable),
    keyPosition: keyPosition === null || keyPosition === undefined ? null : Number(keyPosition),
    type: readType(type),
  }),
  "routines",
);
