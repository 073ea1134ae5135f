/** What kinds of statements mean for a session. */
import type { ParsedStatement, StatementKind } from "../../sql/statement.ts";

/** Kinds of writing statements after which every name still means the same object. */
export const changesOnlyRows: ReadonlySet<StatementKind> = new Set([
  "insert",
  "update",
  "delete",
  "merge",
  "truncate",
  "copy",
]);

/** Kinds of writing statements that a full workspace still takes: they make room, or need none. */
export const frees: ReadonlySet<StatementKind> = new Set(["delete", "truncate", "drop", "alter", "comment"]);

export function isTransactionControl(parsed: ParsedStatement): boolean {
  return parsed.action.type === "begin" || parsed.action.type === "commit" || parsed.action.type === "rollback";
}
