/** Operators: those with symbols, and those that the grammar spells with words (IN, LIKE, BETWEEN, AND, IS …). */
import { binaryLevel, bracketedExpressions, expression, expressions, type Level, level } from "./brackets.ts";
import { similarPattern } from "./similar_pattern.ts";
import {
  type A_Expr,
  bodyOf,
  type BooleanTest,
  type BoolExpr,
  constantText,
  itemsOf,
  lastPart,
  type Node,
  type NullTest,
  refuse,
  refuseOtherFields,
  requireFields,
  stringsOf,
} from "./tree.ts";
import type { NodePrinters, Writer } from "./writer.ts";

/** The comparisons that DuckDB has before ANY and ALL. */
const quantifiable: ReadonlySet<string> = new Set(["=", "<>", "!=", "<", ">", "<=", ">="]);

/** The operators behind LIKE and ILIKE. */
const likeWords: Readonly<Record<string, string>> = {
  "~~": "LIKE",
  "!~~": "NOT LIKE",
  "~~*": "ILIKE",
  "!~~*": "NOT ILIKE",
};

/** The operator of an expression, without the schema of `OPERATOR(schema.op)`. */
function operatorOf(out: Writer, operator: A_Expr): string {
  if ((operator.name?.length ?? 0) > 1) out.translates();
  const text = lastPart(operator.name);
  // DuckDB reads ? as a parameter, # as a column by position or a syntax error
  if (!/^[-+*/<>=~!@%^&|`]+$/.test(text)) refuse(`the operator ${text}`);
  return text;
}

function placedWord(out: Writer, word: string, location: number | undefined): void {
  out.write(" ");
  out.place(location);
  out.write(`${word} `);
}

/** Left and right operand of a binary operator: what they must hold together at least. */
function operandLevels(operator: string, left: Node | undefined): readonly [Level, Level] {
  const own = binaryLevel(operator);
  switch (own) {
    case level.comparison:
      return [level.otherOperator, level.otherOperator];
    case level.additive:
      return [level.additive, level.multiplicative];
    case level.multiplicative:
      return [level.multiplicative, level.unary];
    default: {
      const leftExpression = bodyOf(left, "A_Expr");
      const isChain = operator === "||" && leftExpression?.kind === "AEXPR_OP" &&
        leftExpression.lexpr !== undefined && lastPart(leftExpression.name) === "||";
      return [isChain ? level.otherOperator : level.atom, level.atom];
    }
  }
}

function symbol(out: Writer, operator: A_Expr): void {
  const text = operatorOf(out, operator);
  if (Object.hasOwn(likeWords, text) && operator.lexpr !== undefined) return like(out, operator);
  if (operator.lexpr === undefined) {
    out.place(operator.location);
    out.write(text === "-" || text === "+" ? text : `${text} `);
    return expression(out, operator.rexpr, level.atom);
  }
  const [left, right] = operandLevels(text, operator.lexpr);
  expression(out, operator.lexpr, left);
  placedWord(out, text, operator.location);
  expression(out, operator.rexpr, right);
}

/** `x = ANY (array)` or `x <> ALL (array)` without a subquery; null as there, when the array has nulls but not x. */
function listMembership(out: Writer, operator: A_Expr, whenFound: boolean): void {
  const value = () => expression(out, operator.lexpr, level.atom);
  const array = () => expression(out, operator.rexpr);
  out.translates();
  out.place(operator.location);
  out.write("CASE WHEN list_contains(");
  array();
  out.write(", ");
  expression(out, operator.lexpr);
  out.write(`) THEN ${whenFound} WHEN len(`);
  array();
  out.write(") = 0 OR (");
  value();
  out.write(" IS NOT NULL AND list_count(");
  array();
  out.write(") = len(");
  array();
  out.write(`)) THEN ${!whenFound} END`);
}

/** The elements of an array that is written out, also under a cast of the whole; null for another value. */
function writtenElements(node: Node | undefined): readonly Node[] | null {
  const cast = bodyOf(node, "TypeCast");
  if (cast?.typeName?.arrayBounds?.length === 1) {
    refuseOtherFields(cast, ["arg", "typeName"]);
    const { arrayBounds: _, ...typeName } = cast.typeName;
    return writtenElements(cast.arg)?.map((arg) => ({ TypeCast: { ...cast, arg, typeName } })) ?? null;
  }
  const array = bodyOf(node, "A_ArrayExpr") ?? {};
  refuseOtherFields(array, ["elements", "list_start", "list_end"]);
  const elements = array.elements ?? [];
  const isFlat = elements.length > 0 && elements.every((element) => bodyOf(element, "A_ArrayExpr") === null);
  return isFlat ? elements : null;
}

/** `LIKE ANY (array)`, which DuckDB has not, as one LIKE for each element. */
function likeQuantified(out: Writer, operator: A_Expr, elements: readonly Node[], separator: " OR " | " AND "): void {
  out.translates();
  const each = (rexpr: Node) => like(out, { ...operator, rexpr });
  out.brackets(() => out.list(elements, each, separator));
}

/** `= ANY (array)`; over an array that is written out it is IN, which DuckDB filters with instead of joining. */
function quantified(out: Writer, operator: A_Expr, word: "ANY" | "ALL"): void {
  const text = operatorOf(out, operator);
  const elements = writtenElements(operator.rexpr);
  if (Object.hasOwn(likeWords, text) && elements !== null) {
    return likeQuantified(out, operator, elements, word === "ANY" ? " OR " : " AND ");
  }
  if (!quantifiable.has(text)) refuse(`${text} ${word} over an array`);
  const isIn = text === "=" && word === "ANY" || (text === "<>" || text === "!=") && word === "ALL";
  if (isIn && elements !== null) {
    out.translates();
    expression(out, operator.lexpr, level.otherOperator);
    placedWord(out, word === "ANY" ? "IN" : "NOT IN", operator.location);
    return bracketedExpressions(out, elements);
  }
  if (isIn && !out.subqueriesAllowed) return listMembership(out, operator, word === "ANY");
  expression(out, operator.lexpr, level.otherOperator);
  placedWord(out, `${text} ${word}`, operator.location);
  // a subquery in double brackets gives one array, where DuckDB would compare with its rows
  const isSubquery = bodyOf(operator.rexpr, "SubLink")?.subLinkType === "EXPR_SUBLINK";
  if (isSubquery) out.translates();
  out.write(isSubquery ? "(coalesce(" : "(");
  expression(out, operator.rexpr);
  out.write(isSubquery ? "))" : ")");
}

function inList(out: Writer, operator: A_Expr): void {
  expression(out, operator.lexpr, level.otherOperator);
  placedWord(out, lastPart(operator.name) === "<>" ? "NOT IN" : "IN", operator.location);
  bracketedExpressions(out, itemsOf(operator.rexpr));
}

/** The arguments of `pg_catalog.like_escape(pattern, escape)`, as the parser spells `LIKE … ESCAPE …`. */
function escapeCall(node: Node | undefined, name: string): readonly Node[] | null {
  const call = bodyOf(node, "FuncCall");
  if (call === null) return null;
  const [schema, functionName, ...rest] = stringsOf(call.funcname);
  if (schema !== "pg_catalog" || functionName !== name || rest.length > 0) return null;
  refuseOtherFields(call, ["funcname", "args", "funcformat"]);
  return call.args ?? [];
}

/** PostgreSQL's LIKE has the backslash as escape character unless it says another one; DuckDB's has none. */
function like(out: Writer, operator: A_Expr): void {
  const name = lastPart(operator.name);
  const word = likeWords[name] ?? refuse(`${name} for LIKE`);
  const [pattern, escape] = escapeCall(operator.rexpr, "like_escape") ?? [operator.rexpr];
  expression(out, operator.lexpr, level.otherOperator);
  placedWord(out, word, operator.location);
  expression(out, pattern, level.otherOperator);
  if (escape === undefined) {
    const text = constantText(pattern);
    if (text !== null && !text.includes("\\")) return;
    out.translates();
    return out.write(" ESCAPE '\\'");
  }
  // an empty escape is none, as DuckDB has it without ESCAPE
  if (constantText(escape) === "") return;
  out.write(" ESCAPE ");
  expression(out, escape, level.otherOperator);
}

/** DuckDB's SIMILAR TO takes a regular expression, so a pattern that is written out becomes one. */
function similar(out: Writer, operator: A_Expr): void {
  const [pattern, escape] = escapeCall(operator.rexpr, "similar_to_escape") ?? refuse("SIMILAR without a pattern");
  const text = constantText(pattern) ?? refuse("SIMILAR TO a pattern that is not written out");
  const escapeText = escape === undefined ? "\\" : constantText(escape) ?? refuse("an ESCAPE that is not written out");
  const isNot = lastPart(operator.name) === "!~";
  out.translates();
  out.place(operator.location);
  out.write(isNot ? "(NOT regexp_full_match(" : "regexp_full_match(");
  expression(out, operator.lexpr);
  out.write(`, ${similarPattern(text, escapeText)}, 's')${isNot ? ")" : ""}`);
}

function between(out: Writer, operator: A_Expr, word: string): void {
  const [low, high] = itemsOf(operator.rexpr);
  expression(out, operator.lexpr, level.otherOperator);
  placedWord(out, word, operator.location);
  expression(out, low, level.otherOperator);
  out.write(" AND ");
  expression(out, high, level.otherOperator);
}

/** DuckDB has no SYMMETRIC; PostgreSQL too evaluates it as both orders, with the operands taken twice. */
function betweenSymmetric(out: Writer, operator: A_Expr, word: "BETWEEN" | "NOT BETWEEN"): void {
  const [low, high] = itemsOf(operator.rexpr);
  if (low === undefined || high === undefined) refuse("BETWEEN without bounds");
  out.translates();
  out.brackets(() => {
    between(out, operator, word);
    out.write(word === "BETWEEN" ? " OR " : " AND ");
    between(out, { ...operator, rexpr: { List: { items: [high, low] } } }, word);
  });
}

function printOperator(out: Writer, operator: A_Expr): void {
  switch (operator.kind) {
    case "AEXPR_OP":
      return symbol(out, operator);
    case "AEXPR_OP_ANY":
      return quantified(out, operator, "ANY");
    case "AEXPR_OP_ALL":
      return quantified(out, operator, "ALL");
    case "AEXPR_DISTINCT":
    case "AEXPR_NOT_DISTINCT": {
      expression(out, operator.lexpr, level.otherOperator);
      const word = operator.kind === "AEXPR_DISTINCT" ? "IS DISTINCT FROM" : "IS NOT DISTINCT FROM";
      placedWord(out, word, operator.location);
      return expression(out, operator.rexpr, level.otherOperator);
    }
    case "AEXPR_NULLIF":
      out.place(operator.location);
      out.write("nullif(");
      expression(out, operator.lexpr);
      out.write(", ");
      expression(out, operator.rexpr);
      return out.write(")");
    case "AEXPR_IN":
      return inList(out, operator);
    case "AEXPR_LIKE":
    case "AEXPR_ILIKE":
      return like(out, operator);
    case "AEXPR_SIMILAR":
      return similar(out, operator);
    case "AEXPR_BETWEEN":
      return between(out, operator, "BETWEEN");
    case "AEXPR_NOT_BETWEEN":
      return between(out, operator, "NOT BETWEEN");
    case "AEXPR_BETWEEN_SYM":
      return betweenSymmetric(out, operator, "BETWEEN");
    case "AEXPR_NOT_BETWEEN_SYM":
      return betweenSymmetric(out, operator, "NOT BETWEEN");
    case undefined:
      return refuse("an operator without a kind");
    default:
      return operator.kind satisfies never;
  }
}

function printBoolean(out: Writer, boolean: BoolExpr): void {
  const parts = boolean.args ?? [];
  switch (boolean.boolop) {
    case "AND_EXPR":
      return expressions(out, parts, " AND ", level.not);
    case "OR_EXPR":
      return expressions(out, parts, " OR ", level.and);
    case "NOT_EXPR": {
      const subquery = bodyOf(parts[0], "SubLink");
      if (subquery?.subLinkType === "ANY_SUBLINK" && subquery.operName === undefined) {
        refuseOtherFields(subquery, ["subLinkType", "testexpr", "subselect"]);
        expression(out, subquery.testexpr, level.otherOperator);
        placedWord(out, "NOT IN", boolean.location);
        return out.bracketedNode(subquery.subselect);
      }
      out.place(boolean.location);
      out.write("NOT ");
      return expression(out, parts[0], level.atom);
    }
    case undefined:
      return refuse("a boolean expression without an operator");
    default:
      return boolean.boolop satisfies never;
  }
}

const nullTestWords: Readonly<Record<NonNullable<NullTest["nulltesttype"]>, string>> = {
  IS_NULL: "IS NULL",
  IS_NOT_NULL: "IS NOT NULL",
};

/** Of a row PostgreSQL asks whether every field is null, or every field is not; DuckDB asks the struct itself. */
function printNullTest(out: Writer, test: NullTest): void {
  const word = nullTestWords[test.nulltesttype ?? refuse("a test without a kind")];
  const row = bodyOf(test.arg, "RowExpr")?.args ?? [];
  if (row.length > 0) {
    requireFields(test.arg, "RowExpr", ["args", "row_format"]);
    out.translates();
    return out.brackets(() =>
      out.list(row, (field) => {
        expression(out, field, level.otherOperator);
        out.write(` ${word}`);
      }, " AND ")
    );
  }
  expression(out, test.arg, level.otherOperator);
  out.write(` ${word}`);
}

const booleanTestWords: Readonly<Record<NonNullable<BooleanTest["booltesttype"]>, string>> = {
  IS_TRUE: "IS TRUE",
  IS_NOT_TRUE: "IS NOT TRUE",
  IS_FALSE: "IS FALSE",
  IS_NOT_FALSE: "IS NOT FALSE",
  IS_UNKNOWN: "IS UNKNOWN",
  IS_NOT_UNKNOWN: "IS NOT UNKNOWN",
};

export const operatorPrinters = {
  A_Expr: {
    fields: ["kind", "name", "lexpr", "rexpr", "rexpr_list_start", "rexpr_list_end"],
    print: printOperator,
  },
  BoolExpr: { fields: ["boolop", "args"], print: printBoolean },
  NullTest: { fields: ["arg", "nulltesttype"], print: printNullTest },
  BooleanTest: {
    fields: ["arg", "booltesttype"],
    print(out, test) {
      expression(out, test.arg, level.otherOperator);
      out.write(` ${booleanTestWords[test.booltesttype ?? refuse("a test without a kind")]}`);
    },
  },
} satisfies NodePrinters;
