/**
 * Rewrites an expression from its leaves up: first the parts, then the rules for the node itself, which therefore see
 * parts that are already DuckDB's. A subquery gets a scope of its own.
 */
import { cast, macroCall } from "./build.ts";
import { intervalBounds } from "./rules/aggregates.ts";
import { rewriteIndirection } from "./rules/arrays.ts";
import { constantNumber } from "./rules/constants.ts";
import { rewriteCast } from "./rules/casts.ts";
import { rewriteCollate } from "./rules/collate.ts";
import { rewriteColumnDefinition } from "./rules/column_values.ts";
import { rewriteConstant } from "./rules/constants.ts";
import { rewriteColumnRef } from "./rules/columns.ts";
import { rewriteCall } from "./rules/functions.ts";
import { rewriteOperator } from "./rules/operators.ts";
import { rewriteTypeName } from "./rules/type_names.ts";
import { rewriteRangeVar } from "./rules/relations.ts";
import { innerRole, innerScope, type Scope } from "./scope.ts";
import { isObject, mapFields, type PgNode, rewrap, stringsOf, typeOfNode } from "./tree.ts";

type Rule = (body: PgNode, node: PgNode, scope: Scope) => PgNode;

const rules: Readonly<Record<string, Rule>> = {
  A_Expr: rewriteOperator,
  A_Indirection: rewriteIndirection,
  CollateClause: rewriteCollate,
  ColumnDef: rewriteColumnDefinition,
  ColumnRef: rewriteColumnRef,
  FuncCall: rewriteCall,
  GroupingFunc: (_body, node) => cast(node, "int4"),
  SQLValueFunction: (body, node) => body["op"] === "SVFOP_CURRENT_SCHEMA" ? macroCall("current_schema", []) : node,
  RangeVar: (body, node, scope) => rewrap(node, "RangeVar", rewriteRangeVar(body, scope).body),
  TypeCast: rewriteCast,
  WindowDef: (body, node) => rewrap(node, "WindowDef", intervalBounds(body)),
};

/** An expression node, or a list item such as SortBy or List, with all that stands below it. */
export function rewriteExpression(node: PgNode, scope: Scope): PgNode {
  const type = typeOfNode(node);
  if (type === "") return rewriteParts(node, scope);
  const body = node[type];
  if (!isObject(body)) return node;
  if (type === "SelectStmt") {
    return rewrap(node, type, scope.statement.rewriteQuery(body, innerScope(scope), innerRole).body);
  }
  if (type === "A_Const") return isSmallestInteger(node) ? cast(node, "int4") : rewriteConstant(node);
  if (type === "String" || type === "ParamRef") return node;
  const inside = type === "FuncCall" && scope.rowsAllowed && takesLists(body)
    ? { ...scope, rowsAllowed: false }
    : scope;
  const mapped = rewriteParts(body, inside);
  return rules[type]?.(mapped, rewrap(node, type, mapped), scope) ?? rewrap(node, type, mapped);
}

/** For DuckDB it is the opposite of a number that needs 64 bits. */
function isSmallestInteger(node: PgNode): boolean {
  return constantNumber(node) === "-2147483648";
}

/** `unnest(generate_series(1, 3))` is DuckDB's way to write rows: the inner function gives a list. */
function takesLists(body: PgNode): boolean {
  return /^(?:unnest|len|list_|array_)/.test(stringsOf(body, "funcname").at(-1) ?? "");
}

/** All parts of a body, which stays the same object when none changes. */
export function rewriteParts(body: PgNode, scope: Scope): PgNode {
  return mapFields(body, (value, field) => {
    if (field === "typeName") return rewriteTypeName(value, scope);
    return rewriteExpression(value, scope);
  });
}
