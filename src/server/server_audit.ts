/** The audit log of a running server: its store, its writer, what connections report, and its daily and minutely work. */
import { AuditWriter } from "../audit/audit_log.ts";
import { connectionAudit, type ConnectionReport } from "../audit/connections.ts";
import { Refusals } from "../audit/refusals.ts";
import { type AuditRetention, auditRetention } from "../audit/retention.ts";
import type { AuditStore } from "../audit/types.ts";
import type { Config } from "../config/config.ts";
import { openAuditStore } from "../metadata/audit_store.ts";
import type { Logger } from "../observability/log.ts";

export interface ServerAudit {
  readonly store: AuditStore;
  readonly log: AuditWriter;
  readonly refusals: Refusals;
  readonly retention: AuditRetention;
  /** For the PostgreSQL front. */
  readonly connection: (report: ConnectionReport) => void;
  /** Writes what is queued and counted, and closes the files. */
  close(): Promise<void>;
}

/** How often counts of past minutes are written. */
export const refusalFlushIntervalMs = 15_000;
export const auditPruneIntervalMs = 86_400_000;

export async function startAudit(config: Config, logger: Logger): Promise<ServerAudit> {
  const store = await openAuditStore(config.dataDir, logger);
  const log = new AuditWriter({ store, logger, now: Date.now });
  const refusals = new Refusals({ log, now: Date.now });
  return {
    store,
    log,
    refusals,
    retention: auditRetention(store, log, config.auditRetentionDays),
    connection: connectionAudit(log, refusals),
    close: async () => {
      refusals.flush(true);
      await log.stop();
      await store.close();
    },
  };
}
