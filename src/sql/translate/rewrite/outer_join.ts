/**
 * LEFT JOIN whose condition holds a subquery, its own or that of a macro of the emulated catalog, which DuckDB takes in inner joins only:
 * `a LEFT JOIN b ON c` becomes `a LEFT JOIN LATERAL (SELECT * FROM b WHERE c) AS b ON true`. When all of its subqueries are about b, only
 * they move, so that the rest stays a join of two tables.
 */
import { catalogDatabase } from "../../catalog/types.ts";
import { aliasBody, booleanConstant, rangeSubselect, selectBody, star, target } from "./build.ts";
import type { RewrittenFrom, Scope } from "./scope.ts";
import { bodyOf, child, isObject, list, type PgNode, stringsOf, text, withFields } from "./tree.ts";

/** `join` is rewritten already, as its sides `left` and `right`. The same body where nothing is to be done. */
export function withLateralCondition(
  join: PgNode,
  left: RewrittenFrom,
  right: RewrittenFrom,
  scope: Scope,
): PgNode {
  const condition = child(join, "quals");
  if (text(join, "jointype") !== "JOIN_LEFT" || condition === null || !holdsSubquery(condition, scope)) return join;
  const [relation, ...others] = right.relations;
  if (relation === undefined || others.length > 0 || relation.alias === null) return join;
  if (bodyOf(right.item, "RangeVar") === null && bodyOf(right.item, "RangeSubselect") === null) return join;
  // A column with another schema before it would not be found behind the alias.
  if (relation.schema !== null && relation.schema !== "public" && relation.catalog === null) return join;
  const parts = conjuncts(condition);
  const withSubquery = parts.filter((part) => holdsSubquery(part, scope));
  const leftNames = new Set(left.relations.flatMap(({ alias }) => alias === null ? [] : [alias]));
  // Where this is wrong the rows are the same, and take longer.
  const mayStay = !withSubquery.some((part) => readsOther(part, leftNames));
  const inside = mayStay ? withSubquery : parts;
  const outside = parts.filter((part) => !inside.includes(part));
  const rows = { ...selectBody([target(star)], [right.item]), whereClause: both(inside) };
  return withFields(join, {
    rarg: rangeSubselect(rows, aliasBody(relation.alias), true),
    quals: outside.length === 0 ? booleanConstant(true) : both(outside),
  });
}

function conjuncts(condition: PgNode): readonly PgNode[] {
  const expression = bodyOf(condition, "BoolExpr");
  return text(expression, "boolop") === "AND_EXPR" ? list(expression, "args").flatMap(conjuncts) : [condition];
}

function both(parts: readonly PgNode[]): PgNode {
  return parts.length === 1 ? parts[0]! : { BoolExpr: { boolop: "AND_EXPR", args: parts, location: -1 } };
}

/** Whether a column is of one of these relations, or outside of a subquery of who knows which. */
function readsOther(node: unknown, names: ReadonlySet<string>, isInSubquery = false): boolean {
  if (Array.isArray(node)) return node.some((item) => readsOther(item, names, isInSubquery));
  if (!isObject(node)) return false;
  const fields = stringsOf(bodyOf(node, "ColumnRef"), "fields");
  if (fields.length > 0) return fields.length === 1 ? !isInSubquery : names.has(fields.at(-2)!);
  return Object.entries(node).some(([field, item]) => readsOther(item, names, isInSubquery || field === "subselect"));
}

function holdsSubquery(node: unknown, scope: Scope): boolean {
  if (Array.isArray(node)) return node.some((item) => holdsSubquery(item, scope));
  if (!isObject(node)) return false;
  if ("SubLink" in node) return true;
  const [database, , name] = stringsOf(bodyOf(node, "FuncCall"), "funcname");
  // One that the list does not have is a macro over others.
  if (database === catalogDatabase && scope.statement.names.macros.get(name ?? "")?.holdsSubquery !== false) {
    return true;
  }
  return Object.values(node).some((item) => holdsSubquery(item, scope));
}
