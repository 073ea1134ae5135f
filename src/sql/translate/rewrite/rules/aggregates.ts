/**
 * Aggregates that DuckDB calls otherwise. ORDER BY, FILTER, DISTINCT and OVER go with the aggregate that does the work:
 * a macro cannot take them, so the JSON aggregates are made of a list of their elements.
 */
import { call, cast, integerConstant, macroCall, operator, stringNode, textConstant } from "../build.ts";
import { typeOf, withType } from "../infer.ts";
import type { Scope } from "../scope.ts";
import { bodyOf, child, flag, list, mapList, type PgNode, withFields } from "../tree.ts";
import { constantText, isNullConstant } from "./constants.ts";

type Rewrite = (body: PgNode) => PgNode;

function withName(body: PgNode, name: string, parameters: readonly PgNode[]): PgNode {
  return { FuncCall: withFields(body, { funcname: [stringNode(name)], args: parameters }) };
}

/** `json_agg(x ORDER BY y)`; `made` joins the elements that `element` writes. Of no rows all give NULL. */
const fromList = (made: string, element: string): Rewrite => (body) =>
  macroCall(made, [
    withName(inOrder(body, macroCall(element, list(body, "args"))), "list", [macroCall(element, list(body, "args"))]),
  ]);

const rewrites: Readonly<Record<string, Rewrite>> = {
  every: (body) => withName(body, "bool_and", list(body, "args")),
  json_agg: fromList("__json_agg", "__json_agg_element"),
  jsonb_agg: fromList("__jsonb_agg", "__json_agg_element"),
  json_object_agg: fromList("__json_object_agg", "__json_pair"),
  jsonb_object_agg: fromList("__jsonb_object_agg", "__json_pair"),
};

/** DISTINCT puts the values in order in PostgreSQL. */
const inOrderWhenDistinct: ReadonlySet<string> = new Set(["array_agg", "string_agg"]);

function inOrder(body: PgNode, value: PgNode): PgNode {
  if (!flag(body, "agg_distinct") || list(body, "agg_order").length > 0) return body;
  const order = { node: value, sortby_dir: "SORTBY_DEFAULT", sortby_nulls: "SORTBY_NULLS_LAST", location: -1 };
  return withFields(body, { agg_order: [{ SortBy: order }] });
}

/**
 * DuckDB refuses a constant to sort by. Such an order says nothing.
 */
function withoutConstantOrder(body: PgNode): PgNode {
  const order = list(body, "agg_order");
  if (body["agg_within_group"] === true || order.length === 0) return body;
  const kept = order.filter((item) => !isConstant(child(bodyOf(item, "SortBy"), "node")));
  return kept.length === order.length ? body : withFields(body, { agg_order: kept });
}

function isConstant(node: PgNode | null): boolean {
  const inner = bodyOf(node, "TypeCast");
  return inner === null ? bodyOf(node, "A_Const") !== null : isConstant(child(inner, "arg"));
}

/** DuckDB evaluates the arguments of all rows, also of those that the filter is there to keep from a division by zero. */
function withFilteredArguments(body: PgNode): PgNode {
  const filter = child(body, "agg_filter");
  if (filter === null || (flag(body, "agg_distinct") && list(body, "agg_order").length > 0)) return body;
  const guarded = (value: PgNode): PgNode =>
    isConstant(value) || bodyOf(value, "ColumnRef") !== null || isCaseOf(value, filter)
      ? value
      : { CaseExpr: { args: [{ CaseWhen: { expr: filter, result: value, location: -1 } }], location: -1 } };
  return withFields(body, { args: mapList(list(body, "args"), guarded) });
}

function isNull(node: PgNode): boolean {
  const inner = bodyOf(node, "TypeCast");
  return inner === null ? isNullConstant(node) : isNull(child(inner, "arg") ?? node);
}

function isCaseOf(value: PgNode, condition: PgNode): boolean {
  const [first] = list(bodyOf(value, "CaseExpr") ?? {}, "args");
  return child(bodyOf(first, "CaseWhen"), "expr") === condition;
}

/** DISTINCT values that are no plain column are sorted afterwards: DuckDB does not see that a macro's call is the same one in the order. */
function sortedDistinct(name: string, body: PgNode, value: PgNode): PgNode | null {
  if (!flag(body, "agg_distinct") || list(body, "agg_order").length > 0) return null;
  if (bodyOf(value, "ColumnRef") !== null) return null;
  const values = withName(body, "list", [value]);
  const sorted = call(["list_sort"], [values, textConstant("ASC"), textConstant("NULLS LAST")]);
  const separators = list(body, "args").slice(1).map((separator) => isNull(separator) ? textConstant("") : separator);
  return name === "array_agg" ? sorted : call(["array_to_string"], [sorted, ...separators]);
}

/** DuckDB has no sum of intervals; in PostgreSQL months, days and the time are summed each for themselves. */
function sumOfIntervals(body: PgNode, value: PgNode): PgNode {
  const part = (field: string) => cast(call(["datepart"], [textConstant(field), value]), "int8");
  const times = (factor: number, node: PgNode) => operator(integerConstant(factor), "*", node);
  const sum = (node: PgNode) => cast(withName(body, "sum", [node]), "int8");
  const time = operator(
    operator(times(3_600_000_000, part("hour")), "+", times(60_000_000, part("minute"))),
    "+",
    part("microsecond"),
  );
  const months = operator(times(12, part("year")), "+", part("month"));
  const parts = [
    call(["to_months"], [cast(sum(months), "int4")]),
    call(["to_days"], [cast(sum(part("day")), "int4")]),
    call(["to_microseconds"], [sum(time)]),
  ] as const;
  return operator(operator(parts[0], "+", parts[1]), "+", parts[2]);
}

/** In PostgreSQL of doubles or intervals only; DuckDB would give a decimal with the scale of its argument, rounded. */
function percentileOfDoubles(body: PgNode, node: PgNode, scope: Scope): PgNode {
  const order = list(body, "agg_order");
  const value = child(bodyOf(order[0], "SortBy"), "node");
  if (order.length !== 1 || value === null || typeOf(value, scope) !== "numeric") return node;
  const sort = { SortBy: withFields(bodyOf(order[0], "SortBy")!, { node: cast(value, "float8") }) };
  return { FuncCall: withFields(body, { agg_order: [sort] }) };
}

export const knownAggregates: ReadonlySet<string> = new Set(Object.keys(rewrites));

/** The same node for what DuckDB has as PostgreSQL does, or what is no aggregate. */
export function rewriteAggregate(name: string, body: PgNode, node: PgNode, scope: Scope): PgNode {
  const [value, ...others] = list(body, "args");
  const prepared = withFilteredArguments(withoutConstantOrder(withIntervalBounds(body)));
  if (prepared !== body) return rewriteAggregate(name, prepared, { FuncCall: prepared }, scope);
  const sorted = value !== undefined && inOrderWhenDistinct.has(name) ? sortedDistinct(name, body, value) : null;
  if (sorted !== null) return withType(sorted, typeOf(node, scope), scope);
  const ordered = value !== undefined && inOrderWhenDistinct.has(name) ? inOrder(body, value) : body;
  if (ordered !== body) return { FuncCall: ordered };
  switch (name) {
    case "string_agg": {
      // Without a text between them the values stand side by side; for DuckDB all is NULL then.
      const [separator] = others;
      if (value === undefined || separator === undefined || !isNull(separator)) return node;
      return { FuncCall: withFields(body, { args: [value, textConstant("")] }) };
    }
    case "ntile":
      return child(body, "over") === null ? node : cast({ FuncCall: body }, "int4");
    case "sum":
      if (value === undefined || others.length > 0 || typeOf(value, scope) !== "interval") return node;
      return withType(sumOfIntervals(body, value), "interval", scope);
    case "percentile_cont":
      return percentileOfDoubles(body, node, scope);
    default: {
      const made = rewrites[name]?.(body);
      return made === undefined ? node : withType(made, typeOf(node, scope), scope);
    }
  }
}

/** `RANGE BETWEEN '1 day' PRECEDING …`: a string is an interval. */
export function intervalBounds(window: PgNode): PgNode {
  const bound = (field: string) => {
    const value = child(window, field);
    return value !== null && constantText(value) !== null ? cast(value, "interval") : value ?? undefined;
  };
  return withFields(window, { startOffset: bound("startOffset"), endOffset: bound("endOffset") });
}

function withIntervalBounds(body: PgNode): PgNode {
  const over = child(body, "over");
  return over === null ? body : withFields(body, { over: intervalBounds(over) });
}
