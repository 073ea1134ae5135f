/**
 * Statements of PostgreSQL as statements of DuckDB: what a statement does, after its expressions, types and relation
 * names have been rewritten. Statements that the policy answers itself (transactions, settings, cursors, privileges)
 * never come here.
 *
 * A tree is never changed; the same `root` comes back when DuckDB has the statement as it stands. What DuckDB has no
 * honest equivalent of throws `feature_not_supported` with a hint; what depends on the workspace's objects is decided
 * by a guard (`guards.ts`) at run time.
 */
import { child, type PgNode, typeOfNode } from "../tree.ts";
import { rewriteAlterTable } from "./alter_table.ts";
import { rewriteDelete, rewriteMerge, rewriteUpdate } from "./change_rows.ts";
import { rewriteComment } from "./comment.ts";
import { rewriteCreateTable } from "./create_table.ts";
import { rewriteCreateTableAs, rewriteSelectStatement } from "./create_table_as.ts";
import { rewriteDrop } from "./drop.ts";
import { rewriteExplain } from "./explain.ts";
import { rewriteCreateIndex } from "./indexes.ts";
import { rewriteInsert } from "./insert.ts";
import { rewriteRename, rewriteSetSchema } from "./rename.ts";
import { type StatementRewrite, type StatementRule, unchanged } from "./result.ts";
import { rewriteAlterSequence, rewriteCreateSequence } from "./sequences.ts";
import { rewriteTruncate } from "./truncate.ts";
import { rewriteCompositeType, rewriteCreateDomain, rewriteCreateEnum, rewriteCreateSchema } from "./types.ts";
import { rewriteCreateView } from "./views.ts";

export type { StatementRewrite } from "./result.ts";
export { type LengthLimit, readLengthLimit } from "./length_limit.ts";
export { ownershipQuery } from "./ownership.ts";

const rules: Readonly<Record<string, StatementRule>> = {
  AlterObjectSchemaStmt: rewriteSetSchema,
  AlterSeqStmt: rewriteAlterSequence,
  AlterTableStmt: rewriteAlterTable,
  CommentStmt: rewriteComment,
  CompositeTypeStmt: rewriteCompositeType,
  CreateDomainStmt: rewriteCreateDomain,
  CreateEnumStmt: rewriteCreateEnum,
  CreateSchemaStmt: rewriteCreateSchema,
  CreateSeqStmt: rewriteCreateSequence,
  CreateStmt: rewriteCreateTable,
  CreateTableAsStmt: rewriteCreateTableAs,
  DeleteStmt: rewriteDelete,
  DropStmt: rewriteDrop,
  ExplainStmt: (body, root, type) => rewriteExplain(body, root, type, rewriteStatements),
  IndexStmt: rewriteCreateIndex,
  InsertStmt: rewriteInsert,
  MergeStmt: rewriteMerge,
  RenameStmt: rewriteRename,
  SelectStmt: rewriteSelectStatement,
  TruncateStmt: rewriteTruncate,
  UpdateStmt: rewriteUpdate,
  ViewStmt: rewriteCreateView,
};

/** `root` is a statement's node, such as `{CreateStmt: {…}}`. */
export function rewriteStatements(root: PgNode): StatementRewrite {
  const type = typeOfNode(root);
  const body = child(root, type);
  const rule = body === null ? undefined : rules[type];
  return body === null || rule === undefined ? unchanged(root) : rule(body, root, type);
}
