/**
 * A session's way out: messages are appended to a `MessageWriter` and go to the socket in blocks. `flush` waits while the
 * client does not read, so that a session holds at most one block and what the socket's own buffer takes.
 */
import { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import { MessageWriter } from "../codec/message_writer.ts";

/** Above this much a block goes out, even in the middle of a result: one write for some hundreds of rows. */
export const blockBytes = 256 * 1024;

export class SessionOutput {
  readonly writer = new MessageWriter();
  readonly #socket: Socket;
  #closed = false;
  #wake: (() => void) | null = null;
  bytesSent = 0;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("drain", () => this.#wakeUp());
    socket.once("close", () => {
      this.#closed = true;
      this.#wakeUp();
    });
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Sends what is there when it has grown to a block. */
  async flushBlock(): Promise<void> {
    if (this.writer.length >= blockBytes) await this.flush();
  }

  /** Sends everything, and waits until the socket takes more. Resolves at once when the client is gone. */
  async flush(): Promise<void> {
    if (this.writer.length === 0) return;
    const bytes = this.writer.take();
    await this.write(bytes, () => this.writer.recycle(bytes));
  }

  /** Sends whole messages that were encoded elsewhere; the bytes must not change afterwards. */
  async write(bytes: Uint8Array, written: () => void = () => {}): Promise<void> {
    if (this.#closed) return;
    this.bytesSent += bytes.length;
    const room = this.#socket.write(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), written);
    if (!room) await new Promise<void>((resolve) => this.#closed ? resolve() : this.#wake = resolve);
  }

  /** Sends everything and closes; a client that reads nothing for `graceMs` is cut off. */
  async end(graceMs: number): Promise<void> {
    if (this.#closed) return;
    const bytes = this.writer.take();
    this.bytesSent += bytes.length;
    const timer = setTimeout(() => this.#socket.destroy(), graceMs);
    await new Promise<void>((resolve) => {
      this.#socket.once("close", resolve);
      this.#socket.end(Buffer.from(bytes));
    });
    clearTimeout(timer);
  }

  #wakeUp(): void {
    const wake = this.#wake;
    this.#wake = null;
    wake?.();
  }
}
