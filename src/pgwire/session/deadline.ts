/**
 * A time limit that is set and lifted for every statement. Setting it costs a look at the clock: the timer behind it is left
 * running, and begins anew when it fires too early. A timer a statement is a tenth of what a small statement costs a session.
 *
 * Invariant: while a limit is set, the timer fires at the limit or before it.
 */
export class Deadline {
  readonly #expired: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** When the timer fires; Infinity without one. On the monotonic clock, as `#atMs`. */
  #timerAtMs = Infinity;
  #atMs = Infinity;

  /** `expired` is called once for each limit that is reached. */
  constructor(expired: () => void) {
    this.#expired = expired;
  }

  /** From now on; in place of the limit before. */
  set(durationMs: number): void {
    this.#atMs = performance.now() + durationMs;
    if (this.#timerAtMs > this.#atMs) this.#arm(durationMs);
  }

  lift(): void {
    this.#atMs = Infinity;
  }

  /** At the end: no timer is left. */
  close(): void {
    this.lift();
    clearTimeout(this.#timer);
    this.#timerAtMs = Infinity;
  }

  #arm(durationMs: number): void {
    clearTimeout(this.#timer);
    this.#timerAtMs = performance.now() + durationMs;
    this.#timer = setTimeout(() => this.#fire(), durationMs);
  }

  #fire(): void {
    this.#timerAtMs = Infinity;
    if (this.#atMs === Infinity) return;
    const leftMs = this.#atMs - performance.now();
    // A timer may fire a fraction of a millisecond early.
    if (leftMs >= 1) return this.#arm(leftMs);
    this.lift();
    this.#expired();
  }
}

/** Of two limits, where 0 is none. */
export function shorter(firstMs: number, secondMs: number): number {
  return firstMs === 0 || secondMs === 0 ? Math.max(firstMs, secondMs) : Math.min(firstMs, secondMs);
}
