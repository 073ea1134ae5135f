/**
 * Row encoders between two results. Making one costs a small result more than encoding its row: an encoder has room for a block
 * of 256 values in some seven arrays a column, which the collector must find and free again.
 *
 * Assumes that whoever gives an encoder back uses it no more. An encoder knows no session: all of a process share one pool.
 */
import type { ColumnType } from "../../pgwire/types.ts";
import type { EncodeSettings } from "./create_column_encoder.ts";
import { createRowEncoder, type Format, type RowEncoder } from "./row_encoder.ts";

/** Columns of all kept encoders: some 11 kB each. */
export const pooledColumnsMax = 256;

export interface PooledEncoder extends RowEncoder {
  /** Of which results it is; null for columns that are not pooled. */
  readonly key: string | null;
  readonly columnCount: number;
}

/** Invariant: an encoder is in the pool or in use, never both, and the pool's columns are at most `pooledColumnsMax`. */
export class RowEncoderPool {
  readonly #kept = new Map<string, PooledEncoder[]>();
  #columnCount = 0;

  /** As `createRowEncoder`, whose errors it throws. */
  take(columnTypes: readonly ColumnType[], formats: readonly Format[], settings: EncodeSettings): PooledEncoder {
    const key = keyOf(columnTypes, formats, settings);
    const kept = key === null ? undefined : this.#kept.get(key)?.pop();
    if (kept !== undefined) {
      this.#columnCount -= kept.columnCount;
      return kept;
    }
    const encoder = createRowEncoder(columnTypes, formats, settings);
    return {
      key,
      columnCount: columnTypes.length,
      encodeChunk: (chunk, rowFrom, rowTo, writer) => encoder.encodeChunk(chunk, rowFrom, rowTo, writer),
    };
  }

  /** Keeps the encoder of a small result that ended well: it still holds the values of its last chunk. */
  give(encoder: PooledEncoder): void {
    const { key, columnCount } = encoder;
    if (key === null || columnCount > pooledColumnsMax) return;
    // Results of other kinds than before: the encoders of those make room.
    if (this.#columnCount + columnCount > pooledColumnsMax) this.#clear();
    this.#columnCount += columnCount;
    const same = this.#kept.get(key);
    if (same === undefined) this.#kept.set(key, [encoder]);
    else same.push(encoder);
  }

  #clear(): void {
    this.#kept.clear();
    this.#columnCount = 0;
  }
}

/** Equal for results whose values are written alike; null where a type has types or labels inside it. */
function keyOf(
  columnTypes: readonly ColumnType[],
  formats: readonly Format[],
  { timeZone, extraFloatDigits }: EncodeSettings,
): string | null {
  let key = `${timeZone} ${extraFloatDigits} ${formats.join("")}`;
  for (const type of columnTypes) {
    switch (type.name) {
      case "ENUM":
      case "LIST":
      case "ARRAY":
      case "STRUCT":
      case "MAP":
      case "UNION":
        return null;
      case "DECIMAL":
        key += ` ${type.width}.${type.scale}${type.computed === true ? "c" : ""}`;
        break;
      default:
        key += ` ${type.name}${type.shownAs ?? ""}`;
    }
  }
  return key;
}
