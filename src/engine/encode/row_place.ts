/** A row's place (tid) in binary: page in four bytes, line in two. The engine has it as VARCHAR, `(page,line)`. */
import type duckdb from "@duckdb/node-bindings";
import { ColumnEncoder, rawValues } from "./column_encoder.ts";
import { addressOf, copyMemory } from "./memory_copy.ts";

/** A longer string is somewhere else, and here is its address. */
const inlinedBytesMax = 12;
/** `(4294967295,65535)`. */
const textBytesMax = 18;

export class RowPlaceBinary extends ColumnEncoder {
  #bytes = new Uint8Array(0);
  #words = new Int32Array(0);
  #addresses = new BigUint64Array(0);
  readonly #text = new Uint8Array(textBytesMax);

  protected override loadValues(vector: duckdb.Vector, rowCount: number): void {
    const raw = rawValues(vector, rowCount, 16);
    this.#bytes = raw;
    this.#words = new Int32Array(raw.buffer, raw.byteOffset, rowCount * 4);
    this.#addresses = new BigUint64Array(raw.buffer, raw.byteOffset, rowCount * 2);
  }

  override measure(from: number, to: number): void {
    this.measureFixed(from, to, 6);
  }

  override write(from: number, to: number, _bytes: Uint8Array, view: DataView, cursors: Int32Array): void {
    for (let row = from; row < to; row++) {
      const index = row - from;
      const length = this.lengths[index]!;
      const position = cursors[index]!;
      view.setInt32(position, length);
      cursors[index] = position + 4 + (length < 0 ? 0 : length);
      if (length < 0) continue;
      const [page, line] = this.#numbersOf(row);
      view.setUint32(position + 4, page);
      view.setUint16(position + 8, line);
    }
  }

  #numbersOf(row: number): readonly [page: number, line: number] {
    const byteCount = Math.min(this.#words[row * 4]!, textBytesMax);
    if (byteCount > inlinedBytesMax) {
      copyMemory(addressOf(this.#text), this.#addresses[row * 2 + 1]!, BigInt(byteCount));
    } else {
      this.#text.set(this.#bytes.subarray(row * 16 + 4, row * 16 + 4 + byteCount));
    }
    const numbers: [number, number] = [0, 0];
    let part: 0 | 1 = 0;
    for (let offset = 0; offset < byteCount; offset++) {
      const digit = this.#text[offset]! - 48;
      if (digit >= 0 && digit <= 9) numbers[part] = numbers[part] * 10 + digit;
      else if (digit === 44 - 48) part = 1;
    }
    return numbers;
  }
}
