/** Rows of a COPY stream in binary format. PostgreSQL documentation, "COPY", "Binary Format". */
import { badCopyFormat } from "./copy_error.ts";
import { type CopyRow, type CopyRowReader, createCopyRow, nullField } from "./copy_row.ts";
import { InputBuffer } from "./input_buffer.ts";

/** `PGCOPY\n\377\r\n\0`. */
export const binarySignature: Uint8Array = Uint8Array.of(0x50, 0x47, 0x43, 0x4f, 0x50, 0x59, 0x0a, 0xff, 0x0d, 0x0a, 0);
/** Flags: bits from 16 up are critical; 16 says that rows have OIDs, which PostgreSQL no longer has. */
const withOidsFlag = 0x10000;

/**
 * Invariant: the row that is being read begins at the buffer's start; `#position` and `row.count` say how far its fields are known,
 * so that a row in many pieces is looked at once. Positions are relative to the row's beginning.
 */
export class BinaryRows implements CopyRowReader {
  readonly row: CopyRow;
  readonly #input = new InputBuffer();
  readonly #columnCount: number;
  #headerRead = false;
  #ended = false;
  #begun = false;
  #position = 0;
  finished = false;
  failedField = -1;

  constructor(columnCount: number) {
    this.#columnCount = columnCount;
    this.row = createCopyRow(columnCount);
  }

  push(chunk: Uint8Array): void {
    if (this.finished && chunk.length > 0) throw badCopyFormat("received copy data after EOF marker");
    this.#input.push(chunk);
  }

  end(): void {
    this.#ended = true;
  }

  line(): null {
    return null;
  }

  next(): boolean {
    const { row } = this;
    const input = this.#input;
    if (this.finished || (!this.#headerRead && !this.#readHeader())) return false;
    if (!this.#begun) {
      this.#begun = true;
      row.lineNumber++;
      row.count = 0;
      this.#position = 0;
    }
    const { bytes, start, end } = input;
    const view = new DataView(bytes.buffer);
    let position = this.#position;
    if (position === 0) {
      if (end - start < 2) {
        // The trailer may be missing: the end of the stream stands for it.
        if (this.#ended) input.start = end;
        return false;
      }
      const count = view.getInt16(start);
      if (count === -1) {
        this.finished = true;
        if (end - start > 2) throw badCopyFormat("received copy data after EOF marker");
        return false;
      }
      if (count !== this.#columnCount) {
        throw badCopyFormat(`row field count is ${count}, expected ${this.#columnCount}`);
      }
      position = 2;
    }
    while (row.count < this.#columnCount) {
      this.failedField = row.count;
      this.#position = position;
      if (end - start - position < 4) return this.#more();
      const length = view.getInt32(start + position);
      if (length < -1) throw badCopyFormat("invalid field size");
      const from = position + 4;
      if (length > end - start - from) return this.#more();
      row.starts[row.count] = from;
      row.ends[row.count] = length === -1 ? nullField : from + length;
      row.count++;
      position = from + Math.max(0, length);
    }
    this.failedField = -1;
    row.bytes = bytes.subarray(start, start + position);
    input.start += position;
    this.#begun = false;
    return true;
  }

  /** false, or an error when nothing more comes. */
  #more(): false {
    if (this.#ended) throw badCopyFormat("unexpected EOF in COPY data");
    return false;
  }

  #readHeader(): boolean {
    const { bytes, start, end } = this.#input;
    const length = end - start;
    const signatureBytes = binarySignature.length;
    const missing = (needed: number, message: string): boolean => {
      if (length >= needed) return false;
      if (this.#ended) throw badCopyFormat(message);
      return true;
    };
    if (missing(signatureBytes, "COPY file signature not recognized")) return false;
    if (binarySignature.some((byte, index) => bytes[start + index] !== byte)) {
      throw badCopyFormat("COPY file signature not recognized");
    }
    if (missing(signatureBytes + 4, "invalid COPY file header (missing flags)")) return false;
    const view = new DataView(bytes.buffer);
    const flags = view.getInt32(start + signatureBytes);
    if ((flags & withOidsFlag) !== 0) throw badCopyFormat("invalid COPY file header (WITH OIDS)");
    if (flags >> 16 !== 0) throw badCopyFormat("unrecognized critical flags in COPY file header");
    if (missing(signatureBytes + 8, "invalid COPY file header (missing length)")) return false;
    const extensionBytes = view.getInt32(start + signatureBytes + 4);
    if (extensionBytes < 0) throw badCopyFormat("invalid COPY file header (missing length)");
    if (missing(signatureBytes + 8 + extensionBytes, "invalid COPY file header (wrong length)")) return false;
    this.#input.start += signatureBytes + 8 + extensionBytes;
    this.#headerRead = true;
    return true;
  }
}
