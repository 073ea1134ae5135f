/** PostgreSQL's text form of an array: `{1,NULL,"a,b",{nested}}`, and of int2vector: `1 2 3`. */

/** null is NULL; a list is a further dimension. */
export type ArrayItem = string | null | readonly ArrayItem[];

/** The items, or null when the text is no array in that form. Bounds in front (`[0:2]={…}`) are read over. */
export function parseArrayText(source: string): readonly ArrayItem[] | null {
  const start = /^\s*(?:(?:\[[-+]?\d+(?::[-+]?\d+)?\])+\s*=)?\s*/.exec(source)![0].length;
  const reader = { source, at: start };
  if (source[start] !== "{") return null;
  const items = readItems(reader);
  return items !== null && source.slice(reader.at).trim() === "" ? items : null;
}

interface Reader {
  readonly source: string;
  at: number;
}

function readItems(reader: Reader): readonly ArrayItem[] | null {
  const { source } = reader;
  const items: ArrayItem[] = [];
  reader.at++;
  skipSpace(reader);
  if (source[reader.at] === "}") {
    reader.at++;
    return items;
  }
  for (;;) {
    skipSpace(reader);
    const item = readItem(reader);
    if (item === undefined) return null;
    items.push(item);
    skipSpace(reader);
    const after = source[reader.at++];
    if (after === "}") return items;
    if (after !== ",") return null;
  }
}

function readItem(reader: Reader): ArrayItem | undefined {
  const { source } = reader;
  const first = source[reader.at];
  if (first === "{") return readItems(reader) ?? undefined;
  if (first === '"') return readQuoted(reader);
  let [value, keep] = ["", 0];
  for (;; reader.at++) {
    const character = source[reader.at];
    if (character === undefined || character === '"' || character === "{") return undefined;
    if (character === "," || character === "}") break;
    if (character === "\\") {
      value += source[++reader.at] ?? "";
      keep = value.length;
    } else {
      value += character;
      if (!/\s/.test(character)) keep = value.length;
    }
  }
  const trimmed = value.slice(0, keep);
  if (trimmed === "") return undefined;
  return trimmed.toUpperCase() === "NULL" ? null : trimmed;
}

function readQuoted(reader: Reader): string | undefined {
  const { source } = reader;
  let value = "";
  for (reader.at++;; reader.at++) {
    const character = source[reader.at];
    if (character === undefined) return undefined;
    if (character === '"') break;
    value += character === "\\" ? source[++reader.at] ?? "" : character;
  }
  reader.at++;
  return value;
}

function skipSpace(reader: Reader): void {
  while (/\s/.test(reader.source[reader.at] ?? "")) reader.at++;
}

/** The numbers of an int2vector or oidvector. */
export function parseVectorText(source: string): readonly string[] | null {
  const items = source.trim() === "" ? [] : source.trim().split(/\s+/);
  return items.every((item) => /^-?\d+$/.test(item)) ? items : null;
}
