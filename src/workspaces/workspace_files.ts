/** Files of workspaces on disk: their size and their removal. Only workers open them. */
import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { workspaceFilePath, workspaceTempDirectory } from "./paths.ts";

interface WorkspacePlace {
  readonly id: string;
  readonly projectId: string;
  readonly branchId: string | null;
}

/** Bytes of the workspace's file and write-ahead log; 0 when it was never opened. */
export async function workspaceSizeBytes(dataDirectory: string, workspace: WorkspacePlace): Promise<number> {
  const path = workspaceFilePath(dataDirectory, workspace);
  const sizes = await Promise.all([path, `${path}.wal`].map(fileSizeBytes));
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** Removes the workspace's file, its write-ahead log and its spill files. */
export async function removeWorkspaceFiles(dataDirectory: string, workspace: WorkspacePlace): Promise<void> {
  const path = workspaceFilePath(dataDirectory, workspace);
  // The log last: a log without its file is refused by nobody, a file without its log would lose changes.
  await rm(path, { force: true });
  await rm(`${path}.wal`, { force: true });
  await rm(workspaceTempDirectory(dataDirectory, workspace), { recursive: true, force: true });
}

/** A file or spill folder of a workspace, as found on disk. */
export interface WorkspaceLeftover {
  readonly workspaceId: string;
  readonly path: string;
  readonly kind: "file" | "temp";
}

/** Everything on disk that belongs to a workspace by its name. */
export async function findWorkspaceFiles(dataDirectory: string): Promise<WorkspaceLeftover[]> {
  const found: WorkspaceLeftover[] = [];
  for (const scope of await namesIn(dataDirectory)) {
    if (!scope.startsWith("project_")) continue;
    for (const [folder, kind] of [["_workspaces", "file"], ["_tmp", "temp"]] as const) {
      const directory = join(dataDirectory, scope, folder);
      for (const name of await namesIn(directory)) {
        const workspaceId = /^(ws_[0-9a-f]+)(\.|$)/.exec(name)?.[1];
        if (workspaceId !== undefined) found.push({ workspaceId, path: join(directory, name), kind });
      }
    }
  }
  return found;
}

export async function removeLeftover(leftover: WorkspaceLeftover): Promise<void> {
  await rm(leftover.path, { recursive: true, force: true });
}

async function fileSizeBytes(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (isMissing(error)) return 0;
    throw error;
  }
}

async function namesIn(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
