/**
 * A short hold on new writes to a database file, asked for by a backup that copies the file of a running process. What is
 * running already goes on; the hold ends by itself, so that a backup that dies stops nobody for long.
 */
export class WritePause {
  #held: PromiseWithResolvers<void> | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Holds new writes for at most `timeMs`; a hold that is on is prolonged or shortened. */
  pause(timeMs: number): void {
    this.#held ??= Promise.withResolvers();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.resume(), timeMs);
  }

  resume(): void {
    clearTimeout(this.#timer);
    this.#held?.resolve();
    this.#held = null;
  }

  /** Resolves when a write may begin; rejects with the signal's reason when it is aborted before. */
  async allowed(signal?: AbortSignal): Promise<void> {
    while (this.#held !== null) {
      const aborted = Promise.withResolvers<never>();
      const onAbort = () => aborted.reject(signal?.reason);
      signal?.addEventListener("abort", onAbort, { once: true });
      try {
        signal?.throwIfAborted();
        await Promise.race([this.#held.promise, aborted.promise]);
      } finally {
        signal?.removeEventListener("abort", onAbort);
      }
    }
  }
}
