/**
 * Pattern matching. PostgreSQL's `~` finds the pattern anywhere, DuckDB's own matches the whole text; PostgreSQL's LIKE
 * takes a backslash as escape, DuckDB none. A pattern that DuckDB's library (RE2) reads as PostgreSQL does goes to it
 * directly, others to a macro.
 */
import { call, not, textConstant } from "../build.ts";
import type { Scope } from "../scope.ts";
import { callMacro } from "./macro_calls.ts";
import { bodyOf, child, type PgNode, rewrap, stringsOf } from "../tree.ts";
import { constantText } from "./constants.ts";

/** `a ~ b`, `a !~* b`: the last part of the name says how. */
export function rewriteRegexp(body: PgNode, scope: Scope): PgNode | null {
  const left = child(body, "lexpr");
  const right = child(body, "rexpr");
  if (left === null || right === null) return null;
  const name = stringsOf(body, "name").at(-1)!;
  const matches = regexpMatches(left, right, name.endsWith("*"), scope);
  return name.startsWith("!") ? not(matches) : matches;
}

/** Patterns that RE2 and PostgreSQL read alike: no escapes, no groups of other kinds, no brackets. */
const plainPattern = /^(?:[^\\[\](){}*+?]|\((?!\?)|\)|(?<=[^*+?{(|^])[*+?](?![*+?]))*$/;

export function isPlainPattern(pattern: string): boolean {
  return plainPattern.test(pattern);
}

/** In PostgreSQL a dot matches a line break too. */
export function regexpMatches(value: PgNode, pattern: PgNode, ignoreCase: boolean, scope: Scope): PgNode {
  const constant = constantText(pattern);
  if ((constant === null || !isPlainPattern(constant)) && scope.statement.names.macros.has("regexp_like")) {
    return callMacro("regexp_like", ignoreCase ? [value, pattern, textConstant("i")] : [value, pattern], scope);
  }
  const converted = constant === null ? pattern : textConstant(toRe2(constant));
  return call(["regexp_matches"], [value, converted, textConstant(ignoreCase ? "is" : "s")]);
}

const re2Escapes: Readonly<Record<string, string>> = {
  m: "\\b",
  M: "\\b",
  y: "\\b",
  Y: "\\B",
  Z: "\\z",
  b: "\\x08",
  e: "\\x1b",
  B: "\\\\",
};

/** PostgreSQL's escapes in RE2's words; what both have stays. */
export function toRe2(pattern: string): string {
  return pattern.replace(/^\(\?[bceimnpqstwx]+\)|\\[\s\S]/g, (match) => {
    if (match.startsWith("(?")) return match.replace(/[bcenpqtw]/g, "").replace(/x/g, "").replace("(?)", "");
    return re2Escapes[match[1]!] ?? match;
  });
}

/** The printer writes ESCAPE '\\' where the pattern may hold a backslash. */
export function rewriteLike(body: PgNode, node: PgNode): PgNode {
  const pattern = child(body, "rexpr");
  return pattern !== null && needsEscape(pattern) ? { A_Expr: { ...body } } : rewrap(node, "A_Expr", body);
}

function needsEscape(pattern: PgNode): boolean {
  const constant = constantText(pattern);
  if (constant !== null) return constant.includes("\\");
  return stringsOf(bodyOf(pattern, "FuncCall"), "funcname").at(-1) !== "like_escape";
}
