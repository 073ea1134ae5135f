/** Numbers as decimal digits, rounded as PostgreSQL rounds them: numeric half away from zero, doubles as their exact binary value. */

export interface Digits {
  readonly negative: boolean;
  /** Without leading zeros, but at least one digit. */
  readonly whole: string;
  readonly fraction: string;
}

/** `text` is a plain or scientific decimal number. */
export function roundedDecimal(text: string, fractionDigits: number): Digits {
  const { negative, digits, scale } = decimalParts(text);
  const shift = fractionDigits - scale;
  const scaled = shift >= 0 ? digits * 10n ** BigInt(shift) : divided(digits, 10n ** BigInt(-shift), "away");
  return split(negative && scaled !== 0n, scaled, fractionDigits);
}

/** `round` and `trunc` of a decimal number: `digits` may be negative. */
export function roundedText(text: string, digits: bigint, truncates: boolean): string {
  const { negative, digits: value, scale } = decimalParts(text);
  // More places than a number can have change nothing.
  const places = Number(digits > 40n ? 40n : digits < -400n ? -400n : digits);
  if (places >= scale) return text;
  const unit = 10n ** BigInt(scale - places);
  const kept = truncates ? value / unit : divided(value, unit, "away");
  const whole = split(negative && kept !== 0n, places < 0 ? kept * 10n ** BigInt(-places) : kept, Math.max(places, 0));
  return `${whole.negative ? "-" : ""}${whole.whole}${whole.fraction === "" ? "" : `.${whole.fraction}`}`;
}

/** Digits without point, and how many of them stand behind the point. */
function decimalParts(text: string): { negative: boolean; digits: bigint; scale: number } {
  const match = /^([-+]?)(\d*)\.?(\d*)(?:e([-+]?\d+))?$/i.exec(text.trim());
  if (match === null) throw new TypeError(`not a decimal number: "${text}"`);
  const [, sign, whole = "", fraction = "", exponent = "0"] = match;
  const scale = fraction.length - Number(exponent);
  const digits = BigInt(`0${whole}${fraction}`);
  return {
    negative: sign === "-",
    digits: scale < 0 ? digits * 10n ** BigInt(-scale) : digits,
    scale: Math.max(scale, 0),
  };
}

/** As C's `%.*f`. */
export function roundedDouble(value: number, fractionDigits: number): Digits {
  const { mantissa, exponent } = binaryParts(Math.abs(value));
  const power = mantissa * 10n ** BigInt(fractionDigits);
  const scaled = exponent >= 0 ? power << BigInt(exponent) : divided(power, 1n << BigInt(-exponent), "even");
  return split(value < 0 || Object.is(value, -0), scaled, fractionDigits);
}

/** A finite double is mantissa * 2^exponent. */
function binaryParts(value: number): { mantissa: bigint; exponent: number } {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const biased = Number(bits >> 52n) & 0x7ff;
  const fraction = bits & 0xfffffffffffffn;
  return biased === 0
    ? { mantissa: fraction, exponent: -1074 }
    : { mantissa: fraction | (1n << 52n), exponent: biased - 1075 };
}

function divided(value: bigint, divisor: bigint, half: "away" | "even"): bigint {
  const quotient = value / divisor;
  const twice = (value % divisor) * 2n;
  if (twice > divisor || (twice === divisor && (half === "away" || quotient % 2n === 1n))) return quotient + 1n;
  return quotient;
}

function split(negative: boolean, scaled: bigint, fractionDigits: number): Digits {
  const digits = String(scaled).padStart(fractionDigits + 1, "0");
  const at = digits.length - fractionDigits;
  return { negative, whole: digits.slice(0, at), fraction: digits.slice(at) };
}

/** `1.23e+04`, with a space in place of a plus sign before it. */
export function scientific(text: string, isDouble: boolean, fractionDigits: number): string {
  const value = Number(text);
  if (isDouble ? value === 0 : decimalParts(text).digits === 0n) {
    return ` ${withFraction("0", "0".repeat(fractionDigits))}e+00`;
  }
  let exponent = isDouble ? Number(value.toExponential().split("e")[1]) : decimalExponent(text);
  let digits = significant(text, isDouble, fractionDigits, exponent);
  // Rounding may have made it ten.
  if (digits.length > fractionDigits + 1) {
    exponent++;
    digits = significant(text, isDouble, fractionDigits, exponent);
  }
  const sign = text.startsWith("-") ? "-" : " ";
  const shown = `${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
  return `${sign}${withFraction(digits.slice(0, 1), digits.slice(1))}e${shown}`;
}

function withFraction(whole: string, fraction: string): string {
  return fraction === "" ? whole : `${whole}.${fraction}`;
}

/** Of the first digit that is not zero. */
function decimalExponent(text: string): number {
  const { digits, scale } = decimalParts(text);
  return String(digits).length - 1 - scale;
}

/** The value divided by 10^(exponent - fractionDigits), as a whole number. */
function significant(text: string, isDouble: boolean, fractionDigits: number, exponent: number): string {
  const shift = fractionDigits - exponent;
  if (isDouble) {
    const { mantissa, exponent: binary } = binaryParts(Math.abs(Number(text)));
    const numerator = mantissa * (shift > 0 ? 10n ** BigInt(shift) : 1n) * (binary > 0 ? 1n << BigInt(binary) : 1n);
    const divisor = (shift < 0 ? 10n ** BigInt(-shift) : 1n) * (binary < 0 ? 1n << BigInt(-binary) : 1n);
    return String(divided(numerator, divisor, "even"));
  }
  const { digits, scale } = decimalParts(text);
  const places = shift - scale;
  return String(places >= 0 ? digits * 10n ** BigInt(places) : divided(digits, 10n ** BigInt(-places), "away"));
}
