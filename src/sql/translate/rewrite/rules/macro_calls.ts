/**
 * Calls of macros with overloads, among which DuckDB chooses by the types of the arguments, also inside the macro. It
 * does not know the type of a parameter; nor, while it expands macros, of an aggregate or window call, or of a column
 * of a query around this one. A parameter gets a cast; a call over an aggregate is made in a lambda over a list of that
 * one value, and one over an outer column in a subquery over a row of it, where the types are known.
 */
import { catalogDatabase } from "../../../catalog/types.ts";
import { aliasBody, arrayOf, call, cast, columnRef, integerConstant, macroCall, operator } from "../build.ts";
import { rangeSubselect, selectBody, target, textConstant } from "../build.ts";
import { typeOf, withType } from "../infer.ts";
import { type KnownOverload, overloadsFor } from "../known_names.ts";
import { findRelation, type Scope } from "../scope.ts";
import { bodyOf, child, isObject, list, type PgNode, stringsOf, typeOfNode, withFields } from "../tree.ts";
import { rewriteArrayConstant } from "./arrays.ts";
import { constantText } from "./constants.ts";

function overloadsOf(name: string, count: number, scope: Scope): readonly KnownOverload[] {
  const macro = scope.statement.names.macros.get(name);
  return macro === undefined ? [] : overloadsFor(macro, count);
}

/** A call of a macro with all that its overloads need. */
export function callMacro(name: string, parameters: readonly PgNode[], scope: Scope, location = -1): PgNode {
  return overloadedCall(name, macroCall(name, macroArguments(name, parameters, scope), location), scope);
}

/** Whether the types of the arguments decide which overload it is. */
function isAmbiguous(overloads: readonly KnownOverload[]): boolean {
  return overloads.length > 1 && overloads.some((overload) => overload.types.some((type) => type !== null));
}

/** What PostgreSQL prefers for a parameter or string of unknown type, in DuckDB's words and in PostgreSQL's. */
const preferred: readonly (readonly [duckdb: string, postgres: string])[] = [
  ["VARCHAR", "text"],
  ["TIMESTAMPTZ", "timestamptz"],
  ["TIMESTAMP WITH TIME ZONE", "timestamptz"],
  ["INTERVAL", "interval"],
  ["DOUBLE", "float8"],
  ["DECIMAL(38,10)", "numeric"],
  ["TIMESTAMP", "timestamp"],
  ["BIGINT", "int8"],
  ["INTEGER", "int4"],
  ["BLOB", "bytea"],
  ["DATE", "date"],
];

/** The arguments, with casts where DuckDB would not know which overload is meant, and constant arrays as lists. */
function macroArguments(name: string, parameters: readonly PgNode[], scope: Scope): readonly PgNode[] {
  const overloads = overloadsOf(name, parameters.length, scope);
  const ambiguous = isAmbiguous(overloads);
  return parameters.map((parameter, at) => {
    const types = overloads.map((overload) => overload.types[at] ?? null);
    if (types[0] === "VARCHAR[]" && constantText(parameter) !== null && types.every((type) => type === types[0])) {
      return rewriteArrayConstant(parameter, "text[]");
    }
    if (!ambiguous) return parameter;
    const isText = constantText(parameter) !== null;
    if (bodyOf(parameter, "ParamRef") === null && !isText) return parameter;
    if (
      types.every((type) => type === types[0]) || (isText && types.some((type) => type === null || type === "VARCHAR"))
    ) {
      return parameter;
    }
    const found = preferred.find(([duckdb]) => types.includes(duckdb));
    return found === undefined ? parameter : cast(parameter, found[1]);
  });
}

/** Macros that write each argument many times. */
const repeating: ReadonlySet<string> = new Set([
  "concat",
  "concat_ws",
  "format",
  "__text",
  "quote_literal",
  "quote_nullable",
]);

/** The call, written so that DuckDB knows the types of the arguments where it chooses among overloads. */
function overloadedCall(name: string, node: PgNode, scope: Scope): PgNode {
  const body = bodyOf(node, "FuncCall")!;
  const parameters = list(body, "args");
  const macro = scope.statement.names.macros.get(name);
  if (macro === undefined || parameters.some((parameter) => bodyOf(parameter, "NamedArgExpr") !== null)) return node;
  if (macro.choosesByType && parameters.some((parameter) => refersOutside(parameter, scope))) {
    return withType(overDerivedRow(body, parameters), typeOf(node, scope), scope);
  }
  const standsOutside = (parameter: PgNode) =>
    (macro.choosesByType && holdsAggregate(parameter)) || (repeating.has(name) && mayHoldSubquery(parameter, scope));
  // A lambda holds no subquery.
  if (macro.holdsSubquery || !parameters.some(standsOutside)) return node;
  return withType(inLambda(body, parameters, standsOutside), typeOf(node, scope), scope);
}

const field = (at: number) => `argument_${at + 1}`;

/** `(list_transform([struct_pack(argument_1 := max(x))], outside -> f(struct_extract(outside, 'argument_1'))))[1]` */
function inLambda(body: PgNode, parameters: readonly PgNode[], standsOutside: (parameter: PgNode) => boolean): PgNode {
  const values = parameters.flatMap((parameter, at) =>
    standsOutside(parameter) ? [{ NamedArgExpr: { name: field(at), arg: parameter, argnumber: -1, location: -1 } }] : []
  );
  const inside = parameters.map((parameter, at) =>
    standsOutside(parameter) ? call(["struct_extract"], [columnRef("outside"), textConstant(field(at))]) : parameter
  );
  const lambda = operator(columnRef("outside"), "->", { FuncCall: withFields(body, { args: inside }) });
  const results = call(["list_transform"], [arrayOf([call(["struct_pack"], values)]), lambda]);
  return { A_Indirection: { arg: results, indirection: [{ A_Indices: { uidx: integerConstant(1) } }] } };
}

/** `(SELECT f(outside.argument_1) FROM (SELECT t.x AS argument_1) AS outside)` */
function overDerivedRow(body: PgNode, parameters: readonly PgNode[]): PgNode {
  const values = parameters.flatMap((parameter, at) => isConstant(parameter) ? [] : [target(parameter, field(at))]);
  const inside = parameters.map((parameter, at) => isConstant(parameter) ? parameter : columnRef("outside", field(at)));
  const query = selectBody(
    [target({ FuncCall: withFields(body, { args: inside }) })],
    [rangeSubselect(selectBody(values), aliasBody("outside"))],
  );
  return { SubLink: { subLinkType: "EXPR_SUBLINK", subselect: { SelectStmt: query }, location: -1 } };
}

const isConstant = (node: PgNode) => bodyOf(node, "A_Const") !== null || bodyOf(node, "ParamRef") !== null;

/** Whether a column of the queries around this one stands in the expression: DuckDB learns its type too late. */
function refersOutside(node: PgNode, scope: Scope): boolean {
  if (scope.parent === null) return false;
  const type = typeOfNode(node);
  if (type === "SubLink") return false;
  const body = type === "" ? node : child(node, type);
  if (body === null) return false;
  if (type === "ColumnRef") return isOutside(stringsOf(body, "fields"), scope);
  return Object.values(body).some((value) =>
    Array.isArray(value)
      ? value.some((item) => isObject(item) && refersOutside(item, scope))
      : isObject(value) && refersOutside(value, scope)
  );
}

function isOutside(names: readonly string[], scope: Scope): boolean {
  const own = scope.relations;
  const first = names[0] ?? "";
  if (names.length === 1) return !own.some(({ columns }) => columns?.some(({ name }) => name === first) ?? true);
  const qualifier = names.length > 2 ? names.at(-2)! : first;
  return !own.some(({ alias }) => alias === qualifier) && findRelation(scope.parent, qualifier) !== null;
}

const aggregates: ReadonlySet<string> = new Set(
  ("count sum avg min max array_agg string_agg bool_and bool_or every bit_and bit_or bit_xor stddev stddev_pop " +
    "stddev_samp " +
    "variance var_pop var_samp corr covar_pop covar_samp regr_slope regr_intercept regr_count regr_r2 regr_avgx " +
    "regr_avgy " +
    "regr_sxx regr_sxy regr_syy mode percentile_cont percentile_disc json_agg jsonb_agg json_object_agg " +
    "jsonb_object_agg " +
    "any_value first last list median quantile quantile_cont quantile_disc arg_max arg_min max_by min_by " +
    "product sumkahan " +
    "fsum favg approx_count_distinct approx_quantile histogram entropy kurtosis skewness mad geomean " +
    "json_group_array " +
    "json_group_object list_agg group_concat count_if countif bitstring_agg")
    .split(" "),
);

/** Whether an aggregate or window call of this query stands in the expression. */
export function holdsAggregate(node: PgNode): boolean {
  const type = typeOfNode(node);
  if (type === "SubLink") return false;
  const body = type === "" ? node : node[type];
  if (!isObject(body)) return false;
  if (type === "FuncCall") {
    const isAggregate = body["over"] !== undefined || body["agg_star"] === true || body["agg_within_group"] === true ||
      aggregates.has(stringsOf(body, "funcname").at(-1) ?? "");
    if (isAggregate) return true;
  }
  return Object.values(body).some((value) =>
    Array.isArray(value)
      ? value.some((item) => isObject(item) && holdsAggregate(item))
      : isObject(value) && holdsAggregate(value)
  );
}

/** Whether a subquery stands in the expression, or a macro that holds one. */
export function mayHoldSubquery(node: PgNode, scope: Scope): boolean {
  const type = typeOfNode(node);
  if (type === "SubLink") return true;
  const body = type === "" ? node : child(node, type);
  if (body === null) return false;
  if (type === "FuncCall") {
    const names = stringsOf(body, "funcname");
    const macro = names[0] === catalogDatabase ? scope.statement.names.macros.get(names.at(-1)!) : undefined;
    if (macro?.holdsSubquery === true) return true;
  }
  return Object.values(body).some((value) =>
    Array.isArray(value)
      ? value.some((item) => isObject(item) && mayHoldSubquery(item, scope))
      : isObject(value) && mayHoldSubquery(value, scope)
  );
}
