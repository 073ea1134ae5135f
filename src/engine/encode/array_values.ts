/**
 * LIST and ARRAY as PostgreSQL arrays. Text: `{1,NULL,"a b"}` (documentation, "Array Input and Output Syntax"). Binary
 * (`array_send`): int32 dimensions, int32 has-NULL flag, element OID, per dimension int32 size and lower bound, then
 * the elements with their length words.
 *
 * A list of lists is one array of several dimensions. PostgreSQL's arrays are rectangular, DuckDB's lists need not
 * be: as text a ragged list is shown as it is, in binary it is refused.
 */
import duckdb from "@duckdb/node-bindings";
import { AppError } from "../../errors/app_error.ts";
import { type ColumnEncoder, rawValues } from "./column_encoder.ts";
import { AssembledValues, ValueArena } from "./value_arena.ts";

/** Bytes before the dimensions: dimension count, flag, element OID. */
const arrayHeaderBytes = 12;

/** The element ranges of a LIST or ARRAY vector. `size` is null for LIST. */
export class ElementRanges {
  readonly #size: number | null;
  #entries = new Uint32Array(0);

  constructor(size: number | null) {
    this.#size = size;
  }

  /** Loads the ranges and returns the child vector with its row count. */
  load(vector: duckdb.Vector, rowCount: number): { child: duckdb.Vector; childCount: number } {
    if (this.#size !== null) {
      return { child: duckdb.array_vector_get_child(vector), childCount: rowCount * this.#size };
    }
    const raw = rawValues(vector, rowCount, 16);
    this.#entries = new Uint32Array(raw.buffer, raw.byteOffset, rowCount * 4);
    return { child: duckdb.list_vector_get_child(vector), childCount: duckdb.list_vector_get_size(vector) };
  }

  start(row: number): number {
    return this.#size === null ? this.#entries[row * 4]! + this.#entries[row * 4 + 1]! * 2 ** 32 : row * this.#size;
  }

  length(row: number): number {
    return this.#size ?? this.#entries[row * 4 + 2]!;
  }
}

abstract class ArrayValues extends AssembledValues {
  protected readonly child: ColumnEncoder;
  protected readonly arena = new ValueArena();
  protected readonly ranges: ElementRanges;
  /** Number in the arena of the next row's first element: rows are assembled in the order they were prepared. */
  protected nextElement = 0;

  constructor(child: ColumnEncoder, size: number | null) {
    super();
    this.child = child;
    this.ranges = new ElementRanges(size);
  }

  protected override loadValues(vector: duckdb.Vector, rowCount: number): void {
    const { child, childCount } = this.ranges.load(vector, rowCount);
    this.child.load(child, childCount);
  }

  /** Encodes the block's elements; ranges that follow each other are encoded together. */
  protected override prepare(from: number, to: number, isNull: (row: number) => boolean): void {
    this.arena.clear();
    this.nextElement = 0;
    let spanStart = 0;
    let spanEnd = 0;
    for (let row = from; row < to; row++) {
      if (isNull(row)) continue;
      const start = this.ranges.start(row);
      if (start !== spanEnd) {
        this.arena.append(this.child, spanStart, spanEnd);
        spanStart = start;
      }
      spanEnd = start + this.ranges.length(row);
    }
    this.arena.append(this.child, spanStart, spanEnd);
  }
}

/** Bytes that make array_out put an element in quotes. */
const quotedBytes = new Uint8Array(256);
for (const character of '"\\{}, \t\n\r\v\f') quotedBytes[character.charCodeAt(0)] = 1;

export class ArrayText extends ArrayValues {
  readonly #nested: boolean;

  /** `child` encodes elements as text; `nested` when it is itself an `ArrayText`. */
  constructor(child: ColumnEncoder, size: number | null, nested: boolean) {
    super(child, size);
    this.#nested = nested;
  }

  protected override assemble(row: number): void {
    const output = this.assembled;
    const count = this.ranges.length(row);
    output.byte(123);
    for (let element = 0; element < count; element++) {
      if (element > 0) output.byte(44);
      this.#appendElement(this.nextElement++);
    }
    output.byte(125);
  }

  #appendElement(element: number): void {
    const output = this.assembled;
    const length = this.arena.lengthAt(element);
    if (length < 0) {
      output.text("NULL");
      return;
    }
    const source = this.arena.writer.bytes;
    const start = this.arena.starts[element]! + 4;
    const end = start + length;
    if (this.#nested || !needsQuotes(source, start, end)) {
      output.raw(source.subarray(start, end));
      return;
    }
    output.reserve(length * 2 + 2);
    output.byte(34);
    for (let at = start; at < end; at++) {
      const byte = source[at]!;
      if (byte === 34 || byte === 92) output.byte(92);
      output.byte(byte);
    }
    output.byte(34);
  }
}

/** int2vector and oidvector: the numbers with spaces between them. */
export class VectorText extends ArrayValues {
  protected override assemble(row: number): void {
    const count = this.ranges.length(row);
    for (let element = 0; element < count; element++) {
      if (element > 0) this.assembled.byte(32);
      const start = this.arena.starts[this.nextElement]! + 4;
      this.assembled.raw(this.arena.writer.bytes.subarray(start, start + this.arena.lengthAt(this.nextElement++)));
    }
  }
}

function needsQuotes(bytes: Uint8Array, start: number, end: number): boolean {
  if (start === end) return true;
  for (let at = start; at < end; at++) if (quotedBytes[bytes[at]!] === 1) return true;
  return end - start === 4 && (bytes[start]! | 32) === 110 && (bytes[start + 1]! | 32) === 117 &&
    (bytes[start + 2]! | 32) === 108 && (bytes[start + 3]! | 32) === 108;
}

export class ArrayBinary extends ArrayValues {
  readonly #elementOid: number;
  readonly #nested: boolean;

  /** `child` encodes elements in binary; `nested` when it is itself an `ArrayBinary`. */
  constructor(child: ColumnEncoder, size: number | null, elementOid: number, nested: boolean) {
    super(child, size);
    this.#elementOid = elementOid;
    this.#nested = nested;
  }

  protected override assemble(row: number): void {
    const count = this.ranges.length(row);
    const first = this.nextElement;
    this.nextElement += count;
    if (count === 0) this.#header(0, 0);
    else if (this.#nested) this.#assembleNested(first, count);
    else this.#assembleFlat(first, count);
  }

  #header(dimensions: number, hasNulls: number): void {
    this.assembled.int32(dimensions);
    this.assembled.int32(hasNulls);
    this.assembled.int32(this.#elementOid);
  }

  #dimension(size: number): void {
    this.assembled.int32(size);
    this.assembled.int32(1);
  }

  #assembleFlat(first: number, count: number): void {
    let hasNulls = 0;
    for (let element = first; element < first + count; element++) {
      if (this.arena.lengthAt(element) < 0) {
        hasNulls = 1;
        break;
      }
    }
    this.#header(1, hasNulls);
    this.#dimension(count);
    this.assembled.raw(this.#elementBytes(first, count));
  }

  /** The arena holds a row's elements just as the array does: length word, bytes, length word, bytes. */
  #elementBytes(first: number, count: number): Uint8Array {
    const { starts, writer } = this.arena;
    const end = first + count < this.arena.count ? starts[first + count]! : writer.length;
    return writer.bytes.subarray(starts[first]!, end);
  }

  /** Puts one more dimension around inner arrays, which must have the same dimensions. */
  #assembleNested(first: number, count: number): void {
    const { starts, writer } = this.arena;
    const inner = writer.view;
    const firstStart = starts[first]! + 4;
    if (this.arena.lengthAt(first) < 0) throw raggedArray();
    const dimensions = inner.getInt32(firstStart);
    const dimensionBytes = dimensions * 8;
    let hasNulls = 0;
    for (let element = first; element < first + count; element++) {
      const start = starts[element]! + 4;
      if (this.arena.lengthAt(element) < 0 || inner.getInt32(start) !== dimensions) throw raggedArray();
      for (let at = 0; at < dimensionBytes; at += 4) {
        if (inner.getInt32(start + arrayHeaderBytes + at) !== inner.getInt32(firstStart + arrayHeaderBytes + at)) {
          throw raggedArray();
        }
      }
      hasNulls |= inner.getInt32(start + 4);
    }
    if (dimensions === 0) {
      this.#header(0, 0);
      return;
    }
    this.#header(dimensions + 1, hasNulls);
    this.#dimension(count);
    const headBytes = arrayHeaderBytes + dimensionBytes;
    this.assembled.raw(writer.bytes.subarray(firstStart + arrayHeaderBytes, firstStart + headBytes));
    for (let element = first; element < first + count; element++) {
      const start = starts[element]! + 4;
      this.assembled.raw(writer.bytes.subarray(start + headBytes, start + this.arena.lengthAt(element)));
    }
  }
}

function raggedArray(): AppError {
  return new AppError("feature_not_supported", "lists of different lengths in one list have no binary array form", {
    hint: "Ask for the column as text, or cast it to JSON.",
  });
}
