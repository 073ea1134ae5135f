/**
 * `x op ANY (array)` and `x op ALL (array)`. A constant array becomes an IN list, whose items take the type of x as
 * they do in PostgreSQL; a vector of the catalog is asked with list_contains, which also an outer join's condition may
 * hold.
 */
import { and, booleanConstant, call, or, rangeFunction, selectBody, stringNode, target } from "../build.ts";
import { aliasBody, columnRef, nullConstant, textConstant } from "../build.ts";
import { typeOf } from "../infer.ts";
import type { Scope } from "../scope.ts";
import { isArray, isReg } from "../static_types.ts";
import { bodyOf, child, list, type PgNode, stringsOf, text, withFields } from "../tree.ts";
import { parseArrayText } from "./array_literal.ts";
import { rewriteArrayConstant } from "./arrays.ts";
import { rewriteLike, rewriteRegexp } from "./patterns.ts";
import { constantText } from "./constants.ts";
import { constantOfType } from "./casts.ts";
import { toReg } from "./reg_values.ts";
import { unlessNull } from "./row_parts.ts";

export function rewriteArrayComparison(body: PgNode, node: PgNode, scope: Scope): PgNode {
  const left = child(body, "lexpr");
  const right = child(body, "rexpr");
  if (left === null || right === null) return node;
  const isAny = text(body, "kind") === "AEXPR_OP_ANY";
  const name = stringsOf(body, "name").at(-1)!;
  const items = constantItems(right, left, scope);
  const pattern = /^!?~/.test(name);
  if (items === null && isGivenArray(right)) {
    return unlessNull(right, comparisonWithArray(body, node, left, right, scope));
  }
  if (items !== null && pattern) return eachItem(left, name, items, isAny, scope);
  if (items !== null && ((name === "=" && isAny) || (name === "<>" && !isAny))) {
    return inList(left, name, items, right, isAny);
  }
  return comparisonWithArray(body, node, left, right, scope);
}

/** Of a NULL array DuckDB's ANY is false and ALL is true. */
function isGivenArray(right: PgNode): boolean {
  const cast = bodyOf(right, "TypeCast");
  return cast !== null ? isGivenArray(child(cast, "arg") ?? {}) : bodyOf(right, "ColumnRef") !== null;
}

function comparisonWithArray(body: PgNode, node: PgNode, left: PgNode, right: PgNode, scope: Scope): PgNode {
  const isAny = text(body, "kind") === "AEXPR_OP_ANY";
  const name = stringsOf(body, "name").at(-1)!;
  if (/^!?~/.test(name)) return matchesArray(left, name, right, isAny, scope);
  const type = typeOf(right, scope);
  if (constantText(right) !== null) {
    const leftType = typeOf(left, scope);
    const arrayType = leftType === null || leftType === "unknown" ? "text[]" : `${leftType}[]`;
    return { A_Expr: withFields(body, { rexpr: rewriteArrayConstant(right, arrayType) }) };
  }
  if (name === "=" && isAny && isCatalogArray(right, type)) {
    return call(["list_contains"], [right, left]);
  }
  const plainName = stringsOf(body, "name").length > 1;
  return plainName ? { A_Expr: withFields(body, { name: [stringNode(name)] }) } : node;
}

/** Arrays of the emulated catalog hold no NULL, so that containing is the same as being equal to any. */
function isCatalogArray(right: PgNode, type: string | null): boolean {
  return isArray(type) && bodyOf(right, "ColumnRef") !== null;
}

/** The items of a constant array, or of ARRAY[…] beside a reg… value, whose strings are names of objects. */
function constantItems(right: PgNode, left: PgNode, scope: Scope): readonly PgNode[] | null {
  const leftType = typeOf(left, scope);
  const source = constantText(right);
  const array = bodyOf(right, "A_ArrayExpr");
  const convert = (item: PgNode) =>
    isReg(leftType) && constantText(item) !== null
      ? toReg(item, leftType!, scope)
      : constantOfType(item, leftType, scope);
  if (array !== null) {
    const elements = list(array, "elements");
    if (elements.some((item) => bodyOf(item, "A_ArrayExpr") !== null)) return null;
    return elements.map(convert);
  }
  const items = source === null ? null : parseArrayText(source);
  if (items === null || items.some((item) => Array.isArray(item))) return null;
  return items.map((item) => item === null ? nullConstant() : convert(textConstant(item as string)));
}

function inList(left: PgNode, name: string, items: readonly PgNode[], right: PgNode, isAny: boolean): PgNode {
  if (items.length === 0) return booleanConstant(!isAny);
  return {
    A_Expr: {
      kind: "AEXPR_IN",
      name: [stringNode(name)],
      lexpr: left,
      rexpr: { List: { items } },
      location: bodyOf(right, "A_Const")?.["location"] ?? -1,
    },
  };
}

function eachItem(left: PgNode, name: string, items: readonly PgNode[], isAny: boolean, scope: Scope): PgNode {
  if (items.length === 0) return booleanConstant(!isAny);
  const matches = items.map((item) => match(left, name, item, scope));
  if (matches.length === 1) return matches[0]!;
  return isAny ? or(...matches) : and(...matches);
}

function match(left: PgNode, name: string, pattern: PgNode, scope: Scope): PgNode {
  if (!name.includes("~~")) {
    return rewriteRegexp({ kind: "AEXPR_OP", name: [stringNode(name)], lexpr: left, rexpr: pattern }, scope)!;
  }
  const kind = name.endsWith("*") ? "AEXPR_ILIKE" : "AEXPR_LIKE";
  const body = { kind, name: [stringNode(name)], lexpr: left, rexpr: pattern, location: -1 };
  return rewriteLike(body, { A_Expr: body });
}

/** DuckDB's ANY knows comparisons only; of an empty array ANY is false and ALL is true. */
function matchesArray(left: PgNode, name: string, right: PgNode, isAny: boolean, scope: Scope): PgNode {
  const pattern = columnRef("item", "pattern");
  const query = selectBody(
    [target(call([isAny ? "bool_or" : "bool_and"], [match(left, name, pattern, scope)]))],
    [rangeFunction(call(["unnest"], [right]), aliasBody("item", ["pattern"]))],
  );
  const link = { SubLink: { subLinkType: "EXPR_SUBLINK", subselect: { SelectStmt: query }, location: -1 } };
  return { CoalesceExpr: { args: [link, booleanConstant(!isAny)], location: -1 } };
}
