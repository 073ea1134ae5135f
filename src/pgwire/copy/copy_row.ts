/**
 * One row of a COPY stream, cut into fields that are still bytes. A decoder has one such object and fills it anew for every
 * row, so that a row costs no allocation.
 */

/** In place of a field's end. */
export const nullField = -1;
/** The text that the option DEFAULT names stood there. */
export const defaultField = -2;

export interface CopyRow {
  /** Where the fields lie. Changed by the decoder's next step. */
  bytes: Uint8Array;
  /** Field `i` is `bytes[starts[i], ends[i])`, or NULL or the column's default by the constants above. */
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  /** Fields found. Of those beyond the columns nothing else is known: what is written behind a typed array's end is lost. */
  count: number;
  /** The line as it came, when it was changed to take its fields out of it. */
  original: Uint8Array | null;
  /** As PostgreSQL counts: lines of the input, or rows of a binary one. */
  lineNumber: number;
}

export function createCopyRow(columnCount: number): CopyRow {
  return {
    bytes: new Uint8Array(0),
    starts: new Int32Array(columnCount),
    ends: new Int32Array(columnCount),
    count: 0,
    original: null,
    lineNumber: 0,
  };
}

/** A decoder of one of COPY's formats: fed with chunks of any size, gives row by row. */
export interface CopyRowReader {
  readonly row: CopyRow;
  push(chunk: Uint8Array): void;
  /** Nothing more will be pushed. */
  end(): void;
  /** Decodes the next row into `row`; false when more bytes are needed, and after `end` when there is none. */
  next(): boolean;
  /** The stream's own end marker was read: what follows is ignored. */
  readonly finished: boolean;
  /** The field at which `next` failed, or -1. */
  readonly failedField: number;
  /** The row as it came, for error messages; null where PostgreSQL has none to show. */
  line(): Uint8Array | null;
}
