/**
 * COPY … TO STDOUT in text and CSV. Rows are encoded as DataRow first, by the same encoders as every result, and then
 * rewritten as COPY lines. PostgreSQL documentation, "COPY", file formats.
 */
import { AppError } from "../../errors/app_error.ts";
import type { EngineColumn } from "../../engine/statement.ts";
import type { CopyOptions, StatementAction } from "../../sql/statement.ts";
import { copyDone, copyOutResponse, copyText } from "../codec/backend_messages.ts";
import { MessageWriter } from "../codec/message_writer.ts";
import type { SessionOutput } from "./output.ts";
import type { RowSource } from "./row_source.ts";

type CopyAction = Extract<StatementAction, { type: "copy_to_stdout" }>;

const rowsPerStep = 2048;

export class CopyOut {
  /** The SELECT whose rows are copied. */
  readonly query: string;
  readonly #options: CopyOptions;

  /** Throws `feature_not_supported` for the binary format. */
  constructor(action: CopyAction) {
    if (action.options.format === "binary") {
      throw new AppError("feature_not_supported", "COPY in binary format is not supported: text or csv");
    }
    this.#options = action.options;
    this.query = action.query;
  }

  /** Sends CopyOutResponse, the lines and CopyDone; gives the number of rows. */
  async send(
    source: RowSource,
    columns: readonly EngineColumn[],
    output: SessionOutput,
    signal: AbortSignal,
  ): Promise<number> {
    copyOutResponse(output.writer, 0, columns.map(() => 0));
    const quoted = columns.map(({ name }) => {
      const { forceQuote } = this.#options;
      return forceQuote === "all" || forceQuote.includes(name);
    });
    if (this.#options.header !== false) {
      const names = columns.map((column) => this.#field(column.name, false, false));
      copyText(output.writer, `${names.join(this.#options.delimiter)}\n`);
    }
    let rowCount = 0;
    const staging = new MessageWriter();
    for (;;) {
      const count = await source.encodeNext(rowsPerStep, staging);
      signal.throwIfAborted();
      if (count === 0) break;
      rowCount += count;
      const rows = staging.take();
      this.#writeLines(rows, quoted, output.writer);
      staging.recycle(rows);
      await output.flushBlock();
      if (output.closed) break;
    }
    copyDone(output.writer);
    return rowCount;
  }

  /** One CopyData a row, as PostgreSQL sends it and drivers that give rows rely on. */
  #writeLines(rows: Uint8Array, quoted: readonly boolean[], writer: MessageWriter): void {
    const view = new DataView(rows.buffer, rows.byteOffset, rows.byteLength);
    const decoder = new TextDecoder();
    for (let offset = 0; offset < rows.length;) {
      const end = offset + 1 + view.getInt32(offset + 1);
      const columnCount = view.getInt16(offset + 5);
      let position = offset + 7;
      let line = "";
      for (let column = 0; column < columnCount; column++) {
        const length = view.getInt32(position);
        position += 4;
        if (column > 0) line += this.#options.delimiter;
        if (length < 0) {
          line += this.#options.null;
          continue;
        }
        const value = decoder.decode(rows.subarray(position, position + length));
        line += this.#field(value, true, quoted[column] ?? false);
        position += length;
      }
      copyText(writer, `${line}\n`);
      offset = end;
    }
  }

  #field(value: string, isData: boolean, forceQuote: boolean): string {
    const { format, delimiter, quote, escape } = this.#options;
    if (format === "text") {
      const escaped = value.replace(/[\\\b\f\n\r\t\v]/g, (character) => textEscapes[character] ?? character);
      return delimiter === "\t" ? escaped : escaped.replaceAll(delimiter, `\\${delimiter}`);
    }
    const needsQuotes = (isData && (forceQuote || value === this.#options.null)) || value.includes(delimiter) ||
      value.includes(quote) || value.includes("\n") || value.includes("\r") || value === "\\.";
    if (!needsQuotes) return value;
    const escaped = escape === quote
      ? value.replaceAll(quote, quote + quote)
      : value.replaceAll(escape, escape + escape).replaceAll(quote, escape + quote);
    return quote + escaped + quote;
  }
}

const textEscapes: Readonly<Record<string, string>> = {
  "\\": "\\\\",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
};
