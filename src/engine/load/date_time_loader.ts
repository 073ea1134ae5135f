/** Dates, times, timestamps and intervals. ISO 8601 forms of usual years are read from their bytes. */
import duckdb from "@duckdb/node-bindings";
import { AppError } from "../../errors/app_error.ts";
import { postgresTypes } from "../../pgwire/types.ts";
import { parameterValue } from "../bind/bind_parameter.ts";
import { daysFromCivil } from "../encode/calendar.ts";
import { timeZone } from "../encode/time_zone.ts";
import { BoundLoader } from "./column_loader.ts";

const microsPerSecond = 1_000_000;
const microsPerDay = 86_400 * microsPerSecond;
/** Between these years a timestamp's microseconds are exact as a number. */
const exactYearMin = 1700;
const exactYearMax = 2200;
const infinity = 0x7fff_ffff_ffff_ffffn;

function digitsAt(bytes: Uint8Array, at: number, count: number): number {
  let value = 0;
  for (let index = at; index < at + count; index++) {
    const digit = bytes[index]! - 48;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}

const monthDays = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Days since 1970-01-01 of `YYYY-MM-DD` at `at`, or NaN when it is not of that form, or not in the years above. */
function plainDate(bytes: Uint8Array, at: number): number {
  if (bytes[at + 4] !== 45 || bytes[at + 7] !== 45) return NaN;
  const year = digitsAt(bytes, at, 4);
  const month = digitsAt(bytes, at + 5, 2);
  const day = digitsAt(bytes, at + 8, 2);
  if (year < exactYearMin || year > exactYearMax || month < 1 || month > 12 || day < 1) return NaN;
  if (day > monthDays[month - 1]!) return NaN;
  if (month === 2 && day === 29 && (year % 4 !== 0 || (year % 100 === 0 && year % 400 !== 0))) return NaN;
  return daysFromCivil(year, month, day);
}

/** Microseconds since midnight of `HH:MM:SS[.ffffff]`, `bytes[from, to)`, or NaN. */
function plainTime(bytes: Uint8Array, from: number, to: number): number {
  const length = to - from;
  if (length < 8 || length === 9 || length > 15 || bytes[from + 2] !== 58 || bytes[from + 5] !== 58) return NaN;
  const hour = digitsAt(bytes, from, 2);
  const minute = digitsAt(bytes, from + 3, 2);
  const second = digitsAt(bytes, from + 6, 2);
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) return NaN;
  let micros = ((hour * 60 + minute) * 60 + second) * microsPerSecond;
  if (length > 8) {
    if (bytes[from + 8] !== 46) return NaN;
    const fraction = digitsAt(bytes, from + 9, length - 9);
    if (fraction < 0) return NaN;
    micros += fraction * 10 ** (15 - length);
  }
  return micros;
}

export class DateLoader extends BoundLoader {
  override readonly width = 4;

  protected override putText(bytes: Uint8Array, from: number, to: number): void {
    const days = to - from === 10 ? plainDate(bytes, from) : NaN;
    if (Number.isNaN(days)) this.put(0, bytes.subarray(from, to));
    else this.view.setInt32(this.count * 4, days, true);
  }

  protected override put(format: 0 | 1, field: Uint8Array): void {
    const value = parameterValue(postgresTypes.date.oid, format, field);
    this.view.setInt32(this.count * 4, duckdb.get_date(value).days, true);
  }
}

/** Units of DuckDB's timestamps and times, relative to a microsecond. */
export type TimeUnit = "seconds" | "milliseconds" | "microseconds" | "nanoseconds";

/** Seconds and milliseconds are rounded half up, as a cast between DuckDB's types does. */
function inUnit(micros: bigint, unit: TimeUnit): bigint {
  switch (unit) {
    case "seconds":
      return roundedQuotient(micros, 1_000_000n);
    case "milliseconds":
      return roundedQuotient(micros, 1000n);
    case "microseconds":
      return micros;
    case "nanoseconds":
      return micros * 1000n;
    default: {
      const never: never = unit;
      throw new Error(`unknown unit: ${never}`);
    }
  }
}

function roundedQuotient(micros: bigint, divisor: bigint): bigint {
  const shifted = micros + divisor / 2n;
  const quotient = shifted / divisor;
  return shifted < 0n && quotient * divisor !== shifted ? quotient - 1n : quotient;
}

export class TimestampLoader extends BoundLoader {
  override readonly width = 8;
  readonly #oid: number;
  readonly #unit: TimeUnit;
  /** Where a timestamptz without a zone lies; null for a timestamp. */
  readonly #zone: string | null;
  /** A text without a zone is UTC, or has none to have. */
  readonly #isPlain: boolean;

  constructor(unit: TimeUnit, sessionZone: string | null) {
    super();
    this.#unit = unit;
    this.#zone = sessionZone;
    this.#oid = sessionZone === null ? postgresTypes.timestamp.oid : postgresTypes.timestamptz.oid;
    this.#isPlain = sessionZone === null || timeZone(sessionZone).isUtc;
  }

  protected override putText(bytes: Uint8Array, from: number, to: number): void {
    const micros = this.#plain(bytes, from, to);
    if (Number.isNaN(micros)) return this.put(0, bytes.subarray(from, to));
    if (this.#unit === "microseconds") this.setInt64(micros);
    else this.view.setBigInt64(this.count * 8, inUnit(BigInt(micros), this.#unit), true);
  }

  /** Microseconds since 1970-01-01 of the usual form, or NaN. */
  #plain(bytes: Uint8Array, from: number, to: number): number {
    if (to - from < 19 || (bytes[from + 10] !== 32 && bytes[from + 10] !== 84)) return NaN;
    const days = plainDate(bytes, from);
    if (Number.isNaN(days)) return NaN;
    let end = to;
    let offsetSeconds = 0;
    if (this.#zone !== null) {
      // `+HH` and `Z` are what servers write; other zones are unusual.
      const sign = bytes[to - 3];
      if (bytes[to - 1] === 90) end = to - 1;
      else if (sign === 43 || sign === 45) {
        const hours = digitsAt(bytes, to - 2, 2);
        if (hours < 0 || hours > 15) return NaN;
        offsetSeconds = (sign === 45 ? -hours : hours) * 3600;
        end = to - 3;
      } else if (!this.#isPlain) return NaN;
    }
    return days * microsPerDay + plainTime(bytes, from + 11, end) - offsetSeconds * microsPerSecond;
  }

  protected override put(format: 0 | 1, field: Uint8Array): void {
    const micros = this.#unusual(format, field);
    const isInfinite = micros === infinity || micros === -infinity;
    const converted = isInfinite ? micros : inUnit(micros, this.#unit);
    if (BigInt.asIntN(64, converted) !== converted) throw new AppError("datetime_overflow", "timestamp out of range");
    this.view.setBigInt64(this.count * 8, converted, true);
  }

  #unusual(format: 0 | 1, field: Uint8Array): bigint {
    try {
      const value = parameterValue(this.#oid, format, field, this.#zone ?? "UTC");
      return (this.#zone === null ? duckdb.get_timestamp(value) : duckdb.get_timestamp_tz(value)).micros;
    } catch (error) {
      // The bindings refuse what does not fit into 64 bits.
      if (error instanceof AppError || format === 1) throw error;
      throw new AppError("datetime_overflow", `timestamp out of range: "${new TextDecoder().decode(field)}"`);
    }
  }
}

export class TimeLoader extends BoundLoader {
  override readonly width = 8;
  readonly #unit: "microseconds" | "nanoseconds";

  constructor(unit: "microseconds" | "nanoseconds") {
    super();
    this.#unit = unit;
  }

  protected override putText(bytes: Uint8Array, from: number, to: number): void {
    const micros = plainTime(bytes, from, to);
    if (Number.isNaN(micros)) this.put(0, bytes.subarray(from, to));
    else this.setInt64(this.#unit === "microseconds" ? micros : micros * 1000);
  }

  protected override put(format: 0 | 1, field: Uint8Array): void {
    const { micros } = duckdb.get_time(parameterValue(postgresTypes.time.oid, format, field));
    this.view.setBigInt64(this.count * 8, inUnit(micros, this.#unit), true);
  }
}

/** TIMETZ: 40 bits of microseconds, 24 bits of the offset, which falls as the zone lies further east. */
export class TimeTzLoader extends BoundLoader {
  override readonly width = 8;

  protected override put(format: 0 | 1, field: Uint8Array): void {
    const { bits } = duckdb.get_time_tz(parameterValue(postgresTypes.timetz.oid, format, field));
    this.view.setBigUint64(this.count * 8, BigInt.asUintN(64, bits), true);
  }
}

/** INTERVAL: months and days of 32 bits, microseconds of 64. */
export class IntervalLoader extends BoundLoader {
  override readonly width = 16;

  protected override put(format: 0 | 1, field: Uint8Array): void {
    const at = this.count * 16;
    const interval = duckdb.get_interval(parameterValue(postgresTypes.interval.oid, format, field));
    this.view.setInt32(at, interval.months, true);
    this.view.setInt32(at + 4, interval.days, true);
    this.view.setBigInt64(at + 8, interval.micros, true);
  }
}

/** UUID: 128 bits whose highest is inverted, so that they sort as signed numbers. */
export class UuidLoader extends BoundLoader {
  override readonly width = 16;

  protected override put(format: 0 | 1, field: Uint8Array): void {
    const bits = duckdb.get_uuid(parameterValue(postgresTypes.uuid.oid, format, field));
    this.setInt128(BigInt.asIntN(128, bits ^ (1n << 127n)));
  }
}
