/**
 * The extra port that takes only direct TLS (`sslnegotiation=direct`), on `Deno.listenTls`, which is faster in bulk than
 * TLS on top of a Node socket. Its certificate is bound when it begins to listen, so a changed one is taken over by
 * listening anew; open connections stay.
 */
import type { CertificatePair } from "../certificate_pair.ts";
import { alpnProtocol, type TlsState } from "./client_connection.ts";
import type { FrontLogger } from "./ports.ts";
import { TlsConnectionStream } from "./tls_connection_stream.ts";

/** The old socket is free once its pending accept has been told, a few turns of the event loop later. */
const relistenAttemptsMax = 200;
const relistenPauseMs = 5;
/** Between two accepts when accepting fails, for example for want of file descriptors. */
const acceptPauseMs = 100;

export interface DirectTlsListenerOptions {
  readonly host: string;
  readonly port: number;
  readonly certificate: () => CertificatePair;
  /** Called with a connection whose handshake has not yet happened; `alpn` is known after the first byte read. */
  readonly onConnection: (stream: TlsConnectionStream, clientAddress: string, tls: TlsState) => void;
  readonly logger: FrontLogger;
}

/** Invariant: while open, exactly one accept loop runs, on `#listener`. */
export class DirectTlsListener {
  readonly #options: DirectTlsListenerOptions;
  readonly port: number;
  #pair: CertificatePair;
  #listener: Deno.TlsListener;
  #closed = false;
  #relistening: Promise<void> | null = null;
  #loop: Promise<void>;

  constructor(options: DirectTlsListenerOptions) {
    this.#options = options;
    this.#pair = options.certificate();
    this.#listener = this.#listen(options.port);
    this.port = this.#listener.addr.port;
    this.#loop = this.#accept(this.#listener, this.#pair);
  }

  /** Takes over the present certificate if it is another one. */
  refreshCertificate(): Promise<void> {
    if (this.#closed || this.#options.certificate() === this.#pair) return Promise.resolve();
    return this.#relistening ??= this.#relisten().finally(() => this.#relistening = null);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#relistening;
    this.#closeListener();
    await this.#loop;
  }

  #listen(port: number): Deno.TlsListener {
    return Deno.listenTls({
      hostname: this.#options.host,
      port,
      cert: this.#pair.certificatePem,
      key: this.#pair.privateKeyPem,
      alpnProtocols: [alpnProtocol],
    });
  }

  async #relisten(): Promise<void> {
    this.#pair = this.#options.certificate();
    this.#closeListener();
    await this.#loop;
    for (let attempt = 1; !this.#closed; attempt += 1) {
      try {
        this.#listener = this.#listen(this.port);
        this.#loop = this.#accept(this.#listener, this.#pair);
        return;
      } catch (error) {
        if (attempt === relistenAttemptsMax) {
          this.#options.logger.error("the direct TLS port could not be opened again", { error: String(error) });
          return;
        }
        await new Promise((resolve) => setTimeout(resolve, relistenPauseMs));
      }
    }
  }

  async #accept(listener: Deno.TlsListener, pair: CertificatePair): Promise<void> {
    while (this.#listener === listener && !this.#closed) {
      try {
        this.#start(await listener.accept(), pair);
      } catch (error) {
        if (error instanceof Deno.errors.BadResource || error instanceof Deno.errors.Interrupted) return;
        this.#options.logger.warn("accepting a direct TLS connection failed", { error: String(error) });
        await new Promise((resolve) => setTimeout(resolve, acceptPauseMs));
      }
    }
  }

  #start(connection: Deno.TlsConn, pair: CertificatePair): void {
    const stream = new TlsConnectionStream(connection);
    this.#options.onConnection(stream, connection.remoteAddr.hostname, {
      channelBinding: pair.channelBinding,
      alpn: () => stream.alpnProtocol,
      // Deno does not tell them of its own listeners.
      session: () => null,
    });
    // The check runs at new connections; this one still has the certificate that it was accepted with.
    this.refreshCertificate();
  }

  #closeListener(): void {
    try {
      this.#listener.close();
    } catch {
      // Closed already.
    }
  }
}
