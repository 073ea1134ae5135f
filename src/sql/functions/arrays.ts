/**
 * Functions of arrays. A PostgreSQL array is a DuckDB list whose lower bound is 1; one of several dimensions is a list of lists.
 * `typeof` of a column is a constant: branches of a CASE over it that do not apply cost nothing, but all of them must bind for every
 * type, so depth goes through text.
 */
import { arrayLiteralText, arrayShape, joinedElements } from "./array_text.ts";
import { javaScript, macro, raise } from "./macro.ts";
import type { SqlFunction } from "./types.ts";

const severalDimensions = "regexp_matches(typeof(value), '\\][^\\]]*\\]$')";

/** Length of dimension `n` of `value`; 0 for an empty array or a dimension that it does not have. */
const dimensionLength = `CASE WHEN n = 1 THEN len(value) WHEN ${severalDimensions} AND n > 1
  THEN __eider_array_shape(value::VARCHAR, typeof(value), n) ELSE 0 END`;

const splitText = `CASE WHEN value IS NULL THEN NULL WHEN value = '' THEN []::VARCHAR[]
  WHEN delimiter IS NULL THEN string_split(value, '') WHEN delimiter = '' THEN [value] ELSE string_split(value, delimiter) END`;
const splitTextWithNull =
  `list_transform(${splitText}, lambda part: CASE WHEN part = null_text THEN NULL ELSE part END)`;

/** Types whose elements DuckDB's cast writes as PostgreSQL does. */
const plainElements = "typeof(value) IN ('VARCHAR[]', 'INTEGER[]', 'BIGINT[]', 'SMALLINT[]', 'UUID[]', 'DATE[]')";

function joinedText(nullText: string): string {
  return `CASE WHEN value IS NULL OR delimiter IS NULL THEN NULL
    WHEN ${plainElements} THEN array_to_string(${
    nullText === "NULL"
      ? "value::VARCHAR[]"
      : `list_transform(value::VARCHAR[], lambda part: coalesce(part, ${nullText}))`
  }, delimiter)
    WHEN typeof(value) = '"NULL"[]' OR len(value) = 0 THEN ''
    ELSE __eider_array_to_string(value::VARCHAR, typeof(value), delimiter, coalesce(${nullText}, ''), ${nullText} IS NOT NULL) END`;
}

export const arrayFunctions: readonly SqlFunction[] = [
  javaScript("__eider_array_literal", ["VARCHAR"], "VARCHAR", arrayLiteralText),
  javaScript("__eider_array_shape", ["VARCHAR", "VARCHAR", "BIGINT"], "BIGINT", arrayShape),
  javaScript(
    "__eider_array_to_string",
    ["VARCHAR", "VARCHAR", "VARCHAR", "VARCHAR", "BOOLEAN"],
    "VARCHAR",
    joinedElements,
  ),

  // NULL is no element of any array; DuckDB leaves it out of the question.
  macro(
    "__contains_all",
    `(value, elements) AS CASE WHEN list_count(elements) = len(elements) THEN list_has_all(value, elements)
      WHEN value IS NOT NULL AND elements IS NOT NULL THEN false END`,
  ),
  // `'{1,"a b",NULL}'` as text that DuckDB casts to a list.
  macro("__array_from_text", "(value VARCHAR) AS __eider_array_literal(value)"),
  macro("array_length", "(value) AS len(value)", `(value, n) AS nullif(${dimensionLength}, 0)::INTEGER`),
  macro("array_upper", `(value, n) AS nullif(${dimensionLength}, 0)::INTEGER`),
  macro("array_lower", `(value, n) AS CASE WHEN ${dimensionLength} > 0 THEN 1 END`),
  macro(
    "array_ndims",
    `(value) AS CASE WHEN len(value) > 0 THEN CASE WHEN ${severalDimensions}
      THEN __eider_array_shape(value::VARCHAR, typeof(value), 0) ELSE 1 END END::INTEGER`,
  ),
  macro(
    "array_dims",
    `(value) AS CASE WHEN len(value) > 0 THEN CASE WHEN ${severalDimensions}
      THEN array_to_string(list_transform(range(1, __eider_array_shape(value::VARCHAR, typeof(value), 0) + 1),
        lambda n: '[1:' || __eider_array_shape(value::VARCHAR, typeof(value), n) || ']'), '')
      ELSE '[1:' || len(value) || ']' END END`,
  ),
  macro(
    "cardinality",
    `(value) AS CASE WHEN ${severalDimensions} THEN __eider_array_shape(value::VARCHAR, typeof(value), -1) ELSE len(value) END::INTEGER`,
  ),
  macro(
    "array_position",
    "(value, element) AS list_position(value, element)::INTEGER",
    `(value, element, start) AS CASE WHEN start IS NULL THEN ${raise("22004", "initial position must not be null")}
      ELSE (list_position(value[CASE WHEN start < 1 THEN 1 ELSE start END:], element) +
        CASE WHEN start < 1 THEN 0 ELSE start - 1 END)::INTEGER END`,
  ),
  macro(
    "array_positions",
    `(value, element) AS list_filter(range(1, len(value) + 1), lambda place: value[place] IS NOT DISTINCT FROM element)::INTEGER[]`,
  ),
  macro("array_remove", "(value, element) AS list_filter(value, lambda one: one IS DISTINCT FROM element)"),
  macro(
    "array_replace",
    `(value, old, new) AS list_transform(value, lambda one: CASE WHEN one IS NOT DISTINCT FROM old THEN new ELSE one END)`,
  ),
  macro("array_append", "(value, element) AS list_append(value, element)"),
  macro("array_prepend", "(element, value) AS list_prepend(element, value)"),
  macro(
    "array_cat",
    "(a, b) AS CASE WHEN a IS NULL AND b IS NULL THEN NULL ELSE list_concat(a, b) END",
  ),
  macro("array_larger", "(a, b) AS CASE WHEN a > b THEN a ELSE b END"),
  macro("array_smaller", "(a, b) AS CASE WHEN a < b THEN a ELSE b END"),
  macro(
    "trim_array",
    `(value, n) AS CASE WHEN n < 0 OR n > len(value) THEN ${
      raise("2202E", "number of elements to trim must be between 0 and the array's length")
    } ELSE value[1:len(value) - n] END`,
  ),
  macro(
    "array_shuffle",
    "(value) AS list_transform(list_sort(list_transform(value, lambda one: {k: random(), v: one})), lambda one: one.v)",
  ),
  macro(
    "array_sample",
    `(value, n) AS CASE WHEN n < 0 OR n > len(value) THEN ${
      raise("22023", "sample size must be between 0 and the array's length")
    } ELSE list_transform(list_sort(list_transform(value, lambda one: {k: random(), v: one}))[1:n], lambda one: one.v) END`,
  ),
  macro(
    "array_fill",
    `(element, lengths) AS CASE WHEN len(lengths) = 1 THEN list_transform(range(lengths[1]), lambda place: element)
      WHEN lengths IS NOT NULL THEN ${raise("0A000", "array_fill makes arrays of one dimension only")} END`,
  ),
  macro(
    "__generate_subscripts",
    `(value, n) AS range(1, ${dimensionLength} + 1)::INTEGER[]`,
    `(value, n, backwards) AS CASE WHEN backwards THEN list_reverse(range(1, ${dimensionLength} + 1))
      ELSE range(1, ${dimensionLength} + 1) END::INTEGER[]`,
  ),
  macro(
    "string_to_array",
    `(value VARCHAR, delimiter VARCHAR) AS ${splitText}`,
    `(value VARCHAR, delimiter VARCHAR, null_text VARCHAR) AS ${splitTextWithNull}`,
  ),
  macro(
    "__string_to_table",
    `(value VARCHAR, delimiter VARCHAR) AS ${splitText}`,
    `(value VARCHAR, delimiter VARCHAR, null_text VARCHAR) AS ${splitTextWithNull}`,
  ),
  macro(
    "array_to_string",
    `(value, delimiter) AS ${joinedText("NULL")}`,
    `(value, delimiter, null_text) AS ${joinedText("null_text::VARCHAR")}`,
  ),
];
