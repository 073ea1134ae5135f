/**
 * Copies a DuckDB file that another process has open and writes to, so that the copy is the file as it was at one moment.
 *
 * DuckDB changes a database file only in a checkpoint, which ends by writing one of the two headers in its first blocks;
 * everything else goes to new blocks that nothing refers to before, or is appended to the log beside the file. So the log is
 * copied first, then the file, and the copy counts when neither the headers nor the log have changed meanwhile: that is what a
 * crash in that moment would have left, which DuckDB opens by replaying the log. Otherwise it is done again.
 *
 * This must run in another process than the one that has the file open: closing a file drops a process's locks on it.
 */
import { createHash } from "node:crypto";
import * as path from "node:path";

/** The main header and the two database headers. */
const headerBytes = 3 * 4096;
/** A file is copied in pieces of this size. */
const chunkBytes = 1024 * 1024;

export interface CopiedFile {
  /** Absolute path of the copy. */
  readonly path: string;
  readonly size_bytes: number;
  readonly sha256: string;
}

interface DatabaseState {
  readonly header: string | null;
  /** Name, size and time of each log. */
  readonly logs: readonly { readonly name: string; readonly sizeBytes: number; readonly mark: string }[];
}

/**
 * The copies of the file and of its log, in the order in which they were made; empty when neither exists, and null when they
 * changed while they were copied. After null nothing is left of the attempt.
 */
export async function copyDatabaseOnce(from: string, to: string): Promise<CopiedFile[] | null> {
  const before = await readState(from);
  // Two logs: a checkpoint is under way.
  if (before.logs.length > 1) return null;
  if (before.header === null && before.logs.length === 0) return [];
  await Deno.mkdir(path.dirname(to), { recursive: true, mode: 0o700 });
  const copied: CopiedFile[] = [];
  try {
    for (const log of before.logs) {
      const target = path.join(path.dirname(to), path.basename(to) + log.name.slice(path.basename(from).length));
      copied.push(await copyBytes(path.join(path.dirname(from), log.name), target, log.sizeBytes));
    }
    if (before.header !== null) copied.push(await copyBytes(from, to, Number.POSITIVE_INFINITY));
    if (same(before, await readState(from))) return copied;
  } catch (error) {
    // A log that a checkpoint has removed.
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  for (const file of copied) await Deno.remove(file.path).catch(() => {});
  return null;
}

/** Copies at most so many bytes of a file to a new one, to disk. */
export async function copyBytes(from: string, to: string, bytesMax: number): Promise<CopiedFile> {
  await Deno.mkdir(path.dirname(to), { recursive: true, mode: 0o700 });
  using source = await Deno.open(from, { read: true });
  const { mode } = await source.stat();
  using target = await Deno.open(to, { write: true, create: true, truncate: true, mode: (mode ?? 0o600) & 0o777 });
  const hash = createHash("sha256");
  const buffer = new Uint8Array(chunkBytes);
  let size = 0;
  while (size < bytesMax) {
    const count = await source.read(buffer.subarray(0, Math.min(buffer.length, bytesMax - size)));
    if (count === null) break;
    const chunk = buffer.subarray(0, count);
    hash.update(chunk);
    for (let written = 0; written < count;) written += await target.write(chunk.subarray(written));
    size += count;
  }
  await target.sync();
  return { path: to, size_bytes: size, sha256: hash.digest("hex") };
}

async function readState(file: string): Promise<DatabaseState> {
  const folder = path.dirname(file);
  const prefix = `${path.basename(file)}.`;
  const logs: { name: string; sizeBytes: number; mark: string }[] = [];
  try {
    for await (const entry of Deno.readDir(folder)) {
      if (!entry.isFile || !entry.name.startsWith(prefix) || !entry.name.includes("wal")) continue;
      const info = await Deno.stat(path.join(folder, entry.name));
      logs.push({ name: entry.name, sizeBytes: info.size, mark: `${info.ino} ${info.mtime?.getTime()}` });
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return { header: await readHeader(file), logs: logs.sort((a, b) => a.name < b.name ? -1 : 1) };
}

async function readHeader(file: string): Promise<string | null> {
  try {
    using opened = await Deno.open(file, { read: true });
    const header = new Uint8Array(headerBytes);
    let size = 0;
    for (let count: number | null = 0; count !== null && size < headerBytes; size += count ?? 0) {
      count = await opened.read(header.subarray(size));
    }
    return createHash("sha256").update(header.subarray(0, size)).digest("hex");
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

function same(left: DatabaseState, right: DatabaseState): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}
