/**
 * What every column loader has in common. A loader collects the values of one column, given as PostgreSQL's text or binary
 * form, in DuckDB's own layout, until `seal` takes them away as a piece of at most so many rows as a DuckDB vector has.
 *
 * Usual forms are read directly from their bytes. What is unusual goes through `engine/bind`, which knows all forms, and its
 * errors are PostgreSQL's.
 */
import duckdb from "@duckdb/node-bindings";
import { decodeText } from "../../pgwire/codec/body_reader.ts";

/** A piece of a column that is ready for DuckDB. */
export interface SealedColumn {
  /** Copies the values into a vector of the column's type. */
  write(vector: duckdb.Vector): void;
}

/** Rows in the first allocation: those of a DuckDB vector. Only elements of lists grow beyond it. */
export const vectorRows = 2048;

export abstract class ColumnLoader {
  /** Values collected since the last `seal`. */
  count = 0;
  #capacity = 0;
  /** A bit a row, 0 for NULL; null while there is none. */
  #validity: Uint8Array<ArrayBuffer> | null = null;

  /** Adds a value in text format, `bytes[from, to)`. Throws PostgreSQL's error for what is none, and adds nothing then. */
  appendText(bytes: Uint8Array, from: number, to: number): void {
    if (this.count === this.#capacity) this.#grow();
    this.putText(bytes, from, to);
    this.count++;
  }

  /** Adds a value in binary format. */
  appendBinary(bytes: Uint8Array, from: number, to: number): void {
    if (this.count === this.#capacity) this.#grow();
    this.putBinary(bytes, from, to);
    this.count++;
  }

  /** Adds what `put` writes at index `count`. */
  protected append(put: () => void): void {
    if (this.count === this.#capacity) this.#grow();
    put();
    this.count++;
  }

  appendNull(): void {
    if (this.count === this.#capacity) this.#grow();
    this.putNull();
    if (this.#validity === null) this.#validity = new Uint8Array(this.#capacity >> 3).fill(0xff);
    this.#validity[this.count >> 3]! &= ~(1 << (this.count & 7));
    this.count++;
  }

  /** Takes the first `rowCount` values away and forgets the others. */
  seal(rowCount: number): SealedColumn {
    const validity = this.#validity;
    const values = this.sealValues(rowCount);
    this.#validity = null;
    this.#capacity = 0;
    this.count = 0;
    const validityBytes = ((rowCount + 63) >> 6) << 3;
    return {
      write: (vector) => {
        values.write(vector);
        if (validity === null) return;
        duckdb.vector_ensure_validity_writable(vector);
        duckdb.copy_data_to_vector_validity(vector, 0, validity.buffer, 0, validityBytes);
      },
    };
  }

  #grow(): void {
    this.#capacity = this.#capacity === 0 ? vectorRows : this.#capacity * 2;
    this.reserve(this.#capacity);
    if (this.#validity === null) return;
    const validity = new Uint8Array(this.#capacity >> 3).fill(0xff);
    validity.set(this.#validity);
    this.#validity = validity;
  }

  /** Memory that the values hold besides what every value has. */
  get heapBytes(): number {
    return 0;
  }

  /** Bytes of one value in the vector. */
  abstract readonly width: number;
  /** Makes room for `capacity` values and keeps those that are there. */
  protected abstract reserve(capacity: number): void;
  /** Writes the value at index `count`. */
  protected abstract putText(bytes: Uint8Array, from: number, to: number): void;
  protected abstract putBinary(bytes: Uint8Array, from: number, to: number): void;
  protected putNull(): void {}
  protected abstract sealValues(rowCount: number): SealedColumn;
}

/** Values of a fixed width, in one array. */
export abstract class FixedLoader extends ColumnLoader {
  protected bytes: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  protected view: DataView<ArrayBuffer> = new DataView(this.bytes.buffer);
  #words: Int32Array = new Int32Array(0);

  protected override reserve(capacity: number): void {
    const bytes = new Uint8Array(capacity * this.width);
    bytes.set(this.bytes);
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer);
    if (this.width === 8) this.#words = new Int32Array(bytes.buffer);
  }

  protected override sealValues(rowCount: number): SealedColumn {
    const { buffer } = this.bytes;
    const byteCount = rowCount * this.width;
    this.bytes = new Uint8Array(0);
    return { write: (vector) => duckdb.copy_data_to_vector(vector, 0, buffer, 0, byteCount) };
  }

  /** A 64-bit integer that JavaScript's numbers hold exactly. */
  protected setInt64(value: number): void {
    const at = this.count * 2;
    const high = Math.floor(value / 0x1_0000_0000);
    // As the processors that DuckDB runs on have it, low word first; storing takes a number modulo 2^32.
    this.#words[at] = value - high * 0x1_0000_0000;
    this.#words[at + 1] = high;
  }

  /** A 128-bit integer, as HUGEINT has it. */
  protected setInt128(value: bigint): void {
    const at = this.count * 16;
    this.view.setBigUint64(at, BigInt.asUintN(64, value), true);
    this.view.setBigInt64(at + 8, BigInt.asIntN(64, value >> 64n), true);
  }
}

/**
 * Values that go through `engine/bind` in either format; a loader that reads usual texts from their bytes has its own `putText`, which
 * leaves the others to `put`.
 */
export abstract class BoundLoader extends FixedLoader {
  protected override putText(bytes: Uint8Array, from: number, to: number): void {
    this.put(0, bytes.subarray(from, to));
  }

  protected override putBinary(bytes: Uint8Array, from: number, to: number): void {
    this.put(1, bytes.subarray(from, to));
  }

  /** Writes the value at index `count`. */
  protected abstract put(format: 0 | 1, field: Uint8Array): void;
}

/** The text of a field; throws `character_not_in_repertoire`. */
export function textOf(bytes: Uint8Array, from: number, to: number): string {
  return decodeText(bytes.subarray(from, to));
}
