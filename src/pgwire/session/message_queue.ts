/**
 * A session's way in: frames from the socket, in order, with a look at the next one. The socket is paused while much waits,
 * so a client that sends faster than statements run holds a bounded amount of memory.
 */
import type { Socket } from "node:net";
import { MessageFramer } from "../codec/framer.ts";

export interface Frame {
  readonly type: number;
  readonly body: Uint8Array;
}

/** PostgreSQL's own limit on a message. */
export const messageBytesMax = 0x3fffffff;
/** A pipeline of this many messages waits; then the socket is paused until half of them are done. */
const waitingFramesMax = 256;
const waitingBytesMax = 4 * 1024 * 1024;
const syncType = "S".charCodeAt(0);

export class MessageQueue {
  readonly #socket: Socket;
  readonly #framer = new MessageFramer({ messageBytesMax });
  readonly #frames: Frame[] = [];
  #waitingBytes = 0;
  #paused = false;
  #ended = false;
  #woken = false;
  #failure: unknown = null;
  #wake: (() => void) | null = null;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Begins to read; `head` are bytes that came together with the session header. */
  start(head: Uint8Array): void {
    this.#socket.on("data", (chunk: Uint8Array) => this.#push(chunk));
    this.#socket.on("end", () => this.#end());
    this.#socket.on("close", () => this.#end());
    this.#socket.on("error", () => this.#end());
    if (head.length > 0) this.#push(head);
    this.#socket.resume();
  }

  get empty(): boolean {
    return this.#frames.length === 0;
  }

  /** Whether the next message has arrived and is a Sync. */
  nextIsSync(): boolean {
    return this.#frames[0]?.type === syncType;
  }

  /**
   * The next frame; null at the end, or when `wake` was called. Throws what the framer refuses, and the signal's reason when it is
   * aborted while nothing has arrived.
   */
  async next(signal?: AbortSignal): Promise<Frame | null> {
    const wake = () => this.#signal();
    signal?.addEventListener("abort", wake);
    try {
      for (;;) {
        const frame = this.#frames.shift();
        if (frame !== undefined) {
          this.#taken(frame.body.length);
          return frame;
        }
        if (this.#failure !== null) throw this.#failure;
        if (this.#ended || this.#woken) return null;
        signal?.throwIfAborted();
        await new Promise<void>((resolve) => this.#wake = resolve);
      }
    } finally {
      signal?.removeEventListener("abort", wake);
    }
  }

  /** The bodies of `first`, which was taken, and of the frames of its type that have arrived behind it, up to about `bytesMax`. */
  joinFollowing(first: Frame, bytesMax: number): Uint8Array {
    let count = 0;
    let byteCount = first.body.length;
    for (const frame of this.#frames) {
      if (frame.type !== first.type || byteCount >= bytesMax) break;
      byteCount += frame.body.length;
      count++;
    }
    if (count === 0) return first.body;
    const joined = new Uint8Array(byteCount);
    joined.set(first.body);
    let position = first.body.length;
    for (const frame of this.#frames.splice(0, count)) {
      joined.set(frame.body, position);
      position += frame.body.length;
    }
    this.#taken(byteCount - first.body.length);
    return joined;
  }

  #taken(byteCount: number): void {
    this.#waitingBytes -= byteCount;
    if (!this.#paused || this.#frames.length >= waitingFramesMax / 2 || this.#waitingBytes >= waitingBytesMax / 2) {
      return;
    }
    this.#paused = false;
    this.#socket.resume();
  }

  /** Makes a waiting `next` return. */
  wake(): void {
    this.#woken = true;
    this.#signal();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #push(chunk: Uint8Array): void {
    if (this.#failure !== null) return;
    try {
      this.#framer.push(chunk, (type, body) => {
        this.#frames.push({ type, body });
        this.#waitingBytes += body.length;
      });
    } catch (error) {
      this.#failure = error;
    }
    if (!this.#paused && (this.#frames.length > waitingFramesMax || this.#waitingBytes > waitingBytesMax)) {
      this.#paused = true;
      this.#socket.pause();
    }
    this.#signal();
  }

  #end(): void {
    this.#ended = true;
    this.#signal();
  }

  #signal(): void {
    const wake = this.#wake;
    this.#wake = null;
    wake?.();
  }
}
