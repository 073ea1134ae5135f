/** Removes the months of the audit log whose entries are all older than the retention. */
import { serverEntry } from "./audit_log.ts";
import type { AuditLog, AuditStore } from "./types.ts";

const dayMs = 86_400_000;

export interface AuditRetention {
  /** Deletes what is old enough at that time and gives the number of months removed. */
  prune(nowMs: number): Promise<number>;
}

/**
 * The chain itself says first what is removed and with which hash it ended (`prune_audit`), and only then the files go: a
 * crash in between removes nothing, and the next run goes on. `eider audit verify` accepts a beginning only with that entry.
 */
export function auditRetention(store: AuditStore, log: AuditLog, retentionDays: number): AuditRetention {
  return {
    async prune(nowMs) {
      const beforeMs = nowMs - retentionDays * dayMs;
      const old = await store.prunableBefore(beforeMs);
      if (old === null) return 0;
      const recorded = await log.record(serverEntry("prune_audit", {
        through_seq: old.through.sequence,
        through_hash: old.through.hash,
        months: old.partitionCount,
        entries_before: new Date(beforeMs).toISOString(),
      }));
      // While its entry is not on disk (a full one), nothing is deleted.
      return recorded ? await store.deleteThrough(old.through.sequence) : 0;
    },
  };
}
