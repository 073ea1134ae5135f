/**
 * The shape in which the emulated catalog is written down: relations (views) and functions (macros), as data. The engine
 * creates them once a workspace in the internal database `__eider`, the translation points statements at them.
 */

/** The internal database; the policy refuses a statement that names it. */
export const catalogDatabase = "__eider";

/**
 * PostgreSQL's type of a catalog column. In DuckDB: oid and the reg… types are UINTEGER, name and char VARCHAR, int2vector SMALLINT[],
 * oidvector UINTEGER[], xid UINTEGER, the others the types of that name, `[]` a list.
 */
export type CatalogColumnType =
  | "bool"
  | "bytea"
  | "char"
  | "float4"
  | "float8"
  | "inet"
  | "int2"
  | "int2vector"
  | "int4"
  | "int8"
  | "interval"
  | "name"
  | "numeric"
  | "oid"
  | "oidvector"
  | "pg_node_tree"
  | "regproc"
  | "regtype"
  | "text"
  | "timestamptz"
  | "varchar"
  | "xid"
  | "bool[]"
  | "char[]"
  | "float4[]"
  | "name[]"
  | "oid[]"
  | "text[]"
  | "aclitem[]"
  | "anyarray"
  | "int2[]"
  | "float8[]"
  | "pg_lsn"
  | "regtype[]"
  | "pg_ndistinct"
  | "pg_dependencies";

export interface CatalogColumn {
  readonly name: string;
  readonly type: CatalogColumnType;
}

/** A table or view of pg_catalog or information_schema. */
export interface CatalogRelation {
  readonly schema: "pg_catalog" | "information_schema";
  readonly name: string;
  /** PostgreSQL 16's columns in PostgreSQL's order. */
  readonly columns: readonly CatalogColumn[];
  /** DuckDB SQL: a SELECT (or WITH … SELECT, or VALUES) with these columns in this order. */
  readonly select: string;
  /** In PostgreSQL itself a table (relkind r) or a view (v). */
  readonly kind: "table" | "view";
}

/** Where DuckDB finds the view of a relation: `__eider.pg."pg_class"`, `__eider.info."tables"`. */
export function catalogRelationPath(relation: Pick<CatalogRelation, "schema" | "name">): string {
  return `${catalogDatabase}.${relation.schema === "pg_catalog" ? "pg" : "info"}."${relation.name}"`;
}
