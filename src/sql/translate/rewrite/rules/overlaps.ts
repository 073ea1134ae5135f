/** `(a, b) OVERLAPS (c, d)`: two spans of time, each given by its ends in either order or by a start and a length. */
import { and, call, operator, or } from "../build.ts";
import { typeOf } from "../infer.ts";
import type { Scope } from "../scope.ts";
import { list, type PgNode } from "../tree.ts";

export function rewriteOverlaps(body: PgNode, scope: Scope): PgNode | null {
  const [a, b, c, d] = list(body, "args");
  if (a === undefined || b === undefined || c === undefined || d === undefined) return null;
  const one = ends(a, b, scope);
  const other = ends(c, d, scope);
  // A span of no length counts as the moment itself, the others as half-open.
  const meets = or(
    operator(one.start, "=", other.start),
    and(operator(one.start, "<", other.end), operator(other.start, "<", one.end)),
  );
  return meets;
}

function ends(first: PgNode, second: PgNode, scope: Scope): { start: PgNode; end: PgNode } {
  const last = typeOf(second, scope) === "interval" ? operator(first, "+", second) : second;
  return { start: call(["least"], [first, last]), end: call(["greatest"], [first, last]) };
}
