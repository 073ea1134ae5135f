/** Cuts a line of COPY's text format into fields and undoes its escapes. PostgreSQL documentation, "COPY", "Text Format". */
import { type CopyRow, defaultField, nullField } from "./copy_row.ts";
import { checkUtf8 } from "./utf8.ts";

const backslash = 92;

export interface TextFieldOptions {
  readonly delimiter: number;
  /** What stands for NULL, as written in the line. */
  readonly nullText: Uint8Array;
  /** What stands for the column's default, or null. */
  readonly defaultText: Uint8Array | null;
}

/**
 * Fills `row` from `bytes[from, to)`. Escapes are undone in place; `row.original` keeps the line when there were any. Throws
 * `character_not_in_repertoire` when escapes make something that is not UTF-8.
 */
export function splitTextLine(
  bytes: Uint8Array,
  from: number,
  to: number,
  options: TextFieldOptions,
  row: CopyRow,
): void {
  const { delimiter, nullText, defaultText } = options;
  const { starts, ends } = row;
  row.bytes = bytes;
  row.original = null;
  let count = 0;
  let position = from;
  for (;;) {
    const start = position;
    let escaped = false;
    while (position < to) {
      const byte = bytes[position]!;
      if (byte === delimiter) break;
      if (byte === backslash) {
        escaped = true;
        position++;
      }
      position++;
    }
    // A lone backslash at the end of the data stands for nothing.
    if (position > to) position = to;
    starts[count] = start;
    if (isText(bytes, start, position, nullText)) ends[count] = nullField;
    else if (defaultText !== null && isText(bytes, start, position, defaultText)) ends[count] = defaultField;
    else if (!escaped) ends[count] = position;
    else {
      row.original ??= bytes.slice(from, to);
      ends[count] = unescape(bytes, start, position);
    }
    count++;
    if (position >= to) break;
    position++;
  }
  row.count = count;
}

export function isText(bytes: Uint8Array, from: number, to: number, text: Uint8Array): boolean {
  if (to - from !== text.length) return false;
  for (let index = 0; index < text.length; index++) if (bytes[from + index] !== text[index]) return false;
  return true;
}

/** What a backslash and this letter stand for. */
const letters: Readonly<Record<number, number>> = { 98: 8, 102: 12, 110: 10, 114: 13, 116: 9, 118: 11 };

/** Undoes the escapes of `bytes[from, to)` in place and gives the new end. */
function unescape(bytes: Uint8Array, from: number, to: number): number {
  let position = from;
  let written = from;
  let mayBeInvalid = false;
  while (position < to) {
    const byte = bytes[position++]!;
    if (byte !== backslash) {
      bytes[written++] = byte;
      continue;
    }
    if (position === to) break;
    const escape = bytes[position++]!;
    let value = letters[escape] ?? escape;
    if (isOctal(escape)) {
      value = escape - 48;
      for (let digits = 1; digits < 3 && position < to && isOctal(bytes[position]!); digits++) {
        value = value * 8 + bytes[position++]! - 48;
      }
      value &= 0xff;
      if (value === 0 || value > 0x7f) mayBeInvalid = true;
    } else if (escape === 120 && position < to && hexValue(bytes[position]!) >= 0) {
      value = hexValue(bytes[position++]!);
      if (position < to && hexValue(bytes[position]!) >= 0) value = value * 16 + hexValue(bytes[position++]!);
      if (value === 0 || value > 0x7f) mayBeInvalid = true;
    }
    bytes[written++] = value;
  }
  if (mayBeInvalid) checkUtf8(bytes.subarray(from, written));
  return written;
}

function isOctal(byte: number): boolean {
  return byte >= 48 && byte <= 55;
}

function hexValue(byte: number): number {
  if (byte >= 48 && byte <= 57) return byte - 48;
  const letter = byte | 0x20;
  return letter >= 97 && letter <= 102 ? letter - 87 : -1;
}
