/** Counts statements of a workspace in a sliding minute (configuration key max_queries_per_minute, 0 = unlimited). */
import { AppError } from "../../errors/app_error.ts";

const windowMs = 60_000;

export class RateLimit {
  #perMinuteMax: number;
  readonly #now: () => number;
  /** Start times within the window, oldest first; never longer than the limit. */
  readonly #starts: number[] = [];

  /** `now`: milliseconds of a clock that does not jump. */
  constructor(perMinuteMax: number, now: () => number) {
    this.#perMinuteMax = perMinuteMax;
    this.#now = now;
  }

  /** Another limit from now on; what has run in the last minute still counts while there was a limit. */
  change(perMinuteMax: number): void {
    this.#perMinuteMax = perMinuteMax;
    if (perMinuteMax === 0) this.#starts.length = 0;
  }

  /** Counts one statement; throws 53400 when the minute is used up. */
  take(): void {
    if (this.#perMinuteMax === 0) return;
    const now = this.#now();
    while (this.#starts.length > 0 && now - (this.#starts[0] ?? now) >= windowMs) this.#starts.shift();
    if (this.#starts.length >= this.#perMinuteMax) {
      const waitSeconds = Math.ceil((windowMs - (now - (this.#starts[0] ?? now))) / 1000);
      throw new AppError(
        "configuration_limit",
        `too many queries: ${this.#perMinuteMax} a minute are allowed in this workspace (max_queries_per_minute)`,
        { hint: `Wait ${waitSeconds} s and try again.` },
      );
    }
    this.#starts.push(now);
  }
}
