/**
 * VARCHAR, JSON and BLOB values as their own bytes: text, json and binary bytea. DuckDB's `string_t` is 16 bytes:
 * a 4-byte length, then up to 12 bytes of the string itself, or 4 of them and the 8-byte address of the whole.
 *
 * A VARCHAR may hold a zero byte (chr(0)), which PostgreSQL's text cannot. It is sent as it is: the protocol's values
 * carry their length, and finding it would cost a look at every byte.
 */
import type duckdb from "@duckdb/node-bindings";
import { ColumnEncoder, rawValues } from "./column_encoder.ts";
import { addressOf, copyMemory } from "./memory_copy.ts";

const inlinedBytesMax = 12;

export class StringValues extends ColumnEncoder {
  #words = new Int32Array(0);
  #addresses = new BigUint64Array(0);

  protected override loadValues(vector: duckdb.Vector, rowCount: number): void {
    const raw = rawValues(vector, rowCount, 16);
    this.#words = new Int32Array(raw.buffer, raw.byteOffset, rowCount * 4);
    this.#addresses = new BigUint64Array(raw.buffer, raw.byteOffset, rowCount * 2);
  }

  override measure(from: number, to: number): void {
    const lengths = this.lengths;
    const words = this.#words;
    if (this.markNulls(from, to)) {
      for (let row = from; row < to; row++) if (lengths[row - from] !== -1) lengths[row - from] = words[row * 4]!;
    } else {
      for (let row = from; row < to; row++) lengths[row - from] = words[row * 4]!;
    }
  }

  override write(from: number, to: number, bytes: Uint8Array, view: DataView, cursors: Int32Array): void {
    const lengths = this.lengths;
    const words = this.#words;
    const addresses = this.#addresses;
    const base = addressOf(bytes);
    for (let row = from; row < to; row++) {
      const length = lengths[row - from]!;
      let position = cursors[row - from]!;
      view.setInt32(position, length);
      position += 4;
      if (length <= 0) {
        cursors[row - from] = position;
        continue;
      }
      cursors[row - from] = position + length;
      if (length > inlinedBytesMax) {
        copyMemory(base + BigInt(position), addresses[row * 2 + 1]!, BigInt(length));
        continue;
      }
      let word = words[row * 4 + 1]!;
      if (length >= 4) {
        view.setInt32(position, word, true);
        position += 4;
        word = words[row * 4 + 2]!;
        if (length >= 8) {
          view.setInt32(position, word, true);
          position += 4;
          word = words[row * 4 + 3]!;
          if (length === 12) {
            view.setInt32(position, word, true);
            continue;
          }
        }
      }
      if ((length & 2) !== 0) {
        view.setInt16(position, word, true);
        position += 2;
        word >>= 16;
      }
      if ((length & 1) !== 0) bytes[position] = word;
    }
  }
}
