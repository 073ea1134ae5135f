/**
 * Lines over byte streams, the framing of the control channel (`messages.ts`): UTF-8 text, one value a line, ended by a
 * line feed. Nothing here knows what the lines mean, and nothing here loads a library, since every worker loads it.
 */

/** A control line longer than this is a defect, not data. The same number as in `messages.ts`; a test compares them. */
export const controlLineBytesMax = 64 * 1024 * 1024;

/** What may wait for a reader that does not read: two lines of the largest size. Beyond it `write` throws. */
export const waitingCharactersMax = 2 * controlLineBytesMax;

/** Above this much waiting text `drained` asks a producer to pause: sixteen times a Linux pipe's 64 KiB. */
const pauseCharacters = 1024 * 1024;

/** The stream held something that cannot be a line: too long, or not UTF-8. It cannot be read any further. */
export class LineError extends Error {
  override readonly name = "LineError";
}

export interface ReadLinesOptions {
  readonly lineBytesMax: number;
  /** A longer line is an error (protocol), or comes in pieces (log output). */
  readonly longLine: "error" | "split";
  /** What to do with bytes after the last line feed: a killed process leaves half a message, but whole log text. */
  readonly unfinishedLine: "drop" | "keep";
  /** Ends the reading, as if the stream had ended here. */
  readonly signal?: AbortSignal;
}

/** Gives each line without its line feed. Holds at most one line of `lineBytesMax` bytes and one chunk. */
export async function* readLines(
  readable: ReadableStream<Uint8Array>,
  options: ReadLinesOptions,
): AsyncGenerator<string, void, void> {
  const decoder = new TextDecoder("utf-8", { fatal: options.longLine === "error", ignoreBOM: true });
  const decode = (bytes: Uint8Array): string => {
    try {
      return decoder.decode(bytes);
    } catch (cause) {
      throw new LineError(`a line is not UTF-8: ${bytes.length} bytes`, { cause });
    }
  };
  let parts: Uint8Array[] = [];
  let partBytes = 0;
  const take = (last: Uint8Array): string => {
    if (partBytes === 0) return decode(last);
    const line = new Uint8Array(partBytes + last.length);
    let offset = 0;
    for (const part of parts) {
      line.set(part, offset);
      offset += part.length;
    }
    line.set(last, offset);
    parts = [];
    partBytes = 0;
    return decode(line);
  };

  const reader = readable.getReader();
  const cancel = () => void reader.cancel().catch(() => {});
  options.signal?.addEventListener("abort", cancel, { once: true });
  try {
    for (;;) {
      const { done, value: chunk } = await reader.read();
      if (done) break;
      let start = 0;
      while (start < chunk.length) {
        const lineFeed = chunk.indexOf(0x0a, start);
        const end = lineFeed === -1 ? chunk.length : lineFeed;
        const room = options.lineBytesMax - partBytes;
        if (end - start > room) {
          if (options.longLine === "error") {
            throw new LineError(`a line is too long: over ${options.lineBytesMax} bytes`);
          }
          yield take(chunk.subarray(start, start + room));
          start += room;
          continue;
        }
        if (lineFeed === -1) {
          // A copy: the source may reuse its chunk's memory for the next one.
          parts.push(chunk.slice(start));
          partBytes += chunk.length - start;
          break;
        }
        yield take(chunk.subarray(start, lineFeed));
        start = lineFeed + 1;
      }
    }
  } finally {
    options.signal?.removeEventListener("abort", cancel);
    cancel();
  }
  if (partBytes > 0 && options.unfinishedLine === "keep") yield take(new Uint8Array(0));
}

/**
 * Writes values as JSON lines. `write` never waits: lines are gathered and go out together, one stream write at a time,
 * so that a burst of small events is one system call. A producer that can wait asks `drained` and awaits what it gets.
 */
export class JsonLineWriter {
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #encoder = new TextEncoder();
  #waiting: string[] = [];
  #waitingCharacters = 0;
  #pumping: Promise<void> | null = null;
  #failure: Error | null = null;

  constructor(writable: WritableStream<Uint8Array>) {
    this.#writer = writable.getWriter();
    // The reason is kept by the pump; without this line a broken pipe would be an unhandled rejection.
    this.#writer.closed.catch((error) => this.#fail(error));
  }

  /** Set once the other side is gone; later writes are dropped, since nobody can read them. */
  get failure(): Error | null {
    return this.#failure;
  }

  /**
   * Queues one value. Throws a `LineError` when it is too long, or when too much waits for a reader that has stalled.
   */
  write(value: unknown): void {
    if (this.#failure !== null) return;
    const line = JSON.stringify(value);
    if (line.length > controlLineBytesMax) {
      throw new LineError(`a line is too long: ${line.length} characters, at most ${controlLineBytesMax}`);
    }
    if (this.#waitingCharacters + line.length > waitingCharactersMax) {
      throw new LineError(`the reader has stalled: ${this.#waitingCharacters} characters wait for it`);
    }
    this.#waiting.push(line);
    this.#waitingCharacters += line.length + 1;
    this.#pumping ??= this.#pump();
  }

  /** Nothing while there is room; otherwise a promise for the moment when what waits now has been written. */
  drained(): Promise<void> | undefined {
    return this.#waitingCharacters > pauseCharacters ? this.flushed() : undefined;
  }

  /** Resolves when everything written so far has left this process, or can no longer leave it. */
  async flushed(): Promise<void> {
    while (this.#pumping !== null) await this.#pumping;
  }

  /** Writes what waits and closes the stream. */
  async close(): Promise<void> {
    await this.flushed();
    if (this.#failure !== null) return;
    this.#failure = new Error("the channel is closed");
    await this.#writer.close().catch(() => {});
  }

  /** Closes the stream at once and drops what waits. */
  async abort(): Promise<void> {
    this.#fail(new Error("the channel is closed"));
    await this.#writer.abort().catch(() => {});
  }

  async #pump(): Promise<void> {
    // One turn of the microtask queue gathers the lines of the caller's burst.
    await Promise.resolve();
    try {
      while (this.#waiting.length > 0) {
        const lines = this.#waiting;
        const characters = this.#waitingCharacters;
        this.#waiting = [];
        lines.push("");
        await this.#writer.write(this.#encoder.encode(lines.join("\n")));
        this.#waitingCharacters -= characters;
      }
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#pumping = null;
    }
  }

  #fail(error: unknown): void {
    this.#failure ??= error instanceof Error ? error : new Error(String(error));
    this.#waiting = [];
    this.#waitingCharacters = 0;
  }
}
