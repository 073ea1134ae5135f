/**
 * `eider backup DIR`: copies the data folder of a stopped server, with a manifest of every file's SHA-256. A server on
 * the folder makes it fail, and cannot start while it runs.
 */
import * as path from "node:path";
import { formatByteSize } from "../config/byte_size.ts";
import type { Config } from "../config/config.ts";
import { AppError } from "../errors/app_error.ts";
import { holdMetadata } from "../metadata/hold_metadata.ts";
import { metadataFileName } from "../metadata/pool.ts";
import {
  backupDataFolder,
  type BackupFile,
  type BackupManifest,
  copyFile,
  ioError,
  isEmptyFolder,
  listFiles,
  manifestFileName,
} from "./backup_files.ts";
import type { CliOutput } from "./output.ts";
import { version } from "./version.ts";

export async function backup(config: Config, directory: string, output: CliOutput): Promise<number> {
  const target = path.resolve(directory);
  if (target === config.dataDir || target.startsWith(config.dataDir + path.sep)) {
    throw new AppError("io_error", `backup ${target}: is inside of data_dir ${config.dataDir}; choose another folder`);
  }
  if (!await isEmptyFolder(target)) {
    throw new AppError("io_error", `backup ${target}: is not empty; choose a new or empty folder`);
  }
  const held = await holdMetadata(config.dataDir);
  try {
    await Deno.mkdir(target, { recursive: true, mode: 0o700 });
    const names = await listFiles(config.dataDir);
    // Last, as reading it ends the lock; see holdMetadata.
    const ordered = [...names.filter((name) => name !== metadataFileName), metadataFileName];
    const files: BackupFile[] = [];
    for (const name of ordered) {
      const copied = await copyFile(path.join(config.dataDir, name), path.join(target, backupDataFolder, name));
      files.push({ path: name, ...copied });
    }
    await writeManifest(target, {
      format: "eider backup",
      format_version: 1,
      created_at: new Date().toISOString(),
      eider_version: version,
      schema_version: held.schemaVersion,
      files,
    });
    const sizeBytes = files.reduce((sum, file) => sum + file.size_bytes, 0);
    output.out(`backup of ${config.dataDir} in ${target}: ${files.length} files, ${formatByteSize(sizeBytes)}`);
    return 0;
  } catch (error) {
    throw ioError(`backup ${target}`, error);
  } finally {
    held.release();
  }
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
