/**
 * Dashboard variables in a panel's SQL: `$name`, `${name}` and `${name:format}` become bound parameters, so that a value never becomes
 * part of the statement's text. Inside of a string literal (`'%$name%'`) the literal is put together from its parts at run time.
 *
 * What is left alone: comments, quoted identifiers, dollar-quoted strings. A variable cannot stand for a table or a column.
 */
import { AppError } from "../errors/app_error.ts";

export interface PanelParameter {
  /** PostgreSQL's text format; null is NULL. */
  readonly value: string | null;
  /** 0 = as the statement's context wants it. */
  readonly typeOid: number;
}

export interface PanelTimeRange {
  readonly fromMs: number;
  readonly toMs: number;
  /** The distance of two points that the reader can tell apart. */
  readonly intervalMs: number;
}

/** A list is what a variable with several chosen values has. */
export type PanelVariables = ReadonlyMap<string, string | readonly string[]>;

const typeOids = { bigint: 20, text: 25, timestamptz: 1184, interval: 1186 } as const;

/** Strings, quoted identifiers, comments, dollar quotes; then variables. */
const pattern =
  /(?<escaped>[eE]'(?:[^'\\]|\\[\s\S]|'')*')|'(?<literal>(?:[^']|'')*)'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\/|\$(?<tag>[A-Za-z_]\w*)?\$[\s\S]*?\$\k<tag>\$|\$\{(?<braced>\w+)(?::(?<format>\w+))?\}|\$(?<plain>\w+)/g;
const variablePattern = /\$\{(\w+)(?::(\w+))?\}|\$(\w+)/g;

/** Values that every panel has, by name without the leading `$`. */
function builtIns({ fromMs, toMs, intervalMs }: PanelTimeRange): ReadonlyMap<string, PanelParameter> {
  const bigint = (value: number) => ({ value: String(Math.round(value)), typeOid: typeOids.bigint });
  const timestamp = (value: number) => ({ value: new Date(value).toISOString(), typeOid: typeOids.timestamptz });
  const interval = (value: number) => ({ value: `${Math.round(value)} milliseconds`, typeOid: typeOids.interval });
  return new Map<string, PanelParameter>([
    ["__from", bigint(fromMs)],
    ["__to", bigint(toMs)],
    ["__start", timestamp(fromMs)],
    ["__end", timestamp(toMs)],
    ["__interval", interval(intervalMs)],
    ["__interval_ms", bigint(intervalMs)],
    ["__range", interval(toMs - fromMs)],
    ["__range_ms", bigint(toMs - fromMs)],
    ["__range_s", bigint((toMs - fromMs) / 1000)],
  ]);
}

/** Names of the values that every panel has. */
export const builtInVariableNames: readonly string[] = [
  ...builtIns({ fromMs: 0, toMs: 0, intervalMs: 0 }).keys(),
];

/**
 * The statement with numbered parameters, and their values in order. Throws `invalid_request` for a variable that has no value and for
 * `$1`.
 */
export function bindPanelVariables(
  text: string,
  range: PanelTimeRange,
  variables: PanelVariables,
): { readonly sql: string; readonly parameters: readonly PanelParameter[] } {
  const parameters: PanelParameter[] = [];
  const known = builtIns(range);
  const add = (parameter: PanelParameter): string => `$${parameters.push(parameter)}`;
  const valuesOf = (name: string): readonly string[] | PanelParameter => {
    const builtIn = known.get(name);
    if (builtIn !== undefined) return builtIn;
    const value = variables.get(name);
    if (value !== undefined) return typeof value === "string" ? [value] : value;
    throw new AppError("invalid_request", `variable "${name}" has no value: ${knownNames(variables)}`, {
      hint: "A variable is written $name or ${name}; a parameter by number ($1) cannot be given.",
    });
  };
  const reference = (name: string, format: string | undefined): string => {
    const values = valuesOf(name);
    if (!("length" in values)) return add(values);
    if (format !== undefined && isJoining(format)) {
      return add({ value: joined(values, format), typeOid: typeOids.text });
    }
    if (values.length === 0) return "NULL";
    return values.map((value) => add({ value, typeOid: 0 })).join(", ");
  };
  const insideLiteral = (literal: string): string => {
    const parts: string[] = [];
    let position = 0;
    for (const match of literal.matchAll(variablePattern)) {
      const [whole, braced, format, plain] = match;
      const values = valuesOf(braced ?? plain!);
      const value = "length" in values ? joined(values, format ?? "csv") : values.value;
      if (match.index > position) parts.push(`'${literal.slice(position, match.index)}'`);
      parts.push(add({ value, typeOid: typeOids.text }));
      position = match.index + whole.length;
    }
    if (position < literal.length) parts.push(`'${literal.slice(position)}'`);
    return parts.length === 1 ? parts[0]! : `(${parts.join(" || ")})`;
  };
  const sql = text.replace(pattern, (...match) => {
    const whole = String(match[0]);
    const groups = match.at(-1) as Readonly<Record<string, string | undefined>>;
    const name = groups["braced"] ?? groups["plain"];
    if (name !== undefined) return reference(name, groups["format"]);
    const literal = groups["literal"];
    if (literal !== undefined && new RegExp(variablePattern.source).test(literal)) return insideLiteral(literal);
    return whole;
  });
  return { sql, parameters };
}

function knownNames(variables: PanelVariables): string {
  const names = [...variables.keys(), ...builtInVariableNames].map((name) => `$${name}`);
  return `known are ${names.join(", ")}`;
}

/** Formats that make one text of several values; the others give a list of parameters. */
function isJoining(format: string): boolean {
  return ["pipe", "regex", "json", "text"].includes(format);
}

function joined(values: readonly string[], format: string): string {
  switch (format) {
    case "pipe":
      return values.join("|");
    case "regex": {
      const escaped = values.map((value) => value.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
      return escaped.length === 1 ? escaped[0]! : `(${escaped.join("|")})`;
    }
    case "json":
      return JSON.stringify(values);
    case "text":
      return values.join(" + ");
    default:
      return values.join(",");
  }
}
