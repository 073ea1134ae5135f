/** BLOB as bytea text, BIT, ENUM, and the column that holds only NULLs. */
import type duckdb from "@duckdb/node-bindings";
import { blockRows, ColumnEncoder, rawValues } from "./column_encoder.ts";
import { RawStrings } from "./raw_strings.ts";

const hexPairs = Uint16Array.from({ length: 256 }, (_, byte) => {
  const text = byte.toString(16).padStart(2, "0");
  return text.charCodeAt(0) | (text.charCodeAt(1) << 8);
});

/** bytea_output = hex: `\x` and two hexadecimal digits a byte. */
export class ByteaText extends ColumnEncoder {
  readonly #strings = new RawStrings();

  protected override loadValues(vector: duckdb.Vector, rowCount: number): void {
    this.#strings.load(vector, rowCount);
  }

  override measure(from: number, to: number): void {
    const nulls = this.markNulls(from, to);
    for (let row = from; row < to; row++) {
      if (nulls && this.lengths[row - from] === -1) continue;
      this.lengths[row - from] = 2 + 2 * this.#strings.lengthAt(row);
    }
  }

  override write(from: number, to: number, bytes: Uint8Array, view: DataView, cursors: Int32Array): void {
    for (let row = from; row < to; row++) {
      const length = this.lengths[row - from]!;
      let position = cursors[row - from]!;
      view.setInt32(position, length);
      position += 4;
      cursors[row - from] = position + (length < 0 ? 0 : length);
      if (length < 0) continue;
      bytes[position] = 92;
      bytes[position + 1] = 120;
      position += 2;
      // The raw bytes go to the value's second half, then are spread out in place from the front.
      const count = (length - 2) >> 1;
      let source = position + count;
      this.#strings.copyTo(row, bytes, source);
      for (let index = 0; index < count; index++) {
        view.setUint16(position, hexPairs[bytes[source++]!]!, true);
        position += 2;
      }
    }
  }
}

/** Values made ready, one byte array each, while they are measured. */
abstract class ReadyBytes extends ColumnEncoder {
  readonly #ready: Uint8Array[] = new Array<Uint8Array>(blockRows).fill(new Uint8Array(0));

  protected abstract bytesAt(row: number): Uint8Array;

  override measure(from: number, to: number): void {
    const nulls = this.markNulls(from, to);
    for (let row = from; row < to; row++) {
      const index = row - from;
      if (nulls && this.lengths[index] === -1) continue;
      const bytes = this.bytesAt(row);
      this.#ready[index] = bytes;
      this.lengths[index] = bytes.length;
    }
  }

  override write(from: number, to: number, bytes: Uint8Array, view: DataView, cursors: Int32Array): void {
    for (let index = 0, count = to - from; index < count; index++) {
      const length = this.lengths[index]!;
      const position = cursors[index]! + 4;
      view.setInt32(position - 4, length);
      cursors[index] = position + (length < 0 ? 0 : length);
      const ready = this.#ready[index]!;
      for (let at = 0; at < length; at++) bytes[position + at] = ready[at]!;
    }
  }
}

/** BIT. DuckDB: the count of unused bits, then the bits right-aligned; varbit: a bit count, left-aligned. */
export class BitValues extends ReadyBytes {
  readonly #strings = new RawStrings();
  readonly #binary: boolean;

  constructor(format: 0 | 1) {
    super();
    this.#binary = format === 1;
  }

  protected override loadValues(vector: duckdb.Vector, rowCount: number): void {
    this.#strings.load(vector, rowCount);
  }

  protected override bytesAt(row: number): Uint8Array {
    const source = this.#strings.bytesAt(row);
    const unused = source[0]!;
    const bitCount = (source.length - 1) * 8 - unused;
    const result = new Uint8Array(this.#binary ? 4 + Math.ceil(bitCount / 8) : bitCount);
    if (this.#binary) new DataView(result.buffer).setInt32(0, bitCount);
    for (let bit = 0; bit < bitCount; bit++) {
      const at = bit + unused;
      const value = (source[1 + (at >>> 3)]! >>> (7 - (at & 7))) & 1;
      if (this.#binary) result[4 + (bit >>> 3)]! |= value << (7 - (bit & 7));
      else result[bit] = 48 + value;
    }
    return result;
  }
}

/** ENUM: the label's text, in both formats. */
export class EnumValues extends ReadyBytes {
  readonly #labels: readonly Uint8Array[];
  readonly #indexBytes: 1 | 2 | 4;
  #indexes: Uint8Array | Uint16Array | Uint32Array = new Uint8Array(0);

  constructor(labels: readonly string[], indexBytes: 1 | 2 | 4) {
    super();
    const encoder = new TextEncoder();
    this.#labels = labels.map((label) => encoder.encode(label));
    this.#indexBytes = indexBytes;
  }

  protected override loadValues(vector: duckdb.Vector, rowCount: number): void {
    const raw = rawValues(vector, rowCount, this.#indexBytes);
    this.#indexes = this.#indexBytes === 1
      ? raw
      : this.#indexBytes === 2
      ? new Uint16Array(raw.buffer, raw.byteOffset, rowCount)
      : new Uint32Array(raw.buffer, raw.byteOffset, rowCount);
  }

  protected override bytesAt(row: number): Uint8Array {
    return this.#labels[this.#indexes[row]!]!;
  }
}

/** A column of type NULL. */
export class NullValues extends ColumnEncoder {
  override load(): void {}

  protected override loadValues(): void {}

  override measure(from: number, to: number): void {
    this.lengths.fill(-1, 0, to - from);
  }

  override write(from: number, to: number, _bytes: Uint8Array, view: DataView, cursors: Int32Array): void {
    for (let index = 0; index < to - from; index++) {
      view.setInt32(cursors[index]!, -1);
      cursors[index]! += 4;
    }
  }
}
