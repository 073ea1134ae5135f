/**
 * Statements whose meaning depends on the types of the tables' columns: PostgreSQL reads `'\\x00ff'` beside a bytea as two bytes and `'{1,2}'` beside an
 * array as its elements, DuckDB reads both in another way. Only a statement that has such a constant needs the types; whoever prepares it
 * looks them up and translates it again (`engine/table_columns.ts`).
 */
import type { Translation } from "./types.ts";

export type { ScopeColumn, TableColumns } from "./rewrite/scope.ts";

/** A string constant that begins as the text of an array or of bytes does. */
const constantOfColumnType = /'\s*(?:\{|\[[-+]?\d+:|\\)/;

/** The tables whose columns a translation wants to know. */
export function wantedTables(text: string, tables: ReadonlySet<string>): Translation["wantedTables"] {
  return tables.size > 0 && constantOfColumnType.test(text) ? [...tables] : [];
}
