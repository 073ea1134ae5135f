/**
 * How a relation of pg_catalog is written down here: SQL for its columns by name, in any order, over a FROM clause. The
 * columns' order and types come from `postgres_columns.txt`, so a view has exactly PostgreSQL's shape.
 */
import type { CatalogRelation } from "../types.ts";
import { type PostgresColumn, postgresRelations } from "./postgres_columns.ts";

/**
 * SQL of each column's value. One that is not named is NULL, or PostgreSQL's "nothing" where it cannot be: 0, false,
 * ''.
 */
export type ColumnValues = Readonly<Record<string, string>>;

/**
 * `source` is what follows the select list: `FROM … WHERE …`, or empty for one row. Throws when PostgreSQL's relation
 * has no column of a given name, or a column that needs a value has none.
 */
export function relation(name: string, columns: ColumnValues, source: string): CatalogRelation {
  const shape = postgresRelations.get(name);
  if (shape === undefined) throw new Error(`PostgreSQL has no relation ${name}`);
  const unknown = Object.keys(columns).filter((column) => !shape.columns.some((known) => known.name === column));
  if (unknown.length > 0) throw new Error(`${name} has no column ${unknown.join(", ")}`);
  const values = shape.columns.map((column) =>
    `CAST(${columns[column.name] ?? nothing(name, column)} AS ${duckdbType(column.type)})`
  );
  return {
    schema: "pg_catalog",
    name,
    columns: shape.columns.map(({ name, type }) => ({ name, type })),
    select: qualifyFunctions(`SELECT ${values.join(", ")} ${source}`),
    kind: shape.kind,
  };
}

/** A relation that has no rows here, as in a PostgreSQL in which nobody has made any. */
export function emptyRelation(name: string): CatalogRelation {
  const shape = postgresRelations.get(name);
  if (shape === undefined) throw new Error(`PostgreSQL has no relation ${name}`);
  return relation(name, Object.fromEntries(shape.columns.map((column) => [column.name, "NULL"])), "WHERE false");
}

function nothing(relationName: string, column: PostgresColumn): string {
  const value = nothingValue(relationName, column);
  return typeof value === "string" ? quoteLiteral(value) : String(value ?? "NULL");
}

/** NULL, or where a column cannot be, what PostgreSQL writes for nothing. Throws for a column that always says something. */
export function nothingValue(relationName: string, column: PostgresColumn): 0 | false | "" | null {
  if (!column.notNull) return null;
  switch (column.type) {
    case "oid":
    case "regproc":
    case "xid":
    case "int2":
    case "int4":
    case "int8":
    case "float4":
      return 0;
    case "bool":
      return false;
    case "char":
      return "";
    default:
      throw new Error(`${relationName}.${column.name} needs a value`);
  }
}

const duckdbTypes: Readonly<Record<string, string>> = {
  bool: "BOOLEAN",
  bytea: "BLOB",
  float4: "FLOAT",
  float8: "DOUBLE",
  int2: "SMALLINT",
  int4: "INTEGER",
  int8: "BIGINT",
  int2vector: "SMALLINT[]",
  interval: "INTERVAL",
  numeric: "DECIMAL(38,10)",
  oid: "UINTEGER",
  oidvector: "UINTEGER[]",
  regproc: "UINTEGER",
  regtype: "UINTEGER",
  timestamptz: "TIMESTAMPTZ",
  xid: "UINTEGER",
  // Arrays of a type that depends on the column they describe; empty here.
  anyarray: "VARCHAR[]",
};

/** The engine's type of a catalog column; PostgreSQL's types that are written as text are VARCHAR. */
export function duckdbType(type: string): string {
  return type.endsWith("[]") ? `${duckdbType(type.slice(0, -2))}[]` : duckdbTypes[type] ?? "VARCHAR";
}

/**
 * SQL of the OID of a user's object: `__object_oid` (a test compares the two), in words that DuckDB binds faster. The
 * arguments are SQL and not null.
 */
export function objectOid(kind: string, schema: string, name: string): string {
  const hash = `hash(concat('${kind}/', ${schema}, '/', ${name}))`;
  return `CAST(system.main."+"(16384, system.main."%"(${hash}, 2147467264)) AS UINTEGER)`;
}

/** Written like functions, but none, or the session's own macros, which the search path must find. */
const notQualified: ReadonlySet<string> = new Set(["coalesce", "current_database", "pg_backend_pid", "version"]);

/**
 * Puts `system.main.` before each function, which this folder writes in lower case: DuckDB would look for each along
 * the whole search path, 1 µs a bucket of the project, and a user's macro of the same name would come first.
 */
function qualifyFunctions(sql: string): string {
  return sql.replace(
    /('(?:[^']|'')*'|"(?:[^"]|"")*")|(?<![\w.])([a-z][a-z0-9_]*)\(/g,
    (match, quoted: string | undefined, name: string) =>
      quoted !== undefined || notQualified.has(name) ? match : `system.main.${match}`,
  );
}

/**
 * SQL of an expression that DuckDB keeps, as the user should see it: without internal names, and with `public` for
 * main.
 */
export function shownSql(expression: string): string {
  return `__eider_shown_sql(${expression}, current_database())`;
}

export function quoteLiteral(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
