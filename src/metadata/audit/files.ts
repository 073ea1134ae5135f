/**
 * The files of the audit log, below `data_dir/audit/`: one DuckDB file a month, named by its first entry and its month
 * (`000000000001_2026-01.duckdb`), and `head`, the note of the chain's last entry. The note is overwritten in place after
 * each commit, so that entries that vanish from the end are noticed; it is never ahead of what is on disk.
 */
import { existsSync, readdirSync } from "node:fs";
import { type FileHandle, mkdir, open, readFile } from "node:fs/promises";
import * as path from "node:path";
import type { ChainHead } from "../../audit/types.ts";

export const auditFolderName = "audit";
const headFileName = "head";
/** One block of any disk: written whole or not at all. */
const headBytes = 512;
const partitionName = /^(\d{12})_(\d{4}-\d{2})\.duckdb$/;

export interface PartitionFile {
  readonly name: string;
  readonly firstSequence: number;
  /** UTC, `2026-01`. */
  readonly month: string;
}

export function auditFolder(dataDir: string): string {
  return path.join(path.resolve(dataDir), auditFolderName);
}

/** Oldest first. */
export function listPartitionFiles(folder: string): PartitionFile[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).sort().flatMap((name) => {
    const match = partitionName.exec(name);
    return match === null ? [] : [{ name, firstSequence: Number(match[1]), month: match[2] ?? "" }];
  });
}

export function partitionFile(firstSequence: number, month: string): PartitionFile {
  return { name: `${String(firstSequence).padStart(12, "0")}_${month}.duckdb`, firstSequence, month };
}

/** The UTC month of a time. */
export function monthOf(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(0, 7);
}

/** First millisecond of a month and of the next one. */
export function monthBounds(month: string): { startMs: number; endMs: number } {
  const [year = 1970, number = 1] = month.split("-").map(Number);
  return { startMs: Date.UTC(year, number - 1, 1), endMs: Date.UTC(year, number, 1) };
}

/** The noted head, or null when the file is missing or holds something else. */
export async function readHead(folder: string): Promise<ChainHead | null> {
  try {
    const value = JSON.parse(await readFile(path.join(folder, headFileName), "utf8")) as Record<string, unknown>;
    const { seq: sequence, hash } = value;
    if (typeof sequence !== "number" || typeof hash !== "string" || !/^[0-9a-f]{64}$/.test(hash)) return null;
    return { sequence, hash };
  } catch {
    return null;
  }
}

/** Keeps the note's file open. */
export class HeadFile {
  readonly #file: FileHandle;

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  static async open(folder: string): Promise<HeadFile> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const place = path.join(folder, headFileName);
    return new HeadFile(await open(place, existsSync(place) ? "r+" : "w+", 0o600));
  }

  async write(head: ChainHead): Promise<void> {
    const text = JSON.stringify({ seq: head.sequence, hash: head.hash }).padEnd(headBytes - 1) + "\n";
    await this.#file.write(new TextEncoder().encode(text), 0, headBytes, 0);
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}
