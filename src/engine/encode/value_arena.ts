/**
 * Encoded values one after another, for types that are built from other values (arrays, JSON). The bounds are those of
 * one block of rows; the buffers stay for the next.
 */
import { blockRows, ColumnEncoder } from "./column_encoder.ts";
import { MessageWriter } from "../../pgwire/codec/message_writer.ts";

/** Each value in the arena: its length word (-1 for NULL), then its bytes; `starts[n]` is the place of word n. */
export class ValueArena {
  readonly writer = new MessageWriter(4096);
  starts = new Int32Array(1024);
  count = 0;
  readonly #cursors = new Int32Array(blockRows);

  clear(): void {
    this.writer.length = 0;
    this.count = 0;
  }

  /** Appends the values of rows [from, to) of a loaded encoder. */
  append(encoder: ColumnEncoder, from: number, to: number): void {
    for (let blockFrom = from; blockFrom < to; blockFrom += blockRows) {
      const blockTo = Math.min(blockFrom + blockRows, to);
      this.#appendBlock(encoder, blockFrom, blockTo);
    }
  }

  #appendBlock(encoder: ColumnEncoder, from: number, to: number): void {
    const rowCount = to - from;
    if (this.count + rowCount > this.starts.length) {
      const grown = new Int32Array(Math.max(this.starts.length * 2, this.count + rowCount));
      grown.set(this.starts);
      this.starts = grown;
    }
    encoder.measure(from, to);
    let position = this.writer.length;
    for (let index = 0; index < rowCount; index++) {
      this.#cursors[index] = position;
      this.starts[this.count + index] = position;
      const length = encoder.lengths[index]!;
      position += 4 + (length < 0 ? 0 : length);
    }
    this.writer.reserve(position - this.writer.length);
    encoder.write(from, to, this.writer.bytes, this.writer.view, this.#cursors);
    this.writer.length = position;
    this.count += rowCount;
  }

  /** Length of value `n`, -1 for NULL. */
  lengthAt(n: number): number {
    return this.writer.view.getInt32(this.starts[n]!);
  }
}

/** An encoder whose values are assembled in a buffer while they are measured, then copied to their rows. */
export abstract class AssembledValues extends ColumnEncoder {
  protected readonly assembled = new MessageWriter(4096);
  readonly #starts = new Int32Array(blockRows);

  /** Called before the rows of a block are assembled, with a test for rows that are NULL. */
  protected abstract prepare(from: number, to: number, isNull: (row: number) => boolean): void;

  /** Appends the value of a row, which is not NULL, to `assembled`. */
  protected abstract assemble(row: number): void;

  override measure(from: number, to: number): void {
    const lengths = this.lengths;
    const nulls = this.markNulls(from, to);
    this.assembled.length = 0;
    this.prepare(from, to, (row) => nulls && lengths[row - from] === -1);
    for (let row = from; row < to; row++) {
      const index = row - from;
      if (nulls && lengths[index] === -1) continue;
      const start = this.assembled.length;
      this.#starts[index] = start;
      this.assemble(row);
      lengths[index] = this.assembled.length - start;
    }
  }

  override write(from: number, to: number, bytes: Uint8Array, view: DataView, cursors: Int32Array): void {
    const source = this.assembled.bytes;
    for (let index = 0, count = to - from; index < count; index++) {
      const length = this.lengths[index]!;
      const position = cursors[index]! + 4;
      view.setInt32(position - 4, length);
      cursors[index] = position + (length < 0 ? 0 : length);
      if (length <= 0) continue;
      const start = this.#starts[index]!;
      bytes.set(source.subarray(start, start + length), position);
    }
  }
}
