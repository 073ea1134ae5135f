/**
 * Gives freed native memory back to the system. Two allocators keep it otherwise:
 *
 * - glibc's heap, fragmented by the buffers of passing sessions: after some hundred connections and results it holds 100 to
 *   200 MB that nothing uses, which `malloc_trim` returns in a few milliseconds.
 * - DuckDB's own allocator (jemalloc), which lets go of freed pages only while it is used: at rest they would stay.
 *
 * Where the C library or DuckDB's library has no such function (musl, macOS, Windows), nothing is done.
 */
export type TrimMemory = () => void;

/** 4096 is jemalloc's name for all arenas at once. */
const purgeAllArenas = new TextEncoder().encode("arena.4096.purge\0");

/** Null where there is nothing to call. What it gives returns at once, works beside the event loop and never fails. */
export function openTrimMemory(): TrimMemory | null {
  const trimHeap = openHeapTrim();
  if (trimHeap === null) return null;
  // DuckDB's library may be loaded later than this is called.
  let purgeDuckDb: (() => Promise<number>) | null = null;
  return () => {
    purgeDuckDb ??= openDuckDbPurge();
    void purgeDuckDb?.().catch(() => undefined);
    trimHeap();
  };
}

function openHeapTrim(): TrimMemory | null {
  try {
    const library = Deno.dlopen("libc.so.6", {
      // `bytesLeft` is how much may stay unused at the top of the heap.
      malloc_trim: { parameters: ["usize"], result: "i32", nonblocking: true },
    });
    return () => void library.symbols.malloc_trim(0n).catch(() => undefined);
  } catch {
    return null;
  }
}

/** Null while DuckDB's library is not loaded, or when it has another allocator. Resolves with 0 when it was done. */
export function openDuckDbPurge(): (() => Promise<number>) | null {
  try {
    // The program's folder differs between a checkout and the executable; the loaded file is the one that counts.
    const path = / (\/.*\/libduckdb\.so)$/m.exec(Deno.readTextFileSync("/proc/self/maps"))?.[1];
    if (path === undefined) return null;
    const library = Deno.dlopen(path, {
      // Name, old value and its length, new value and its length.
      duckdb_je_mallctl: {
        parameters: ["buffer", "pointer", "pointer", "pointer", "usize"],
        result: "i32",
        nonblocking: true,
      },
    });
    return () => library.symbols.duckdb_je_mallctl(purgeAllArenas, null, null, null, 0n);
  } catch {
    return null;
  }
}
