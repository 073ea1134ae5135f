/** BOOLEAN and whole numbers of up to 64 bits. */
import duckdb from "@duckdb/node-bindings";
import { parameterValue } from "../bind/bind_parameter.ts";
import { outOfRange } from "../bind/input_errors.ts";
import { formatTypeName, postgresTypes } from "../../pgwire/types.ts";
import { AppError } from "../../errors/app_error.ts";
import { BoundLoader, FixedLoader, textOf } from "./column_loader.ts";

export type IntegerTypeName =
  | "TINYINT"
  | "SMALLINT"
  | "INTEGER"
  | "BIGINT"
  | "UTINYINT"
  | "USMALLINT"
  | "UINTEGER"
  | "UBIGINT";

/** Width in bytes, range, and the PostgreSQL type under which clients see it. */
const integerTypes: Readonly<Record<IntegerTypeName, readonly [1 | 2 | 4 | 8, bigint, bigint, number]>> = {
  TINYINT: [1, -128n, 127n, postgresTypes.int2.oid],
  SMALLINT: [2, -32_768n, 32_767n, postgresTypes.int2.oid],
  INTEGER: [4, -(2n ** 31n), 2n ** 31n - 1n, postgresTypes.int4.oid],
  BIGINT: [8, -(2n ** 63n), 2n ** 63n - 1n, postgresTypes.int8.oid],
  UTINYINT: [1, 0n, 255n, postgresTypes.int2.oid],
  USMALLINT: [2, 0n, 65_535n, postgresTypes.int4.oid],
  UINTEGER: [4, 0n, 2n ** 32n - 1n, postgresTypes.int8.oid],
  UBIGINT: [8, 0n, 2n ** 64n - 1n, postgresTypes.numeric.oid],
};

/** Digits that a number holds exactly, whatever they are. */
export const exactDigits = 15;

export class IntegerLoader extends BoundLoader {
  override readonly width: 1 | 2 | 4 | 8;
  readonly #minimum: bigint;
  readonly #maximum: bigint;
  readonly #minimumNumber: number;
  readonly #maximumNumber: number;
  readonly #oid: number;

  constructor(name: IntegerTypeName) {
    super();
    [this.width, this.#minimum, this.#maximum, this.#oid] = integerTypes[name];
    this.#minimumNumber = Number(this.#minimum);
    this.#maximumNumber = Number(this.#maximum);
  }

  protected override putText(bytes: Uint8Array, from: number, to: number): void {
    let position = from;
    const sign = bytes[position];
    if (sign === 45 || sign === 43) position++;
    const digits = to - position;
    if (digits < 1 || digits > exactDigits) return this.put(0, bytes.subarray(from, to));
    let value = 0;
    for (; position < to; position++) {
      const digit = bytes[position]! - 48;
      if (digit < 0 || digit > 9) return this.put(0, bytes.subarray(from, to));
      value = value * 10 + digit;
    }
    if (sign === 45) value = -value;
    if (value < this.#minimumNumber || value > this.#maximumNumber) return this.put(0, bytes.subarray(from, to));
    this.#set(value);
  }

  #set(value: number): void {
    switch (this.width) {
      case 1:
        return this.view.setInt8(this.count, value);
      case 2:
        return this.view.setInt16(this.count * 2, value, true);
      case 4:
        return this.view.setInt32(this.count * 4, value, true);
      case 8:
        return this.setInt64(value);
    }
  }

  protected override put(format: 0 | 1, field: Uint8Array): void {
    const value = integerOf(parameterValue(this.#oid, format, field), this.#oid);
    if (value < this.#minimum || value > this.#maximum) throw outOfRange(this.#oid, String(value));
    if (this.width === 8) this.view.setBigInt64(this.count * 8, BigInt.asIntN(64, value), true);
    else this.#set(Number(value));
  }
}

/** The whole number in a parameter's value of one of PostgreSQL's numeric types; a fraction is rounded away from zero. */
export function integerOf(value: duckdb.Value, oid: number): bigint {
  switch (oid) {
    case postgresTypes.int2.oid:
      return BigInt(duckdb.get_int16(value));
    case postgresTypes.int4.oid:
      return BigInt(duckdb.get_int32(value));
    case postgresTypes.int8.oid:
      return duckdb.get_int64(value);
    default:
      return scaledInteger(value, 0);
  }
}

/** A numeric parameter's value times 10^scale, rounded half away from zero. NaN and infinities are refused. */
export function scaledInteger(value: duckdb.Value, scale: number): bigint {
  if (duckdb.get_type_id(duckdb.get_value_type(value)) !== duckdb.Type.DECIMAL) {
    const shown = duckdb.get_double(value);
    throw new AppError(
      "numeric_out_of_range",
      `cannot store ${shown} in type ${formatTypeName(postgresTypes.numeric.oid)}`,
    );
  }
  // Through its text: the bindings' get_decimal loses a carry (-2^64 comes back as 0).
  const text = duckdb.get_varchar(value);
  const givenScale = text.includes(".") ? text.length - text.indexOf(".") - 1 : 0;
  const digits = BigInt(text.replace(".", ""));
  if (givenScale <= scale) return digits * 10n ** BigInt(scale - givenScale);
  const divisor = 10n ** BigInt(givenScale - scale);
  const magnitude = digits < 0n ? -digits : digits;
  const rounded = (magnitude + divisor / 2n) / divisor;
  return digits < 0n ? -rounded : rounded;
}

export class BooleanLoader extends BoundLoader {
  override readonly width = 1;

  protected override putText(bytes: Uint8Array, from: number, to: number): void {
    const first = bytes[from];
    if (to - from === 1 && (first === 116 || first === 102)) this.bytes[this.count] = first === 116 ? 1 : 0;
    else this.put(0, bytes.subarray(from, to));
  }

  protected override put(format: 0 | 1, field: Uint8Array): void {
    this.bytes[this.count] = duckdb.get_bool(parameterValue(postgresTypes.bool.oid, format, field)) ? 1 : 0;
  }
}

/** Values of an enumeration type. */
export class EnumLoader extends FixedLoader {
  override readonly width: 1 | 2 | 4;
  readonly #typeName: string;
  readonly #indexes: ReadonlyMap<string, number>;

  constructor(typeName: string, values: readonly string[], width: 1 | 2 | 4) {
    super();
    this.#typeName = typeName;
    this.#indexes = new Map(values.map((value, index) => [value, index]));
    this.width = width;
  }

  protected override putText(bytes: Uint8Array, from: number, to: number): void {
    const text = textOf(bytes, from, to);
    const index = this.#indexes.get(text);
    if (index === undefined) {
      throw new AppError("invalid_text_representation", `invalid input value for enum ${this.#typeName}: "${text}"`);
    }
    if (this.width === 1) this.view.setUint8(this.count, index);
    else if (this.width === 2) this.view.setUint16(this.count * 2, index, true);
    else this.view.setUint32(this.count * 4, index, true);
  }

  protected override putBinary(bytes: Uint8Array, from: number, to: number): void {
    this.putText(bytes, from, to);
  }
}
