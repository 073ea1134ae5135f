/**
 * Which expressions need brackets where. The levels are those on which PostgreSQL's and DuckDB's grammars agree (each pair was
 * compared with `json_serialize_sql`); what they see differently, such as `->`, always stands in brackets beside an operator.
 */
import { type A_Expr, bodyOf, lastPart, type Node, refuse, tagOf } from "./tree.ts";
import type { Writer } from "./writer.ts";

/** How tightly an expression holds together; a higher one needs no brackets where a lower one is wanted. */
export const level = {
  /** `->`, which DuckDB reads after AND, and AT TIME ZONE. */
  lowest: 0,
  or: 1,
  and: 2,
  not: 3,
  comparison: 4,
  otherOperator: 5,
  additive: 6,
  multiplicative: 7,
  power: 8,
  unary: 9,
  atom: 10,
} as const;

export type Level = typeof level[keyof typeof level];

const binaryLevels: Readonly<Record<string, Level>> = {
  "=": level.comparison,
  "==": level.comparison,
  "<>": level.comparison,
  "!=": level.comparison,
  "<": level.comparison,
  ">": level.comparison,
  "<=": level.comparison,
  ">=": level.comparison,
  "~~": level.comparison,
  "!~~": level.comparison,
  "~~*": level.comparison,
  "!~~*": level.comparison,
  "+": level.additive,
  "-": level.additive,
  "*": level.multiplicative,
  "/": level.multiplicative,
  "%": level.multiplicative,
  "^": level.power,
  "->": level.lowest,
  "->>": level.lowest,
};

/** Of an operator with two operands. */
export function binaryLevel(operator: string): Level {
  return Object.hasOwn(binaryLevels, operator) ? binaryLevels[operator]! : level.otherOperator;
}

function operatorLevel(expression: A_Expr): Level {
  switch (expression.kind) {
    case "AEXPR_NULLIF":
      return level.atom;
    case "AEXPR_OP": {
      if (expression.lexpr !== undefined) return binaryLevel(lastPart(expression.name));
      return ["+", "-"].includes(lastPart(expression.name)) ? level.unary : level.otherOperator;
    }
    default:
      return level.comparison;
  }
}

export function levelOf(node: Node | undefined): Level {
  const tag = tagOf(node);
  switch (tag) {
    case "A_Const": {
      const constant = bodyOf(node, "A_Const");
      const negative = (constant?.ival?.ival ?? 0) < 0 || constant?.fval?.fval?.startsWith("-") === true;
      return negative ? level.unary : level.atom;
    }
    case "BoolExpr": {
      const operator = bodyOf(node, "BoolExpr")?.boolop;
      return operator === "OR_EXPR" ? level.or : operator === "AND_EXPR" ? level.and : level.not;
    }
    case "A_Expr":
      return operatorLevel(bodyOf(node, "A_Expr") ?? refuse("an empty operator"));
    case "NullTest":
    case "BooleanTest":
      return level.comparison;
    case "SubLink": {
      const kind = bodyOf(node, "SubLink")?.subLinkType;
      return kind === "ANY_SUBLINK" || kind === "ALL_SUBLINK" ? level.comparison : level.atom;
    }
    case "CollateClause": {
      // the default collation is not printed; the bounds of BETWEEN and the defaults of columns take none without brackets
      const clause = bodyOf(node, "CollateClause");
      return lastPart(clause?.collname) === "default" ? levelOf(clause?.arg) : level.comparison;
    }
    case "FuncCall": {
      const call = bodyOf(node, "FuncCall");
      const atTimeZone = call?.funcformat === "COERCE_SQL_SYNTAX" && lastPart(call.funcname) === "timezone";
      return atTimeZone ? level.lowest : level.atom;
    }
    default:
      return level.atom;
  }
}

/** Prints an expression, in brackets when it holds together less than `least`. */
export function expression(out: Writer, node: Node | undefined, least: Level = level.lowest): void {
  const own = levelOf(node);
  if (own >= least) return out.node(node);
  if (own === level.lowest) out.translates();
  out.bracketedNode(node);
}

/** Expressions with commas or another separator between; no callback, since it calls itself for each level of a tree. */
export function expressions(
  out: Writer,
  nodes: readonly Node[] | undefined,
  separator = ", ",
  least: Level = level.lowest,
): void {
  let lead = "";
  for (const node of nodes ?? []) {
    out.write(lead);
    lead = separator;
    expression(out, node, least);
  }
}

export function bracketedExpressions(out: Writer, nodes: readonly Node[] | undefined): void {
  out.write("(");
  expressions(out, nodes);
  out.write(")");
}
