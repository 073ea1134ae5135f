/**
 * The bytes of a COPY stream that wait for the rest of their row. What a decoder has taken is overwritten by what comes next,
 * so memory is bounded by the longest row and one message.
 */
import { AppError } from "../../errors/app_error.ts";

/** A row of PostgreSQL's COPY may have 1 GB; it would have to fit into a worker's memory several times. */
export const rowBytesMax = 256 * 1024 * 1024;

const initialBytes = 64 * 1024;

/** Invariant: `bytes[start, end)` is what was pushed and not yet taken. `bytes` changes identity when it grows. */
export class InputBuffer {
  bytes: Uint8Array<ArrayBuffer> = new Uint8Array(initialBytes);
  start = 0;
  end = 0;

  /** Appends; what lies before `start` is lost. Throws `program_limit` when a single row grows beyond `rowBytesMax`. */
  push(chunk: Uint8Array): void {
    const held = this.end - this.start;
    const needed = held + chunk.length;
    if (needed > this.bytes.length) {
      if (held > rowBytesMax) {
        throw new AppError("program_limit", `row too long for COPY: more than ${rowBytesMax} bytes`);
      }
      let capacity = this.bytes.length;
      while (capacity < needed) capacity *= 2;
      const grown = new Uint8Array(capacity);
      grown.set(this.bytes.subarray(this.start, this.end));
      this.bytes = grown;
    } else if (this.start > 0) {
      this.bytes.copyWithin(0, this.start, this.end);
    }
    this.start = 0;
    this.bytes.set(chunk, held);
    this.end = needed;
  }
}
