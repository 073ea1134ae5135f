/** The static type of an expression in a scope; see static_types.ts for what the answer means. */
import { functionType } from "./function_types.ts";
import { findColumn, findRelation, type Scope } from "./scope.ts";
import {
  commonType,
  computedNumber,
  elementOf,
  isArray,
  isInteger,
  isJson,
  isNumber,
  isOid,
  isText,
  type StaticType,
  typeOfTypeName,
} from "./static_types.ts";
import { bodyOf, child, list, type PgNode, stringOf, stringsOf, text, typeOfNode } from "./tree.ts";

export function typeOf(node: PgNode | null, scope: Scope): StaticType {
  if (node === null) return null;
  const types = scope.statement.types;
  const known = types.get(node);
  if (known !== undefined) return known;
  const found = infer(node, scope);
  types.set(node, found);
  return found;
}

/** The same expression under a type of its own: `x::regclass` of an OID is x itself. */
export function withType(node: PgNode, type: StaticType, scope: Scope): PgNode {
  const copy = { ...node };
  scope.statement.types.set(copy, type);
  return copy;
}

function infer(node: PgNode, scope: Scope): StaticType {
  const type = typeOfNode(node);
  const body = child(node, type);
  if (body === null) return null;
  switch (type) {
    case "A_Const":
      return constantType(body);
    case "TypeCast":
      return typeOfTypeName(child(body, "typeName") ?? {});
    case "ColumnRef":
      return columnType(body, scope);
    case "FuncCall": {
      const [first, second] = list(body, "args");
      const names = stringsOf(body, "funcname");
      return callType(names.at(-1) ?? "", first ?? null, second ?? null, scope);
    }
    case "A_Expr":
      return operatorType(body, scope);
    case "BoolExpr":
    case "NullTest":
    case "BooleanTest":
      return "bool";
    case "CoalesceExpr":
    case "MinMaxExpr":
      return typeOfAlternatives(list(body, "args"), scope);
    case "CaseExpr": {
      const results = list(body, "args").map((item) => child(bodyOf(item, "CaseWhen"), "result")!);
      const otherwise = child(body, "defresult");
      return typeOfAlternatives(otherwise === null ? results : [...results, otherwise], scope);
    }
    case "A_ArrayExpr": {
      const element = commonType(list(body, "elements").map((item) => typeOf(item, scope)));
      return element === null ? null : element === "unknown" ? "text[]" : `${element}[]`;
    }
    case "A_Indirection":
      return indirectionType(body, scope);
    case "CollateClause":
      return typeOf(child(body, "arg"), scope);
    case "SubLink":
      return subLinkType(body, scope);
    case "SQLValueFunction":
      return valueFunctionTypes[text(body, "op")] ?? null;
    case "GroupingFunc":
      return "int4";
    default:
      return null;
  }
}

/** A whole number that is written out takes an OID's type. */
function typeOfAlternatives(nodes: readonly PgNode[], scope: Scope): StaticType {
  const numbers = nodes.filter((node) => child(bodyOf(node, "A_Const"), "ival") !== null);
  if (numbers.length > 0 && numbers.length < nodes.length) {
    const others = commonType(nodes.filter((node) => !numbers.includes(node)).map((node) => typeOf(node, scope)));
    if (isOid(others)) return others;
  }
  return commonType(nodes.map((node) => typeOf(node, scope)));
}

const valueFunctionTypes: Readonly<Record<string, string>> = {
  SVFOP_CURRENT_DATE: "date",
  SVFOP_CURRENT_TIMESTAMP: "timestamptz",
  SVFOP_CURRENT_TIMESTAMP_N: "timestamptz",
  SVFOP_LOCALTIME: "time",
  SVFOP_LOCALTIME_N: "time",
  SVFOP_LOCALTIMESTAMP: "timestamp",
  SVFOP_LOCALTIMESTAMP_N: "timestamp",
  SVFOP_CURRENT_USER: "name",
  SVFOP_CURRENT_ROLE: "name",
  SVFOP_USER: "name",
  SVFOP_SESSION_USER: "name",
  SVFOP_CURRENT_CATALOG: "name",
  SVFOP_CURRENT_SCHEMA: "name",
};

function constantType(body: PgNode): StaticType {
  if (child(body, "ival") !== null) return "int4";
  const number = child(body, "fval");
  if (number !== null) return /^-?\d+$/.test(text(number, "fval")) ? "int8" : "numeric";
  if (child(body, "boolval") !== null) return "bool";
  if (child(body, "bsval") !== null) return "bit";
  return "unknown";
}

function columnType(body: PgNode, scope: Scope): StaticType {
  const fields = list(body, "fields");
  const names = fields.map(stringOf);
  const name = names.at(-1)!;
  if (name === "") return null;
  if (names.length === 1) return findColumn(scope, name)?.column.type ?? null;
  const relation = findRelation(scope, names.at(-2)!, names.at(-3) ?? null) ?? findRelation(scope, names.at(-2)!);
  return relation?.columns?.find((column) => column.name === name)?.type ?? null;
}

function callType(name: string, first: PgNode | null, second: PgNode | null, scope: Scope): StaticType {
  if (name === "__divide" || name === "__modulo") {
    return arithmeticType("/", typeOf(first, scope), typeOf(second, scope));
  }
  return functionType(name, typeOf(first, scope), typeOf(second, scope));
}

const comparisons: ReadonlySet<string> = new Set(
  ["=", "<>", "!=", "<", ">", "<=", ">=", "~", "~*", "!~", "!~*", "~~", "~~*", "!~~", "!~~*", "@>", "<@", "&&", "?"],
);

function operatorType(body: PgNode, scope: Scope): StaticType {
  const kind = text(body, "kind");
  const left = child(body, "lexpr");
  const right = child(body, "rexpr");
  if (kind === "AEXPR_NULLIF") return typeOf(left, scope);
  if (kind !== "AEXPR_OP") return "bool";
  const name = stringsOf(body, "name").at(-1)!;
  if (comparisons.has(name)) return "bool";
  if (left === null) return name === "|/" || name === "||/" ? "float8" : typeOf(right, scope);
  return arithmeticType(name, typeOf(left, scope), typeOf(right, scope));
}

function arithmeticType(name: string, left: StaticType, right: StaticType): StaticType {
  switch (name) {
    case "||":
      if (isArray(left)) return left;
      if (isArray(right)) return right;
      if (isJson(left) || isJson(right)) return "jsonb";
      if (left === "bytea" || right === "bytea") return "bytea";
      return isText(left) || isText(right) || (left === "unknown" && right === "unknown") ? "text" : null;
    case "->":
      return left === null || left === "unknown" ? null : left;
    case "#>":
    case "#-":
      return "jsonb";
    case "->>":
    case "#>>":
      return "text";
  }
  if (left === null || right === null) return null;
  const [one, other] = left === "unknown" ? [right, right] : right === "unknown" ? [left, left] : [left, right];
  if (isNumber(one) && isNumber(other)) return name === "^" ? null : computedNumber(one, other);
  if (name === "-" && one === other && (one === "timestamp" || one === "timestamptz" || one === "time")) {
    return "interval";
  }
  if (one === "date" || other === "date") {
    if (name === "-" && one === "date" && other === "date") return "int4";
    if (isInteger(one) || isInteger(other)) return "date";
    return one === "interval" || other === "interval" || one === "time" || other === "time" ? "timestamp" : null;
  }
  for (const type of ["timestamp", "timestamptz", "time"]) if (one === type || other === type) return type;
  if (one === "interval" || other === "interval") return "interval";
  return null;
}

function indirectionType(body: PgNode, scope: Scope): StaticType {
  let type = typeOf(child(body, "arg"), scope);
  for (const step of list(body, "indirection")) {
    const indices = bodyOf(step, "A_Indices");
    if (indices === null) return null;
    if (indices["is_slice"] !== true) type = elementOf(type);
  }
  return type;
}

function subLinkType(body: PgNode, scope: Scope): StaticType {
  const kind = text(body, "subLinkType");
  if (kind !== "EXPR_SUBLINK" && kind !== "ARRAY_SUBLINK") return "bool";
  const select = bodyOf(child(body, "subselect"), "SelectStmt");
  const column = select === null ? undefined : scope.statement.columns.get(select)?.[0];
  if (column === undefined || column.type === null) return null;
  return kind === "EXPR_SUBLINK" ? column.type : `${column.type}[]`;
}
