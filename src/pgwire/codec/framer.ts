/**
 * Cuts a byte stream into frontend messages: a type byte, an int32 length that counts itself, the body (PostgreSQL
 * documentation, "Overview of Messaging Concepts"). Fed with chunks of any size; knows no message.
 *
 * Start-up packets have no type byte; the front reads those itself before a framer exists.
 */
import { AppError } from "../../errors/app_error.ts";

export interface FramerOptions {
  /** Largest accepted length word; PostgreSQL's is 1 GB - 1. */
  readonly messageBytesMax: number;
}

const headerBytes = 5;

/**
 * Invariant: `#waiting` holds less than one whole message, in arrival order, and `#waitingBytes` is its size. Memory
 * grows with the bytes that arrived, never with the length that a client claims.
 */
export class MessageFramer {
  readonly #messageBytesMax: number;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  /** Bytes of the whole message that begins in `#waiting`, header included; 0 while the header is incomplete. */
  #expectedBytes = 0;

  constructor(options: FramerOptions) {
    this.#messageBytesMax = options.messageBytesMax;
  }

  /** Bytes of an incomplete message that are held. */
  get waitingByteCount(): number {
    return this.#waitingBytes;
  }

  /**
   * Calls `emit` for each message that is now complete. A body may be a view of `chunk`, which must not change
   * afterwards. Throws `protocol_violation` for a length below 4, `message_too_large` for one over the limit; the
   * stream cannot be read on after that.
   */
  push(chunk: Uint8Array, emit: (type: number, body: Uint8Array) => void): void {
    let rest = chunk;
    while (rest.length > 0) {
      if (this.#waitingBytes === 0) {
        const taken = this.#emitWhole(rest, emit);
        if (taken === 0) {
          this.#keep(rest);
          return;
        }
        rest = rest.subarray(taken);
        continue;
      }
      if (this.#expectedBytes === 0) {
        const missing = Math.min(headerBytes - this.#waitingBytes, rest.length);
        this.#keep(rest.subarray(0, missing));
        rest = rest.subarray(missing);
        if (this.#waitingBytes < headerBytes) return;
        this.#expectedBytes = this.#messageBytes(this.#joined(), 0);
      }
      const missing = Math.min(this.#expectedBytes - this.#waitingBytes, rest.length);
      this.#keep(rest.subarray(0, missing));
      rest = rest.subarray(missing);
      if (this.#waitingBytes < this.#expectedBytes) return;
      const message = this.#joined();
      this.#waiting = [];
      this.#waitingBytes = 0;
      this.#expectedBytes = 0;
      emit(message[0]!, message.subarray(headerBytes));
    }
  }

  /** Emits the message at the start of `bytes` and returns its size, or 0 when it is not all there. */
  #emitWhole(bytes: Uint8Array, emit: (type: number, body: Uint8Array) => void): number {
    if (bytes.length < headerBytes) return 0;
    const size = this.#messageBytes(bytes, 0);
    if (bytes.length < size) {
      this.#expectedBytes = size;
      return 0;
    }
    emit(bytes[0]!, bytes.subarray(headerBytes, size));
    return size;
  }

  #messageBytes(bytes: Uint8Array, at: number): number {
    const length = (bytes[at + 1]! << 24) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 8) | bytes[at + 4]!;
    if (length < 4) throw new AppError("protocol_violation", `invalid message length: ${length}, at least 4`);
    if (length > this.#messageBytesMax) {
      throw new AppError("message_too_large", `message too large: ${length} bytes, at most ${this.#messageBytesMax}`);
    }
    return length + 1;
  }

  #keep(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
  }

  #joined(): Uint8Array {
    if (this.#waiting.length === 1) return this.#waiting[0]!;
    const joined = new Uint8Array(this.#waitingBytes);
    let position = 0;
    for (const part of this.#waiting) {
      joined.set(part, position);
      position += part.length;
    }
    this.#waiting = [joined];
    return joined;
  }
}
