/**
 * Failed logins and refused accesses, so many of an address and minute in full and the rest as a number: a thousand guesses
 * a minute are a few entries, which still say how many there were and what names were tried.
 */
import type { AuditEntry, AuditLog } from "./types.ts";

export interface RefusalsOptions {
  readonly log: Pick<AuditLog, "note">;
  readonly now: () => number;
  /** Entries of an address and minute that are kept in full. */
  readonly inFullMax?: number;
}

/** Addresses (and projects) counted at once; those beyond share one count, so that an attack from everywhere is bounded. */
const addressesMax = 1_000;
const namesMax = 10;
const minuteMs = 60_000;

interface Count {
  readonly minute: number;
  /** Entries that stand in the log. */
  inFull: number;
  /** Further ones, which are only counted. */
  more: number;
  readonly actors: Set<string>;
  readonly codes: Set<string>;
  last: AuditEntry | null;
}

export class Refusals {
  readonly #log: Pick<AuditLog, "note">;
  readonly #now: () => number;
  readonly #inFullMax: number;
  readonly #counts = new Map<string, Count>();

  constructor(options: RefusalsOptions) {
    this.#log = options.log;
    this.#now = options.now;
    this.#inFullMax = options.inFullMax ?? 10;
  }

  note(entry: AuditEntry): void {
    const minute = Math.floor(this.#now() / minuteMs);
    // By project, too: a project's admin must not read another project's names in a sum.
    const wanted = `${entry.action} ${entry.address ?? ""} ${entry.project ?? ""}`;
    const key = this.#counts.has(wanted) || this.#counts.size < addressesMax ? wanted : `${entry.action} (others)`;
    let count = this.#counts.get(key);
    if (count !== undefined && count.minute !== minute) {
      this.#close(key, count);
      count = undefined;
    }
    if (count === undefined) {
      count = { minute, inFull: 0, more: 0, actors: new Set(), codes: new Set(), last: null };
      this.#counts.set(key, count);
    }
    if (count.inFull < this.#inFullMax) {
      count.inFull += 1;
      this.#log.note(entry);
      return;
    }
    count.more += 1;
    if (count.actors.size < namesMax) count.actors.add(entry.actor);
    if (entry.code !== null && count.codes.size < namesMax) count.codes.add(entry.code);
    count.last = entry;
  }

  /** Writes the counts of past minutes; with `all`, at a stop, also of the present one. */
  flush(all = false): void {
    const minute = Math.floor(this.#now() / minuteMs);
    for (const [key, count] of this.#counts) if (all || count.minute < minute) this.#close(key, count);
  }

  #close(key: string, count: Count): void {
    this.#counts.delete(key);
    if (count.last === null) return;
    const others = key.endsWith(" (others)");
    this.#log.note({
      ...count.last,
      actor: count.actors.size === 1 ? count.last.actor : "(several)",
      address: others ? null : count.last.address,
      project: others ? null : count.last.project,
      objectId: null,
      details: {
        count: count.more,
        beyond: this.#inFullMax,
        minute: new Date(count.minute * minuteMs).toISOString(),
        actors: [...count.actors],
        codes: [...count.codes],
        ...(others ? { addresses: "several" } : {}),
      },
    });
  }
}
