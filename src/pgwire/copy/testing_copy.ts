/** What the tests of COPY's decoders share: options by what differs from the defaults, and rows as texts. */
import { AppError } from "../../errors/app_error.ts";
import type { CopyOptions } from "../../sql/statement.ts";
import { type CopyRowReader, nullField } from "./copy_row.ts";

/** Options as the policy's parser makes them. */
export function copyOptions(changes: Partial<CopyOptions> = {}): CopyOptions {
  const isCsv = changes.format === "csv";
  return {
    format: "text",
    delimiter: isCsv ? "," : "\t",
    null: isCsv ? "" : "\\N",
    header: false,
    quote: '"',
    escape: changes.quote ?? '"',
    forceQuote: [],
    forceNotNull: [],
    forceNull: [],
    encoding: null,
    default: null,
    ...changes,
  };
}

/** A row's fields; null is NULL, undefined the column's default. */
export type Fields = (string | null | undefined)[];

export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** All rows of a stream that comes in these pieces; at the end perhaps `error: line N: message`. */
export function readAll(reader: CopyRowReader, pieces: readonly Uint8Array[]): (Fields | string)[] {
  const rows: (Fields | string)[] = [];
  const take = () => {
    while (reader.next()) rows.push(fieldsOf(reader));
  };
  try {
    for (const piece of pieces) {
      // The reader must not rely on the piece after the call.
      const copy = piece.slice();
      reader.push(copy);
      copy.fill(0x3f);
      take();
    }
    reader.end();
    take();
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    rows.push(`error: line ${reader.row.lineNumber}: ${error.message}`);
  }
  return rows;
}

function fieldsOf({ row }: CopyRowReader): Fields {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  return Array.from({ length: row.count }, (_, index) => {
    const end = row.ends[index];
    if (end === undefined) return "…";
    if (end >= 0) return decoder.decode(row.bytes.subarray(row.starts[index], end));
    return end === nullField ? null : undefined;
  });
}

/** The bytes as one piece, byte by byte, and cut in two at every place. */
export function* splits(bytes: Uint8Array): Iterable<readonly Uint8Array[]> {
  yield [bytes];
  yield [...bytes].map((byte) => Uint8Array.of(byte));
  for (let at = 1; at < bytes.length; at++) yield [bytes.subarray(0, at), bytes.subarray(at)];
}
