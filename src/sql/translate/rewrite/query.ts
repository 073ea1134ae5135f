/**
 * Queries: WITH, set operations, VALUES and plain SELECTs. Each gives its columns with their static types, as far as
 * they are known, so that the query around it knows what `x.oid` is.
 */
import { AppError } from "../../../errors/app_error.ts";
import { aliasBody, integerConstant, rangeSubselect, selectBody, star, target } from "./build.ts";
import { rewriteExpression, rewriteParts } from "./expression.ts";
import { columnAliases, rewriteFromList } from "./from_items.ts";
import { typeOf } from "./infer.ts";
import { rewriteGroup } from "./group_by.ts";
import { withGroupedRows } from "./grouped_rows.ts";
import { rewriteOrder } from "./order_by.ts";
import { shown } from "./rules/reg_values.ts";
import {
  innerRole,
  innerScope,
  type QueryRewriter,
  type QueryRole,
  type RewrittenQuery,
  type Scope,
  type ScopeColumn,
  subqueryRole,
  unknownRelation,
  withCte,
  withRelations,
} from "./scope.ts";
import { commonType } from "./static_types.ts";
import { rewriteTargets } from "./targets.ts";
import { bodyOf, child, flag, list, mapList, type PgNode, rewrap, stringsOf, text, withFields } from "./tree.ts";

/** `scope` is the query's own, still without the relations of its FROM. */
export const rewriteSelect: QueryRewriter = (body, scope, role) => {
  const result = rewriteAny(body, scope, role);
  scope.statement.columns.set(result.body, result.columns);
  return result;
};

function rewriteAny(body: PgNode, outer: Scope, role: QueryRole): RewrittenQuery {
  const { withClause, scope } = rewriteWith(child(body, "withClause"), outer);
  if (text(body, "limitOption") === "LIMIT_OPTION_WITH_TIES") {
    throw new AppError("feature_not_supported", "FETCH FIRST … WITH TIES is not supported", {
      hint: "Use the window function rank() in a subquery.",
    });
  }
  const prepared = withFields(body, { withClause: withClause ?? undefined, lockingClause: undefined });
  if (child(prepared, "larg") !== null) return rewriteSetOperation(prepared, scope, role);
  if (list(prepared, "valuesLists").length > 0) return rewriteValues(prepared, scope, role);
  return rewritePlain(withGroupedRows(prepared, scope), scope, role);
}

/** The WITH clause of INSERT, UPDATE, DELETE and MERGE, for `withFields`. */
export function rewriteWithClause(body: PgNode, outer: Scope): { withClause: PgNode | undefined; scope: Scope } {
  const { withClause, scope } = rewriteWith(child(body, "withClause"), outer);
  return { withClause: withClause ?? undefined, scope };
}

function rewriteWith(clause: PgNode | null, outer: Scope): { withClause: PgNode | null; scope: Scope } {
  if (clause === null) return { withClause: null, scope: outer };
  let scope = outer;
  const recursive = flag(clause, "recursive");
  if (recursive) {
    // All names are known from the start; the columns of those that come later are not.
    for (const item of list(clause, "ctes")) {
      const cte = bodyOf(item, "CommonTableExpr");
      if (cte !== null && refersToItself(cte)) scope = withCte(scope, text(cte, "ctename"), null);
    }
  }
  const ctes = mapList(list(clause, "ctes"), (item) => {
    const cte = bodyOf(item, "CommonTableExpr");
    if (cte === null) return item;
    const result = rewriteCte(cte, recursive ? withRecursiveColumns(cte, scope) : scope);
    scope = withCte(scope, text(cte, "ctename"), result.columns);
    return rewrap(item, "CommonTableExpr", result.body);
  });
  return { withClause: withFields(clause, { ctes }), scope };
}

function rewriteCte(cte: PgNode, scope: Scope): { body: PgNode; columns: readonly ScopeColumn[] | null } {
  const query = child(cte, "ctequery");
  const select = bodyOf(query, "SelectStmt");
  if (query === null || select === null) {
    if (query === null || !scope.statement.changingQueries.has(cte)) throw changesBelow(query);
    const change = scope.statement.rewriteChange(query, innerScope({ ...scope, relations: [] }));
    const names = stringsOf(cte, "aliascolnames");
    const columns = change.columns?.map((column, at) => ({ ...column, name: names[at] ?? column.name })) ?? null;
    return { body: withFields(cte, { ctequery: change.node }), columns };
  }
  for (const [field, word] of [["search_clause", "SEARCH"], ["cycle_clause", "CYCLE"]] as const) {
    if (child(cte, field) === null) continue;
    throw new AppError("feature_not_supported", `${word} of a recursive query is not supported`, {
      hint: "Keep the path in a column, ARRAY[id] and then path || id: sort by it, and stop with NOT id = ANY (path).",
    });
  }
  const names = stringsOf(cte, "aliascolnames");
  const isValues = list(select, "valuesLists").length > 0;
  const role = isValues || names.length > 0 ? innerRole : subqueryRole;
  const result = rewriteSelect(select, innerScope({ ...scope, relations: [] }), role);
  const columns = result.columns?.map((column, at) => ({ ...column, name: names[at] ?? column.name })) ?? null;
  const needsNames = isValues && columns !== null && names.length < columns.length;
  return {
    body: withFields(cte, {
      ctequery: rewrap(query, "SelectStmt", result.body),
      ...(needsNames ? { aliascolnames: columnAliases(columns) } : {}),
    }),
    columns,
  };
}

function changesBelow(query: PgNode | null): AppError {
  const hint = { hint: "Run the statements one after the other in a transaction." };
  if (query !== null && "MergeStmt" in query) {
    return new AppError("feature_not_supported", "MERGE in a WITH query is not supported", hint);
  }
  const detail = "WITH clause containing a data-modifying statement must be at the top level, and not in EXPLAIN";
  return new AppError("feature_not_supported", detail, hint);
}

/** What a query that refers to itself calls by its own name has the columns of its first part. */
function withRecursiveColumns(cte: PgNode, scope: Scope): Scope {
  const first = child(bodyOf(child(cte, "ctequery"), "SelectStmt"), "larg");
  if (first === null) return scope;
  const { columns } = rewriteSelect(first, innerScope({ ...scope, relations: [] }), subqueryRole);
  const names = stringsOf(cte, "aliascolnames");
  const named = columns?.map((column, at) => ({ ...column, name: names[at] ?? column.name })) ?? null;
  return withCte(scope, text(cte, "ctename"), named);
}

function refersToItself(cte: PgNode): boolean {
  return child(bodyOf(child(cte, "ctequery"), "SelectStmt"), "larg") !== null;
}

function rewriteSetOperation(body: PgNode, scope: Scope, role: QueryRole): RewrittenQuery {
  const left = rewriteSelect(child(body, "larg")!, scope, { ...role, isArm: true });
  const right = rewriteSelect(child(body, "rarg")!, scope, { ...role, named: false, isArm: true });
  const types = (query: RewrittenQuery, at: number) => query.columns?.[at]?.type ?? null;
  const merge = (columns: readonly ScopeColumn[]) =>
    columns.map((column, at) => ({
      name: column.name,
      type: right.columns === null ? null : commonType([column.type, types(right, at)]),
    }));
  const columns = left.columns === null ? null : merge(left.columns);
  const sortScope = withRelations(scope, [{ ...unknownRelation(null), columns }]);
  const rewritten = withFields(body, { larg: left.body, rarg: right.body, ...rewriteTail(body, sortScope) });
  return { body: rewritten, columns, leading: merge(left.leading) };
}

/** ORDER BY, LIMIT and OFFSET outside a plain SELECT. */
function rewriteTail(body: PgNode, scope: Scope): PgNode {
  const fields: Record<string, unknown> = {};
  for (const field of ["limitCount", "limitOffset"]) {
    const value = child(body, field);
    if (value !== null) fields[field] = rewriteExpression(value, scope);
  }
  const sort = list(body, "sortClause");
  if (sort.length > 0) fields["sortClause"] = mapList(sort, (item) => rewriteExpression(item, scope));
  return fields;
}

/** DuckDB calls the columns col0, col1, PostgreSQL column1, column2. */
function rewriteValues(body: PgNode, scope: Scope, role: QueryRole): RewrittenQuery {
  const rows = mapList(list(body, "valuesLists"), (row) => {
    const items = bodyOf(row, "List");
    if (items === null) return row;
    return rewrap(
      row,
      "List",
      withFields(items, {
        items: mapList(list(items, "items"), (item) => {
          const rewritten = rewriteExpression(item, scope);
          return role.shown ? shown(rewritten, scope) : rewritten;
        }),
      }),
    );
  });
  const first = list(bodyOf(rows[0], "List"), "items");
  const columns = first.map((_, at) => ({
    name: `column${at + 1}`,
    type: commonType(rows.slice(0, 20).map((row) => typeOf(list(bodyOf(row, "List"), "items")[at] ?? null, scope))),
  }));
  const values = withFields(body, { valuesLists: rows, ...rewriteTail(body, scope) });
  if (!role.named) return { body: values, columns, leading: columns };
  const { sortClause, limitCount, limitOffset, withClause, ...plain } = values as Record<string, unknown>;
  const named = {
    ...selectBody([target(star)], [
      rangeSubselect(plain as PgNode, aliasBody("*VALUES*", columns.map((column) => column.name))),
    ]),
    ...(withClause === undefined ? {} : { withClause }),
    ...(sortClause === undefined ? {} : { sortClause }),
    ...(limitOffset === undefined ? {} : { limitOffset }),
    ...(limitCount === undefined ? {} : { limitCount, limitOption: "LIMIT_OPTION_COUNT" }),
  };
  return { body: named, columns, leading: columns };
}

function rewritePlain(body: PgNode, outer: Scope, role: QueryRole): RewrittenQuery {
  const from = rewriteFromList(list(body, "fromClause"), outer);
  const scope = withRelations(outer, from.relations);
  const targets = rewriteTargets(selectedTargets(body, role), scope, role, from.columns, groupsByExpressions(body));
  const fields: Record<string, unknown> = {};
  if (from.items.length > 0) fields["fromClause"] = from.items;
  fields["targetList"] = targets.items;
  for (const field of ["whereClause", "havingClause", "limitCount", "limitOffset"]) {
    const value = child(body, field);
    if (value !== null) fields[field] = rewriteExpression(value, scope);
  }
  const group = list(body, "groupClause");
  if (group.length > 0) fields["groupClause"] = rewriteGroup(group, targets, from.relations, scope);
  for (const field of ["windowClause", "distinctClause"]) {
    const items = list(body, field);
    if (items.length > 0) fields[field] = mapList(items, (item) => rewriteExpression(item, scope));
  }
  const sort = list(body, "sortClause");
  if (sort.length > 0) {
    fields["sortClause"] = rewriteOrder(sort, targets, scope, list(body, "distinctClause").length > 0);
  }
  const into = child(body, "intoClause");
  if (into !== null) fields["intoClause"] = rewriteParts(into, outer);
  return { body: withFields(body, fields), columns: targets.columns, leading: targets.leading };
}

function groupsByExpressions(body: PgNode): boolean {
  return list(body, "groupClause").some((item) =>
    bodyOf(item, "ColumnRef") === null && bodyOf(item, "A_Const") === null
  );
}

/** `SELECT FROM t`: in EXISTS only the rows count. */
function selectedTargets(body: PgNode, role: QueryRole): readonly PgNode[] {
  const targets = list(body, "targetList");
  if (targets.length > 0) return targets;
  if (role.named || role.shown) {
    throw new AppError("feature_not_supported", "SELECT without columns is not supported", {
      hint: "Write a column or a constant after SELECT.",
    });
  }
  return [target(integerConstant(1))];
}
