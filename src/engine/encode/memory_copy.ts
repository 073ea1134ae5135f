/**
 * Copies bytes from an address that DuckDB gave us, such as a string's, into one of our buffers.
 *
 * The C library's `memcpy` through Deno's foreign functions costs 10 ns a call when all its arguments are BigInts (the
 * compiler then passes plain 64-bit integers), `Deno.UnsafePointerView.copyInto` 190 ns and the bindings'
 * `get_data_from_pointer` over 1 µs. Where no C library of a known name can be opened, the pointer view is used.
 */

/** Copies `byteCount` bytes from the address `source` to the address `target`. Both must be valid for so many. */
export type CopyMemory = (target: bigint, source: bigint, byteCount: bigint) => void;

const libraryNames: Readonly<Record<string, readonly string[]>> = {
  linux: ["libc.so.6", "libc.musl-x86_64.so.1", "libc.musl-aarch64.so.1", "libc.so"],
  darwin: ["libSystem.B.dylib"],
  windows: ["msvcrt.dll"],
};

function openMemcpy(): CopyMemory | undefined {
  for (const name of libraryNames[Deno.build.os] ?? []) {
    try {
      const library = Deno.dlopen(name, { memcpy: { parameters: ["u64", "u64", "usize"], result: "void" } });
      return library.symbols.memcpy;
    } catch {
      // Not the C library of this system; the next name is tried.
    }
  }
  return undefined;
}

const memcpy = openMemcpy();

function copyThroughViews(target: bigint, source: bigint, byteCount: bigint): void {
  if (byteCount === 0n) return;
  const targetPointer = Deno.UnsafePointer.create(target);
  const sourcePointer = Deno.UnsafePointer.create(source);
  if (targetPointer === null || sourcePointer === null) throw new TypeError("memory copy: null address");
  const size = Number(byteCount);
  Deno.UnsafePointerView.copyInto(
    sourcePointer,
    new Uint8Array(Deno.UnsafePointerView.getArrayBuffer(targetPointer, size)),
  );
}

export const copyMemory: CopyMemory = memcpy ?? copyThroughViews;

/** The address of a buffer's first byte. The buffer must stay reachable while the address is used. */
export function addressOf(bytes: Uint8Array): bigint {
  return Deno.UnsafePointer.value(Deno.UnsafePointer.of(bytes as Uint8Array<ArrayBuffer>));
}
