/**
 * Averages and quotients that are numeric in PostgreSQL and doubles in DuckDB, where they are a column of the statement's result: there they
 * become exact decimals (`quotientType`), so that the column has PostgreSQL's type and digits. Inside of larger expressions and in subqueries they stay doubles:
 * decimals of 38 digits cannot be multiplied with each other without end, and doubles are faster.
 *
 * Only where the types of all operands are known is anything changed.
 */
import { quotientType } from "../../quotient_type.ts";
import { cast, integerConstant, macroCall, stringNode } from "./build.ts";
import { typeOf } from "./infer.ts";
import type { Scope } from "./scope.ts";
import { constantText } from "./rules/constants.ts";
import { isInteger, type StaticType } from "./static_types.ts";
import {
  bodyOf,
  child,
  flag,
  isObject,
  list,
  mapList,
  type PgNode,
  stringsOf,
  text,
  typeOfNode,
  withFields,
} from "./tree.ts";

/** Decimals of a rounded number; DuckDB's decimals have 38 digits, of which some must stand before the point. */
const roundedScaleMax = 18;
const digitsMax = 38;

/** `grouped`: the query groups by expressions, so that one of these must stay as it is written there. */
export function withNumericResult(value: PgNode, scope: Scope, grouped: boolean): PgNode {
  if (!mayBeNumeric(value) || !isNumeric(typeOf(value, scope)) || holdsSubquery(value)) return value;
  if (grouped && !holdsAggregate(value)) return value;
  return numeric(value, scope);
}

const isNumeric = (type: StaticType) => type === "numeric";
const isExactNumber = (type: StaticType) => isNumeric(type) || isInteger(type);

const kinds: ReadonlySet<string> = new Set(["FuncCall", "A_Expr", "CaseExpr", "CoalesceExpr"]);

function mayBeNumeric(value: PgNode): boolean {
  return kinds.has(typeOfNode(value));
}

/** The same value as a decimal; the same node where it is one already. */
function numeric(node: PgNode, scope: Scope): PgNode {
  if (!isNumeric(typeOf(node, scope))) return node;
  switch (typeOfNode(node)) {
    case "FuncCall":
      return numericCall(node, bodyOf(node, "FuncCall")!, scope);
    case "A_Expr":
      return numericOperation(node, bodyOf(node, "A_Expr")!, scope);
    case "CoalesceExpr": {
      const body = bodyOf(node, "CoalesceExpr")!;
      const parts = mapList(list(body, "args"), (part) => numeric(part, scope));
      if (parts === list(body, "args")) return node;
      return asCommon({ CoalesceExpr: withFields(body, { args: parts }) }, parts);
    }
    case "CaseExpr":
      return numericCase(node, bodyOf(node, "CaseExpr")!, scope);
    default:
      return node;
  }
}

function numericCase(node: PgNode, body: PgNode, scope: Scope): PgNode {
  const branches = mapList(list(body, "args"), (item) => {
    const when = bodyOf(item, "CaseWhen");
    const result = child(when, "result");
    if (when === null || result === null) return item;
    const changed = numeric(result, scope);
    return changed === result ? item : { CaseWhen: withFields(when, { result: changed }) };
  });
  const otherwise = child(body, "defresult");
  const changed = otherwise === null ? null : numeric(otherwise, scope);
  if (branches === list(body, "args") && changed === otherwise) return node;
  const results = [...branches.map((item) => child(bodyOf(item, "CaseWhen"), "result")!), changed];
  return asCommon(
    { CaseExpr: withFields(body, { args: branches, ...(changed === null ? {} : { defresult: changed }) }) },
    results.filter((result) => result !== null),
  );
}

function numericOperation(node: PgNode, body: PgNode, scope: Scope): PgNode {
  const left = child(body, "lexpr");
  const right = child(body, "rexpr");
  const name = stringsOf(body, "name").at(-1);
  if (text(body, "kind") !== "AEXPR_OP" || right === null) return node;
  if (left === null) {
    const changed = numeric(right, scope);
    return changed === right ? node : { A_Expr: withFields(body, { rexpr: changed }) };
  }
  if (![left, right].every((operand) => isExactNumber(typeOf(operand, scope)))) return node;
  if (name === "/") return macroCall("__numeric_quotient", [numeric(left, scope), numeric(right, scope)]);
  if (name !== "+" && name !== "-" && name !== "*") return node;
  const operands = { lexpr: numeric(left, scope), rexpr: numeric(right, scope) };
  // A product of two quotients has more decimals than there is room for: it is made of doubles.
  const isProduct = name === "*" && operands.lexpr !== left && operands.rexpr !== right;
  if (operands.lexpr === left && operands.rexpr === right) return node;
  const computed = { A_Expr: withFields(body, operands) };
  if (![operands.lexpr, operands.rexpr].some(holdsQuotient)) return computed;
  return isProduct ? asQuotient(node) : asQuotient(computed);
}

function numericCall(node: PgNode, body: PgNode, scope: Scope): PgNode {
  const names = stringsOf(body, "funcname");
  const [value, digits, ...others] = list(body, "args");
  if (value === undefined || others.length > 0 || (names.length > 1 && names[0] !== "pg_catalog")) return node;
  switch (names.at(-1)) {
    case "avg": {
      if (digits !== undefined || !isExactNumber(typeOf(value, scope))) return node;
      const named = (name: string): PgNode => ({ FuncCall: withFields(body, { funcname: [stringNode(name)] }) });
      return macroCall("__numeric_quotient", [named("sum"), named("count")]);
    }
    case "round":
    case "trunc": {
      const scale = digits === undefined ? 0 : constantOf(digits);
      if (!isExactNumber(typeOf(value, scope)) || flag(body, "agg_distinct")) return node;
      if (scale === null || Math.abs(scale) > roundedScaleMax) return node;
      const inner = isInteger(typeOf(value, scope))
        ? cast(value, "numeric", [digitsMax, Math.max(scale, 0)])
        : numeric(value, scope);
      const changed = { FuncCall: withFields(body, { args: digits === undefined ? [inner] : [inner, digits] }) };
      return cast(changed, "numeric", [digitsMax, Math.max(scale, 0)]);
    }
    case "extract": {
      const scale = digits === undefined ? null : decimalsOfField(value, typeOf(digits, scope));
      return scale === null ? node : cast(node, "numeric", [fieldDigits, scale]);
    }
    case "sign":
      return cast(node, "numeric", [1, 0]);
    case "ceil":
    case "ceiling":
    case "floor":
    case "abs": {
      const inner = numeric(value, scope);
      return inner === value ? node : { FuncCall: withFields(body, { args: [inner] }) };
    }
    default:
      return node;
  }
}

/** Digits of a field of a time: as many as of an epoch in microseconds. */
const fieldDigits = 18;
const wholeFields: ReadonlySet<string> = new Set(
  ("microsecond microseconds usec usecs us minute minutes min mins m hour hours hr hrs h day days d week weeks w month months mon mons " +
    "quarter quarters qtr year years yr yrs y decade decades dec decs century centuries cent c millennium millennia mil mils " +
    "dow isodow doy isoyear timezone timezone_hour timezone_minute").split(" "),
);

/** How many decimals `extract` gives of that field, always as many; null for what is not known here. */
function decimalsOfField(field: PgNode, type: StaticType): number | null {
  const name = (constantText(field) ?? "").toLowerCase();
  if (wholeFields.has(name)) return 0;
  switch (name) {
    case "second":
    case "seconds":
    case "sec":
    case "secs":
    case "s":
      return 6;
    case "millisecond":
    case "milliseconds":
    case "msec":
    case "msecs":
    case "ms":
      return 3;
    case "epoch":
      return type === "date" ? 0 : 6;
    default:
      return null;
  }
}

/** What chooses among `parts`; beside numbers that were rounded there is nothing to make alike. */
function asCommon(node: PgNode, parts: readonly PgNode[]): PgNode {
  return parts.some((part) => stringsOf(bodyOf(part, "FuncCall"), "funcname").at(-1) === "__numeric_quotient")
    ? asQuotient(node)
    : node;
}

function holdsQuotient(node: PgNode): boolean {
  return someNode(
    node,
    (type, body) =>
      type === "FuncCall" && stringsOf(body, "funcname").at(-1) === "__numeric_quotient" ||
      type === "TypeCast" && isQuotientType(child(body, "typeName")),
  );
}

function isQuotientType(type: PgNode | null): boolean {
  const modifiers = list(type, "typmods").map(constantOf);
  return modifiers[0] === quotientType.width && modifiers[1] === quotientType.scale;
}

function asQuotient(node: PgNode): PgNode {
  return cast(node, "numeric", [quotientType.width, quotientType.scale]);
}

function constantOf(node: PgNode): number | null {
  const negative = bodyOf(node, "A_Expr");
  if (negative !== null && child(negative, "lexpr") === null && stringsOf(negative, "name").at(-1) === "-") {
    const value = constantOf(child(negative, "rexpr") ?? integerConstant(0));
    return value === null ? null : -value;
  }
  const value = child(bodyOf(node, "A_Const"), "ival");
  return value === null ? null : Number(value["ival"] ?? 0);
}

function holdsSubquery(node: PgNode): boolean {
  return someNode(node, (type) => type === "SubLink");
}

const aggregateNames: ReadonlySet<string> = new Set(["avg", "sum", "count", "min", "max"]);

function holdsAggregate(node: PgNode): boolean {
  return someNode(
    node,
    (type, body) => type === "FuncCall" && aggregateNames.has(stringsOf(body, "funcname").at(-1) ?? ""),
  );
}

function someNode(node: PgNode, matches: (type: string, body: PgNode) => boolean): boolean {
  const type = typeOfNode(node);
  const body = type === "" ? node : child(node, type);
  if (body === null) return false;
  if (type !== "" && matches(type, body)) return true;
  return Object.values(body).some((value) =>
    Array.isArray(value)
      ? value.some((item) => isObject(item) && someNode(item, matches))
      : isObject(value) && someNode(value, matches)
  );
}
