/** Parameters in text format as DuckDB values, by PostgreSQL type. */
import duckdb from "@duckdb/node-bindings";
import { AppError } from "../../errors/app_error.ts";
import { postgresTypes } from "../../pgwire/types.ts";
import { parseDate, parseTime, parseTimestamp } from "./date_time_input.ts";
import { invalidSyntax } from "./input_errors.ts";
import { parseInterval } from "./interval_input.ts";
import { parseFloating, parseInteger, parseNumeric } from "./number_input.ts";
import { bitValue, dateValue, timestampValue, uuidValue } from "./values.ts";

const int64Max = 2n ** 63n - 1n;

/** `typeOid` is a scalar type; an unknown one is bound as text. */
export function textValue(typeOid: number, text: string, timeZone: string): duckdb.Value {
  switch (typeOid) {
    case postgresTypes.bool.oid:
      return duckdb.create_bool(parseBoolean(text));
    case postgresTypes.int2.oid:
      return duckdb.create_int16(Number(parseInteger(typeOid, text, -32_768n, 32_767n)));
    case postgresTypes.int4.oid:
      return duckdb.create_int32(Number(parseInteger(typeOid, text, -(2n ** 31n), 2n ** 31n - 1n)));
    case postgresTypes.int8.oid:
      return duckdb.create_int64(parseInteger(typeOid, text, -int64Max - 1n, int64Max));
    case postgresTypes.oid.oid:
      return duckdb.create_int64(parseInteger(typeOid, text, 0n, 2n ** 32n - 1n));
    case postgresTypes.float4.oid:
      return duckdb.create_float(parseFloating(typeOid, text));
    case postgresTypes.float8.oid:
      return duckdb.create_double(parseFloating(typeOid, text));
    case postgresTypes.numeric.oid:
      return parseNumeric(text);
    case postgresTypes.bytea.oid:
      return duckdb.create_blob(parseBytea(text));
    case postgresTypes.date.oid:
      return dateValue(parseDate(typeOid, text));
    case postgresTypes.time.oid:
      return duckdb.create_time({ micros: BigInt(parseTime(typeOid, text).micros) });
    case postgresTypes.timetz.oid: {
      const { micros, offsetSeconds } = parseTime(typeOid, text);
      return duckdb.create_time_tz_value(duckdb.create_time_tz(micros, offsetSeconds));
    }
    case postgresTypes.timestamp.oid:
      return timestampValue(parseTimestamp(typeOid, text, null), false);
    case postgresTypes.timestamptz.oid:
      return timestampValue(parseTimestamp(typeOid, text, timeZone), true);
    case postgresTypes.interval.oid:
      return duckdb.create_interval(parseInterval(text));
    case postgresTypes.uuid.oid:
      return uuidValue(parseUuid(text));
    case postgresTypes.bit.oid:
    case postgresTypes.varbit.oid:
      return bitValue(parseBits(text));
    case postgresTypes.json.oid:
    case postgresTypes.jsonb.oid:
      checkJson(text);
      return duckdb.create_varchar(text);
    default:
      return duckdb.create_varchar(text);
  }
}

const trueWords = ["true", "yes", "on"];
const falseWords = ["false", "no", "off"];

/** boolin: unique prefixes of true, false, yes, no, on, off; 1 and 0. */
function parseBoolean(text: string): boolean {
  const word = text.trim().toLowerCase();
  if (word === "1") return true;
  if (word === "0") return false;
  // "o" alone could be on or off.
  if (word !== "" && word !== "o") {
    if (trueWords.some((candidate) => candidate.startsWith(word))) return true;
    if (falseWords.some((candidate) => candidate.startsWith(word))) return false;
  }
  throw invalidSyntax(postgresTypes.bool.oid, text);
}

/** byteain: `\x` and hexadecimal digits, or the escape format. */
function parseBytea(text: string): Uint8Array {
  if (text.startsWith("\\x")) {
    const hex = text.slice(2).replace(/\s+/g, "");
    if (!/^[0-9a-fA-F]*$/.test(hex)) {
      throw new AppError("invalid_parameter_value", "invalid hexadecimal digit in bytea value");
    }
    if (hex.length % 2 !== 0) {
      throw new AppError("invalid_parameter_value", "invalid hexadecimal data: odd number of digits");
    }
    return Uint8Array.from({ length: hex.length / 2 }, (_, index) => parseInt(hex.slice(index * 2, index * 2 + 2), 16));
  }
  const source = new TextEncoder().encode(text);
  const bytes: number[] = [];
  for (let at = 0; at < source.length; at++) {
    if (source[at] !== 92) {
      bytes.push(source[at]!);
      continue;
    }
    const octal = String.fromCharCode(...source.subarray(at + 1, at + 4));
    if (source[at + 1] === 92) {
      bytes.push(92);
      at += 1;
    } else if (/^[0-3][0-7]{2}$/.test(octal)) {
      bytes.push(parseInt(octal, 8));
      at += 3;
    } else {
      throw new AppError("invalid_text_representation", "invalid input syntax for type bytea");
    }
  }
  return Uint8Array.from(bytes);
}

/** uuid_in: 32 hexadecimal digits, a hyphen allowed after every fourth, braces around all of it allowed. */
function parseUuid(text: string): bigint {
  const body = text.startsWith("{") && text.endsWith("}") ? text.slice(1, -1) : text;
  if (!/^(?:[0-9a-f]{4}-?){7}[0-9a-f]{4}$/i.test(body)) throw invalidSyntax(postgresTypes.uuid.oid, text);
  return BigInt(`0x${body.replaceAll("-", "")}`);
}

function parseBits(text: string): string {
  if (/^[01]*$/.test(text)) return text;
  const wrong = /[^01]/u.exec(text)?.[0] ?? "";
  throw new AppError("invalid_text_representation", `"${wrong}" is not a valid binary digit`);
}

function checkJson(text: string): void {
  try {
    JSON.parse(text);
  } catch (cause) {
    throw new AppError("invalid_text_representation", "invalid input syntax for type json", { cause });
  }
}
