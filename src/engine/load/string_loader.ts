/**
 * VARCHAR, JSON, BLOB and BIT. DuckDB's `string_t` has 16 bytes: the length, then up to 12 bytes of the string, or 4 of them and the
 * address of the whole. Long strings of a piece lie in one heap, which is given to the vector as a single string; the
 * addresses are those of its parts, so they live as long as the vector does.
 */
import duckdb from "@duckdb/node-bindings";
import { AppError } from "../../errors/app_error.ts";
import { checkUtf8 } from "../../pgwire/copy/utf8.ts";
import { postgresTypes } from "../../pgwire/types.ts";
import { parameterValue } from "../bind/bind_parameter.ts";
import { ColumnLoader, type SealedColumn } from "./column_loader.ts";

const inlinedBytesMax = 12;
/** Up to this length a loop is faster than a call that copies (measured). */
const loopedBytesMax = 64;
const initialHeapBytes = 16 * 1024;
/** DuckDB's lengths are 32 bits; a vector's heap must be addressable by a number, too. */
const heapBytesMax = 0x7fff_ffff;

export class StringLoader extends ColumnLoader {
  override readonly width = 16;
  #words = new Uint32Array(0);
  #values = new Uint8Array(0);
  #heap: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  #heapLength = 0;
  /** What the piece before needed: the next one will need about as much. */
  #typicalHeapBytes = initialHeapBytes;

  override get heapBytes(): number {
    return this.#heapLength;
  }

  protected override reserve(capacity: number): void {
    const words = new Uint32Array(capacity * 4);
    words.set(this.#words);
    this.#words = words;
    this.#values = new Uint8Array(words.buffer);
  }

  protected override putText(bytes: Uint8Array, from: number, to: number): void {
    this.put(bytes, from, to);
  }

  /** Text has the same form in both formats. In text format it was checked together with its line. */
  protected override putBinary(bytes: Uint8Array, from: number, to: number): void {
    checkUtf8(bytes.subarray(from, to));
    this.put(bytes, from, to);
  }

  protected put(bytes: Uint8Array, from: number, to: number): void {
    const length = to - from;
    const word = this.count * 4;
    const words = this.#words;
    if (length <= inlinedBytesMax) {
      words[word] = length;
      const at = word * 4 + 4;
      const values = this.#values;
      for (let index = 0; index < length; index++) values[at + index] = bytes[from + index]!;
      return;
    }
    const offset = this.#heapLength;
    if (offset + length > this.#heap.length) this.#growHeap(offset + length);
    const heap = this.#heap;
    if (length > loopedBytesMax) heap.set(bytes.subarray(from, to), offset);
    else for (let index = 0; index < length; index++) heap[offset + index] = bytes[from + index]!;
    this.#heapLength = offset + length;
    words[word] = length;
    words[word + 1] = (bytes[from]! | (bytes[from + 1]! << 8) | (bytes[from + 2]! << 16) | (bytes[from + 3]! << 24)) >>>
      0;
    // The offset in the heap; the address is known when the vector is.
    words[word + 2] = offset;
    words[word + 3] = 0;
  }

  #growHeap(needed: number): void {
    if (needed > heapBytesMax) throw new AppError("program_limit", "values too long for one COPY batch");
    let capacity = this.#heap.length === 0 ? this.#typicalHeapBytes : this.#heap.length * 2;
    while (capacity < needed) capacity *= 2;
    const heap = new Uint8Array(capacity);
    heap.set(this.#heap.subarray(0, this.#heapLength));
    this.#heap = heap;
  }

  protected override sealValues(rowCount: number): SealedColumn {
    const words = this.#words;
    const heap = this.#heap.subarray(0, this.#heapLength);
    this.#words = new Uint32Array(0);
    this.#typicalHeapBytes = Math.max(initialHeapBytes, this.#heapLength + (this.#heapLength >> 3));
    this.#heap = new Uint8Array(0);
    this.#heapLength = 0;
    return { write: (vector) => writeStrings(vector, words, heap, rowCount) };
  }
}

function writeStrings(
  vector: duckdb.Vector,
  words: Uint32Array<ArrayBuffer>,
  heap: Uint8Array,
  rowCount: number,
): void {
  if (heap.length === 0) return duckdb.copy_data_to_vector(vector, 0, words.buffer, 0, rowCount * 16);
  duckdb.vector_assign_string_element_len(vector, 0, heap);
  const first = duckdb.vector_get_data(vector, 16);
  const address = new DataView(first.buffer, first.byteOffset, 16);
  const low = address.getUint32(8, true);
  const high = address.getUint32(12, true);
  // A copy: a piece may be written again when its batch is looked at after a failure.
  const addressed = words.slice(0, rowCount * 4);
  for (let word = 0; word < addressed.length; word += 4) {
    if (addressed[word]! <= inlinedBytesMax) continue;
    const sum = low + addressed[word + 2]!;
    addressed[word + 2] = sum;
    addressed[word + 3] = sum > 0xffff_ffff ? high + 1 : high;
  }
  duckdb.copy_data_to_vector(vector, 0, addressed.buffer, 0, addressed.byteLength);
}

/** Text that must be JSON. */
export class JsonLoader extends StringLoader {
  protected override putText(bytes: Uint8Array, from: number, to: number): void {
    parameterValue(postgresTypes.json.oid, 0, bytes.subarray(from, to));
    this.put(bytes, from, to);
  }

  protected override putBinary(bytes: Uint8Array, from: number, to: number): void {
    this.putText(bytes, from, to);
  }
}

const hexValues = new Int8Array(256).fill(-1);
for (let digit = 0; digit < 16; digit++) {
  const character = digit.toString(16);
  hexValues[character.charCodeAt(0)] = digit;
  hexValues[character.toUpperCase().charCodeAt(0)] = digit;
}

export class BlobLoader extends StringLoader {
  #decoded = new Uint8Array(64);

  protected override putText(bytes: Uint8Array, from: number, to: number): void {
    const length = (to - from - 2) >> 1;
    const isHex = to - from >= 2 && bytes[from] === 92 && bytes[from + 1] === 120 && ((to - from) & 1) === 0;
    if (!isHex) return this.#putUnusual(bytes, from, to);
    if (this.#decoded.length < length) this.#decoded = new Uint8Array(length * 2);
    const decoded = this.#decoded;
    for (let index = 0, at = from + 2; index < length; index++, at += 2) {
      const value = (hexValues[bytes[at]!]! << 4) | hexValues[bytes[at + 1]!]!;
      if (value < 0) return this.#putUnusual(bytes, from, to);
      decoded[index] = value;
    }
    this.put(decoded, 0, length);
  }

  protected override putBinary(bytes: Uint8Array, from: number, to: number): void {
    this.put(bytes, from, to);
  }

  #putUnusual(bytes: Uint8Array, from: number, to: number): void {
    const value = duckdb.get_blob(parameterValue(postgresTypes.bytea.oid, 0, bytes.subarray(from, to)));
    this.put(value, 0, value.length);
  }
}

/** BIT, whose bytes are as `engine/bind` makes them. */
export class BitLoader extends StringLoader {
  protected override putText(bytes: Uint8Array, from: number, to: number): void {
    this.#putBits(0, bytes.subarray(from, to));
  }

  protected override putBinary(bytes: Uint8Array, from: number, to: number): void {
    this.#putBits(1, bytes.subarray(from, to));
  }

  #putBits(format: 0 | 1, field: Uint8Array): void {
    const value = duckdb.get_bit(parameterValue(postgresTypes.varbit.oid, format, field));
    this.put(value, 0, value.length);
  }
}
