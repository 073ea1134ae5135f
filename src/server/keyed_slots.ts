/**
 * A few at once for a key, the rest in a line with an end, in order. Whoever has gone away leaves the line. For work that is short and
 * holds nothing while it waits; `storage/keyed_queue.ts` is for changes, which go one at a time.
 */
import { AppError } from "../errors/app_error.ts";

interface Line {
  running: number;
  readonly waiting: (() => void)[];
}

export interface KeyedSlotsOptions {
  /** At once for a key. */
  readonly slots: number;
  /** In the line of a key. */
  readonly waitingMax: number;
}

export class KeyedSlots {
  /** Invariant: a key has a line exactly while somebody runs. */
  readonly #lines = new Map<string, Line>();

  constructor(private readonly options: KeyedSlotsOptions) {}

  /** Throws `too_many_requests` when the key's line is full, `query_canceled` when the signal aborts before the turn has come. */
  async run<Result>(
    key: string,
    what: string,
    signal: AbortSignal | undefined,
    work: () => Promise<Result>,
  ): Promise<Result> {
    requirePresent(signal, what);
    const line = this.#lines.get(key) ?? { running: 0, waiting: [] };
    this.#lines.set(key, line);
    if (line.running < this.options.slots) line.running++;
    else await this.#turn(line, what, signal);
    try {
      return await work();
    } finally {
      const next = line.waiting.shift();
      if (next !== undefined) next();
      else if (--line.running === 0) this.#lines.delete(key);
    }
  }

  /** Keys at which somebody runs. */
  get size(): number {
    return this.#lines.size;
  }

  /** Resolves with a slot that another has left. */
  #turn(line: Line, what: string, signal: AbortSignal | undefined): Promise<void> {
    const { slots, waitingMax } = this.options;
    if (line.waiting.length >= waitingMax) {
      throw new AppError(
        "too_many_requests",
        `${what}: ${slots} run and ${line.waiting.length} wait already, at most ${waitingMax} may`,
      );
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const enter = () => {
      signal?.removeEventListener("abort", leave);
      resolve();
    };
    const leave = () => {
      line.waiting.splice(line.waiting.indexOf(enter), 1);
      reject(canceled(what));
    };
    line.waiting.push(enter);
    signal?.addEventListener("abort", leave, { once: true });
    return promise;
  }
}

/** Throws `query_canceled` when whoever asks has gone away. */
export function requirePresent(signal: AbortSignal | undefined, what: string): void {
  if (signal?.aborted) throw canceled(what);
}

function canceled(what: string): AppError {
  return new AppError("query_canceled", `${what}: whoever asked has gone away`);
}
