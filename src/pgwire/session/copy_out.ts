/**
 * COPY … TO STDOUT. Rows are encoded as DataRow first, by the same encoders as every result, and then rewritten as COPY's lines
 * or tuples. PostgreSQL documentation, "COPY" and "COPY Operations".
 */
import { AppError } from "../../errors/app_error.ts";
import type { EngineColumn } from "../../engine/statement.ts";
import { checkCopyDirection } from "../../sql/policy/copy_options.ts";
import type { StatementAction } from "../../sql/statement.ts";
import { copyDone, copyOutResponse } from "../codec/backend_messages.ts";
import { MessageWriter } from "../codec/message_writer.ts";
import { BinaryWriter } from "../copy/binary_writer.ts";
import { LineWriter } from "../copy/line_writer.ts";
import type { SessionOutput } from "./output.ts";
import type { RowSource } from "./row_source.ts";

type CopyOutAction = Extract<StatementAction, { type: "copy_to_stdout" }>;

const rowsPerStep = 2048;

export class CopyOut {
  /** In which the rows must be encoded, all columns alike. */
  readonly format: 0 | 1;
  readonly #action: CopyOutAction;

  /** Throws for options that only COPY FROM has. */
  constructor(action: CopyOutAction) {
    checkCopyDirection(action.options, "to");
    requireDistinct(action.columns);
    this.#action = action;
    this.format = action.options.format === "binary" ? 1 : 0;
  }

  /** Sends CopyOutResponse, the rows and CopyDone; gives the number of rows. */
  async send(
    source: RowSource,
    columns: readonly EngineColumn[],
    output: SessionOutput,
    signal: AbortSignal,
  ): Promise<number> {
    const { options } = this.#action;
    const names = columns.map(({ name }) => name);
    this.#requireQuotedColumns(names);
    const binary = this.format === 1 ? new BinaryWriter() : null;
    const rowWriter = binary ?? new LineWriter(options, names);
    copyOutResponse(output.writer, this.format, columns.map(() => this.format));
    if (rowWriter instanceof LineWriter && options.header !== false) rowWriter.writeHeader(names, output.writer);
    let rowCount = 0;
    const staging = new MessageWriter();
    for (;;) {
      const count = await source.encodeNext(rowsPerStep, staging);
      signal.throwIfAborted();
      if (count === 0) break;
      rowCount += count;
      const rows = staging.take();
      rowWriter.writeRows(rows, output.writer);
      staging.recycle(rows);
      await output.flushBlock();
      if (output.closed) break;
    }
    binary?.writeTrailer(output.writer);
    copyDone(output.writer);
    return rowCount;
  }

  /** Throws unless the columns that FORCE_QUOTE names are copied. */
  #requireQuotedColumns(names: readonly string[]): void {
    const { options, table, columns } = this.#action;
    if (options.forceQuote === "all") return;
    requireDistinct(options.forceQuote);
    const missing = options.forceQuote.find((name) => !names.includes(name));
    if (missing === undefined) return;
    if (columns.length > 0) {
      throw new AppError("invalid_column_reference", `FORCE_QUOTE column "${missing}" not referenced by COPY`);
    }
    const relation = table === null ? "" : ` of relation "${table.name}"`;
    throw new AppError("undefined_column", `column "${missing}"${relation} does not exist`);
  }
}

function requireDistinct(names: readonly string[]): void {
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  if (repeated !== undefined) {
    throw new AppError("duplicate_column", `column "${repeated}" specified more than once`);
  }
}
