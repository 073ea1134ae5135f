/**
 * Unmaps the pages of the executable and its libraries that this process has touched so far. Starting reads far more of
 * them than running does (relocations, the engine's snapshot, code that runs once, and with every page its neighbours), and Linux
 * counts each as resident as long as the process lives. What is needed again is mapped again at its next use, from the page cache and
 * not from the disk.
 *
 * Safe for mappings that are private, cannot be written, and have no page of their own (a page that was written before it was
 * protected, such as a relocated table, is not in the file and would be lost): the kernel tells how much of each is anonymous. A
 * library that is just being loaded has such mappings for an instant, before its tables are relocated in them: only those that stand
 * unchanged after a pause are taken.
 */

interface Mapping {
  readonly address: bigint;
  readonly bytes: bigint;
  /** Of the file. */
  readonly inode: string;
}

/** Longer than loading a library takes. */
const pauseMs = 100;

/** From `MADV_DONTNEED` of <sys/mman.h>: the same number on every architecture of Linux that Deno has. */
const doNotNeed = 4;

/** Null where this cannot be done. The order returns at once, works beside the event loop and never fails. */
export function openReleaseFilePages(): (() => Promise<void>) | null {
  if (Deno.build.os !== "linux") return null;
  try {
    const library = Deno.dlopen("libc.so.6", {
      madvise: { parameters: ["usize", "usize", "i32"], result: "i32", nonblocking: true },
    });
    // Of this moment, and later of the last order: what is loaded lasts, so that the first order need not wait.
    let known = readOnlyFileMappings(Deno.readTextFileSync("/proc/self/maps"));
    let knownAtMs = performance.now();
    return async () => {
      try {
        const waitMs = knownAtMs + pauseMs - performance.now();
        if (waitMs > 0) await new Promise<void>((resolve) => setTimeout(resolve, waitMs));
        const smaps = await Deno.readTextFile("/proc/self/smaps");
        const mappings = inBoth(known, cleanFileMappings(smaps));
        known = readOnlyFileMappings(smaps);
        knownAtMs = performance.now();
        await Promise.all(mappings.map(({ address, bytes }) => library.symbols.madvise(address, bytes, doNotNeed)));
      } catch {
        // Memory is saved or it is not; the process runs on.
      }
    };
  } catch {
    return null;
  }
}

/** Those of `now` that stood before with the same bounds and the same file. */
export function inBoth(before: readonly Mapping[], now: readonly Mapping[]): Mapping[] {
  const known = new Set(before.map(keyOf));
  return now.filter((mapping) => known.has(keyOf(mapping)));
}

function keyOf({ address, bytes, inode }: Mapping): string {
  return `${address} ${bytes} ${inode}`;
}

/** The mappings of files, in the form of /proc/PID/smaps, that have resident pages and none that is not the file's. */
export function cleanFileMappings(smaps: string): Mapping[] {
  return matchesOf(smaps).filter(({ fields }) => numberOf("Rss", fields) !== 0 && numberOf("Anonymous", fields) === 0)
    .map(({ mapping }) => mapping);
}

/** All that are of files and cannot be written, in the form of /proc/PID/maps or smaps. */
export function readOnlyFileMappings(maps: string): Mapping[] {
  return matchesOf(maps).map(({ mapping }) => mapping);
}

function matchesOf(maps: string): { readonly mapping: Mapping; readonly fields: string }[] {
  return [...maps.matchAll(readOnlyMapping)].flatMap(([, from = "", to = "", inode = "0", fields = ""]) => {
    if (inode === "0") return [];
    const address = BigInt(`0x${from}`);
    return [{ mapping: { address, bytes: BigInt(`0x${to}`) - address, inode }, fields }];
  });
}

/** Address range, permissions, offset, device, inode, path; in smaps then a line a field, of which each begins with a capital. */
const readOnlyMapping = /^([0-9a-f]+)-([0-9a-f]+) r-[x-]p [0-9a-f]+ \S+ (\d+).*\n((?:[A-Z].*\n)*)/gm;

/** In kB; NaN when the field is missing. */
function numberOf(name: string, fields: string): number {
  return Number(new RegExp(`^${name}: +(\\d+) kB$`, "m").exec(fields)?.[1] ?? NaN);
}
