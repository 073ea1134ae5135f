/** Arrays as parameters: `{1,NULL,"a b"}` and the binary form, both down to the bytes of their elements. */
import { AppError } from "../../errors/app_error.ts";
import { invalidBinary } from "./input_errors.ts";

/** An element: null for NULL, a nested array, or the element's own text or bytes. */
export type ArrayElement<T> = null | T | readonly ArrayElement<T>[];

/** PostgreSQL's MAXDIM. */
const dimensionsMax = 6;

/** Parses array_in's syntax. An explicit lower bound such as `[2:3]=` is dropped: DuckDB's lists begin at 1. */
export function parseArrayText(text: string): readonly ArrayElement<string>[] {
  const trimmed = text.trim();
  const body = trimmed.startsWith("[") ? trimmed.slice(trimmed.indexOf("=") + 1).trim() : trimmed;
  const state = { text: body, position: 0, original: text };
  if (body[0] !== "{") throw malformed(text, 'array value must start with "{" or dimension information');
  const elements = parseBraces(state, 1);
  if (state.position !== body.length) throw malformed(text, "junk after closing right brace");
  return elements;
}

interface ParseState {
  readonly text: string;
  position: number;
  readonly original: string;
}

function parseBraces(state: ParseState, depth: number): ArrayElement<string>[] {
  if (depth > dimensionsMax) {
    throw new AppError("program_limit", `number of array dimensions exceeds the maximum allowed (${dimensionsMax})`);
  }
  const elements: ArrayElement<string>[] = [];
  let nested: boolean | null = null;
  state.position++;
  skipSpace(state);
  if (state.text[state.position] === "}") {
    state.position++;
    return elements;
  }
  for (;;) {
    skipSpace(state);
    const character = state.text[state.position];
    if (nested !== null && nested !== (character === "{")) {
      throw malformed(state.original, "an element beside a sub-array");
    }
    nested = character === "{";
    if (nested) elements.push(parseBraces(state, depth + 1));
    else if (character === '"') elements.push(parseQuoted(state));
    else elements.push(parseBare(state));
    skipSpace(state);
    const next = state.text[state.position++];
    if (next === "}") return elements;
    if (next !== ",") throw malformed(state.original, next === undefined ? "unexpected end of input" : "missing comma");
  }
}

function parseQuoted(state: ParseState): string {
  let value = "";
  state.position++;
  for (;;) {
    let character = state.text[state.position++];
    if (character === '"') return value;
    if (character === "\\") character = state.text[state.position++];
    if (character === undefined) throw malformed(state.original, "unexpected end of input");
    value += character;
  }
}

function parseBare(state: ParseState): string | null {
  let value = "";
  let escaped = false;
  for (;;) {
    const character = state.text[state.position];
    if (character === undefined) throw malformed(state.original, "unexpected end of input");
    if (character === "," || character === "}") break;
    if (character === "{" || character === '"') throw malformed(state.original, `unexpected "${character}"`);
    state.position++;
    if (character === "\\") {
      escaped = true;
      const next = state.text[state.position++];
      if (next === undefined) throw malformed(state.original, "unexpected end of input");
      value += next;
    } else {
      value += character;
    }
  }
  const trimmed = escaped ? value : value.trimEnd();
  if (trimmed === "") throw malformed(state.original, `unexpected "${state.text[state.position]}"`);
  return !escaped && trimmed.toUpperCase() === "NULL" ? null : trimmed;
}

function skipSpace(state: ParseState): void {
  while (/\s/.test(state.text[state.position] ?? "")) state.position++;
}

function malformed(text: string, detail: string): AppError {
  const shown = text.length > 200 ? `${text.slice(0, 200)}…` : text;
  return new AppError("invalid_text_representation", `malformed array literal: "${shown}"`, { hint: `${detail}.` });
}

/** text, varchar, bpchar: the same bytes. A column declared as varchar is described as text here, and its client may know better. */
const textOids: ReadonlySet<number> = new Set([25, 1043, 1042]);

/** Takes array_send's form apart; the element type that it names must be `elementOid`, or both must be texts. */
export function parseArrayBinary(
  arrayOid: number,
  elementOid: number,
  bytes: Uint8Array,
): readonly ArrayElement<Uint8Array>[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let position = 0;
  const int32 = (): number => {
    if (position + 4 > bytes.length) throw invalidBinary(arrayOid, "too short");
    position += 4;
    return view.getInt32(position - 4);
  };
  const dimensionCount = int32();
  int32(); // whether it holds NULLs, which the elements tell
  const declaredOid = int32();
  if (dimensionCount < 0 || dimensionCount > dimensionsMax) {
    throw invalidBinary(arrayOid, `${dimensionCount} dimensions, at most ${dimensionsMax}`);
  }
  if (declaredOid !== elementOid && !(textOids.has(declaredOid) && textOids.has(elementOid))) {
    throw invalidBinary(arrayOid, `element type ${declaredOid}, expected ${elementOid}`);
  }
  const sizes: number[] = [];
  let total = 1;
  for (let dimension = 0; dimension < dimensionCount; dimension++) {
    const size = int32();
    int32(); // lower bound
    if (size < 0) throw invalidBinary(arrayOid, `dimension of ${size} elements`);
    sizes.push(size);
    total *= size;
  }
  // Every element has a length word: refuse before allocating for a size that the bytes cannot hold.
  if (dimensionCount > 0 && total * 4 > bytes.length - position) throw invalidBinary(arrayOid, "too short");
  const build = (dimension: number): ArrayElement<Uint8Array>[] => {
    const elements: ArrayElement<Uint8Array>[] = [];
    for (let index = 0; index < sizes[dimension]!; index++) {
      if (dimension + 1 < sizes.length) {
        elements.push(build(dimension + 1));
        continue;
      }
      const length = int32();
      if (length < -1 || length > bytes.length - position) throw invalidBinary(arrayOid, `element of ${length} bytes`);
      elements.push(length === -1 ? null : bytes.subarray(position, position + length));
      position += Math.max(0, length);
    }
    return elements;
  };
  const elements = dimensionCount === 0 || total === 0 ? [] : build(0);
  if (position !== bytes.length) throw invalidBinary(arrayOid, "bytes after the last element");
  return elements;
}
