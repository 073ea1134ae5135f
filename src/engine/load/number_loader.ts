/** DOUBLE, FLOAT, DECIMAL and integers beyond 64 bits. */
import duckdb from "@duckdb/node-bindings";
import { AppError } from "../../errors/app_error.ts";
import { postgresTypes } from "../../pgwire/types.ts";
import { parameterValue } from "../bind/bind_parameter.ts";
import { outOfRange } from "../bind/input_errors.ts";
import { BoundLoader } from "./column_loader.ts";
import { exactDigits, scaledInteger } from "./integer_loader.ts";

/** Powers of ten up to the largest that a double holds exactly. */
const powersOfTen = Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));

export class FloatLoader extends BoundLoader {
  override readonly width: 4 | 8;

  constructor(width: 4 | 8) {
    super();
    this.width = width;
  }

  protected override putText(bytes: Uint8Array, from: number, to: number): void {
    let position = from;
    const sign = bytes[position];
    if (sign === 45 || sign === 43) position++;
    let value = 0;
    let digits = 0;
    let decimals = -1;
    for (; position < to; position++) {
      const byte = bytes[position]!;
      if (byte === 46 && decimals < 0) {
        decimals = 0;
        continue;
      }
      const digit = byte - 48;
      if (digit < 0 || digit > 9) return this.put(0, bytes.subarray(from, to));
      value = value * 10 + digit;
      digits++;
      if (decimals >= 0) decimals++;
    }
    // Few digits and a small power of ten are exact, and so is their quotient when rounded once.
    if (digits === 0 || digits > exactDigits) return this.put(0, bytes.subarray(from, to));
    if (decimals > 0) value /= powersOfTen[decimals]!;
    this.#set(sign === 45 ? -value : value);
  }

  #set(value: number): void {
    if (this.width === 8) this.view.setFloat64(this.count * 8, value, true);
    else this.view.setFloat32(this.count * 4, value, true);
  }

  protected override put(format: 0 | 1, field: Uint8Array): void {
    const oid = this.width === 8 ? postgresTypes.float8.oid : postgresTypes.float4.oid;
    const value = parameterValue(oid, format, field);
    this.#set(this.width === 8 ? duckdb.get_double(value) : duckdb.get_float(value));
  }
}

export class DecimalLoader extends BoundLoader {
  override readonly width: 2 | 4 | 8 | 16;
  readonly #precision: number;
  readonly #scale: number;
  readonly #limit: bigint;

  constructor(precision: number, scale: number) {
    super();
    this.width = precision <= 4 ? 2 : precision <= 9 ? 4 : precision <= 18 ? 8 : 16;
    this.#precision = precision;
    this.#scale = scale;
    this.#limit = 10n ** BigInt(precision);
  }

  protected override putText(bytes: Uint8Array, from: number, to: number): void {
    let position = from;
    const sign = bytes[position];
    if (sign === 45 || sign === 43) position++;
    const scale = this.#scale;
    let value = 0;
    let digits = 0;
    let decimals = -1;
    for (; position < to; position++) {
      const byte = bytes[position]!;
      if (byte === 46 && decimals < 0) {
        decimals = 0;
        continue;
      }
      const digit = byte - 48;
      if (digit < 0 || digit > 9) return this.put(0, bytes.subarray(from, to));
      value = value * 10 + digit;
      digits++;
      if (decimals >= 0) decimals++;
    }
    if (decimals < 0) decimals = 0;
    const padding = scale - decimals;
    if (digits === 0 || padding < 0 || digits + padding > exactDigits || digits + padding > this.#precision) {
      return this.put(0, bytes.subarray(from, to));
    }
    value *= powersOfTen[padding]!;
    this.#setNumber(sign === 45 ? -value : value);
  }

  #setNumber(value: number): void {
    switch (this.width) {
      case 2:
        return this.view.setInt16(this.count * 2, value, true);
      case 4:
        return this.view.setInt32(this.count * 4, value, true);
      case 8:
        return this.setInt64(value);
      case 16:
        return this.setInt128(BigInt(value));
    }
  }

  protected override put(format: 0 | 1, field: Uint8Array): void {
    const value = scaledInteger(parameterValue(postgresTypes.numeric.oid, format, field), this.#scale);
    if (value >= this.#limit || value <= -this.#limit) {
      throw new AppError("numeric_out_of_range", "numeric field overflow");
    }
    if (this.width === 16) this.setInt128(value);
    else if (this.width === 8) this.view.setBigInt64(this.count * 8, value, true);
    else this.#setNumber(Number(value));
  }
}

/** HUGEINT and UHUGEINT, which clients see as numeric. */
export class HugeIntegerLoader extends BoundLoader {
  override readonly width = 16;
  readonly #minimum: bigint;
  readonly #maximum: bigint;

  constructor(signed: boolean) {
    super();
    this.#minimum = signed ? -(2n ** 127n) : 0n;
    this.#maximum = signed ? 2n ** 127n - 1n : 2n ** 128n - 1n;
  }

  protected override put(format: 0 | 1, field: Uint8Array): void {
    const value = this.#wholeNumber(format, field) ??
      scaledInteger(parameterValue(postgresTypes.numeric.oid, format, field), 0);
    if (value < this.#minimum || value > this.#maximum) throw outOfRange(postgresTypes.numeric.oid, String(value));
    this.setInt128(value);
  }

  /** Up to 39 digits, of which DECIMAL holds 38. */
  #wholeNumber(format: 0 | 1, field: Uint8Array): bigint | null {
    if (format === 1 || field.length > 40) return null;
    const text = String.fromCharCode(...field);
    return /^-?\d+$/.test(text) ? BigInt(text) : null;
  }
}
