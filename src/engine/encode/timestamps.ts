/**
 * TIMESTAMP in all its units and TIMESTAMPTZ, as text (DateStyle ISO) and binary (microseconds since 2000-01-01).
 * Nanoseconds are cut to microseconds, which is what PostgreSQL's type holds.
 */
import type duckdb from "@duckdb/node-bindings";
import { blockRows, ColumnEncoder, rawValues } from "./column_encoder.ts";
import {
  clockText,
  firstPlainDay,
  fractionLength,
  lastPlainDay,
  offsetText,
  wideDayText,
  writeClock,
  writeDay,
  writeFraction,
} from "./calendar.ts";
import { writeAscii } from "./digits.ts";
import type { TimeZone } from "./time_zone.ts";

export type TimestampUnit = "seconds" | "milliseconds" | "microseconds" | "nanoseconds";

const microsPerDay = 86_400_000_000;
const maximum = 0x7fffffffffffffffn;
/** Microseconds from 1970-01-01 to 2000-01-01. */
const epochShiftMicros = 946_684_800_000_000;

/** The values of a timestamp vector in microseconds since 1970-01-01. */
class TimestampReader {
  readonly #unit: TimestampUnit;
  #words = new Int32Array(0);

  constructor(unit: TimestampUnit) {
    this.#unit = unit;
  }

  load(vector: duckdb.Vector, rowCount: number): void {
    const raw = rawValues(vector, rowCount, 8);
    this.#words = new Int32Array(raw.buffer, raw.byteOffset, rowCount * 2);
  }

  /** Exact when it is a number; NaN for infinities and for values far from 1970, which `exact` gives. */
  small(row: number): number {
    const high = this.#words[row * 2 + 1]!;
    const low = this.#words[row * 2]! >>> 0;
    if (this.#unit === "microseconds") {
      return high >= -0x1a0000 && high < 0x1a0000 ? high * 0x100000000 + low : NaN;
    }
    if (this.#unit === "nanoseconds") {
      if (high < -0x70000000 || high >= 0x70000000) return NaN;
      const quotient = Math.floor(high / 1000);
      return quotient * 0x100000000 + Math.floor(((high - quotient * 1000) * 0x100000000 + low) / 1000);
    }
    const factor = this.#unit === "seconds" ? 1_000_000 : 1000;
    const value = high * 0x100000000 + low;
    return value > -7e15 / factor && value < 7e15 / factor ? value * factor : NaN;
  }

  /** The value in microseconds, or "infinity" or "-infinity". */
  exact(row: number): bigint | "infinity" | "-infinity" {
    const value = (BigInt(this.#words[row * 2 + 1]!) << 32n) | BigInt(this.#words[row * 2]! >>> 0);
    if (value === maximum) return "infinity";
    if (value === -maximum) return "-infinity";
    if (this.#unit === "microseconds") return value;
    if (this.#unit === "seconds") return value * 1_000_000n;
    if (this.#unit === "milliseconds") return value * 1000n;
    const quotient = value / 1000n;
    return value < 0n && quotient * 1000n !== value ? quotient - 1n : quotient;
  }
}

/** Text of the zone suffix by its index; index 0 is no suffix. */
const suffixes: string[] = [""];
const suffixIndexes = new Map<number, number>();

function suffixIndex(offsetSeconds: number): number {
  let index = suffixIndexes.get(offsetSeconds);
  if (index === undefined) {
    index = suffixes.push(offsetText(offsetSeconds)) - 1;
    suffixIndexes.set(offsetSeconds, index);
  }
  return index;
}

const readyText = -1;

export class TimestampText extends ColumnEncoder {
  readonly #reader: TimestampReader;
  readonly #zone: TimeZone | null;
  readonly #days = new Int32Array(blockRows);
  readonly #seconds = new Int32Array(blockRows);
  readonly #micros = new Int32Array(blockRows);
  /** Index into `suffixes`, or `readyText`. */
  readonly #suffixes = new Int32Array(blockRows);
  readonly #texts: string[] = new Array<string>(blockRows).fill("");

  /** `zone` null: TIMESTAMP, without a zone suffix. */
  constructor(unit: TimestampUnit, zone: TimeZone | null) {
    super();
    this.#reader = new TimestampReader(unit);
    this.#zone = zone;
  }

  protected override loadValues(vector: duckdb.Vector, rowCount: number): void {
    this.#reader.load(vector, rowCount);
  }

  override measure(from: number, to: number): void {
    const reader = this.#reader;
    const zone = this.#zone;
    const utcSuffix = zone === null ? 0 : suffixIndex(0);
    const nulls = this.markNulls(from, to);
    for (let row = from; row < to; row++) {
      const index = row - from;
      if (nulls && this.lengths[index] === -1) continue;
      const value = reader.small(row);
      let day = Math.floor(value / microsPerDay);
      let rest = value - day * microsPerDay;
      if (value !== value) {
        const exact = reader.exact(row);
        if (typeof exact === "string") {
          this.#setText(index, exact);
          continue;
        }
        const modulus = BigInt(microsPerDay);
        const bigRest = ((exact % modulus) + modulus) % modulus;
        day = Number((exact - bigRest) / modulus);
        rest = Number(bigRest);
      }
      let second = Math.floor(rest / 1_000_000);
      const micros = rest - second * 1_000_000;
      let suffix = utcSuffix;
      if (zone !== null && !zone.isUtc) {
        const offset = zone.offsetAt(day * 86_400 + second);
        suffix = suffixIndex(offset);
        second += offset;
        if (second < 0) {
          second += 86_400;
          day -= 1;
        } else if (second >= 86_400) {
          second -= 86_400;
          day += 1;
        }
      }
      if (day < firstPlainDay || day > lastPlainDay) {
        const wide = wideDayText(day);
        this.#setText(index, `${wide.text} ${clockText(second, micros)}${suffixes[suffix]!}${wide.suffix}`);
        continue;
      }
      this.#days[index] = day;
      this.#seconds[index] = second;
      this.#micros[index] = micros;
      this.#suffixes[index] = suffix;
      this.lengths[index] = 19 + fractionLength(micros) + (suffix === 0 ? 0 : suffixes[suffix]!.length);
    }
  }

  #setText(index: number, text: string): void {
    this.#texts[index] = text;
    this.#suffixes[index] = readyText;
    this.lengths[index] = text.length;
  }

  override write(from: number, to: number, bytes: Uint8Array, view: DataView, cursors: Int32Array): void {
    const lengths = this.lengths;
    for (let index = 0, count = to - from; index < count; index++) {
      const length = lengths[index]!;
      let position = cursors[index]!;
      view.setInt32(position, length);
      position += 4;
      if (length < 0) {
        cursors[index] = position;
        continue;
      }
      cursors[index] = position + length;
      const suffix = this.#suffixes[index]!;
      if (suffix === readyText) {
        writeAscii(bytes, position, this.#texts[index]!);
        continue;
      }
      writeDay(view, position, this.#days[index]!);
      bytes[position + 10] = 32;
      writeClock(bytes, view, position + 11, this.#seconds[index]!);
      const micros = this.#micros[index]!;
      if (micros !== 0) writeFraction(bytes, position + 19, micros, fractionLength(micros));
      if (suffix !== 0) {
        const text = suffixes[suffix]!;
        writeAscii(bytes, position + length - text.length, text);
      }
    }
  }
}

export class TimestampBinary extends ColumnEncoder {
  readonly #reader: TimestampReader;

  constructor(unit: TimestampUnit) {
    super();
    this.#reader = new TimestampReader(unit);
  }

  protected override loadValues(vector: duckdb.Vector, rowCount: number): void {
    this.#reader.load(vector, rowCount);
  }

  override measure(from: number, to: number): void {
    this.measureFixed(from, to, 8);
  }

  override write(from: number, to: number, _bytes: Uint8Array, view: DataView, cursors: Int32Array): void {
    const lengths = this.lengths;
    const reader = this.#reader;
    for (let row = from; row < to; row++) {
      const index = row - from;
      const position = cursors[index]!;
      const length = lengths[index]!;
      view.setInt32(position, length);
      if (length < 0) {
        cursors[index] = position + 4;
        continue;
      }
      cursors[index] = position + 12;
      const value = reader.small(row);
      if (value === value) {
        const shifted = value - epochShiftMicros;
        const high = Math.floor(shifted / 0x100000000);
        view.setInt32(position + 4, high);
        view.setInt32(position + 8, shifted - high * 0x100000000);
      } else {
        view.setBigInt64(position + 4, postgresTimestamp(reader.exact(row)));
      }
    }
  }
}

function postgresTimestamp(micros: bigint | "infinity" | "-infinity"): bigint {
  if (micros === "infinity") return maximum;
  if (micros === "-infinity") return -maximum - 1n;
  return BigInt.asIntN(64, micros - BigInt(epochShiftMicros));
}
