/**
 * Calls of macros. A parameter or string of unknown type gets the type that PostgreSQL would give it, by the overloads. Where DuckDB does not
 * know the types of the arguments in time to choose among overloads, the macro is called that asks for them (`functions/overloads.ts`).
 * A macro that writes an argument more than once would have a subquery in it evaluated as often: such a call is made in a lambda over a
 * list of that one value.
 */
import { catalogDatabase } from "../../../catalog/types.ts";
import { arrayOf, call, cast, columnRef, integerConstant, macroCall, macroPath, operator } from "../build.ts";
import { aliasBody, rangeSubselect, selectBody, stringNode, target, textConstant } from "../build.ts";
import { anyTypesName } from "../../../functions/overloads.ts";
import { typeOf, withType } from "../infer.ts";
import { type KnownOverload, overloadsFor } from "../known_names.ts";
import type { Scope } from "../scope.ts";
import { bodyOf, child, isObject, list, mapList, mapTree, type PgNode } from "../tree.ts";
import { stringsOf, typeOfNode, withFields } from "../tree.ts";
import { rewriteArrayConstant } from "./arrays.ts";
import { blobText } from "./bytea_literal.ts";
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
    const source = constantText(parameter);
    if (source !== null && types.length > 0 && types.every((type) => type === "BLOB")) {
      return cast(textConstant(blobText(source) ?? source), "bytea");
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

/** Macros that write each argument many times, besides those with several overloads. */
const repeating: ReadonlySet<string> = new Set([
  "concat",
  "concat_ws",
  "format",
  "__text",
  "quote_literal",
  "quote_nullable",
]);

/** The call, written so that DuckDB can choose among the overloads and a subquery among the arguments is evaluated once. */
function overloadedCall(name: string, node: PgNode, scope: Scope): PgNode {
  const given = bodyOf(node, "FuncCall")!;
  const macro = scope.statement.names.macros.get(name);
  const body = macro?.holdsSubquery === true
    ? withFields(given, { args: typedInside(list(given, "args"), scope) })
    : given;
  const parameters = list(body, "args");
  if (macro === undefined || parameters.some((parameter) => bodyOf(parameter, "NamedArgExpr") !== null)) return node;
  const typesComeLate = macro.choosesByType && parameters.some((parameter) => isTypedLate(parameter, scope));
  // Branches for each type of each of many arguments, or a macro's subqueries inside of another's, written out wherever that one names its
  // parameter, take seconds to plan; a row of the arguments, made first, holds each once and with its type.
  const growsInside = macro.holdsSubquery &&
    parameters.some((parameter) => mayHoldSubquery(parameter, scope) && isTypedLate(parameter, scope));
  const branchesOut = typesComeLate && parameters.length > branchedArgumentsMax;
  if ((growsInside || branchesOut) && scope.parent !== null && !parameters.some(holdsAggregate)) {
    return withType(overDerivedRow(body, parameters), typeOf(node, scope), scope);
  }
  const repeats = repeating.has(name) || (typesComeLate && overloadsFor(macro, parameters.length).length > 1);
  const copies = typesComeLate ? macro.copiesOfAnyTypes : macro.copies;
  const grows = callsIn(parameters, scope) * copies > boundCallsMax;
  const standsOutside = (parameter: PgNode) =>
    repeats && mayHoldSubquery(parameter, scope) || grows && callsIn([parameter], scope) > 0;
  const called = typesComeLate ? withFields(body, { funcname: macroPath(anyTypesName(name)).map(stringNode) }) : body;
  const type = typeOf(node, scope);
  // A lambda holds no subquery.
  if (!macro.holdsSubquery && parameters.some(standsOutside)) {
    return withType(inLambda(called, parameters, standsOutside), type, scope);
  }
  return called === given ? node : withType({ FuncCall: called }, type, scope);
}

/**
 * Arguments of a macro that puts them into a subquery, where their columns are of the query around it: calls among them that choose by type
 * ask for the types.
 */
function typedInside(parameters: readonly PgNode[], scope: Scope): readonly PgNode[] | undefined {
  if (parameters.length === 0) return undefined;
  const isChosenLate = (names: readonly string[], body: PgNode) =>
    names[0] === catalogDatabase && scope.statement.names.macros.get(names.at(-1)!)?.choosesByType === true &&
    list(body, "args").some(holdsColumn);
  const FuncCall = (body: PgNode, node: PgNode) => {
    const names = stringsOf(body, "funcname");
    if (!isChosenLate(names, body)) return node;
    return { FuncCall: withFields(body, { funcname: macroPath(anyTypesName(names.at(-1)!)).map(stringNode) }) };
  };
  return mapList(parameters, (parameter) => mapTree(parameter, { FuncCall }));
}

function holdsColumn(node: PgNode): boolean {
  let found = false;
  mapTree(node, { ColumnRef: (_, reference) => (found = true, reference) });
  return found;
}

/**
 * Whether DuckDB knows the expression's type only after it has chosen the macro: an aggregate or window call, a column of a query around
 * this one, or any column outside of a query (a constraint, a default, an index).
 */
function isTypedLate(node: PgNode, scope: Scope): boolean {
  const type = typeOfNode(node);
  if (type === "SubLink") return false;
  const body = type === "" ? node : child(node, type);
  if (body === null) return false;
  if (type === "ColumnRef") return mayBeOutside(stringsOf(body, "fields"), scope);
  if (type === "FuncCall" && isAggregate(body)) return true;
  return Object.values(body).some((value) =>
    Array.isArray(value)
      ? value.some((item) => isObject(item) && isTypedLate(item, scope))
      : isObject(value) && isTypedLate(value, scope)
  );
}

/** A column that is not certainly of this query's own relations. */
function mayBeOutside(names: readonly string[], scope: Scope): boolean {
  const own = scope.relations;
  const name = names.at(-1) ?? "";
  if (names.length === 1) {
    return !own.some(({ columns }) => columns?.some((column) => column.name === name)) &&
      (own.length === 0 || hasRelationsAround(scope));
  }
  return !own.some(({ alias }) => alias === names.at(-2));
}

function hasRelationsAround(scope: Scope): boolean {
  for (let place = scope.parent; place !== null; place = place.parent) if (place.relations.length > 0) return true;
  return false;
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

function isAggregate(body: PgNode): boolean {
  return body["over"] !== undefined || body["agg_star"] === true || body["agg_within_group"] === true ||
    aggregates.has(stringsOf(body, "funcname").at(-1) ?? "");
}

/** More arguments whose types come late are put into a row before the macro is called. */
const branchedArgumentsMax = 4;

/**
 * DuckDB writes an argument into a macro wherever that names its parameter, and plans every copy: macros in arguments of macros take ten
 * times as long with every level, and no timeout ends the planning. Some tens of calls take milliseconds.
 */
const boundCallsMax = 60;

/** How many calls of macros DuckDB has to plan for these expressions. */
function callsIn(nodes: readonly unknown[], scope: Scope): number {
  return nodes.reduce<number>((sum, node) => sum + (isObject(node) ? callsInNode(node, scope) : 0), 0);
}

const countedCalls = new WeakMap<PgNode, number>();

function callsInNode(node: PgNode, scope: Scope): number {
  const known = countedCalls.get(node);
  if (known !== undefined) return known;
  const inside = Object.values(node).reduce<number>(
    (sum, value) => sum + callsIn(Array.isArray(value) ? value : [value], scope),
    0,
  );
  const count = inside + callsOfMacro(node, inside, scope);
  countedCalls.set(node, count);
  return count;
}

/** What a call adds to those among its arguments: itself, and their copies but for the first. */
function callsOfMacro(node: PgNode, inside: number, scope: Scope): number {
  const names = stringsOf(bodyOf(node, "FuncCall") ?? {}, "funcname");
  if (names[0] !== catalogDatabase) return 0;
  const name = names.at(-1)!;
  const macro = scope.statement.names.macros.get(name.replace(/__any$/, ""));
  if (macro === undefined) return 0;
  return 1 + inside * ((name.endsWith("__any") ? macro.copiesOfAnyTypes : macro.copies) - 1);
}

function holdsAggregate(node: PgNode): boolean {
  const type = typeOfNode(node);
  if (type === "SubLink") return false;
  const body = type === "" ? node : child(node, type);
  if (body === null) return false;
  if (type === "FuncCall" && isAggregate(body)) return true;
  return Object.values(body).some((value) =>
    Array.isArray(value)
      ? value.some((item) => isObject(item) && holdsAggregate(item))
      : isObject(value) && holdsAggregate(value)
  );
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

const field = (at: number) => `argument_${at + 1}`;

/**
 * `(list_transform([row((SELECT 1))], outside -> f(struct_extract(outside, 1))))[1]`. By place: names are lost where a value has a column of
 * the query around.
 */
function inLambda(body: PgNode, parameters: readonly PgNode[], standsOutside: (parameter: PgNode) => boolean): PgNode {
  const values = parameters.filter(standsOutside);
  const inside = parameters.map((parameter) => {
    const at = values.indexOf(parameter);
    return at < 0 ? parameter : call(["struct_extract"], [columnRef("outside"), integerConstant(at + 1)]);
  });
  const lambda = operator(columnRef("outside"), "->", { FuncCall: withFields(body, { args: inside }) });
  const results = call(["list_transform"], [arrayOf([call(["row"], values)]), lambda]);
  return { A_Indirection: { arg: results, indirection: [{ A_Indices: { uidx: integerConstant(1) } }] } };
}

/** Whether a subquery stands in the expression, or a macro that holds one. */
export function mayHoldSubquery(node: PgNode, scope: Scope): boolean {
  const type = typeOfNode(node);
  if (type === "SubLink") return true;
  const body = type === "" ? node : child(node, type);
  if (body === null) return false;
  if (type === "FuncCall") {
    const names = stringsOf(body, "funcname");
    const macro = names[0] === catalogDatabase
      ? scope.statement.names.macros.get(names.at(-1)!.replace(/__any$/, ""))
      : undefined;
    if (macro?.holdsSubquery === true) return true;
  }
  return Object.values(body).some((value) =>
    Array.isArray(value)
      ? value.some((item) => isObject(item) && mayHoldSubquery(item, scope))
      : isObject(value) && mayHoldSubquery(value, scope)
  );
}
