/** Functions of text where DuckDB lacks one or answers differently. Positions count characters from 1. */
import { formatText } from "./format_text.ts";
import { checkedWhenCalled, forEachCount, javaScript, macro, macroOfResults, raise } from "./macro.ts";
import { quoteIdentifierText, quoteLiteralText } from "./quoting.ts";
import { regexpSubstringOverloads } from "./regular_expressions.ts";
import type { SqlFunction } from "./types.ts";
import { decodeEscapes, isNormalizedText, normalizedText } from "./unicode.ts";

/** As many arguments as concat, format and the like take; each number is an overload, which takes time to make. */
const argumentCountMax = 16;
const negativeLength = raise("22011", "negative substring length not allowed");

function outputTexts(names: readonly string[]): string {
  return names.map((name) => `__eider.pg."__output_text"(${name})`).join(", ");
}

/** Removes whole bytes of `characters` at the ends that `sides` names. */
function trimBytes(sides: "both" | "start" | "end"): string {
  const oneOf = "'(?:' || array_to_string(regexp_extract_all(hex(characters), '..'), '|') || ')+'";
  const start = `'^' || ${oneOf}`;
  const end = `${oneOf} || '$'`;
  const pattern = sides === "start" ? start : sides === "end" ? end : `${start} || '|' || ${end}`;
  return `(value BLOB, characters BLOB) AS CASE WHEN octet_length(characters) = 0 THEN value
    ELSE from_hex(regexp_replace(hex(value), ${pattern}, '', 'g')) END`;
}

function trimming(name: string, native: string, sides: "both" | "start" | "end"): SqlFunction {
  return macroOfResults(
    name,
    `(value) AS ${native}(value)`,
    `(value VARCHAR, characters VARCHAR) AS ${native}(value, characters)`,
    trimBytes(sides),
  );
}

function padding(name: "lpad" | "rpad"): SqlFunction {
  return macro(
    name,
    `(value VARCHAR, length BIGINT) AS ${name}(value, length::INTEGER, ' ')`,
    `(value VARCHAR, length BIGINT, fill VARCHAR) AS CASE WHEN fill = '' THEN left(value, CASE WHEN length < 0 THEN 0 ELSE length END)
      ELSE ${name}(value, length::INTEGER, CASE WHEN fill = '' THEN ' ' ELSE fill END) END`,
  );
}

/** A start before the first character uses up the length. */
function substringOverloads(): string[] {
  return [
    "(value VARCHAR, start BIGINT) AS substring(value, CASE WHEN start < 1 THEN 1 ELSE start END)",
    `(value VARCHAR, start BIGINT, length BIGINT) AS CASE WHEN length < 0 THEN ${negativeLength}
      WHEN start >= 1 THEN substring(value, start, length)
      WHEN start + length <= 1 THEN CASE WHEN value IS NOT NULL THEN '' END
      ELSE substring(value, 1, start + length - 1) END`,
    `(value BLOB, start BIGINT) AS from_hex(substring(hex(value), CASE WHEN start < 1 THEN 1 ELSE start * 2 - 1 END))`,
    `(value BLOB, start BIGINT, length BIGINT) AS CASE WHEN length < 0 THEN ${negativeLength}
      WHEN start >= 1 THEN from_hex(substring(hex(value), start * 2 - 1, length * 2))
      WHEN start + length <= 1 THEN CASE WHEN value IS NOT NULL THEN ''::BLOB END
      ELSE from_hex(substring(hex(value), 1, (start + length - 1) * 2)) END`,
  ];
}

function overlayOverload(type: "VARCHAR" | "BLOB", length: "given" | "own"): string {
  const substring = (value: string, start: string, end: string) =>
    type === "VARCHAR"
      ? `substring(${value}, ${start}, ${end})`
      : `from_hex(substring(hex(${value}), (${start}) * 2 - 1, (${end}) * 2))`;
  const count = length === "given" ? "count" : type === "VARCHAR" ? "length(replacement)" : "octet_length(replacement)";
  const parameters = `value ${type}, replacement ${type}, start BIGINT${length === "given" ? ", count BIGINT" : ""}`;
  return `(${parameters}) AS CASE WHEN start <= 0 THEN ${negativeLength}
    ELSE ${substring("value", "1", "start - 1")} || replacement ||
      ${substring("value", `CASE WHEN start + ${count} < 1 THEN 1 ELSE start + ${count} END`, "1000000000")} END`;
}

/** DuckDB's function also takes its lists, which PostgreSQL does not. */
const lengthsOfTexts = [
  "(value VARCHAR) AS length(value)::INTEGER",
  "(value BLOB) AS octet_length(value)::INTEGER",
];

export const textFunctions: readonly SqlFunction[] = [
  javaScript("__eider_quote_ident", ["VARCHAR"], "VARCHAR", quoteIdentifierText),
  javaScript("__eider_quote_literal", ["VARCHAR"], "VARCHAR", quoteLiteralText),
  javaScript(
    "__eider_format",
    ["VARCHAR", "VARCHAR"],
    "VARCHAR",
    (template, values) => formatText(template, JSON.parse(values) as (string | null)[]),
  ),
  javaScript("__eider_unistr", ["VARCHAR"], "VARCHAR", decodeEscapes),
  javaScript("__eider_normalize", ["VARCHAR", "VARCHAR"], "VARCHAR", normalizedText),
  javaScript("__eider_is_normalized", ["VARCHAR", "VARCHAR"], "BOOLEAN", isNormalizedText),

  // length and position
  {
    ...macroOfResults("length", ...lengthsOfTexts, "(value) AS length(value)"),
    overloadsOfAnyTypes: [
      ...lengthsOfTexts,
      "(value BIT) AS length(value)::INTEGER",
      "(value VARCHAR[]) AS length(value)",
      "(value VARCHAR[][]) AS length(value)",
    ],
  },
  macro("char_length", "(value VARCHAR) AS length(value)::INTEGER"),
  macro("character_length", "(value VARCHAR) AS length(value)::INTEGER"),
  macro("textlen", "(value VARCHAR) AS length(value)::INTEGER"),
  macro(
    "octet_length",
    "(value VARCHAR) AS strlen(value)::INTEGER",
    "(value BLOB) AS octet_length(value)::INTEGER",
    "(value BIT) AS octet_length(value)::INTEGER",
  ),
  macro(
    "bit_length",
    "(value VARCHAR) AS (strlen(value) * 8)::INTEGER",
    "(value BLOB) AS (octet_length(value) * 8)::INTEGER",
    "(value BIT) AS bit_length(value)::INTEGER",
  ),
  macro("strpos", "(value VARCHAR, search VARCHAR) AS strpos(value, search)::INTEGER"),
  macro(
    "position",
    "(value VARCHAR, search VARCHAR) AS strpos(value, search)::INTEGER",
    // Where the hexadecimal text begins at an even place; the shortest prefix of whole bytes before it.
    `(value BLOB, search BLOB) AS CASE WHEN octet_length(search) = 0 THEN 1
      ELSE coalesce(list_position(list_transform(range(octet_length(value)),
        lambda place: starts_with(substring(hex(value), place * 2 + 1), hex(search))), true), 0) END::INTEGER`,
  ),

  // parts
  macroOfResults("substring", ...substringOverloads(), ...regexpSubstringOverloads),
  macroOfResults("substr", ...substringOverloads()),
  macroOfResults(
    "overlay",
    overlayOverload("VARCHAR", "own"),
    overlayOverload("VARCHAR", "given"),
    overlayOverload("BLOB", "own"),
    overlayOverload("BLOB", "given"),
  ),
  macro(
    "split_part",
    `(value VARCHAR, delimiter VARCHAR, field BIGINT) AS CASE WHEN field = 0 AND value IS NOT NULL AND delimiter IS NOT NULL THEN ${
      raise("22023", "field position must not be zero")
    } WHEN delimiter = '' THEN CASE WHEN field IN (1, -1) THEN value WHEN value IS NOT NULL AND field IS NOT NULL THEN '' END
      ELSE split_part(value, delimiter, field) END`,
  ),
  trimming("btrim", "trim", "both"),
  trimming("ltrim", "ltrim", "start"),
  trimming("rtrim", "rtrim", "end"),
  padding("lpad"),
  padding("rpad"),

  // characters
  macro(
    "initcap",
    `(value VARCHAR) AS array_to_string(list_transform(regexp_extract_all(value, '[\\pL\\pN]+|[^\\pL\\pN]+'),
      lambda word: upper(left(word, 1)) || lower(substring(word, 2))), '')`,
  ),
  macro(
    "chr",
    `(code BIGINT) AS CASE WHEN code = 0 THEN ${
      raise("54000", "null character not permitted")
    } ELSE chr(code::INTEGER) END`,
  ),
  macro(
    "to_hex",
    "(value INTEGER) AS lower(to_hex(CASE WHEN value < 0 THEN value + 4294967296 ELSE value END))",
    "(value BIGINT) AS lower(to_hex(value))",
    "(value HUGEINT) AS to_hex(value)",
    "(value VARCHAR) AS to_hex(value)",
    "(value BLOB) AS to_hex(value)",
  ),
  macro("unistr", "(value VARCHAR) AS CASE WHEN contains(value, '\\') THEN __eider_unistr(value) ELSE value END"),
  macro(
    "normalize",
    "(value VARCHAR) AS __eider_normalize(value, 'NFC')",
    "(value VARCHAR, form VARCHAR) AS __eider_normalize(value, form)",
  ),
  macro(
    "is_normalized",
    "(value VARCHAR) AS __eider_is_normalized(value, 'NFC')",
    "(value VARCHAR, form VARCHAR) AS __eider_is_normalized(value, form)",
  ),

  // putting together
  macro(
    "concat",
    ...forEachCount(argumentCountMax, (names) => checkedWhenCalled(names[0]!, `concat(${outputTexts(names)})`)),
  ),
  macro(
    "concat_ws",
    ...forEachCount(
      argumentCountMax,
      (names) => checkedWhenCalled(names[0]!, `concat_ws(separator, ${outputTexts(names)})`),
      { before: "separator" },
    ),
  ),
  macro(
    "format",
    "(template VARCHAR) AS __eider_format(template, '[]')",
    ...forEachCount(
      argumentCountMax,
      (names) => checkedWhenCalled(names[0]!, `__eider_format(template, to_json([${outputTexts(names)}])::VARCHAR)`),
      { before: "template VARCHAR" },
    ),
  ),
  macro("quote_ident", "(value VARCHAR) AS __eider_quote_ident(value)"),
  macro(
    "quote_literal",
    `(value) AS ${checkedWhenCalled("value", '__eider_quote_literal(__eider.pg."__text"(value))')}`,
  ),
  macro(
    "quote_nullable",
    `(value) AS ${checkedWhenCalled("value", `coalesce(__eider_quote_literal(__eider.pg."__text"(value)), 'NULL')`)}`,
  ),

  // by names that PostgreSQL's own operators have
  macro("text_larger", "(a, b) AS CASE WHEN a > b THEN a ELSE b END"),
  macro("text_smaller", "(a, b) AS CASE WHEN a < b THEN a ELSE b END"),
  macro("like", "(value, pattern) AS value LIKE pattern"),
  macro("notlike", "(value, pattern) AS value NOT LIKE pattern"),
];
