/**
 * ORDER BY of a plain SELECT. A bare name means an output column first, as in DuckDB; inside an expression PostgreSQL
 * sees the columns of FROM only, so that one which a name given by us would hide is qualified. A reg… value sorts by
 * its OID.
 */
import { stringNode } from "./build.ts";
import { rewriteExpression } from "./expression.ts";
import { findColumn, type Scope } from "./scope.ts";
import type { RewrittenTarget, RewrittenTargets } from "./targets.ts";
import { bodyOf, child, list, mapList, mapTree, type PgNode, rewrap, stringOf, text, withFields } from "./tree.ts";

export function rewriteOrder(
  items: readonly PgNode[],
  targets: RewrittenTargets,
  scope: Scope,
  distinct: boolean,
): readonly PgNode[] {
  return mapList(items, (item) => {
    const body = bodyOf(item, "SortBy");
    const node = child(body, "node");
    if (body === null || node === null) return item;
    const sort = rewriteSortKey(node, targets, scope, distinct);
    return rewrap(item, "SortBy", withDirection(withFields(body, { node: sort })));
  });
}

function rewriteSortKey(node: PgNode, targets: RewrittenTargets, scope: Scope, distinct: boolean): PgNode {
  const output = outputTarget(node, targets);
  if (output !== null) {
    const byValue = output.shownAsName && !distinct && output.value !== null;
    return byValue ? withQualifiedNames(output.value!, targets, scope) : node;
  }
  const fields = list(bodyOf(node, "ColumnRef"), "fields");
  if (fields.length > 0 || distinct) return rewriteExpression(node, scope);
  return rewriteExpression(withQualifiedNames(node, targets, scope), scope);
}

/** The target that a bare name or a number means. */
function outputTarget(node: PgNode, targets: RewrittenTargets): RewrittenTarget | null {
  const fields = list(bodyOf(node, "ColumnRef"), "fields");
  if (fields.length === 1) {
    const name = stringOf(fields[0]);
    return targets.targets.find((target) => target.name === name) ?? null;
  }
  const position = child(bodyOf(node, "A_Const"), "ival")?.["ival"];
  if (typeof position !== "number" || targets.targets.some((target) => target.value === null)) return null;
  return targets.targets[position - 1] ?? null;
}

function withQualifiedNames(node: PgNode, targets: RewrittenTargets, scope: Scope): PgNode {
  const given = new Set(targets.targets.filter((target) => target.nameAdded).map((target) => target.name));
  if (given.size === 0) return node;
  const only = scope.relations.length === 1 ? scope.relations[0]!.alias : null;
  return mapTree(node, {
    // A subquery has names of its own.
    SelectStmt: (_body, subquery) => subquery,
    ColumnRef: (body, reference) => {
      const fields = list(body, "fields");
      const name = stringOf(fields[0]);
      if (fields.length !== 1 || !given.has(name)) return reference;
      const alias = findColumn(scope, name)?.relation.alias ?? only;
      if (alias === null) return reference;
      return { ColumnRef: withFields(body, { fields: [stringNode(alias), ...fields] }) };
    },
  });
}

/** `USING <` is ASC. */
function withDirection(body: PgNode): PgNode {
  if (text(body, "sortby_dir") !== "SORTBY_USING") return body;
  const operator = stringOf(list(body, "useOp").at(-1));
  if (operator !== "<" && operator !== ">") return body;
  return withFields(body, { sortby_dir: operator === "<" ? "SORTBY_ASC" : "SORTBY_DESC", useOp: undefined });
}
