/** Exact arithmetic with JSON's numbers, as PostgreSQL's numeric does it. */
import { sqlError } from "../errors.ts";
import { JsonNumber } from "./value.ts";

interface Decimal {
  readonly digits: bigint;
  /** Digits behind the point. */
  readonly scale: number;
}

function decimalOf(number: JsonNumber): Decimal {
  const [whole = "", fraction = ""] = number.text.split(".");
  return { digits: BigInt(whole.replace(/^-0*$/, "-0") + fraction), scale: fraction.length };
}

function numberOf({ digits, scale }: Decimal): JsonNumber {
  const text = String(digits < 0n ? -digits : digits).padStart(scale + 1, "0");
  const at = text.length - scale;
  const shown = scale === 0 ? text : `${text.slice(0, at)}.${text.slice(at)}`;
  return new JsonNumber(digits < 0n ? `-${shown}` : shown);
}

function power(places: number): bigint {
  return 10n ** BigInt(places);
}

export function negated(number: JsonNumber): JsonNumber {
  const { digits, scale } = decimalOf(number);
  return numberOf({ digits: -digits, scale });
}

export function calculated(operator: "+" | "-" | "*" | "/" | "%", left: JsonNumber, right: JsonNumber): JsonNumber {
  const [a, b] = [decimalOf(left), decimalOf(right)];
  if (operator === "*") return numberOf({ digits: a.digits * b.digits, scale: a.scale + b.scale });
  if ((operator === "/" || operator === "%") && b.digits === 0n) throw sqlError("22012", "division by zero");
  if (operator === "/") return quotient(a, b);
  const scale = Math.max(a.scale, b.scale);
  const [x, y] = [a.digits * power(scale - a.scale), b.digits * power(scale - b.scale)];
  return numberOf({ digits: operator === "+" ? x + y : operator === "-" ? x - y : x % y, scale });
}

/** Significant digits that a quotient has at least. */
const quotientDigits = 16;

/** With as many decimals as PostgreSQL gives: its numeric counts in groups of four digits. */
function quotient(a: Decimal, b: Decimal): JsonNumber {
  const [first, second] = [firstGroup(a), firstGroup(b)];
  const weight = first.weight - second.weight - (first.group <= second.group ? 1 : 0);
  const scale = Math.max(quotientDigits - weight * 4, a.scale, b.scale, 0);
  const shift = scale + b.scale - a.scale;
  const numerator = shift >= 0 ? a.digits * power(shift) : a.digits;
  const divisor = shift >= 0 ? b.digits : b.digits * power(-shift);
  const twice = 2n * (numerator % divisor);
  const magnitude = (value: bigint) => value < 0n ? -value : value;
  const roundsUp = magnitude(twice) >= magnitude(divisor);
  const negative = (numerator < 0n) !== (divisor < 0n);
  return numberOf({ digits: numerator / divisor + (roundsUp ? (negative ? -1n : 1n) : 0n), scale });
}

/** The first group of four digits that is not zero, and its place: 0 for the units, 1 for ten thousands, -1 behind the point. */
function firstGroup({ digits, scale }: Decimal): { group: number; weight: number } {
  if (digits === 0n) return { group: 0, weight: 0 };
  const text = String(digits < 0n ? -digits : digits);
  const exponent = text.length - 1 - scale;
  const weight = Math.floor(exponent / 4);
  const length = exponent - weight * 4 + 1;
  return { group: Number(text.slice(0, length).padEnd(length, "0")), weight };
}

export function rounded(number: JsonNumber, direction: "ceiling" | "floor"): JsonNumber {
  const { digits, scale } = decimalOf(number);
  const unit = power(scale);
  const whole = digits / unit;
  const rest = digits % unit;
  const step = direction === "floor" ? (rest < 0n ? -1n : 0n) : rest > 0n ? 1n : 0n;
  return numberOf({ digits: whole + step, scale: 0 });
}
