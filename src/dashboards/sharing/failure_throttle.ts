/** Share links that did not open, counted for an address and minute; beyond the limit the address must wait. */
import { throttleKey } from "../../addresses/addresses.ts";

const windowMs = 60_000;
/** Addresses from which somebody guesses must not fill memory: beyond this the one that began longest ago is forgotten. */
const keysMax = 10_000;

/** Invariant: at most `keysMax` keys, in the order in which their minutes began. */
export class FailureThrottle {
  readonly #failuresMax: number;
  readonly #now: () => number;
  readonly #counts = new Map<string, { sinceMs: number; count: number }>();

  constructor(failuresMax: number, now: () => number) {
    this.#failuresMax = failuresMax;
    this.#now = now;
  }

  isBlocked(address: string): boolean {
    const entry = this.#counts.get(throttleKey(address));
    return entry !== undefined && this.#now() - entry.sinceMs < windowMs && entry.count >= this.#failuresMax;
  }

  record(address: string): void {
    const key = throttleKey(address);
    const entry = this.#counts.get(key);
    if (entry !== undefined && this.#now() - entry.sinceMs < windowMs) {
      entry.count += 1;
      return;
    }
    this.#counts.delete(key);
    this.#counts.set(key, { sinceMs: this.#now(), count: 1 });
    if (this.#counts.size > keysMax) {
      const [oldest] = this.#counts.keys();
      if (oldest !== undefined) this.#counts.delete(oldest);
    }
  }
}
