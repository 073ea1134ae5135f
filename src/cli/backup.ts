/**
 * `eider backup DIR`: copies a data folder, with a manifest of every file's SHA-256. While a server runs on it the copy is
 * consistent all the same (`live_backup.ts`); without one, none can start until the backup has ended.
 */
import * as path from "node:path";
import type { Config } from "../config/config.ts";
import { AppError } from "../errors/app_error.ts";
import { type HeldMetadata, holdMetadata } from "../metadata/hold_metadata.ts";
import { metadataFileName } from "../metadata/pool/pool.ts";
import {
  backupDataFolder,
  type BackupFile,
  type BackupManifest,
  copyFile,
  ioError,
  isEmptyFolder,
  linkFolderPrefix,
  listFiles,
  manifestFileName,
} from "./backup_files.ts";
import { localAccessFileName } from "../server/local_access.ts";
import { copyRunning } from "./live_backup.ts";
import { findLocalServer } from "./local_server.ts";
import type { CliOutput } from "./output.ts";
import { version } from "./version.ts";

const abandonedAfterMs = 24 * 3_600_000;

export async function backup(config: Config, directory: string, output: CliOutput): Promise<number> {
  const target = path.resolve(directory);
  if (target === config.dataDir || target.startsWith(config.dataDir + path.sep)) {
    throw new AppError("io_error", `backup ${target}: is inside of data_dir ${config.dataDir}; choose another folder`);
  }
  if (!await isEmptyFolder(target)) {
    throw new AppError("io_error", `backup ${target}: is not empty; choose a new or empty folder`);
  }
  const held = await holdOrNull(config.dataDir);
  if (held === null) return await backupRunning(config.dataDir, target, output);
  try {
    await Deno.mkdir(target, { recursive: true, mode: 0o700 });
    const names = await listFiles(config.dataDir, (name) => name !== localAccessFileName);
    // Last, as reading it ends the lock; see holdMetadata.
    const ordered = [...names.filter((name) => name !== metadataFileName), metadataFileName];
    const files: BackupFile[] = [];
    for (const name of ordered) {
      const copied = await copyFile(path.join(config.dataDir, name), path.join(target, backupDataFolder, name));
      files.push({ path: name, ...copied });
    }
    await finish(config.dataDir, target, held.schemaVersion, files, output);
    return 0;
  } catch (error) {
    throw ioError(`backup ${target}`, error);
  } finally {
    held.release();
  }
}

/** Null when a server runs on the folder and can be reached. */
async function holdOrNull(dataDir: string): Promise<HeldMetadata | null> {
  try {
    return await holdMetadata(dataDir);
  } catch (error) {
    if (await findLocalServer(dataDir) !== null) return null;
    throw error;
  }
}

async function backupRunning(dataDir: string, target: string, output: CliOutput): Promise<number> {
  const server = await findLocalServer(dataDir);
  if (server === null) throw new AppError("io_error", `backup ${target}: the server has just stopped; try again`);
  try {
    await Deno.mkdir(target, { recursive: true, mode: 0o700 });
    await removeAbandonedLinks(dataDir);
    const { schemaVersion, files } = await copyRunning(dataDir, target, server);
    await finish(dataDir, target, schemaVersion, files, output);
    return 0;
  } catch (error) {
    throw ioError(`backup ${target}`, error);
  }
}

/** Links of a backup that was killed hold the space of deleted tables. One that is a day old is not in use. */
async function removeAbandonedLinks(dataDir: string): Promise<void> {
  for await (const entry of Deno.readDir(dataDir)) {
    if (!entry.isDirectory || !entry.name.startsWith(linkFolderPrefix)) continue;
    const folder = path.join(dataDir, entry.name);
    const { mtime } = await Deno.stat(folder);
    if (Date.now() - (mtime?.getTime() ?? 0) > abandonedAfterMs) await Deno.remove(folder, { recursive: true });
  }
}

async function finish(
  dataDir: string,
  target: string,
  schemaVersion: number | null,
  files: readonly BackupFile[],
  output: CliOutput,
): Promise<void> {
  await writeManifest(target, {
    format: "eider backup",
    format_version: 1,
    created_at: new Date().toISOString(),
    eider_version: version,
    schema_version: schemaVersion,
    files: [...files],
  });
  const sizeBytes = files.reduce((sum, file) => sum + file.size_bytes, 0);
  output.out(`backup of ${dataDir} in ${target}: ${files.length} files, ${(sizeBytes / 1e6).toFixed(1)} MB`);
}

async function writeManifest(target: string, manifest: BackupManifest): Promise<void> {
  const temporary = path.join(target, `${manifestFileName}.part`);
  {
    using file = await Deno.open(temporary, { write: true, createNew: true, mode: 0o600 });
    const bytes = new TextEncoder().encode(JSON.stringify(manifest, null, 2) + "\n");
    for (let written = 0; written < bytes.length;) written += await file.write(bytes.subarray(written));
    await file.sync();
  }
  await Deno.rename(temporary, path.join(target, manifestFileName));
}
