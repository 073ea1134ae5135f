/**
 * The life of one accepted connection:
 *
 *   start-up  -> cancel request: answered with a closed socket
 *             -> limits, TLS policy -> authentication -> expiry, database -> session opened -> worker connected
 *             -> splice until one side ends
 *
 * Whatever fails before the splice reaches the client as one FATAL ErrorResponse.
 */
import { randomUUID } from "node:crypto";
import { AppError } from "../../errors/app_error.ts";
import type { ErrorKind } from "../../errors/catalogue.ts";
import type { SessionHeader } from "../../ipc/messages.ts";
import type { CertificatePair } from "../certificate_pair.ts";
import type { AuthFailures } from "./auth_failures.ts";
import { authenticate } from "./authenticate.ts";
import type { BackendKeys } from "./backend_keys.ts";
import { ConnectionEnded } from "./byte_reader.ts";
import type { ClientConnection } from "./client_connection.ts";
import type { ConnectionAudit, ConnectionStatus, Credential, FrontPorts } from "./ports.ts";
import { type Splice, splice } from "./splice.ts";
import { type CancelRequest, readStartup, type StartupRequest } from "./startup.ts";

export interface ServeContext {
  readonly ports: FrontPorts;
  /** A plain connection is refused. */
  readonly tlsRequired: boolean;
  /** Null when TLS is disabled. */
  readonly certificate: () => CertificatePair | null;
  readonly failures: AuthFailures;
  readonly backendKeys: BackendKeys;
  readonly mockSecret: Uint8Array;
  readonly openSessions: Set<OpenSession>;
  /** The server is stopping: nobody new gets a session. */
  readonly draining: () => boolean;
}

/** A spliced session, as the front keeps it. */
export interface OpenSession {
  /** Reports the bytes since the last report. */
  reportBytes(): void;
  abort(error: AppError): void;
}

/** Serves one connection to its end. `limitRefusal` says which limit it is over, if any. Never rejects. */
export async function serveConnection(
  connection: ClientConnection,
  limitRefusal: string | null,
  context: ServeContext,
): Promise<void> {
  let request: StartupRequest | null = null;
  let credential: Credential | null = null;
  try {
    const arrived = await readStartup(connection, context.certificate);
    if (arrived.kind === "cancel") return await cancel(connection, arrived, context);
    request = arrived;
    refuseWhenDraining(context);
    if (limitRefusal !== null) throw new AppError("too_many_connections", limitRefusal);
    credential = await admit(connection, request, context);
    refuseWhenDraining(context);
    await runSession(connection, request, credential, context);
  } catch (error) {
    fail(connection, request, credential, error, context);
  }
}

/** As PostgreSQL words it. A cancel request is still passed on: it ends what the server waits for. */
function refuseWhenDraining(context: ServeContext): void {
  if (context.draining()) throw new AppError("shutting_down", "the database system is shutting down");
}

/** Policy and authentication: whose session this will be. */
async function admit(
  connection: ClientConnection,
  request: StartupRequest,
  context: ServeContext,
): Promise<Credential> {
  const { ports } = context;
  if (context.tlsRequired && connection.tls === null) {
    throw new AppError("invalid_authorization", "connection without TLS refused: this server requires TLS", {
      hint: "Connect with sslmode=require or stronger.",
    });
  }
  if (request.username === "") {
    throw new AppError("invalid_authorization", "no PostgreSQL user name specified in startup packet");
  }
  const startedAt = performance.now();
  let credential: Credential;
  try {
    credential = await authenticate(connection, {
      username: request.username,
      findCredential: (username) => ports.findCredential(username),
      failures: context.failures,
      mockSecret: context.mockSecret,
    });
  } finally {
    ports.metrics.authSeconds((performance.now() - startedAt) / 1000);
  }
  if (credential.expiresAtMs !== null && credential.expiresAtMs <= ports.now()) {
    throw new AppError("workspace_expired", "workspace expired", {
      hint: "Whoever manages it can revive it while its file is kept (PATCH of ttl_hours), or create a new one.",
    });
  }
  const database = request.database;
  if (database !== "" && database !== request.username && database !== credential.database) {
    throw new AppError("invalid_database", `database "${database}" does not exist`);
  }
  return credential;
}

async function runSession(
  connection: ClientConnection,
  request: StartupRequest,
  credential: Credential,
  context: ServeContext,
): Promise<void> {
  const { ports, backendKeys, openSessions } = context;
  const { workspaceId } = credential;
  let joined: Splice | null = null;
  const early: { refusal: AppError | null } = { refusal: null };
  const sessionId = ports.sessions.open({
    workspaceId,
    projectId: credential.projectId,
    username: credential.username,
    clientAddress: connection.clientAddress,
    applicationName: request.applicationName,
    tls: connection.tls !== null,
    ...(credential.connectionsMax === undefined ? {} : { connectionsMax: credential.connectionsMax }),
    terminate: (kind, detail) => {
      const error = new AppError(kind, detail);
      const session = joined;
      if (session === null) {
        early.refusal = error;
        return connection.refuse(error);
      }
      ports.terminate(workspaceId, sessionId, kind, detail).catch(() => session.abort(error));
    },
  });
  const key = backendKeys.register({ workspaceId, sessionId });
  let endedBecause = "connection failed";
  let open: OpenSession | null = null;
  try {
    const tlsSession = connection.tls?.session() ?? null;
    const header: SessionHeader = {
      session_id: sessionId,
      username: credential.username,
      database: credential.database,
      client_address: connection.clientAddress,
      backend_process_id: key.processId,
      backend_secret_key: key.secretKey,
      startup_parameters: Object.fromEntries(request.parameters),
      tls: connection.tls !== null,
      ...(tlsSession === null ? {} : { tls_session: tlsSession }),
    };
    // Start-up has its deadline until here; starting a worker has the supervisor's.
    connection.clearDeadline();
    const worker = await ports.connectWorker(workspaceId, header);
    if (connection.closed) {
      worker.on("error", () => {});
      worker.destroy();
      throw new ConnectionEnded("the client left while its worker started");
    }
    const { stream, head } = connection.release();
    worker.setNoDelay(true);
    joined = splice({ client: stream, worker, head });
    open = trackBytes(joined, sessionId, ports);
    openSessions.add(open);
    ports.metrics.connection("success");
    ports.audit(auditEntry("connected", connection, request, credential, sessionId, null, "session opened"));
    endedBecause = await joined.done;
    ports.audit(auditEntry("disconnected", connection, request, credential, sessionId, null, endedBecause));
  } catch (error) {
    endedBecause = error instanceof ConnectionEnded ? "client disconnected" : "worker unavailable";
    open?.abort(new AppError("internal", "internal error"));
    // Refused while its worker started, the attempt is counted and logged as that, not as a client that left.
    throw early.refusal ?? error;
  } finally {
    backendKeys.release(key.processId);
    if (open !== null) {
      openSessions.delete(open);
      open.reportBytes();
    }
    ports.sessions.close(sessionId, endedBecause);
  }
}

function trackBytes(joined: Splice, sessionId: string, ports: FrontPorts): OpenSession {
  let reportedReceived = 0;
  let reportedSent = 0;
  return {
    reportBytes() {
      const received = joined.receivedBytes - reportedReceived;
      const sent = joined.sentBytes - reportedSent;
      if (received === 0 && sent === 0) return;
      reportedReceived += received;
      reportedSent += sent;
      ports.sessions.addBytes(sessionId, received, sent);
      ports.metrics.bytes(received, sent);
    },
    abort: (error) => joined.abort(error),
  };
}

/** The client gets no answer, only the closed socket, and that after the request was passed on (PostgreSQL's order). */
async function cancel(connection: ClientConnection, request: CancelRequest, context: ServeContext): Promise<void> {
  const target = context.backendKeys.find(request.processId, request.secretKey);
  if (target === null) {
    context.ports.logger.info("cancel request with a wrong key", { client_address: connection.clientAddress });
  } else {
    await context.ports.cancel(target.workspaceId, target.sessionId).catch((error: unknown) => {
      context.ports.logger.warn("cancel request failed", { session_id: target.sessionId, error: String(error) });
    });
  }
  connection.close();
}

function fail(
  connection: ClientConnection,
  request: StartupRequest | null,
  credential: Credential | null,
  error: unknown,
  context: ServeContext,
): void {
  const { ports } = context;
  if (error instanceof ConnectionEnded) {
    ports.logger.debug("connection ended early", {
      client_address: connection.clientAddress,
      detail: error.message,
    });
    // A connection that was refused from elsewhere is still handing its error over.
    if (!connection.closed) connection.destroy();
    return;
  }
  const told = error instanceof AppError ? error : internalError(error, connection, ports);
  connection.refuse(told);
  const status = statusByKind[told.kind];
  if (status !== undefined) ports.metrics.connection(status);
  if (request !== null) {
    ports.audit(auditEntry("refused", connection, request, credential, null, told.kind, told.message));
  }
  ports.logger.info("connection refused", {
    client_address: connection.clientAddress,
    username: request?.username ?? null,
    kind: told.kind,
    detail: told.message,
  });
}

const statusByKind: Partial<Record<ErrorKind, ConnectionStatus>> = {
  invalid_password: "auth_failed",
  invalid_authorization: "auth_failed",
  workspace_expired: "expired",
  too_many_connections: "limit_reached",
};

function internalError(error: unknown, connection: ClientConnection, ports: FrontPorts): AppError {
  const incident = randomUUID();
  ports.logger.error("connection failed on an internal error", {
    incident,
    client_address: connection.clientAddress,
    error: error instanceof Error ? error.stack ?? error.message : String(error),
  });
  return new AppError("internal", `internal error, incident ${incident}`, { cause: error });
}

function auditEntry(
  event: ConnectionAudit["event"],
  connection: ClientConnection,
  request: StartupRequest,
  credential: Credential | null,
  sessionId: string | null,
  errorKind: ErrorKind | null,
  detail: string,
): ConnectionAudit {
  return {
    event,
    username: request.username,
    database: request.database,
    clientAddress: connection.clientAddress,
    tls: connection.tls !== null,
    workspaceId: credential?.workspaceId ?? null,
    projectId: credential?.projectId ?? null,
    sessionId,
    errorKind,
    detail,
  };
}
