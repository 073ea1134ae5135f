/** Cuts a record of COPY's CSV format into fields and takes its quotes off. PostgreSQL documentation, "COPY", "CSV Format". */
import { badCopyFormat } from "./copy_error.ts";
import { type CopyRow, defaultField, nullField } from "./copy_row.ts";
import { isText, type TextFieldOptions } from "./text_fields.ts";

export interface CsvFieldOptions extends TextFieldOptions {
  readonly quote: number;
  readonly escape: number;
  /** By field: an unquoted NULL text is the text itself. */
  readonly forceNotNull: readonly boolean[];
  /** By field: a quoted NULL text is NULL, too. */
  readonly forceNull: readonly boolean[];
}

/**
 * Fills `row` from `bytes[from, to)`, a line or several of them when quotes hold line ends. Where quotes or escapes within a field
 * must go, it is put together in place, and `row.original` keeps the line. Throws 22P04 for a quote without end.
 */
export function splitCsvLine(
  bytes: Uint8Array,
  from: number,
  to: number,
  options: CsvFieldOptions,
  row: CopyRow,
): void {
  const { delimiter, quote, nullText, defaultText, forceNull, forceNotNull } = options;
  const { starts, ends } = row;
  row.bytes = bytes;
  row.original = null;
  let count = 0;
  let position = from;
  for (;;) {
    const start = position;
    let byte = delimiter;
    while (position < to && (byte = bytes[position]!) !== delimiter && byte !== quote) position++;
    if (position < to && byte === quote) {
      position = takeQuoted(bytes, from, start, position, to, options, row, count);
      if (forceNull[count] === true && isText(bytes, starts[count]!, ends[count]!, nullText)) ends[count] = nullField;
    } else {
      starts[count] = start;
      ends[count] = position;
      if (isText(bytes, start, position, nullText)) {
        if (forceNotNull[count] !== true) ends[count] = nullField;
      } else if (defaultText !== null && isText(bytes, start, position, defaultText)) {
        ends[count] = defaultField;
      }
    }
    count++;
    if (position >= to) break;
    position++;
  }
  row.count = count;
}

/** A field that begins at `start`, its first quote at `firstQuote`. Gives where the delimiter behind it or the line's end is. */
function takeQuoted(
  bytes: Uint8Array,
  lineStart: number,
  start: number,
  firstQuote: number,
  to: number,
  { delimiter, quote, escape }: CsvFieldOptions,
  row: CopyRow,
  field: number,
): number {
  let position = firstQuote + 1;
  // The usual field is nothing but a quoted text without escapes: it lies there already.
  if (firstQuote === start) {
    let byte = -1;
    while (position < to && (byte = bytes[position]!) !== quote && byte !== escape) position++;
    if (position < to && byte === quote && (position + 1 === to || bytes[position + 1] === delimiter)) {
      row.starts[field] = start + 1;
      row.ends[field] = position;
      return position + 1;
    }
    position = firstQuote + 1;
  }
  row.original ??= bytes.slice(lineStart, to);
  let written = firstQuote;
  let quoted = true;
  for (; position < to; position++) {
    const byte = bytes[position]!;
    if (!quoted) {
      if (byte === delimiter) break;
      if (byte === quote) quoted = true;
      else bytes[written++] = byte;
      continue;
    }
    const next = position + 1 < to ? bytes[position + 1]! : -1;
    if (byte === escape && (next === escape || next === quote)) {
      bytes[written++] = next;
      position++;
    } else if (byte === quote) {
      quoted = false;
    } else {
      bytes[written++] = byte;
    }
  }
  if (quoted) throw badCopyFormat("unterminated CSV quoted field");
  row.starts[field] = start;
  row.ends[field] = written;
  return position;
}
