/** Where in a JSON text the value of a pointer begins (RFC 6901). Pure; expects a text that `JSON.parse` takes. */

/** Null when the text has no such place; then the nearest place above it that there is. */
export function offsetOfPointer(text: string, pointer: string): number | null {
  const steps = pointer.split("/").slice(1).map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
  let offset = skipSpace(text, 0);
  for (const step of steps) {
    const next = text[offset] === "{"
      ? memberOf(text, offset, step)
      : text[offset] === "["
      ? elementOf(text, offset, Number(step))
      : null;
    if (next === null) break;
    offset = next;
  }
  return offset < text.length ? offset : null;
}

function memberOf(text: string, start: number, name: string): number | null {
  let offset = skipSpace(text, start + 1);
  while (text[offset] === '"') {
    const end = endOfValue(text, offset);
    const value = skipSpace(text, skipSpace(text, end) + 1);
    if (JSON.parse(text.slice(offset, end)) === name) return value;
    offset = skipSpace(text, endOfValue(text, value));
    if (text[offset] !== ",") return null;
    offset = skipSpace(text, offset + 1);
  }
  return null;
}

function elementOf(text: string, start: number, index: number): number | null {
  let offset = skipSpace(text, start + 1);
  for (let place = 0; text[offset] !== "]" && offset < text.length; place++) {
    if (place === index) return offset;
    offset = skipSpace(text, endOfValue(text, offset));
    if (text[offset] !== ",") return null;
    offset = skipSpace(text, offset + 1);
  }
  return null;
}

/** The first place behind the value that begins at `start`. */
function endOfValue(text: string, start: number): number {
  let depth = 0;
  for (let offset = start; offset < text.length; offset++) {
    const character = text[offset];
    if (character === '"') {
      offset++;
      while (offset < text.length && text[offset] !== '"') offset += text[offset] === "\\" ? 2 : 1;
      if (depth === 0) return offset + 1;
    } else if (character === "{" || character === "[") depth++;
    else if (character === "}" || character === "]") {
      if (depth === 0) return offset;
      if (--depth === 0) return offset + 1;
    } else if (depth === 0 && (character === "," || /\s/.test(character ?? ""))) return offset;
  }
  return text.length;
}

function skipSpace(text: string, start: number): number {
  let offset = start;
  while (offset < text.length && /\s/.test(text[offset]!)) offset++;
  return offset;
}
