/**
 * Functions in FROM. PostgreSQL calls the one column of a function by the alias, or by the function's name; DuckDB
 * lacks some of the functions, has others as lists, and knows no scalar function there.
 */
import { AppError } from "../../../errors/app_error.ts";
import { aliasBody, call, cast, columnRef, integerConstant, rangeSubselect, selectBody, target } from "./build.ts";
import { columnName } from "./column_name.ts";
import { rewriteExpression, rewriteParts } from "./expression.ts";
import { functionType } from "./function_types.ts";
import { typeOf } from "./infer.ts";
import { rewriteScalarCall } from "./rules/functions.ts";
import { mayHoldSubquery } from "./rules/macro_calls.ts";
import { rewriteRecordFunction } from "./record_functions.ts";
import { shown } from "./rules/reg_values.ts";
import { rowFunction, rowFunctionColumns, valueColumn } from "./rules/row_functions.ts";
import { seriesArguments, seriesType, setAsList } from "./rules/set_returning.ts";
import { innerScope, type RewrittenFrom, type Scope, type ScopeColumn, unknownRelation } from "./scope.ts";
import { elementOf } from "./static_types.ts";
import {
  bodyOf,
  child,
  flag,
  list,
  mapFields,
  type PgNode,
  rewrap,
  stringOf,
  stringsOf,
  text,
  typeOfNode,
} from "./tree.ts";
import { withFields } from "./tree.ts";

/** `around` sees the siblings to the left, which are outer columns to the function's arguments. */
export function rewriteRangeFunction(item: PgNode, body: PgNode, around: Scope): RewrittenFrom {
  const beside = innerScope(around);
  const functions = list(body, "functions").map((entry) => list(bodyOf(entry, "List"), "items"));
  const definitions = list(body, "coldeflist").length > 0 ||
    functions.some((entry) => entry[1] !== undefined && typeOfNode(entry[1]) === "List");
  if (definitions) return rewriteRecordFunction(body, functions.map((entry) => entry[0] ?? {}), beside);
  const names = stringsOf(child(body, "alias"), "colnames");
  const alias = text(child(body, "alias"), "aliasname");
  const calls = functions.map((entry) => entry[0] ?? {});
  const single = calls.length === 1 ? calls[0]! : null;
  const arguments_ = list(bodyOf(single, "FuncCall"), "args");
  if (single === null || (functionName(single) === "unnest" && arguments_.length > 1)) {
    const columns = single === null ? calls : arguments_.map((argument) => call(["unnest"], [argument]));
    return rewriteZip(
      columns,
      { alias: alias || functionName(calls[0]!), names, ordinality: flag(body, "ordinality") },
      beside,
    );
  }
  return rewriteSingle(item, body, single, { alias, names, ordinality: flag(body, "ordinality") }, beside);
}

interface Shape {
  /** "" when there is none. */
  readonly alias: string;
  readonly names: readonly string[];
  readonly ordinality: boolean;
}

function functionName(node: PgNode): string {
  return stringOf(list(bodyOf(node, "FuncCall"), "funcname").at(-1));
}

function rewriteSingle(item: PgNode, body: PgNode, node: PgNode, shape: Shape, beside: Scope): RewrittenFrom {
  const name = functionName(node);
  const functionBody = bodyOf(node, "FuncCall");
  if (functionBody === null) return scalarInFrom(node, columnName(node) ?? "", shape, beside);
  const prepared = rewriteParts(functionBody, beside);
  const parameters = list(prepared, "args");
  if (name === "generate_series") return rewriteSeries(item, body, parameters, shape, beside);
  const values = setAsList(name, parameters, beside);
  if (values !== null) {
    if (rowFunction(name, beside)?.isComposite === true) {
      return structRows(values, name, rowFunctionColumns(name, beside), shape);
    }
    const own = valueColumn(name);
    const type = own.type ?? functionType(name, typeOf(parameters[0] ?? null, beside), null);
    return oneColumn(body, call(["unnest"], [values]), name, { name: own.name, type }, shape, beside);
  }
  const rewrittenNode = rewrap(node, "FuncCall", prepared);
  if (name === "unnest") {
    const type = elementOf(typeOf(parameters[0] ?? null, beside));
    return oneColumn(body, rewriteScalarCall(prepared, rewrittenNode, beside), name, { name: "", type }, shape, beside);
  }
  const macro = beside.statement.names.macros.get(name);
  if (macro !== undefined && !macro.table) return scalarInFrom(node, name, shape, beside);
  if (macro === undefined && functionType(name, "unknown", "unknown") !== null && !duckdbTableFunctions.has(name)) {
    return scalarInFrom(node, name, shape, beside);
  }
  const rewritten = rewriteScalarCall(prepared, rewrittenNode, beside);
  const result = withFunction(body, rewritten);
  return {
    item: rewrap(item, "RangeFunction", result),
    relations: [unknownRelation(shape.alias || name)],
    columns: null,
  };
}

/** Functions of a type that we know, which stand in DuckDB's FROM as they are. */
const duckdbTableFunctions: ReadonlySet<string> = new Set(["json_each", "json_tree", "range", "repeat"]);

/** The function's item with another call. */
function withFunction(body: PgNode, functionCall: PgNode): PgNode {
  const [first] = list(body, "functions");
  const items = list(bodyOf(first, "List"), "items");
  if (items[0] === functionCall) return body;
  return withFields(body, { functions: [{ List: { items: [functionCall, ...items.slice(1)] } }] });
}

/** A function of one column, which the alias names unless the column has a name of its own. */
function oneColumn(
  body: PgNode,
  functionCall: PgNode,
  name: string,
  column: ScopeColumn,
  shape: Shape,
  beside: Scope,
): RewrittenFrom {
  const alias = shape.alias || name;
  const columns: ScopeColumn[] = [{ name: shape.names[0] ?? (column.name || alias), type: column.type }];
  if (shape.ordinality) columns.push({ name: shape.names[1] ?? "ordinality", type: "int8" });
  const [argument] = list(bodyOf(functionCall, "FuncCall"), "args");
  if (argument !== undefined && mayHoldSubquery(functionCall, beside)) {
    const isUnnest = stringOf(list(bodyOf(functionCall, "FuncCall"), "funcname").at(-1)) === "unnest";
    const values = isUnnest ? argument : functionCall;
    return subselect(unnestedRows(values, columns[0]!.name, columns[1]?.name ?? null), alias, columns);
  }
  // `e` is the whole row of `f() AS e`, which for a function without rows is its value.
  const value = column.name !== "" && columns[0]!.name !== alias ? { value: columns[0]! } : {};
  const complete = shape.names.length === columns.length;
  const unnamed = shape.alias === "" && stringOf(list(bodyOf(functionCall, "FuncCall"), "funcname").at(-1)) === name;
  const rewritten = withFunction(body, functionCall);
  const named = complete || unnamed
    ? rewritten
    : withFields(rewritten, { alias: aliasBody(alias, columns.map((column) => column.name)) });
  return {
    item: named === body ? { RangeFunction: body } : { RangeFunction: named },
    relations: [{ ...unknownRelation(alias), columns, ...value }],
    columns,
  };
}

/** Integers of 32 bits come as such; decimals and times get what DuckDB's function wants. */
function rewriteSeries(
  item: PgNode,
  body: PgNode,
  parameters: readonly PgNode[],
  shape: Shape,
  beside: Scope,
): RewrittenFrom {
  const type = seriesType(parameters, beside);
  const name = "generate_series";
  if (type === "numeric") {
    const values = setAsList(name, parameters, beside)!;
    return oneColumn(body, call(["unnest"], [values]), name, { name: "", type }, shape, beside);
  }
  const series = call([name], seriesArguments(parameters, beside));
  if (type !== "int4") {
    const result = oneColumn(
      body,
      withSameArguments(body, series, parameters),
      name,
      { name: "", type },
      shape,
      beside,
    );
    return result.item["RangeFunction"] === body ? { ...result, item } : result;
  }
  const alias = shape.alias || name;
  const columns: ScopeColumn[] = [{ name: shape.names[0] ?? alias, type }];
  if (mayHoldSubquery(series, beside)) {
    if (shape.ordinality) columns.push({ name: shape.names[1] ?? "ordinality", type: "int8" });
    const values = cast(series, "int4[]");
    return subselect(unnestedRows(values, columns[0]!.name, columns[1]?.name ?? null), alias, columns);
  }
  const targets = [target(cast(columnRef(name), "int4"), columns[0]!.name)];
  if (shape.ordinality) {
    columns.push({ name: shape.names[1] ?? "ordinality", type: "int8" });
    targets.push(target(columnRef("ordinality"), columns[1]!.name));
  }
  const source = {
    RangeFunction: {
      ...(shape.ordinality ? { ordinality: true } : {}),
      functions: [{ List: { items: [series, {}] } }],
    },
  };
  return subselect(selectBody(targets, [source]), alias, columns);
}

/** The call as written when its arguments stay. */
function withSameArguments(body: PgNode, series: PgNode, parameters: readonly PgNode[]): PgNode {
  const written = list(bodyOf(list(body, "functions")[0], "List"), "items")[0]!;
  const writtenBody = bodyOf(written, "FuncCall")!;
  const same = list(writtenBody, "args").every((argument, at) => argument === parameters[at]) &&
    list(writtenBody, "funcname").length === 1 &&
    list(bodyOf(series, "FuncCall"), "args").every((argument, at) => argument === parameters[at]);
  return same ? written : series;
}

function subselect(query: PgNode, alias: string, columns: readonly ScopeColumn[]): RewrittenFrom {
  return {
    item: rangeSubselect(query, aliasBody(alias), true),
    relations: [{ ...unknownRelation(alias), columns }],
    columns,
  };
}

/** `FROM now() t`: a row of one value. */
function scalarInFrom(node: PgNode, name: string, shape: Shape, beside: Scope): RewrittenFrom {
  const value = rewriteExpression(node, beside);
  const alias = shape.alias || name;
  const columns: ScopeColumn[] = [{ name: shape.names[0] ?? alias, type: typeOf(value, beside) }];
  const targets = [target(value, columns[0]!.name)];
  if (shape.ordinality) {
    columns.push({ name: shape.names[1] ?? "ordinality", type: "int8" });
    targets.push(target(cast(integerConstant(1), "int8"), columns[1]!.name));
  }
  return subselect(selectBody(targets), alias, columns);
}

/**
 * `SELECT unnest(list) AS column FROM (SELECT … AS list)`: a function in FROM takes no subquery, which a macro may
 * hold, a select list does. `number` is the name of a column that counts the rows.
 */
function unnestedRows(values: PgNode, column: string, number: string | null): PgNode {
  const elements = columnRef("source", "elements");
  const targets = [target(call(["unnest"], [elements]), column)];
  if (number !== null) {
    const numbers = call(["generate_series"], [integerConstant(1), call(["len"], [elements])]);
    targets.push(target(call(["unnest"], [numbers]), number));
  }
  return selectBody(targets, [rangeSubselect(selectBody([target(values, "elements")]), aliasBody("source"))]);
}

/** Rows of several columns from a list of structs; `fields` is null when only DuckDB knows them. */
function structRows(values: PgNode, name: string, fields: readonly ScopeColumn[] | null, shape: Shape): RewrittenFrom {
  if (fields === null) return spreadRows(values, name, shape);
  const columns: ScopeColumn[] = fields.map((field, at) => ({ name: shape.names[at] ?? field.name, type: field.type }));
  const row = columnRef("item", "row");
  const targets = fields.map((field, at) => {
    const value = { A_Indirection: { arg: row, indirection: [{ String: { sval: field.name } }] } };
    return target(value, columns[at]!.name);
  });
  if (shape.ordinality) {
    columns.push({ name: shape.names[fields.length] ?? "ordinality", type: "int8" });
    targets.push(target(columnRef("item", "number"), columns.at(-1)!.name));
  }
  const source = rangeSubselect(unnestedRows(values, "row", shape.ordinality ? "number" : null), aliasBody("item"));
  return subselect(selectBody(targets, [source]), shape.alias || name, columns);
}

function spreadRows(values: PgNode, name: string, shape: Shape): RewrittenFrom {
  const alias = shape.alias || name;
  const depth = { NamedArgExpr: { name: "max_depth", arg: integerConstant(2), argnumber: -1, location: -1 } };
  const query = selectBody([target(call(["unnest"], [values, depth]))]);
  return {
    item: rangeSubselect(query, aliasBody(alias, shape.names), true),
    relations: [unknownRelation(alias)],
    columns: null,
  };
}

/**
 * Several functions side by side, the shorter ones filled with NULL: DuckDB unnests lists of a select list that way.
 */
function rewriteZip(calls: readonly PgNode[], shape: Shape, beside: Scope): RewrittenFrom {
  const lists = calls.map((node) => asList(node, beside));
  const columns: ScopeColumn[] = calls.map((node, at) => ({
    name: shape.names[at] ?? functionName(node),
    type: elementOf(typeOf(lists[at]!, beside)),
  }));
  const targets = lists.map((values, at) => target(call(["unnest"], [values]), columns[at]!.name));
  if (shape.ordinality) {
    const longest = call(["greatest"], lists.map((values) => call(["len"], [values])));
    columns.push({ name: shape.names[calls.length] ?? "ordinality", type: "int8" });
    const numbers = call(["unnest"], [call(["generate_series"], [integerConstant(1), longest])]);
    targets.push(target(numbers, columns.at(-1)!.name));
  }
  return subselect(selectBody(targets), shape.alias, columns);
}

function asList(node: PgNode, beside: Scope): PgNode {
  const body = bodyOf(node, "FuncCall");
  const name = functionName(node);
  const prepared = body === null ? null : mapFields(body, (value) => rewriteExpression(value, beside));
  const parameters = list(prepared, "args");
  if (name === "unnest" && parameters.length === 1) return shown(parameters[0]!, beside);
  const values = setAsList(name, parameters, beside);
  if (values !== null) return values;
  throw new AppError("feature_not_supported", `${name || "this expression"} in ROWS FROM (…) is not supported`);
}
