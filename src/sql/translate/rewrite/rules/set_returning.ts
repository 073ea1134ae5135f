/**
 * Functions that return rows. DuckDB has them as lists to be unnested, both in the select list and in FROM; here is
 * which list gives the rows of which function, in DuckDB's terms.
 */
import { AppError } from "../../../../errors/app_error.ts";
import { aliasBody, arrayOf, call, cast, columnRef, integerConstant, operator } from "../build.ts";
import { rangeFunction, selectBody, target, textConstant } from "../build.ts";
import { typeOf } from "../infer.ts";
import type { Scope } from "../scope.ts";
import { isNumber, type StaticType } from "../static_types.ts";
import { rewriteCast } from "./casts.ts";
import { callMacro } from "./macro_calls.ts";
import { rowFunction } from "./row_functions.ts";
import { bodyOf, child, type PgNode } from "../tree.ts";

type ListOf = (parameters: readonly PgNode[], scope: Scope) => PgNode | null;

/** Those whose list DuckDB's own functions make. */
const makers: Readonly<Record<string, ListOf>> = {
  generate_series: seriesList,
  generate_subscripts: subscripts,
};

/** What stands in for a macro that there is not. */
const standIns: Readonly<Record<string, ListOf>> = {
  json_array_elements: (parameters) => cast(cast(parameters[0]!, "json"), "json[]"),
  jsonb_array_elements: (parameters) => cast(cast(parameters[0]!, "json"), "json[]"),
  json_array_elements_text: (parameters) => jsonTexts(parameters[0]!),
  jsonb_array_elements_text: (parameters) => jsonTexts(parameters[0]!),
  json_object_keys: (parameters) => call(["json_keys"], parameters),
  jsonb_object_keys: (parameters) => call(["json_keys"], parameters),
};

/** The list whose elements are the rows; null when the function is no such one, or these arguments are not its own. */
export function setAsList(name: string, parameters: readonly PgNode[], scope: Scope): PgNode | null {
  if (Object.hasOwn(makers, name)) return parameters.length === 0 ? null : makers[name]!(parameters, scope);
  const known = rowFunction(name, scope);
  if (known !== null) {
    readsRelationBehind(name, scope);
    const node = callMacro(known.macro, parameters, scope);
    return known.gives === "row" ? arrayOf([node]) : node;
  }
  return Object.hasOwn(standIns, name) && parameters.length > 0 ? standIns[name]!(parameters, scope) : null;
}

/** Whether a call gives rows in a select list, each one value. */
export function returnsRows(name: string, scope: Scope): boolean {
  if (name === "unnest" || Object.hasOwn(makers, name)) return true;
  const known = rowFunction(name, scope);
  return known === null ? Object.hasOwn(standIns, name) : known.gives !== "row";
}

/** Some functions show rows that the engine writes before the statement runs. */
export function readsRelationBehind(name: string, scope: Scope): void {
  const relation = scope.statement.names.relationsBehind.get(name);
  if (relation !== undefined) scope.statement.relations.add(relation);
}

function jsonTexts(argument: PgNode): PgNode {
  return operator(cast(argument, "json"), "->>", textConstant("$[*]"));
}

/** PostgreSQL's integer series is of the type of its bounds; DuckDB's always BIGINT. */
export function seriesType(parameters: readonly PgNode[], scope: Scope): StaticType {
  const types = parameters.slice(0, 2).map((item) => typeOf(item, scope));
  const known = types.filter((type) => type !== "unknown");
  if (known.length === 0 || known.includes(null)) return null;
  if (known.includes("date") || known.includes("timestamptz")) return "timestamptz";
  if (known.includes("timestamp")) return "timestamp";
  const step = parameters[2] === undefined ? "int4" : typeOf(parameters[2], scope);
  if (known.includes("numeric") || step === "numeric") return "numeric";
  return known.includes("int8") || step === "int8" ? "int8" : known.every(isNumber) ? "int4" : null;
}

/** The arguments as DuckDB's generate_series takes them; for numeric there are none. */
export function seriesArguments(parameters: readonly PgNode[], scope: Scope): readonly PgNode[] {
  const type = seriesType(parameters, scope);
  const step = child(bodyOf(parameters[2], "A_Const"), "ival");
  if (step !== null && (step["ival"] ?? 0) === 0) {
    throw new AppError("invalid_parameter_value", "step size cannot equal zero");
  }
  if (type !== "timestamp" && type !== "timestamptz") return parameters;
  return parameters.map((item, at) => {
    const wanted = at === 2 ? "interval" : type;
    if (typeOf(item, scope) === wanted) return item;
    const converted = cast(item, wanted);
    return rewriteCast(converted["TypeCast"] as PgNode, converted, scope);
  });
}

function seriesList(parameters: readonly PgNode[], scope: Scope): PgNode | null {
  if (parameters.length < 2 || parameters.length > 3) return null;
  const type = seriesType(parameters, scope);
  if (type === "numeric") return numericSeries(parameters);
  const series = call(["generate_series"], seriesArguments(parameters, scope));
  return type === "int4" ? cast(series, "int4[]") : series;
}

/** start + step * i for i from 0 on, as DuckDB has no series of decimals. */
function numericSeries([start, stop, step = integerConstant(1)]: readonly PgNode[]): PgNode {
  const count = call(["ceil"], [operator(operator(stop!, "-", start!), "/", cast(step, "float8"))]);
  const indices = call(["generate_series"], [integerConstant(0), cast(count, "int8")]);
  const value = operator(start!, "+", operator(columnRef("series", "index"), "*", step));
  const beyond = operator(operator(value, "-", stop!), "*", call(["sign"], [step]));
  const query = {
    ...selectBody([target(value)], [rangeFunction(call(["unnest"], [indices]), aliasBody("series", ["index"]))]),
    whereClause: operator(beyond, "<=", integerConstant(0)),
  };
  return { SubLink: { subLinkType: "ARRAY_SUBLINK", subselect: { SelectStmt: query }, location: -1 } };
}

/** int2vector and oidvector count from 0, arrays from 1. */
function subscripts([array, dimension]: readonly PgNode[], scope: Scope): PgNode | null {
  if (array === undefined || dimension === undefined) return null;
  const type = typeOf(array, scope);
  // Arrays have one dimension: of another one there are no subscripts. The argument stays, as it may be a parameter.
  const isFirst = cast(operator(dimension, "=", integerConstant(1)), "int4");
  const length = operator(call(["len"], [array]), "*", isFirst);
  const vector = type === "int2vector" || type === "oidvector";
  const last = vector ? operator(length, "-", integerConstant(1)) : length;
  return cast(call(["generate_series"], [integerConstant(vector ? 0 : 1), last]), "int4[]");
}
