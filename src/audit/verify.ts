/**
 * Verifies a chain: reads every entry as it stands in the files, computes its hash anew, and names what is missing, altered
 * or out of order. It works on any `AuditSource`, of a running server as well as of a stopped one's files.
 *
 * What it cannot see: a chain that somebody with write access to all files has computed anew from some entry on. Against
 * that, compare with a hash that left the machine earlier (`expected`; every entry's log line on stdout has its hash).
 */
import { entryHash } from "./chain.ts";
import type { AuditSource, ChainHead, StoredAuditEntry } from "./types.ts";

export interface AuditFinding {
  readonly kind: "missing" | "altered" | "reordered" | "unreadable";
  /** The entries meant, both inclusive; null when they are not known. */
  readonly fromSequence: number | null;
  readonly toSequence: number | null;
  readonly partition: string | null;
  readonly detail: string;
}

export interface AuditVerification {
  readonly ok: boolean;
  readonly entryCount: number;
  /** null: there is no entry. */
  readonly firstSequence: number | null;
  readonly lastSequence: number | null;
  readonly headHash: string | null;
  /** The last entry that was pruned after its retention, 0 when none was. */
  readonly prunedThrough: number;
  readonly findingCount: number;
  /** The first of them. */
  readonly findings: readonly AuditFinding[];
}

export interface VerifyOptions {
  /** Entries and hashes known from elsewhere, such as a log line. */
  readonly expected?: readonly ChainHead[];
  /** Called every few milliseconds, so that a server can do something else in between. */
  readonly pause?: () => Promise<void>;
}

/** Some milliseconds of hashing. */
const pauseEntries = 256;
/** More are only counted: a deleted month would otherwise fill the answer. */
const findingsMax = 100;
/** Gaps that are remembered, in case that their entries come later. */
const gapsMax = 1_000;

/** Never throws for what it finds; throws what reading throws when that is no finding (a closed store). */
export async function verifyChain(source: AuditSource, options: VerifyOptions = {}): Promise<AuditVerification> {
  // First, as a running server goes on writing meanwhile.
  const noted = await source.notedHead();
  const state = new Verification(options.expected ?? [], noted);
  for (const partition of source.partitions()) {
    // Pruned since the list was made; nothing before it was read then.
    if (!source.partitions().some(({ name }) => name === partition.name)) continue;
    if (partition.unreadable !== null) {
      state.unreadable(partition.name, partition.unreadable);
      continue;
    }
    state.beginPartition(partition.name, partition.firstSequence, partition.previousHash);
    try {
      for await (const block of source.readPartition(partition.name)) {
        for (const [index, entry] of block.entries()) {
          state.entry(entry);
          if (index % pauseEntries === 0) await options.pause?.();
        }
      }
    } catch (error) {
      state.unreadable(partition.name, error instanceof Error ? error.message.split("\n", 1)[0] ?? "" : String(error));
    }
  }
  return state.end();
}

/** Missing entries, which may still come later, out of order; then they are verified between these two. */
interface Gap {
  from: number;
  to: number;
  readonly partition: string | null;
  /** Of the entry before the gap, null when it is not known. */
  previousHash: string | null;
  /** The entry after the gap; null when that is the beginning of a file, or the end. */
  next: StoredAuditEntry | null;
}

/** Invariant: `#last` is the entry with the highest sequence so far; `#previousHash` is its hash, or null when not known. */
class Verification {
  readonly #findings: AuditFinding[] = [];
  readonly #gaps: Gap[] = [];
  readonly #expected: Map<number, string>;
  readonly #noted: ChainHead | null;
  readonly #prunes: ChainHead[] = [];
  #findingCount = 0;
  #partition: string | null = null;
  #entryCount = 0;
  #first: number | null = null;
  #firstPreviousHash = "";
  #last = 0;
  #previousHash: string | null = null;

  constructor(expected: readonly ChainHead[], noted: ChainHead | null) {
    this.#noted = noted;
    this.#expected = new Map(expected.map(({ sequence, hash }) => [sequence, hash]));
  }

  unreadable(partition: string, reason: string): void {
    this.#previousHash = null;
    this.#found("unreadable", null, null, partition, `${partition} cannot be read: ${reason}`);
  }

  beginPartition(name: string, firstSequence: number, previousHash: string): void {
    this.#partition = name;
    if (this.#first === null && this.#last === 0) {
      this.#first = firstSequence;
      this.#firstPreviousHash = previousHash;
      this.#last = firstSequence - 1;
      this.#previousHash = previousHash;
      return;
    }
    // Between two partitions nothing may be missing; the hash is the earlier partition's last when that was read.
    if (firstSequence === this.#last + 1) {
      if (this.#previousHash !== null && this.#previousHash !== previousHash) {
        this.#altered(firstSequence, `${name} does not continue entry ${this.#last}`);
      }
      this.#previousHash ??= previousHash;
    } else if (firstSequence > this.#last + 1) {
      this.#gap(this.#last + 1, firstSequence - 1, name, null);
      this.#last = firstSequence - 1;
      this.#previousHash = previousHash;
    }
  }

  entry(entry: StoredAuditEntry): void {
    this.#entryCount += 1;
    if (entry.action === "prune_audit") this.#notePrune(entry.detailsText);
    const { sequence } = entry;
    if (sequence <= this.#last) return this.#outOfOrder(entry);
    if (sequence > this.#last + 1) {
      this.#gap(this.#last + 1, sequence - 1, this.#partition, entry);
      this.#previousHash = null;
    }
    this.#checkHash(entry, this.#previousHash);
    const expected = this.#expected.get(sequence);
    if (expected !== undefined) {
      this.#expected.delete(sequence);
      if (expected !== entry.hash) {
        this.#altered(sequence, `entry ${sequence} has the hash ${entry.hash}, expected was ${expected}`);
      }
    }
    if (sequence === this.#noted?.sequence && entry.hash !== this.#noted.hash) {
      this.#altered(sequence, `entry ${sequence} is not the one that was written then: its hash is another`);
    }
    this.#last = sequence;
    this.#previousHash = entry.hash;
  }

  end(): AuditVerification {
    const lastStored = this.#entryCount === 0 ? 0 : this.#last;
    this.#checkBeginning();
    const noted = this.#noted;
    if (noted === null) {
      if (this.#entryCount > 0) {
        this.#found("missing", null, null, null, "the note of the chain's end (head) is missing or unreadable");
      }
    } else if (noted.sequence > this.#last) {
      this.#gap(this.#last + 1, noted.sequence, null, null);
    }
    for (const gap of this.#gaps) {
      const what = gap.from === gap.to ? `entry ${gap.from} is` : `entries ${gap.from} to ${gap.to} are`;
      this.#found("missing", gap.from, gap.to, gap.partition, `${what} missing`);
    }
    for (const [sequence] of this.#expected) {
      if (sequence > this.#prunedThrough()) {
        this.#found("missing", sequence, sequence, null, `entry ${sequence}, which was expected, is missing`);
      }
    }
    return {
      ok: this.#findingCount === 0,
      entryCount: this.#entryCount,
      firstSequence: this.#entryCount === 0 ? null : this.#first,
      lastSequence: lastStored === 0 ? null : lastStored,
      headHash: this.#entryCount === 0 ? null : this.#previousHash,
      prunedThrough: this.#prunedThrough(),
      findingCount: this.#findingCount,
      findings: this.#findings,
    };
  }

  /** What comes before the first entry must have been pruned, and the chain itself must say so. */
  #checkBeginning(): void {
    const before = (this.#first ?? 1) - 1;
    if (before === 0) return;
    const prune = this.#prunes.find(({ sequence }) => sequence === before);
    if (prune === undefined) {
      this.#gaps.unshift({ from: 1, to: before, partition: null, previousHash: null, next: null });
      const through = Math.max(0, ...this.#prunes.map(({ sequence }) => sequence).filter((one) => one < before));
      if (through > 0) this.#gaps[0]!.from = through + 1;
    } else if (prune.hash !== this.#firstPreviousHash) {
      this.#altered(before + 1, `entry ${before + 1} does not continue the pruned entry ${before}`);
    }
  }

  #prunedThrough(): number {
    const before = (this.#first ?? 1) - 1;
    return this.#prunes.some(({ sequence }) => sequence === before) ? before : 0;
  }

  #notePrune(detailsText: string): void {
    try {
      const details = JSON.parse(detailsText) as Record<string, unknown>;
      const { through_seq: sequence, through_hash: hash } = details;
      if (typeof sequence === "number" && typeof hash === "string") this.#prunes.push({ sequence, hash });
    } catch {
      // Its text was altered: then its hash does not fit either.
    }
  }

  #checkHash(entry: StoredAuditEntry, previousHash: string | null): void {
    if (previousHash === null || entryHash(entry, previousHash) === entry.hash) return;
    const { sequence } = entry;
    this.#altered(sequence, `entry ${sequence} does not fit its hash: it was changed, or the hash before it was`);
  }

  #outOfOrder(entry: StoredAuditEntry): void {
    const { sequence } = entry;
    const gap = this.#gaps.find(({ from, to }) => from <= sequence && sequence <= to);
    this.#found(
      "reordered",
      sequence,
      sequence,
      this.#partition,
      `entry ${sequence} stands after entry ${this.#last}` + (gap === undefined ? ", a second time" : ""),
    );
    if (gap === undefined) return;
    if (gap.from === sequence) this.#checkHash(entry, gap.previousHash);
    else if (this.#gaps.length < gapsMax) {
      this.#gaps.splice(this.#gaps.indexOf(gap), 0, { ...gap, to: sequence - 1, next: entry });
    }
    gap.from = sequence + 1;
    gap.previousHash = entry.hash;
    if (gap.from <= gap.to) return;
    this.#gaps.splice(this.#gaps.indexOf(gap), 1);
    if (gap.next !== null) this.#checkHash(gap.next, entry.hash);
  }

  #gap(from: number, to: number, partition: string | null, next: StoredAuditEntry | null): void {
    if (this.#gaps.length < gapsMax) this.#gaps.push({ from, to, partition, previousHash: this.#previousHash, next });
    else this.#gaps[gapsMax - 1]!.to = to;
  }

  #altered(sequence: number, detail: string): void {
    this.#found("altered", sequence, sequence, this.#partition, detail);
  }

  #found(
    kind: AuditFinding["kind"],
    fromSequence: number | null,
    toSequence: number | null,
    partition: string | null,
    detail: string,
  ): void {
    this.#findingCount += 1;
    if (this.#findings.length < findingsMax) {
      this.#findings.push({ kind, fromSequence, toSequence, partition, detail });
    }
  }
}
