/**
 * Which files storage itself still needs although no table version refers to them (yet, or any more): the target of a
 * running import, the file behind a running export, the folder of an upload, and files that were just handed out in a
 * catalog, until the worker that they were meant for says itself that it uses them. The cleanup leaves all of these alone.
 */

/** A worker has told the supervisor of its files long before this. */
const leaseMs = 10 * 60 * 1000;

export class FilePins {
  readonly #pins = new Map<string, number>();
  /** Path to end of lease. Bounded by the number of version files; ended leases are dropped by `snapshot`. */
  readonly #leases = new Map<string, number>();

  constructor(private readonly now: () => number) {}

  /** Pins absolute paths until the answer is called. */
  pin(...paths: string[]): () => void {
    for (const path of paths) this.#pins.set(path, (this.#pins.get(path) ?? 0) + 1);
    let released = false;
    return () => {
      if (released) return;
      released = true;
      for (const path of paths) {
        const count = (this.#pins.get(path) ?? 1) - 1;
        if (count === 0) this.#pins.delete(path);
        else this.#pins.set(path, count);
      }
    };
  }

  /** Keeps absolute paths for a while. */
  lease(paths: Iterable<string>): void {
    const endsAt = this.now() + leaseMs;
    for (const path of paths) this.#leases.set(path, endsAt);
  }

  /** Every path that must stay now. */
  snapshot(): Set<string> {
    const now = this.now();
    for (const [path, endsAt] of this.#leases) if (endsAt <= now) this.#leases.delete(path);
    return new Set([...this.#pins.keys(), ...this.#leases.keys()]);
  }

  /** Whether anything under a folder is pinned; leases do not count. */
  pinnedUnder(folder: string): boolean {
    for (const path of this.#pins.keys()) if (path.startsWith(folder + "/")) return true;
    return false;
  }
}
