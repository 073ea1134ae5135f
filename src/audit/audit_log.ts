/**
 * The writer of the audit log: a bounded queue in front of the store, emptied in batches as fast as the disk takes them. One
 * batch is written at a time, so a lone entry costs one commit and many at once share one.
 *
 * What is promised: `record` has its entry on disk before it resolves, so a REST change that was answered is in the log even
 * after a kill -9 (only while the disk refuses to write, see `durableWaitMs`, is it queued instead). `note` (connections)
 * may lose what is queued at a kill: the batches of some milliseconds. Nothing is dropped silently.
 */
import { AppError } from "../errors/app_error.ts";
import { chainEntry } from "./chain.ts";
import { entryFields, showEntry } from "./export_text.ts";
import type { AuditEntry, AuditLog, AuditPlace, AuditStore, StoredAuditEntry } from "./types.ts";

/** Structurally `observability/log.ts`'s Logger. */
export interface AuditLogger {
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

export interface AuditWriterOptions {
  readonly store: AuditStore;
  readonly logger: AuditLogger;
  readonly now: () => number;
  /** Entries and reserved places together. The default holds about 10 MB. */
  readonly queueMax?: number;
  readonly batchMax?: number;
  /** How long a full queue, or a disk that takes nothing, makes a caller wait. */
  readonly durableWaitMs?: number;
  readonly retryMs?: number;
  /** At a stop, how long writing may still take. */
  readonly stopTimeoutMs?: number;
}

interface Waiting {
  readonly entry: AuditEntry;
  readonly timeMs: number;
  readonly stored: () => void;
  /** Its line went to stdout although it is not on disk. */
  announced: boolean;
}

/** Invariant: `#queue.length + #reserved <= queueMax`; entries leave the queue only when they are on disk. */
export class AuditWriter implements AuditLog {
  readonly #options: Required<AuditWriterOptions>;
  readonly #queue: Waiting[] = [];
  /** Callers that wait for a place, oldest first; bounded by the requests that the server has in hand. */
  readonly #waiters: (() => void)[] = [];
  #reserved = 0;
  #dropped = 0;
  #writing: Promise<void> | null = null;
  #stopping = false;
  #wakeRetry: (() => void) | null = null;

  constructor(options: AuditWriterOptions) {
    this.#options = {
      queueMax: 10_000,
      batchMax: 1_000,
      durableWaitMs: 5_000,
      retryMs: 1_000,
      stopTimeoutMs: 5_000,
      ...options,
    };
    if (options.store.missingAtEnd > 0) this.note(gapEntry(options.store));
  }

  /** Connection events that found no room since the last one that was recorded. */
  get droppedCount(): number {
    return this.#dropped;
  }

  async record(entry: AuditEntry): Promise<boolean> {
    const place = await this.reserve();
    return await place.record(entry);
  }

  async reserve(): Promise<AuditPlace> {
    if (!this.#hasRoom()) await this.#waitForRoom();
    this.#reserved += 1;
    let open = true;
    const leave = () => {
      if (!open) throw new Error("a place in the audit queue was used twice");
      open = false;
      this.#reserved -= 1;
    };
    return {
      record: (entry) => {
        leave();
        return this.#enqueueDurably(entry);
      },
      release: () => {
        leave();
        this.#admitWaiters();
      },
    };
  }

  note(entry: AuditEntry): void {
    if (!this.#hasRoom()) {
      this.#dropped += 1;
      if (this.#dropped === 1) this.#options.logger.warn("the audit queue is full: connection events are dropped");
      return;
    }
    if (this.#dropped > 0) {
      const count = this.#dropped;
      this.#dropped = 0;
      this.#enqueue(serverEntry("audit_dropped", { count }), () => {});
    }
    this.#enqueue(entry, () => {});
  }

  /** Writes what is queued, within the time limit, and says how many entries could not be written. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#wakeRetry?.();
    await settledWithin(this.#writing ?? Promise.resolve(), this.#options.stopTimeoutMs);
    if (this.#queue.length > 0) {
      this.#options.logger.error("audit entries are not on disk at the stop; their lines stand in this log", {
        count: this.#queue.length,
      });
      for (const waiting of this.#queue) this.#announce(waiting);
    }
  }

  #hasRoom(): boolean {
    return this.#queue.length + this.#reserved < this.#options.queueMax;
  }

  async #waitForRoom(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiters.push(resolve);
    if (!await settledWithin(promise, this.#options.durableWaitMs) || !this.#hasRoom()) {
      const index = this.#waiters.indexOf(resolve);
      if (index >= 0) this.#waiters.splice(index, 1);
      throw new AppError(
        "audit_unavailable",
        `audit log: ${this.#options.queueMax} entries wait to be written, so nothing that must be recorded is accepted`,
        { hint: "Look in the server's log for why data_dir/audit cannot be written, such as a full disk." },
      );
    }
  }

  #admitWaiters(): void {
    let room = this.#options.queueMax - this.#queue.length - this.#reserved;
    for (; room > 0; room--) {
      const next = this.#waiters.shift();
      if (next === undefined) return;
      next();
    }
  }

  async #enqueueDurably(entry: AuditEntry): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#enqueue(entry, resolve);
    if (await settledWithin(promise, this.#options.durableWaitMs)) return true;
    this.#options.logger.warn("an audit entry is still queued: the disk does not take it", {
      waiting: this.#queue.length,
    });
    return false;
  }

  #enqueue(entry: AuditEntry, stored: () => void): void {
    this.#queue.push({ entry, timeMs: this.#options.now(), stored, announced: false });
    this.#writing ??= this.#writeAll().finally(() => {
      this.#writing = null;
    });
  }

  async #writeAll(): Promise<void> {
    // What arrives in this turn of the event loop shares the first batch.
    await Promise.resolve();
    while (this.#queue.length > 0) {
      const batch = this.#queue.slice(0, this.#options.batchMax);
      const stored = this.#chain(batch);
      try {
        await this.#options.store.append(stored);
        this.#finish(batch, stored);
      } catch (error) {
        this.#keepUnwritten(batch, stored);
        this.#options.logger.error("audit entries cannot be written, they stay queued", {
          error: String(error),
          waiting: this.#queue.length,
        });
        if (this.#stopping) return;
        await this.#retryPause();
      }
    }
  }

  #chain(batch: readonly Waiting[]): StoredAuditEntry[] {
    let { sequence, hash } = this.#options.store.head();
    return batch.map(({ entry, timeMs }) => {
      const stored = chainEntry(entry, sequence + 1, timeMs, hash);
      ({ sequence, hash } = stored);
      return stored;
    });
  }

  #finish(batch: readonly Waiting[], stored: readonly StoredAuditEntry[]): void {
    this.#queue.splice(0, batch.length);
    for (const [index, { stored: resolve }] of batch.entries()) {
      const entry = stored[index];
      if (entry !== undefined) this.#options.logger.info("audit", { event: "audit", ...showEntry(entry) });
      resolve();
    }
    this.#admitWaiters();
  }

  /** After a failure: a store that wrote a part (one month of two) has moved its head, and that part must not come again. */
  #keepUnwritten(batch: readonly Waiting[], stored: readonly StoredAuditEntry[]): void {
    const head = this.#options.store.head();
    const written = stored.findIndex((entry) => entry.sequence === head.sequence && entry.hash === head.hash) + 1;
    if (written > 0) this.#finish(batch.slice(0, written), stored.slice(0, written));
    for (const waiting of batch.slice(written)) this.#announce(waiting);
  }

  /** The entry's line without its place in the chain, once, so that it is at least in the log. */
  #announce(waiting: Waiting): void {
    if (waiting.announced) return;
    waiting.announced = true;
    const { entry } = waiting;
    this.#options.logger.info("audit", {
      stored: false,
      event: "audit",
      ...entryFields(entry),
      details: entry.details,
    });
  }

  #retryPause(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, this.#options.retryMs);
      this.#wakeRetry = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/** An entry of the server about itself. */
export function serverEntry(action: AuditEntry["action"], details: AuditEntry["details"]): AuditEntry {
  return {
    actor: "server",
    action,
    objectKind: "audit_log",
    objectId: null,
    project: null,
    versionBefore: null,
    versionAfter: null,
    address: null,
    userAgent: null,
    result: "ok",
    code: null,
    details,
  };
}

function gapEntry(store: AuditStore): AuditEntry {
  const { sequence } = store.head();
  return serverEntry("audit_gap", { missing_from: sequence - store.missingAtEnd + 1, missing_to: sequence });
}

/** True when the promise settles in time; it must not reject. */
async function settledWithin(promise: Promise<unknown>, timeoutMs: number): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<false>((resolve) => timer = setTimeout(() => resolve(false), timeoutMs));
  const inTime = await Promise.race([promise.then(() => true as const), late]);
  clearTimeout(timer);
  return inTime;
}
