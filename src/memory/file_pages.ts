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
    return async () => {
      try {
        const before = cleanFileMappings(await Deno.readTextFile("/proc/self/smaps"));
        await new Promise<void>((resolve) => setTimeout(resolve, pauseMs));
        const mappings = inBoth(before, cleanFileMappings(Deno.readTextFileSync("/proc/self/smaps")));
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
  const mappings: Mapping[] = [];
  for (const [, from = "", to = "", inode = "0", fields = ""] of smaps.matchAll(readOnlyMapping)) {
    if (inode === "0" || numberOf("Rss", fields) === 0 || numberOf("Anonymous", fields) !== 0) continue;
    const address = BigInt(`0x${from}`);
    mappings.push({ address, bytes: BigInt(`0x${to}`) - address, inode });
  }
  return mappings;
}

/** Address range, permissions, offset, device, inode, path; then a line a field, of which each begins with a capital. */
const readOnlyMapping = /^([0-9a-f]+)-([0-9a-f]+) r-[x-]p [0-9a-f]+ \S+ (\d+).*\n((?:[A-Z].*\n)*)/gm;

/** In kB; NaN when the field is missing. */
function numberOf(name: string, fields: string): number {
  return Number(new RegExp(`^${name}: +(\\d+) kB$`, "m").exec(fields)?.[1] ?? NaN);
}
