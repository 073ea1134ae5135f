/**
 * `eider restore DIR`: puts a backup into an empty data folder. Every file is checked against the manifest before the
 * first one is written, and again while it is copied; after a failure the data folder is empty as before.
 */
import * as path from "node:path";
import type { Config } from "../config/config.ts";
import { AppError } from "../errors/app_error.ts";
import {
  backupDataFolder,
  type BackupFile,
  type BackupManifest,
  copyFile,
  hashFile,
  ioError,
  isEmptyFolder,
  manifestFileName,
  manifestSchema,
} from "./backup_files.ts";
import type { CliOutput } from "./output.ts";

export async function restore(config: Config, directory: string, output: CliOutput): Promise<number> {
  const source = path.resolve(directory);
  const manifest = await readManifest(source);
  if (!await isEmptyFolder(config.dataDir)) {
    throw new AppError(
      "io_error",
      `data_dir ${config.dataDir}: is not empty; restore writes only into a new or empty folder`,
    );
  }
  for (const file of manifest.files) {
    const found = await hashFile(path.join(source, backupDataFolder, file.path)).catch((error) => {
      throw ioError(`backup ${source}: ${file.path}`, error);
    });
    refuseDifference(source, file, found);
  }
  await Deno.mkdir(config.dataDir, { recursive: true, mode: 0o700 });
  try {
    // The manifest's order: metadata.duckdb comes last, so that an interrupted restore is not taken for a data folder.
    for (const file of manifest.files) {
      const copied = await copyFile(
        path.join(source, backupDataFolder, file.path),
        path.join(config.dataDir, file.path),
      );
      refuseDifference(source, file, copied);
    }
  } catch (error) {
    for await (const entry of Deno.readDir(config.dataDir)) {
      await Deno.remove(path.join(config.dataDir, entry.name), { recursive: true });
    }
    throw ioError(`restore into ${config.dataDir}`, error);
  }
  output.out(
    `restored ${manifest.files.length} files from ${source} (made ${manifest.created_at}) into ${config.dataDir}`,
  );
  return 0;
}

async function readManifest(source: string): Promise<BackupManifest> {
  let text: string;
  try {
    text = await Deno.readTextFile(path.join(source, manifestFileName));
  } catch (error) {
    if (!(await Deno.stat(source).then((info) => info.isDirectory, () => false))) {
      throw new AppError("io_error", `backup ${source}: is no folder`, { cause: error });
    }
    throw new AppError("io_error", `backup ${source}: has no readable ${manifestFileName}, so it is no whole backup`, {
      cause: error,
    });
  }
  try {
    return manifestSchema.parse(JSON.parse(text));
  } catch (error) {
    throw new AppError("io_error", `backup ${source}: its ${manifestFileName} is not one that this program writes`, {
      cause: error,
    });
  }
}

function refuseDifference(source: string, expected: BackupFile, found: Omit<BackupFile, "path">): void {
  if (found.sha256 === expected.sha256 && found.size_bytes === expected.size_bytes) return;
  throw new AppError(
    "io_error",
    `backup ${source}: ${expected.path} is damaged: its SHA-256 is ${found.sha256}, the manifest says ${expected.sha256}`,
  );
}
