/**
 * `varchar(n)` and `character(n)`: DuckDB takes the length and forgets it. A column gets a CHECK constraint instead, in
 * a form that no statement of PostgreSQL can have written (`len` is DuckDB's name), so that the engine can tell a value
 * that is too long (22001) from a violated CHECK, and the catalog can leave the constraint out. Three such columns took
 * an INSERT … SELECT of 3 million rows from 248 to 263 ms.
 */
import { call, columnRef, integerConstant, operator } from "../build.ts";
import { bodyOf, child, list, type PgNode, stringsOf } from "../tree.ts";

export interface LengthLimit {
  readonly column: string;
  readonly type: "character varying" | "character";
  readonly length: number;
}

/** The limit of a column of that type; null for other types, arrays and no length. */
export function lengthLimitOf(column: string, typeName: PgNode): LengthLimit | null {
  const name = stringsOf(typeName, "names").at(-1);
  const [modifier, ...others] = list(typeName, "typmods");
  if ((name !== "varchar" && name !== "bpchar") || modifier === undefined || others.length > 0) return null;
  if (isArray(typeName)) return null;
  const constant = child(bodyOf(modifier, "A_Const"), "ival");
  const length = constant === null ? 0 : Number(constant["ival"] ?? 0);
  return length < 1 ? null : { column, type: name === "varchar" ? "character varying" : "character", length };
}

/** Whether the type is an array of a type with a length, which nothing limits here. */
export function isUnlimitedArray(typeName: PgNode): boolean {
  return isArray(typeName) && list(typeName, "typmods").length > 0 &&
    ["varchar", "bpchar"].includes(stringsOf(typeName, "names").at(-1) ?? "");
}

function isArray(typeName: PgNode): boolean {
  return list(typeName, "arrayBounds").length > 0;
}

/** `CHECK (len(c) <= n)` for varchar(n), `CHECK (n >= len(c))` for character(n). */
export function lengthConstraint(limit: LengthLimit): PgNode {
  const length = call(["len"], [columnRef(limit.column)]);
  const condition = limit.type === "character varying"
    ? operator(length, "<=", integerConstant(limit.length))
    : operator(integerConstant(limit.length), ">=", length);
  return {
    Constraint: {
      contype: "CONSTR_CHECK",
      raw_expr: condition,
      is_enforced: true,
      initially_valid: true,
      location: -1,
    },
  };
}

const limitTexts: readonly (readonly [RegExp, LengthLimit["type"]])[] = [
  [/^\(?len\((?<column>"(?:[^"]|"")+"|\w+)\) <= (?<length>\d+)\)?$/u, "character varying"],
  [/^\(?(?<length>\d+) >= len\((?<column>"(?:[^"]|"")+"|\w+)\)\)?$/u, "character"],
];

/**
 * Reads a CHECK constraint as DuckDB writes it in `duckdb_constraints()` and in its error: `CHECK((len(c) <= 3))` or
 * what stands within. Null when it is one of the user's own.
 */
export function readLengthLimit(check: string): LengthLimit | null {
  const condition = /^CHECK\((.*)\)$/s.exec(check.trim())?.[1] ?? check.trim();
  for (const [pattern, type] of limitTexts) {
    const groups = pattern.exec(condition)?.groups;
    if (groups === undefined) continue;
    const column = groups["column"]!;
    const name = column.startsWith('"') ? column.slice(1, -1).replaceAll('""', '"') : column;
    return { column: name, type, length: Number(groups["length"]) };
  }
  return null;
}
