/** How the files of this folder write down what functions look into. */
import { qualifyFunctions } from "../functions/macro.ts";
import type { LookupMemo, MemoChange } from "./types.ts";

/** `key` is unique; `sql` calls DuckDB's functions in lower case and by their bare names. */
export function lookupMemo<Found>(
  key: string,
  sql: string,
  build: LookupMemo<Found>["build"],
  changes: MemoChange = "definitions",
): LookupMemo<Found> {
  return { kind: "lookup", key, sql: qualifyFunctions(sql), changes, build };
}
