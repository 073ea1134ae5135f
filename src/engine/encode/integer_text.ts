/** Integers of every width as text. */
import type duckdb from "@duckdb/node-bindings";
import { rawValues } from "./column_encoder.ts";
import type { IntegerSource } from "./integer_sources.ts";
import { NumberText } from "./number_text.ts";

type SmallIntegers = Int8Array | Uint8Array | Int16Array | Uint16Array | Int32Array | Uint32Array;

/** Integers of up to 32 bits, signed or not. */
export class SmallIntegerText extends NumberText {
  #values: SmallIntegers = new Int32Array(0);
  readonly #width: 1 | 2 | 4;
  readonly #signed: boolean;

  constructor(width: 1 | 2 | 4, signed: boolean) {
    super();
    this.#width = width;
    this.#signed = signed;
  }

  protected override loadValues(vector: duckdb.Vector, rowCount: number): void {
    const raw = rawValues(vector, rowCount, this.#width);
    this.#values = smallIntegers(raw, rowCount, this.#width, this.#signed);
  }

  override measure(from: number, to: number): void {
    const values = this.#values;
    const nulls = this.markNulls(from, to);
    for (let row = from; row < to; row++) {
      const index = row - from;
      if (nulls && this.lengths[index] === -1) continue;
      const value = values[row]!;
      this.setInteger(index, value < 0, value < 0 ? -value : value);
    }
  }
}

/** A typed view of raw integers of up to 32 bits. */
export function smallIntegers(raw: Uint8Array, count: number, width: 1 | 2 | 4, signed: boolean): SmallIntegers {
  const { buffer, byteOffset } = raw;
  if (width === 4) {
    return signed ? new Int32Array(buffer, byteOffset, count) : new Uint32Array(buffer, byteOffset, count);
  }
  if (width === 2) {
    return signed ? new Int16Array(buffer, byteOffset, count) : new Uint16Array(buffer, byteOffset, count);
  }
  return signed ? new Int8Array(buffer, byteOffset, count) : new Uint8Array(buffer, byteOffset, count);
}

/** BIGINT. */
export class LargeIntegerText extends NumberText {
  #words = new Int32Array(0);

  protected override loadValues(vector: duckdb.Vector, rowCount: number): void {
    const raw = rawValues(vector, rowCount, 8);
    this.#words = new Int32Array(raw.buffer, raw.byteOffset, rowCount * 2);
  }

  override measure(from: number, to: number): void {
    const words = this.#words;
    const nulls = this.markNulls(from, to);
    for (let row = from; row < to; row++) {
      const index = row - from;
      if (nulls && this.lengths[index] === -1) continue;
      const low = words[row * 2]!;
      const high = words[row * 2 + 1]!;
      if (high >= -0x200000 && high < 0x200000) {
        const value = high * 0x100000000 + (low >>> 0);
        this.setInteger(index, value < 0, value < 0 ? -value : value);
      } else {
        this.#setWide(index, low, high);
      }
    }
  }

  /** A value beyond 2^53: long division of its magnitude by 10^8, in steps that doubles hold exactly. */
  #setWide(index: number, low: number, high: number): void {
    const negative = high < 0;
    let lowWord = low >>> 0;
    let highWord = high >>> 0;
    if (negative) {
      lowWord = (-lowWord) >>> 0;
      highWord = (~highWord + (lowWord === 0 ? 1 : 0)) >>> 0;
    }
    const first = Math.floor(highWord / 1e8);
    const second = (highWord - first * 1e8) * 65536 + (lowWord >>> 16);
    const secondQuotient = Math.floor(second / 1e8);
    const third = (second - secondQuotient * 1e8) * 65536 + (lowWord & 0xffff);
    const thirdQuotient = Math.floor(third / 1e8);
    const quotient = first * 0x100000000 + secondQuotient * 65536 + thirdQuotient;
    const lowDigits = third - thirdQuotient * 1e8;
    const top = Math.floor(quotient / 1e8);
    this.setLimbs(index, negative, top, quotient - top * 1e8, lowDigits);
  }
}

/** Integers sent as `numeric`: UBIGINT, BIGNUM, and HUGEINT, which `sum` gives: small ones take the short way. */
export class SourceIntegerText extends NumberText {
  readonly #source: IntegerSource;

  constructor(source: IntegerSource) {
    super();
    this.#source = source;
  }

  protected override loadValues(vector: duckdb.Vector, rowCount: number): void {
    this.#source.load(vector, rowCount);
  }

  override measure(from: number, to: number): void {
    const source = this.#source;
    const nulls = this.markNulls(from, to);
    for (let row = from; row < to; row++) {
      const index = row - from;
      if (nulls && this.lengths[index] === -1) continue;
      const value = source.small(row);
      if (value === value) this.setInteger(index, value < 0, value < 0 ? -value : value);
      else this.setText(index, source.exact(row).toString());
    }
  }
}
