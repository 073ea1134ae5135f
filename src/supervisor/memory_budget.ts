/**
 * The one place where `workspaces_memory_budget` is kept: the memory limits that are in force in the workspaces' processes
 * never add up to more.
 *
 * Each workspace wants its own limit. While all of them fit, each has it. When a new one does not fit, idle processes are
 * ended first, the longest unused first; then every limit is lowered in proportion, never below `floorBytes`; and
 * only when the floors do not fit does the new one wait, and is refused after `waitMs`. Limits are raised again when
 * somebody leaves or wants less.
 *
 * A limit is counted before it is raised and until it has been lowered: DuckDB refuses a limit below what a running
 * statement holds, and then the rest of the step is tried again later. That is what keeps the sum true.
 */
import { AppError } from "../errors/app_error.ts";
import { memoryShares } from "./memory_shares.ts";
import type { SupervisorLogger, Timer } from "./settings.ts";
import { idleDrainMs, type WorkspaceSlot } from "./workspace_slot.ts";

/** Below this DuckDB spills so early that refusing is kinder. A workspace may ask for less by its own limit. */
const floorBytesDefault = 256_000_000;
/** How soon a limit that could not be lowered yet, because a statement holds the memory, is tried again. */
const retryMs = 500;
/** A change below this is not worth a command. */
const changeBytesMin = 1_000_000;

export interface MemoryBudgetOptions {
  /** 0: no budget. */
  readonly budgetBytes: number;
  readonly floorBytes?: number;
  /** How long a new workspace may wait for its floor. */
  readonly waitMs: number;
  readonly slots: () => Iterable<WorkspaceSlot>;
  readonly logger: SupervisorLogger;
}

/** Invariant: the sum of the slots' `grantedBytes` is at most `budgetBytes`, at every moment. */
export class MemoryBudget {
  readonly #options: MemoryBudgetOptions;
  readonly #floorBytes: number;
  /** Resolved and replaced whenever there may be more room than before. */
  #change = Promise.withResolvers<void>();
  #balancing: Promise<void> | null = null;
  #balanceAgain = false;
  #retryTimer: Timer | null = null;
  #closed = false;

  constructor(options: MemoryBudgetOptions) {
    this.#options = options;
    this.#floorBytes = options.floorBytes ?? floorBytesDefault;
  }

  /** Bytes of all limits in force. */
  get grantedBytes(): number {
    return sumOf(this.#slots(), (slot) => slot.grantedBytes);
  }

  /**
   * Gives the memory limit that the slot's process may start with, and counts it. Throws `insufficient_memory_budget`
   * when the floors did not fit for `waitMs`, and `shutting_down`.
   */
  async admit(slot: WorkspaceSlot, wantedBytes: number): Promise<number> {
    const { budgetBytes, waitMs } = this.#options;
    slot.wantedBytes = wantedBytes;
    if (budgetBytes <= 0) return slot.grantedBytes = wantedBytes;
    const deadlineMs = performance.now() + waitMs;
    try {
      for (;;) {
        if (this.#closed) throw new AppError("shutting_down", "the server is shutting down");
        await this.#endIdle(slot, deadlineMs);
        const shares = this.#shares();
        if (shares !== null) {
          await this.#lower(shares);
          const roomBytes = budgetBytes - sumOf(this.#slots(), (other) => other === slot ? 0 : other.grantedBytes);
          const bytes = Math.min(shares.get(slot) ?? 0, roomBytes);
          if (bytes >= this.#floorOf(slot)) {
            slot.grantedBytes = bytes;
            // Who could not be lowered as far as wanted has made this one smaller: that is made good later.
            if (bytes < (shares.get(slot) ?? 0)) this.#retryLater();
            return bytes;
          }
        }
        const leftMs = deadlineMs - performance.now();
        if (leftMs <= 0) throw this.#exhausted(slot);
        await this.#changeWithin(shares === null ? leftMs : Math.min(leftMs, retryMs));
      }
    } catch (error) {
      slot.wantedBytes = 0;
      this.changed();
      throw error;
    }
  }

  /** Somebody left, wants something else, or was admitted: whoever waits looks again, and the limits are balanced. */
  changed(): void {
    this.wake();
    void this.balance();
  }

  /** A process has become idle: whoever waits may end it. */
  wake(): void {
    this.#change.resolve();
    this.#change = Promise.withResolvers();
  }

  /** Brings the limits in force to the shares of now, as far as running statements allow. Never rejects. */
  async balance(): Promise<void> {
    if (this.#options.budgetBytes <= 0 || this.#closed) return;
    if (this.#balancing !== null) {
      this.#balanceAgain = true;
      return await this.#balancing;
    }
    this.#balancing = this.#balanceUntilStill();
    await this.#balancing;
  }

  /** Nobody waits and nothing changes any more. */
  close(): void {
    this.#closed = true;
    this.#stopRetry();
    this.#change.resolve();
  }

  async #balanceUntilStill(): Promise<void> {
    await Promise.resolve(); // until `#balancing` is set
    try {
      do {
        this.#balanceAgain = false;
        // Those who wait for admission count as well, so that nothing is raised that would be lowered for them at once.
        const shares = this.#shares() ?? this.#shares((slot) => slot.grantedBytes > 0);
        if (shares === null) continue;
        await this.#lower(shares);
        await this.#raise(shares);
      } while (this.#balanceAgain && !this.#closed);
    } finally {
      this.#balancing = null;
    }
  }

  async #lower(shares: ReadonlyMap<WorkspaceSlot, number>): Promise<void> {
    const high = [...shares].filter(([slot, bytes]) => slot.grantedBytes - bytes >= changeBytesMin);
    await Promise.all(high.map(async ([slot, bytes]) => {
      if (slot.state !== "running") return;
      const inForceBytes = await this.#apply(slot, bytes);
      if (inForceBytes === null) return;
      slot.grantedBytes = inForceBytes;
      if (inForceBytes - bytes >= changeBytesMin) this.#retryLater();
    }));
  }

  async #raise(shares: ReadonlyMap<WorkspaceSlot, number>): Promise<void> {
    const low = [...shares].filter(([slot, bytes]) =>
      slot.state === "running" && slot.grantedBytes > 0 && bytes - slot.grantedBytes >= changeBytesMin
    );
    await Promise.all(low.map(async ([slot, bytes]) => {
      const roomBytes = this.#options.budgetBytes - this.grantedBytes;
      const raisedBytes = Math.min(bytes, slot.grantedBytes + Math.max(0, roomBytes));
      if (raisedBytes - slot.grantedBytes < changeBytesMin) return;
      slot.grantedBytes = raisedBytes;
      await this.#apply(slot, raisedBytes);
    }));
  }

  /** The limit that is in force afterwards; null when the process could not be asked, which is then ending. */
  async #apply(slot: WorkspaceSlot, bytes: number): Promise<number | null> {
    try {
      return await slot.setMemoryLimit(bytes);
    } catch (error) {
      if (slot.state === "running") {
        this.#options.logger.warn("a memory limit could not be changed", {
          workspace_id: slot.workspaceId,
          memory_bytes: bytes,
          error: String(error),
        });
        this.#retryLater();
      }
      return null;
    }
  }

  /** While not everybody can have what they want, processes that nobody uses are ended. */
  async #endIdle(newcomer: WorkspaceSlot, deadlineMs: number): Promise<void> {
    while (sumOf(this.#slots(), (slot) => Math.max(slot.wantedBytes, slot.grantedBytes)) > this.#options.budgetBytes) {
      const others = this.#slots().filter((slot) => slot !== newcomer);
      const idle = others.filter((slot) => slot.isIdle).sort((a, b) => a.lastUsedMs - b.lastUsedMs);
      const victim = others.find((slot) => slot.state === "ending" && slot.grantedBytes > 0) ?? idle[0];
      if (victim === undefined) return;
      const ended = victim.end("idle", idleDrainMs).then(() => "ended" as const);
      const leftMs = Math.max(0, deadlineMs - performance.now());
      const late = Promise.withResolvers<"late">();
      const timer = setTimeout(() => late.resolve("late"), leftMs);
      const outcome = await Promise.race([ended, late.promise]);
      clearTimeout(timer);
      if (outcome === "late") return;
    }
  }

  /** The share of each slot that wants memory; null when the floors do not fit. What is ending keeps what it has. */
  #shares(counts: (slot: WorkspaceSlot) => boolean = () => true): Map<WorkspaceSlot, number> | null {
    const slots = this.#slots().filter((slot) => slot.state !== "ending" && slot.wantedBytes > 0 && counts(slot));
    const endingBytes = sumOf(this.#slots(), (slot) => slot.state === "ending" ? slot.grantedBytes : 0);
    const wishes = slots.map((slot) => ({ wantedBytes: slot.wantedBytes, floorBytes: this.#floorOf(slot) }));
    const shares = memoryShares(wishes, this.#options.budgetBytes - endingBytes);
    return shares === null ? null : new Map(slots.map((slot, index) => [slot, shares[index] ?? 0]));
  }

  #floorOf(slot: WorkspaceSlot): number {
    return Math.min(slot.wantedBytes, this.#floorBytes);
  }

  #slots(): WorkspaceSlot[] {
    return [...this.#options.slots()];
  }

  async #changeWithin(timeoutMs: number): Promise<void> {
    const late = Promise.withResolvers<void>();
    const timer = setTimeout(late.resolve, timeoutMs);
    await Promise.race([this.#change.promise, late.promise]);
    clearTimeout(timer);
  }

  #retryLater(): void {
    if (this.#closed) return;
    this.#retryTimer ??= setTimeout(() => {
      this.#retryTimer = null;
      void this.balance();
    }, retryMs);
  }

  #stopRetry(): void {
    if (this.#retryTimer !== null) clearTimeout(this.#retryTimer);
    this.#retryTimer = null;
  }

  #exhausted(slot: WorkspaceSlot): AppError {
    const { budgetBytes, waitMs } = this.#options;
    const others = this.#slots().filter((other) => other !== slot && other.grantedBytes > 0);
    return new AppError(
      "insufficient_memory_budget",
      `workspaces_memory_budget is used up: workspace ${slot.workspaceId} needs at least ${
        inMB(this.#floorOf(slot))
      }, and ` +
        `${others.length} active workspaces hold ${inMB(sumOf(others, (other) => other.grantedBytes))} of ` +
        `${inMB(budgetBytes)}; waited ${Math.round(waitMs / 100) / 10} s`,
      { hint: "Disconnect sessions of other workspaces, or raise workspaces_memory_budget." },
    );
  }
}

function sumOf(slots: readonly WorkspaceSlot[], bytesOf: (slot: WorkspaceSlot) => number): number {
  return slots.reduce((sum, slot) => sum + bytesOf(slot), 0);
}

function inMB(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}
