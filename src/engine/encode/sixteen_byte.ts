/** INTERVAL (IntervalStyle postgres) and UUID: 16 bytes in DuckDB and in PostgreSQL's binary form. */
import type duckdb from "@duckdb/node-bindings";
import { blockRows, ColumnEncoder, rawValues } from "./column_encoder.ts";
import { writeAscii } from "./digits.ts";

abstract class SixteenByteValues extends ColumnEncoder {
  protected words = new Int32Array(0);

  protected override loadValues(vector: duckdb.Vector, rowCount: number): void {
    const raw = rawValues(vector, rowCount, 16);
    this.words = new Int32Array(raw.buffer, raw.byteOffset, rowCount * 4);
  }
}

/** DuckDB: int32 months, int32 days, int64 microseconds. */
export class IntervalText extends SixteenByteValues {
  readonly #texts: string[] = new Array<string>(blockRows).fill("");

  override measure(from: number, to: number): void {
    const words = this.words;
    const nulls = this.markNulls(from, to);
    for (let row = from; row < to; row++) {
      const index = row - from;
      if (nulls && this.lengths[index] === -1) continue;
      const micros = (BigInt(words[row * 4 + 3]!) << 32n) | BigInt(words[row * 4 + 2]! >>> 0);
      const text = intervalText(words[row * 4]!, words[row * 4 + 1]!, micros);
      this.#texts[index] = text;
      this.lengths[index] = text.length;
    }
  }

  override write(from: number, to: number, bytes: Uint8Array, view: DataView, cursors: Int32Array): void {
    for (let index = 0, count = to - from; index < count; index++) {
      const length = this.lengths[index]!;
      const position = cursors[index]!;
      view.setInt32(position, length);
      cursors[index] = position + 4 + (length < 0 ? 0 : length);
      if (length > 0) writeAscii(bytes, position + 4, this.#texts[index]!);
    }
  }
}

/** PostgreSQL's EncodeInterval, INTSTYLE_POSTGRES: a part after a negative one shows its plus sign. */
export function intervalText(months: number, days: number, micros: bigint): string {
  let text = "";
  let negativeBefore = false;
  const add = (value: number, unit: string) => {
    if (value === 0) return;
    text += `${text === "" ? "" : " "}${negativeBefore && value > 0 ? "+" : ""}${value} ${unit}${
      value === 1 ? "" : "s"
    }`;
    negativeBefore = value < 0;
  };
  const years = Math.trunc(months / 12);
  add(years, "year");
  add(months - years * 12, "mon");
  add(days, "day");
  if (text !== "" && micros === 0n) return text;
  const magnitude = micros < 0n ? -micros : micros;
  const seconds = magnitude / 1_000_000n;
  const fraction = Number(magnitude % 1_000_000n);
  const pad = (value: bigint) => String(value).padStart(2, "0");
  const sign = micros < 0n ? "-" : negativeBefore ? "+" : "";
  const decimals = fraction === 0 ? "" : `.${String(fraction).padStart(6, "0").replace(/0+$/, "")}`;
  const clock = `${pad(seconds / 3600n)}:${pad((seconds / 60n) % 60n)}:${pad(seconds % 60n)}${decimals}`;
  return `${text}${text === "" ? "" : " "}${sign}${clock}`;
}

/** int64 microseconds, int32 days, int32 months. */
export class IntervalBinary extends SixteenByteValues {
  override measure(from: number, to: number): void {
    this.measureFixed(from, to, 16);
  }

  override write(from: number, to: number, _bytes: Uint8Array, view: DataView, cursors: Int32Array): void {
    const words = this.words;
    for (let row = from; row < to; row++) {
      const length = this.lengths[row - from]!;
      const position = cursors[row - from]!;
      view.setInt32(position, length);
      cursors[row - from] = position + 4 + (length < 0 ? 0 : length);
      if (length < 0) continue;
      view.setInt32(position + 4, words[row * 4 + 3]!);
      view.setInt32(position + 8, words[row * 4 + 2]!);
      view.setInt32(position + 12, words[row * 4 + 1]!);
      view.setInt32(position + 16, words[row * 4]!);
    }
  }
}

const hexDigits = Uint8Array.from("0123456789abcdef", (character) => character.charCodeAt(0));

/** DuckDB keeps a UUID as a signed 128-bit integer whose top bit is flipped, so that it sorts. */
export class UuidText extends SixteenByteValues {
  override measure(from: number, to: number): void {
    this.measureFixed(from, to, 36);
  }

  override write(from: number, to: number, bytes: Uint8Array, view: DataView, cursors: Int32Array): void {
    const words = this.words;
    for (let row = from; row < to; row++) {
      const length = this.lengths[row - from]!;
      let position = cursors[row - from]!;
      view.setInt32(position, length);
      position += 4;
      cursors[row - from] = position + (length < 0 ? 0 : length);
      if (length < 0) continue;
      for (let part = 0; part < 4; part++) {
        const word = part === 0 ? words[row * 4 + 3]! ^ 0x80000000 : words[row * 4 + 3 - part]!;
        for (let nibble = 0; nibble < 8; nibble++) {
          // Hyphens stand before hexadecimal digits 8, 12, 16 and 20.
          if ((nibble === 0 && (part === 1 || part === 2)) || (nibble === 4 && (part === 1 || part === 2))) {
            bytes[position++] = 45;
          }
          bytes[position++] = hexDigits[(word >>> (28 - nibble * 4)) & 15]!;
        }
      }
    }
  }
}

export class UuidBinary extends SixteenByteValues {
  override measure(from: number, to: number): void {
    this.measureFixed(from, to, 16);
  }

  override write(from: number, to: number, _bytes: Uint8Array, view: DataView, cursors: Int32Array): void {
    const words = this.words;
    for (let row = from; row < to; row++) {
      const length = this.lengths[row - from]!;
      const position = cursors[row - from]!;
      view.setInt32(position, length);
      cursors[row - from] = position + 4 + (length < 0 ? 0 : length);
      if (length < 0) continue;
      view.setInt32(position + 4, words[row * 4 + 3]! ^ 0x80000000);
      view.setInt32(position + 8, words[row * 4 + 2]!);
      view.setInt32(position + 12, words[row * 4 + 1]!);
      view.setInt32(position + 16, words[row * 4]!);
    }
  }
}
