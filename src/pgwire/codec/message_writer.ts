/**
 * A growable buffer of outgoing protocol messages. Encoders append to it; whoever owns the socket takes the bytes away
 * with `take` and, once they are on the wire, may give the buffer back with `recycle`, so that a long result does not
 * ask the system for fresh pages again and again.
 *
 * Integers are big-endian (PostgreSQL documentation, "Message Data Types").
 */

const initialBytes = 16 * 1024;
/** Buffers kept for reuse: one is filled while another is on its way; more would only hold memory. */
const spareBuffersMax = 3;
/** A buffer grown beyond this by one huge row is not kept. */
const spareBytesMax = 4 * 1024 * 1024;
/** Less than this taken at once is the end of a result, not the middle: large buffers are let go. */
const smallTakeBytes = 64 * 1024;

const textEncoder = new TextEncoder();

export class MessageWriter {
  /** The present buffer; bytes [0, length) are valid. Both change identity when it grows or is taken. */
  bytes: Uint8Array<ArrayBuffer>;
  view: DataView<ArrayBuffer>;
  length = 0;
  readonly #initialBytes: number;
  /** What the next buffer should hold: that of the last one while a long result goes out, otherwise the initial one. */
  #typicalBytes: number;
  #spare: Uint8Array<ArrayBuffer>[] = [];

  constructor(capacity: number = initialBytes) {
    this.#initialBytes = capacity;
    this.#typicalBytes = capacity;
    this.bytes = new Uint8Array(capacity);
    this.view = new DataView(this.bytes.buffer);
  }

  /** Makes room for `byteCount` more bytes. */
  reserve(byteCount: number): void {
    const needed = this.length + byteCount;
    if (needed <= this.bytes.length) return;
    let capacity = this.bytes.length * 2;
    while (capacity < needed) capacity *= 2;
    const grown = new Uint8Array(capacity);
    grown.set(this.bytes.subarray(0, this.length));
    this.#use(grown);
  }

  #use(bytes: Uint8Array<ArrayBuffer>): void {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer);
  }

  /** Starts a message; give the result to `end`. */
  begin(messageType: number): number {
    this.reserve(5);
    const start = this.length;
    this.bytes[start] = messageType;
    this.length = start + 5;
    return start;
  }

  /** Ends the message that `begin` started: its length is now known. */
  end(start: number): void {
    this.view.setInt32(start + 1, this.length - start - 1);
  }

  byte(value: number): void {
    this.reserve(1);
    this.bytes[this.length++] = value;
  }

  int16(value: number): void {
    this.reserve(2);
    this.view.setInt16(this.length, value);
    this.length += 2;
  }

  int32(value: number): void {
    this.reserve(4);
    this.view.setInt32(this.length, value);
    this.length += 4;
  }

  raw(value: Uint8Array): void {
    this.reserve(value.length);
    this.bytes.set(value, this.length);
    this.length += value.length;
  }

  /** The text in UTF-8 without a terminator. */
  text(value: string): void {
    this.reserve(value.length * 3);
    this.length += textEncoder.encodeInto(value, this.bytes.subarray(this.length)).written;
  }

  /** The text in UTF-8 up to its first zero character, and a zero byte. */
  cstring(value: string): void {
    const terminator = value.indexOf("\0");
    this.text(terminator === -1 ? value : value.slice(0, terminator));
    this.byte(0);
  }

  /** The bytes written so far. They belong to the caller; the writer goes on with another buffer. */
  take(): Uint8Array<ArrayBuffer> {
    const taken = this.bytes.subarray(0, this.length);
    const typicalBytes = taken.length < smallTakeBytes
      ? this.#initialBytes
      : Math.max(this.#initialBytes, Math.min(this.bytes.length, spareBytesMax));
    if (typicalBytes !== this.#typicalBytes) this.#spare = [];
    this.#typicalBytes = typicalBytes;
    this.#use(this.#spare.pop() ?? new Uint8Array(typicalBytes));
    this.length = 0;
    return taken;
  }

  /** Gives a taken buffer back once nobody reads it any more. */
  recycle(taken: Uint8Array<ArrayBuffer>): void {
    if (this.#spare.length < spareBuffersMax && taken.buffer.byteLength === this.#typicalBytes) {
      this.#spare.push(new Uint8Array(taken.buffer));
    }
  }

  /** Forgets everything after `length`, for an encoder that failed half-way. */
  truncate(length: number): void {
    if (length < this.length) this.length = length;
  }
}
