/**
 * What a statement of PostgreSQL becomes, and the few ways to end a rule: unchanged, changed, or refused. A rule gets a
 * statement whose expressions, types and relation names are DuckDB's already, and sees to what the statement itself
 * does.
 */
import { AppError } from "../../../../errors/app_error.ts";
import type { PgNode } from "../../../pg_parser.ts";

export interface StatementRewrite {
  /** Carried out in order in one transaction; the last one gives the command tag and the rows. */
  readonly statements: readonly [PgNode, ...PgNode[]];
  /** What the client is told of what is different from PostgreSQL. */
  readonly notices: readonly string[];
}

/** `body` stands under `type` in `root`. */
export type StatementRule = (body: PgNode, root: PgNode, type: string) => StatementRewrite;

/** The statement as it is; its text is kept when `root` is the tree that the parser gave. */
export function unchanged(root: PgNode): StatementRewrite {
  return { statements: [root], notices: [] };
}

export function changed(statements: readonly PgNode[], notices: readonly string[] = []): StatementRewrite {
  const [first, ...others] = statements;
  if (first === undefined) throw new Error("a statement became nothing");
  return { statements: [first, ...others], notices };
}

/** One statement of the same type with another body; unchanged when it is the same body. */
export function withBody(
  root: PgNode,
  type: string,
  body: PgNode,
  notices: readonly string[] = [],
): StatementRewrite {
  return { statements: [root[type] === body ? root : { [type]: body }], notices };
}

/** For what DuckDB has no honest equivalent of; `hint` says what to use instead. */
export function refuse(detail: string, hint: string): never {
  throw new AppError("feature_not_supported", detail, { hint });
}
