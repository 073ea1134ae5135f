/**
 * The second half of unpacking: the launcher (`launcher.sh`) has unpacked the large files and this one into a work folder
 * of its own and runs it there. It writes the archive's files beside them, then gives the work folder its final name:
 * one rename, so that a program folder is always complete, whoever is killed and however many start at once.
 *
 * It runs before anything is installed, so it imports nothing but the runtime. `self_extracting.ts` writes what it reads.
 */
import process from "node:process";
import { zstdDecompressSync } from "node:zlib";

/** A file of the program folder. */
export interface ProgramEntry {
  /** Relative to the folder, with slashes. */
  readonly path: string;
  readonly sizeBytes: number;
  readonly executable: boolean;
}

/** What an archive begins with, as one line of JSON. */
export interface ArchiveHeader {
  /** Of the files whose contents follow, in that order. */
  readonly entries: readonly ProgramEntry[];
  /** Of those that the launcher has unpacked. */
  readonly unpacked: readonly ProgramEntry[];
}

/** Work folders are `.unpacking-HOST-PID`: one whose process is gone was killed half-way. */
const workPrefix = ".unpacking-";
/** Somebody else may put a folder there between two steps of ours; more often than this it is not chance. */
const publishAttemptsMax = 5;

/** Reads an archive: the header, then the files' contents, all of it compressed. */
export function readArchive(
  compressed: Uint8Array,
): { header: ArchiveHeader; files: { entry: ProgramEntry; content: Uint8Array }[] } {
  const bytes = new Uint8Array(zstdDecompressSync(compressed));
  const lineEnd = bytes.indexOf(0x0a);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(0, lineEnd))) as ArchiveHeader;
  let position = lineEnd + 1;
  const files = header.entries.map((entry) => {
    const content = bytes.subarray(position, position + entry.sizeBytes);
    position += entry.sizeBytes;
    return { entry, content };
  });
  if (position !== bytes.length) throw new Error(`the archive has ${bytes.length} bytes in place of ${position}`);
  return { header, files };
}

/** Writes the files of an archive into a folder. */
export function writeFiles(folder: string, files: ReturnType<typeof readArchive>["files"]): void {
  for (const { entry, content } of files) {
    const path = `${folder}/${entry.path}`;
    Deno.mkdirSync(path.slice(0, path.lastIndexOf("/")), { recursive: true, mode: 0o700 });
    Deno.writeFileSync(path, content, { createNew: true, mode: entry.executable ? 0o700 : 0o600 });
  }
}

/**
 * Gives the work folder its final name. When somebody else was faster, his folder stays and the work folder goes; what
 * is there and not whole is moved away first.
 */
export function publish(work: string, target: string, isWhole: (folder: string) => boolean): "published" | "present" {
  for (let attempt = 1;; attempt += 1) {
    try {
      Deno.renameSync(work, target);
      return "published";
    } catch (error) {
      if (attempt === publishAttemptsMax || !exists(target)) throw error;
    }
    if (isWhole(target)) {
      Deno.removeSync(work, { recursive: true });
      return "present";
    }
    removeBroken(target, work);
  }
}

/** Moves the folder away and removes it; what cannot be removed stays under the other name. */
function removeBroken(target: string, work: string): void {
  const aside = `${work}.broken`;
  try {
    Deno.renameSync(target, aside);
    Deno.removeSync(aside, { recursive: true });
  } catch (error) {
    if (exists(target)) throw error;
  }
}

function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}

/** Whether a folder is this user's own, private, and has every file at its size, as the launcher asks at each start. */
export function hasEntries(folder: string, entries: readonly ProgramEntry[]): boolean {
  try {
    const { isDirectory, uid, mode } = Deno.lstatSync(folder);
    return isDirectory && uid === Deno.uid() && ((mode ?? 0) & 0o777) === 0o700 &&
      entries.every(({ path, sizeBytes }) => Deno.lstatSync(`${folder}/${path}`).size === sizeBytes);
  } catch {
    return false;
  }
}

/**
 * Removes what killed processes of this machine have left in the cache. Containers that share a cache have host names
 * of their own, so none takes another's running process for a dead one.
 */
export function removeAbandoned(cache: string, host: string, isRunning: (processId: number) => boolean): string[] {
  const removed: string[] = [];
  for (const { name } of Deno.readDirSync(cache)) {
    const processId = Number(/^(\d+)(?:\.broken)?$/.exec(name.slice(`${workPrefix}${host}-`.length))?.[1] ?? NaN);
    if (!name.startsWith(`${workPrefix}${host}-`) || Number.isNaN(processId) || isRunning(processId)) continue;
    try {
      Deno.removeSync(`${cache}/${name}`, { recursive: true });
      removed.push(name);
    } catch {
      // Somebody else removes it, or it is not ours: it does no harm but take room.
    }
  }
  return removed;
}

/** Whether a process of that number exists; somebody else's counts. */
function isRunning(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    return (error as { code?: string }).code !== "ESRCH";
  }
}

/** Throws when the system lacks what the library needs (libstdc++), now and not at the first query. */
function tryLibrary(path: string): void {
  try {
    Deno.dlopen(path, {}).close();
  } catch (error) {
    const detail = error instanceof Error ? error.message.replace(/^.*Could not open library: /, "") : String(error);
    throw new Error(`the system lacks what ${path.slice(path.lastIndexOf("/") + 1)} needs: ${detail}`);
  }
}

/** The rest of a file. */
function readFrom(path: string, offset: number): Uint8Array {
  using file = Deno.openSync(path);
  const bytes = new Uint8Array(file.statSync().size - offset);
  file.seekSync(offset, Deno.SeekMode.Start);
  for (let length = 0; length < bytes.length;) {
    const count = file.readSync(bytes.subarray(length));
    if (count === null) throw new Error(`${path} became shorter`);
    length += count;
  }
  return bytes;
}

/** `unpack.ts EXECUTABLE ARCHIVE_OFFSET WORK TARGET`. */
function main([executable = "", offset = "0", work = "", target = ""]: readonly string[]): void {
  const cache = target.slice(0, target.lastIndexOf("/"));
  removeAbandoned(cache, Deno.hostname(), isRunning);
  const { header, files } = readArchive(readFrom(executable, Number(offset)));
  writeFiles(work, files);
  Deno.removeSync(`${work}/unpack`, { recursive: true });
  const entries = [...header.unpacked, ...header.entries];
  if (!hasEntries(work, entries)) throw new Error(`${work}: what was unpacked is not whole`);
  header.unpacked.filter(({ path }) => /\.(so|dylib)$/.test(path)).forEach(({ path }) => tryLibrary(`${work}/${path}`));
  publish(work, target, (folder) => hasEntries(folder, entries));
}

if (import.meta.main) {
  try {
    main(Deno.args);
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    Deno.exit(1);
  }
}
