/**
 * The folder of the workers' Unix sockets: private to this user (0700), with a short path, gone when the server is.
 *
 * A server that was killed leaves its folder; the next one removes it. Whether a folder's server lives is told by a
 * lock on a file in it (flock), which the kernel drops with the process, also where process numbers are reused or
 * belong to another container. The folder gets its final name only after the lock is held, so nobody sees it unlocked.
 */
import { join } from "node:path";

const livePrefix = "eider-sockets-";
const newPrefix = "eider-new-";
const lockName = "server.lock";

/** A Unix socket's path has at most 107 bytes (unix(7): sun_path is 108 with the final NUL). */
export const socketPathBytesMax = 107;
/** Kept for `/` and a worker's file name. */
const socketNameBytesMax = 40;
/** A folder without a lock is one that somebody is making right now, or one of a server that died while making it. */
const abandonedAfterMs = 3_600_000;

export interface SocketDirectory {
  readonly path: string;
  /** Removes the folder and gives its lock back. */
  remove(): Promise<void>;
}

/** Makes the folder in `base` (the system's temporary folder when null) and removes those of dead servers there. */
export async function makeSocketDirectory(base: string | null): Promise<SocketDirectory> {
  const parent = base ?? shortTemporaryDirectory();
  const name = livePrefix + crypto.randomUUID().slice(0, 8);
  const path = join(parent, name);
  if (!isShortEnough(path)) {
    throw new Error(`the path of the socket folder is too long: ${path}, a Unix socket's path has at most 107 bytes`);
  }
  const beginning = await Deno.makeTempDir({ dir: parent, prefix: newPrefix });
  await Deno.chmod(beginning, 0o700);
  const lock = await Deno.open(join(beginning, lockName), { create: true, write: true, mode: 0o600 });
  await lock.lock(true);
  await Deno.rename(beginning, path);
  await removeLeftovers(parent, name);
  return {
    path,
    async remove() {
      await Deno.remove(path, { recursive: true }).catch(() => {});
      lock.close();
    },
  };
}

function shortTemporaryDirectory(): string {
  const configured = Deno.env.get("TMPDIR");
  return configured !== undefined && isShortEnough(join(configured, livePrefix + "00000000")) ? configured : "/tmp";
}

function isShortEnough(directory: string): boolean {
  return new TextEncoder().encode(directory).length + socketNameBytesMax <= socketPathBytesMax;
}

async function removeLeftovers(parent: string, own: string): Promise<void> {
  for await (const entry of Deno.readDir(parent)) {
    const isLive = entry.name.startsWith(livePrefix);
    if (!entry.isDirectory || entry.name === own || !(isLive || entry.name.startsWith(newPrefix))) continue;
    // What cannot be looked at belongs to another user or vanishes just now: not ours to remove.
    await removeIfDead(join(parent, entry.name), isLive).catch(() => {});
  }
}

async function removeIfDead(path: string, isLive: boolean): Promise<void> {
  const info = await Deno.lstat(path);
  if (!info.isDirectory || info.uid !== Deno.uid()) return;
  if (isLive) {
    try {
      using lock = await Deno.open(join(path, lockName), { write: true });
      if (await lock.tryLock(true)) await Deno.remove(path, { recursive: true });
      return;
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  if (Date.now() - (info.mtime?.getTime() ?? Date.now()) > abandonedAfterMs) {
    await Deno.remove(path, { recursive: true });
  }
}
