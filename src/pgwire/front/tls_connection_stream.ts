/**
 * A `Deno.TlsConn` as a Node stream, so that connections of the direct TLS port take the same path as all others. Reads
 * happen only when the stream is asked for data, and a write's callback waits for the socket: backpressure both ways.
 */
import { Buffer } from "node:buffer";
import { Duplex } from "node:stream";

/** As large as the TLS layer hands over in one read under load. */
const readBytes = 64 * 1024;

export class TlsConnectionStream extends Duplex {
  readonly #connection: Deno.TlsConn;
  readonly #handshake: Promise<unknown>;
  #reading = false;
  #alpnProtocol: string | null = null;

  constructor(connection: Deno.TlsConn) {
    super({ allowHalfOpen: true, highWaterMark: readBytes });
    this.#connection = connection;
    this.#handshake = connection.handshake().then((info) => this.#alpnProtocol = info.alpnProtocol);
    this.#handshake.catch(() => {}); // the first read reports it
  }

  /** What the handshake agreed on; known before the first byte is read. */
  get alpnProtocol(): string | null {
    return this.#alpnProtocol;
  }

  override _read(): void {
    if (this.#reading) return;
    this.#reading = true;
    // A fresh buffer each time: the consumer keeps what it is given until it has been written on.
    const buffer = Buffer.allocUnsafe(readBytes);
    this.#handshake.then(() => this.#connection.read(buffer)).then((byteCount) => {
      this.#reading = false;
      this.push(byteCount === null ? null : buffer.subarray(0, byteCount));
    }, (error: unknown) => this.#fail(error));
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    this.#writeAll(chunk).then(() => done(), (error: unknown) => done(toError(error)));
  }

  override _writev(chunks: { chunk: Buffer }[], done: (error?: Error | null) => void): void {
    this._write(Buffer.concat(chunks.map(({ chunk }) => chunk)), "buffer", done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#connection.closeWrite().then(() => done(), () => done());
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    try {
      this.#connection.close();
    } catch {
      // Closed already, by the peer's reset.
    }
    done(error);
  }

  async #writeAll(chunk: Uint8Array): Promise<void> {
    let offset = 0;
    while (offset < chunk.length) offset += await this.#connection.write(chunk.subarray(offset));
  }

  #fail(error: unknown): void {
    this.#reading = false;
    if (!this.destroyed) this.destroy(toError(error));
  }
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
