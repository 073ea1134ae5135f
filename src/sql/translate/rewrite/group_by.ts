/**
 * GROUP BY of a plain SELECT. A bare name means a column of FROM, then an output column, never a whole row; DuckDB takes the alias of
 * a relation for its row before it looks for an output column.
 */
import { rewriteExpression } from "./expression.ts";
import { findColumn, type Scope, type ScopeRelation } from "./scope.ts";
import type { RewrittenTargets } from "./targets.ts";
import { bodyOf, list, mapList, type PgNode, stringOf } from "./tree.ts";

/** `relations` are those of the query's own FROM. */
export function rewriteGroup(
  items: readonly PgNode[],
  targets: RewrittenTargets,
  relations: readonly ScopeRelation[],
  scope: Scope,
): readonly PgNode[] {
  return mapList(items, (item) => namedOutput(item, targets, relations, scope) ?? rewriteExpression(item, scope));
}

/** The output column's value, where its name is also that of a relation and surely of no column. */
function namedOutput(
  item: PgNode,
  targets: RewrittenTargets,
  relations: readonly ScopeRelation[],
  scope: Scope,
): PgNode | null {
  const fields = list(bodyOf(item, "ColumnRef"), "fields");
  const name = stringOf(fields[0]);
  if (fields.length !== 1 || !relations.some((relation) => relation.alias === name)) return null;
  if (relations.some((relation) => relation.columns === null) || findColumn(scope, name) !== null) return null;
  return targets.targets.find((target) => target.name === name)?.value ?? null;
}
