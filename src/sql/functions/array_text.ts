/** Arrays as text: PostgreSQL's literals, and what can be told of a DuckDB list of any depth from its text. */
import { sqlError } from "./errors.ts";
import { parseListText, type TextList } from "./value_text.ts";

/**
 * `{1,"a b",NULL,{2}}` (PostgreSQL documentation, "Array Value Input") as text that DuckDB casts to a list: `['1', 'a b', NULL]`.
 * Bounds before it (`[0:1]=`) are dropped. Throws SQLSTATE 22P02 for another text and for sub-arrays of different lengths.
 */
export function arrayLiteralText(literal: string): string {
  const body = literal.trim().replace(/^(?:\[[-+]?\d+(?::[-+]?\d+)?\]\s*)+=\s*/, "");
  const reader = new LiteralReader(body, literal);
  const list = reader.array(1);
  reader.end();
  requireRectangular(list, literal);
  return listText(list);
}

/** PostgreSQL's MAXDIM. */
const dimensionsMax = 6;

class LiteralReader {
  readonly #text: string;
  readonly #literal: string;
  #position = 0;

  constructor(text: string, literal: string) {
    this.#text = text;
    this.#literal = literal;
  }

  array(depth: number): TextList {
    if (depth > dimensionsMax) {
      throw sqlError("54000", `number of array dimensions exceeds the maximum allowed (${dimensionsMax})`);
    }
    this.#expect("{");
    const elements: (string | null | TextList)[] = [];
    if (this.#next() === "}") {
      this.#position++;
      return elements;
    }
    for (;;) {
      elements.push(
        this.#next() === "{" ? this.array(depth + 1) : this.#next() === '"' ? this.#quoted() : this.#bare(),
      );
      const separator = this.#next();
      this.#position++;
      if (separator === "}") return elements;
      if (separator !== ",") throw malformed(this.#literal);
    }
  }

  end(): void {
    if (this.#next() !== "") throw malformed(this.#literal);
  }

  /** The next character that is no white space. */
  #next(): string {
    while (/\s/.test(this.#text[this.#position] ?? "")) this.#position++;
    return this.#text[this.#position] ?? "";
  }

  #expect(character: string): void {
    if (this.#next() !== character) throw malformed(this.#literal);
    this.#position++;
  }

  #quoted(): string {
    let value = "";
    for (this.#position++; this.#text[this.#position] !== '"'; this.#position++) {
      if (this.#text[this.#position] === "\\") this.#position++;
      const character = this.#text[this.#position];
      if (character === undefined) throw malformed(this.#literal);
      value += character;
    }
    this.#position++;
    return value;
  }

  #bare(): string | null {
    const match = /(?:[^{},"\\]|\\[\s\S])*/y;
    match.lastIndex = this.#position;
    const source = match.exec(this.#text)![0];
    this.#position += source.length;
    // White space at the end does not count, unless it is escaped.
    const trimmed = source.replace(/(?<!\\)\s+$/, "");
    if (trimmed === "") throw malformed(this.#literal);
    return /^null$/i.test(trimmed) ? null : trimmed.replace(/\\([\s\S])/g, "$1");
  }
}

function malformed(literal: string): Error {
  return sqlError("22P02", `malformed array literal: "${literal}"`);
}

function requireRectangular(list: TextList, literal: string): void {
  const shapes = new Set(list.map((element) => Array.isArray(element) ? String(shapeOf(element as TextList)) : ""));
  if (shapes.size > 1) throw malformed(literal);
  for (const element of list) if (Array.isArray(element)) requireRectangular(element as TextList, literal);
}

function listText(list: TextList): string {
  const elements = list.map((element) =>
    element === null
      ? "NULL"
      : typeof element === "string"
      ? /^[-+.\w]+$/.test(element) && !/^null$/i.test(element) ? element : `'${element.replace(/['\\]/g, "\\$&")}'`
      : listText(element)
  );
  return `[${elements.join(", ")}]`;
}

/** Lengths of the dimensions, along the first elements. */
function shapeOf(list: TextList): number[] {
  const lengths: number[] = [];
  let level: string | null | TextList | undefined = list;
  while (level !== null && level !== undefined && typeof level !== "string") {
    lengths.push(level.length);
    level = level[0];
  }
  return lengths;
}

/**
 * Of a list by its DuckDB text and type: for `dimension` from 1 on the length of that dimension (0 when it has none), for 0 the number
 * of dimensions, for -1 the number of all elements.
 */
export function arrayShape(text: string, type: string, dimension: bigint): bigint {
  const list = parseListText(text, type);
  if (dimension === -1n) return BigInt(leaves(list).length);
  const lengths = shapeOf(list);
  return BigInt(dimension === 0n ? lengths.length : lengths[Number(dimension) - 1] ?? 0);
}

function leaves(list: TextList): (string | null)[] {
  return list.flatMap((element) => element === null || typeof element === "string" ? [element] : leaves(element));
}

/** The elements of all dimensions; NULL as `nullText` when `showsNull`, otherwise left out. */
export function joinedElements(
  text: string,
  type: string,
  delimiter: string,
  nullText: string,
  showsNull: boolean,
): string {
  const parts = leaves(parseListText(text, type));
  return parts.flatMap((part) => part === null ? (showsNull ? [nullText] : []) : [part]).join(delimiter);
}
