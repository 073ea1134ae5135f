/**
 * What every column encoder has in common. A result is encoded in blocks of at most `blockRows` rows, column by column:
 *
 *   load(vector)    once a chunk: the raw values and the validity mask of a vector
 *   measure(a, b)   the encoded length of each value of rows [a, b) into `lengths`, -1 for NULL
 *   write(…)        each value, preceded by its length word, at its row's cursor, which then stands behind the value
 *
 * So all loops run over one type, and nothing is allocated for a value.
 */
import duckdb from "@duckdb/node-bindings";

/** Rows measured and written together: 256 rows of a usual result stay within the processor's caches. */
export const blockRows = 256;

export abstract class ColumnEncoder {
  /** Encoded length of each value of the measured block, -1 for NULL. */
  readonly lengths: Int32Array = new Int32Array(blockRows);
  #validity: Uint8Array | null = null;

  /** Takes over rows [0, rowCount) of the vector. The vector must live until the last `write` of its rows. */
  load(vector: duckdb.Vector, rowCount: number): void {
    this.#validity = duckdb.vector_get_validity(vector, ((rowCount + 63) >>> 6) << 3);
    this.loadValues(vector, rowCount);
  }

  protected abstract loadValues(vector: duckdb.Vector, rowCount: number): void;

  /** Measures rows [from, to); at most `blockRows` of them. */
  abstract measure(from: number, to: number): void;

  /** Writes the values measured last. `cursors[i]` is where row `from + i` goes on; room was reserved before. */
  abstract write(from: number, to: number, bytes: Uint8Array, view: DataView, cursors: Int32Array): void;

  /** Sets `lengths` to -1 where a row is NULL and to 0 elsewhere; false (and nothing set) when no row is NULL. */
  protected markNulls(from: number, to: number): boolean {
    const validity = this.#validity;
    if (validity === null) return false;
    const lengths = this.lengths;
    let nulls = 0;
    for (let row = from; row < to; row++) {
      const bit = (validity[row >>> 3]! >>> (row & 7)) & 1;
      lengths[row - from] = bit - 1;
      nulls += 1 - bit;
    }
    return nulls > 0;
  }

  /** `measure` of a type whose values all have the same length. */
  protected measureFixed(from: number, to: number, length: number): void {
    const lengths = this.lengths;
    if (this.markNulls(from, to)) {
      for (let index = 0; index < to - from; index++) if (lengths[index] !== -1) lengths[index] = length;
    } else {
      lengths.fill(length, 0, to - from);
    }
  }
}

/** A copy of the first `rowCount` values of a vector, `width` bytes each, in a buffer of its own. */
export function rawValues(vector: duckdb.Vector, rowCount: number, width: number): Uint8Array<ArrayBuffer> {
  const data = duckdb.vector_get_data(vector, rowCount * width) as Uint8Array<ArrayBuffer>;
  // Typed arrays over it need aligned elements; the bindings return a buffer of its own at offset 0.
  return data.byteOffset % 8 === 0 ? data : Uint8Array.from(data);
}
