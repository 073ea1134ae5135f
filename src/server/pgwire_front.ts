/** Joins the PostgreSQL front with the rest of the server: credentials, workers, sessions, metrics, log. */
import { join } from "node:path";
import type { Config } from "../config/config.ts";
import type { MetadataPool } from "../metadata/types.ts";
import type { Logger } from "../observability/log.ts";
import type { Metrics } from "../observability/metrics.ts";
import { selfSignedCertificate } from "../pgwire/certificate_process.ts";
import { CertificateStore } from "../pgwire/certificate_store.ts";
import { type PgFront, startPgFront } from "../pgwire/front/front.ts";
import type { ConnectionAudit } from "../pgwire/front/ports.ts";
import type { Supervisor } from "../supervisor/supervisor.ts";
import type { WorkspaceService } from "../workspaces/service.ts";
import type { SessionRegistry } from "../workspaces/sessions.ts";
import { ensureServerSecret } from "./server_secret.ts";
import { programCommand } from "./worker_command.ts";

export interface FrontParts {
  readonly config: Config;
  readonly pool: MetadataPool;
  readonly logger: Logger;
  readonly workspaces: WorkspaceService;
  readonly sessions: SessionRegistry;
  readonly supervisor: Supervisor;
  readonly metrics: Metrics;
  /** Every connection attempt that named a user, and every session's end. */
  readonly onConnection: (entry: ConnectionAudit) => void;
}

export async function startFront(parts: FrontParts): Promise<PgFront> {
  const { config, logger, workspaces, sessions, supervisor, metrics } = parts;
  /** Which workspace a session's gauge belongs to: a worker's event may have closed the session before the front does. */
  const workspaceOfSession = new Map<string, string>();
  return await startPgFront({
    host: config.pgHost,
    port: config.pgPort,
    directTlsPort: config.pgDirectTlsPort,
    tls: config.pgTls,
    certificates: config.pgTls === "disable" ? null : await certificates(config, logger),
    connectionsMax: config.maxConnectionsTotal,
    connectionsPerAddressMax: config.maxConnectionsPerIp,
    authFailuresPerMinute: config.authFailuresPerMinute,
    connectionTimeoutMs: config.connectionTimeoutSeconds * 1000,
    mockSecret: await ensureServerSecret(parts.pool, "scram_mock_secret"),
    ports: {
      async findCredential(username) {
        const found = await workspaces.findCredential(username);
        return found === null ? null : { username, ...found, expiresAtMs: found.expired ? 0 : null };
      },
      async connectWorker(workspaceId, header) {
        const worker = await supervisor.acquire(workspaceId);
        return await worker.openSession(header);
      },
      async cancel(workspaceId, sessionId) {
        await supervisor.running(workspaceId)?.call({ command: "cancel_query", session_id: sessionId });
      },
      async terminate(workspaceId, sessionId, kind, detail) {
        await supervisor.running(workspaceId)?.call({
          command: "terminate_session",
          session_id: sessionId,
          kind,
          detail,
        });
      },
      sessions: {
        open(info) {
          const sessionId = sessions.open(info);
          metrics.sessionOpened(info.workspaceId);
          workspaceOfSession.set(sessionId, info.workspaceId);
          return sessionId;
        },
        close(sessionId, reason) {
          const workspaceId = workspaceOfSession.get(sessionId);
          if (workspaceId !== undefined) metrics.sessionClosed(workspaceId);
          workspaceOfSession.delete(sessionId);
          sessions.close(sessionId, reason);
        },
        addBytes: (sessionId, received, sent) => sessions.addBytes(sessionId, received, sent),
      },
      metrics: {
        connection: (status) => metrics.connection(status),
        authSeconds: (seconds) => metrics.authentication(seconds),
        bytes: (received, sent) => metrics.bytes(received, sent),
      },
      audit: (entry) => {
        parts.onConnection(entry);
        logger.info(`session ${entry.event}`, {
          username: entry.username,
          database: entry.database,
          client_address: entry.clientAddress,
          tls: entry.tls,
          workspace_id: entry.workspaceId,
          session_id: entry.sessionId,
          error: entry.errorKind,
          detail: entry.detail,
        });
      },
      logger,
      now: Date.now,
    },
  });
}

async function certificates(config: Config, logger: Logger): Promise<CertificateStore> {
  const paths = config.tlsCert !== null && config.tlsKey !== null
    ? { certificatePath: config.tlsCert, privateKeyPath: config.tlsKey }
    : await selfSignedCertificate({
      directory: join(config.dataDir, "certs"),
      publicHost: config.publicHost,
      nowMs: Date.now(),
    }, programCommand());
  return new CertificateStore({ ...paths, now: Date.now, logger });
}
