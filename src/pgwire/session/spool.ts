/**
 * Keeps the rest of a result while its connection runs something else: encoded DataRow messages, first in memory, then in a
 * file of the worker's temporary folder. DuckDB would silently lose rows of a stream that another statement interrupts.
 *
 * Layout: DataRow messages back to back, as they go to the client: 'D', int32 length (with itself), body.
 */
import { join } from "node:path";

/** Memory a spool may use before it goes to disk; a session seldom has more than one or two. */
const spoolMemoryBytesMax = 4 * 1024 * 1024;
const readBlockBytes = 1024 * 1024;
const rowHeaderBytes = 5;

export class RowSpool {
  readonly #directory: string;
  #blocks: Uint8Array[] = [];
  #memoryBytes = 0;
  #file: Deno.FsFile | null = null;
  #path = "";
  #fileEnd = 0;
  #fileRead = 0;
  #pending: Uint8Array = new Uint8Array(0);
  #rowsLeft = 0;

  constructor(directory: string) {
    this.#directory = directory;
  }

  get rowsLeft(): number {
    return this.#rowsLeft;
  }

  /** Adds whole DataRow messages; the bytes are kept, not copied. */
  async append(rows: Uint8Array, rowCount: number): Promise<void> {
    this.#rowsLeft += rowCount;
    if (this.#file === null && this.#memoryBytes + rows.length <= spoolMemoryBytesMax) {
      this.#blocks.push(rows);
      this.#memoryBytes += rows.length;
      return;
    }
    if (this.#file === null) {
      this.#path = await Deno.makeTempFile({ dir: this.#directory, prefix: "spool_" });
      this.#file = await Deno.open(this.#path, { read: true, write: true });
      // Without a name the space is given back even when the process is killed.
      await Deno.remove(this.#path);
    }
    await this.#file.seek(this.#fileEnd, Deno.SeekMode.Start);
    for (let offset = 0; offset < rows.length;) offset += await this.#file.write(rows.subarray(offset));
    this.#fileEnd += rows.length;
  }

  /** Gives the next whole rows, at most `rowsMax` (Infinity for all that is at hand); null when none is left. */
  async take(rowsMax: number): Promise<{ readonly bytes: Uint8Array; readonly rowCount: number } | null> {
    if (this.#rowsLeft === 0) return null;
    for (;;) {
      const { end, rowCount } = wholeRows(this.#pending, rowsMax);
      if (rowCount > 0) {
        const bytes = this.#pending.subarray(0, end);
        this.#pending = this.#pending.subarray(end);
        this.#rowsLeft -= rowCount;
        return { bytes, rowCount };
      }
      const block = this.#blocks.shift() ?? await this.#readFile();
      if (block === null) throw new Error(`spool in ${join(this.#directory, "spool_*")} ended with rows missing`);
      this.#pending = concatenate(this.#pending, block);
    }
  }

  close(): void {
    this.#file?.close();
    this.#file = null;
    this.#blocks = [];
    this.#rowsLeft = 0;
  }

  async #readFile(): Promise<Uint8Array | null> {
    if (this.#file === null || this.#fileRead >= this.#fileEnd) return null;
    await this.#file.seek(this.#fileRead, Deno.SeekMode.Start);
    const block = new Uint8Array(Math.min(readBlockBytes, this.#fileEnd - this.#fileRead));
    const count = await this.#file.read(block);
    if (count === null) return null;
    this.#fileRead += count;
    return block.subarray(0, count);
  }
}

/** Counts whole rows at the start of `bytes`, at most `rowsMax`, and says where they end. */
export function wholeRows(bytes: Uint8Array, rowsMax: number): { end: number; rowCount: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let end = 0;
  let rowCount = 0;
  while (rowCount < rowsMax && end + rowHeaderBytes <= bytes.length) {
    const next = end + 1 + view.getInt32(end + 1);
    if (next > bytes.length) break;
    end = next;
    rowCount++;
  }
  return { end, rowCount };
}

function concatenate(first: Uint8Array, second: Uint8Array): Uint8Array {
  if (first.length === 0) return second;
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}
