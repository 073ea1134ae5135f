/** Makers of parse tree nodes, in the shape that libpg-query gives, so that the printer knows one language only. */
import { catalogDatabase } from "../../catalog/types.ts";
import type { PgNode } from "./tree.ts";

export function stringNode(value: string): PgNode {
  return { String: { sval: value } };
}

export function textConstant(value: string, location = -1): PgNode {
  return { A_Const: { sval: { sval: value }, location } };
}

/** An integer up to 32 bits; larger ones as PostgreSQL's parser gives them, as `fval`. */
export function integerConstant(value: number, location = -1): PgNode {
  if (Math.abs(value) > 2147483647) return { A_Const: { fval: { fval: String(value) }, location } };
  return { A_Const: { ival: value === 0 ? {} : { ival: value }, location } };
}

export function booleanConstant(value: boolean, location = -1): PgNode {
  return { A_Const: { boolval: value ? { boolval: true } : {}, location } };
}

export function nullConstant(location = -1): PgNode {
  return { A_Const: { isnull: true, location } };
}

/** A call of a function by its name parts. */
export function call(names: readonly string[], parameters: readonly PgNode[], location = -1): PgNode {
  return {
    FuncCall: {
      funcname: names.map(stringNode),
      ...(parameters.length === 0 ? {} : { args: parameters }),
      funcformat: "COERCE_EXPLICIT_CALL",
      location,
    },
  };
}

/** The name of one of our macros. */
export function macroPath(name: string): readonly string[] {
  return [catalogDatabase, "pg", name];
}

export function macroCall(name: string, parameters: readonly PgNode[], location = -1): PgNode {
  return call(macroPath(name), parameters, location);
}

/** A type by its name in PostgreSQL, with `[]` for each dimension: `int4`, `text[]`. */
export function typeName(name: string, modifiers: readonly number[] = []): PgNode {
  const dimensions = name.split("[]").length - 1;
  return {
    names: [stringNode(name.replaceAll("[]", ""))],
    ...(modifiers.length === 0 ? {} : { typmods: modifiers.map((value) => integerConstant(value)) }),
    ...(dimensions === 0 ? {} : { arrayBounds: Array.from({ length: dimensions }, () => ({ Integer: { ival: -1 } })) }),
    typemod: -1,
    location: -1,
  };
}

export function cast(argument: PgNode, type: string, modifiers: readonly number[] = []): PgNode {
  return { TypeCast: { arg: argument, typeName: typeName(type, modifiers), location: -1 } };
}

export function columnRef(...fields: readonly string[]): PgNode {
  return { ColumnRef: { fields: fields.map(stringNode), location: -1 } };
}

export const star: PgNode = { ColumnRef: { fields: [{ A_Star: {} }], location: -1 } };

export function arrayOf(elements: readonly PgNode[], location = -1): PgNode {
  return { A_ArrayExpr: { ...(elements.length === 0 ? {} : { elements }), location } };
}

export function operator(left: PgNode | null, name: string, right: PgNode, location = -1): PgNode {
  return {
    A_Expr: {
      kind: "AEXPR_OP",
      name: [stringNode(name)],
      ...(left === null ? {} : { lexpr: left }),
      rexpr: right,
      location,
    },
  };
}

export function not(argument: PgNode): PgNode {
  return { BoolExpr: { boolop: "NOT_EXPR", args: [argument], location: -1 } };
}

export function and(...parts: readonly PgNode[]): PgNode {
  return { BoolExpr: { boolop: "AND_EXPR", args: parts, location: -1 } };
}

export function or(...parts: readonly PgNode[]): PgNode {
  return { BoolExpr: { boolop: "OR_EXPR", args: parts, location: -1 } };
}

export function isNull(argument: PgNode): PgNode {
  return { NullTest: { arg: argument, nulltesttype: "IS_NULL", location: -1 } };
}

/** `CASE WHEN condition THEN result … ELSE otherwise END`. */
export function caseWhen(branches: readonly (readonly [PgNode, PgNode])[], otherwise: PgNode | null): PgNode {
  return {
    CaseExpr: {
      args: branches.map(([expr, result]) => ({ CaseWhen: { expr, result, location: -1 } })),
      ...(otherwise === null ? {} : { defresult: otherwise }),
      location: -1,
    },
  };
}

export function target(value: PgNode, name?: string): PgNode {
  return { ResTarget: { ...(name === undefined ? {} : { name }), val: value, location: -1 } };
}

/** The body of a plain SELECT. */
export function selectBody(targets: readonly PgNode[], from: readonly PgNode[] = []): PgNode {
  return {
    targetList: targets,
    ...(from.length === 0 ? {} : { fromClause: from }),
    limitOption: "LIMIT_OPTION_DEFAULT",
    op: "SETOP_NONE",
  };
}

export function aliasBody(name: string, columns: readonly string[] = []): PgNode {
  return { aliasname: name, ...(columns.length === 0 ? {} : { colnames: columns.map(stringNode) }) };
}

/** `(SELECT …) AS alias` for a FROM clause. */
export function rangeSubselect(query: PgNode, alias: PgNode | null, lateral = false): PgNode {
  return {
    RangeSubselect: {
      ...(lateral ? { lateral: true } : {}),
      subquery: { SelectStmt: query },
      ...(alias === null ? {} : { alias }),
    },
  };
}

/** `f(…) AS alias` for a FROM clause. */
export function rangeFunction(functionCall: PgNode, alias: PgNode | null): PgNode {
  return {
    RangeFunction: {
      functions: [{ List: { items: [functionCall, {}] } }],
      ...(alias === null ? {} : { alias }),
    },
  };
}

/** A relation in a FROM clause, by the name of a WITH query or with its schema before it. */
export function rangeVarNode(...names: readonly string[]): PgNode {
  return { RangeVar: rangeVarBody(...names) };
}

export function rangeVarBody(...names: readonly string[]): PgNode {
  const [relname, schemaname, catalogname] = [...names].reverse();
  return {
    ...(catalogname === undefined ? {} : { catalogname }),
    ...(schemaname === undefined ? {} : { schemaname }),
    relname,
    inh: true,
    relpersistence: "p",
    location: -1,
  };
}

/** `name (columns) AS [NOT] MATERIALIZED (query)` of a WITH clause. */
export function commonTable(name: string, query: PgNode, columns: readonly string[] = []): PgNode {
  return {
    CommonTableExpr: {
      ctename: name,
      ...(columns.length === 0 ? {} : { aliascolnames: columns.map(stringNode) }),
      ctematerialized: "CTEMaterializeAlways",
      ctequery: { SelectStmt: query },
      location: -1,
    },
  };
}
