/**
 * The rest of a cursor's rows, each kept as text and as binary: every FETCH chooses its own formats, and the values are gone by then.
 *
 * Invariant: both spools hold the same rows, in the same order, and are read in step.
 */
import { RowSpool } from "./spool.ts";

type Format = 0 | 1;

/** Bytes of a DataRow before its first value: type, length, column count. */
const headerBytes = 7;

export class CursorSpool {
  readonly #text: RowSpool;
  readonly #binary: RowSpool;

  constructor(directory: string) {
    this.#text = new RowSpool(directory);
    this.#binary = new RowSpool(directory);
  }

  get rowsLeft(): number {
    return this.#text.rowsLeft;
  }

  /** Adds whole DataRow messages of the same rows in both formats. */
  async append(text: Uint8Array, binary: Uint8Array, rowCount: number): Promise<void> {
    await this.#text.append(text, rowCount);
    await this.#binary.append(binary, rowCount);
  }

  /** The next whole rows in these formats, at most `rowsMax`; null when none is left. */
  async take(
    rowsMax: number,
    formats: readonly Format[],
  ): Promise<{ readonly bytes: Uint8Array; readonly rowCount: number } | null> {
    const text = await this.#text.take(rowsMax);
    if (text === null) return null;
    const parts: Uint8Array[] = [];
    for (let left = text.rowCount; left > 0;) {
      const rows = await this.#binary.take(left);
      if (rows === null) throw new Error("a cursor's spool has fewer rows in binary than as text");
      parts.push(rows.bytes);
      left -= rows.rowCount;
    }
    const binary = parts.length === 1 ? parts[0]! : concatenate(parts);
    if (!formats.includes(1)) return text;
    if (!formats.includes(0)) return { bytes: binary, rowCount: text.rowCount };
    return { bytes: mixRows(text.bytes, binary, formats), rowCount: text.rowCount };
  }

  close(): void {
    this.#text.close();
    this.#binary.close();
  }
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

/** DataRow messages whose values come from `text` or from `binary`, by column. Both hold the same rows. */
export function mixRows(text: Uint8Array, binary: Uint8Array, formats: readonly Format[]): Uint8Array {
  const sources = [text, binary];
  const views = sources.map((bytes) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  const mixed = new Uint8Array(text.length + binary.length);
  const view = new DataView(mixed.buffer);
  const offsets: [number, number] = [0, 0];
  let end = 0;
  while (offsets[0] < text.length) {
    const start = end;
    mixed.set(text.subarray(offsets[0], offsets[0] + headerBytes), start);
    end = start + headerBytes;
    const at: [number, number] = [offsets[0] + headerBytes, offsets[1] + headerBytes];
    for (const format of formats) {
      for (const source of [0, 1] as const) {
        const size = 4 + Math.max(0, views[source]!.getInt32(at[source]));
        if (source === format) {
          mixed.set(sources[source]!.subarray(at[source], at[source] + size), end);
          end += size;
        }
        at[source] += size;
      }
    }
    view.setInt32(start + 1, end - start - 1);
    offsets[0] = at[0];
    offsets[1] = at[1];
  }
  return mixed.subarray(0, end);
}
