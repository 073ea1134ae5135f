/**
 * Statements whose meaning depends on the types of the tables' columns: PostgreSQL reads `'\\x00ff'` beside a bytea as two bytes and `'{1,2}'` beside an
 * array as its elements, DuckDB reads both in another way; `||` and `-` mean something else for arrays and JSON, and an average of integers is
 * numeric. Only a statement with something of the kind needs the types; whoever prepares it looks them up and translates it again
 * (`engine/table_columns.ts`).
 */
import type { Translation } from "./types.ts";

export type { ScopeColumn, TableColumns } from "./rewrite/scope.ts";
export { enumType } from "./rewrite/static_types.ts";

/**
 * A string constant that begins as the text of an array or of bytes does, is a time that DuckDB does not read, or is compared by order and no number or date (with
 * an enum's label perhaps); `||`, `-`, `<<`, `>>`, `@>`, `<@`, a division, a comparison with an array, or a function whose result has another type in PostgreSQL.
 */
const dependsOnTypes =
  /'\s*(?:\{|\[[-+]?\d+:|\\)|\|\||-\s*['"a-z_(]|<<|>>|@>|<@|\/(?!\*)|\b(?:any|all|some|avg|sum|round|percentile_cont|generate_series|date_trunc)\s*\(|\[\s*(?:-|0\s*[:\]])|\bextract\s*\(\s*epoch\b|\brange\s+between\b|(?:[<>]=?|\bbetween)\s*'(?![-+\d])|'\d{4}-\d{1,2}-\d{1,2}[ t]\d{1,2}:\d{2}(?![:\d])|'(?:now|today|tomorrow|yesterday)'/i;

/** The tables whose columns a translation wants to know. */
export function wantedTables(text: string, tables: ReadonlySet<string>): Translation["wantedTables"] {
  return tables.size > 0 && dependsOnTypes.test(text) ? [...tables] : [];
}
