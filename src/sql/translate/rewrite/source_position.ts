/** Positions in a printed text, as errors of DuckDB name them, as positions in the text that the client sent. */
import type { Printed } from "../types.ts";

/** Both positions are 1-based and count characters (code points), as PostgreSQL's error fields do. */
export function sourcePosition(printed: Printed, source: string, position: number): number {
  const offset = utf16Offset(printed.text, position - 1);
  let found: Printed["places"][number] | undefined;
  for (const place of printed.places) {
    if (place.printed > offset) break;
    found = place;
  }
  return found === undefined ? 1 : characterAtByte(source, found.original) + 1;
}

/** Of the character with that number, counted from 0. */
function utf16Offset(text: string, character: number): number {
  let offset = 0;
  for (let count = 0; count < character && offset < text.length; count++) {
    offset += text.codePointAt(offset)! > 0xffff ? 2 : 1;
  }
  return offset;
}

/** The number, from 0, of the character that begins at a UTF-8 byte. */
function characterAtByte(text: string, byte: number): number {
  let [characters, bytes] = [0, 0];
  for (const character of text) {
    if (bytes >= byte) break;
    const code = character.codePointAt(0)!;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    characters++;
  }
  return characters;
}
