/** How large a workspace is: its file and write-ahead log on disk, and what of that its data take. */
import { type Connection, quoteLiteral, rows } from "./duckdb.ts";

/** From this share of the limit on it is asked what the data take. */
export const nearLimitShare = 0.9;
/** Free blocks up to so many bytes, or up to a tenth of the file, are room for its next rows and count. */
const roomBytesMax = 4_000_000;
const roomShareMax = 0.1;

/** Whether it can be that free blocks of a file this large do not count. */
export function mayHaveUncountedRoom(sizeBytes: number): boolean {
  return sizeBytes > roomBytesMax;
}

/** What counts of a file: all of it, or only its data when much of it is free. */
export function countedBytes(sizeBytes: number, used: number): number {
  return sizeBytes - used > Math.max(roomBytesMax, roomShareMax * sizeBytes) ? used : sizeBytes;
}

/** Bytes of the file and its write-ahead log; 0 when there is none. */
export async function sizeOnDisk(filePath: string): Promise<number> {
  let total = 0;
  for (const path of [filePath, `${filePath}.wal`]) {
    try {
      total += (await Deno.stat(path)).size;
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  return total;
}

/** What the data take, as of the last checkpoint: space of dropped tables is free blocks of the file then. */
export async function usedBytes(control: Connection, database: string): Promise<number> {
  const [row] = await rows(
    control,
    `SELECT used_blocks * block_size FROM pragma_database_size() WHERE database_name=${quoteLiteral(database)}`,
  );
  return Number(row?.[0] ?? 0);
}
