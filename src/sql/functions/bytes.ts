/**
 * Functions of bytea. A JavaScript function cannot take a BLOB, so bytes travel as hexadecimal text. A literal such as `'abc'` is text
 * here, while PostgreSQL would read it as bytea: the overloads for text do so.
 */
import { checksum, digest } from "./digests.ts";
import { decodeEscapedBytes, encodeEscapedBytes, fromEncoding, toEncoding } from "./encodings.ts";
import { javaScript, macro, macroOfResults, raise } from "./macro.ts";
import type { SqlFunction } from "./types.ts";

const unknownFormat = raise("22023", "unrecognized encoding: it must be base64, escape or hex");
const outOfRange = raise("2202E", "index out of valid range");
const noBit = raise("22023", "new bit must be 0 or 1");
const notUtf8 = raise("22021", 'invalid byte sequence for encoding "UTF8"');
const isUtf8 = "regexp_matches(encoding, '^(?i:utf-?8|unicode)$')";

function encoded(bytes: string): string {
  return `CASE lower(format) WHEN 'hex' THEN lower(hex(${bytes}))
    WHEN 'base64' THEN rtrim(regexp_replace(base64(${bytes}), '(.{76})', '\\1' || chr(10), 'g'), chr(10))
    WHEN 'escape' THEN __eider_encode_escaped(hex(${bytes})) ELSE ${unknownFormat} END`;
}

const decoded = `CASE WHEN value IS NULL THEN NULL ELSE CASE lower(format)
  WHEN 'hex' THEN CASE WHEN regexp_full_match(value, '(?:\\s*[0-9a-fA-F]{2})*\\s*')
    THEN from_hex(regexp_replace(value, '\\s', '', 'g')) ELSE ${raise("22023", "invalid hexadecimal data")} END
  WHEN 'base64' THEN CASE WHEN regexp_full_match(value, '(?:(?:\\s*[A-Za-z0-9+/]){4})*\\s*(?:(?:\\s*[A-Za-z0-9+/=]){2}\\s*=\\s*=\\s*|(?:\\s*[A-Za-z0-9+/]){3}\\s*=\\s*)?')
    THEN from_base64(regexp_replace(value, '\\s', '', 'g')) ELSE ${raise("22023", "invalid base64 end sequence")} END
  WHEN 'escape' THEN from_hex(__eider_decode_escaped(value)) ELSE ${unknownFormat} END END`;

/** A function of bytes that also takes their text. */
function ofBytes(name: string, body: (bytes: string) => string, ...more: string[]): SqlFunction {
  return macro(
    name,
    `(value BLOB) AS ${body("value")}`,
    `(value VARCHAR) AS ${body('__eider.pg."__bytea"(value)')}`,
    ...more,
  );
}

/** The byte at `index`, in SQL. */
function byteAt(index: string): string {
  return `('0x' || substring(hex(value), (${index}) * 2 + 1, 2))::INTEGER`;
}

/** The bytes with another one at `index`. */
function withByte(index: string, byte: string): string {
  return `from_hex(substring(hex(value), 1, (${index}) * 2) || lpad(to_hex(${byte}), 2, '0') ||
    substring(hex(value), (${index}) * 2 + 3))`;
}

function inRange(length: string, then: string): string {
  return `CASE WHEN n < 0 OR n >= ${length} THEN ${outOfRange} ELSE ${then} END`;
}

export const byteFunctions: readonly SqlFunction[] = [
  javaScript("__eider_encode_escaped", ["VARCHAR"], "VARCHAR", encodeEscapedBytes),
  javaScript("__eider_decode_escaped", ["VARCHAR"], "VARCHAR", decodeEscapedBytes),
  javaScript("__eider_convert_from", ["VARCHAR", "VARCHAR"], "VARCHAR", fromEncoding),
  javaScript("__eider_convert_to", ["VARCHAR", "VARCHAR"], "VARCHAR", toEncoding),
  javaScript("__eider_digest", ["VARCHAR", "VARCHAR"], "VARCHAR", digest),
  javaScript("__eider_checksum", ["VARCHAR", "VARCHAR"], "BIGINT", checksum),

  // `text::bytea`: `\x00ff`, or characters with `\\` and `\377`.
  macro(
    "__bytea",
    `(value VARCHAR) AS CASE WHEN regexp_matches(value, '^\\\\x(?:\\s*[0-9a-fA-F]{2})*\\s*$')
        THEN from_hex(regexp_replace(substring(value, 3), '\\s', '', 'g'))
      WHEN NOT contains(value, '\\') THEN encode(value)
      ELSE from_hex(__eider_decode_escaped(value)) END`,
  ),
  macro(
    "encode",
    "(value) AS encode(value)",
    `(value BLOB, format VARCHAR) AS ${encoded("value")}`,
    `(value VARCHAR, format VARCHAR) AS ${encoded('__eider.pg."__bytea"(value)')}`,
  ),
  macro("decode", "(value) AS decode(value)", `(value VARCHAR, format VARCHAR) AS ${decoded}`),
  ...["sha224", "sha384", "sha512"].map((name) =>
    ofBytes(name, (bytes) => `from_hex(__eider_digest('${name}', hex(${bytes})))`)
  ),
  ofBytes("sha256", (bytes) => `from_hex(sha256(${bytes}))`),
  ofBytes("crc32", (bytes) => `__eider_checksum('crc32', hex(${bytes}))`),
  ofBytes("crc32c", (bytes) => `__eider_checksum('crc32c', hex(${bytes}))`),
  macro("get_byte", `(value BLOB, n BIGINT) AS ${inRange("octet_length(value)", byteAt("n"))}`),
  macro(
    "set_byte",
    `(value BLOB, n BIGINT, byte BIGINT) AS ${inRange("octet_length(value)", withByte("n", "byte & 255"))}`,
  ),
  macro(
    "get_bit",
    `(value BLOB, n BIGINT) AS ${inRange("octet_length(value) * 8", `(${byteAt("n // 8")} >> (n % 8)::INTEGER) & 1`)}`,
    "(value BIT, n BIGINT) AS get_bit(value, n::INTEGER)",
  ),
  macroOfResults(
    "set_bit",
    `(value BLOB, n BIGINT, new_bit BIGINT) AS CASE WHEN new_bit NOT IN (0, 1) THEN ${noBit} ELSE ${
      inRange(
        "octet_length(value) * 8",
        withByte(
          "n // 8",
          `(${byteAt("n // 8")} & (255 - (1 << (n % 8)::INTEGER))) | (new_bit::INTEGER << (n % 8)::INTEGER)`,
        ),
      )
    } END`,
    "(value BIT, n BIGINT, new_bit BIGINT) AS set_bit(value, n::INTEGER, new_bit::INTEGER)",
  ),
  macro(
    "bit_count",
    "(value BLOB) AS bit_count(value::BIT)::BIGINT",
    ...["BIT", "INTEGER", "BIGINT", "HUGEINT"].map((type) => `(value ${type}) AS bit_count(value)::BIGINT`),
  ),
  macro(
    "convert_from",
    `(value BLOB, encoding VARCHAR) AS CASE WHEN ${isUtf8}
      THEN coalesce(TRY(decode(value)), CASE WHEN value IS NOT NULL THEN ${notUtf8} END)
      ELSE __eider_convert_from(hex(value), encoding) END`,
  ),
  macro(
    "convert_to",
    `(value VARCHAR, encoding VARCHAR) AS CASE WHEN ${isUtf8} THEN encode(value)
      ELSE from_hex(__eider_convert_to(value, encoding)) END`,
  ),
  macro(
    "convert",
    `(value BLOB, source VARCHAR, target VARCHAR) AS
      __eider.pg."convert_to"(__eider.pg."convert_from"(value, source), target)`,
  ),
];
