/** Access to single `string_t` values as bytes, for types whose text is not their bytes (BIT, BIGNUM). */
import type duckdb from "@duckdb/node-bindings";
import { rawValues } from "./column_encoder.ts";
import { addressOf, copyMemory } from "./memory_copy.ts";

const inlinedBytesMax = 12;

export class RawStrings {
  #raw = new Uint8Array(0);
  #words = new Int32Array(0);
  #addresses = new BigUint64Array(0);

  load(vector: duckdb.Vector, rowCount: number): void {
    const raw = rawValues(vector, rowCount, 16);
    this.#raw = raw;
    this.#words = new Int32Array(raw.buffer, raw.byteOffset, rowCount * 4);
    this.#addresses = new BigUint64Array(raw.buffer, raw.byteOffset, rowCount * 2);
  }

  lengthAt(row: number): number {
    return this.#words[row * 4]!;
  }

  /** The bytes of a row; valid until the next `load`. */
  bytesAt(row: number): Uint8Array {
    const length = this.#words[row * 4]!;
    if (length <= inlinedBytesMax) return this.#raw.subarray(row * 16 + 4, row * 16 + 4 + length);
    const bytes = new Uint8Array(length);
    copyMemory(addressOf(bytes), this.#addresses[row * 2 + 1]!, BigInt(length));
    return bytes;
  }

  /** Copies the bytes of a row to `target` from `position` on. */
  copyTo(row: number, target: Uint8Array, position: number): void {
    const length = this.#words[row * 4]!;
    if (length > inlinedBytesMax) {
      copyMemory(addressOf(target) + BigInt(position), this.#addresses[row * 2 + 1]!, BigInt(length));
      return;
    }
    const start = row * 16 + 4;
    for (let index = 0; index < length; index++) target[position + index] = this.#raw[start + index]!;
  }
}
