/**
 * Keeps every server away from a data folder while its files are copied (backup).
 *
 * First the store is opened as a server would, which refuses a folder in use, replays the write-ahead log and leaves
 * one complete file. Then it is held open read-only: that lock keeps writers away, and letting go writes nothing.
 * Reading `metadata.duckdb` and closing it drops this process's lock on it (POSIX locks), so copy that file last.
 */
import { existsSync } from "node:fs";
import * as path from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import "../heartbeat.ts";
import { AppError } from "../errors/app_error.ts";
import { migrationStatus } from "./migrations/migrations.ts";
import { metadataFileName, openMetadataPool } from "./pool/pool.ts";

export interface HeldMetadata {
  /** null when no migration was ever applied. */
  readonly schemaVersion: number | null;
  release(): void;
}

/** Throws `metadata_unusable` when there is no store in the folder or a process uses it. */
export async function holdMetadata(dataDir: string): Promise<HeldMetadata> {
  const filePath = path.join(dataDir, metadataFileName);
  if (!existsSync(filePath)) {
    throw new AppError("metadata_unusable", `data_dir ${dataDir}: has no ${metadataFileName}, so it holds no data`);
  }
  const pool = await openMetadataPool({ dataDir });
  let schemaVersion: number | null;
  try {
    const applied = (await migrationStatus(pool)).filter((status) => status.state !== "pending");
    schemaVersion = applied.at(-1)?.version ?? null;
  } finally {
    await pool.close();
  }
  try {
    const instance = await DuckDBInstance.create(filePath, { access_mode: "READ_ONLY", threads: "1" });
    return { schemaVersion, release: () => instance.closeSync() };
  } catch (error) {
    throw new AppError("metadata_unusable", `data_dir ${dataDir}: was taken into use by another process`, {
      cause: error,
    });
  }
}
