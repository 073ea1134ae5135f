/**
 * Collects V8's garbage on request. Loading the program's modules leaves some 15 MB of it, nearly all in the young generation, which
 * V8 would keep until the next allocations fill it: at rest that may be minutes away. What has outlived two small collections
 * meanwhile, and compiled code that ran once, only a collection of everything finds (another 4 to 10 MB).
 */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

type CollectGarbage = (options: { readonly type: "minor" | "major" }) => void;

/**
 * Nothing else runs meanwhile: some two milliseconds for the young generation, some thirty for everything. Does nothing where the
 * engine does not give its collector.
 */
export function collectGarbage(type: "minor" | "major"): void {
  try {
    setFlagsFromString("--expose-gc");
    const collect: unknown = runInNewContext("globalThis.gc");
    setFlagsFromString("--no-expose-gc");
    if (typeof collect === "function") (collect as CollectGarbage)({ type });
  } catch {
    // Memory is saved or it is not; the process runs on.
  }
}
