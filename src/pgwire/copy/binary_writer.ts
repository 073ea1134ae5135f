/**
 * Rows in COPY's binary format: a tuple is what a DataRow in binary format has behind its length word. The header comes in one
 * CopyData with the first row, or with the trailer, as PostgreSQL sends it; readers such as DuckDB's rely on that.
 * PostgreSQL documentation, "COPY", "Binary Format".
 */
import type { MessageWriter } from "../codec/message_writer.ts";
import { binarySignature } from "./binary_rows.ts";

const copyDataType = "d".charCodeAt(0);
const trailer = -1;

export class BinaryWriter {
  #headerWritten = false;

  /** The tuples of whole DataRow messages, one CopyData each. */
  writeRows(rows: Uint8Array, writer: MessageWriter): void {
    const view = new DataView(rows.buffer, rows.byteOffset, rows.byteLength);
    for (let offset = 0; offset < rows.length;) {
      const end = offset + 1 + view.getInt32(offset + 1);
      const start = this.#begin(writer);
      writer.raw(rows.subarray(offset + 5, end));
      writer.end(start);
      offset = end;
    }
  }

  writeTrailer(writer: MessageWriter): void {
    const start = this.#begin(writer);
    writer.int16(trailer);
    writer.end(start);
  }

  #begin(writer: MessageWriter): number {
    const start = writer.begin(copyDataType);
    if (!this.#headerWritten) {
      this.#headerWritten = true;
      writer.raw(binarySignature);
      writer.int32(0); // flags
      writer.int32(0); // length of the extension
    }
    return start;
  }
}
