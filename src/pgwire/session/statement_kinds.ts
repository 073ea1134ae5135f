/** What kinds of statements mean for a session. */
import type { ParsedStatement, StatementKind } from "../../sql/statement.ts";

/** Kinds of statements, temporary objects included, after which a name may mean another object. */
export const changesNames: ReadonlySet<StatementKind> = new Set([
  "create",
  "create_table_as",
  "alter",
  "drop",
  "utility",
]);

/** Kinds of statements whose text may become part of a definition: a view, a default, a check, a macro. */
export const definesObjects: ReadonlySet<StatementKind> = new Set(["create", "alter", "utility"]);

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
