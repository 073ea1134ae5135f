/** How the files of this folder write down what functions look into. */
import { qualifyFunctions } from "../functions/macro.ts";
import type { FoundMemo, LookupMemo, MadeMemo, MakerView, MemoChange } from "./types.ts";

/** `key` is unique; `sql` calls DuckDB's functions in lower case and by their bare names. */
export function lookupMemo<Found>(
  key: string,
  sql: string,
  build: LookupMemo<Found>["build"],
  changes: MemoChange = "definitions",
): LookupMemo<Found> {
  return { kind: "lookup", key, sql: qualifyFunctions(sql), changes, build };
}

/** `key` is unique; `of` is all that `make` looks up. */
export function madeMemo<Found>(
  key: string,
  of: readonly FoundMemo[],
  make: (view: MakerView) => Found,
  changes: MemoChange = "definitions",
): MadeMemo<Found> {
  return { kind: "made", key, of, make, changes };
}
