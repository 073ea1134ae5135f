/**
 * FLOAT and DOUBLE as text, in the form of PostgreSQL's float4out and float8out: with extra_float_digits > 0 (the
 * default) the shortest text that reads back as the same value, otherwise `%.*g`.
 */
import type duckdb from "@duckdb/node-bindings";
import { rawValues } from "./column_encoder.ts";
import { NumberText, powersOfTen } from "./number_text.ts";

export class DoubleText extends NumberText {
  #values = new Float64Array(0);
  readonly #extraFloatDigits: number;

  constructor(extraFloatDigits: number) {
    super();
    this.#extraFloatDigits = extraFloatDigits;
  }

  protected override loadValues(vector: duckdb.Vector, rowCount: number): void {
    const raw = rawValues(vector, rowCount, 8);
    this.#values = new Float64Array(raw.buffer, raw.byteOffset, rowCount);
  }

  override measure(from: number, to: number): void {
    const values = this.#values;
    const shortest = this.#extraFloatDigits > 0;
    const nulls = this.markNulls(from, to);
    for (let row = from; row < to; row++) {
      const index = row - from;
      if (nulls && this.lengths[index] === -1) continue;
      const value = values[row]!;
      const magnitude = Math.abs(value);
      if (!shortest || !(magnitude < 1e15)) {
        this.setText(index, doubleText(value, this.#extraFloatDigits));
        continue;
      }
      const integer = Math.floor(magnitude);
      if (integer === magnitude) {
        this.setInteger(index, value < 0 || Object.is(value, -0), integer);
      } else if (!this.#setShort(index, value, magnitude)) {
        this.setText(index, doubleText(value, this.#extraFloatDigits));
      }
    }
  }

  /**
   * Values with up to eight decimals: if r / 10^k gives the value back and r < 10^15, then r / 10^k is its shortest
   * decimal, because decimals of at most 15 digits are told apart by doubles.
   */
  #setShort(index: number, value: number, magnitude: number): boolean {
    if (magnitude < 1e-4) return false;
    for (let scale = 2; scale <= 8; scale += 2) {
      const power = powersOfTen[scale]!;
      const scaled = Math.floor(magnitude * power + 0.5);
      if (scaled >= 1e15) return false;
      if (scaled / power !== magnitude) continue;
      const integer = Math.floor(scaled / power);
      const fraction = scaled - integer * power;
      const tenth = Math.floor(fraction / 10);
      if (tenth * 10 === fraction) this.setFixed(index, value < 0, integer, tenth, scale - 1);
      else this.setFixed(index, value < 0, integer, fraction, scale);
      return true;
    }
    return false;
  }
}

export class FloatText extends NumberText {
  #values = new Float32Array(0);
  readonly #extraFloatDigits: number;

  constructor(extraFloatDigits: number) {
    super();
    this.#extraFloatDigits = extraFloatDigits;
  }

  protected override loadValues(vector: duckdb.Vector, rowCount: number): void {
    const raw = rawValues(vector, rowCount, 4);
    this.#values = new Float32Array(raw.buffer, raw.byteOffset, rowCount);
  }

  override measure(from: number, to: number): void {
    const values = this.#values;
    const shortest = this.#extraFloatDigits > 0;
    const nulls = this.markNulls(from, to);
    for (let row = from; row < to; row++) {
      const index = row - from;
      if (nulls && this.lengths[index] === -1) continue;
      const value = values[row]!;
      const magnitude = Math.abs(value);
      if (!shortest || !(magnitude < 1e6)) {
        this.setText(index, floatText(value, this.#extraFloatDigits));
        continue;
      }
      const integer = Math.floor(magnitude);
      if (integer === magnitude) {
        this.setInteger(index, value < 0 || Object.is(value, -0), integer);
      } else if (!this.#setShort(index, value, magnitude)) {
        this.setText(index, floatText(value, this.#extraFloatDigits));
      }
    }
  }

  /** As for doubles, with six digits; the distance is checked because r / 10^k is rounded twice. */
  #setShort(index: number, value: number, magnitude: number): boolean {
    if (magnitude < 1e-4) return false;
    for (let scale = 2; scale <= 8; scale += 2) {
      const power = powersOfTen[scale]!;
      const scaled = Math.floor(magnitude * power + 0.5);
      if (scaled >= 1e6) return false;
      if (Math.abs(scaled / power - magnitude) > magnitude * 0.99 * 2 ** -25) continue;
      const integer = Math.floor(scaled / power);
      const fraction = scaled - integer * power;
      const tenth = Math.floor(fraction / 10);
      if (tenth * 10 === fraction) this.setFixed(index, value < 0, integer, tenth, scale - 1);
      else this.setFixed(index, value < 0, integer, fraction, scale);
      return true;
    }
    return false;
  }
}

/** float8out. */
export function doubleText(value: number, extraFloatDigits: number): string {
  if (!Number.isFinite(value)) return specialText(value);
  if (extraFloatDigits <= 0) return generalFormat(value, Math.max(1, 15 + extraFloatDigits));
  const magnitude = Math.abs(value);
  if (magnitude >= 1e-4 && magnitude < 1e15) return String(value);
  if (magnitude === 0) return Object.is(value, -0) ? "-0" : "0";
  const text = value.toExponential();
  return widenExponent(magnitude < 2 ** 53 || isInside(magnitude, text, 53) ? text : strictlyShortest(value, 53));
}

/** float4out; `value` is exactly a float32. */
export function floatText(value: number, extraFloatDigits: number): string {
  if (!Number.isFinite(value)) return specialText(value);
  if (extraFloatDigits <= 0) return generalFormat(value, Math.max(1, 6 + extraFloatDigits));
  if (value === 0) return Object.is(value, -0) ? "-0" : "0";
  const magnitude = Math.abs(value);
  // Decimals of six digits are told apart by normal floats, those of nine tell all floats apart.
  let decimals = magnitude < 2 ** -126 ? 0 : 5;
  let text = value.toExponential(decimals);
  while (decimals < 8 && Math.fround(Number(text)) !== value) {
    const next = isPowerOfTwo(magnitude) ? nextDecimal(text, decimals) : text;
    if (Math.fround(Number(next)) === value) return placeExponent(next, 6);
    text = value.toExponential(++decimals);
  }
  if (magnitude < 2 ** 21) return placeExponent(evenAtTie(value, text, decimals), 6);
  const keep = !isPowerOfTwo(magnitude) && isInside(magnitude, text, 24);
  return placeExponent(keep ? text : strictlyShortest(value, 24), 6);
}

/** Below a power of two its neighbour is nearer than above: a decimal above may still be the shortest one. */
function isPowerOfTwo(magnitude: number): boolean {
  return 2 ** Math.round(Math.log2(magnitude)) === magnitude;
}

/** The decimal of the same length that is next away from zero. */
function nextDecimal(text: string, decimals: number): string {
  const split = text.indexOf("e");
  const digits = Number(text.slice(0, split).replace(".", ""));
  const step = Number(text.slice(split + 1)) - decimals;
  return Number(`${digits < 0 ? digits - 1 : digits + 1}e${step}`).toExponential(decimals);
}

/** A value half-way between two decimals, such as 3456.53125: JavaScript rounds up, PostgreSQL to even. */
function evenAtTie(value: number, text: string, decimals: number): string {
  if (decimals >= 8) return text;
  const exact = value.toExponential(decimals + 1);
  const split = exact.indexOf("e");
  if (exact[split - 1] !== "5" || Number(exact) !== value) return text;
  const below = exact.slice(0, split - 1) + exact.slice(split);
  const belowIsEven = Number(exact[split - 2]) % 2 === 0;
  return belowIsEven && Math.fround(Number(below)) === value ? below : text;
}

/**
 * Large values only (from 2^53, or 2^21 for floats): there a short decimal can lie exactly half-way between two
 * floating point numbers, which JavaScript accepts and PostgreSQL does not, or the value half-way between two short decimals,
 * of which PostgreSQL takes the even one. False when `text` is such a decimal.
 */
function isInside(magnitude: number, text: string, mantissaBits: number): boolean {
  const split = text.indexOf("e");
  const mantissa = text.slice(text.startsWith("-") ? 1 : 0, split);
  const decimals = mantissa.includes(".") ? mantissa.replace(/0+$/, "").length - 2 : 0;
  const step = Number(text.slice(split + 1)) - decimals;
  const digits = BigInt(mantissa.replace(".", "").slice(0, decimals + 1));
  const { value, low, high, one } = scaledInterval(magnitude, mantissaBits);
  const unit = step >= 0 ? one * 10n ** BigInt(step) : one / 10n ** BigInt(-step);
  const decimal = digits * unit;
  const distance = decimal < value ? value - decimal : decimal - value;
  return decimal > low && decimal < high && distance * 2n !== unit;
}

/** The shortest decimal strictly between the neighbouring half-way points, nearest to the value, in `d.ddde+x` form. */
function strictlyShortest(value: number, mantissaBits: number): string {
  const interval = scaledInterval(Math.abs(value), mantissaBits);
  const digitsMax = String(interval.value / interval.one).length;
  for (let step = digitsMax; step >= -2; step--) {
    const unit = step >= 0 ? interval.one * 10n ** BigInt(step) : interval.one / 10n ** BigInt(-step);
    const below = interval.value / unit;
    const belowDistance = interval.value - below * unit;
    const belowInside = below * unit > interval.low;
    const aboveInside = (below + 1n) * unit < interval.high;
    if (!belowInside && !aboveInside) continue;
    const difference = 2n * belowDistance - unit;
    const nearerBelow = difference < 0n || (difference === 0n && below % 2n === 0n);
    const digits = String(belowInside && (nearerBelow || !aboveInside) ? below : below + 1n);
    const mantissa = digits.length === 1 ? digits : `${digits[0]}.${digits.slice(1)}`;
    const trimmed = mantissa.includes(".") ? mantissa.replace(/\.?0+$/, "") : mantissa;
    return `${value < 0 ? "-" : ""}${trimmed}e+${digits.length - 1 + step}`;
  }
  return value.toExponential();
}

/** A magnitude and the half-way points to its neighbours as integers, `one` standing for 1. */
function scaledInterval(
  magnitude: number,
  mantissaBits: number,
): { value: bigint; low: bigint; high: bigint; one: bigint } {
  const exponent = Math.floor(Math.log2(magnitude));
  // log2 may round up to the next power of two.
  const binade = 2 ** exponent > magnitude ? 2 ** (exponent - 1) : 2 ** exponent;
  const gap = binade / 2 ** (mantissaBits - 1);
  // Floats from 2^21 on have gaps of a quarter, and up to two decimals.
  const one = mantissaBits === 24 ? 1600n : 2n;
  // Beyond 2^80 all parts are integers, and sixteen times the largest would overflow.
  const scale = (part: number) => magnitude > 2 ** 80 ? BigInt(part) * one : BigInt(part * 16) * one / 16n;
  const value = scale(magnitude);
  const halfGap = scale(gap / 2);
  return { value, low: value - (magnitude === binade ? scale(gap / 4) : halfGap), high: value + halfGap, one };
}

function specialText(value: number): string {
  return value !== value ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
}

/** C's `%.<precision>g`. */
function generalFormat(value: number, precision: number): string {
  if (value === 0) return Object.is(value, -0) ? "-0" : "0";
  return placeExponent(value.toExponential(precision - 1), precision);
}

/** Turns `d.ddde±x` into PostgreSQL's form: plain while -4 <= x < `plainBelow`, without trailing zeros. */
function placeExponent(text: string, plainBelow: number): string {
  const split = text.indexOf("e");
  const exponent = Number(text.slice(split + 1));
  const negative = text.startsWith("-");
  let digits = text.slice(negative ? 1 : 0, split).replace(".", "").replace(/0+$/, "");
  if (digits === "") digits = "0";
  const sign = negative ? "-" : "";
  if (exponent < -4 || exponent >= plainBelow) {
    const mantissa = digits.length === 1 ? digits : `${digits[0]}.${digits.slice(1)}`;
    return `${sign}${widenExponent(`${mantissa}e${exponent < 0 ? "-" : "+"}${Math.abs(exponent)}`)}`;
  }
  if (exponent < 0) return `${sign}0.${"0".repeat(-exponent - 1)}${digits}`;
  if (digits.length <= exponent + 1) return sign + digits.padEnd(exponent + 1, "0");
  return `${sign}${digits.slice(0, exponent + 1)}.${digits.slice(exponent + 1)}`;
}

/** JavaScript writes `1e-7`, PostgreSQL `1e-07`: at least two digits of exponent. */
function widenExponent(text: string): string {
  return text.charCodeAt(text.length - 2) < 48 ? `${text.slice(0, -1)}0${text.slice(-1)}` : text;
}
