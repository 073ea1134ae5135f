/**
 * Casts. A constant in a form that only PostgreSQL reads is read here; a value of a reg… type is an OID that becomes a
 * name as text; a length in the type cuts, as an explicit cast does in PostgreSQL. What is left is the type's name,
 * which the printer maps.
 */
import { AppError } from "../../../../errors/app_error.ts";
import { canonicalJsonb } from "../../../functions/json/functions.ts";
import { arrayOf, booleanConstant, call, cast, integerConstant, operator, textConstant } from "../build.ts";
import { typeOf, withType } from "../infer.ts";
import type { Scope } from "../scope.ts";
import {
  elementOf,
  isArray,
  isInteger,
  isJson,
  isOid,
  isReg,
  isText,
  type StaticType,
  typeOfTypeName,
} from "../static_types.ts";
import { bodyOf, child, list, mapList, type PgNode, withFields } from "../tree.ts";
import { rewriteArrayConstant } from "./arrays.ts";
import { blobText } from "./bytea_literal.ts";
import { dateTimeText } from "./datetime_literal.ts";
import { intervalText } from "./interval_literal.ts";
import { callMacro } from "./macro_calls.ts";
import { numericCast } from "./numeric_cast.ts";
import { constantText, isNullConstant } from "./constants.ts";
import { isShownAsName, shown, toReg } from "./reg_values.ts";
import { rowText } from "./rows.ts";

export function rewriteCast(body: PgNode, node: PgNode, scope: Scope): PgNode {
  const argument = child(body, "arg");
  const typeName = child(body, "typeName");
  if (argument === null || typeName === null) return node;
  const target = typeOfTypeName(typeName);
  const modifiers = modifiersOf(typeName);
  if (isShownAsName(target)) return toRegCast(argument, target, scope);
  const from = typeOf(argument, scope);
  if (isShownAsName(from)) return fromReg(body, argument, target, scope);
  const source = constantText(argument);
  if (source !== null) {
    const constant = constantCast(body, node, source, target, modifiers);
    return constant === null || constant === node ? node : withType(constant, target, scope);
  }
  if (target === "numeric") return numericCast(argument, modifiers) ?? node;
  return valueCast(body, node, argument, target, modifiers, scope);
}

/**
 * A string constant that takes the type of a column of bytes, arrays or times, which PostgreSQL and DuckDB write differently, with a cast that is yet to
 * be rewritten; all others as they are.
 */
export function withColumnType(node: PgNode, type: StaticType): PgNode {
  const source = type === null ? null : constantText(node);
  if (type === null || source === null) return node;
  if (isJson(type)) requireJson(source);
  const isOtherwise = type === "bytea" || isArray(type) ||
    dateTimeTypes.has(type) &&
      (specialTime(source.trim().toLowerCase(), type) !== null || dateTimeText(source, type) !== null);
  return isOtherwise ? cast(node, type) : node;
}

/** The same beside an expression that is rewritten already. */
export function constantOfType(node: PgNode, type: StaticType, scope: Scope): PgNode {
  const typed = withColumnType(node, type);
  return typed === node ? node : rewriteCast(bodyOf(typed, "TypeCast")!, typed, scope);
}

function modifiersOf(typeName: PgNode): readonly number[] {
  return list(typeName, "typmods").map((item) => {
    const value = child(bodyOf(item, "A_Const"), "ival");
    return value === null ? Number.NaN : Number(value["ival"] ?? 0);
  });
}

function toRegCast(argument: PgNode, target: string, scope: Scope): PgNode {
  if (isReg(target)) {
    return isNullConstant(argument) ? withType(cast(argument, "oid"), target, scope) : toReg(argument, target, scope);
  }
  const element = elementOf(target)!;
  const source = constantText(argument);
  const array = source === null ? argument : rewriteArrayConstant(argument, "text[]");
  const inner = bodyOf(array, "TypeCast");
  const items = bodyOf(source === null ? array : child(inner, "arg"), "A_ArrayExpr");
  if (items === null) return withType(array, target, scope);
  const elements = mapList(list(items, "elements"), (item) => toReg(item, element, scope));
  return withType(cast(arrayOf(elements), "oid[]"), target, scope);
}

/** A reg… value as text is a name, as a number its OID. */
function fromReg(body: PgNode, argument: PgNode, target: string, scope: Scope): PgNode {
  if (isOid(target) || target === "oid[]") return withType(argument, target, scope);
  if (isInteger(target) || isArray(target) && isInteger(elementOf(target))) {
    return { TypeCast: body };
  }
  const name = shown(argument, scope);
  return target === "text" ? name : { TypeCast: withFields(body, { arg: name }) };
}

const dateTimeTypes: ReadonlySet<string> = new Set(["date", "time", "timestamp", "timestamptz"]);

/** For a string constant; null when DuckDB reads it as PostgreSQL does. */
function constantCast(
  body: PgNode,
  node: PgNode,
  source: string,
  target: string,
  modifiers: readonly number[],
): PgNode | null {
  const withText = (value: string) => ({ TypeCast: withFields(body, { arg: textConstant(value) }) });
  if (isArray(target)) return rewriteArrayConstant(child(body, "arg")!, target, modifiers);
  if (isInteger(target) || target === "oid" || target === "xid") return integerCast(source, target);
  if (dateTimeTypes.has(target)) {
    const special = specialTime(source.trim().toLowerCase(), target);
    if (special !== null) return special;
    const known = dateTimeText(source, target);
    return known === null ? null : withText(known);
  }
  switch (target) {
    case "bool":
      return booleanCast(source);
    case "bytea": {
      const blob = blobText(source);
      if (blob === null && source.startsWith("\\x")) throw invalidBytes(source.slice(2));
      return blob === null ? null : withText(blob);
    }
    case "interval": {
      const modifier = modifiers[0] === undefined || modifiers[0] === 32767 ? 0 : modifiers[0];
      const known = intervalText(source, modifier);
      return known === null ? null : cast(textConstant(known), "interval");
    }
    case "numeric":
      return numericCast(child(body, "arg")!, modifiers);
    case "char":
      return [...source].length > 1 ? withText([...source][0]!) : null;
    case "timetz": {
      const known = withSeconds(source);
      return known === null ? null : withText(known);
    }
    case "json":
      requireJson(source);
      return null;
    case "jsonb": {
      requireJson(source);
      const canonical = canonicalJsonb(source);
      return canonical === source ? null : withText(canonical);
    }
    default:
      return withLength(body, node, target, modifiers);
  }
}

/** `10:00+02`, which DuckDB reads with seconds only; null for any other text. */
function withSeconds(source: string): string | null {
  const match = /^\s*(\d{1,2}:\d{2})(\s*[-+Zz].*)?$/.exec(source);
  return match === null ? null : `${match[1]}:00${match[2] ?? ""}`;
}

/** DuckDB takes more for JSON than there is, such as a comma after the last field. */
function requireJson(source: string): void {
  try {
    JSON.parse(source);
  } catch {
    throw new AppError("invalid_text_representation", "invalid input syntax for type json", {
      hint: `It begins with: ${source.slice(0, 60)}`,
    });
  }
}

function invalidBytes(digits: string): AppError {
  const other = /[^0-9a-f\s]/i.exec(digits)?.[0];
  const what = other === undefined ? "data: odd number of digits" : `digit: "${other}"`;
  return new AppError("invalid_parameter_value", `invalid hexadecimal ${what}`);
}

/** DuckDB would read '1.5' as 2. */
function integerCast(source: string, target: string): PgNode | null {
  if (/^\s*[-+]?(?:\d+(?:_\d+)*|0[xX][0-9a-fA-F]+|0[oO][0-7]+|0[bB][01]+)\s*$/.test(source)) {
    if (target !== "oid" || !source.includes("-")) return null;
    return cast(integerConstant(2 ** 32 + Number(source)), "oid");
  }
  const names: Readonly<Record<string, string>> = { int2: "smallint", int4: "integer", int8: "bigint" };
  throw new AppError(
    "invalid_text_representation",
    `invalid input syntax for type ${names[target] ?? target}: "${source}"`,
  );
}

const trueTexts = ["true", "yes", "on", "1"];
const falseTexts = ["false", "no", "off", "0"];

/** Any beginning of a word that says which. */
function booleanCast(source: string): PgNode | null {
  const word = source.trim().toLowerCase();
  if (word === "" || word === "o") return null;
  if (trueTexts.some((value) => value.startsWith(word))) return booleanConstant(true);
  if (falseTexts.some((value) => value.startsWith(word))) return booleanConstant(false);
  return null;
}

function specialTime(word: string, target: string): PgNode | null {
  const today = { SQLValueFunction: { op: "SVFOP_CURRENT_DATE", typmod: -1, location: -1 } };
  const day = (shift: number): PgNode => {
    const date = shift === 0 ? today : operatorOf(today, shift);
    return target === "date" ? date : target === "time" ? date : cast(date, target);
  };
  switch (word) {
    case "now": {
      const operators: Readonly<Record<string, string>> = {
        date: "SVFOP_CURRENT_DATE",
        time: "SVFOP_LOCALTIME",
        timestamp: "SVFOP_LOCALTIMESTAMP",
        timestamptz: "SVFOP_CURRENT_TIMESTAMP",
      };
      return { SQLValueFunction: { op: operators[target], typmod: -1, location: -1 } };
    }
    case "today":
      return target === "time" ? null : day(0);
    case "tomorrow":
      return target === "time" ? null : day(1);
    case "yesterday":
      return target === "time" ? null : day(-1);
    case "allballs":
      return target === "time" ? cast(textConstant("00:00:00"), "time") : null;
    default:
      return null;
  }
}

function operatorOf(date: PgNode, shift: number): PgNode {
  return {
    A_Expr: {
      kind: "AEXPR_OP",
      name: [{ String: { sval: "+" } }],
      lexpr: date,
      rexpr: integerConstant(shift),
      location: -1,
    },
  };
}

/** Casts of a value that is not a constant. */
function valueCast(
  body: PgNode,
  node: PgNode,
  argument: PgNode,
  target: string,
  modifiers: readonly number[],
  scope: Scope,
): PgNode {
  const from = typeOf(argument, scope);
  const macros = scope.statement.names.macros;
  const row = isText(target) ? rowText(argument, scope) : null;
  if (row !== null) {
    return withLength(withFields(body, { arg: row }), { TypeCast: withFields(body, { arg: row }) }, target, modifiers);
  }
  if (from === "timestamptz" && target === "time") return cast(cast(argument, "timestamp"), "time");
  if (from === "interval" && target === "time") {
    return cast(operator(cast(textConstant("2000-01-01"), "timestamp"), "+", argument), "time");
  }
  if (from === "time" && target === "interval") {
    const day = cast(textConstant("2000-01-01"), "date");
    return operator(operator(day, "+", argument), "-", cast(day, "timestamp"));
  }
  if (isArray(target) && isText(from) && macros.has("__array_from_text")) {
    return { TypeCast: withFields(body, { arg: callMacro("__array_from_text", [argument], scope) }) };
  }
  if (target === "text" || (target === "varchar" && modifiers.length === 0)) {
    if (from === "int2vector" || from === "oidvector") return call(["array_to_string"], [argument, textConstant(" ")]);
    if (from === "jsonb" && macros.has("__jsonb")) return cast(callMacro("__jsonb", [argument], scope), "text");
    if (macros.has("__text") && mayDiffer(argument, from)) {
      return withType(callMacro("__text", [argument], scope), target, scope);
    }
  }
  if (target === "bit" && isInteger(from) && modifiers[0] !== undefined) {
    const bits = cast(cast(argument, "varbit"), "text");
    return cast(call(["right"], [bits, integerConstant(modifiers[0])]), "varbit");
  }
  if (target === "oid" && from === "int4") {
    const value = child(bodyOf(argument, "A_Const"), "ival")?.["ival"];
    if (typeof value === "number" && value < 0) return cast(integerConstant(2 ** 32 + value), "oid");
  }
  return withLength(body, node, target, modifiers);
}

/** Types whose text is the same in DuckDB. */
const sameText: ReadonlySet<string> = new Set(
  "text varchar bpchar name char cstring int2 int4 int8 oid bool uuid json jsonb time bit unknown".split(" "),
);

/**
 * A value whose type only DuckDB knows may be a floating-point number or a list. A parameter takes the type of its
 * cast.
 */
function mayDiffer(argument: PgNode, from: StaticType): boolean {
  return from === null ? bodyOf(argument, "ParamRef") === null : !sameText.has(from);
}

/** The printer cuts at the type's length, as an explicit cast does; DuckDB's types have none. */
function withLength(body: PgNode, node: PgNode, target: string, modifiers: readonly number[]): PgNode {
  const cuts = (target === "varchar" || target === "bpchar") && modifiers.length > 0;
  return cuts ? { TypeCast: { ...body } } : node;
}
