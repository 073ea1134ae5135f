/**
 * `SET (a, b) = (SELECT …)`, for which DuckDB has no form: each column gets its own copy of the query, of which it takes one
 * column. That is the same only when the query gives the same row each time, so one with a call that may not is refused.
 */
import { type Node, refuse, stringOf } from "./tree.ts";
import type { Writer } from "./writer.ts";

/** Functions of PostgreSQL and DuckDB that give another value at every call, or change something. */
const volatileFunctions: ReadonlySet<string> = new Set([
  "clock_timestamp",
  "currval",
  "gen_random_uuid",
  "lastval",
  "nextval",
  "random",
  "random_normal",
  "set_config",
  "setseed",
  "setval",
  "statement_timestamp",
  "timeofday",
  "uuid",
  "uuid_generate_v4",
  "uuidv4",
  "uuidv7",
]);

function callsVolatileFunction(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(callsVolatileFunction);
  if (typeof value !== "object" || value === null) return false;
  const names = (value as { FuncCall?: { funcname?: readonly Node[] } }).FuncCall?.funcname;
  if (names !== undefined && volatileFunctions.has(stringOf(names.at(-1)))) return true;
  return Object.values(value).some(callsVolatileFunction);
}

/** Prints column `index` of the one row that a query of `count` columns gives. */
export function columnOfSubquery(out: Writer, query: Node | undefined, index: number, count: number): void {
  if (callsVolatileFunction(query)) refuse("several columns from a query that calls a volatile function");
  const names = Array.from({ length: count }, (_, position) => `c${position + 1}`);
  out.write(`(SELECT ${names[index] ?? refuse("a column beyond the row")} FROM `);
  out.bracketedNode(query);
  out.write(` AS assigned(${names.join(", ")}))`);
}
