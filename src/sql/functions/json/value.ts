/**
 * JSON values as PostgreSQL's jsonb has them: a number keeps its decimal digits, an object has each key once, ordered by length and then
 * by bytes. Text: PostgreSQL documentation, "JSON Types".
 */
import { sqlError } from "../errors.ts";

/** Digits as PostgreSQL's numeric writes them, without exponent. */
export class JsonNumber {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

export type JsonObject = ReadonlyMap<string, JsonValue>;
export type JsonValue = null | boolean | string | JsonNumber | readonly JsonValue[] | JsonObject;

export function isObject(value: JsonValue): value is JsonObject {
  return value instanceof Map;
}

export function isArray(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

/** As deep as PostgreSQL's own parser goes with its default stack, roughly. */
const depthMax = 2_000;

/** Throws SQLSTATE 22P02 for a text that is no JSON. */
export function parseJson(text: string): JsonValue {
  const reader = new Reader(text);
  const value = reader.value(0);
  reader.end();
  return value;
}

/** Group 1 is what makes the text of a number other than its plain form. */
const numberPattern = /-?(?:0|[1-9]\d*)(?:\.\d+)?([eE][-+]?\d+)?(?![\d.])/y;

class Reader {
  readonly #text: string;
  #position = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(depth: number): JsonValue {
    if (depth > depthMax) throw sqlError("54001", "JSON is nested too deeply");
    const next = this.#next();
    if (next === "{") return this.#object(depth);
    if (next === "[") return this.#array(depth);
    if (next === '"') return this.#string();
    if (next === "n") return this.#word("null", null);
    if (next === "t") return this.#word("true", true);
    if (next === "f") return this.#word("false", false);
    numberPattern.lastIndex = this.#position;
    const match = numberPattern.exec(this.#text);
    if (match === null) throw this.#invalid();
    this.#position += match[0].length;
    return new JsonNumber(match[1] === undefined && !match[0].startsWith("-0") ? match[0] : plainNumber(match[0]));
  }

  #word(word: string, value: boolean | null): boolean | null {
    if (!this.#text.startsWith(word, this.#position)) throw this.#invalid();
    this.#position += word.length;
    return value;
  }

  end(): void {
    if (this.#next() !== "") throw this.#invalid();
  }

  #object(depth: number): JsonObject {
    const object = new Map<string, JsonValue>();
    this.#position++;
    if (this.#take("}")) return object;
    for (;;) {
      if (this.#next() !== '"') throw this.#invalid();
      const key = this.#string();
      if (!this.#take(":")) throw this.#invalid();
      object.set(key, this.value(depth + 1));
      if (this.#take("}")) return object;
      if (!this.#take(",")) throw this.#invalid();
    }
  }

  #array(depth: number): JsonValue[] {
    const elements: JsonValue[] = [];
    this.#position++;
    if (this.#take("]")) return elements;
    for (;;) {
      elements.push(this.value(depth + 1));
      if (this.#take("]")) return elements;
      if (!this.#take(",")) throw this.#invalid();
    }
  }

  #string(): string {
    const start = this.#position + 1;
    let end = this.#text.indexOf('"', start);
    if (end < 0) throw this.#invalid();
    const plain = this.#text.slice(start, end);
    // deno-lint-ignore no-control-regex -- they are not allowed in a string
    if (!/[\\\u0000-\u001f]/.test(plain)) {
      this.#position = end + 1;
      return plain;
    }
    while (end >= 0 && isEscaped(this.#text, start, end)) end = this.#text.indexOf('"', end + 1);
    if (end < 0) throw this.#invalid();
    this.#position = end + 1;
    try {
      return JSON.parse(this.#text.slice(start - 1, end + 1)) as string;
    } catch {
      throw this.#invalid();
    }
  }

  /** The next character that is no white space. */
  #next(): string {
    for (;;) {
      const code = this.#text.charCodeAt(this.#position);
      if (code !== 32 && code !== 10 && code !== 13 && code !== 9) break;
      this.#position++;
    }
    return this.#text[this.#position] ?? "";
  }

  #take(character: string): boolean {
    if (this.#next() !== character) return false;
    this.#position++;
    return true;
  }

  #invalid(): Error {
    return sqlError("22P02", "invalid input syntax for type json");
  }
}

/** Whether an odd number of backslashes stands before the quote at `end`. */
function isEscaped(text: string, start: number, end: number): boolean {
  let count = 0;
  while (end - 1 - count >= start && text[end - 1 - count] === "\\") count++;
  return count % 2 === 1;
}

/** Digits after the point that an exponent may make; PostgreSQL's numeric ends there too. */
const exponentMax = 16_383;

/** Without exponent and without a sign before zero. */
function plainNumber(source: string): string {
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([-+]?\d+))?$/.exec(source)!;
  const [, sign = "", whole = "", fraction = "", exponentText = "0"] = match;
  const exponent = Number(exponentText);
  if (Math.abs(exponent) > exponentMax) throw sqlError("22003", "value overflows numeric format");
  let digits = whole + fraction;
  let point = whole.length + exponent;
  if (point <= 0) {
    digits = "0".repeat(1 - point) + digits;
    point = 1;
  }
  digits = digits.padEnd(point, "0");
  const shownWhole = digits.slice(0, point).replace(/^0+(?=\d)/, "");
  const shownFraction = digits.slice(point);
  const shown = shownFraction === "" ? shownWhole : `${shownWhole}.${shownFraction}`;
  return /[1-9]/.test(shown) ? sign + shown : shown;
}

const encoder = new TextEncoder();

/** Keys in jsonb's order. */
export function sortedEntries(object: JsonObject): [string, JsonValue][] {
  const entries = [...object];
  if (entries.length < 2) return entries;
  // In ASCII the order of the characters is that of the bytes.
  // deno-lint-ignore no-control-regex -- ASCII
  if (entries.every(([key]) => /^[\u0000-\u007f]*$/.test(key))) {
    return entries.sort(([a], [b]) => a.length - b.length || compareTexts(a, b));
  }
  const encoded = entries.map((entry) => ({ entry, bytes: encoder.encode(entry[0]) }));
  encoded.sort((a, b) => a.bytes.length - b.bytes.length || compareBytes(a.bytes, b.bytes));
  return encoded.map(({ entry }) => entry);
}

/** The same value with the keys of all objects in jsonb's order. */
export function inOrder(value: JsonValue): JsonValue {
  if (isArray(value)) return value.map(inOrder);
  if (!isObject(value)) return value;
  return new Map(sortedEntries(value).map(([key, entry]) => [key, inOrder(entry)]));
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  for (let index = 0; index < a.length; index++) if (a[index] !== b[index]) return a[index]! - b[index]!;
  return 0;
}

/** As jsonb writes it: `{"a": 1, "bb": [1, 2]}`. */
export function jsonbText(value: JsonValue): string {
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "string") return stringText(value);
  if (value instanceof JsonNumber) return value.text;
  if (isArray(value)) return `[${value.map(jsonbText).join(", ")}]`;
  let text = "";
  for (const [key, entry] of sortedEntries(value as JsonObject)) {
    text += `${text === "" ? "" : ", "}${stringText(key)}: ${jsonbText(entry)}`;
  }
  return `{${text}}`;
}

/** In the order and with the spacing of `json`: none. */
export function compactText(value: JsonValue): string {
  if (isArray(value)) return `[${value.map(compactText).join(",")}]`;
  if (isObject(value)) {
    return `{${[...value].map(([key, entry]) => `${stringText(key)}:${compactText(entry)}`).join(",")}}`;
  }
  return jsonbText(value);
}

/** Lines, indented by four spaces a level; empty objects and arrays too take two lines. */
export function prettyText(value: JsonValue, indent = ""): string {
  const inner = `${indent}    `;
  if (isArray(value)) {
    const lines = value.map((element) => inner + prettyText(element, inner));
    return `[\n${lines.length === 0 ? "" : `${lines.join(",\n")}\n`}${indent}]`;
  }
  if (isObject(value)) {
    const lines = sortedEntries(value).map(([key, entry]) => `${inner}${stringText(key)}: ${prettyText(entry, inner)}`);
    return `{\n${lines.length === 0 ? "" : `${lines.join(",\n")}\n`}${indent}}`;
  }
  return jsonbText(value);
}

/** PostgreSQL escapes what JSON demands, and no more. */
function stringText(text: string): string {
  // deno-lint-ignore no-control-regex -- they are what is escaped
  if (!/["\\\u0000-\u001f]/.test(text)) return `"${text}"`;
  // deno-lint-ignore no-control-regex -- as above
  return `"${text.replace(/["\\\u0000-\u001f]/g, (character) => escapes[character] ?? unicodeEscape(character))}"`;
}

const escapes: Readonly<Record<string, string>> = {
  '"': '\\"',
  "\\": "\\\\",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
};

function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** Exact, by value: 1.0 equals 1. */
export function compareNumbers(a: JsonNumber, b: JsonNumber): number {
  const [left, right] = [scaledDigits(a.text), scaledDigits(b.text)];
  const scale = Math.max(left.scale, right.scale);
  const difference = left.digits * 10n ** BigInt(scale - left.scale) -
    right.digits * 10n ** BigInt(scale - right.scale);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

function scaledDigits(text: string): { digits: bigint; scale: number } {
  const [whole = "", fraction = ""] = text.split(".");
  return { digits: BigInt(whole + fraction), scale: fraction.length };
}

/** jsonb's order of types: Object > Array > Boolean > Number > String > Null. */
function typeOrder(value: JsonValue): number {
  if (value === null) return 0;
  if (typeof value === "string") return 1;
  if (value instanceof JsonNumber) return 2;
  if (typeof value === "boolean") return 3;
  return isArray(value) ? 4 : 5;
}

/** jsonb's btree order of whole documents: that of values, but an empty array comes before everything. */
export function compareDocuments(a: JsonValue, b: JsonValue): number {
  const [emptyA, emptyB] = [isArray(a) && a.length === 0, isArray(b) && b.length === 0];
  if (emptyA !== emptyB) return emptyA ? -1 : 1;
  return compareJson(a, b);
}

/** 0 is equality. Arrays and objects are ordered by their length first. */
export function compareJson(a: JsonValue, b: JsonValue): number {
  const order = typeOrder(a) - typeOrder(b);
  if (order !== 0) return Math.sign(order);
  if (typeof a === "string") return compareTexts(a, b as string);
  if (a instanceof JsonNumber) return compareNumbers(a, b as JsonNumber);
  if (typeof a === "boolean") return Number(a) - Number(b);
  if (isArray(a)) {
    const other = b as readonly JsonValue[];
    if (a.length !== other.length) return Math.sign(a.length - other.length);
    return firstDifference(a.map((element, index) => compareJson(element, other[index]!)));
  }
  if (a === null) return 0;
  const [left, right] = [sortedEntries(a as JsonObject), sortedEntries(b as JsonObject)];
  if (left.length !== right.length) return Math.sign(left.length - right.length);
  return firstDifference(left.flatMap(([key, value], index) => [
    compareTexts(key, right[index]![0]),
    compareJson(value, right[index]![1]),
  ]));
}

function firstDifference(orders: readonly number[]): number {
  return orders.find((order) => order !== 0) ?? 0;
}

export function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
