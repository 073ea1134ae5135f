/**
 * Statements around queries: INSERT, UPDATE, DELETE and MERGE with their own FROM clauses and RETURNING lists, and
 * those that hold a query (CREATE TABLE AS, CREATE VIEW, EXPLAIN, COPY). Of all others the names, types and expressions
 * are rewritten.
 */
import { rewriteExpression, rewriteParts } from "./expression.ts";
import { rewriteFromItem, rewriteFromList } from "./from_items.ts";
import { rewriteSelect, rewriteWithClause } from "./query.ts";
import { rewriteRangeVar } from "./rules/relations.ts";
import { withTypedActions, withTypedAssignments, withTypedDefaults, withTypedRows } from "./rules/column_values.ts";
import {
  describedRole,
  emptyScope,
  innerScope,
  type QueryRole,
  resultRole,
  type RewriteOptions,
  type Scope,
  type ScopeColumn,
  subqueryRole,
  type TableColumns,
  withRelations,
} from "./scope.ts";
import { changingQueries } from "./changing_queries.ts";
import { rewriteTargets } from "./targets.ts";
import { bodyOf, child, isObject, list, mapList, type PgNode, rewrap, typeOfNode, withFields } from "./tree.ts";

export interface RewrittenStatement {
  readonly root: PgNode;
  readonly scope: Scope;
  /** The result's columns as far as they are known. */
  readonly columns: readonly ScopeColumn[];
}

export function rewriteStatement(
  root: PgNode,
  source: string,
  options: RewriteOptions,
  tableColumns?: TableColumns,
): RewrittenStatement {
  const topLevel = new Set(changingQueries(root));
  const scope = emptyScope(source, options, rewriteSelect, rewriteChange, topLevel, tableColumns);
  const type = typeOfNode(root);
  const body = root[type];
  if (!isObject(body)) return { root, scope, columns: [] };
  const rewritten = rewriteBody(type, body, scope, describedRole);
  return { root: rewrap(root, type, rewritten.body), scope, columns: rewritten.columns };
}

interface RewrittenBody {
  readonly body: PgNode;
  readonly columns: readonly ScopeColumn[];
  /** Of RETURNING, where all are known. */
  readonly allColumns?: readonly ScopeColumn[] | null;
}

function rewriteBody(type: string, body: PgNode, scope: Scope, role: QueryRole = resultRole): RewrittenBody {
  switch (type) {
    case "SelectStmt": {
      const query = rewriteSelect(body, scope, role);
      return { body: query.body, columns: query.leading };
    }
    case "InsertStmt":
      return rewriteInsert(body, scope, role);
    case "UpdateStmt":
      return rewriteUpdate(body, scope, role);
    case "DeleteStmt":
      return rewriteDelete(body, scope, role);
    case "MergeStmt":
      return rewriteMerge(body, scope);
    case "AlterTableStmt":
      return { body: withTypedDefaults(rewriteParts(body, scope), scope), columns: [] };
    case "CreateTableAsStmt":
    case "ViewStmt":
    case "ExplainStmt":
    case "DeclareCursorStmt":
    case "PrepareStmt":
    case "CopyStmt":
      return { body: rewriteHolder(body, scope), columns: [] };
    default:
      return { body: rewriteParts(body, scope), columns: [] };
  }
}

/** A statement that holds a query, whose columns can be seen. */
function rewriteHolder(body: PgNode, scope: Scope): PgNode {
  const query = child(body, "query");
  const inner = query === null ? null : rewriteStatementNode(query, scope);
  const others = rewriteParts(withFields(body, { query: undefined }), scope);
  if (query === null) return others;
  const unchanged = inner === query && Object.keys(others).every((field) => others[field] === body[field]);
  return unchanged ? body : { ...others, query: inner };
}

function rewriteStatementNode(node: PgNode, scope: Scope): PgNode {
  const type = typeOfNode(node);
  const body = node[type];
  return isObject(body) ? rewrap(node, type, rewriteBody(type, body, scope).body) : node;
}

/** One that stands in WITH: its rows are read by others. */
function rewriteChange(node: PgNode, scope: Scope): { node: PgNode; columns: readonly ScopeColumn[] | null } {
  const type = typeOfNode(node);
  const { body, allColumns } = rewriteBody(type, bodyOf(node, type)!, scope, subqueryRole);
  return { node: rewrap(node, type, body), columns: allColumns ?? null };
}

function rewriteInsert(body: PgNode, outer: Scope, role: QueryRole): RewrittenBody {
  const { withClause, scope } = rewriteWithClause(body, outer);
  const { body: relation, relation: own } = rewriteRangeVar(child(body, "relation") ?? {}, scope);
  const inside = withRelations(scope, [own]);
  const select = child(body, "selectStmt");
  const query = bodyOf(select, "SelectStmt");
  const sourceRole: QueryRole = { named: false, shown: true };
  const conflict = child(body, "onConflictClause");
  const fields = {
    withClause,
    relation,
    cols: rewriteList(body, "cols", inside),
    selectStmt: select === null || query === null ? undefined : rewrap(
      select,
      "SelectStmt",
      rewriteSelect(withTypedRows(query, body, own), innerScope(scope), sourceRole).body,
    ),
    onConflictClause: conflict === null ? undefined : rewriteParts(withTypedAssignments(conflict, own), inside),
  };
  return withReturning(withFields(body, fields), inside, role);
}

function rewriteUpdate(body: PgNode, outer: Scope, role: QueryRole): RewrittenBody {
  const { withClause, scope } = rewriteWithClause(body, outer);
  const { body: relation, relation: own } = rewriteRangeVar(child(body, "relation") ?? {}, scope);
  const from = rewriteFromList(list(body, "fromClause"), withRelations(scope, [own]));
  const inside = withRelations(scope, [own, ...from.relations]);
  const where = child(body, "whereClause");
  const fields = {
    withClause,
    relation,
    targetList: rewriteList(withTypedAssignments(body, own), "targetList", inside),
    fromClause: list(body, "fromClause").length === 0 ? undefined : from.items,
    whereClause: where === null ? undefined : rewriteExpression(where, inside),
  };
  return withReturning(withFields(body, fields), inside, role);
}

function rewriteDelete(body: PgNode, outer: Scope, role: QueryRole): RewrittenBody {
  const { withClause, scope } = rewriteWithClause(body, outer);
  const { body: relation, relation: own } = rewriteRangeVar(child(body, "relation") ?? {}, scope);
  const using = rewriteFromList(list(body, "usingClause"), withRelations(scope, [own]));
  const inside = withRelations(scope, [own, ...using.relations]);
  const where = child(body, "whereClause");
  const fields = {
    withClause,
    relation,
    usingClause: list(body, "usingClause").length === 0 ? undefined : using.items,
    whereClause: where === null ? undefined : rewriteExpression(where, inside),
  };
  return withReturning(withFields(body, fields), inside, role);
}

function rewriteMerge(body: PgNode, outer: Scope): RewrittenBody {
  const { withClause, scope } = rewriteWithClause(body, outer);
  const { body: relation, relation: own } = rewriteRangeVar(child(body, "relation") ?? {}, scope);
  const sourceItem = child(body, "sourceRelation");
  const source = sourceItem === null ? null : rewriteFromItem(sourceItem, scope, scope);
  const inside = withRelations(scope, [own, ...(source?.relations ?? [])]);
  const condition = child(body, "joinCondition");
  const fields = {
    withClause,
    relation,
    sourceRelation: source?.item,
    joinCondition: condition === null ? undefined : rewriteExpression(condition, inside),
    mergeWhenClauses: rewriteList(withTypedActions(body, own), "mergeWhenClauses", inside),
  };
  return withReturning(withFields(body, fields), inside, resultRole);
}

function rewriteList(body: PgNode, field: string, scope: Scope): readonly PgNode[] | undefined {
  const items = list(body, field);
  return items.length === 0 ? undefined : mapList(items, (item) => rewriteExpression(item, scope));
}

function withReturning(body: PgNode, scope: Scope, role: QueryRole): RewrittenBody {
  const clause = child(body, "returningClause");
  if (clause === null) return { body, columns: [] };
  const targets = rewriteTargets(list(clause, "exprs"), scope, role, null);
  const rewritten = withFields(clause, { exprs: targets.items });
  const changed = withFields(body, { returningClause: rewritten });
  return { body: changed, columns: targets.leading, allColumns: targets.columns };
}
