/**
 * Aggregates that DuckDB calls otherwise. ORDER BY, FILTER, DISTINCT and OVER go with the aggregate that does the work:
 * a macro cannot take them, so the JSON aggregates are made of a list of their elements.
 */
import { macroCall, stringNode } from "../build.ts";
import type { Scope } from "../scope.ts";
import { list, type PgNode, withFields } from "../tree.ts";

type Rewrite = (body: PgNode) => PgNode;

function withName(body: PgNode, name: string, parameters: readonly PgNode[]): PgNode {
  return { FuncCall: withFields(body, { funcname: [stringNode(name)], args: parameters }) };
}

/** `json_agg(x ORDER BY y)`; `made` joins the elements that `element` writes. Of no rows all give NULL. */
const fromList = (made: string, element: string): Rewrite => (body) =>
  macroCall(made, [withName(body, "list", [macroCall(element, list(body, "args"))])]);

const rewrites: Readonly<Record<string, Rewrite>> = {
  every: (body) => withName(body, "bool_and", list(body, "args")),
  json_agg: fromList("__json_agg", "__json_agg_element"),
  jsonb_agg: fromList("__jsonb_agg", "__json_agg_element"),
  json_object_agg: fromList("__json_object_agg", "__json_pair"),
  jsonb_object_agg: fromList("__jsonb_object_agg", "__json_pair"),
};

export const knownAggregates: ReadonlySet<string> = new Set(Object.keys(rewrites));

export function rewriteAggregate(name: string, body: PgNode, node: PgNode, _scope: Scope): PgNode {
  return rewrites[name]?.(body) ?? node;
}
