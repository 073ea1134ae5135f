/**
 * DataRow messages straight from DuckDB's data chunks (PostgreSQL documentation, "Message Formats", DataRow):
 *
 *   'D'  int32 length  int16 columns  { int32 value length or -1, value }…
 *
 * Rows are made in blocks of `blockRows`, column by column: all columns are measured, the row starts follow from the
 * sums, then every column writes its values at its rows' cursors.
 */
import duckdb from "@duckdb/node-bindings";
import { AppError } from "../../errors/app_error.ts";
import type { MessageWriter } from "../../pgwire/codec/message_writer.ts";
import type { ColumnType } from "../../pgwire/types.ts";
import { blockRows, type ColumnEncoder } from "./column_encoder.ts";
import { createColumnEncoder, type EncodeSettings } from "./create_column_encoder.ts";

/** 0 text, 1 binary. */
export type Format = 0 | 1;

export interface RowEncoder {
  /**
   * Appends a DataRow for each of the rows [rowFrom, rowTo) and returns how many bytes that were.
   * Throws `program_limit` for a row that the protocol cannot hold; nothing of its block is then appended.
   */
  encodeChunk(chunk: duckdb.DataChunk, rowFrom: number, rowTo: number, writer: MessageWriter): number;
}

const dataRowType = 68;
/** Bytes of a DataRow before its first value: type, length, column count. */
const headerBytes = 7;
/** A message's length is a signed 32-bit number; PostgreSQL itself stops at 1 GB. */
const rowBytesMax = 1024 * 1024 * 1024 - 1;

/** `formats` has one entry a column. */
export function createRowEncoder(
  columnTypes: readonly ColumnType[],
  formats: readonly Format[],
  settings: EncodeSettings,
): RowEncoder {
  const encoders = columnTypes.map((type, index) => createColumnEncoder(type, formats[index] ?? 0, settings));
  return new ChunkRowEncoder(encoders);
}

class ChunkRowEncoder implements RowEncoder {
  readonly #encoders: readonly ColumnEncoder[];
  readonly #rowBytes = new Float64Array(blockRows);
  readonly #cursors = new Int32Array(blockRows);

  constructor(encoders: readonly ColumnEncoder[]) {
    this.#encoders = encoders;
  }

  encodeChunk(chunk: duckdb.DataChunk, rowFrom: number, rowTo: number, writer: MessageWriter): number {
    const encoders = this.#encoders;
    for (let column = 0; column < encoders.length; column++) {
      encoders[column]!.load(duckdb.data_chunk_get_vector(chunk, column), rowTo);
    }
    let written = 0;
    for (let from = rowFrom; from < rowTo; from += blockRows) {
      written += this.#encodeBlock(from, Math.min(from + blockRows, rowTo), writer);
    }
    // Asking the chunk keeps it, and the strings that the vectors point to, alive until here.
    if (duckdb.data_chunk_get_size(chunk) < rowTo) throw new RangeError(`chunk has no row ${rowTo - 1}`);
    return written;
  }

  #encodeBlock(from: number, to: number, writer: MessageWriter): number {
    const encoders = this.#encoders;
    const columnCount = encoders.length;
    const rowCount = to - from;
    const rowBytes = this.#rowBytes;
    rowBytes.fill(headerBytes + 4 * columnCount, 0, rowCount);
    for (let column = 0; column < columnCount; column++) {
      const encoder = encoders[column]!;
      encoder.measure(from, to);
      addLengths(rowBytes, encoder.lengths, rowCount);
    }
    let total = 0;
    for (let index = 0; index < rowCount; index++) {
      total += rowBytes[index]!;
      if (rowBytes[index]! > rowBytesMax) {
        throw new AppError("program_limit", `row too large: ${rowBytes[index]} bytes, at most ${rowBytesMax}`);
      }
    }
    writer.reserve(total);
    writeHeaders(writer, rowBytes, this.#cursors, rowCount, columnCount);
    for (let column = 0; column < columnCount; column++) {
      encoders[column]!.write(from, to, writer.bytes, writer.view, this.#cursors);
    }
    writer.length += total;
    return total;
  }
}

function addLengths(rowBytes: Float64Array, lengths: Int32Array, rowCount: number): void {
  for (let index = 0; index < rowCount; index++) {
    const length = lengths[index]!;
    rowBytes[index] = rowBytes[index]! + (length < 0 ? 0 : length);
  }
}

function writeHeaders(
  writer: MessageWriter,
  rowBytes: Float64Array,
  cursors: Int32Array,
  rowCount: number,
  columnCount: number,
): void {
  const { bytes, view } = writer;
  let position = writer.length;
  for (let index = 0; index < rowCount; index++) {
    const size = rowBytes[index]!;
    bytes[position] = dataRowType;
    view.setInt32(position + 1, size - 1);
    view.setInt16(position + 5, columnCount);
    cursors[index] = position + headerBytes;
    position += size;
  }
}
