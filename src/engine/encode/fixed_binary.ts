/** Types of fixed width in binary: bool, int2, int4, int8, float4, float8; and bool as text. All are big-endian. */
import type duckdb from "@duckdb/node-bindings";
import { ColumnEncoder, rawValues } from "./column_encoder.ts";
import { smallIntegers } from "./integer_text.ts";

/** BOOLEAN: `t` or `f`, or a byte 1 or 0. */
export class BooleanValues extends ColumnEncoder {
  #values = new Uint8Array(0);
  readonly #whenFalse: number;
  readonly #difference: number;

  constructor(format: 0 | 1) {
    super();
    this.#whenFalse = format === 0 ? 102 : 0;
    this.#difference = format === 0 ? 116 - 102 : 1;
  }

  protected override loadValues(vector: duckdb.Vector, rowCount: number): void {
    this.#values = rawValues(vector, rowCount, 1);
  }

  override measure(from: number, to: number): void {
    this.measureFixed(from, to, 1);
  }

  override write(from: number, to: number, bytes: Uint8Array, view: DataView, cursors: Int32Array): void {
    const values = this.#values;
    for (let row = from; row < to; row++) {
      const length = this.lengths[row - from]!;
      const position = cursors[row - from]!;
      view.setInt32(position, length);
      if (length > 0) bytes[position + 4] = this.#whenFalse + (values[row] === 0 ? 0 : this.#difference);
      cursors[row - from] = position + (length > 0 ? 5 : 4);
    }
  }
}

/** An integer of up to 32 bits as int2, int4 or int8. */
export class SmallIntegerBinary extends ColumnEncoder {
  #values: Int8Array | Uint8Array | Int16Array | Uint16Array | Int32Array | Uint32Array = new Int32Array(0);
  readonly #width: 1 | 2 | 4;
  readonly #signed: boolean;
  readonly #sentBytes: 2 | 4 | 8;

  constructor(width: 1 | 2 | 4, signed: boolean, sentBytes: 2 | 4 | 8) {
    super();
    this.#width = width;
    this.#signed = signed;
    this.#sentBytes = sentBytes;
  }

  protected override loadValues(vector: duckdb.Vector, rowCount: number): void {
    this.#values = smallIntegers(rawValues(vector, rowCount, this.#width), rowCount, this.#width, this.#signed);
  }

  override measure(from: number, to: number): void {
    this.measureFixed(from, to, this.#sentBytes);
  }

  override write(from: number, to: number, _bytes: Uint8Array, view: DataView, cursors: Int32Array): void {
    const values = this.#values;
    const sentBytes = this.#sentBytes;
    for (let row = from; row < to; row++) {
      const length = this.lengths[row - from]!;
      const position = cursors[row - from]!;
      view.setInt32(position, length);
      if (length < 0) {
        cursors[row - from] = position + 4;
        continue;
      }
      cursors[row - from] = position + 4 + sentBytes;
      const value = values[row]!;
      if (sentBytes === 4) {
        view.setInt32(position + 4, value);
      } else if (sentBytes === 2) {
        view.setInt16(position + 4, value);
      } else {
        view.setInt32(position + 4, value < 0 ? -1 : 0);
        view.setInt32(position + 8, value);
      }
    }
  }
}

/** BIGINT and DOUBLE: eight bytes in the other order. */
export class EightByteBinary extends ColumnEncoder {
  #words = new Int32Array(0);

  protected override loadValues(vector: duckdb.Vector, rowCount: number): void {
    const raw = rawValues(vector, rowCount, 8);
    this.#words = new Int32Array(raw.buffer, raw.byteOffset, rowCount * 2);
  }

  override measure(from: number, to: number): void {
    this.measureFixed(from, to, 8);
  }

  override write(from: number, to: number, _bytes: Uint8Array, view: DataView, cursors: Int32Array): void {
    const words = this.#words;
    for (let row = from; row < to; row++) {
      const length = this.lengths[row - from]!;
      const position = cursors[row - from]!;
      view.setInt32(position, length);
      if (length < 0) {
        cursors[row - from] = position + 4;
        continue;
      }
      view.setInt32(position + 4, words[row * 2 + 1]!);
      view.setInt32(position + 8, words[row * 2]!);
      cursors[row - from] = position + 12;
    }
  }
}
