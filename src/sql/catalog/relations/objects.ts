/**
 * The objects of a workspace as SQL fragments, with schemas as PostgreSQL shows them: DuckDB's `main` is `public`, its
 * `temp` database one schema. Own objects come from DuckDB's catalog functions, limited to the workspace's database and
 * `temp`; project tables from `__eider.state`. Each fragment is a subquery in parentheses.
 */
import { catalogDatabase } from "../types.ts";
import { objectOid } from "./define.ts";

/**
 * Where temporary objects live. PostgreSQL's is `pg_temp_<number of the backend>`; each session sees only its own here.
 */
export const temporarySchema = "pg_temp_1";

export const schemaOids = { pg_catalog: 11, pg_toast: 99, public: 2200, information_schema: 13000 } as const;

/** Who owns what is in the workspace, and who owns the project's tables. */
export const roleOids = { user: 10, project: 11 } as const;

/**
 * A row of a catalog function is of the workspace: every session has a macro current_database() that gives the name of
 * its database, a constant, where a subquery on `__eider.state.workspace` would cost a join each time.
 */
const isOwn = "database_name IN ('temp', current_database())";

/** SQL over a row of a catalog function. */
export const shownSchema =
  `CASE WHEN database_name = 'temp' THEN '${temporarySchema}' WHEN schema_name = 'main' THEN 'public' ` +
  "ELSE schema_name END";

/** Rows of `duckdb_tables()` and its like that are of the workspace, with the column `shown_schema`. */
export function ownRows(tableFunction: string, columns: string, condition = "true"): string {
  return `(SELECT ${shownSchema} AS shown_schema, ${columns} FROM ${tableFunction}() WHERE ${isOwn} AND ${condition})`;
}

/** A table of `__eider.state`, whose `schema_name` is shown as it is. */
export function stateRows(table: string, columns: string, condition = "true"): string {
  return `(SELECT ${columns} FROM ${catalogDatabase}.state.${table} WHERE ${condition})`;
}

/** SQL of the OID of the schema that `schema`, SQL of its shown name, names. */
export function schemaOid(schema: string): string {
  const fixed = Object.entries(schemaOids).map(([name, oid]) => `WHEN '${name}' THEN ${oid}`).join(" ");
  return `CASE ${schema} ${fixed} ELSE ${objectOid("schema", "''", schema)} END`;
}

export function relationOid(schema: string, name: string): string {
  return objectOid("relation", schema, name);
}

/** The rule that a view is in PostgreSQL. */
export function ruleOid(schema: string, view: string): string {
  return objectOid("rule", schema, view);
}
