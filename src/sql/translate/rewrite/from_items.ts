/**
 * Items of a FROM clause: which relations they bring into the scope, and how they are written for DuckDB. Siblings to
 * the left are seen by functions and LATERAL subqueries only.
 */
import { rewriteExpression } from "./expression.ts";
import { rewriteRangeFunction } from "./from_functions.ts";
import { stringNode } from "./build.ts";
import { withLateralCondition } from "./outer_join.ts";
import { renamed, rewriteRangeVar } from "./rules/relations.ts";
import {
  innerScope,
  type RewrittenFrom,
  type Scope,
  type ScopeColumn,
  type ScopeRelation,
  unknownRelation,
  withoutRelations,
  withRelations,
} from "./scope.ts";
import { child, flag, isObject, list, type PgNode, rewrap, stringsOf, text, typeOfNode, withFields } from "./tree.ts";

export interface RewrittenFromList {
  readonly items: readonly PgNode[];
  readonly relations: readonly ScopeRelation[];
  readonly columns: readonly ScopeColumn[] | null;
}

export function columnAliases(columns: readonly ScopeColumn[]): readonly PgNode[] {
  return columns.map((column) => stringNode(column.name));
}

export function rewriteFromList(items: readonly PgNode[], scope: Scope): RewrittenFromList {
  let relations: readonly ScopeRelation[] = [];
  let columns: readonly ScopeColumn[] | null = [];
  let changed = false;
  const rewritten = items.map((item) => {
    const result = rewriteFromItem(item, scope, withRelations(scope, relations));
    relations = [...relations, ...result.relations];
    columns = columns === null || result.columns === null ? null : [...columns, ...result.columns];
    changed ||= result.item !== item;
    return result.item;
  });
  return { items: changed ? rewritten : items, relations, columns };
}

/** `beside` is `scope` with the siblings to the left. */
export function rewriteFromItem(item: PgNode, scope: Scope, beside: Scope): RewrittenFrom {
  const type = typeOfNode(item);
  const body = item[type];
  if (!isObject(body)) return { item, relations: [], columns: null };
  switch (type) {
    case "RangeVar": {
      const { body: rewritten, relation } = rewriteRangeVar(body, scope);
      return { item: rewrap(item, type, rewritten), relations: [relation], columns: relation.columns };
    }
    case "RangeSubselect":
      return rewriteSubselect(item, body, flag(body, "lateral") ? beside : scope);
    case "RangeFunction":
      return rewriteRangeFunction(item, body, beside);
    case "JoinExpr":
      return rewriteJoin(item, body, scope, beside);
    case "RangeTableSample": {
      const relation = child(body, "relation");
      if (relation === null) break;
      const inner = rewriteFromItem(relation, scope, beside);
      // PostgreSQL samples percents, where DuckDB takes a bare number for rows.
      return { ...inner, item: { [type]: { ...body, relation: inner.item } } };
    }
  }
  const rewritten = rewriteExpression(item, beside);
  const alias = text(child(body, "alias"), "aliasname") || null;
  return { item: rewritten, relations: [unknownRelation(alias)], columns: null };
}

function rewriteSubselect(item: PgNode, body: PgNode, around: Scope): RewrittenFrom {
  const subquery = child(body, "subquery");
  const select = child(subquery, "SelectStmt");
  if (subquery === null || select === null) return { item, relations: [], columns: null };
  const alias = child(body, "alias");
  const names = stringsOf(alias, "colnames");
  const isValues = list(select, "valuesLists").length > 0;
  const lateral = flag(body, "lateral") ? innerScope(around) : innerScope(withoutRelations(around));
  const role = { named: !isValues && names.length === 0, shown: false };
  const query = around.statement.rewriteQuery(select, lateral, role);
  const columns = query.columns === null ? null : renamed(query.columns, names);
  let rewritten = withFields(body, { subquery: rewrap(subquery, "SelectStmt", query.body) });
  if (isValues && columns !== null && names.length < columns.length) {
    const aliasname = text(alias, "aliasname") || "*VALUES*";
    rewritten = withFields(rewritten, { alias: { aliasname, colnames: columnAliases(columns) } });
  }
  const relation: ScopeRelation = { ...unknownRelation(text(alias, "aliasname") || null), columns };
  return { item: rewrap(item, "RangeSubselect", rewritten), relations: [relation], columns };
}

function rewriteJoin(item: PgNode, body: PgNode, scope: Scope, beside: Scope): RewrittenFrom {
  const leftItem = child(body, "larg");
  const rightItem = child(body, "rarg");
  if (leftItem === null || rightItem === null) return { item, relations: [], columns: null };
  const left = rewriteFromItem(leftItem, scope, beside);
  const right = rewriteFromItem(rightItem, scope, withRelations(beside, left.relations));
  const relations = [...left.relations, ...right.relations];
  const quals = child(body, "quals");
  const conditionScope = withRelations(scope, relations);
  const joined = withFields(body, {
    larg: left.item,
    rarg: right.item,
    quals: quals === null ? undefined : rewriteExpression(quals, conditionScope),
  });
  const rewritten = withLateralCondition(joined, left, right, scope);
  const merged = flag(body, "isNatural") || list(body, "usingClause").length > 0;
  const columns = merged || left.columns === null || right.columns === null
    ? null
    : [...left.columns, ...right.columns];
  const alias = child(body, "alias");
  const result = rewrap(item, "JoinExpr", rewritten);
  if (alias === null) return { item: result, relations, columns };
  return { item: result, relations: [unknownRelation(text(alias, "aliasname"))], columns: null };
}
