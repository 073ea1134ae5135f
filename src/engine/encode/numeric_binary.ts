/**
 * DECIMAL and the integers beyond int8 in numeric's binary form (PostgreSQL `numeric_send`): int16 digit count, weight,
 * sign and display scale, then digits of base 10,000 without leading or trailing zero digits; digit i counts
 * 10000^(weight - i).
 */
import type duckdb from "@duckdb/node-bindings";
import { blockRows, ColumnEncoder } from "./column_encoder.ts";
import type { IntegerSource } from "./integer_sources.ts";
import type { DecimalsShown } from "./decimal_text.ts";
import { powersOfTen } from "./number_text.ts";
import { roundQuotient } from "./quotient_digits.ts";

const headerBytes = 8;
const negativeSign = 0x4000;
/** Base-10,000 digits kept in place for a row: 2^53 before the point and 12 decimals; longer ones are kept apart. */
const digitsMax = 8;
/** Up to this scale the fraction, padded to whole base-10,000 digits, is exact as a double. */
const shortScaleMax = 12;

export class NumericBinary extends ColumnEncoder {
  readonly #source: IntegerSource;
  readonly #scale: number;
  readonly #power: number;
  readonly #fractionShift: number;
  readonly #fractionDigits: number;
  readonly #digits = new Int16Array(blockRows * digitsMax);
  readonly #weights = new Int16Array(blockRows);
  readonly #signs = new Int16Array(blockRows);
  readonly #longDigits: (readonly number[] | undefined)[] = new Array(blockRows).fill(undefined);

  readonly #shown: DecimalsShown;
  /** Of the rows of a quotient. */
  readonly #scales = new Int16Array(blockRows);

  constructor(source: IntegerSource, scale: number, shown: DecimalsShown = "all") {
    super();
    this.#shown = shown;
    this.#source = source;
    this.#scale = scale;
    const short = Math.min(scale, shortScaleMax);
    this.#fractionDigits = Math.ceil(short / 4);
    this.#power = powersOfTen[short]!;
    this.#fractionShift = powersOfTen[this.#fractionDigits * 4 - short]!;
  }

  protected override loadValues(vector: duckdb.Vector, rowCount: number): void {
    this.#source.load(vector, rowCount);
  }

  override measure(from: number, to: number): void {
    const short = this.#scale <= shortScaleMax;
    const nulls = this.markNulls(from, to);
    for (let row = from; row < to; row++) {
      const index = row - from;
      if (nulls && this.lengths[index] === -1) continue;
      const value = short ? this.#source.small(row) : NaN;
      if (value === value) this.#setShort(index, value);
      else this.#setLong(index, this.#source.exact(row));
    }
  }

  #setShort(index: number, value: number): void {
    const magnitude = value < 0 ? -value : value;
    const fractionDigits = this.#fractionDigits;
    let integer = Math.floor(magnitude / this.#power);
    let fraction = (magnitude - integer * this.#power) * this.#fractionShift;
    const digits = this.#digits;
    const base = index * digitsMax;
    // Least significant first into the row's places, from the last place on backwards.
    let first = base + digitsMax;
    for (let count = 0; count < fractionDigits; count++) {
      const quotient = Math.floor(fraction / 10_000);
      digits[--first] = fraction - quotient * 10_000;
      fraction = quotient;
    }
    let weight = -1;
    while (integer > 0) {
      const quotient = Math.floor(integer / 10_000);
      digits[--first] = integer - quotient * 10_000;
      integer = quotient;
      weight++;
    }
    let last = base + digitsMax;
    while (last > first && digits[last - 1] === 0) last--;
    while (first < last && digits[first] === 0) {
      first++;
      weight--;
    }
    const count = last - first;
    digits.copyWithin(base, first, last);
    this.#weights[index] = count === 0 ? 0 : weight;
    this.#signs[index] = value < 0 ? negativeSign : 0;
    this.lengths[index] = headerBytes + count * 2;
  }

  #setLong(index: number, scaled: bigint): void {
    const rounded = this.#shown === "quotient" ? roundQuotient(scaled) : { scaled, scale: this.#scale };
    this.#scales[index] = rounded.scale;
    const { digits, weight } = numericDigits(scaled < 0n ? -rounded.scaled : rounded.scaled, rounded.scale);
    this.#longDigits[index] = digits;
    this.#weights[index] = weight;
    this.#signs[index] = scaled < 0n ? negativeSign : 0;
    this.lengths[index] = headerBytes + digits.length * 2;
  }

  #displayScale(index: number, count: number, long: readonly number[] | undefined): number {
    if (this.#shown === "needed") return this.#neededScale(index, count, long);
    return this.#shown === "quotient" ? this.#scales[index]! : this.#scale;
  }

  /** Decimals of the value without trailing zeros; its digits have none at the end. */
  #neededScale(index: number, count: number, long: readonly number[] | undefined): number {
    const wholeDigits = this.#weights[index]! + 1;
    if (count <= wholeDigits) return 0;
    const last = long === undefined ? this.#digits[index * digitsMax + count - 1]! : long[count - 1]!;
    return (count - wholeDigits - 1) * 4 + decimalsOf(last);
  }

  override write(from: number, to: number, _bytes: Uint8Array, view: DataView, cursors: Int32Array): void {
    const lengths = this.lengths;
    for (let index = 0, rows = to - from; index < rows; index++) {
      const length = lengths[index]!;
      let position = cursors[index]!;
      view.setInt32(position, length);
      position += 4;
      if (length < 0) {
        cursors[index] = position;
        continue;
      }
      cursors[index] = position + length;
      const count = (length - headerBytes) >> 1;
      view.setInt16(position, count);
      view.setInt16(position + 2, this.#weights[index]!);
      view.setInt16(position + 4, this.#signs[index]!);
      const long = this.#longDigits[index];
      view.setInt16(position + 6, this.#displayScale(index, count, long));
      position += headerBytes;
      if (long !== undefined) {
        for (const digit of long) {
          view.setInt16(position, digit);
          position += 2;
        }
        this.#longDigits[index] = undefined;
        continue;
      }
      const base = index * digitsMax;
      for (let at = 0; at < count; at++) view.setInt16(position + at * 2, this.#digits[base + at]!);
    }
  }
}

/** Decimals of a base-10,000 digit without its trailing zeros: 4 for 1234, 1 for 5000. */
function decimalsOf(digit: number): number {
  if (digit % 10 !== 0) return 4;
  if (digit % 100 !== 0) return 3;
  return digit % 1000 !== 0 ? 2 : 1;
}

/** Base-10,000 digits of `magnitude / 10^scale` without zeros at either end, and the weight of the first. */
function numericDigits(magnitude: bigint, scale: number): { digits: number[]; weight: number } {
  const fractionDigits = Math.ceil(scale / 4);
  let text = magnitude.toString() + "0".repeat(fractionDigits * 4 - scale);
  text = text.padStart(Math.ceil(text.length / 4) * 4, "0");
  const digits: number[] = [];
  for (let at = 0; at < text.length; at += 4) digits.push(Number(text.slice(at, at + 4)));
  let weight = digits.length - fractionDigits - 1;
  while (digits.length > 0 && digits[digits.length - 1] === 0) digits.pop();
  while (digits.length > 0 && digits[0] === 0) {
    digits.shift();
    weight--;
  }
  return { digits, weight: digits.length === 0 ? 0 : weight };
}
