/**
 * Operators that DuckDB has otherwise or not at all. The operands are already rewritten; their static types decide
 * where one symbol means several things (`||`, `-`, `@>`), and an unknown type is left to DuckDB.
 */
import { AppError } from "../../../../errors/app_error.ts";
import { and, call, cast, integerConstant, nullConstant, operator, or, stringNode, textConstant } from "../build.ts";
import { typeOf, withType } from "../infer.ts";
import type { Scope } from "../scope.ts";
import { elementOf, enumType, isArray, isJson, isNumber, isReg, isText, type StaticType } from "../static_types.ts";
import { bodyOf, child, list, mapList, type PgNode, rewrap, stringsOf, text, withFields } from "../tree.ts";
import { rewriteArrayComparison } from "./array_comparison.ts";
import { isJsonOperand, rewriteJsonOperator } from "./json_operators.ts";
import { callMacro } from "./macro_calls.ts";
import { rewriteLike, rewriteRegexp } from "./patterns.ts";
import { constantText, isNullConstant } from "./constants.ts";
import { shown, toReg } from "./reg_values.ts";
import { rewritePlaceComparison } from "./row_places.ts";
import { constantOfType, rewriteCast } from "./casts.ts";
import { fieldsOf } from "./row_parts.ts";

export function rewriteOperator(body: PgNode, node: PgNode, scope: Scope): PgNode {
  return rewritePlaceComparison(body) ?? rewriteByKind(body, node, scope);
}

function rewriteByKind(body: PgNode, node: PgNode, scope: Scope): PgNode {
  switch (text(body, "kind")) {
    case "AEXPR_OP":
      return rewritePlain(body, node, scope);
    case "AEXPR_OP_ANY":
    case "AEXPR_OP_ALL":
      return rewriteArrayComparison(body, node, scope);
    case "AEXPR_LIKE":
    case "AEXPR_ILIKE":
      return rewriteLike(body, node);
    case "AEXPR_SIMILAR":
      // Its pattern becomes a regular expression in the printer.
      return { A_Expr: { ...body } };
    case "AEXPR_IN":
    case "AEXPR_DISTINCT":
    case "AEXPR_NOT_DISTINCT":
    case "AEXPR_BETWEEN":
    case "AEXPR_NOT_BETWEEN":
    case "AEXPR_NULLIF":
      return rewrap(node, "A_Expr", withRegOperands(body, scope));
    case "AEXPR_BETWEEN_SYM":
    case "AEXPR_NOT_BETWEEN_SYM":
      return { A_Expr: { ...body } };
    default:
      return node;
  }
}

const comparisonNames: ReadonlySet<string> = new Set(["=", "<>", "!=", "<", ">", "<=", ">="]);

function rewritePlain(body: PgNode, node: PgNode, scope: Scope): PgNode {
  const names = stringsOf(body, "name");
  const name = names.at(-1)!;
  // OPERATOR(pg_catalog.=) means the plain operator; DuckDB has no schemas for them.
  const plain = names.length === 1 ? body : withFields(body, { name: [stringNode(name)] });
  const plainNode = rewrap(node, "A_Expr", plain);
  const left = child(plain, "lexpr");
  const right = child(plain, "rexpr");
  if (right === null) return plainNode;
  if (left === null) return rewritePrefix(name, right, plain, plainNode);
  if (comparisonNames.has(name)) {
    return comparedRows(name, left, right, scope) ?? comparedJson(name, left, right, scope) ??
      rewrap(plainNode, "A_Expr", withRegOperands(plain, scope));
  }
  if (arrayOperators.has(name)) {
    const typed = comparableParts(plain, left, right, scope);
    if (typed !== plain) {
      const [first, second] = [child(typed, "lexpr")!, child(typed, "rexpr")!];
      const both: PgNode = { A_Expr: typed };
      return binaryRules[name]?.(first, second, typed, both, scope) ?? both;
    }
  }
  if (arithmetic.has(name)) {
    const typed = withNumberConstants(plain, left, right, scope);
    if (typed !== plain) return rewritePlain(typed, { A_Expr: typed }, scope);
    const widened = withWiderNumbers(plain, left, right, scope);
    if (widened !== plain) return rewritePlain(widened, { A_Expr: widened }, scope);
  }
  const binary = binaryRules[name];
  return binary?.(left, right, plain, plainNode, scope) ?? plainNode;
}

const arithmetic: ReadonlySet<string> = new Set(["+", "-", "*", "/", "%"]);

/** `1 + '2'`, and `day - '2024-01-01'`: a string constant has the type of the number or date beside it. */
function withNumberConstants(body: PgNode, left: PgNode, right: PgNode, scope: Scope): PgNode {
  const name = stringsOf(body, "name").at(-1);
  const typed = (node: PgNode, other: StaticType): PgNode => {
    if (constantText(node) === null || other === null) return node;
    const isMoment = other === "timestamp" || other === "timestamptz";
    if (!isNumber(other) && !(name === "-" && (isMoment || other === "date")) && !(name === "+" && isMoment)) {
      return node;
    }
    const made = cast(node, name === "+" && isMoment ? "interval" : other);
    return rewriteCast(bodyOf(made, "TypeCast")!, made, scope);
  };
  return withFields(body, { lexpr: typed(left, typeOf(right, scope)), rexpr: typed(right, typeOf(left, scope)) });
}

/** A real beside another number is computed as a double, a smallint beside a constant as an integer; DuckDB keeps the smaller type. */
function withWiderNumbers(body: PgNode, left: PgNode, right: PgNode, scope: Scope): PgNode {
  const [leftType, rightType] = [typeOf(left, scope), typeOf(right, scope)];
  const widened = (node: PgNode, type: StaticType, other: PgNode, otherType: StaticType): PgNode => {
    if (!isNumber(otherType)) return node;
    if (type === "float4" && otherType !== "float4") return cast(node, "float8");
    const isInteger = otherType === "int4" && child(bodyOf(other, "A_Const"), "ival") !== null;
    return type === "int2" && isInteger ? cast(node, "int4") : node;
  };
  return withFields(body, {
    lexpr: widened(left, leftType, right, rightType),
    rexpr: widened(right, rightType, left, leftType),
  });
}

/** jsonb is compared as what it means: 1 is 1.0. Null for what is not known to be jsonb. */
function comparedJson(name: string, left: PgNode, right: PgNode, scope: Scope): PgNode | null {
  const [leftType, rightType] = [typeOf(left, scope), typeOf(right, scope)];
  const isPair = leftType === "jsonb" && rightType === "jsonb" ||
    leftType === "jsonb" && constantText(right) !== null || rightType === "jsonb" && constantText(left) !== null;
  if (!isPair || !scope.statement.names.macros.has("jsonb_cmp")) return null;
  return operator(callMacro("jsonb_cmp", [left, right], scope), name, integerConstant(0));
}

/**
 * `(a, b) < (c, d)`, field by field: the first pair that differs decides, and a NULL before it makes the answer NULL. DuckDB compares structs, in which
 * NULL is a value. Null for what is no pair of rows.
 */
function comparedRows(name: string, left: PgNode, right: PgNode, scope: Scope): PgNode | null {
  const [ones, others] = [fieldsOf(left), fieldsOf(right)];
  if (ones === null || others === null || ones.length === 0 || ones.length !== others.length) return null;
  const compared = (symbol: string, at: number): PgNode => {
    const node = operator(ones[at]!, symbol, others[at]!);
    return rewritePlain(bodyOf(node, "A_Expr")!, node, scope);
  };
  const pairs = ones.map((_, at) => at);
  if (ones.length === 1) return compared(name, 0);
  if (name === "=") return and(...pairs.map((at) => compared("=", at)));
  if (name === "<>" || name === "!=") return or(...pairs.map((at) => compared("<>", at)));
  const strict = name.slice(0, 1);
  return pairs.slice(0, -1).reduceRight<PgNode>(
    (rest, at) => or(compared(strict, at), and(compared("=", at), rest)),
    compared(name, ones.length - 1),
  );
}

/** Besides comparisons: a constant beside an array is an array. */
const arrayOperators: ReadonlySet<string> = new Set(["@>", "<@", "&&"]);

type BinaryRule = (left: PgNode, right: PgNode, body: PgNode, node: PgNode, scope: Scope) => PgNode | null;

const json: BinaryRule = (left, right, body, node, scope) =>
  isJsonOperand(left, scope) || isJsonOperand(right, scope)
    ? rewriteJsonOperator(left, right, body, node, scope)
    : null;

/** DuckDB reads `->` after AND, as the arrow of a lambda; the printer puts it in brackets. */
const arrow: BinaryRule = (_left, _right, body) => ({ A_Expr: { ...body } });

const textArrow: BinaryRule = (left, right, body, node, scope) =>
  typeOf(left, scope) === "jsonb" ? rewriteJsonOperator(left, right, body, node, scope) : { A_Expr: { ...body } };

const binaryRules: Readonly<Record<string, BinaryRule>> = {
  "~": (_left, _right, body, _node, scope) => rewriteRegexp(body, scope),
  "~*": (_left, _right, body, _node, scope) => rewriteRegexp(body, scope),
  "!~": (_left, _right, body, _node, scope) => rewriteRegexp(body, scope),
  "!~*": (_left, _right, body, _node, scope) => rewriteRegexp(body, scope),
  // Written as operators, LIKE has its own words in DuckDB.
  "~~": (_left, _right, body) => likeOperator(body, "AEXPR_LIKE"),
  "!~~": (_left, _right, body) => likeOperator(body, "AEXPR_LIKE"),
  "~~*": (_left, _right, body) => likeOperator(body, "AEXPR_ILIKE"),
  "!~~*": (_left, _right, body) => likeOperator(body, "AEXPR_ILIKE"),
  "/": (left, right, body, _node, scope) => division("__divide", left, right, body, scope),
  "%": (left, right, body, _node, scope) => division("__modulo", left, right, body, scope),
  "#": (left, right) => call(["xor"], [left, right]),
  "<<": (left, right, body, _node, scope) => shift("__shift_left", left, right, body, scope),
  ">>": (left, right, body, _node, scope) => shift("__shift_right", left, right, body, scope),
  "||": concatenation,
  "-": subtraction,
  "->": arrow,
  "->>": textArrow,
  "#>": (left, right, body, node, scope) => rewriteJsonOperator(left, right, body, node, scope),
  "#>>": (left, right, body, node, scope) => rewriteJsonOperator(left, right, body, node, scope),
  "#-": (left, right, body, node, scope) => rewriteJsonOperator(left, right, body, node, scope),
  "?": (left, right, body, node, scope) => rewriteJsonOperator(left, right, body, node, scope),
  "?|": (left, right, body, node, scope) => rewriteJsonOperator(left, right, body, node, scope),
  "?&": (left, right, body, node, scope) => rewriteJsonOperator(left, right, body, node, scope),
  "@?": (left, right, body, node, scope) => rewriteJsonOperator(left, right, body, node, scope),
  "@@": (left, right, body, node, scope) => rewriteJsonOperator(left, right, body, node, scope),
  "@>": (left, right, body, node, scope) =>
    json(left, right, body, node, scope) ?? containment(left, right, body, scope),
  "<@": (left, right, body, node, scope) =>
    json(left, right, body, node, scope) ?? containment(right, left, body, scope),
};

function rewritePrefix(name: string, right: PgNode, body: PgNode, node: PgNode): PgNode {
  switch (name) {
    case "|/":
      return call(["sqrt"], [right]);
    case "||/":
      return call(["cbrt"], [right]);
    case "@":
      return call(["abs"], [right]);
    default:
      return rewrap(node, "A_Expr", body);
  }
}

function likeOperator(body: PgNode, kind: "AEXPR_LIKE" | "AEXPR_ILIKE"): PgNode {
  const changed = withFields(body, { kind });
  return rewriteLike(changed, { A_Expr: changed });
}

/** A division by a constant that is not zero is DuckDB's own; others raise an error for zero. */
function division(macro: string, left: PgNode, right: PgNode, body: PgNode, scope: Scope): PgNode | null {
  const type = typeOf(left, scope);
  const mayBeInterval = macro === "__divide" &&
    (type === "interval" || (type === null && bodyOf(left, "ParamRef") === null));
  if (isNonZeroConstant(right) && !mayBeInterval || !scope.statement.names.macros.has(macro)) return null;
  const location = typeof body["location"] === "number" ? body["location"] : -1;
  const name = !mayBeInterval ? macro : type === null ? "__quotient" : "__divide_interval";
  return callMacro(name, [left, right], scope, location);
}

/** Of elements that are written out and no NULL the operator is DuckDB's own. */
function containment(array: PgNode, elements: PgNode, body: PgNode, scope: Scope): PgNode | null {
  if (!isArray(typeOf(array, scope)) || !isArray(typeOf(elements, scope))) return null;
  const written = list(bodyOf(elements, "A_ArrayExpr") ?? {}, "elements");
  const isWritten = written.length > 0 &&
    written.every((element) => bodyOf(element, "A_Const") !== null && !isNullConstant(element));
  if (isWritten) return null;
  const location = typeof body["location"] === "number" ? body["location"] : -1;
  return withType(callMacro("__contains_all", [array, elements], scope, location), "bool", scope);
}

/** DuckDB refuses a negative number of places, and to shift a bit out of the type. */
function shift(macro: string, left: PgNode, right: PgNode, body: PgNode, scope: Scope): PgNode | null {
  const type = typeOf(left, scope);
  if (type !== "int4" && type !== "int8") return null;
  const location = typeof body["location"] === "number" ? body["location"] : -1;
  return withType(callMacro(macro, [left, right], scope, location), type, scope);
}

function isNonZeroConstant(node: PgNode): boolean {
  const inner = bodyOf(node, "TypeCast");
  if (inner !== null) return isNonZeroConstant(child(inner, "arg") ?? node);
  const constant = bodyOf(node, "A_Const");
  const value = child(constant, "ival")?.["ival"] ?? child(constant, "fval")?.["fval"];
  return value !== undefined && Number(value) !== 0 && !Number.isNaN(Number(value));
}

/** Text, arrays with elements, JSON and bytes. */
function concatenation(left: PgNode, right: PgNode, body: PgNode, node: PgNode, scope: Scope): PgNode | null {
  const [leftType, rightType] = [typeOf(left, scope), typeOf(right, scope)];
  if (isArray(leftType) || isArray(rightType)) {
    const [first, second] = [constantOfType(left, rightType, scope), constantOfType(right, leftType, scope)];
    const made = arrayConcatenation(first, second, typeOf(first, scope), typeOf(second, scope));
    return made ?? rewrap(node, "A_Expr", withFields(body, { lexpr: first, rexpr: second }));
  }
  if (isJson(leftType) || isJson(rightType)) return rewriteJsonOperator(left, right, body, node, scope);
  if (isNumber(leftType) && isNumber(rightType)) {
    throw new AppError("undefined_function", "operator does not exist: " + `${leftType} || ${rightType}`, {
      hint: "One side of || is text, such as 1::text || 2.",
    });
  }
  const others = [left, right].filter((node) => !isNullConstant(node)).map((node) => typeOf(node, scope));
  if (others.length < 2 && others.every((type) => type === "unknown" || isText(type))) {
    return cast(nullConstant(), "text");
  }
  const fields = { lexpr: asText(left, scope), rexpr: asText(right, scope) };
  return rewrap(node, "A_Expr", withFields(body, fields));
}

/** DuckDB concatenates no numbers: PostgreSQL writes one of the sides as text. */
function asText(node: PgNode, scope: Scope): PgNode {
  const type = typeOf(node, scope);
  const named = shown(node, scope);
  if (named !== node || type === null || type === "unknown" || isText(type) || type === "bytea" || type === "bit") {
    return named;
  }
  return scope.statement.names.macros.has("__text") ? callMacro("__text", [node], scope) : cast(node, "text");
}

function arrayConcatenation(left: PgNode, right: PgNode, leftType: StaticType, rightType: StaticType): PgNode | null {
  // Of an array and NULL DuckDB's operator makes NULL.
  if (isArray(leftType) && isArray(rightType)) return call(["list_concat"], [left, right]);
  if (isNullConstant(left)) return right;
  if (isNullConstant(right)) return left;
  if (leftType !== null && rightType !== null && isElement(rightType, leftType)) {
    return call(["list_append"], [left, right]);
  }
  if (leftType !== null && rightType !== null && isElement(leftType, rightType)) {
    return call(["list_prepend"], [left, right]);
  }
  return null;
}

function isElement(type: string, array: string): boolean {
  if (isArray(type) || elementOf(array) === null) return false;
  return type !== "unknown";
}

/** `date - date` is a number of days of 32 bits; of JSON it takes a key away. */
function subtraction(left: PgNode, right: PgNode, body: PgNode, node: PgNode, scope: Scope): PgNode | null {
  const [leftType, rightType] = [typeOf(left, scope), typeOf(right, scope)];
  if (isJson(leftType)) return rewriteJsonOperator(left, right, body, node, scope);
  if (leftType === "date" && rightType === "date") return cast(operator(left, "-", right), "int4");
  if (leftType === "time" && rightType === "time") {
    // DuckDB subtracts timestamps only; the day is the same on both sides.
    const day = cast(textConstant("2000-01-01"), "date");
    return operator(operator(day, "+", left), "-", operator(day, "+", right));
  }
  return null;
}

/** Constant strings beside a value of a reg… type are names of such objects. */
function withRegOperands(body: PgNode, scope: Scope): PgNode {
  const left = child(body, "lexpr");
  const right = child(body, "rexpr");
  if (left === null || right === null) return body;
  const items = list(bodyOf(right, "List"), "items");
  const regType = [left, right, ...items].map((node) => typeOf(node, scope)).find(isReg);
  if (regType === undefined || regType === null) return comparableParts(body, left, right, scope);
  if ([left, right, ...items].some((node) => isText(typeOf(node, scope)))) return withNames(body, left, right, scope);
  const convert = (node: PgNode): PgNode => constantText(node) === null ? node : toReg(node, regType, scope);
  return withFields(body, {
    lexpr: convert(left),
    rexpr: items.length > 0 ? listWith(right, mapList(items, convert)) : convert(right),
  });
}

/** Beside an expression of text, the name is compared. */
function withNames(body: PgNode, left: PgNode, right: PgNode, scope: Scope): PgNode {
  const items = bodyOf(right, "List");
  const names = items === null
    ? shown(right, scope)
    : listWith(right, mapList(list(items, "items"), (item) => shown(item, scope)));
  return withFields(body, { lexpr: shown(left, scope), rexpr: names });
}

function listWith(right: PgNode, items: readonly PgNode[]): PgNode {
  const body = bodyOf(right, "List");
  return body === null || items === body["items"] ? right : { List: { ...body, items } };
}

/** DuckDB would compare an enum with a string as strings. */
function comparesOrder(body: PgNode): boolean {
  return text(body, "kind").includes("BETWEEN") || /^[<>]=?$/.test(stringsOf(body, "name").at(-1) ?? "");
}

/** `array = '{1,2}'`, `bytes IN ('\\x00')`: the constant has the type of the other side. */
function comparableParts(body: PgNode, left: PgNode, right: PgNode, scope: Scope): PgNode {
  const [leftType, rightType] = [typeOf(left, scope), typeOf(right, scope)];
  const items = bodyOf(right, "List");
  if (leftType === enumType && comparesOrder(body)) {
    const label = (node: PgNode) => constantText(node) === null ? node : call(["cast_to_type"], [node, left]);
    return withFields(body, {
      rexpr: items === null ? label(right) : listWith(right, mapList(list(items, "items"), label)),
    });
  }
  if (rightType === enumType && constantText(left) !== null && comparesOrder(body)) {
    return withFields(body, { lexpr: call(["cast_to_type"], [left, right]) });
  }
  return withFields(body, {
    lexpr: constantOfType(left, rightType, scope),
    rexpr: items === null
      ? constantOfType(right, leftType, scope)
      : listWith(right, mapList(list(items, "items"), (item) => constantOfType(item, leftType, scope))),
  });
}
