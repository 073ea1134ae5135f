/**
 * Failed logins per client address and user over a sliding minute. Beyond the limit, further attempts are refused without
 * looking at the password, until the oldest failure is a minute old.
 */
const windowMs = 60_000;
/** Names tried by guessing must not fill memory: beyond this the key that failed longest ago is forgotten. */
const keysMax = 10_000;

/** Invariant: at most `keysMax` keys, each with at most `failuresMax` times, oldest first; keys in order of last failure. */
export class AuthFailures {
  readonly #failuresMax: number;
  readonly #now: () => number;
  readonly #failures = new Map<string, number[]>();

  /** `failuresMax` 0: no limit. */
  constructor(failuresMax: number, now: () => number) {
    this.#failuresMax = failuresMax;
    this.#now = now;
  }

  get size(): number {
    return this.#failures.size;
  }

  isBlocked(address: string, username: string): boolean {
    if (this.#failuresMax === 0) return false;
    return this.#recent(keyOf(address, username)).length >= this.#failuresMax;
  }

  record(address: string, username: string): void {
    if (this.#failuresMax === 0) return;
    const key = keyOf(address, username);
    const times = [...this.#recent(key), this.#now()].slice(-this.#failuresMax);
    this.#failures.delete(key);
    this.#failures.set(key, times);
    if (this.#failures.size > keysMax) {
      const [oldest] = this.#failures.keys();
      if (oldest !== undefined) this.#failures.delete(oldest);
    }
  }

  #recent(key: string): readonly number[] {
    const times = this.#failures.get(key);
    if (times === undefined) return [];
    const since = this.#now() - windowMs;
    const recent = times.filter((time) => time > since);
    if (recent.length === 0) this.#failures.delete(key);
    return recent;
  }
}

function keyOf(address: string, username: string): string {
  return `${address}\0${username}`;
}
