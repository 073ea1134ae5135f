/** Sizes of relations. What the engine has measured for a statement is read for that statement. */
import { lookupMemo } from "./define.ts";
import { relationSizes } from "../functions/sizes.ts";
import { relationsMemo } from "./object_names.ts";
import type { LookupFunction, SessionView } from "./types.ts";

const sizesMemo = lookupMemo<ReadonlyMap<string, bigint>>("sizes of relations", relationSizes, (rows) => {
  const sizes = new Map<string, bigint>();
  for (const [oid, bytes] of rows) {
    const size = BigInt(bytes ?? 0);
    const before = sizes.get(oid!);
    if (before === undefined || before < size) sizes.set(oid!, size);
  }
  return sizes;
}, "always");

export const sizeLookups: readonly LookupFunction[] = [{
  /** NULL for what does not exist; 0 for what keeps no rows, such as a view. */
  name: "__eider_relation_size",
  parameters: ["BIGINT"],
  returns: "BIGINT",
  memos: [relationsMemo, sizesMemo],
  call: (view: SessionView, oid: bigint) =>
    view.lookUp(relationsMemo).byOid.has(Number(oid)) ? view.lookUp(sizesMemo).get(String(oid)) ?? 0n : null,
}];
