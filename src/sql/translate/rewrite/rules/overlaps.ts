/**
 * `(a, b) OVERLAPS (c, d)`: two spans of time, each given by its ends in either order or by a start and a length. With an end that is NULL the answer is
 * NULL, unless the known ends tell it.
 */
import { and, call, caseWhen, operator, or } from "../build.ts";
import { typeOf } from "../infer.ts";
import type { Scope } from "../scope.ts";
import { list, type PgNode } from "../tree.ts";
import { callMacro } from "./macro_calls.ts";

export function rewriteOverlaps(body: PgNode, scope: Scope): PgNode | null {
  const [a, b, c, d] = list(body, "args");
  if (a === undefined || b === undefined || c === undefined || d === undefined) return null;
  const one = ends(a, b, scope);
  const other = ends(c, d, scope);
  // A span of no length counts as the moment itself, the others as half-open.
  return caseWhen([
    [operator(one.start, "<", other.start), beginsWithin(other.start, one.end, other.end)],
    [operator(one.start, ">", other.start), beginsWithin(one.start, other.end, one.end)],
    [operator(one.start, "=", other.start), and(itself(one.end), itself(other.end))],
  ], null);
}

/** Whether the later span begins before the earlier one ends; where it does not, its own end must be known. */
function beginsWithin(start: PgNode, end: PgNode, ownEnd: PgNode): PgNode {
  return or(operator(start, "<", end), operator(ownEnd, "<", ownEnd));
}

/** True, and NULL for NULL. */
function itself(value: PgNode): PgNode {
  return operator(value, "=", value);
}

/** `start` is NULL where both ends are, `end` where one of them is. */
function ends(first: PgNode, second: PgNode, scope: Scope): { start: PgNode; end: PgNode } {
  const last = endOf(first, second, scope);
  return {
    start: call(["least"], [first, last]),
    end: caseWhen([[operator(first, ">", last), first], [operator(first, "<=", last), last]], null),
  };
}

function endOf(first: PgNode, second: PgNode, scope: Scope): PgNode {
  const type = typeOf(second, scope);
  if (type === "interval") return operator(first, "+", second);
  // Of a column only DuckDB knows whether it is a length.
  return type === null && scope.statement.names.macros.has("__period_end")
    ? callMacro("__period_end", [first, second], scope)
    : second;
}
