/** DATE, TIME and TIMETZ, as text (DateStyle ISO) and binary. */
import type duckdb from "@duckdb/node-bindings";
import { blockRows, ColumnEncoder, rawValues } from "./column_encoder.ts";
import {
  firstPlainDay,
  fractionLength,
  lastPlainDay,
  offsetText,
  postgresEpochDays,
  wideDayText,
  writeClock,
  writeDay,
  writeFraction,
} from "./calendar.ts";
import { writeAscii } from "./digits.ts";

const infiniteDay = 0x7fffffff;

abstract class Dates extends ColumnEncoder {
  protected days = new Int32Array(0);

  protected override loadValues(vector: duckdb.Vector, rowCount: number): void {
    const raw = rawValues(vector, rowCount, 4);
    this.days = new Int32Array(raw.buffer, raw.byteOffset, rowCount);
  }
}

export class DateText extends Dates {
  override measure(from: number, to: number): void {
    const nulls = this.markNulls(from, to);
    for (let row = from; row < to; row++) {
      if (nulls && this.lengths[row - from] === -1) continue;
      const day = this.days[row]!;
      this.lengths[row - from] = day >= firstPlainDay && day <= lastPlainDay ? 10 : wideDate(day).length;
    }
  }

  override write(from: number, to: number, bytes: Uint8Array, view: DataView, cursors: Int32Array): void {
    for (let row = from; row < to; row++) {
      const length = this.lengths[row - from]!;
      const position = cursors[row - from]!;
      view.setInt32(position, length);
      cursors[row - from] = position + 4 + (length < 0 ? 0 : length);
      if (length < 0) continue;
      const day = this.days[row]!;
      if (day >= firstPlainDay && day <= lastPlainDay) writeDay(view, position + 4, day);
      else writeAscii(bytes, position + 4, wideDate(day));
    }
  }
}

function wideDate(day: number): string {
  if (day === infiniteDay) return "infinity";
  if (day === -infiniteDay) return "-infinity";
  const { text, suffix } = wideDayText(day);
  return text + suffix;
}

/** int32 days since 2000-01-01; the ends of the range are the infinities. */
export class DateBinary extends Dates {
  override measure(from: number, to: number): void {
    this.measureFixed(from, to, 4);
  }

  override write(from: number, to: number, _bytes: Uint8Array, view: DataView, cursors: Int32Array): void {
    for (let row = from; row < to; row++) {
      const length = this.lengths[row - from]!;
      const position = cursors[row - from]!;
      view.setInt32(position, length);
      if (length < 0) {
        cursors[row - from] = position + 4;
        continue;
      }
      cursors[row - from] = position + 8;
      const day = this.days[row]!;
      const special = day === infiniteDay ? infiniteDay : day === -infiniteDay ? -infiniteDay - 1 : 0;
      view.setInt32(position + 4, special !== 0 ? special : day - postgresEpochDays);
    }
  }
}

export type TimeKind = "TIME" | "TIME_NS" | "TIMETZ";

/** DuckDB's TIMETZ: microseconds in the upper 40 bits, in the lower 24 bits 57,599 minus the offset in seconds. */
const zoneBias = 57_599;

abstract class Times extends ColumnEncoder {
  protected readonly kind: TimeKind;
  #words = new Int32Array(0);

  constructor(kind: TimeKind) {
    super();
    this.kind = kind;
  }

  protected override loadValues(vector: duckdb.Vector, rowCount: number): void {
    const raw = rawValues(vector, rowCount, 8);
    this.#words = new Int32Array(raw.buffer, raw.byteOffset, rowCount * 2);
  }

  /** Microseconds since midnight, up to 86,400,000,000. */
  protected microsAt(row: number): number {
    const high = this.#words[row * 2 + 1]! >>> 0;
    const low = this.#words[row * 2]! >>> 0;
    if (this.kind === "TIMETZ") return high * 256 + (low >>> 24);
    const value = high * 0x100000000 + low;
    return this.kind === "TIME" ? value : Math.floor(value / 1000);
  }

  /** Seconds east of Greenwich. */
  protected offsetAt(row: number): number {
    return zoneBias - (this.#words[row * 2]! & 0xffffff);
  }
}

export class TimeText extends Times {
  readonly #seconds = new Int32Array(blockRows);
  readonly #micros = new Int32Array(blockRows);
  readonly #zones: string[] = new Array<string>(blockRows).fill("");

  override measure(from: number, to: number): void {
    const zoned = this.kind === "TIMETZ";
    const nulls = this.markNulls(from, to);
    for (let row = from; row < to; row++) {
      const index = row - from;
      if (nulls && this.lengths[index] === -1) continue;
      const value = this.microsAt(row);
      const second = Math.floor(value / 1_000_000);
      const micros = value - second * 1_000_000;
      this.#seconds[index] = second;
      this.#micros[index] = micros;
      let length = 8 + fractionLength(micros);
      if (zoned) {
        const zone = offsetText(this.offsetAt(row));
        this.#zones[index] = zone;
        length += zone.length;
      }
      this.lengths[index] = length;
    }
  }

  override write(from: number, to: number, bytes: Uint8Array, view: DataView, cursors: Int32Array): void {
    const zoned = this.kind === "TIMETZ";
    for (let index = 0, count = to - from; index < count; index++) {
      const length = this.lengths[index]!;
      const position = cursors[index]! + 4;
      view.setInt32(position - 4, length);
      cursors[index] = position + (length < 0 ? 0 : length);
      if (length < 0) continue;
      writeClock(bytes, view, position, this.#seconds[index]!);
      const micros = this.#micros[index]!;
      if (micros !== 0) writeFraction(bytes, position + 8, micros, fractionLength(micros));
      if (zoned) writeAscii(bytes, position + length - this.#zones[index]!.length, this.#zones[index]!);
    }
  }
}

/** int64 microseconds since midnight; timetz adds an int32 of seconds west of Greenwich. */
export class TimeBinary extends Times {
  override measure(from: number, to: number): void {
    this.measureFixed(from, to, this.kind === "TIMETZ" ? 12 : 8);
  }

  override write(from: number, to: number, _bytes: Uint8Array, view: DataView, cursors: Int32Array): void {
    for (let row = from; row < to; row++) {
      const length = this.lengths[row - from]!;
      const position = cursors[row - from]!;
      view.setInt32(position, length);
      cursors[row - from] = position + 4 + (length < 0 ? 0 : length);
      if (length < 0) continue;
      const value = this.microsAt(row);
      const high = Math.floor(value / 0x100000000);
      view.setInt32(position + 4, high);
      view.setInt32(position + 8, value - high * 0x100000000);
      if (length === 12) view.setInt32(position + 12, -this.offsetAt(row));
    }
  }
}
