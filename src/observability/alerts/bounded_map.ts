/**
 * A map that never holds more than so many entries: a new one pushes out the one that was used longest ago. For what
 * strangers name (addresses, user names), so that their number cannot fill memory.
 */
export class BoundedMap<Value> {
  readonly #entriesMax: number;
  readonly #entries = new Map<string, Value>();

  constructor(entriesMax: number) {
    this.#entriesMax = entriesMax;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: string): Value | undefined {
    return this.#entries.get(key);
  }

  /** The entry of this key, made when there is none; it counts as used now. */
  use(key: string, make: () => Value): Value {
    const value = this.#entries.get(key) ?? make();
    this.#entries.delete(key);
    this.#entries.set(key, value);
    if (this.#entries.size > this.#entriesMax) {
      const [oldest] = this.#entries.keys();
      if (oldest !== undefined) this.#entries.delete(oldest);
    }
    return value;
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }

  /** Those used longest ago first. An entry may be deleted while going through them. */
  entries(): Iterable<[string, Value]> {
    return this.#entries.entries();
  }
}
