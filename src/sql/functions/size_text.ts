/** Sizes in bytes as people read them (PostgreSQL documentation, "Database Object Size Functions"). */
import { sqlError } from "./errors.ts";

const units = ["bytes", "kB", "MB", "GB", "TB", "PB"] as const;
/** A unit is used up to ten times the next one, so that there are at least two digits. */
const unitMax = 10n * 1024n;

/** `text` is a whole or decimal number of bytes. Rounded half away from zero. */
export function prettySize(text: string): string {
  const match = /^(-?)(\d+)(?:\.(\d+))?/.exec(text);
  if (match === null) throw sqlError("22P02", `invalid size: "${text}"`);
  const [, sign, whole, fraction = ""] = match;
  const size = BigInt(whole!);
  if (size < unitMax) {
    const shown = fraction.replace(/0+$/, "");
    return `${sign}${size}${shown === "" ? "" : `.${shown}`} bytes`;
  }
  let divisor = 1024n;
  for (let unit = 1;; unit++, divisor *= 1024n) {
    const rounded = (2n * size + divisor) / (2n * divisor);
    if (rounded < unitMax || unit === units.length - 1) return `${sign}${rounded} ${units[unit]}`;
  }
}

/** `1.5 GB` in bytes; without a unit it is bytes. */
export function parseSize(text: string): bigint {
  const match = /^\s*([-+]?)(\d*)(?:\.(\d*))?(?:e([-+]?\d{1,3}))?\s*([A-Za-z]*)\s*$/i.exec(text);
  if (match === null || ((match[2] ?? "") === "" && (match[3] ?? "") === "")) {
    throw sqlError("22023", `invalid size: "${text}"`);
  }
  const [, sign, whole = "", fraction = "", exponent = "0", unitText = ""] = match;
  const unit = unitText === "" ? 0 : units.findIndex((name) => name.toLowerCase() === unitText.toLowerCase());
  if (unit < 0) {
    throw sqlError(
      "22023",
      `invalid size: "${text}"; valid units are ${units.map((name) => `"${name}"`).join(", ")}`,
    );
  }
  const places = fraction.length - Number(exponent);
  const scaled = BigInt(`0${whole}${fraction}`) * 1024n ** BigInt(unit) * (places < 0 ? 10n ** BigInt(-places) : 1n);
  const divisor = places > 0 ? 10n ** BigInt(places) : 1n;
  const size = (2n * scaled + divisor) / (2n * divisor);
  if (size > 2n ** 63n - 1n) throw sqlError("22003", "bigint out of range");
  return sign === "-" ? -size : size;
}
