/** DuckDB values that text and binary parameters both end in. */
import duckdb from "@duckdb/node-bindings";
import type { Infinite } from "./date_time_input.ts";

const infiniteDays = 0x7fffffff;
const infiniteMicros = 0x7fffffffffffffffn;

/** Days since 1970-01-01. */
export function dateValue(days: number | Infinite): duckdb.Value {
  if (days === "infinity") return duckdb.create_date({ days: infiniteDays });
  if (days === "-infinity") return duckdb.create_date({ days: -infiniteDays });
  return duckdb.create_date({ days });
}

/** Microseconds since 1970-01-01, in UTC when `zoned`. */
export function timestampValue(micros: bigint | Infinite, zoned: boolean): duckdb.Value {
  const value = micros === "infinity" ? infiniteMicros : micros === "-infinity" ? -infiniteMicros : micros;
  return zoned ? duckdb.create_timestamp_tz({ micros: value }) : duckdb.create_timestamp({ micros: value });
}

/** The 128 bits of a UUID as an unsigned number. */
export function uuidValue(bits: bigint): duckdb.Value {
  return duckdb.create_uuid(bits);
}

/** A string of 0 and 1: DuckDB wants the count of unused bits, which are ones, and the bits right-aligned. */
export function bitValue(bits: string): duckdb.Value {
  const byteCount = Math.ceil(bits.length / 8);
  const unused = byteCount * 8 - bits.length;
  const padded = "1".repeat(unused) + bits;
  const bytes = new Uint8Array(byteCount + 1);
  bytes[0] = unused;
  for (let index = 0; index < byteCount; index++) {
    bytes[index + 1] = parseInt(padded.slice(index * 8, index * 8 + 8), 2);
  }
  return duckdb.create_bit(bytes);
}
