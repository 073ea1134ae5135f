/**
 * Arrays: constants in PostgreSQL's form become lists of constants, subscripts of int2vector count from 0, and an array
 * of reg… values finds its objects one by one.
 */
import { AppError } from "../../../../errors/app_error.ts";
import { arrayOf, caseWhen, cast, integerConstant, nullConstant, operator, textConstant } from "../build.ts";
import { typeOf, withType } from "../infer.ts";
import type { Scope } from "../scope.ts";
import { elementOf } from "../static_types.ts";
import { bodyOf, child, list, mapList, type PgNode, rewrap, stringsOf, withFields } from "../tree.ts";
import { type ArrayItem, parseArrayText, parseVectorText } from "./array_literal.ts";
import { constantText } from "./constants.ts";
import { fieldOfRow } from "./row_parts.ts";

/** `indkey[0]` is the first element of a vector; of an array it is `[1]`, as in DuckDB. */
export function rewriteIndirection(body: PgNode, node: PgNode, scope: Scope): PgNode {
  const field = fieldOfRow(body);
  if (field !== null) return field;
  const type = typeOf(child(body, "arg"), scope);
  if (type !== null && type.endsWith("[]")) return withinArray(body, node);
  if (type !== "int2vector" && type !== "oidvector") return node;
  const steps = mapList(list(body, "indirection"), (step, at) => at === 0 ? shifted(step) : step);
  const element = elementOf(type);
  return withType(rewrap(node, "A_Indirection", withFields(body, { indirection: steps })), element, scope);
}

/** An array begins with 1: below it PostgreSQL finds nothing, where DuckDB counts from the end. */
function withinArray(body: PgNode, node: PgNode): PgNode {
  const indirection = mapList(list(body, "indirection"), (step) => {
    const indices = bodyOf(step, "A_Indices");
    if (indices === null) return step;
    const [lower, upper] = [child(indices, "lidx"), child(indices, "uidx")];
    if (indices["is_slice"] !== true) {
      return upper === null ? step : rewrap(step, "A_Indices", withFields(indices, { uidx: fromOne(upper) }));
    }
    return rewrap(
      step,
      "A_Indices",
      withFields(indices, {
        ...(lower === null ? {} : { lidx: atLeast(lower, 1) }),
        ...(upper === null ? {} : { uidx: atLeast(upper, 0) }),
      }),
    );
  });
  return rewrap(node, "A_Indirection", withFields(body, { indirection }));
}

/** Longer than any array. */
const beyond = 2_147_483_647;

/** The index, and one that finds nothing below 1. */
function fromOne(index: PgNode): PgNode {
  const constant = integerOf(index);
  if (constant !== null) return constant < 1 ? integerConstant(beyond) : index;
  return caseWhen([[operator(index, ">", integerConstant(0)), index]], null);
}

function atLeast(index: PgNode, least: number): PgNode {
  const constant = integerOf(index);
  if (constant !== null) return constant < least ? integerConstant(least) : index;
  return caseWhen([[operator(index, "<", integerConstant(least)), integerConstant(least)]], index);
}

/** Of a constant with its sign, else null. */
function integerOf(node: PgNode): number | null {
  const negated = bodyOf(node, "A_Expr");
  if (negated !== null && child(negated, "lexpr") === null && stringsOf(negated, "name").at(-1) === "-") {
    const value = integerOf(child(negated, "rexpr")!);
    return value === null ? null : -value;
  }
  const constant = child(bodyOf(node, "A_Const"), "ival");
  return constant === null ? null : Number(constant["ival"] ?? 0);
}

function shifted(step: PgNode): PgNode {
  const indices = bodyOf(step, "A_Indices");
  if (indices === null) return step;
  const shift = (field: string) => {
    const value = child(indices, field);
    return value === null ? undefined : plusOne(value);
  };
  return { A_Indices: withFields(indices, { lidx: shift("lidx"), uidx: shift("uidx") }) };
}

function plusOne(node: PgNode): PgNode {
  const constant = child(bodyOf(node, "A_Const"), "ival");
  if (constant === null) return operator(node, "+", integerConstant(1));
  return integerConstant(Number(constant["ival"] ?? 0) + 1);
}

/** A constant of an array type as a list; the node itself when it is not a constant. */
export function rewriteArrayConstant(node: PgNode, type: string, modifiers: readonly number[] = []): PgNode {
  const source = constantText(node);
  if (source === null) return node;
  if (type === "int2vector" || type === "oidvector") {
    const items = parseVectorText(source);
    if (items === null) throw malformed(source, type);
    return cast(
      arrayOf(items.map((item) => integerConstant(Number(item)))),
      type === "int2vector" ? "int2[]" : "oid[]",
    );
  }
  const items = parseArrayText(source);
  if (items === null) throw malformed(source, "array");
  const element = type.replace(/(\[\])+$/, "");
  // DuckDB tells an array of arrays from an array, PostgreSQL's `int[]` is both.
  const dimensions = Math.max(type.split("[]").length - 1, depthOf(items));
  return cast(listOf(items), element + "[]".repeat(dimensions), modifiers);
}

function depthOf(items: readonly ArrayItem[]): number {
  const first = items[0];
  return 1 + (Array.isArray(first) ? depthOf(first as readonly ArrayItem[]) : 0);
}

function listOf(items: readonly ArrayItem[]): PgNode {
  return arrayOf(items.map((item) => {
    if (item === null) return nullConstant();
    return typeof item === "string" ? textConstant(item) : listOf(item);
  }));
}

function malformed(source: string, type: string): AppError {
  const what = type === "array" ? "malformed array literal" : `invalid input syntax for type ${type}`;
  return new AppError("invalid_text_representation", `${what}: "${source}"`);
}
