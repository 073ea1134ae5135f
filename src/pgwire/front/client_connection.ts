/**
 * One client's socket from its accept to the splice: the stream in use (plain, or TLS on top of it), exact reads, TLS
 * upgrades, refusals that the client can read, and the deadline for authentication.
 */
import { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { TLSSocket } from "node:tls";
import type { AppError } from "../../errors/app_error.ts";
import type { CertificatePair } from "../certificate_pair.ts";
import { ByteReader, ConnectionEnded } from "./byte_reader.ts";
import { encodeFatalError } from "./startup_messages.ts";

/** The protocol name that PostgreSQL 17 registered for direct TLS. */
export const alpnProtocol = "postgresql";
/** How long a refused client may take to read the error and close. */
const refusalLingerMs = 2000;

export interface TlsState {
  /** For SCRAM-SHA-256-PLUS; null when the certificate's signature has no usable hash. */
  readonly channelBinding: Uint8Array | null;
  /** What was negotiated, known once the handshake has ended, that is after the first byte read. */
  readonly alpn: () => string | null;
  /** Protocol and cipher as OpenSSL calls them; known when `alpn` is, null where the runtime does not tell. */
  readonly session: () => { readonly version: string; readonly cipher: string } | null;
}

/** Invariant: exactly one reader listens to `#stream` until `release` or `refuse`. */
export class ClientConnection {
  readonly clientAddress: string;
  #stream: Duplex;
  #reader: ByteReader;
  #tls: TlsState | null;
  #deadline: ReturnType<typeof setTimeout> | undefined;
  /** Refused, closed or handed over: nothing is read or written here any more. */
  #left = false;

  constructor(stream: Duplex, clientAddress: string, tls: TlsState | null, authenticationTimeoutMs: number) {
    this.clientAddress = clientAddress;
    this.#stream = stream;
    this.#tls = tls;
    stream.on("error", ignoreError);
    this.#reader = new ByteReader(stream);
    this.#deadline = setTimeout(() => this.#stream.destroy(), authenticationTimeoutMs);
    stream.once("close", () => clearTimeout(this.#deadline));
  }

  get tls(): TlsState | null {
    return this.#tls;
  }

  get stream(): Duplex {
    return this.#stream;
  }

  /** Whether it is of no use here any more: refused, closed, gone, or handed over. */
  get closed(): boolean {
    return this.#left || this.#stream.destroyed;
  }

  get bufferedByteCount(): number {
    return this.#reader.bufferedByteCount;
  }

  peek(): Promise<number> {
    return this.#reader.peek();
  }

  read(byteCount: number): Promise<Buffer> {
    return this.#reader.read(byteCount);
  }

  write(bytes: Uint8Array): void {
    if (!this.closed) this.#stream.write(bytes);
  }

  /**
   * Writes later, in one piece with what comes next: the error of a refusal, or the first bytes of the worker (`splice`
   * uncorks). Two small writes in a row cost 40 ms where the socket cannot be told `setNoDelay`, as on `Deno.listenTls`.
   */
  writeWithNext(bytes: Uint8Array): void {
    if (this.closed) return;
    this.#stream.cork();
    this.#stream.write(bytes);
  }

  /** Goes on under TLS. Bytes already read are taken as the start of the handshake. */
  startTls(certificate: CertificatePair): void {
    const plain = this.#stream as Socket;
    const head = this.#reader.detach(); // leaves the stream paused: a flowing socket would hang the handshake
    if (head.length > 0) plain.unshift(head);
    const secure = new TLSSocket(plain, {
      isServer: true,
      secureContext: certificate.secureContext,
      ALPNProtocols: [alpnProtocol],
    });
    secure.on("error", ignoreError);
    // The TLS stream does not always notice that the socket under it was cut.
    plain.once("close", () => secure.destroy());
    secure.once("close", () => plain.destroy());
    this.#stream = secure;
    this.#tls = {
      channelBinding: certificate.channelBinding,
      alpn: () => secure.alpnProtocol === false ? null : secure.alpnProtocol,
      session: () => tlsSession(secure),
    };
    this.#reader = new ByteReader(secure);
  }

  /** Writes the error, closes, and gives the client a moment to read it. Does nothing once the connection was left. */
  refuse(error: AppError): void {
    if (this.closed) return;
    this.#left = true;
    this.#reader.detach();
    this.#stream.resume(); // what the client still sends is discarded; unread bytes would turn the close into a reset
    this.#stream.end(encodeFatalError(error));
    this.#lingerThenDestroy();
  }

  /** Closes without a word, after what was written has left. */
  close(): void {
    if (this.closed) return;
    this.#left = true;
    this.#reader.detach();
    this.#stream.resume();
    this.#stream.end();
    this.#lingerThenDestroy();
  }

  destroy(): void {
    this.#stream.destroy();
  }

  /** Authentication is over: there is no deadline any more. */
  clearDeadline(): void {
    clearTimeout(this.#deadline);
  }

  /** Hands the stream over, paused and without listeners of ours, with the bytes read ahead. Throws ConnectionEnded. */
  release(): { readonly stream: Duplex; readonly head: Buffer } {
    if (this.closed) throw new ConnectionEnded("the client closed the connection during start-up");
    this.clearDeadline();
    this.#left = true;
    return { stream: this.#stream, head: this.#reader.detach() };
  }

  #lingerThenDestroy(): void {
    clearTimeout(this.#deadline);
    const stream = this.#stream;
    const timer = setTimeout(() => stream.destroy(), refusalLingerMs);
    stream.once("close", () => clearTimeout(timer));
  }
}

/** 'close' follows every 'error' and does the work; without a listener the process would end. */
function ignoreError(): void {}

function tlsSession(secure: TLSSocket): { version: string; cipher: string } | null {
  const version = secure.getProtocol();
  const cipher = secure.getCipher() as ReturnType<TLSSocket["getCipher"]> | null;
  return version === null || cipher === null ? null : { version, cipher: cipher.name };
}
