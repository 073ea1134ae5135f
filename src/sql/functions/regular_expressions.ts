/**
 * Macros of regular expressions. Where RE2 means the same, DuckDB's own functions run: for a constant pattern `__eider_regexp_native`
 * is evaluated once, while the statement is planned, and the other branch of the CASE disappears.
 */
import { javaScript, macro } from "./macro.ts";
import {
  regexpCount,
  regexpInstr,
  regexpMatch,
  regexpMatches,
  regexpNative,
  regexpNativeReplacement,
  regexpReplace,
  regexpSplit,
  regexpSubstr,
  regexpTest,
} from "./regular/functions.ts";
import { similarPattern } from "./regular/similar.ts";
import type { SqlFunction } from "./types.ts";

function native(flags: string, purpose: "test" | "all" | "first"): string {
  return `__eider_regexp_native(pattern, ${flags}, '${purpose}')`;
}

/** JSON text of an array of texts as a list. */
function texts(json: string): string {
  return `from_json(${json}, '["VARCHAR"]')::VARCHAR[]`;
}

function test(flags: string): string {
  return `CASE WHEN ${native(flags, "test")} IS NOT NULL THEN regexp_matches(value, ${native(flags, "test")})
    ELSE __eider_regexp_test(value, pattern, ${flags}) END`;
}

function match(flags: string): string {
  return `CASE WHEN ${native(flags, "first")} IS NULL THEN ${texts(`__eider_regexp_match(value, pattern, ${flags})`)}
    WHEN regexp_matches(value, ${native(flags, "first")}) THEN [regexp_extract(value, ${
    native(flags, "first")
  }, 1)] END`;
}

function matches(flags: string): string {
  return `from_json(__eider_regexp_matches(value, pattern, ${flags}), '[["VARCHAR"]]')::VARCHAR[][]`;
}

/** The first group, or the whole match without groups; NULL without a match. */
function firstPart(flags: string): string {
  return `CASE WHEN ${native(flags, "first")} IS NULL THEN (${
    texts(`__eider_regexp_match(value, pattern, ${flags})`)
  })[1]
    WHEN regexp_matches(value, ${native(flags, "first")}) THEN regexp_extract(value, ${native(flags, "first")}, 1) END`;
}

function replace(flags: string): string {
  const pattern = native(flags, "all");
  const replacement = `__eider_regexp_replacement(pattern, ${flags}, replacement)`;
  const slow = `__eider_regexp_replace(value, pattern, replacement, ${flags}, 1,
    CASE WHEN contains(${flags}, 'g') THEN 0 ELSE 1 END)`;
  return `CASE WHEN ${pattern} IS NULL THEN ${slow}
    WHEN contains(${flags}, 'g') THEN regexp_replace(value, ${pattern}, ${replacement}, 'g')
    ELSE regexp_replace(value, ${pattern}, ${replacement}) END`;
}

/**
 * DuckDB evaluates a constant pattern with its flags while it plans, also where the fourth argument is a number and the other overload
 * is meant. In quotes the parameter is not cast.
 */
const textFlags = `CASE WHEN typeof("flags") IN ('VARCHAR', '"NULL"') THEN flags ELSE '' END`;
const replaceFrom = "(value VARCHAR, pattern VARCHAR, replacement VARCHAR, start BIGINT";

export const regularExpressionFunctions: readonly SqlFunction[] = [
  javaScript("__eider_regexp_native", ["VARCHAR", "VARCHAR", "VARCHAR"], "VARCHAR", regexpNative),
  javaScript("__eider_regexp_replacement", ["VARCHAR", "VARCHAR", "VARCHAR"], "VARCHAR", regexpNativeReplacement),
  javaScript("__eider_regexp_test", ["VARCHAR", "VARCHAR", "VARCHAR"], "BOOLEAN", regexpTest),
  javaScript("__eider_regexp_match", ["VARCHAR", "VARCHAR", "VARCHAR"], "VARCHAR", regexpMatch),
  javaScript("__eider_regexp_matches", ["VARCHAR", "VARCHAR", "VARCHAR"], "VARCHAR", regexpMatches),
  javaScript("__eider_regexp_split", ["VARCHAR", "VARCHAR", "VARCHAR"], "VARCHAR", regexpSplit),
  javaScript(
    "__eider_regexp_replace",
    ["VARCHAR", "VARCHAR", "VARCHAR", "VARCHAR", "BIGINT", "BIGINT"],
    "VARCHAR",
    regexpReplace,
  ),
  javaScript("__eider_regexp_count", ["VARCHAR", "VARCHAR", "BIGINT", "VARCHAR"], "BIGINT", regexpCount),
  javaScript(
    "__eider_regexp_instr",
    ["VARCHAR", "VARCHAR", "BIGINT", "BIGINT", "BIGINT", "VARCHAR", "BIGINT"],
    "BIGINT",
    regexpInstr,
  ),
  javaScript(
    "__eider_regexp_substr",
    ["VARCHAR", "VARCHAR", "BIGINT", "BIGINT", "VARCHAR", "BIGINT"],
    "VARCHAR",
    regexpSubstr,
  ),
  javaScript("__eider_similar_pattern", ["VARCHAR", "VARCHAR"], "VARCHAR", similarPattern),

  macro(
    "regexp_like",
    `(value VARCHAR, pattern VARCHAR) AS ${test("''")}`,
    `(value VARCHAR, pattern VARCHAR, flags VARCHAR) AS ${test("flags")}`,
  ),
  macro(
    "regexp_match",
    `(value VARCHAR, pattern VARCHAR) AS ${match("''")}`,
    `(value VARCHAR, pattern VARCHAR, flags VARCHAR) AS ${match("flags")}`,
  ),
  // As a list, for the translation to unnest.
  macro(
    "__regexp_matches",
    `(value VARCHAR, pattern VARCHAR) AS ${matches("''")}`,
    `(value VARCHAR, pattern VARCHAR, flags VARCHAR) AS ${matches("flags")}`,
  ),
  macro(
    "regexp_replace",
    `(value VARCHAR, pattern VARCHAR, replacement VARCHAR) AS ${replace("''")}`,
    `(value VARCHAR, pattern VARCHAR, replacement VARCHAR, flags VARCHAR) AS ${replace(textFlags)}`,
    `${replaceFrom}) AS __eider_regexp_replace(value, pattern, replacement, '', start, 1)`,
    `${replaceFrom}, n BIGINT) AS __eider_regexp_replace(value, pattern, replacement, '', start, n)`,
    `${replaceFrom}, n BIGINT, flags VARCHAR) AS __eider_regexp_replace(value, pattern, replacement, flags, start, n)`,
  ),
  ...["regexp_split_to_array", "__regexp_split_to_table"].map((name) =>
    macro(
      name,
      `(value VARCHAR, pattern VARCHAR) AS ${texts("__eider_regexp_split(value, pattern, '')")}`,
      `(value VARCHAR, pattern VARCHAR, flags VARCHAR) AS ${texts("__eider_regexp_split(value, pattern, flags)")}`,
    )
  ),
  macro(
    "regexp_count",
    "(value VARCHAR, pattern VARCHAR) AS __eider_regexp_count(value, pattern, 1, '')::INTEGER",
    "(value VARCHAR, pattern VARCHAR, start BIGINT) AS __eider_regexp_count(value, pattern, start, '')::INTEGER",
    "(value VARCHAR, pattern VARCHAR, start BIGINT, flags VARCHAR) AS __eider_regexp_count(value, pattern, start, flags)::INTEGER",
  ),
  macro(
    "regexp_instr",
    `(value VARCHAR, pattern VARCHAR, start BIGINT := 1, n BIGINT := 1, endoption BIGINT := 0, flags VARCHAR := '',
      subexpr BIGINT := 0) AS __eider_regexp_instr(value, pattern, start, n, endoption, flags, subexpr)::INTEGER`,
  ),
  macro(
    "regexp_substr",
    `(value VARCHAR, pattern VARCHAR) AS CASE WHEN ${native("''", "all")} IS NULL
        THEN __eider_regexp_substr(value, pattern, 1, 1, '', 0)
      WHEN regexp_matches(value, ${native("''", "all")}) THEN regexp_extract(value, ${native("''", "all")}) END`,
    `(value VARCHAR, pattern VARCHAR, start BIGINT, n BIGINT := 1, flags VARCHAR := '', subexpr BIGINT := 0)
      AS __eider_regexp_substr(value, pattern, start, n, flags, subexpr)`,
  ),
  macro(
    "similar_to_escape",
    "(pattern VARCHAR) AS __eider_similar_pattern(pattern, '\\')",
    "(pattern VARCHAR, escape VARCHAR) AS __eider_similar_pattern(pattern, escape)",
  ),
  macro(
    "similar_escape",
    "(pattern VARCHAR, escape VARCHAR) AS __eider_similar_pattern(pattern, coalesce(escape, '\\'))",
  ),
];

/** `substring(value from pattern)` and `substring(value from pattern for escape)`. */
export const regexpSubstringOverloads: readonly string[] = [
  `(value VARCHAR, pattern VARCHAR) AS ${firstPart("''")}`,
  `(value VARCHAR, pattern VARCHAR, escape VARCHAR) AS
    (${texts("__eider_regexp_match(value, __eider_similar_pattern(pattern, escape), '')")})[1]`,
];
