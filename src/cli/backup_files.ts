/**
 * What `backup` and `restore` share: the manifest, and copying a file while its SHA-256 is taken.
 *
 * A backup is a folder with `manifest.json` and, under `data/`, the files of a data folder under their own paths. The
 * manifest is written last, so a folder without one is no backup.
 */
import { createHash, type Hash } from "node:crypto";
import * as path from "node:path";
import { z } from "zod";
import { AppError } from "../errors/app_error.ts";

export const manifestFileName = "manifest.json";
export const backupDataFolder = "data";
/** Leftovers of running workers; a server empties them when it starts. */
export const skippedFolder = "_tmp";
/** Links that a backup of a running server makes for a while, in the data folder. */
export const linkFolderPrefix = "_backup_";

export const manifestSchema = z.object({
  format: z.literal("eider backup"),
  format_version: z.literal(1),
  created_at: z.string(),
  eider_version: z.string(),
  /** The metadata store's; null when it had none. */
  schema_version: z.number().int().nullable(),
  files: z.array(z.object({
    /** Relative to the data folder, with slashes. */
    path: z.string().min(1).refine(isInside),
    size_bytes: z.number().int().min(0),
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
  })),
});
export type BackupManifest = z.infer<typeof manifestSchema>;
export type BackupFile = BackupManifest["files"][number];

/** A path of a manifest must not lead out of the data folder. */
function isInside(file: string): boolean {
  const parts = file.split("/");
  return !parts.includes("..") && !parts.includes(".") && !parts.includes("") && !file.includes("\\") &&
    !file.includes("\0");
}

/**
 * All files of a folder that `wanted` takes, relative, sorted, without `_tmp` and a backup's own folders. Refuses what cannot be
 * copied, such as a symbolic link.
 */
export async function listFiles(folder: string, wanted: (relative: string) => boolean = () => true): Promise<string[]> {
  const files: string[] = [];
  const walk = async (relative: string): Promise<void> => {
    for await (const entry of Deno.readDir(path.join(folder, relative))) {
      const inside = relative === "" ? entry.name : `${relative}/${entry.name}`;
      if (entry.isDirectory) {
        if (entry.name !== skippedFolder && !entry.name.startsWith(linkFolderPrefix)) await walk(inside);
      } else if (!wanted(inside)) {
        continue;
      } else if (entry.isFile) {
        files.push(inside);
      } else if (entry.isSymlink) {
        throw new AppError("io_error", `${path.join(folder, inside)}: is a symbolic link, which a backup cannot hold`);
      }
      // Sockets and the like belong to a running process and hold no data.
    }
  };
  await walk("");
  return files.sort();
}

/** Copies a file, which must not exist yet, to disk, and gives its size and hash. */
export async function copyFile(from: string, to: string): Promise<Omit<BackupFile, "path">> {
  await Deno.mkdir(path.dirname(to), { recursive: true, mode: 0o700 });
  using source = await Deno.open(from, { read: true });
  const { mode } = await source.stat();
  using target = await Deno.open(to, { write: true, createNew: true, mode: (mode ?? 0o600) & 0o777 });
  const hash = createHash("sha256");
  const size = await readChunks(source, hash, async (chunk) => {
    for (let written = 0; written < chunk.length;) written += await target.write(chunk.subarray(written));
  });
  await target.sync();
  return { size_bytes: size, sha256: hash.digest("hex") };
}

/** The size and hash of a file. */
export async function hashFile(file: string): Promise<Omit<BackupFile, "path">> {
  using source = await Deno.open(file, { read: true });
  const hash = createHash("sha256");
  const size = await readChunks(source, hash, () => Promise.resolve());
  return { size_bytes: size, sha256: hash.digest("hex") };
}

async function readChunks(source: Deno.FsFile, hash: Hash, use: (chunk: Uint8Array) => Promise<void>): Promise<number> {
  const buffer = new Uint8Array(1024 * 1024);
  let size = 0;
  for (;;) {
    const count = await source.read(buffer);
    if (count === null) return size;
    const chunk = buffer.subarray(0, count);
    hash.update(chunk);
    await use(chunk);
    size += count;
  }
}

/** Whether the folder is missing or has nothing in it. */
export async function isEmptyFolder(folder: string): Promise<boolean> {
  try {
    for await (const _ of Deno.readDir(folder)) return false;
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return true;
    throw ioError(folder, error);
  }
}

export function ioError(what: string, error: unknown): AppError {
  if (error instanceof AppError) return error;
  const text = (error as Error).message.split("\n", 1)[0] ?? "";
  const kind = /no space left/i.test(text) ? "disk_full" : "io_error";
  return new AppError(kind, `${what}: ${text}`, { cause: error });
}
