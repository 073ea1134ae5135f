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

/** COMMIT, ROLLBACK and ROLLBACK TO SAVEPOINT: the statements that a failed transaction still takes. */
export function endsTransaction(parsed: ParsedStatement): boolean {
  const { type } = parsed.action;
  return type === "commit" || type === "rollback" || type === "rollback_to_savepoint";
}

export function isTransactionControl(parsed: ParsedStatement): boolean {
  return parsed.action.type === "begin" || endsTransaction(parsed);
}

const manyRows = /\b(from|unnest|range|generate_series|generate_subscripts|union|recursive|values)\b/i;

/**
 * Whether the result has one row for certain: a SELECT without FROM, as pools and drivers send to see whether the connection
 * lives. Only a hint for speed: a wrong yes costs memory within the workspace's limit.
 */
export function isSurelySmall(parsed: ParsedStatement | null): boolean {
  return parsed !== null && parsed.kind === "select" && parsed.text.length < 1_000 && !manyRows.test(parsed.text);
}
