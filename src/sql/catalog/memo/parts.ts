/**
 * Subqueries that several relations read, or that cost much and change seldom, kept on their own: a relation that is read again after a change takes
 * them as they are.
 */
import { qualifyFunctions } from "../functions/macro.ts";
import { type FoundMemo, type MadeRowsMemo, type MemoChange, memoTableFunction, type RowsMemo } from "./types.ts";

const parts = new Map<string, RowsMemo>();

/** All that were defined, by key. */
export const keptParts: ReadonlyMap<string, RowsMemo> = parts;

/**
 * SQL in parentheses, to stand in FROM, of the rows of `select`, SQL in parentheses, too. `columns` are names with DuckDB's types; `name` is no other
 * part's.
 */
export function keptPart(
  name: string,
  columns: readonly (readonly [name: string, type: string])[],
  select: string,
  changes: MemoChange,
): string {
  const values = columns.map(([column, type]) => `CAST(part."${column}" AS ${type}) AS "${column}"`);
  return `(${
    partOf(name, {
      kind: "rows",
      key: `part.${name}`,
      columns: columns.map(([column, type]) => ({ name: column, type })),
      sql: qualifyFunctions(`SELECT ${values.join(", ")} FROM ${select} AS part`),
      changes,
    })
  })`;
}

/** SQL of the rows that this process makes, without parentheses. `name` is no other part's. */
export function madePart(
  name: string,
  columns: MadeRowsMemo["columns"],
  changes: MemoChange,
  of: readonly FoundMemo[],
  make: MadeRowsMemo["make"],
): string {
  return partOf(name, { kind: "made_rows", key: `part.${name}`, columns, changes, of, make });
}

function partOf(name: string, part: RowsMemo): string {
  if (parts.has(part.key)) throw new Error(`two parts are called ${name}`);
  parts.set(part.key, part);
  return `SELECT * FROM ${memoCall(part.key)}`;
}

/** SQL of the kept rows. */
export function memoCall(key: string): string {
  return `${memoTableFunction}(pg_backend_pid(), '${key}')`;
}

const partCall = new RegExp(`${memoTableFunction}\\(pg_backend_pid\\(\\), '(part\\.\\w+)'\\)`, "g");

/** The parts that SQL reads. */
export function partsIn(sql: string): RowsMemo[] {
  return [...sql.matchAll(partCall)].flatMap(([, key]) => parts.get(key!) ?? []);
}

/** Whether SQL is nothing but the rows of a part. */
export function isPart(sql: string): boolean {
  return partsIn(sql).some(({ key }) => sql === `SELECT * FROM ${memoCall(key)}`);
}

export function withoutParts(sql: string): string {
  return sql.replace(partCall, "part");
}
