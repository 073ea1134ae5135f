/**
 * Collects V8's young generation on request. Loading the program's modules leaves some 15 MB of it, nearly all garbage, which V8
 * would keep until the next allocations fill it: at rest that may be minutes away. A process that wants a smaller young
 * generation for good takes `--max-semi-space-size` in place of this (workers do).
 */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

type CollectGarbage = (options: { readonly type: "minor" }) => void;

/** Takes some ten milliseconds, in which nothing else runs. Does nothing where the engine does not give its collector. */
export function collectYoungGarbage(): void {
  try {
    setFlagsFromString("--expose-gc");
    const collect: unknown = runInNewContext("globalThis.gc");
    setFlagsFromString("--no-expose-gc");
    if (typeof collect === "function") (collect as CollectGarbage)({ type: "minor" });
  } catch {
    // Memory is saved or it is not; the server runs on.
  }
}
