/** Bounds how many statements run in DuckDB at once; the others wait in order and can be cancelled while they wait. */
import { AppError } from "../../errors/app_error.ts";

export class Semaphore {
  /** Slots given so far. */
  grantedCount = 0;
  readonly #slots: number;
  #free: number;
  readonly #waiters: { resolve: () => void; reject: (error: AppError) => void }[] = [];
  readonly #waitersMax: number;

  constructor(slots: number, waitersMax: number) {
    this.#slots = slots;
    this.#free = slots;
    this.#waitersMax = waitersMax;
  }

  /** Slots that are held now. */
  get heldCount(): number {
    return this.#slots - this.#free;
  }

  /** Resolves with a function that gives the slot back. Rejects with the abort's reason, an `AppError`. */
  async acquire(signal: AbortSignal): Promise<() => void> {
    if (signal.aborted) throw signal.reason;
    if (this.#free > 0) {
      this.#free--;
    } else {
      if (this.#waiters.length >= this.#waitersMax) {
        throw new AppError("configuration_limit", `too many statements wait in this workspace: ${this.#waitersMax}`);
      }
      await this.#turn(signal);
    }
    this.grantedCount++;
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      const next = this.#waiters.shift();
      if (next === undefined) this.#free++;
      else next.resolve();
    };
  }

  async #turn(signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiter = { resolve, reject };
    const abort = () => {
      const index = this.#waiters.indexOf(waiter);
      if (index < 0) return;
      this.#waiters.splice(index, 1);
      reject(signal.reason as AppError);
    };
    this.#waiters.push(waiter);
    signal.addEventListener("abort", abort);
    try {
      await promise;
    } finally {
      signal.removeEventListener("abort", abort);
    }
  }
}
