/**
 * INSERT: conflict targets, OVERRIDING and the alias of the table in RETURNING. A conflict target that is a constraint's name has become its
 * columns before (`conflicts.ts`).
 */
import { stringNode } from "../build.ts";
import { bodyOf, child, isObject, list, mapFields, mapList, type PgNode, stringOf, text, withFields } from "../tree.ts";
import { refusePartialAssignment, rewriteAssignments } from "./assignments.ts";
import { refuse, type StatementRewrite, withBody } from "./result.ts";
import { refuseReturningOptions } from "./returning.ts";

export function rewriteInsert(body: PgNode, root: PgNode, type: string): StatementRewrite {
  refusePartialAssignment(list(body, "cols"));
  refuseReturningOptions(body);
  if (text(body, "override") === "OVERRIDING_USER_VALUE") {
    refuse(
      "OVERRIDING USER VALUE is not supported",
      "Leave the identity column out of the INSERT, so that it gets its default.",
    );
  }
  const conflict = child(body, "onConflictClause");
  const plain = withFields(body, {
    override: text(body, "override") === "OVERRIDING_SYSTEM_VALUE" ? "OVERRIDING_NOT_SET" : body["override"],
    onConflictClause: conflict === null ? body["onConflictClause"] : rewriteConflict(conflict),
  });
  return withBody(root, type, conflict === null ? withoutAlias(plain) : plain);
}

function rewriteConflict(conflict: PgNode): PgNode {
  const before = list(conflict, "targetList");
  const assignments = rewriteAssignments(before);
  const plain = assignments === before ? conflict : withFields(conflict, { targetList: assignments });
  if (containsSubquery(list(plain, "targetList")) || containsSubquery(child(plain, "whereClause"))) {
    refuse(
      "ON CONFLICT DO UPDATE with a subquery is not supported",
      "Use MERGE, or put the value into the inserted rows.",
    );
  }
  const infer = child(conflict, "infer");
  if (infer === null) return plain;
  // Of a table that is not known: DuckDB says so.
  if (text(infer, "conname") !== "") return withFields(plain, { infer: undefined });
  return withFields(plain, { infer: rewriteTarget(infer) });
}

/** DuckDB has no partial unique index, so that all that fit the columns fit the WHERE. */
function rewriteTarget(infer: PgNode): PgNode {
  const elements = list(infer, "indexElems");
  const plain = mapList(elements, (node) => {
    const element = bodyOf(node, "IndexElem");
    if (element === null) return node;
    if (child(element, "expr") !== null) {
      refuse(
        "ON CONFLICT with an expression is not supported",
        "Name the columns of a UNIQUE or PRIMARY KEY constraint.",
      );
    }
    const body = withFields(element, { collation: undefined, opclass: undefined, opclassopts: undefined });
    return body === element ? node : { IndexElem: body };
  });
  return withFields(infer, { indexElems: plain === elements ? infer["indexElems"] : plain, whereClause: undefined });
}

function containsSubquery(node: unknown): boolean {
  if (Array.isArray(node)) return node.some(containsSubquery);
  if (!isObject(node)) return false;
  return "SubLink" in node || Object.values(node).some(containsSubquery);
}

/** DuckDB knows the alias in ON CONFLICT, but not in RETURNING without it: there the table's name stands instead. */
function withoutAlias(body: PgNode): PgNode {
  const relation = child(body, "relation");
  const alias = text(child(relation, "alias"), "aliasname");
  const clause = child(body, "returningClause");
  if (relation === null || alias === "" || clause === null) return body;
  const returning = renameQualifier(clause, alias, text(relation, "relname"));
  return returning === clause
    ? body
    : withFields(body, { relation: withFields(relation, { alias: undefined }), returningClause: returning });
}

function renameQualifier(node: PgNode, from: string, to: string): PgNode {
  const column = bodyOf(node, "ColumnRef");
  if (column === null) return mapFields(node, (value) => renameQualifier(value, from, to));
  const fields = list(column, "fields");
  if (fields.length !== 2 || stringOf(fields[0]) !== from) return node;
  return { ColumnRef: withFields(column, { fields: [stringNode(to), fields[1]] }) };
}
