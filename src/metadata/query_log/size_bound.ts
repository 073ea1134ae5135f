/**
 * Keeps the query log's table within a size, whatever its age: the oldest rows go. Assumes that ids rise with time, and that the
 * connection's database is the log's.
 *
 * DuckDB frees room by whole row groups, so the table has small ones (`rowGroupRows`). Where the limit is not many of them large, a
 * removal frees too little, and the rest is written anew. What counts is what the data take. The file can be larger for a time, as
 * a checkpoint writes anew before it frees; that room is used by the next rows.
 */
import { stat } from "node:fs/promises";
import type { DuckDBConnection } from "@duckdb/node-api";
import { readRows } from "../pool/duckdb_values.ts";

/** At the longest texts kept by default (10,000 characters) a group of them is 80 MB, at usual ones about 1 MB. */
export const rowGroupRows = 8192;
/** What is left of the limit after a removal, so that not every look removes something. */
const keptShare = 0.9;
/** Rows are not of one length, so the first removal may leave more than was meant. */
const removalsMax = 5;
const leastShare = 0.05;
/** A look at the file costs some 0.1 ms; between two it grows by at most this share of the limit. */
const lookEveryShare = 0.02;
const lookEveryBytesMax = 64_000_000;

export interface Removed {
  readonly rows: number;
  /** What the remaining data take. */
  readonly sizeBytes: number;
}

/** Counts what is appended, and says when it is time to look at the file. */
export class SizeBound {
  readonly bytesMax: number;
  #appendedBytes = 0;

  /** 0: no limit. */
  constructor(bytesMax: number) {
    this.bytesMax = bytesMax;
  }

  /** True once for every share of the limit that was appended. */
  isDue(appendedBytes: number): boolean {
    this.#appendedBytes += appendedBytes;
    if (this.bytesMax === 0) return false;
    if (this.#appendedBytes < Math.min(lookEveryBytesMax, this.bytesMax * lookEveryShare)) return false;
    this.#appendedBytes = 0;
    return true;
  }

  /** Removes the oldest rows while the data take more than the limit. */
  async enforce(writer: DuckDBConnection, filePath: string): Promise<Removed> {
    let sizeBytes = await fileBytes(filePath);
    if (this.bytesMax === 0 || sizeBytes <= this.bytesMax) return { rows: 0, sizeBytes };
    sizeBytes = await usedBytes(writer);
    let rows = 0;
    for (let removal = 0; removal < removalsMax && sizeBytes > this.bytesMax; removal++) {
      const share = Math.max(1 - keptShare * this.bytesMax / sizeBytes, leastShare);
      const deleted = await writer.run(
        `DELETE FROM queries WHERE id <= (SELECT min(id) + ${share} * (max(id) - min(id)) FROM queries)`,
      );
      rows += deleted.rowsChanged;
      sizeBytes = await usedBytes(writer);
      if (sizeBytes <= this.bytesMax) break;
      await writeAnew(writer);
      sizeBytes = await usedBytes(writer);
    }
    return { rows, sizeBytes };
  }
}

async function writeAnew(writer: DuckDBConnection): Promise<void> {
  try {
    await writer.run("BEGIN");
    await writer.run("CREATE TABLE queries_kept AS SELECT * FROM queries ORDER BY id");
    await writer.run("DROP TABLE queries");
    await writer.run("ALTER TABLE queries_kept RENAME TO queries");
    await writer.run("COMMIT");
  } catch (error) {
    await writer.run("ROLLBACK").catch(() => undefined);
    throw error;
  }
}

/** Of the file and its log of changes. */
async function fileBytes(filePath: string): Promise<number> {
  const sizes = await Promise.all(
    [filePath, `${filePath}.wal`].map(async (path) => (await stat(path).catch(() => null))?.size ?? 0),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** What the data take in the file, after the log of changes has been written into it. */
async function usedBytes(writer: DuckDBConnection): Promise<number> {
  await writer.run("CHECKPOINT");
  const [row] = await readRows(
    await writer.run(
      "SELECT used_blocks * block_size AS bytes FROM pragma_database_size() WHERE database_name = current_database()",
    ),
  );
  return Number(row?.["bytes"] ?? 0);
}
