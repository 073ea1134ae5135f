/**
 * Finds a row in an uploaded text file. DuckDB numbers records; people look for lines, and a quoted CSV value may hold
 * line breaks. Only run once something is wrong, in one pass over the file with a small buffer.
 */
import { open } from "node:fs/promises";

const bufferBytes = 1024 * 1024;
const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const quote = 0x22;

async function* readChunks(path: string): AsyncGenerator<Uint8Array> {
  const handle = await open(path, "r");
  try {
    const buffer = new Uint8Array(bufferBytes);
    for (;;) {
      const { bytesRead } = await handle.read(buffer, 0, bufferBytes);
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await handle.close();
  }
}

/**
 * The 1-based line on which a CSV record starts. Records count from 1, the header included; with `skipBlankLines` the
 * empty ones are not counted.
 */
export async function csvLineOfRecord(
  path: string,
  record: number,
  delimiter: string,
  options: { skipBlankLines: boolean },
): Promise<number> {
  const delimiterByte = delimiter.charCodeAt(0);
  let line = 1;
  let recordStartLine = 1;
  let recordNumber = 0;
  let recordIsEmpty = true;
  let fieldStart = true;
  let quoted = false;
  let previous = 0;
  for await (const chunk of readChunks(path)) {
    for (const byte of chunk) {
      const isLineEnd = byte === lineFeed || byte === carriageReturn;
      if (byte === lineFeed && previous === carriageReturn) {
        // The second half of a line end already counted.
        if (recordIsEmpty && !quoted) recordStartLine = line;
      } else if (isLineEnd) {
        line++;
        if (!quoted) {
          if (!recordIsEmpty || !options.skipBlankLines) recordNumber++;
          if (recordNumber === record) return recordStartLine;
          recordStartLine = line;
          recordIsEmpty = true;
          fieldStart = true;
        }
      } else {
        recordIsEmpty = false;
        if (quoted) {
          if (byte === quote) quoted = false;
        } else if (byte === quote && (fieldStart || previous === quote)) {
          quoted = true;
          fieldStart = false;
        } else {
          fieldStart = byte === delimiterByte;
        }
      }
      previous = byte;
    }
  }
  return recordStartLine;
}

/** The first line whose end differs from that of line 1, or null. Line ends inside quoted values count too. */
export async function firstOtherLineEnd(path: string): Promise<number | null> {
  let first: "\n" | "\r\n" | "\r" | null = null;
  let line = 1;
  let pendingReturn = false;
  const seen = (end: "\n" | "\r\n" | "\r"): boolean => {
    first ??= end;
    return first !== end;
  };
  for await (const chunk of readChunks(path)) {
    for (const byte of chunk) {
      if (pendingReturn) {
        pendingReturn = false;
        if (seen(byte === lineFeed ? "\r\n" : "\r")) return line;
        line++;
        if (byte === lineFeed) continue;
      }
      if (byte === carriageReturn) pendingReturn = true;
      else if (byte === lineFeed) {
        if (seen("\n")) return line;
        line++;
      }
    }
  }
  return null;
}

/** One line of a JSON-lines file: its number, and its text up to a bound. */
export interface JsonLine {
  readonly line: number;
  readonly text: string;
}

/** Lines longer than this are not looked into. */
const jsonLineBytesMax = 16 * 1024 * 1024;

/** The lines that are not blank, in order. */
export async function* jsonLines(path: string): AsyncGenerator<JsonLine> {
  let line = 1;
  let parts: Uint8Array[] = [];
  let byteCount = 0;
  const decoder = new TextDecoder();
  const finish = (): JsonLine | null => {
    const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0));
    let offset = 0;
    for (const part of parts) {
      bytes.set(part, offset);
      offset += part.byteLength;
    }
    const text = decoder.decode(bytes);
    parts = [];
    byteCount = 0;
    return text.trim() === "" ? null : { line, text };
  };
  for await (const chunk of readChunks(path)) {
    let start = 0;
    for (let end = chunk.indexOf(lineFeed); end >= 0; end = chunk.indexOf(lineFeed, start)) {
      if (byteCount < jsonLineBytesMax) parts.push(chunk.slice(start, end));
      const finished = finish();
      if (finished !== null) yield finished;
      line++;
      start = end + 1;
    }
    byteCount += chunk.byteLength - start;
    if (byteCount < jsonLineBytesMax) parts.push(chunk.slice(start));
  }
  const finished = finish();
  if (finished !== null) yield finished;
}
