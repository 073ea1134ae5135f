/**
 * Decoders of Perses documents: each takes a JSON value of unknown shape and gives its normalised form, noting what is
 * wrong as data. They follow Go's encoding/json, which Perses uses: an unknown field is dropped, null is as good as
 * missing, and a missing field has its zero value unless it is one that is left out when empty.
 */
import type { JsonObject, JsonValue } from "../types.ts";

/** One thing that is wrong with a document: Perses' text, and where (RFC 6901 pointer into the document). */
export interface Problem {
  readonly message: string;
  readonly pointer: string;
}

/** Where a decoder stands, and where it notes what is wrong. */
export interface Place {
  readonly pointer: string;
  readonly problems: Problem[];
}

/** Gives the normalised value; undefined leaves the field out. */
export type Decoder = (value: JsonValue | undefined, place: Place) => JsonValue | undefined;

/** A rule beyond the shape. It sees the normalised value and notes problems; what it returns takes the value's place. */
export type Check<Value> = (value: Value, place: Place) => Value | void;

export function report(place: Place, message: string): void {
  place.problems.push({ message, pointer: place.pointer });
}

/** The place of a field or an element below this one. */
export function below(place: Place, key: string | number): Place {
  const part = String(key).replaceAll("~", "~0").replaceAll("/", "~1");
  return { pointer: `${place.pointer}/${part}`, problems: place.problems };
}

export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A field that the value itself has: `__proto__` and `constructor` are names like any other. */
export function ownField(value: JsonValue | undefined, key: string): JsonValue | undefined {
  return isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

/** A text as Go's %q prints it, which is how Perses quotes in its messages. */
export function quoted(text: string): string {
  return JSON.stringify(text);
}

/** Deeper nesting than any dashboard has. Within it, recursion over a document stays far from the end of the stack. */
export const nestingMax = 100;

/** Follows a document no deeper than that, so it ends however deep the document is. */
export function isNestedTooDeep(value: JsonValue, levelsLeft = nestingMax): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (levelsLeft === 0) return true;
  for (const inner of Array.isArray(value) ? value : Object.values(value)) {
    if (isNestedTooDeep(inner as JsonValue, levelsLeft - 1)) return true;
  }
  return false;
}

function wrongType(value: JsonValue, place: Place, expected: string): void {
  const got = value === null ? "null" : Array.isArray(value) ? "array" : typeof value;
  const field = place.pointer.slice(1).replaceAll("/", ".");
  report(place, `Unmarshal type error: expected=${expected}, got=${got}, field=${field}`);
}

function missing(value: JsonValue | undefined): value is null | undefined {
  return value === undefined || value === null;
}

/** A string; missing is "". */
export const text: Decoder = (value, place) => {
  if (missing(value)) return "";
  if (typeof value === "string") return value;
  wrongType(value, place, "string");
  return "";
};

/** A string that is left out when empty. */
export const optionalText: Decoder = (value, place) => text(value, place) || undefined;

/** A string with a rule that is checked when it is not empty. */
export function checkedText(check: (value: string) => string | null, options: { optional: boolean }): Decoder {
  return (value, place) => {
    const decoded = text(value, place) as string;
    const message = decoded === "" ? null : check(decoded);
    if (message !== null) report(place, message);
    return decoded === "" && options.optional ? undefined : decoded;
  };
}

/** A boolean; missing is false. */
export const flag: Decoder = (value, place) => {
  if (missing(value)) return false;
  if (typeof value === "boolean") return value;
  wrongType(value, place, "bool");
  return false;
};

/** A boolean that is left out when false. */
export const optionalFlag: Decoder = (value, place) => flag(value, place) || undefined;

/** A whole number; missing is 0. */
export const integer: Decoder = (value, place) => {
  if (missing(value)) return 0;
  if (Number.isSafeInteger(value)) return value;
  wrongType(value, place, "int");
  return 0;
};

/** A whole number that is left out when 0. */
export const optionalInteger: Decoder = (value, place) => integer(value, place) || undefined;

/** Any JSON, kept as it is: what plugins keep their own way. A missing one is left out. */
export const anything: Decoder = (value) => value;

/** A list; missing is []. */
export function list(item: Decoder): Decoder {
  return (value, place) => {
    if (missing(value)) return [];
    if (!Array.isArray(value)) {
      wrongType(value, place, "array");
      return [];
    }
    return value.map((one: JsonValue, index: number) => item(one, below(place, index)) ?? null);
  };
}

/** A list that is left out when empty. */
export function optionalList(item: Decoder): Decoder {
  const decode = list(item);
  return (value, place) => {
    const decoded = decode(value, place) as readonly JsonValue[];
    return decoded.length === 0 ? undefined : decoded;
  };
}

/** An object whose keys are names; `checkKey` gives what is wrong with one. Missing is {}. */
export function map(item: Decoder, checkKey: (key: string) => string | null = () => null): Decoder {
  return (value, place) => {
    if (missing(value)) return {};
    if (!isObject(value)) {
      wrongType(value, place, "object");
      return {};
    }
    return Object.fromEntries(
      Object.entries(value).map(([key, one]) => {
        const message = checkKey(key);
        if (message !== null) report(below(place, key), message);
        return [key, item(one, below(place, key)) ?? null];
      }),
    );
  };
}

/** A map that is left out when empty. */
export function optionalMap(item: Decoder, checkKey?: (key: string) => string | null): Decoder {
  const decode = map(item, checkKey);
  return (value, place) => {
    const decoded = decode(value, place) as JsonObject;
    return Object.keys(decoded).length === 0 ? undefined : decoded;
  };
}

/** An object with these fields, in this order; others are dropped. A missing object has every field's zero value. */
export function struct(fields: Readonly<Record<string, Decoder>>, check?: Check<JsonObject>): Decoder {
  return (value, place) => {
    if (!missing(value) && !isObject(value)) {
      wrongType(value, place, "object");
      return {};
    }
    const decoded: Record<string, JsonValue> = {};
    const problemCount = place.problems.length;
    for (const [key, decode] of Object.entries(fields)) {
      const field = decode(ownField(value ?? undefined, key), below(place, key));
      if (field !== undefined) decoded[key] = field;
    }
    // A rule between fields says nothing useful about fields that could not be read.
    if (check === undefined || place.problems.length > problemCount) return decoded;
    return check(decoded, place) ?? decoded;
  };
}

/** Only when it is there. */
export function optional(decode: Decoder): Decoder {
  return (value, place) => missing(value) ? undefined : decode(value, place);
}
