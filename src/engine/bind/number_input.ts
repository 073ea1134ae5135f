/** Numbers as text, with PostgreSQL's syntax and range checks. Leading and trailing spaces are allowed. */
import duckdb from "@duckdb/node-bindings";
import { AppError } from "../../errors/app_error.ts";
import { postgresTypes } from "../../pgwire/types.ts";
import { invalidSyntax, outOfRange } from "./input_errors.ts";

/** Digits that DuckDB's DECIMAL holds. */
const decimalDigitsMax = 38;

const integerPattern = /^[ \t\n\r\v\f]*([+-]?)(\d+)[ \t\n\r\v\f]*$/;

/** An integer between `minimum` and `maximum`, both included. */
export function parseInteger(typeOid: number, text: string, minimum: bigint, maximum: bigint): bigint {
  const match = integerPattern.exec(text);
  if (match === null) throw invalidSyntax(typeOid, text);
  const magnitude = BigInt(match[2]!);
  const value = match[1] === "-" ? -magnitude : magnitude;
  if (value < minimum || value > maximum) throw outOfRange(typeOid, text);
  return value;
}

const floatPattern = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const specialFloats: Readonly<Record<string, number>> = {
  nan: NaN,
  infinity: Infinity,
  "+infinity": Infinity,
  "-infinity": -Infinity,
  inf: Infinity,
  "+inf": Infinity,
  "-inf": -Infinity,
};

/** A double; `typeOid` float4 rounds it to single precision. */
export function parseFloating(typeOid: number, text: string): number {
  const trimmed = text.trim();
  const special = specialFloats[trimmed.toLowerCase()];
  if (special !== undefined) return special;
  if (!floatPattern.test(trimmed)) throw invalidSyntax(typeOid, text);
  const value = typeOid === postgresTypes.float4.oid ? Math.fround(Number(trimmed)) : Number(trimmed);
  const isZero = value === 0 && /[1-9]/.test(trimmed.split(/[eE]/)[0]!);
  if (!Number.isFinite(value) || isZero) {
    throw new AppError(
      "numeric_out_of_range",
      `"${trimmed}" is out of range for type ${typeOid === postgresTypes.float4.oid ? "real" : "double precision"}`,
    );
  }
  return value;
}

const numericPattern = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,6}))?$/;

/** numeric, exactly, as DECIMAL; NaN and infinities, which DECIMAL lacks, as DOUBLE. */
export function parseNumeric(text: string): duckdb.Value {
  const typeOid = postgresTypes.numeric.oid;
  const trimmed = text.trim();
  const special = specialFloats[trimmed.toLowerCase()];
  if (special !== undefined) return duckdb.create_double(special);
  const match = numericPattern.exec(trimmed);
  const integer = match?.[2] ?? "";
  const fraction = match?.[3] ?? "";
  if (match === null || integer.length + fraction.length === 0) throw invalidSyntax(typeOid, text);
  const exponent = Number(match[4] ?? 0);
  const digits = `${integer}${fraction}`.replace(/^0+(?=\d)/, "");
  const scale = fraction.length - exponent;
  if (Math.abs(scale) + digits.length > 1000) throw decimalTooWide(text);
  return decimalValue(match[1] === "-", scale < 0 ? digits + "0".repeat(-scale) : digits, Math.max(0, scale), text);
}

/** ±digits / 10^scale as the narrowest DECIMAL. `shown` is for the error. */
export function decimalValue(negative: boolean, digits: string, scale: number, shown: string): duckdb.Value {
  let magnitude = BigInt(digits === "" ? "0" : digits);
  let kept = scale;
  // Zeros at the end are kept as PostgreSQL keeps them, unless only without them the number fits.
  while (kept > 0 && (kept > decimalDigitsMax || digitsOf(magnitude) > decimalDigitsMax) && magnitude % 10n === 0n) {
    magnitude /= 10n;
    kept--;
  }
  const width = Math.max(1, kept, digitsOf(magnitude));
  if (width > decimalDigitsMax) throw decimalTooWide(shown);
  return duckdb.create_decimal({ width, scale: kept, value: negative ? -magnitude : magnitude });
}

function digitsOf(magnitude: bigint): number {
  return magnitude.toString().length;
}

function decimalTooWide(shown: string): AppError {
  const text = shown.length > 80 ? `${shown.slice(0, 80)}…` : shown;
  return new AppError("numeric_out_of_range", `numeric value has too many digits: "${text}", at most 38`);
}
