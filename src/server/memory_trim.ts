/**
 * Gives freed native memory back to the system. The buffers of passing sessions leave glibc's heap fragmented: after some
 * hundred connections and results it holds 100 to 200 MB that nothing uses, which `malloc_trim` returns in a few milliseconds.
 */
type TrimMemory = () => void;

/** Null where the C library has no `malloc_trim` (musl, macOS, Windows). */
export function openTrimMemory(): TrimMemory | null {
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
