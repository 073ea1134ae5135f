/** Errors of COPY in PostgreSQL's words, and the place they name: `COPY table, line 3, column a: "x"`. */
import { AppError } from "../../errors/app_error.ts";
import { LocatedError } from "../codec/located_error.ts";

/** Bytes of a line or value that an error shows. */
const shownBytesMax = 100;

/** 22P04, bad_copy_file_format. */
export function badCopyFormat(message: string, hint?: string): AppError {
  return new AppError("import_failed", message, hint === undefined ? {} : { hint });
}

/** 22021. `bytes` are those of the one bad character. */
export function invalidByteSequence(bytes: Uint8Array, encoding = "UTF8"): AppError {
  const shown = [...bytes].map((byte) => `0x${byte.toString(16).padStart(2, "0")}`).join(" ");
  return new AppError("character_not_in_repertoire", `invalid byte sequence for encoding "${encoding}": ${shown}`);
}

/** Where in the input an error lies; what is null is not known or not said. */
export interface CopyPlace {
  readonly table: string;
  readonly lineNumber: number;
  readonly column: string | null;
  /** The column's value, or without a column the whole line; `"null"` for the value NULL. */
  readonly text: Uint8Array | "null" | null;
}

/** The error with its CONTEXT. One that has a place already keeps it; before the first line there is none. */
export function locate(error: unknown, place: CopyPlace): unknown {
  if (!(error instanceof AppError) || error instanceof LocatedError || place.lineNumber === 0) return error;
  return new LocatedError(error, contextOf(place));
}

export function contextOf({ table, lineNumber, column, text }: CopyPlace): string {
  const line = `COPY ${table}, line ${lineNumber}${column === null ? "" : `, column ${column}`}`;
  if (text === null) return line;
  return text === "null" ? `${line}: null input` : `${line}: "${shown(text)}"`;
}

/** Cut at a character's end. */
function shown(bytes: Uint8Array): string {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  if (bytes.length <= shownBytesMax) return decoder.decode(bytes);
  let end = shownBytesMax;
  while (end > 0 && (bytes[end]! & 0xc0) === 0x80) end--;
  return `${decoder.decode(bytes.subarray(0, end))}...`;
}
