/**
 * The backup of a running server's data folder: a consistent copy of the metadata, of every table version that it refers to,
 * of each workspace, and of whatever else lies there.
 *
 * The metadata is copied first, as of one moment (`live_copy.ts`), and says what belongs to the backup. Version files never
 * change; hard links keep them from being deleted while they are copied. A workspace is copied as of a moment of its
 * own, after that of the metadata: everything committed before the backup began is in it. Where writes never pause by themselves,
 * the server is asked to hold new ones for as long as that file takes.
 */
import * as path from "node:path";
import { AppError } from "../errors/app_error.ts";
import { migrationStatus } from "../metadata/migrations/migrations.ts";
import { metadataFileName, openMetadataPool } from "../metadata/pool/pool.ts";
import { localAccessFileName } from "../server/local_access.ts";
import { workspaceFilePath } from "../workspaces/paths.ts";
import { backupDataFolder, type BackupFile, hashFile, linkFolderPrefix, listFiles } from "./backup_files.ts";
import { type CopiedFile, copyBytes, copyDatabaseOnce } from "./live_copy.ts";
import type { LocalServer } from "./local_server.ts";

/** Attempts before the server is asked to hold writes. */
const freeAttemptsMax = 5;
const heldAttemptsMax = 60;
/** For databases that the server cannot hold, such as the query log, which is written now and then. */
const patientAttemptsMax = 300;
/** A hold lasts as long as copying takes on a slow disk, and a little more. */
const holdMsMin = 5_000;
const holdMsMax = 600_000;
const slowDiskBytesPerMs = 20_000;
/** A version file may be deleted between the copy of the metadata and its link; then all begins anew. */
const roundsMax = 5;

export interface LiveBackup {
  readonly schemaVersion: number | null;
  readonly files: readonly BackupFile[];
}

/** Copies into `target/data`, which is empty. Throws `io_error` naming the file that cannot be copied. */
export async function copyRunning(dataDir: string, target: string, server: LocalServer): Promise<LiveBackup> {
  const backup = path.join(target, backupDataFolder);
  for (let round = 1;; round++) {
    const links = await Deno.makeTempDir({ dir: dataDir, prefix: linkFolderPrefix });
    try {
      const result = await copyRound(dataDir, backup, links, server);
      if (result !== null) return result;
    } finally {
      await Deno.remove(links, { recursive: true }).catch(() => {});
    }
    if (round === roundsMax) {
      throw new AppError("io_error", `backup ${target}: tables are deleted faster than they can be copied; try again`);
    }
    await Deno.remove(backup, { recursive: true });
  }
}

/** Null when a version file was gone before it could be kept. */
async function copyRound(
  dataDir: string,
  backup: string,
  links: string,
  server: LocalServer,
): Promise<LiveBackup | null> {
  const metadataPath = path.join(backup, metadataFileName);
  await copySettled(path.join(dataDir, metadataFileName), metadataPath, "metadata", server);
  const contents = await readMetadata(backup);
  const kept = await keepVersions(dataDir, links, contents.versionFiles);
  if (kept === null) return null;

  const files: BackupFile[] = [];
  const add = (copied: readonly CopiedFile[]) => {
    for (const { path: copy, size_bytes, sha256 } of copied) {
      files.push({ path: path.relative(backup, copy).replaceAll("\\", "/"), size_bytes, sha256 });
    }
  };
  for (const [relative, source] of kept) add([await copyBytes(source, path.join(backup, relative), Infinity)]);
  for (const workspace of contents.workspaces) {
    const source = workspaceFilePath(dataDir, workspace);
    add(await copySettled(source, path.join(backup, path.relative(dataDir, source)), workspace.id, server));
  }
  for (const relative of await listFiles(dataDir, isOther)) {
    add(await copyOther(path.join(dataDir, relative), path.join(backup, relative)));
  }
  // Last, as in every backup: a restore that is interrupted is not taken for a data folder.
  files.push({ path: metadataFileName, ...await hashFile(metadataPath) });
  return { schemaVersion: contents.schemaVersion, files };
}

interface MetadataContents {
  readonly schemaVersion: number | null;
  /** Relative to the data folder. */
  readonly versionFiles: readonly string[];
  readonly workspaces: readonly { readonly id: string; readonly projectId: string; readonly branchId: string | null }[];
}

/** Reads the copy, and leaves it as one file: its log is in it afterwards. */
async function readMetadata(backup: string): Promise<MetadataContents> {
  const pool = await openMetadataPool({ dataDir: backup });
  try {
    const applied = (await migrationStatus(pool)).filter((status) => status.state !== "pending");
    const versions = await pool.query("SELECT DISTINCT file_path FROM table_versions ORDER BY file_path");
    const workspaces = await pool.query("SELECT id, project_id, branch_id FROM workspaces ORDER BY id");
    return {
      schemaVersion: applied.at(-1)?.version ?? null,
      versionFiles: versions.map((row) => String(row["file_path"])),
      workspaces: workspaces.map((row) => ({
        id: String(row["id"]),
        projectId: String(row["project_id"]),
        branchId: row["branch_id"] === null ? null : String(row["branch_id"]),
      })),
    };
  } finally {
    await pool.close();
  }
}

/** Where each version file can be read for as long as the backup takes: a link, or the file where links do not work. */
async function keepVersions(
  dataDir: string,
  links: string,
  versionFiles: readonly string[],
): Promise<Map<string, string> | null> {
  const kept = new Map<string, string>();
  for (const [index, relative] of versionFiles.entries()) {
    const source = path.join(dataDir, relative);
    const link = path.join(links, String(index));
    try {
      await Deno.link(source, link);
      kept.set(relative, link);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return null;
      kept.set(relative, source);
    }
  }
  return kept;
}

/** A database as of one moment; nothing when it does not exist (any more). `holds`: what the server can hold writes to. */
async function copySettled(
  from: string,
  to: string,
  holds: string | null,
  server: LocalServer,
): Promise<readonly CopiedFile[]> {
  const freeMax = holds === null ? patientAttemptsMax : freeAttemptsMax;
  for (let attempt = 0; attempt < freeMax; attempt++) {
    const copied = await copyDatabaseOnce(from, to);
    if (copied !== null) return copied;
    await pause(10 + Math.random() * 50);
  }
  if (holds !== null) {
    const sizeBytes = (await Deno.stat(from).catch(() => null))?.size ?? 0;
    const holdMs = Math.min(holdMsMax, holdMsMin + Math.ceil(sizeBytes / slowDiskBytesPerMs));
    try {
      for (let attempt = 0; attempt < heldAttemptsMax; attempt++) {
        await server.holdWrites(holds, holdMs);
        const copied = await copyDatabaseOnce(from, to);
        if (copied !== null) return copied;
        await pause(100 + Math.random() * 200);
      }
    } finally {
      await server.releaseWrites(holds);
    }
  }
  throw new AppError(
    "io_error",
    `backup: ${from} changed each time that it was copied; try again when less is written`,
  );
}

/** What the server keeps besides metadata, versions and workspaces: certificates, the query log, audit logs. */
async function copyOther(from: string, to: string): Promise<readonly CopiedFile[]> {
  try {
    if (from.endsWith(".duckdb")) return await copySettled(from, to, null, noServer);
    return [await copyBytes(from, to, await wholeLinesBytes(from))];
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return []; // rotated away
    throw error;
  }
}

const noServer: LocalServer = { holdWrites: () => Promise.resolve(), releaseWrites: () => Promise.resolve() };

function isOther(relative: string): boolean {
  const top = relative.split("/", 1)[0] ?? "";
  return !top.startsWith("project_") && relative !== localAccessFileName && !/\.wal(\.|$)/.test(relative) &&
    relative !== metadataFileName;
}

/** A log that is being appended to is taken up to its last whole line. */
async function wholeLinesBytes(file: string): Promise<number> {
  if (!/\.(jsonl|ndjson|log)$/.test(file)) return Number.POSITIVE_INFINITY;
  using opened = await Deno.open(file, { read: true });
  let end = (await opened.stat()).size;
  const buffer = new Uint8Array(64 * 1024);
  while (end > 0) {
    const start = Math.max(0, end - buffer.length);
    await opened.seek(start, Deno.SeekMode.Start);
    const count = await opened.read(buffer.subarray(0, end - start)) ?? 0;
    const newline = buffer.subarray(0, count).lastIndexOf(10);
    if (newline !== -1) return start + newline + 1;
    end = start;
  }
  return 0;
}

function pause(timeMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, timeMs));
}
