/**
 * Removes what nothing needs any more: versions beyond the restore window, files that no version refers to, temporary
 * folders of storage jobs, folders of deleted projects. A file stays while a version refers to it, a worker may read it,
 * or storage itself pins it (`file_pins.ts`).
 *
 * The order matters: files are listed first, then pins are read, then the references. A file that an import finishes in
 * between is either not in the list, or pinned, or referred to.
 */
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { FilePins } from "./file_pins.ts";
import { scopeFolder, temporaryPrefix, versionFilePattern } from "./paths.ts";
import type { ProjectService } from "./projects.ts";
import type { StorageJobPort, StorageLogger, StorageSettings, TableRepository } from "./types.ts";

/** A version can be restored while it is one of the newest ten, or a week long; never more than a hundred are kept. */
export const retention = { keepCount: 10, keepMs: 7 * 24 * 60 * 60 * 1000, keepMax: 100 } as const;

export interface CleanupDependencies {
  readonly projects: ProjectService;
  readonly tables: TableRepository;
  readonly jobs: StorageJobPort;
  readonly settings: StorageSettings;
  readonly pins: FilePins;
  readonly log: StorageLogger;
  readonly now: () => number;
}

export interface CleanupOutcome {
  readonly versionsRemoved: number;
  readonly filesRemoved: number;
}

/** Runs once; also at start, before the first request, when it finds what a crash left behind. */
export async function cleanUpStorage(dependencies: CleanupDependencies): Promise<CleanupOutcome> {
  const { projects, tables, jobs, settings, pins, log, now } = dependencies;
  await projects.removeDeletedFolders();
  const versionsRemoved = await tables.pruneVersions({
    keepCount: retention.keepCount,
    keepSince: new Date(now() - retention.keepMs).toISOString(),
    keepMax: retention.keepMax,
  });

  const candidates: { relativePath: string; absolutePath: string }[] = [];
  for (const scope of await tables.allScopes()) {
    for (const relativePath of await listFiles(settings.dataDirectory, scopeFolder(scope))) {
      candidates.push({ relativePath, absolutePath: join(settings.dataDirectory, relativePath) });
    }
  }
  const kept = new Set([...pins.snapshot(), ...jobs.filesInUse()]);
  const referenced = await tables.referencedFiles();

  let filesRemoved = 0;
  for (const { relativePath, absolutePath } of candidates) {
    const versionFile = absolutePath.replace(/(\.partial)?(\.wal)?$/, "");
    if (kept.has(absolutePath) || kept.has(versionFile) || referenced.has(relativePath)) continue;
    try {
      await rm(absolutePath, { recursive: true, force: true });
      filesRemoved++;
    } catch (error) {
      log.warn("an unreferenced file could not be removed", { file: relativePath, error: String(error) });
    }
  }
  if (versionsRemoved + filesRemoved > 0) {
    log.info("storage cleaned up", { versions_removed: versionsRemoved, files_removed: filesRemoved });
  }
  return { versionsRemoved, filesRemoved };
}

/** Version files and storage's own temporary folders in one project's or branch's folder, relative to the data folder. */
async function listFiles(dataDirectory: string, folder: string): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await list(join(dataDirectory, folder))) {
    if (!entry.isDirectory() || entry.name === "_workspaces") continue;
    const inner = join(folder, entry.name);
    for (const file of await list(join(dataDirectory, inner))) {
      const isOurs = entry.name === "_tmp"
        ? file.name.startsWith(temporaryPrefix)
        : file.isFile() && versionFilePattern.test(file.name);
      if (isOurs) found.push(join(inner, file.name));
    }
  }
  return found;
}

async function list(path: string) {
  try {
    return await readdir(path, { withFileTypes: true });
  } catch (error) {
    if ((error as { code?: unknown }).code === "ENOENT") return [];
    throw error;
  }
}
