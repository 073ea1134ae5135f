/**
 * COLLATE: PostgreSQL's default and C orders are DuckDB's own order by bytes; others are left to DuckDB, which may know
 * them.
 */
import type { Scope } from "../scope.ts";
import { child, type PgNode, stringsOf } from "../tree.ts";

const byteOrders: ReadonlySet<string> = new Set([
  "default",
  "C",
  "POSIX",
  "ucs_basic",
  "C.UTF-8",
  "C.utf8",
  "pg_c_utf8",
]);

export function rewriteCollate(body: PgNode, node: PgNode, _scope: Scope): PgNode {
  const name = stringsOf(body, "collname").at(-1) ?? "";
  const argument = child(body, "arg");
  return byteOrders.has(name) && argument !== null ? argument : node;
}
