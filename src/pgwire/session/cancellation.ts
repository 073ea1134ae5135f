/** Ends the statement that runs: for CancelRequest, time-outs, limits and the end of the session. */
import type { AppError } from "../../errors/app_error.ts";
import type { Connection } from "../../engine/duckdb.ts";
import { interrupt } from "../../engine/statement.ts";

const interruptIntervalMs = 25;

export class Cancellation {
  readonly #connection: Connection;
  /** Of the running statement and, as long as none is cancelled, of those after it: whoever listens to it must stop again. */
  #abort = new AbortController();
  #running = false;
  #interrupts: ReturnType<typeof setInterval> | undefined;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  get running(): boolean {
    return this.#running;
  }

  /** Of the running statement; outside of one, a signal that nobody gives. */
  get signal(): AbortSignal {
    return this.#running ? this.#abort.signal : new AbortController().signal;
  }

  /** Makes the running statement fail with `reason`. Does nothing between statements. */
  cancel(reason: AppError): void {
    if (!this.#running || this.#abort.signal.aborted) return;
    this.#abort.abort(reason);
    interrupt(this.#connection);
    this.#interrupts = setInterval(() => interrupt(this.#connection), interruptIntervalMs);
  }

  /**
   * Runs `work` as a statement that `cancel` can end; translates its failure. The interrupt is repeated until the work has
   * ended: DuckDB forgets one that comes between the planning and the start of a statement.
   */
  async run<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { signal } = this.#abort;
    this.#running = true;
    try {
      return await work(signal);
    } catch (error) {
      throw signal.aborted ? signal.reason : error;
    } finally {
      this.#running = false;
      if (signal.aborted) {
        clearInterval(this.#interrupts);
        this.#abort = new AbortController();
      }
    }
  }
}
