/** Calls of functions, aggregates and window functions, and the values that SQL spells without brackets. */
import { roundedTimestamp } from "./casts.ts";
import { expression, expressions, level } from "./brackets.ts";
import { functionNameText, typeNameText } from "./identifiers.ts";
import { type FuncCall, type Node, refuse, type SQLValueFunction, stringsOf } from "./tree.ts";
import { sortClause, windowReference } from "./windows.ts";
import type { NodePrinters, Writer } from "./writer.ts";

interface SpelledFunction {
  /** Numbers of arguments that `print` can take. */
  readonly counts: readonly number[];
  readonly print: (out: Writer, parts: readonly Node[]) => void;
}

/** Functions with a grammar of their own: the parser gives the name of PostgreSQL's function and its arguments in order. */
const spelledFunctions: Readonly<Record<string, SpelledFunction>> = {
  extract: { counts: [2], print: (out, [unit, value]) => words(out, "extract(", unit, " FROM ", value, ")") },
  position: {
    counts: [2],
    print(out, [text, part]) {
      out.write("position(");
      expression(out, part, level.otherOperator);
      out.write(" IN ");
      expression(out, text, level.otherOperator);
      out.write(")");
    },
  },
  substring: {
    counts: [2, 3],
    print(out, [text, from, length]) {
      words(out, "substring(", text, " FROM ", from);
      if (length !== undefined) words(out, " FOR ", length);
      out.write(")");
    },
  },
  btrim: { counts: [1, 2], print: (out, [text, characters]) => trimmed(out, "BOTH", text, characters) },
  ltrim: { counts: [1, 2], print: (out, [text, characters]) => trimmed(out, "LEADING", text, characters) },
  rtrim: { counts: [1, 2], print: (out, [text, characters]) => trimmed(out, "TRAILING", text, characters) },
  timezone: {
    counts: [2],
    print(out, [zone, time]) {
      expression(out, time, level.atom);
      out.write(" AT TIME ZONE ");
      expression(out, zone, level.atom);
    },
  },
};

/** Texts and expressions in turn. */
function words(out: Writer, ...parts: readonly (string | Node | undefined)[]): void {
  for (const part of parts) {
    if (typeof part === "string") out.write(part);
    else expression(out, part);
  }
}

function trimmed(out: Writer, side: string, text: Node | undefined, characters: Node | undefined): void {
  out.write(`trim(${side} `);
  if (characters !== undefined) {
    expression(out, characters);
    out.write(" ");
  }
  words(out, "FROM ", text, ")");
}

function printSpelled(out: Writer, name: string, parts: readonly Node[]): void {
  const spelled = Object.hasOwn(spelledFunctions, name) ? spelledFunctions[name]! : null;
  if (spelled === null || !spelled.counts.includes(parts.length)) refuse(`the grammar of ${name}`);
  spelled.print(out, parts);
}

/** DuckDB finds PostgreSQL's functions without a schema. */
function nameParts(call: FuncCall): string[] {
  const parts = stringsOf(call.funcname);
  return parts.length === 2 && parts[0] === "pg_catalog" ? parts.slice(1) : parts;
}

function printCall(out: Writer, call: FuncCall): void {
  // DuckDB parses VARIADIC and then passes the array as one argument
  if (call.func_variadic === true) refuse("VARIADIC");
  out.place(call.location);
  const names = stringsOf(call.funcname);
  if (call.funcformat === "COERCE_SQL_SYNTAX" && names[0] === "pg_catalog") {
    return printSpelled(out, names[1] ?? "", call.args ?? []);
  }
  if (names.length === 2 && names[0] === "pg_catalog") out.translates();
  out.write(`${functionNameText(nameParts(call))}(`);
  if (call.agg_distinct === true) out.write("DISTINCT ");
  if (call.agg_star === true) out.write("*");
  else expressions(out, call.args);
  if (call.agg_order !== undefined && call.agg_within_group !== true) sortClause(out, call.agg_order);
  out.write(")");
  if (call.agg_within_group === true) {
    out.write(" WITHIN GROUP (");
    sortClause(out, call.agg_order ?? [], "ORDER BY ");
    out.write(")");
  }
  if (call.agg_filter !== undefined) {
    out.write(" FILTER (WHERE ");
    expression(out, call.agg_filter);
    out.write(")");
  }
  if (call.over !== undefined) windowReference(out, call.over);
}

function valueText(op: NonNullable<SQLValueFunction["op"]>): string {
  switch (op) {
    case "SVFOP_CURRENT_DATE":
      return "current_date()";
    case "SVFOP_CURRENT_TIME":
    case "SVFOP_CURRENT_TIME_N":
      return "get_current_time()";
    case "SVFOP_CURRENT_TIMESTAMP":
    case "SVFOP_CURRENT_TIMESTAMP_N":
      return "now()";
    case "SVFOP_LOCALTIME":
    case "SVFOP_LOCALTIME_N":
      return "current_localtime()";
    case "SVFOP_LOCALTIMESTAMP":
    case "SVFOP_LOCALTIMESTAMP_N":
      return "current_localtimestamp()";
    case "SVFOP_CURRENT_ROLE":
    case "SVFOP_CURRENT_USER":
    case "SVFOP_USER":
      return "current_user()";
    case "SVFOP_SESSION_USER":
      return "session_user()";
    case "SVFOP_CURRENT_CATALOG":
      return "current_database()";
    case "SVFOP_CURRENT_SCHEMA":
      return "current_schema()";
    default:
      return op satisfies never;
  }
}

function printValue(out: Writer, value: SQLValueFunction): void {
  const op = value.op ?? refuse("a value without a name");
  if (value.typmod === undefined || value.typmod >= 0 || op === "SVFOP_CURRENT_ROLE") out.translates();
  out.place(value.location);
  const digits = op === "SVFOP_CURRENT_TIMESTAMP_N" || op === "SVFOP_LOCALTIMESTAMP_N" ? value.typmod ?? 0 : null;
  roundedTimestamp(out, digits, () => out.write(valueText(op)));
}

export const functionPrinters = {
  FuncCall: {
    fields: [
      "funcname",
      "args",
      "agg_order",
      "agg_filter",
      "over",
      "agg_within_group",
      "agg_star",
      "agg_distinct",
      "func_variadic",
      "funcformat",
    ],
    print: printCall,
  },
  NamedArgExpr: {
    // the position is -1 in a raw tree
    fields: ["arg", "name", "argnumber"],
    print(out, named) {
      out.place(named.location);
      out.write(`${typeNameText([named.name ?? ""])} := `);
      expression(out, named.arg);
    },
  },
  SQLValueFunction: { fields: ["op", "typmod"], print: printValue },
} satisfies NodePrinters;
