/**
 * Rows as lines of COPY's text and CSV formats. A row comes as the values of a DataRow in text format, and becomes one CopyData.
 * PostgreSQL documentation, "COPY", file formats.
 */
import type { CopyOptions } from "../../sql/statement.ts";
import type { MessageWriter } from "../codec/message_writer.ts";
import { createFromUtf8, type FromUtf8 } from "./encodings.ts";
import { isText } from "./text_fields.ts";

const copyDataType = "d".charCodeAt(0);
const newline = 10;
const backslash = 92;
/** Control characters that have a letter of their own in text format. */
const letters: Readonly<Record<number, string>> = { 8: "b", 9: "t", 10: "n", 11: "v", 12: "f", 13: "r" };

export class LineWriter {
  readonly #isCsv: boolean;
  readonly #delimiter: number;
  readonly #quote: number;
  readonly #escape: number;
  readonly #nullText: Uint8Array;
  /** By column: its values are quoted in any case. */
  readonly #forceQuote: readonly boolean[];
  readonly #isSingle: boolean;
  readonly #fromUtf8: FromUtf8 | null;
  /** For a byte that cannot stand as it is: in text the character behind the backslash, in CSV 1. */
  readonly #special = new Uint8Array(256);

  /** `columnNames` are those of the rows. Throws as `encodingByName` does. */
  constructor(options: CopyOptions, columnNames: readonly string[]) {
    const { forceQuote } = options;
    this.#isCsv = options.format === "csv";
    this.#delimiter = options.delimiter.charCodeAt(0);
    this.#quote = options.quote.charCodeAt(0);
    this.#escape = options.escape.charCodeAt(0);
    this.#nullText = new TextEncoder().encode(options.null);
    this.#forceQuote = columnNames.map((name) => forceQuote === "all" || forceQuote.includes(name));
    this.#isSingle = columnNames.length === 1;
    this.#fromUtf8 = createFromUtf8(options.encoding);
    if (this.#isCsv) {
      for (const byte of [this.#delimiter, this.#quote, 10, 13]) this.#special[byte] = 1;
    } else {
      for (const byte of [backslash, this.#delimiter]) this.#special[byte] = byte;
      for (const [byte, letter] of Object.entries(letters)) this.#special[Number(byte)] = letter.charCodeAt(0);
    }
  }

  /** The line with the columns' names. */
  writeHeader(names: readonly string[], writer: MessageWriter): void {
    const start = writer.begin(copyDataType);
    names.forEach((name, index) => {
      if (index > 0) writer.byte(this.#delimiter);
      const bytes = new TextEncoder().encode(name);
      this.#field(bytes, 0, bytes.length, false, writer);
    });
    this.#end(start, writer);
  }

  /** The lines of whole DataRow messages, one CopyData each, as drivers that hand out rows rely on. */
  writeRows(rows: Uint8Array, writer: MessageWriter): void {
    const view = new DataView(rows.buffer, rows.byteOffset, rows.byteLength);
    for (let offset = 0; offset < rows.length; offset += 1 + view.getInt32(offset + 1)) {
      const start = writer.begin(copyDataType);
      const columnCount = view.getInt16(offset + 5);
      let position = offset + 7;
      for (let column = 0; column < columnCount; column++) {
        if (column > 0) writer.byte(this.#delimiter);
        const length = view.getInt32(position);
        position += 4;
        if (length < 0) {
          writer.raw(this.#nullText);
          continue;
        }
        this.#field(rows, position, position + length, this.#forceQuote[column]!, writer);
        position += length;
      }
      this.#end(start, writer);
    }
  }

  #end(start: number, writer: MessageWriter): void {
    writer.byte(newline);
    if (this.#fromUtf8 !== null) {
      const bodyStart = start + 5;
      const line = writer.bytes.slice(bodyStart, writer.length);
      // Should the line not be translatable, nothing of it may be left before the error.
      writer.truncate(start);
      const encoded = this.#fromUtf8(line);
      writer.begin(copyDataType);
      writer.raw(encoded);
    }
    writer.end(start);
  }

  #field(bytes: Uint8Array, from: number, to: number, forceQuote: boolean, writer: MessageWriter): void {
    if (!this.#isCsv) return this.#escaped(bytes, from, to, writer);
    const needsQuotes = forceQuote || isText(bytes, from, to, this.#nullText) ||
      this.#firstSpecial(bytes, from, to) < to ||
      (this.#isSingle && to - from === 2 && bytes[from] === backslash && bytes[from + 1] === 46);
    if (!needsQuotes) return writer.raw(bytes.subarray(from, to));
    writer.reserve((to - from) * 2 + 2);
    const target = writer.bytes;
    let length = writer.length;
    target[length++] = this.#quote;
    for (let position = from; position < to; position++) {
      const byte = bytes[position]!;
      if (byte === this.#quote || byte === this.#escape) target[length++] = this.#escape;
      target[length++] = byte;
    }
    target[length++] = this.#quote;
    writer.length = length;
  }

  #escaped(bytes: Uint8Array, from: number, to: number, writer: MessageWriter): void {
    if (this.#firstSpecial(bytes, from, to) === to) return writer.raw(bytes.subarray(from, to));
    writer.reserve((to - from) * 2);
    const target = writer.bytes;
    const special = this.#special;
    let length = writer.length;
    for (let position = from; position < to; position++) {
      const byte = bytes[position]!;
      const escape = special[byte]!;
      if (escape !== 0) target[length++] = backslash;
      target[length++] = escape === 0 ? byte : escape;
    }
    writer.length = length;
  }

  #firstSpecial(bytes: Uint8Array, from: number, to: number): number {
    const special = this.#special;
    let position = from;
    while (position < to && special[bytes[position]!] === 0) position++;
    return position;
  }
}
