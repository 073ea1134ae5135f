/**
 * What the PostgreSQL front needs from the rest of the server. The composition root wires these; the front itself knows
 * no metadata store, no supervisor and no metrics library.
 */
import type { Socket } from "node:net";
import type { ErrorKind } from "../../errors/catalogue.ts";
import type { SessionHeader } from "../../ipc/messages.ts";

export interface Credential {
  readonly username: string;
  /** `ws_<hex>` */
  readonly workspaceId: string;
  readonly projectId: string;
  /** The database's canonical name, `workspace_<id>`. */
  readonly database: string;
  /** As `makeScramVerifier` writes it. */
  readonly verifier: string;
  /** Null: never expires. */
  readonly expiresAtMs: number | null;
  /** Sessions that the workspace may have open; the server's limit when missing. */
  readonly connectionsMax?: number;
}

export interface SessionInfo {
  readonly workspaceId: string;
  readonly projectId: string;
  readonly username: string;
  readonly clientAddress: string;
  readonly applicationName: string;
  readonly tls: boolean;
  readonly connectionsMax?: number;
  /** Ends the session from outside: the client gets the error, FATAL, and the socket closes. Never throws. */
  readonly terminate: (kind: ErrorKind, detail: string) => void;
}

/** Structurally the SessionRegistry of `workspaces/`. */
export interface SessionsPort {
  /** The new session's id. Throws AppError `too_many_connections` over the workspace's limit. */
  open(info: SessionInfo): string;
  close(sessionId: string, reason: string): void;
  addBytes(sessionId: string, received: number, sent: number): void;
}

/** `success` counts an authenticated session that reached its worker; other failures (protocol errors) have no status. */
export type ConnectionStatus = "success" | "auth_failed" | "expired" | "limit_reached";

export interface MetricsPort {
  connection(status: ConnectionStatus): void;
  /** From the complete start-up packet to the end of authentication, whichever way it went. */
  authSeconds(seconds: number): void;
  /** Session bytes since the last call: received from and sent to the client. */
  bytes(received: number, sent: number): void;
}

/** One entry a connection attempt that named a user, and one a session that ended. */
export interface ConnectionAudit {
  readonly event: "connected" | "refused" | "disconnected";
  readonly username: string;
  readonly database: string;
  readonly clientAddress: string;
  readonly tls: boolean;
  readonly workspaceId: string | null;
  readonly projectId: string | null;
  readonly sessionId: string | null;
  /** The error's kind for `refused`. */
  readonly errorKind: ErrorKind | null;
  /** For people: why it was refused or how it ended. */
  readonly detail: string;
}

/** Structurally `observability/log.ts`'s Logger. */
export interface FrontLogger {
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void;
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

export interface FrontPorts {
  /** The credential of a user name, or null. Called once a connection attempt. */
  findCredential(username: string): Promise<Credential | null>;
  /**
   * A connected socket to the workspace's worker, the header already sent; starts the worker when none runs. Throws
   * AppError: the client gets it as FATAL.
   */
  connectWorker(workspaceId: string, header: SessionHeader): Promise<Socket>;
  /** Cancels the session's running statement, if there is one. */
  cancel(workspaceId: string, sessionId: string): Promise<void>;
  /** Asks the worker to end the session with a FATAL error. A rejection makes the front end it by itself. */
  terminate(workspaceId: string, sessionId: string, kind: ErrorKind, detail: string): Promise<void>;
  readonly sessions: SessionsPort;
  readonly metrics: MetricsPort;
  audit(entry: ConnectionAudit): void;
  readonly logger: FrontLogger;
  /** Milliseconds since the epoch. */
  now(): number;
  /** Milliseconds of a clock that never jumps, for how long ago something was; the system's by default. */
  monotonicMs?(): number;
}
