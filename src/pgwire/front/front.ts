/**
 * The PostgreSQL front: listens, admits connections within the limits, and serves each until it ends (`serve.ts`).
 * Plain, SSLRequest and direct TLS share one port (a Node server); a second port for direct TLS only is optional.
 */
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { AppError } from "../../errors/app_error.ts";
import type { CertificateStore } from "../certificate_store.ts";
import { AuthFailures } from "./auth_failures.ts";
import { BackendKeys } from "./backend_keys.ts";
import { ClientConnection, type TlsState } from "./client_connection.ts";
import { ConnectionLimits } from "./connection_limits.ts";
import { DirectTlsListener } from "./direct_tls_listener.ts";
import type { FrontPorts } from "./ports.ts";
import { serveConnection, type ServeContext } from "./serve.ts";

/** A vanished client's connection is noticed after this and the system's own probes. */
const keepAliveMs = 60_000;
/** Byte counts of running sessions are reported this often, and at each session's end. */
const byteReportIntervalMs = 5_000;

export interface PgFrontOptions {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly directTlsPort: number | null;
  readonly tls: "disable" | "prefer" | "require";
  /** Null only when `tls` is `disable`. */
  readonly certificates: CertificateStore | null;
  readonly connectionsMax: number;
  readonly connectionsPerAddressMax: number;
  /** 0: no limit. */
  readonly authFailuresPerMinute: number;
  /** From accept to the end of authentication; then the socket is closed. */
  readonly connectionTimeoutMs: number;
  /** At least 32 secret bytes that stay the same over restarts; they key the mock verifiers of unknown users. */
  readonly mockSecret: Uint8Array;
  readonly ports: FrontPorts;
}

export interface PgFront {
  readonly port: number;
  readonly directTlsPort: number | null;
  /** Open connections, sessions and those that are still authenticating. */
  readonly connectionCount: number;
  /** From now on everybody new is refused with 57P03, in a way that the client can read; the ports stay open for that. */
  drain(): void;
  /**
   * Stops listening and refuses whoever is not yet in a session with 57P03. Running sessions go on: their workers'
   * drain ends them. Resolves when the ports are free.
   */
  close(): Promise<void>;
  /** Ends whatever sessions are left, with 57P01; for after the workers have drained. */
  endSessions(): Promise<void>;
  /** Reads the certificate files now. */
  reloadCertificate(): void;
}

/** Starts listening. Throws AppError `config_invalid` when a port cannot be opened. */
export async function startPgFront(options: PgFrontOptions): Promise<PgFront> {
  const { ports, certificates } = options;
  const tlsEnabled = options.tls !== "disable";
  if (tlsEnabled && certificates === null) throw new Error("TLS is enabled without a certificate store");
  const limits = new ConnectionLimits(options);
  const context: ServeContext = {
    ports,
    tlsRequired: options.tls === "require",
    certificate: () => tlsEnabled && certificates !== null ? certificates.current() : null,
    failures: new AuthFailures(options.authFailuresPerMinute, () => ports.monotonicMs?.() ?? performance.now()),
    backendKeys: new BackendKeys(),
    mockSecret: options.mockSecret,
    openSessions: new Set(),
    draining: () => draining,
  };
  /** Not yet in a session. Bounded by `limits`. */
  const starting = new Set<ClientConnection>();
  /** All that are being served, to wait for at the end. */
  const serving = new Set<Promise<void>>();
  let closing = false;
  let draining = false;

  const admit = (stream: Duplex, remoteAddress: string, tls: TlsState | null) => {
    const clientAddress = normalAddress(remoteAddress);
    const slot = closing ? null : limits.take(clientAddress);
    if (slot === null) {
      stream.on("error", () => {});
      stream.destroy();
      if (!closing) ports.metrics.connection("limit_reached");
      return;
    }
    const connection = new ClientConnection(stream, clientAddress, tls, options.connectionTimeoutMs);
    stream.once("close", () => {
      slot.release();
      starting.delete(connection);
    });
    starting.add(connection);
    const served = serveConnection(connection, slot.refusal, context).finally(() => serving.delete(served));
    serving.add(served);
  };

  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket: Socket) => {
    socket.setNoDelay(true);
    socket.setKeepAlive(true, keepAliveMs);
    admit(socket, socket.remoteAddress ?? "", null);
  });
  await listen(server, options.host, options.port);
  server.on("error", (error) => ports.logger.warn("accepting a connection failed", { error: error.message }));

  let direct: DirectTlsListener | null = null;
  if (options.directTlsPort !== null && tlsEnabled && certificates !== null) {
    try {
      direct = new DirectTlsListener({
        host: options.host,
        port: options.directTlsPort,
        certificate: () => certificates.current(),
        onConnection: admit,
        logger: ports.logger,
      });
    } catch (error) {
      server.close();
      throw cannotListen("pg_direct_tls_port", options.host, options.directTlsPort, error);
    }
  }

  const reportBytes = setInterval(() => {
    for (const session of context.openSessions) session.reportBytes();
  }, byteReportIntervalMs);

  return {
    port: (server.address() as AddressInfo).port,
    directTlsPort: direct?.port ?? null,
    get connectionCount() {
      return limits.total;
    },
    drain() {
      draining = true;
    },
    async close() {
      closing = true;
      draining = true;
      clearInterval(reportBytes);
      server.close(); // its callback would wait for the sessions too
      for (const connection of starting) {
        connection.refuse(new AppError("shutting_down", "the database system is shutting down"));
      }
      await direct?.close();
    },
    async endSessions() {
      for (const session of context.openSessions) {
        session.abort(new AppError("admin_shutdown", "terminating connection due to administrator command"));
      }
      await Promise.all(serving);
    },
    reloadCertificate() {
      certificates?.reload();
      direct?.refreshCertificate();
    },
  };
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const onError = (error: Error) => reject(cannotListen("pg_port", host, port, error));
    server.once("error", onError);
    server.listen(port, host, () => {
      server.off("error", onError);
      resolve();
    });
  });
}

function cannotListen(key: string, host: string, port: number, error: unknown): AppError {
  const reason = error instanceof Error ? error.message : String(error);
  return new AppError("config_invalid", `${key}: cannot listen on ${host}:${port}: ${reason}`, { cause: error });
}

/** An IPv4 client of a dual-stack socket shows as `::ffff:192.0.2.1`; it is the same client either way. */
function normalAddress(address: string): string {
  return address.toLowerCase().startsWith("::ffff:") && address.includes(".") ? address.slice(7) : address;
}
