/**
 * The executable that unpacks itself: a shell launcher, then the large files and the unpacker (gzip, which every system has;
 * each a part of its own, so that they are unpacked side by side), then the rest of the program (zstd, which the unpacked
 * runtime reads).
 *
 *     launcher.sh, filled in, padded with newlines
 *     gzip: lib/eider              Deno's binary
 *     gzip: …/libduckdb.so         and whatever else is large
 *     gzip: unpack/unpack.ts       run once by the runtime
 *     zstd: the rest of the program folder
 *
 * The same program gives the same bytes, and so the same cache folder. Decision: docs/adr/0003.
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { promisify } from "node:util";
import { constants, gzip, zstdCompress } from "node:zlib";
import { version } from "../../src/version.ts";
import type { Platform } from "./platform.ts";
import { filesOf } from "./program_folder.ts";
import type { ArchiveHeader, ProgramEntry } from "./unpack.ts";

const zstdLevel = 19;
const runtimePath = "lib/eider";
const unpackerPath = "unpack/unpack.ts";
/** From this size on, a file is a part of its own. */
const largeBytes = 8 * 1024 * 1024;

interface ProgramFile {
  readonly entry: ProgramEntry;
  readonly content: Uint8Array;
}

/** Packs the folder with the runtime into `out`; the old file is replaced at once, as it may be running. */
export async function packSelfExtracting(
  folder: string,
  runtime: Uint8Array,
  platform: Platform,
  out: string,
): Promise<void> {
  const here = import.meta.dirname ?? "";
  const launcher = await Deno.readTextFile(join(here, "launcher.sh"));
  const unpacker = await Deno.readFile(join(here, "unpack.ts"));
  const files = [fileOf(runtimePath, runtime), ...await readFiles(folder)];
  const large = files.filter(({ content }) => content.length >= largeBytes);
  const small = files.filter(({ content }) => content.length < largeBytes);
  const parts = await Promise.all([...large, fileOf(unpackerPath, unpacker)].map(async ({ entry, content }) => ({
    path: entry.path,
    bytes: await compress(content),
  })));
  const archive = await compressArchive(small, large.map(({ entry }) => entry));
  const header = fillLauncher(launcher, {
    id: `${version}-${contentHash(files, launcher)}`,
    files: files.map(({ entry }) => entry),
    parts: parts.map(({ path, bytes }) => ({ path, sizeBytes: bytes.length })),
    archiveBytes: archive.length,
    platform,
  });
  const temporary = `${out}.new`;
  {
    using file = await Deno.open(temporary, { write: true, create: true, truncate: true, mode: 0o755 });
    for (const bytes of [header, ...parts.map((part) => part.bytes), archive]) {
      for (let written = 0; written < bytes.length;) written += await file.write(bytes.subarray(written));
    }
  }
  await Deno.chmod(temporary, 0o755);
  await Deno.rename(temporary, out);
}

async function readFiles(folder: string): Promise<ProgramFile[]> {
  const paths = await filesOf(folder);
  return await Promise.all(paths.map(async (path) => fileOf(path, await Deno.readFile(join(folder, path)))));
}

function fileOf(path: string, content: Uint8Array): ProgramFile {
  const executable = path === runtimePath || path.startsWith("bin/");
  return { entry: { path, sizeBytes: content.length, executable }, content };
}

/** 16 hexadecimal digits over everything that ends up in the cache, and the launcher that reads it. */
function contentHash(files: readonly ProgramFile[], launcher: string): string {
  const hash = createHash("sha256").update(launcher);
  for (const { entry, content } of files) hash.update(JSON.stringify(entry)).update(content);
  return hash.digest("hex").slice(0, 16);
}

async function compress(bytes: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await promisify(gzip)(bytes, { level: 9 }));
}

/** What `readArchive` of `unpack.ts` reads. */
export async function compressArchive(
  files: readonly ProgramFile[],
  unpacked: readonly ProgramEntry[],
): Promise<Uint8Array> {
  const header: ArchiveHeader = { entries: files.map(({ entry }) => entry), unpacked };
  const contents = files.map(({ content }) => content as BlobPart);
  const bytes = new Uint8Array(await new Blob([`${JSON.stringify(header)}\n`, ...contents]).arrayBuffer());
  return new Uint8Array(
    await promisify(zstdCompress)(bytes, {
      params: { [constants.ZSTD_c_compressionLevel]: zstdLevel, [constants.ZSTD_c_checksumFlag]: 1 },
    }),
  );
}

interface LauncherFacts {
  readonly id: string;
  /** Every file of the program folder, with the runtime. */
  readonly files: readonly ProgramEntry[];
  /** With their compressed sizes, in the order in which they follow the launcher. */
  readonly parts: readonly Pick<ProgramEntry, "path" | "sizeBytes">[];
  readonly archiveBytes: number;
  readonly platform: Platform;
}

/** The header's size is a multiple of this, so that the numbers in it do not move the parts. */
const headerBlockBytes = 4096;

/** The launcher with its facts, padded; the parts follow right behind it. */
export function fillLauncher(template: string, facts: LauncherFacts): Uint8Array {
  const files = facts.files.toSorted((a, b) => a.path < b.path ? -1 : 1);
  for (const { path } of [...files, ...facts.parts]) {
    // They stand unquoted in the launcher, and `ls` puts them into the order of their bytes.
    if (!/^[\w@][\w@./-]*$/.test(path)) throw new Error(`${path}: a name that the launcher cannot hold`);
  }
  for (let headerBytes = headerBlockBytes;; headerBytes += headerBlockBytes) {
    const values: Readonly<Record<string, string | number>> = {
      ID: facts.id,
      VERSION: version,
      PLATFORM: facts.platform.name,
      MACHINE: facts.platform.machine,
      LOADER: facts.platform.loader,
      BYTES: facts.parts.reduce((sum, { sizeBytes }) => sum + sizeBytes, headerBytes + facts.archiveBytes),
      OFFSET: headerBytes,
      PARTS: facts.parts.map(({ path, sizeBytes }) => `${path} ${sizeBytes}`).join(" "),
      NAMES: files.map(({ path }) => path).join(" "),
      SIZES: files.map(({ sizeBytes }) => sizeBytes).join(" "),
    };
    const text = template.replaceAll(/@([A-Z_]+)@/g, (_, name: string) => {
      const value = values[name];
      if (value === undefined) throw new Error(`launcher.sh: @${name}@ has no value`);
      return String(value);
    });
    const header = new TextEncoder().encode(text);
    if (header.length > headerBytes) continue;
    const padded = new Uint8Array(headerBytes).fill(0x0a);
    padded.set(header);
    return padded;
  }
}
