/**
 * A DuckDB instance for one storage job, and how a version file is published: written under `<target>.partial`,
 * checkpointed, closed, fsynced, then renamed. A job that fails leaves nothing behind; one that is killed leaves a
 * `.partial` file that no pointer ever refers to.
 */
import { open, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { availableParallelism } from "node:os";
import { type DuckDBConnection, DuckDBInstance, type DuckDBValue } from "@duckdb/node-api";
import "../heartbeat.ts";
import { AppError } from "../errors/app_error.ts";
import { translateEngineError } from "../engine/engine_error.ts";

/** More threads mean more buffers within the job's memory limit; imports stop gaining beyond this. */
const threadsMax = 4;
const smallJobMemoryBytes = 256 * 1024 * 1024;

export interface JobSession {
  /** Runs one statement and gives the number of changed rows. */
  run(sql: string): Promise<number>;
  /** Runs one statement and gives all its rows; for small answers. */
  rows(sql: string): Promise<DuckDBValue[][]>;
  close(): void;
}

/** An in-memory instance with bounded memory that spills into `temporaryDirectory`. */
export async function openJobSession(
  options: { temporaryDirectory: string | null; memoryBytesMax?: number },
): Promise<JobSession> {
  const instance = await DuckDBInstance.create(":memory:", {
    memory_limit: `${Math.floor(options.memoryBytesMax ?? smallJobMemoryBytes)}B`,
    threads: String(Math.max(1, Math.min(threadsMax, availableParallelism()))),
  });
  let connection: DuckDBConnection | undefined;
  try {
    connection = await instance.connect();
    await connection.run("SET TimeZone = 'UTC'");
    await connection.run("SET autoinstall_known_extensions = false");
    await connection.run("SET autoload_known_extensions = false");
    const directory = options.temporaryDirectory ?? "";
    await connection.run(`SET temp_directory = '${directory.replaceAll("'", "''")}'`);
  } catch (error) {
    connection?.closeSync();
    instance.closeSync();
    throw error;
  }
  const opened = connection;
  return {
    run: async (sql) => (await opened.run(sql)).rowsChanged,
    rows: async (sql) => (await opened.runAndReadAll(sql)).getRows(),
    close: () => {
      opened.closeSync();
      instance.closeSync();
    },
  };
}

export function partialPath(targetPath: string): string {
  return `${targetPath}.partial`;
}

/** Makes a closed `.partial` file durable under its final name and gives its size. */
export async function publish(targetPath: string): Promise<number> {
  const partial = partialPath(targetPath);
  const handle = await open(partial, "r+");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(partial, targetPath);
  const directory = await open(dirname(targetPath), "r");
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
  return (await stat(targetPath)).size;
}

/** Removes what a failed job wrote. */
export async function discardPartial(targetPath: string): Promise<void> {
  await rm(partialPath(targetPath), { force: true });
  await rm(`${partialPath(targetPath)}.wal`, { force: true });
}

/** A job's failure that is not the data's fault: no space, no memory, or a defect. `fallback` says what was done. */
export function jobFailure(error: unknown, what: string): AppError {
  if (error instanceof AppError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const code = (error as { code?: unknown } | null)?.code;
  if (code === "ENOSPC" || code === "EDQUOT" || /no space left|disk full|ENOSPC|disk quota/i.test(message)) {
    return new AppError("disk_full", `${what}: no space left on the server's disk; nothing was changed`, {
      cause: error,
    });
  }
  if (/^Out of Memory/i.test(message)) {
    const spill = /max_temp_directory_size|offload/i.test(message);
    return new AppError(
      spill ? "disk_full" : "out_of_memory",
      `${what}: more ${
        spill ? "temporary disk space" : "memory"
      } needed than a storage job may use; nothing was changed`,
      { cause: error },
    );
  }
  if (/^IO Error/i.test(message)) {
    return new AppError("io_error", `${what}: the server could not read or write a file`, { cause: error });
  }
  const translated = translateEngineError(error);
  return new AppError(translated.kind === "internal" ? "internal" : translated.kind, `${what}: ${translated.message}`, {
    cause: error,
  });
}
