/** UPDATE, DELETE and MERGE: what they set, what they return, and cursors, whose rows DuckDB cannot change. */
import { columnRef } from "../build.ts";
import { bodyOf, child, list, mapList, mapTree, type PgNode, text, withFields } from "../tree.ts";
import { rewriteAssignments } from "./assignments.ts";
import { refuseOtherRelations } from "./returning.ts";
import { refuse, type StatementRewrite, withBody } from "./result.ts";

export function rewriteUpdate(body: PgNode, root: PgNode, type: string): StatementRewrite {
  refuseCursor(body);
  refuseOtherRelations(body, list(body, "fromClause"), "UPDATE");
  const before = list(body, "targetList");
  const targetList = rewriteAssignments(before);
  return withBody(root, type, targetList === before ? body : withFields(body, { targetList }));
}

export function rewriteDelete(body: PgNode, root: PgNode, type: string): StatementRewrite {
  refuseCursor(body);
  refuseOtherRelations(body, list(body, "usingClause"), "DELETE");
  return withBody(root, type, body);
}

function refuseCursor(body: PgNode): void {
  if (bodyOf(child(body, "whereClause"), "CurrentOfExpr") === null) return;
  refuse("WHERE CURRENT OF is not supported", "Name the row by its key: WHERE id = ….");
}

export function rewriteMerge(body: PgNode, root: PgNode, type: string): StatementRewrite {
  const source = child(body, "sourceRelation");
  refuseOtherRelations(body, source === null ? [] : [source], "MERGE");
  const clauses = list(body, "mergeWhenClauses");
  const mergeWhenClauses = mapList(clauses, (node) => {
    const clause = bodyOf(node, "MergeWhenClause");
    if (clause === null) return node;
    const rewritten = rewriteWhen(clause);
    return rewritten === clause ? node : { MergeWhenClause: rewritten };
  });
  const returning = child(body, "returningClause");
  const action = returning === null ? null : mapTree(returning, { MergeSupportFunc: () => columnRef("merge_action") });
  const plain = mergeWhenClauses === clauses ? body : withFields(body, { mergeWhenClauses });
  return withBody(root, type, action === null ? plain : withFields(plain, { returningClause: action }));
}

function rewriteWhen(clause: PgNode): PgNode {
  if (text(clause, "override") === "OVERRIDING_USER_VALUE") {
    refuse("OVERRIDING USER VALUE is not supported", "Leave the identity column out, so that it gets its default.");
  }
  const before = list(clause, "targetList");
  const targetList = rewriteAssignments(before);
  return withFields(clause, {
    targetList: targetList === before ? clause["targetList"] : targetList,
    override: text(clause, "override") === "OVERRIDING_SYSTEM_VALUE" ? "OVERRIDING_NOT_SET" : clause["override"],
  });
}
