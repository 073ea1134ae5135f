/**
 * Statements whose meaning depends on the types of the tables' columns: PostgreSQL reads `'\\x00ff'` beside a bytea as two bytes and `'{1,2}'` beside an
 * array as its elements, DuckDB reads both in another way; `||` and `-` mean something else for arrays and JSON, and an average of integers is
 * numeric. Only a statement with something of the kind needs the types; whoever prepares it looks them up and translates it again
 * (`engine/table_columns.ts`).
 */
import type { Translation } from "./types.ts";

export type { ScopeColumn, TableColumns } from "./rewrite/scope.ts";

/**
 * A string constant that begins as the text of an array or of bytes does, `||`, `- '…'`, a division, a comparison with an array, or an
 * aggregate whose result has another type or order in PostgreSQL.
 */
const dependsOnTypes =
  /'\s*(?:\{|\[[-+]?\d+:|\\)|\|\||-\s*(?:'|array\b)|\/(?!\*)|\b(?:any|all|some|avg|sum|round)\s*\(|\brange\s+between\b/i;

/** The tables whose columns a translation wants to know. */
export function wantedTables(text: string, tables: ReadonlySet<string>): Translation["wantedTables"] {
  return tables.size > 0 && dependsOnTypes.test(text) ? [...tables] : [];
}
