/**
 * Reads a socket as exact byte counts during start-up, then gives it back untouched: `detach` removes every listener,
 * leaves the stream paused and returns the bytes that were read ahead.
 */
import { Buffer } from "node:buffer";
import type { Duplex } from "node:stream";

/** The client went away, or the connection was destroyed, before the bytes came. Nobody is left to tell. */
export class ConnectionEnded extends Error {
  override readonly name = "ConnectionEnded";
}

interface PendingRead {
  readonly byteCount: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/**
 * Read ahead at most this and one chunk: a start-up packet has at most 10,000 bytes, and a client that sends more
 * without waiting for answers waits in its socket.
 */
const bufferedBytesMax = 16 * 1024;

/** Invariant: at most one read is pending; `#buffered` holds bytes in arrival order. */
export class ByteReader {
  readonly #stream: Duplex;
  #buffered: Buffer = Buffer.alloc(0);
  #pending: PendingRead | null = null;
  #ended = false;
  readonly #onData = (chunk: Buffer) => this.#append(chunk);
  readonly #onEnd = () => this.#end();

  constructor(stream: Duplex) {
    this.#stream = stream;
    stream.on("data", this.#onData);
    stream.on("end", this.#onEnd);
    stream.on("close", this.#onEnd);
    stream.resume();
  }

  get bufferedByteCount(): number {
    return this.#buffered.length;
  }

  /** The next byte, left in place. */
  async peek(): Promise<number> {
    await this.#wait(1);
    return this.#buffered.readUInt8(0);
  }

  /** Exactly `byteCount` bytes. Throws ConnectionEnded. */
  async read(byteCount: number): Promise<Buffer> {
    await this.#wait(byteCount);
    const taken = Buffer.from(this.#buffered.subarray(0, byteCount));
    this.#buffered = this.#buffered.subarray(byteCount);
    return taken;
  }

  /** Ends reading; the stream is paused and has no listener of this reader left. */
  detach(): Buffer {
    this.#stream.pause();
    this.#stream.off("data", this.#onData);
    this.#stream.off("end", this.#onEnd);
    this.#stream.off("close", this.#onEnd);
    this.#end();
    const rest = this.#buffered;
    this.#buffered = Buffer.alloc(0);
    return rest;
  }

  #wait(byteCount: number): Promise<void> {
    if (this.#buffered.length >= byteCount) return Promise.resolve();
    if (this.#ended) return Promise.reject(new ConnectionEnded("the client closed the connection during start-up"));
    if (this.#pending !== null) return Promise.reject(new Error("a read is already pending"));
    return new Promise((resolve, reject) => {
      this.#pending = { byteCount, resolve, reject };
      this.#stream.resume();
    });
  }

  #append(chunk: Buffer): void {
    this.#buffered = this.#buffered.length === 0 ? chunk : Buffer.concat([this.#buffered, chunk]);
    const pending = this.#pending;
    if (pending !== null && this.#buffered.length >= pending.byteCount) {
      this.#pending = null;
      pending.resolve();
    }
    if (this.#pending === null && this.#buffered.length > bufferedBytesMax) this.#stream.pause();
  }

  #end(): void {
    this.#ended = true;
    const pending = this.#pending;
    this.#pending = null;
    pending?.reject(new ConnectionEnded("the client closed the connection during start-up"));
  }
}
