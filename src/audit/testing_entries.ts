/** Audit entries for tests. */
import { chainEntry, firstHash } from "./chain.ts";
import type { AuditEntry, AuditStore, StoredAuditEntry } from "./types.ts";

export function testingEntry(changes: Partial<AuditEntry> = {}): AuditEntry {
  return {
    actor: "acme/editor",
    action: "change",
    objectKind: "dashboard",
    objectId: "sales",
    project: "acme",
    versionBefore: 1,
    versionAfter: 2,
    address: "192.0.2.1",
    userAgent: "curl/8",
    result: "ok",
    code: null,
    details: { route: "PUT /dashboards" },
    ...changes,
  };
}

/** Entries that continue a store's chain, one a given time. */
export function testingChain(
  store: Pick<AuditStore, "head">,
  timesMs: readonly number[],
  entryOf: (index: number) => AuditEntry = () => testingEntry(),
): StoredAuditEntry[] {
  let { sequence, hash } = store.head();
  return timesMs.map((timeMs, index) => {
    const entry = chainEntry(entryOf(index), sequence + 1, timeMs, hash);
    ({ sequence, hash } = entry);
    return entry;
  });
}

/** The head of an empty chain. */
export const emptyHead = { sequence: 0, hash: firstHash };
