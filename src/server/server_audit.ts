/** The audit log of a running server: its store, its writer, what connections report, and its daily and minutely work. */
import { AuditWriter } from "../audit/audit_log.ts";
import { connectionAudit, type ConnectionReport } from "../audit/connections.ts";
import { Refusals } from "../audit/refusals.ts";
import { type AuditRetention, auditRetention } from "../audit/retention.ts";
import type { AuditStore } from "../audit/types.ts";
import type { Job } from "../jobs/job_runner.ts";
import type { Config } from "../config/config.ts";
import { openAuditStore } from "../metadata/audit/store.ts";
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
const refusalFlushIntervalMs = 15_000;
const pruneIntervalMs = 86_400_000;

export function auditJobs(audit: ServerAudit): Job[] {
  return [
    {
      name: "refusal_counts",
      description: "writes the counts of refused calls and logins of past minutes into the audit log",
      intervalMs: refusalFlushIntervalMs,
      run: () => Promise.resolve(audit.refusals.flush()),
    },
    {
      name: "audit_pruning",
      description: "drops months of the audit log older than audit_retention_days",
      intervalMs: pruneIntervalMs,
      run: async () => {
        await audit.retention.prune(Date.now());
      },
    },
  ];
}

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
