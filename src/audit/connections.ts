/** Audit entries of PostgreSQL connections: connected, refused, ended. */
import type { Refusals } from "./refusals.ts";
import type { AuditEntry, AuditLog } from "./types.ts";

/** Structurally what the PostgreSQL front reports (`pgwire/front/ports.ts`, ConnectionAudit). */
export interface ConnectionReport {
  readonly event: "connected" | "refused" | "disconnected";
  readonly username: string;
  readonly database: string;
  readonly clientAddress: string;
  readonly tls: boolean;
  readonly workspaceId: string | null;
  readonly projectId: string | null;
  readonly sessionId: string | null;
  readonly errorKind: string | null;
  readonly detail: string;
}

/** Takes what the front reports. It never waits: when the queue is full, connection events are dropped and counted. */
export function connectionAudit(log: Pick<AuditLog, "note">, refusals: Refusals): (report: ConnectionReport) => void {
  return (report) => {
    const entry = connectionEntry(report);
    if (entry.action === "login_failed") refusals.note(entry);
    else log.note(entry);
  };
}

function connectionEntry(report: ConnectionReport): AuditEntry {
  const base = {
    actor: report.username === "" ? "anonymous" : report.username,
    objectKind: "workspace",
    objectId: report.workspaceId ?? (report.database === "" ? null : report.database),
    project: report.projectId,
    versionBefore: null,
    versionAfter: null,
    address: report.clientAddress,
    userAgent: null,
  };
  const details = { protocol: "postgresql", tls: report.tls, session_id: report.sessionId, detail: report.detail };
  switch (report.event) {
    case "connected":
      return { ...base, action: "connect", result: "ok", code: null, details };
    case "disconnected":
      return { ...base, action: "disconnected", result: "ok", code: null, details };
    case "refused":
      return { ...base, action: "login_failed", result: "refused", code: report.errorKind, details };
    default: {
      const never: never = report.event;
      throw new Error(`unknown connection event ${never}`);
    }
  }
}
