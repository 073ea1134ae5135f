/**
 * Follows a stream of server messages (type byte, 4-byte length that counts itself, body) without reading bodies, to know
 * two things when the worker's socket closes: whether the client is between two messages, so that an ErrorResponse can
 * still be written, and whether the worker has already said goodbye with a FATAL error.
 *
 * It costs a few nanoseconds a message; bodies are skipped by their length.
 */

const errorResponse = "E".charCodeAt(0);
/** The first field of an ErrorResponse is its severity. */
const fatalPrefix = new TextEncoder().encode("SFATAL\0");
const headerByteCount = 5;

/** Invariant: `#headerBytes` is 0 to 4, or the header is complete and `#bodyLeft` bytes of the body are to come. */
export class MessageBoundary {
  #headerBytes = 0;
  #type = 0;
  #length = 0;
  #bodyLeft = 0;
  #prefixMatched = -1;
  #fatalSeen = false;

  /** Whether the last byte fed was the last one of a message (or none was fed). */
  get betweenMessages(): boolean {
    return this.#headerBytes === 0 && this.#bodyLeft === 0;
  }

  /** Whether an ErrorResponse of severity FATAL has begun. */
  get fatalSeen(): boolean {
    return this.#fatalSeen;
  }

  feed(chunk: Uint8Array): void {
    let offset = 0;
    const end = chunk.length;
    while (offset < end) {
      if (this.#bodyLeft > 0) {
        if (this.#prefixMatched >= 0) this.#matchPrefix(chunk, offset);
        const skipped = Math.min(this.#bodyLeft, end - offset);
        this.#bodyLeft -= skipped;
        offset += skipped;
        continue;
      }
      if (this.#headerBytes === 0 && end - offset >= headerByteCount) {
        this.#type = chunk[offset] ?? 0;
        this.#length = (chunk[offset + 1] ?? 0) << 24 | (chunk[offset + 2] ?? 0) << 16 | (chunk[offset + 3] ?? 0) << 8 |
          (chunk[offset + 4] ?? 0);
        offset += headerByteCount;
        this.#startBody();
        continue;
      }
      const byte = chunk[offset++] ?? 0;
      if (this.#headerBytes === 0) this.#type = byte;
      else this.#length = this.#length << 8 | byte;
      this.#headerBytes += 1;
      if (this.#headerBytes === headerByteCount) this.#startBody();
    }
  }

  #startBody(): void {
    // A length below 4 cannot come from a worker of ours; counting it as empty keeps the loop moving.
    this.#bodyLeft = Math.max(0, this.#length - 4);
    this.#prefixMatched = this.#type === errorResponse ? 0 : -1;
    this.#headerBytes = 0;
    this.#length = 0;
  }

  #matchPrefix(chunk: Uint8Array, offset: number): void {
    const end = Math.min(chunk.length, offset + this.#bodyLeft);
    for (let i = offset; i < end && this.#prefixMatched >= 0; i += 1) {
      if (chunk[i] !== fatalPrefix[this.#prefixMatched]) {
        this.#prefixMatched = -1;
      } else if (++this.#prefixMatched === fatalPrefix.length) {
        this.#fatalSeen = true;
        this.#prefixMatched = -1;
      }
    }
  }
}

/** Remembers the last five bytes of what the client sent, to recognise a Terminate message at the end. */
export class TerminateTail {
  #tail: number[] = [];

  feed(chunk: Uint8Array): void {
    if (chunk.length >= 5) this.#tail = [...chunk.subarray(chunk.length - 5)];
    else this.#tail = [...this.#tail, ...chunk].slice(-5);
  }

  /**
   * Whether the client's last message looks like Terminate. A body that happens to end like one is taken for it too;
   * the only consequence is that the client gets a closed socket without an ErrorResponse before.
   */
  get terminated(): boolean {
    const [type, ...length] = this.#tail;
    return type === "X".charCodeAt(0) && length.length === 4 && length.every((byte, i) => byte === (i === 3 ? 4 : 0));
  }
}
