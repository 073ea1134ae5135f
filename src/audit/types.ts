/**
 * The audit log: who did what to which object, when, from where and how it ended. Append-only and chained by hash
 * (docs/adr/0006-an-audit-log-chained-by-hash.md). This area names what it needs of a store; `metadata/audit/store.ts`
 * keeps the entries, `server/` joins them. Not to be confused with the query log, which has every SQL statement.
 */

/** The closed list of what an entry can say was done. `object_kind` says to what. docs/audit.md explains each. */
export const auditActions = [
  "create",
  "change",
  "delete",
  "restore",
  "import",
  "load",
  "clear",
  "reset_credentials",
  "disconnect",
  "run",
  "query",
  "call",
  "login",
  "login_failed",
  "connect",
  "disconnected",
  "access_refused",
  "share",
  "change_share",
  "revoke_share",
  "open_share",
  "query_share",
  "read_audit",
  "export_audit",
  "verify_audit",
  "prune_audit",
  "audit_gap",
  "audit_dropped",
] as const;
export type AuditAction = (typeof auditActions)[number];

export const auditOutcomes = ["ok", "refused", "failed"] as const;
export type AuditOutcome = (typeof auditOutcomes)[number];

export type AuditValue = null | boolean | number | string | readonly AuditValue[] | AuditDetails;
export interface AuditDetails {
  readonly [field: string]: AuditValue;
}

/** What happened, as whoever saw it tells it. No secret may stand in any field. */
export interface AuditEntry {
  /** `admin`, `<project>/<key name>`, a SQL user, `share:<share id>`, `anonymous`, or `server` for the server itself. */
  readonly actor: string;
  readonly action: AuditAction;
  /** `dashboard`, `workspace`, `key`, …; null when there is no object. */
  readonly objectKind: string | null;
  readonly objectId: string | null;
  readonly project: string | null;
  /** Versions of the object, where it has any. */
  readonly versionBefore: number | null;
  readonly versionAfter: number | null;
  /** The client's address, without port. */
  readonly address: string | null;
  readonly userAgent: string | null;
  readonly result: AuditOutcome;
  /** Why it was refused or failed: a code of the error catalogue, or a reason of the action's own. */
  readonly code: string | null;
  readonly details: AuditDetails;
}

/** An entry in the chain. */
export interface StoredAuditEntry extends Omit<AuditEntry, "details"> {
  /** 1, 2, 3, … without a gap. */
  readonly sequence: number;
  readonly timeMs: number;
  /** Canonical JSON, as it is hashed and stored. */
  readonly detailsText: string;
  /** SHA-256 in hex, see `chain.ts`. */
  readonly hash: string;
}

/** The last entry of a chain; sequence 0 with the first hash when there is none. */
export interface ChainHead {
  readonly sequence: number;
  readonly hash: string;
}

export interface AuditFilter {
  /** Inclusive. */
  readonly fromMs?: number;
  /** Exclusive. */
  readonly toMs?: number;
  readonly actor?: string;
  readonly action?: AuditAction;
  readonly objectKind?: string;
  readonly objectId?: string;
  readonly project?: string;
  readonly result?: AuditOutcome;
}

/** One file of the store with the entries of one month. */
export interface AuditPartition {
  /** The file's name. */
  readonly name: string;
  readonly firstSequence: number;
  /** The hash that the first entry continues. */
  readonly previousHash: string;
  /** Why it cannot be read; then the two fields above are what its name says, and an empty hash. */
  readonly unreadable: string | null;
}

/** What is read of a store to verify it; also made of the files of a stopped server. */
export interface AuditSource {
  /** Oldest first. */
  partitions(): readonly AuditPartition[];
  /** The entries as they stand in the file, from its beginning, in blocks. */
  readPartition(name: string): AsyncIterable<readonly StoredAuditEntry[]>;
  /** The end of the chain as it was noted beside the files; null when that note is missing or unreadable. */
  notedHead(): Promise<ChainHead | null>;
}

/** Newest first; `nextSequence` is null at the end. */
export interface AuditPage {
  readonly items: readonly StoredAuditEntry[];
  readonly nextSequence: number | null;
}

export interface AuditStore extends AuditSource {
  /** Where the chain goes on. Is beyond the last entry when entries have vanished from the end while the server was stopped. */
  head(): ChainHead;
  /** How many entries were missing at the end when the store was opened. */
  readonly missingAtEnd: number;
  /** Writes all of them, which continue the chain in order; on disk when it resolves. */
  append(entries: readonly StoredAuditEntry[]): Promise<void>;
  /** The newest entries that fit, older than `beforeSequence` where one is given. */
  list(filter: AuditFilter, limit: number, beforeSequence: number | null): Promise<AuditPage>;
  /** Every entry that fits, oldest first, in blocks. */
  stream(filter: AuditFilter): AsyncIterable<readonly StoredAuditEntry[]>;
  /** Every entry that fits, oldest first, as a Parquet file. Throws `too_many_requests` while others are being made. */
  exportParquet(filter: AuditFilter): Promise<ReadableStream<Uint8Array>>;
  /** The end of the leading partitions whose entries are all older, or null when there is none; the current one stays. */
  prunableBefore(timeMs: number): Promise<{ through: ChainHead; partitionCount: number } | null>;
  /** Deletes the partitions that end at or before this entry; gives how many. */
  deleteThrough(sequence: number): Promise<number>;
  close(): Promise<void>;
}

/** What the rest of the server writes to. */
export interface AuditLog {
  /**
   * True when the entry is on disk; false, after a few seconds, when the disk does not take it: it then stays queued and is
   * tried again. Throws `audit_unavailable` when the queue is full for longer than that.
   */
  record(entry: AuditEntry): Promise<boolean>;
  /** Takes a place in the queue before something is done, so that its entry is sure to find room. Throws as `record`. */
  reserve(): Promise<AuditPlace>;
  /** Returns at once. When the queue is full the entry is dropped and counted; the count is recorded later. */
  note(entry: AuditEntry): void;
}

/** Either `record` or `release` is called, once. */
export interface AuditPlace {
  record(entry: AuditEntry): Promise<boolean>;
  release(): void;
}
