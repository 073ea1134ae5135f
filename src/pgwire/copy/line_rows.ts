/** Rows of a COPY stream in text or CSV format: encoding, lines, header, fields. */
import type { CopyOptions } from "../../sql/statement.ts";
import { badCopyFormat } from "./copy_error.ts";
import { type CopyRow, type CopyRowReader, createCopyRow, nullField } from "./copy_row.ts";
import { type CsvFieldOptions, splitCsvLine } from "./csv_fields.ts";
import { createTextStream } from "./encodings.ts";
import { LineReader } from "./line_reader.ts";
import { splitTextLine } from "./text_fields.ts";
import type { TextStream } from "./utf8.ts";

export class LineRows implements CopyRowReader {
  readonly row: CopyRow;
  readonly failedField = -1;
  readonly #columnNames: readonly string[];
  readonly #header: CopyOptions["header"];
  readonly #fieldOptions: CsvFieldOptions;
  readonly #isCsv: boolean;
  readonly #text: TextStream;
  readonly #lines: LineReader;
  /** A whole line was read, so that an error can show it. */
  #hasLine = false;
  #headerRead = false;
  #ended = false;

  /** `columnNames` are those of the rows to come, in order. */
  constructor(options: CopyOptions, columnNames: readonly string[]) {
    const flags = (names: readonly string[] | "all") =>
      columnNames.map((name) => names === "all" || names.includes(name));
    this.row = createCopyRow(columnNames.length);
    this.#columnNames = columnNames;
    this.#header = options.header;
    this.#isCsv = options.format === "csv";
    this.#fieldOptions = {
      delimiter: options.delimiter.charCodeAt(0),
      nullText: utf8(options.null),
      defaultText: options.default === null ? null : utf8(options.default),
      quote: options.quote.charCodeAt(0),
      escape: options.escape.charCodeAt(0),
      forceNotNull: flags(options.forceNotNull),
      forceNull: flags(options.forceNull),
    };
    this.#text = createTextStream(options.encoding);
    this.#lines = new LineReader({ csv: this.#isCsv ? this.#fieldOptions : null });
  }

  push(chunk: Uint8Array): void {
    if (this.finished) return;
    const bytes = this.#text.take(chunk);
    if (bytes.length > 0) this.#lines.push(bytes);
  }

  end(): void {
    this.#ended = true;
    this.#text.end();
    if (this.#text.error === null) this.#lines.end();
  }

  next(): boolean {
    this.#hasLine = false;
    for (;;) {
      if (!this.#nextLine()) {
        // What is not valid text comes after all lines before it.
        if (this.#text.error !== null && !this.finished) throw this.#text.error;
        if ((this.#ended || this.finished) && this.#header === "match") this.#checkMissingHeader();
        return false;
      }
      this.#hasLine = true;
      this.row.original = null;
      const isHeader = this.#header !== false && !this.#headerRead;
      this.#headerRead = true;
      if (!isHeader || this.#header === "match") this.#split();
      if (!isHeader) return true;
      if (this.#header === "match") this.#checkHeader();
      this.#hasLine = false;
    }
  }

  #nextLine(): boolean {
    try {
      return this.#lines.next();
    } finally {
      this.row.lineNumber = this.#lines.lineNumber;
    }
  }

  get finished(): boolean {
    return this.#lines.finished;
  }

  line(): Uint8Array | null {
    if (!this.#hasLine) return null;
    return this.row.original ?? this.#lines.buffer.bytes.subarray(this.#lines.lineStart, this.#lines.lineEnd);
  }

  #split(): void {
    const { buffer, lineStart, lineEnd } = this.#lines;
    const split = this.#isCsv ? splitCsvLine : splitTextLine;
    split(buffer.bytes, lineStart, lineEnd, this.#fieldOptions, this.row);
  }

  /** A stream without any line has an empty header, as PostgreSQL sees it. */
  #checkMissingHeader(): void {
    if (this.#headerRead) return;
    this.#headerRead = true;
    this.#hasLine = true;
    this.row.original = new Uint8Array(0);
    (this.#isCsv ? splitCsvLine : splitTextLine)(this.row.original, 0, 0, this.#fieldOptions, this.row);
    this.row.original = this.row.bytes;
    this.#checkHeader();
  }

  /** HEADER MATCH: throws 22P04 unless the first line has the columns' names. */
  #checkHeader(): void {
    const { row } = this;
    const names = this.#columnNames;
    if (row.count !== names.length) {
      throw badCopyFormat(`wrong number of fields in header line: got ${row.count}, expected ${names.length}`);
    }
    const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
    names.forEach((name, index) => {
      const end = row.ends[index]!;
      const place = `column name mismatch in header line field ${index + 1}`;
      if (end === nullField) {
        const nullText = decoder.decode(this.#fieldOptions.nullText);
        throw badCopyFormat(`${place}: got null value ("${nullText}"), expected "${name}"`);
      }
      const got = decoder.decode(row.bytes.subarray(row.starts[index]!, end));
      if (got !== name) throw badCopyFormat(`${place}: got "${got}", expected "${name}"`);
    });
  }
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
