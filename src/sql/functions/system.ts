/** Types, sizes, hashes and the casts that PostgreSQL also writes as functions. */
import { hashBytes, hashBytesExtended, hashInteger, hashLarge } from "./hash.ts";
import { checkedWhenCalled, forEachCount, javaScript, macro } from "./macro.ts";
import { parseIdentifiers } from "./quoting.ts";
import { parseSize, prettySize } from "./size_text.ts";
import { postgresTypeName } from "./type_name.ts";
import type { SqlFunction } from "./types.ts";

const argumentCountMax = 10;

/** Bytes that a value of these types takes; a text has four more than its characters. */
const columnSize = `CASE WHEN value IS NULL THEN NULL
  WHEN typeof(value) IN ('BOOLEAN') THEN 1 WHEN typeof(value) IN ('SMALLINT', 'TINYINT') THEN 2
  WHEN typeof(value) IN ('INTEGER', 'FLOAT', 'DATE') THEN 4
  WHEN typeof(value) IN ('BIGINT', 'DOUBLE', 'TIME', 'TIMESTAMP', 'TIMESTAMP WITH TIME ZONE') THEN 8
  WHEN typeof(value) IN ('INTERVAL', 'UUID') THEN 16
  ELSE strlen(value::VARCHAR) + 4 END::INTEGER`;

function nullCount(names: readonly string[], isNull: boolean): string {
  return names.map((name) => `(${name} IS ${isNull ? "" : "NOT "}NULL)::INTEGER`).join(" + ");
}

/** `int4(x)` is `x::int4`. */
const casts: readonly (readonly [name: string, type: string])[] = [
  ["bool", "BOOLEAN"],
  ["int2", "SMALLINT"],
  ["int4", "INTEGER"],
  ["int8", "BIGINT"],
  ["float4", "FLOAT"],
  ["float8", "DOUBLE"],
  ["date", "DATE"],
  ["timestamptz", "TIMESTAMPTZ"],
];

export const systemFunctions: readonly SqlFunction[] = [
  javaScript("__eider_type_name", ["VARCHAR"], "VARCHAR", postgresTypeName),
  javaScript("__eider_pretty_size", ["VARCHAR"], "VARCHAR", prettySize),
  javaScript("__eider_parse_size", ["VARCHAR"], "BIGINT", parseSize),
  javaScript("__eider_parse_identifiers", ["VARCHAR", "BOOLEAN"], "VARCHAR", parseIdentifiers),
  javaScript("__eider_hash_text", ["VARCHAR"], "BIGINT", hashBytes),
  javaScript("__eider_hash_text_extended", ["VARCHAR", "BIGINT"], "BIGINT", hashBytesExtended),
  javaScript("__eider_hash_integer", ["BIGINT"], "BIGINT", hashInteger),
  javaScript("__eider_hash_large", ["BIGINT"], "BIGINT", hashLarge),

  macro("pg_typeof", "(value) AS __eider_type_name(typeof(value))"),
  macro("pg_column_size", `(value) AS ${columnSize}`),
  macro("pg_size_pretty", "(value) AS __eider_pretty_size(value::VARCHAR)"),
  macro("pg_size_bytes", "(value VARCHAR) AS __eider_parse_size(value)"),
  macro("num_nulls", ...forEachCount(argumentCountMax, (names) => nullCount(names, true))),
  macro("num_nonnulls", ...forEachCount(argumentCountMax, (names) => nullCount(names, false))),
  macro(
    "parse_ident",
    `(str VARCHAR, strict BOOLEAN := true) AS from_json(__eider_parse_identifiers(str, strict), '["VARCHAR"]')::VARCHAR[]`,
  ),
  macro("hashtext", "(value VARCHAR) AS __eider_hash_text(value)::INTEGER"),
  macro("hashtextextended", "(value VARCHAR, seed BIGINT) AS __eider_hash_text_extended(value, seed)"),
  macro("hashint4", "(value INTEGER) AS __eider_hash_integer(value)::INTEGER"),
  macro("hashint8", "(value BIGINT) AS __eider_hash_large(value)::INTEGER"),

  ...casts.map(([name, type]) => macro(name, `(value) AS value::${type}`)),
  macro("text", `(value) AS ${checkedWhenCalled("value", '__eider.pg."__text"(value)')}`),
  macro("bpchar", "(value VARCHAR) AS rtrim(value)"),
];
