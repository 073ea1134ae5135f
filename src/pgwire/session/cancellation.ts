/** Ends the statement that runs: for CancelRequest, time-outs, limits and the end of the session. */
import type { AppError } from "../../errors/app_error.ts";
import type { Connection } from "../../engine/duckdb.ts";
import { interrupt } from "../../engine/statement.ts";

const interruptIntervalMs = 25;

export class Cancellation {
  readonly #connection: Connection;
  #abort: AbortController | null = null;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  get running(): boolean {
    return this.#abort !== null;
  }

  /** Of the running statement; outside of one, a signal that nobody gives. */
  get signal(): AbortSignal {
    return this.#abort?.signal ?? new AbortController().signal;
  }

  /** Makes the running statement fail with `reason`. Does nothing between statements. */
  cancel(reason: AppError): void {
    this.#abort?.abort(reason);
  }

  /**
   * Runs `work` as a statement that `cancel` can end; translates its failure. The interrupt is repeated until the work has
   * ended: DuckDB forgets one that comes between the planning and the start of a statement.
   */
  async run<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const abort = new AbortController();
    this.#abort = abort;
    let interrupts: ReturnType<typeof setInterval> | undefined;
    abort.signal.addEventListener("abort", () => {
      interrupt(this.#connection);
      interrupts = setInterval(() => interrupt(this.#connection), interruptIntervalMs);
    }, { once: true });
    try {
      return await work(abort.signal);
    } catch (error) {
      throw abort.signal.aborted ? abort.signal.reason : error;
    } finally {
      clearInterval(interrupts);
      this.#abort = null;
    }
  }
}
