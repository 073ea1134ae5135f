/** Decimal digits as ASCII bytes, four at a time from a table. */

function buildFourDigits(): Int32Array {
  const table = new Int32Array(10_000);
  for (let n = 0; n < 10_000; n++) {
    const thousands = 48 + Math.floor(n / 1000);
    const hundreds = 48 + (Math.floor(n / 100) % 10);
    const tens = 48 + (Math.floor(n / 10) % 10);
    table[n] = thousands | (hundreds << 8) | (tens << 16) | ((48 + (n % 10)) << 24);
  }
  return table;
}

function buildTwoDigits(): Int32Array {
  const table = new Int32Array(100);
  for (let n = 0; n < 100; n++) table[n] = (48 + Math.floor(n / 10)) | ((48 + (n % 10)) << 8);
  return table;
}

/** `fourDigits[n]` for n below 10,000: its four digits, the first in the lowest byte (store little-endian). */
export const fourDigits: Int32Array = buildFourDigits();

/** `twoDigits[n]` for n below 100, the first digit in the lowest byte. */
export const twoDigits: Int32Array = buildTwoDigits();

/** How many decimal digits an integer in [0, 2^53] has; 1 for 0. */
export function digitCount(n: number): number {
  if (n < 1e4) return n < 100 ? (n < 10 ? 1 : 2) : (n < 1000 ? 3 : 4);
  if (n < 1e8) return n < 1e6 ? (n < 1e5 ? 5 : 6) : (n < 1e7 ? 7 : 8);
  if (n < 1e12) return n < 1e10 ? (n < 1e9 ? 9 : 10) : (n < 1e11 ? 11 : 12);
  if (n < 1e14) return n < 1e13 ? 13 : 14;
  return n < 1e15 ? 15 : 16;
}

/** Writes `n` (0 <= n < 10^8) without leading zeros so that its last digit is at `end - 1`. */
export function writeDigitsBefore(bytes: Uint8Array, view: DataView, end: number, n: number): void {
  n = n | 0;
  if (n >= 10_000) {
    const upper = (n / 10_000) | 0;
    end -= 4;
    view.setInt32(end, fourDigits[n - upper * 10_000]!, true);
    n = upper;
  }
  const digits = fourDigits[n]!;
  if (n >= 100) {
    if (n >= 1000) {
      view.setInt32(end - 4, digits, true);
    } else {
      view.setInt16(end - 2, digits >> 16, true);
      bytes[end - 3] = digits >> 8;
    }
  } else if (n >= 10) {
    view.setInt16(end - 2, digits >> 16, true);
  } else {
    bytes[end - 1] = digits >> 24;
  }
}

/** Writes `n` (0 <= n < 10^8) as exactly eight digits from `position` on. */
export function writeEightDigits(view: DataView, position: number, n: number): void {
  n = n | 0;
  const upper = (n / 10_000) | 0;
  view.setInt32(position, fourDigits[upper]!, true);
  view.setInt32(position + 4, fourDigits[n - upper * 10_000]!, true);
}

/** Writes `n` as exactly `count` digits (1 to 8, zero-padded) so that the last is at `end - 1`. */
export function writePaddedBefore(bytes: Uint8Array, view: DataView, end: number, n: number, count: number): void {
  n = n | 0;
  if (count > 4) {
    const upper = (n / 10_000) | 0;
    end -= 4;
    view.setInt32(end, fourDigits[n - upper * 10_000]!, true);
    n = upper;
    count -= 4;
  }
  const digits = fourDigits[n]!;
  if (count === 2) {
    view.setInt16(end - 2, digits >> 16, true);
  } else if (count === 4) {
    view.setInt32(end - 4, digits, true);
  } else if (count === 1) {
    bytes[end - 1] = digits >> 24;
  } else {
    view.setInt16(end - 2, digits >> 16, true);
    bytes[end - 3] = digits >> 8;
  }
}

/** Writes ASCII text at `position`. */
export function writeAscii(bytes: Uint8Array, position: number, text: string): void {
  for (let index = 0; index < text.length; index++) bytes[position + index] = text.charCodeAt(index);
}
