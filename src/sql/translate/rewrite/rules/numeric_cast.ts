/**
 * Casts to `numeric` without precision, which holds any number of digits in PostgreSQL: a constant keeps its own
 * digits; other values get the printer's widest DECIMAL.
 */
import { cast, textConstant } from "../build.ts";
import { bodyOf, child, type PgNode, text } from "../tree.ts";
import { constantText } from "./constants.ts";

/** DuckDB's DECIMAL has at most so many digits. */
const digitsMax = 38;

/** Null when the argument is no constant with decimals, or the type has a precision. */
export function numericCast(argument: PgNode, modifiers: readonly number[]): PgNode | null {
  if (modifiers.length > 0) return null;
  const source = constantText(argument) ?? text(child(bodyOf(argument, "A_Const"), "fval"), "fval");
  const plain = withoutExponent(source);
  const match = /^\s*[-+]?(\d*)\.(\d+)\s*$/.exec(plain);
  if (match === null) return null;
  const whole = match[1]!.replace(/^0+/, "");
  const scale = match[2]!.length;
  const precision = whole.length + scale;
  return precision > digitsMax
    ? null
    : cast(plain === source ? argument : textConstant(plain), "numeric", [precision, scale]);
}

/** `1.5e-3` as `0.0015`, which has its own digits; anything else as it is. */
function withoutExponent(source: string): string {
  const match = /^\s*([-+]?)(\d*)(?:\.(\d*))?e-(\d{1,2})\s*$/i.exec(source);
  if (match === null) return source;
  const [, sign = "", whole = "", fraction = "", exponent = "0"] = match;
  const digits = whole.padStart(Number(exponent) + 1, "0");
  const point = digits.length - Number(exponent);
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}${fraction}`;
}
