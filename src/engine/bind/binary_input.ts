/** Parameters in binary format as DuckDB values, by PostgreSQL type: the receive functions' forms. */
import duckdb from "@duckdb/node-bindings";
import { AppError } from "../../errors/app_error.ts";
import { postgresTypes } from "../../pgwire/types.ts";
import { postgresEpochDays } from "../encode/calendar.ts";
import { microsPerDay } from "./date_time_input.ts";
import { invalidBinary } from "./input_errors.ts";
import { decimalValue } from "./number_input.ts";
import { textValue } from "./text_input.ts";
import { bitValue, dateValue, timestampValue, uuidValue } from "./values.ts";

const int64Max = 0x7fffffffffffffffn;
const epochShiftMicros = BigInt(postgresEpochDays) * BigInt(microsPerDay);
/** timetz: at most 15:59:59 from Greenwich. */
const zoneSecondsMax = 57_599;

/** Throws `invalid_binary_representation` for bytes that are no value of the type. */
export function binaryValue(
  typeOid: number,
  bytes: Uint8Array,
  decodeText: (bytes: Uint8Array) => string,
): duckdb.Value {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  switch (typeOid) {
    case postgresTypes.bool.oid:
      requireLength(typeOid, bytes, 1);
      return duckdb.create_bool(bytes[0] !== 0);
    case postgresTypes.int2.oid:
      requireLength(typeOid, bytes, 2);
      return duckdb.create_int16(view.getInt16(0));
    case postgresTypes.int4.oid:
      requireLength(typeOid, bytes, 4);
      return duckdb.create_int32(view.getInt32(0));
    case postgresTypes.int8.oid:
      requireLength(typeOid, bytes, 8);
      return duckdb.create_int64(view.getBigInt64(0));
    case postgresTypes.oid.oid:
    case postgresTypes.regclass.oid:
    case postgresTypes.regtype.oid:
    case postgresTypes.regproc.oid:
      requireLength(typeOid, bytes, 4);
      return duckdb.create_int64(BigInt(view.getUint32(0)));
    case postgresTypes.float4.oid:
      requireLength(typeOid, bytes, 4);
      return duckdb.create_float(view.getFloat32(0));
    case postgresTypes.float8.oid:
      requireLength(typeOid, bytes, 8);
      return duckdb.create_double(view.getFloat64(0));
    case postgresTypes.numeric.oid:
      return numericValue(bytes, view);
    case postgresTypes.bytea.oid:
      return duckdb.create_blob(bytes.slice());
    case postgresTypes.date.oid:
      requireLength(typeOid, bytes, 4);
      return dateFromBinary(view.getInt32(0));
    case postgresTypes.time.oid:
      requireLength(typeOid, bytes, 8);
      return duckdb.create_time({ micros: timeOfDay(typeOid, view.getBigInt64(0)) });
    case postgresTypes.timetz.oid: {
      requireLength(typeOid, bytes, 12);
      const offset = -view.getInt32(8);
      if (Math.abs(offset) > zoneSecondsMax) throw invalidBinary(typeOid, `zone offset of ${offset} seconds`);
      const micros = Number(timeOfDay(typeOid, view.getBigInt64(0)));
      return duckdb.create_time_tz_value(duckdb.create_time_tz(micros, offset));
    }
    case postgresTypes.timestamp.oid:
    case postgresTypes.timestamptz.oid:
      requireLength(typeOid, bytes, 8);
      return timestampFromBinary(view.getBigInt64(0), typeOid === postgresTypes.timestamptz.oid);
    case postgresTypes.interval.oid:
      requireLength(typeOid, bytes, 16);
      return duckdb.create_interval({
        micros: view.getBigInt64(0),
        days: view.getInt32(8),
        months: view.getInt32(12),
      });
    case postgresTypes.uuid.oid:
      requireLength(typeOid, bytes, 16);
      return uuidValue((view.getBigUint64(0) << 64n) | view.getBigUint64(8));
    case postgresTypes.bit.oid:
    case postgresTypes.varbit.oid:
      return bitFromBinary(typeOid, bytes, view);
    case postgresTypes.jsonb.oid:
      if (bytes[0] !== 1) throw invalidBinary(typeOid, `version ${bytes[0] ?? "missing"}, expected 1`);
      return textValue(typeOid, decodeText(bytes.subarray(1)), "UTC");
    default:
      // text, varchar, json and the like: binary and text are the same bytes.
      return textValue(typeOid, decodeText(bytes), "UTC");
  }
}

function requireLength(typeOid: number, bytes: Uint8Array, length: number): void {
  if (bytes.length !== length) throw invalidBinary(typeOid, `${bytes.length} bytes, expected ${length}`);
}

function dateFromBinary(days: number): duckdb.Value {
  if (days === 0x7fffffff) return dateValue("infinity");
  if (days === -0x80000000) return dateValue("-infinity");
  const shifted = days + postgresEpochDays;
  // DuckDB's infinities take the two ends of int32.
  if (shifted >= 0x7fffffff) throw new AppError("datetime_overflow", "date out of range");
  return dateValue(shifted);
}

function timeOfDay(typeOid: number, micros: bigint): bigint {
  if (micros < 0n || micros > BigInt(microsPerDay)) throw invalidBinary(typeOid, `${micros} microseconds`);
  return micros;
}

function timestampFromBinary(micros: bigint, zoned: boolean): duckdb.Value {
  if (micros === int64Max) return timestampValue("infinity", zoned);
  if (micros === -int64Max - 1n) return timestampValue("-infinity", zoned);
  const shifted = micros + epochShiftMicros;
  if (shifted >= int64Max || shifted <= -int64Max) throw new AppError("datetime_overflow", "timestamp out of range");
  return timestampValue(shifted, zoned);
}

function bitFromBinary(typeOid: number, bytes: Uint8Array, view: DataView): duckdb.Value {
  const bitCount = bytes.length < 4 ? -1 : view.getInt32(0);
  if (bitCount < 0 || bytes.length !== 4 + Math.ceil(bitCount / 8)) {
    throw invalidBinary(typeOid, `${bytes.length} bytes for ${bitCount} bits`);
  }
  let bits = "";
  for (let at = 4; at < bytes.length; at++) bits += bytes[at]!.toString(2).padStart(8, "0");
  return bitValue(bits.slice(0, bitCount));
}

/** numeric_recv. */
function numericValue(bytes: Uint8Array, view: DataView): duckdb.Value {
  const typeOid = postgresTypes.numeric.oid;
  if (bytes.length < 8) throw invalidBinary(typeOid, `${bytes.length} bytes, at least 8`);
  const digitCount = view.getUint16(0);
  const weight = view.getInt16(2);
  const sign = view.getUint16(4);
  const scale = view.getUint16(6);
  if (bytes.length !== 8 + digitCount * 2) throw invalidBinary(typeOid, `${bytes.length} bytes, ${digitCount} digits`);
  if (sign === 0xc000) return duckdb.create_double(NaN);
  if (sign === 0xd000) return duckdb.create_double(Infinity);
  if (sign === 0xf000) return duckdb.create_double(-Infinity);
  if (sign !== 0 && sign !== 0x4000) throw invalidBinary(typeOid, `sign ${sign}`);
  // Digits of base 10,000 from `weight` down; DECIMAL has 38 decimal ones, so anything far beyond is refused early.
  if (digitCount > 20 || Math.abs(weight) > 20 || scale > 80) {
    throw new AppError("numeric_out_of_range", "numeric value has too many digits, at most 38");
  }
  let integer = "";
  let fraction = "";
  for (let index = 0; index < digitCount; index++) {
    const digit = view.getUint16(8 + index * 2);
    if (digit > 9999) throw invalidBinary(typeOid, `digit ${digit}`);
    const text = String(digit).padStart(4, "0");
    if (index <= weight) integer += text;
    else fraction += text;
  }
  if (weight >= digitCount) integer += "0000".repeat(weight + 1 - digitCount);
  if (weight < -1) fraction = "0000".repeat(-1 - weight) + fraction;
  fraction = fraction.slice(0, scale).padEnd(scale, "0");
  const digits = (integer + fraction).replace(/^0+(?=\d)/, "");
  return decimalValue(sign === 0x4000, digits, scale, `${integer}.${fraction}`);
}
