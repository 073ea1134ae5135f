/** bytea constants: PostgreSQL writes `\x00ff` for all bytes or `\000` for single ones, DuckDB `\x00` for each byte. */

/** DuckDB's text of the same bytes; null when the text is no bytea in either form, or is the same in DuckDB. */
export function blobText(source: string): string | null {
  if (!source.includes("\\")) return null;
  const bytes = /^\\x/.test(source) ? hexBytes(source.slice(2)) : escapedBytes(source);
  return bytes?.map(byteText).join("") ?? null;
}

function hexBytes(digits: string): number[] | null {
  const joined = digits.replace(/\s+/g, "");
  if (!/^(?:[0-9a-f]{2})*$/i.test(joined)) return null;
  return (joined.match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16));
}

function escapedBytes(source: string): number[] | null {
  const bytes: number[] = [];
  for (const match of source.matchAll(/\\(?:([0-3][0-7]{2})|(\\))?|[^\\]+/g)) {
    if (match[1] !== undefined) bytes.push(Number.parseInt(match[1], 8));
    else if (match[2] !== undefined) bytes.push(92);
    else if (match[0] === "\\") return null;
    else bytes.push(...new TextEncoder().encode(match[0]));
  }
  return bytes;
}

function byteText(byte: number): string {
  const plain = byte >= 32 && byte < 127 && byte !== 92 && byte !== 39 && byte !== 34;
  return plain ? String.fromCharCode(byte) : `\\x${byte.toString(16).toUpperCase().padStart(2, "0")}`;
}
