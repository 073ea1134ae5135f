/**
 * Keeps the number of statements that run at the same time in DuckDB below the point where further ones queue inside
 * of it: those start late, and `interrupt()` does not reach them (design facts: 30 are fine, 50 are not). What waits
 * here has not started, so its timeout can simply drop it.
 */
export class StatementGate {
  readonly #runningMax: number;
  #running = 0;
  /** First come, first served. Bounded by the pool's open connections, each of which waits at most once. */
  readonly #waiting: (() => void)[] = [];

  constructor(runningMax: number) {
    this.#runningMax = runningMax;
  }

  /** Resolves with true when the caller may run and must `leave`; with false when `abandoned` fired first. */
  enter(abandoned: AbortSignal): Promise<boolean> {
    if (abandoned.aborted) return Promise.resolve(false);
    if (this.#running < this.#runningMax) {
      this.#running += 1;
      return Promise.resolve(true);
    }
    return new Promise((resolve) => {
      const start = () => {
        abandoned.removeEventListener("abort", abandon);
        resolve(true);
      };
      const abandon = () => {
        this.#waiting.splice(this.#waiting.indexOf(start), 1);
        resolve(false);
      };
      this.#waiting.push(start);
      abandoned.addEventListener("abort", abandon, { once: true });
    });
  }

  /** Passes the place on to the next one waiting. */
  leave(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#running -= 1;
  }
}
