/** Exact integers behind `numeric` columns, from whatever DuckDB keeps them in. */
import type duckdb from "@duckdb/node-bindings";
import { rawValues } from "./column_encoder.ts";
import { RawStrings } from "./raw_strings.ts";

export interface IntegerSource {
  load(vector: duckdb.Vector, rowCount: number): void;
  /** The integer of a row when its magnitude is at most 2^53, otherwise NaN. */
  small(row: number): number;
  /** The integer of a row, exactly. */
  exact(row: number): bigint;
}

/** Bytes of the scaled integer of a DECIMAL of this width. */
export function decimalBytes(width: number): 2 | 4 | 8 | 16 {
  return width <= 4 ? 2 : width <= 9 ? 4 : width <= 18 ? 8 : 16;
}

/** The scaled integers of a DECIMAL vector, whatever their width. */
export class ScaledIntegers implements IntegerSource {
  readonly #bytes: 2 | 4 | 8 | 16;
  #halves = new Int16Array(0);
  #words = new Int32Array(0);

  constructor(width: number) {
    this.#bytes = decimalBytes(width);
  }

  load(vector: duckdb.Vector, rowCount: number): void {
    const raw = rawValues(vector, rowCount, this.#bytes);
    if (this.#bytes === 2) this.#halves = new Int16Array(raw.buffer, raw.byteOffset, rowCount);
    else this.#words = new Int32Array(raw.buffer, raw.byteOffset, rowCount * (this.#bytes >>> 2));
  }

  small(row: number): number {
    if (this.#bytes === 8) {
      const high = this.#words[row * 2 + 1]!;
      if (high < -0x200000 || high >= 0x200000) return NaN;
      return high * 0x100000000 + (this.#words[row * 2]! >>> 0);
    }
    if (this.#bytes === 4) return this.#words[row]!;
    if (this.#bytes === 2) return this.#halves[row]!;
    return smallHugeInteger(this.#words, row, true);
  }

  exact(row: number): bigint {
    if (this.#bytes === 2) return BigInt(this.#halves[row]!);
    if (this.#bytes === 4) return BigInt(this.#words[row]!);
    if (this.#bytes === 16) return hugeInteger(this.#words, row, true);
    return (BigInt(this.#words[row * 2 + 1]!) << 32n) | BigInt(this.#words[row * 2]! >>> 0);
  }
}

/** UBIGINT. */
export class UnsignedLargeIntegers implements IntegerSource {
  #words = new Int32Array(0);

  load(vector: duckdb.Vector, rowCount: number): void {
    const raw = rawValues(vector, rowCount, 8);
    this.#words = new Int32Array(raw.buffer, raw.byteOffset, rowCount * 2);
  }

  small(row: number): number {
    const high = this.#words[row * 2 + 1]!;
    return high < 0 || high >= 0x200000 ? NaN : high * 0x100000000 + (this.#words[row * 2]! >>> 0);
  }

  exact(row: number): bigint {
    return (BigInt(this.#words[row * 2 + 1]! >>> 0) << 32n) | BigInt(this.#words[row * 2]! >>> 0);
  }
}

/** HUGEINT and UHUGEINT. */
export class HugeIntegers implements IntegerSource {
  #words = new Int32Array(0);
  readonly #signed: boolean;

  constructor(signed: boolean) {
    this.#signed = signed;
  }

  load(vector: duckdb.Vector, rowCount: number): void {
    const raw = rawValues(vector, rowCount, 16);
    this.#words = new Int32Array(raw.buffer, raw.byteOffset, rowCount * 4);
  }

  small(row: number): number {
    return smallHugeInteger(this.#words, row, this.#signed);
  }

  exact(row: number): bigint {
    return hugeInteger(this.#words, row, this.#signed);
  }
}

/** BIGNUM: a 3-byte header, then the magnitude, big-endian; every bit of a negative number is inverted. */
export class Bignums implements IntegerSource {
  readonly #strings = new RawStrings();

  load(vector: duckdb.Vector, rowCount: number): void {
    this.#strings.load(vector, rowCount);
  }

  small(): number {
    return NaN;
  }

  exact(row: number): bigint {
    const bytes = this.#strings.bytesAt(row);
    const negative = (bytes[0]! & 0x80) === 0;
    let hex = "0";
    for (let at = 3; at < bytes.length; at++) {
      const byte = negative ? bytes[at]! ^ 0xff : bytes[at]!;
      hex += byte.toString(16).padStart(2, "0");
    }
    const magnitude = BigInt(`0x${hex}`);
    return negative ? -magnitude : magnitude;
  }
}

function smallHugeInteger(words: Int32Array, row: number, signed: boolean): number {
  const at = row * 4;
  const high = words[at + 1]!;
  const extension = high >> 31;
  if (words[at + 2] !== extension || words[at + 3] !== extension || (!signed && high < 0)) return NaN;
  if (high < -0x200000 || high >= 0x200000) return NaN;
  return high * 0x100000000 + (words[at]! >>> 0);
}

function hugeInteger(words: Int32Array, row: number, signed: boolean): bigint {
  const at = row * 4;
  const top = signed ? BigInt(words[at + 3]!) : BigInt(words[at + 3]! >>> 0);
  return (top << 96n) | (BigInt(words[at + 2]! >>> 0) << 64n) | (BigInt(words[at + 1]! >>> 0) << 32n) |
    BigInt(words[at]! >>> 0);
}
