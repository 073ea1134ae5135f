/** Rows that this process made (`sql/catalog/made`), kept in DuckDB's own layout as those that come from DuckDB are. */
import type { MadeRow, MadeRowsMemo, MadeValue } from "../../sql/catalog/memo/types.ts";
import { vectorRows } from "../load/column_loader.ts";
import { createColumnLoader } from "../load/create_column_loader.ts";
import type { KeptChunk, KeptRows } from "./kept_rows.ts";
import { logicalTypeOf } from "./logical_type.ts";

const encoder = new TextEncoder();

/** Of rows that are the same each time. */
const fixedChunks = new WeakMap<readonly MadeRow[], readonly KeptChunk[]>();

/** Runs the memo's `make`. */
export function keepMadeRows(
  memo: Pick<MadeRowsMemo, "columns">,
  { fixed, others }: ReturnType<MadeRowsMemo["make"]>,
): KeptRows {
  const types = memo.columns.map(({ type }) => type);
  let before = fixedChunks.get(fixed);
  if (before === undefined) fixedChunks.set(fixed, before = chunksOf(types, fixed));
  return { chunks: [...before, ...chunksOf(types, others)], rowCount: fixed.length + others.length };
}

function chunksOf(types: readonly string[], rows: readonly MadeRow[]): readonly KeptChunk[] {
  const chunks: KeptChunk[] = [];
  for (let from = 0; from < rows.length; from += vectorRows) {
    chunks.push(chunkOf(types, rows.slice(from, from + vectorRows)));
  }
  return chunks;
}

function chunkOf(types: readonly string[], rows: readonly MadeRow[]): KeptChunk {
  const columns = types.map((type, index) => {
    const { loader } = createColumnLoader(logicalTypeOf(type), "UTC");
    for (const row of rows) {
      const value = row[index];
      if (value === undefined) throw new Error(`a row of ${row.length} values for ${types.length} columns`);
      if (value === null) loader.appendNull();
      else {
        const bytes = bytesOf(value);
        loader.appendText(bytes, 0, bytes.length);
      }
    }
    return loader.seal(rows.length);
  });
  return { columns, rowCount: rows.length };
}

const [yes, no] = [encoder.encode("t"), encoder.encode("f")];

function bytesOf(value: Exclude<MadeValue, null>): Uint8Array {
  if (typeof value === "boolean") return value ? yes : no;
  return encoder.encode(typeof value === "object" ? arrayText(value) : String(value));
}

function arrayText(values: readonly (string | number)[]): string {
  const texts = values.map((value) =>
    typeof value === "number" ? String(value) : `"${value.replace(/["\\]/g, "\\$&")}"`
  );
  return `{${texts.join(",")}}`;
}
