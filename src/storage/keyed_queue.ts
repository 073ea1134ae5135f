/**
 * One at a time for a key, side by side for different keys. Waiters are served in order; there is a bound for them,
 * because each holds an uploaded file on disk.
 */
import { AppError } from "../errors/app_error.ts";

interface Entry {
  /** Those that run, wait, or have taken a place for later. */
  places: number;
  last: Promise<void>;
}

/** A place in the line of one key. */
export interface Place {
  /** Runs `work` once all that called `run` before have ended. */
  run<Result>(work: () => Promise<Result>): Promise<Result>;
  release(): void;
}

export class KeyedQueue {
  readonly #entries = new Map<string, Entry>();

  /** Invariant: a key has an entry exactly while somebody holds a place. */
  constructor(private readonly placesMax: number) {}

  /** Throws `too_many_requests` when the key's line is full. Every place must be released. */
  take(key: string, what: string): Place {
    const entry = this.#entries.get(key) ?? { places: 0, last: Promise.resolve() };
    if (entry.places >= this.placesMax) {
      throw new AppError(
        "too_many_requests",
        `${what}: ${entry.places} changes are already waiting for it, at most ${this.placesMax} may`,
      );
    }
    entry.places++;
    this.#entries.set(key, entry);
    let released = false;
    return {
      run: <Result>(work: () => Promise<Result>): Promise<Result> => {
        const result = entry.last.then(work);
        entry.last = result.then(() => {}, () => {});
        return result;
      },
      release: () => {
        if (released) return;
        released = true;
        if (--entry.places === 0) this.#entries.delete(key);
      },
    };
  }

  /** Takes a place for the time of `work`. */
  async run<Result>(key: string, what: string, work: () => Promise<Result>): Promise<Result> {
    const place = this.take(key, what);
    try {
      return await place.run(work);
    } finally {
      place.release();
    }
  }

  get size(): number {
    return this.#entries.size;
  }
}
