/** PostgreSQL's functions that change or compare jsonb (documentation, "JSON Processing Functions"). Values are JSON text. */
import { sqlError } from "../errors.ts";
import {
  compactText,
  compareDocuments,
  compareJson,
  isArray,
  isObject,
  jsonbText,
  type JsonObject,
  type JsonValue,
  parseJson,
  prettyText,
} from "./value.ts";

/** The canonical text: `text::jsonb::text`. */
export function canonicalJsonb(json: string): string {
  return jsonbText(parseJson(json));
}

export function jsonbPretty(json: string): string {
  return prettyText(parseJson(json));
}

/** Without the fields of objects that are null; nulls in arrays stay. */
export function stripNulls(json: string, isJsonb: boolean): string {
  const stripped = withoutNulls(parseJson(json));
  return isJsonb ? jsonbText(stripped) : compactText(stripped);
}

function withoutNulls(value: JsonValue): JsonValue {
  if (isArray(value)) return value.map(withoutNulls);
  if (!isObject(value)) return value;
  return new Map([...value].filter(([, entry]) => entry !== null).map(([key, entry]) => [key, withoutNulls(entry)]));
}

export type EditMode = "set" | "replace" | "insert before" | "insert after" | "delete";

/**
 * jsonb_set (`set`, or `replace` when nothing is created), jsonb_insert and `#-`. `path` is a JSON array of texts; `mode` an `EditMode`.
 */
export function editAtPath(json: string, path: string, replacement: string, mode: string): string {
  const root = parseJson(json);
  const steps = JSON.parse(path) as (string | null)[];
  const nullAt = steps.indexOf(null);
  if (nullAt >= 0) throw sqlError("22004", `path element at position ${nullAt + 1} is null`);
  if (!isArray(root) && !isObject(root)) {
    throw sqlError("22023", mode === "delete" ? "cannot delete path in scalar" : "cannot set path in scalar");
  }
  const isEmpty = (isArray(root) ? root.length : root.size) === 0;
  if (steps.length === 0 || (isEmpty && (mode === "replace" || mode === "delete"))) return jsonbText(root);
  return jsonbText(
    edited(root, steps as string[], 0, mode === "delete" ? null : parseJson(replacement), mode as EditMode),
  );
}

function edited(
  value: JsonValue,
  steps: readonly string[],
  depth: number,
  replacement: JsonValue,
  mode: EditMode,
): JsonValue {
  const step = steps[depth]!;
  const isLast = depth === steps.length - 1;
  if (isObject(value)) {
    const current = value.get(step);
    if (!isLast) {
      return current === undefined
        ? value
        : new Map(value).set(step, edited(current, steps, depth + 1, replacement, mode));
    }
    return editedObject(value, step, current !== undefined, replacement, mode);
  }
  if (!isArray(value)) return value;
  if (!/^\s*[-+]?\d+$/.test(step)) {
    throw sqlError("22P02", `path element at position ${depth + 1} is not an integer: "${step}"`);
  }
  const given = Number(step);
  const index = given < 0 ? value.length + given : given;
  if (isLast) return editedArray(value, index, replacement, mode);
  const current = value[index];
  if (index < 0 || current === undefined) return value;
  return value.with(index, edited(current, steps, depth + 1, replacement, mode));
}

function editedObject(
  object: JsonObject,
  key: string,
  exists: boolean,
  replacement: JsonValue,
  mode: EditMode,
): JsonValue {
  const changed = new Map(object);
  if (mode === "delete") changed.delete(key);
  else if (mode.startsWith("insert") && exists) {
    throw sqlError("22023", "cannot replace existing key; try using the function jsonb_set to replace key value");
  } else if (exists || mode !== "replace") changed.set(key, replacement);
  return changed;
}

/** Before the first element or behind the last one a new element goes to that end. */
function editedArray(
  array: readonly JsonValue[],
  index: number,
  replacement: JsonValue,
  mode: EditMode,
): JsonValue {
  const exists = index >= 0 && index < array.length;
  switch (mode) {
    case "delete":
      return exists ? array.toSpliced(index, 1) : array;
    case "replace":
      return exists ? array.with(index, replacement) : array;
    case "set":
      if (exists) return array.with(index, replacement);
      return index < 0 ? [replacement, ...array] : [...array, replacement];
    case "insert before":
    case "insert after": {
      if (!exists) return index < 0 ? [replacement, ...array] : [...array, replacement];
      return array.toSpliced(mode === "insert after" ? index + 1 : index, 0, replacement);
    }
  }
}

/** `jsonb - text` and `jsonb - text[]`; `keys` is a JSON array of texts. */
export function deleteKeys(json: string, keys: string): string {
  const value = parseJson(json);
  const names = new Set(JSON.parse(keys) as (string | null)[]);
  if (isObject(value)) return jsonbText(new Map([...value].filter(([key]) => !names.has(key))));
  if (!isArray(value)) throw sqlError("22023", "cannot delete from scalar");
  return jsonbText(value.filter((element) => typeof element !== "string" || !names.has(element)));
}

/** `jsonb - integer`. */
export function deleteIndex(json: string, index: bigint): string {
  const value = parseJson(json);
  if (isObject(value)) throw sqlError("22023", "cannot delete from object using integer index");
  if (!isArray(value)) throw sqlError("22023", "cannot delete from scalar");
  const at = index < 0n ? value.length + Number(index) : Number(index);
  return jsonbText(at >= 0 && at < value.length ? value.toSpliced(at, 1) : value);
}

/** `jsonb || jsonb`. */
export function concatenated(left: string, right: string): string {
  const [a, b] = [parseJson(left), parseJson(right)];
  if (isObject(a) && isObject(b)) return jsonbText(new Map([...a, ...b]));
  const list = (value: JsonValue) => isArray(value) ? value : [value];
  return jsonbText([...list(a), ...list(b)]);
}

/** `@>`: whether `left` holds all of `right`; an array also holds a scalar that is one of its elements. */
export function contains(left: string, right: string): boolean {
  const [a, b] = [parseJson(left), parseJson(right)];
  if (isArray(a) && !isArray(b) && !isObject(b)) return a.some((element) => compareJson(element, b) === 0);
  return holds(a, b);
}

function holds(a: JsonValue, b: JsonValue): boolean {
  if (isObject(b)) {
    return isObject(a) && [...b].every(([key, value]) => {
      const own = a.get(key);
      return own !== undefined && holds(own, value);
    });
  }
  if (isArray(b)) return isArray(a) && b.every((wanted) => a.some((element) => holds(element, wanted)));
  return !isObject(a) && !isArray(a) && compareJson(a, b) === 0;
}

/** `?|` (`all` false) and `?&`: keys of an object, texts of an array, or the text itself. `keys` is a JSON array of texts. */
export function hasKeys(json: string, keys: string, all: boolean): boolean {
  const value = parseJson(json);
  const names = (JSON.parse(keys) as (string | null)[]).filter((name) => name !== null);
  const has = (name: string): boolean => {
    if (isObject(value)) return value.has(name);
    return isArray(value) ? value.includes(name) : value === name;
  };
  return all ? names.every(has) : names.some(has);
}

/** -1, 0 or 1, by jsonb's order. */
export function compareJsonTexts(left: string, right: string): bigint {
  return BigInt(compareDocuments(parseJson(left), parseJson(right)));
}

/** `#>` and jsonb_extract_path; null when there is nothing. `path` is a JSON array of texts; `asText`: `#>>`. */
export function extractPath(json: string, path: string, asText: boolean): string | null {
  let value: JsonValue | undefined = parseJson(json);
  for (const step of JSON.parse(path) as (string | null)[]) {
    if (step === null) return null;
    if (isObject(value)) value = value.get(step);
    else if (isArray(value) && /^[-+]?\d+$/.test(step)) value = value.at(Number(step));
    else return null;
    if (value === undefined) return null;
  }
  if (!asText) return jsonbText(value);
  if (value === null) return null;
  return typeof value === "string" ? value : jsonbText(value);
}

/** Pairs of keys and values out of `{a,1,b,2}` or `{{a,1},{b,2}}`, which come as JSON. Values are texts. */
export function objectFromPairs(list: string): string {
  const elements = JSON.parse(list) as (string | null | (string | null)[])[];
  const pairs: (string | null)[][] = [];
  if (elements.some((element) => Array.isArray(element))) {
    for (const element of elements) {
      if (!Array.isArray(element) || element.length !== 2) throw sqlError("2202E", "array must have two columns");
      pairs.push(element);
    }
  } else {
    if (elements.length % 2 !== 0) throw sqlError("2202E", "array must have even number of elements");
    for (let index = 0; index < elements.length; index += 2) {
      pairs.push([elements[index] as string | null, elements[index + 1] as string | null]);
    }
  }
  return objectText(pairs.map(([key]) => key ?? null), pairs.map(([, value]) => value ?? null));
}

export function objectFromLists(keys: string, values: string): string {
  const [names, texts] = [JSON.parse(keys) as (string | null)[], JSON.parse(values) as (string | null)[]];
  if (names.length !== texts.length) throw sqlError("2202E", "mismatched array dimensions");
  return objectText(names, texts);
}

function objectText(keys: readonly (string | null)[], values: readonly (string | null)[]): string {
  const fields = keys.map((key, index) => {
    if (key === null) throw sqlError("22004", "null value not allowed for object key");
    return `${jsonbText(key)} : ${jsonbText(values[index] ?? null)}`;
  });
  return `{${fields.join(", ")}}`;
}
