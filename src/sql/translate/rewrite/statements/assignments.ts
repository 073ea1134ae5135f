/**
 * The SET lists of UPDATE, ON CONFLICT and MERGE. The printer writes each column of `(a, b) = …` as an assignment of
 * its own, which DuckDB needs for `(a, b) = (SELECT …)`, so that such a list must be printed.
 */
import { bodyOf, child, list, mapList, type PgNode, text } from "../tree.ts";
import { refuse } from "./result.ts";

/** The same list when DuckDB reads it as PostgreSQL does. */
export function rewriteAssignments(targets: readonly PgNode[]): readonly PgNode[] {
  refusePartialAssignment(targets);
  return mapList(targets, (node) => {
    const assignment = bodyOf(node, "ResTarget");
    const isPart = bodyOf(child(assignment, "val"), "MultiAssignRef") !== null;
    return assignment !== null && isPart ? { ResTarget: assignment } : node;
  });
}

/** Of INSERT's columns and of assignments: `c[1] = …`, `c.field = …`. */
export function refusePartialAssignment(targets: readonly PgNode[]): void {
  for (const node of targets) {
    const assignment = bodyOf(node, "ResTarget");
    if (list(assignment, "indirection").length === 0) continue;
    const column = text(assignment, "name");
    refuse(
      `assignment to a part of column "${column}" is not supported`,
      `Assign the whole value: SET ${column} = ….`,
    );
  }
}
