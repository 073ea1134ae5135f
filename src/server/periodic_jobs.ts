/** Runs jobs again and again, each with a pause between two runs, never two runs of one at a time. */
import type { Logger } from "../observability/log.ts";

export class Jobs {
  readonly #logger: Logger;
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();
  readonly #running = new Set<Promise<void>>();
  #stopped = false;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** A run that throws is logged and does not end the job. */
  every(name: string, pauseMs: number, work: () => Promise<unknown>): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      void this.now(name, pauseMs, work);
    }, pauseMs);
    this.#timers.add(timer);
  }

  /** The same, with the first run at once; resolves when that one has ended. */
  now(name: string, pauseMs: number, work: () => Promise<unknown>): Promise<void> {
    const run = work()
      .catch((error) => this.#logger.error("background job failed", { job: name, error: String(error) }))
      .then(() => {
        this.#running.delete(run);
        if (!this.#stopped) this.every(name, pauseMs, work);
      });
    this.#running.add(run);
    return run;
  }

  /** Resolves when no job runs and none will. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const timer of this.#timers) clearTimeout(timer);
    await Promise.allSettled([...this.#running]);
  }
}
