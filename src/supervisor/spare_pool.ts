/**
 * Started processes without a workspace, kept so that the first connection to a sleeping workspace need not wait for
 * one.
 */
import type { SupervisorLogger, Timer } from "./settings.ts";
import type { WorkerProcess } from "./worker_process.ts";

/** After a spare failed to start or died: doubled each time, so that a broken installation does not burn a core. */
const firstRetryMs = 1_000;
const lastRetryMs = 60_000;

export interface SparePoolOptions {
  readonly count: number;
  readonly start: () => Promise<WorkerProcess>;
  readonly onExit: (process: WorkerProcess) => void;
  readonly logger: SupervisorLogger;
}

/** Invariant: waiting and starting spares together are never more than `count`. */
export class SparePool {
  readonly #options: SparePoolOptions;
  readonly #waiting: WorkerProcess[] = [];
  readonly #starting = new Set<Promise<void>>();
  #retryMs = firstRetryMs;
  #retryTimer: Timer | null = null;
  #closed = false;

  constructor(options: SparePoolOptions) {
    this.#options = options;
  }

  get count(): number {
    return this.#waiting.length;
  }

  /** A waiting process, which is the caller's from now on; undefined when there is none. */
  take(): WorkerProcess | undefined {
    // One that is just ending stays in the list until its end is reported.
    const position = this.#waiting.findIndex((process) => process.isUsable);
    if (position === -1) return undefined;
    this.#retryMs = firstRetryMs;
    return this.#waiting.splice(position, 1)[0];
  }

  /** Starts what is missing, in the background. */
  fill(): void {
    if (this.#closed || this.#retryTimer !== null) return;
    while (this.#waiting.length + this.#starting.size < this.#options.count) {
      const starting = this.#add().finally(() => this.#starting.delete(starting));
      this.#starting.add(starting);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#retryTimer !== null) clearTimeout(this.#retryTimer);
    await Promise.all(this.#starting);
    await Promise.all(this.#waiting.map((process) => {
      process.kill("shutdown");
      return process.exited;
    }));
  }

  async #add(): Promise<void> {
    let process: WorkerProcess;
    try {
      process = await this.#options.start();
    } catch (error) {
      this.#options.logger.warn("a spare worker did not start", { error: String(error), retry_ms: this.#retryMs });
      this.#retry();
      return;
    }
    this.#waiting.push(process);
    process.exited.then(() => {
      const position = this.#waiting.indexOf(process);
      // Not here any more: it was taken, and its new owner sees it end.
      if (position === -1) return;
      this.#waiting.splice(position, 1);
      this.#options.onExit(process);
      this.#retry();
    });
  }

  #retry(): void {
    if (this.#closed || this.#retryTimer !== null) return;
    this.#retryTimer = setTimeout(() => {
      this.#retryTimer = null;
      this.fill();
    }, this.#retryMs);
    this.#retryMs = Math.min(this.#retryMs * 2, lastRetryMs);
  }
}
