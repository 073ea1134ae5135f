/**
 * RETURNING: DuckDB knows the changed table's columns there, not those of FROM, USING or MERGE's source, and takes `*`
 * for the changed table's alone.
 */
import { bodyOf, child, isObject, list, type PgNode, stringOf, text, typeOfNode } from "../tree.ts";
import { refuse } from "./result.ts";

/** The expressions of RETURNING, without aliases for OLD and NEW, which DuckDB does not have. */
export function returningTargets(body: PgNode): readonly PgNode[] {
  return list(child(body, "returningClause"), "exprs");
}

export function refuseReturningOptions(body: PgNode): void {
  if (list(child(body, "returningClause"), "options").length === 0) return;
  refuse("RETURNING WITH (OLD AS …, NEW AS …) is not supported", "Name the columns: they have their new values.");
}

/** Throws when RETURNING reads a relation besides the changed one. */
export function refuseOtherRelations(body: PgNode, sources: readonly PgNode[], command: string): void {
  refuseReturningOptions(body);
  if (sources.length === 0) return;
  const targets = returningTargets(body);
  if (targets.length === 0) return;
  const others = new Set(sources.flatMap(relationNames));
  const relation = child(body, "relation");
  const own = text(child(relation, "alias"), "aliasname") || text(relation, "relname");
  others.delete(own);
  const hint = `Return the columns of ${own}: RETURNING ${own}.*; query the others beforehand.`;
  for (const node of targets) {
    const value = child(bodyOf(node, "ResTarget"), "val");
    const fields = list(bodyOf(value, "ColumnRef"), "fields");
    if (fields.length === 1 && typeOfNode(fields[0]) === "A_Star") {
      refuse(
        `RETURNING * of ${command} with another table is not supported: DuckDB returns the changed table only`,
        hint,
      );
    }
    const other = value === null ? null : findQualifier(value, others);
    if (other !== null) {
      refuse(`RETURNING of columns of "${other}" is not supported: DuckDB returns the changed table only`, hint);
    }
  }
}

/** The names by which columns of an item of FROM can be qualified. */
function relationNames(item: PgNode): readonly string[] {
  const type = typeOfNode(item);
  const body = bodyOf(item, type);
  const alias = text(child(body, "alias"), "aliasname");
  if (alias !== "") return [alias];
  if (type === "RangeVar") return [text(body, "relname")];
  if (type !== "JoinExpr") return [];
  return [child(body, "larg"), child(body, "rarg")].flatMap((side) => side === null ? [] : relationNames(side));
}

/** The first qualifier of a column in `node` that is one of `names`. */
function findQualifier(node: unknown, names: ReadonlySet<string>): string | null {
  if (Array.isArray(node)) {
    for (const item of node) {
      const found = findQualifier(item, names);
      if (found !== null) return found;
    }
    return null;
  }
  if (!isObject(node)) return null;
  const fields = list(bodyOf(node, "ColumnRef"), "fields");
  const qualifier = stringOf(fields.at(-2));
  if (fields.length > 1 && names.has(qualifier)) return qualifier;
  // A subquery has relations of its own.
  if ("SelectStmt" in node) return null;
  return findQualifier(Object.values(node), names);
}
