/**
 * Rows that never change, as SQL: one string constant that is split when it is read. DuckDB takes 165 ms to bind a
 * VALUES list of 2,600 rows and 10 columns, and 3 ms to split that text (DuckDB 1.5.5, 2 cores).
 */
import { keptPart, keptParts } from "../memo/parts.ts";
import { quoteLiteral } from "./define.ts";

/** `name TYPE`; with `?` after the type an empty field is NULL. TYPE is DuckDB's. A list is written `[1,2]`. */
export type StaticColumn = string;

const fieldSeparator = "\t";
/** Fewer are split as fast as they are fetched. */
const keptRowsMin = 20;

/** A subquery in parentheses, to stand in FROM. Throws when a value holds a separator. */
export function staticRows(
  columns: readonly StaticColumn[],
  rows: readonly (readonly (string | number | boolean)[])[],
): string {
  const lines = rows.map((row) => {
    if (row.length !== columns.length) throw new Error(`${columns.length} columns, but a row of ${row.length}: ${row}`);
    return row.map((value) => {
      const text = String(value);
      if (/[\t\n]/.test(text)) throw new Error(`a static value cannot hold this: ${text}`);
      return text;
    }).join(fieldSeparator);
  });
  const fields = columns.map((column, index) => {
    const [, name, type, nullable] = /^(\w+) (.+?)(\?)?$/.exec(column) as unknown as [string, string, string, string?];
    const field = `array_extract(fields, ${index + 1})`;
    return `CAST(${nullable === undefined ? field : `nullif(${field}, '')`} AS ${type}) AS ${name}`;
  });
  const select = `(SELECT ${fields.join(", ")} FROM (SELECT string_split(line, chr(9)) AS fields FROM ` +
    `(SELECT unnest(string_split(${quoteLiteral(lines.join("\n"))}, chr(10))) AS line)) AS lines)`;
  if (rows.length < keptRowsMin) return select;
  const named = columns.map((column) => /^(\w+) (.+?)\??$/.exec(column)!.slice(1, 3) as [string, string]);
  return keptPart(`static_${keptParts.size}`, named, select, "never");
}
