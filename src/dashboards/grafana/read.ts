/** Reading of foreign JSON: whatever is not there, or of another type, is undefined or empty. */
import type { JsonObject, JsonValue } from "../types.ts";
import { isObject, ownField } from "../model/decode.ts";

/** The value behind these keys. */
export function at(value: JsonValue | undefined, ...path: readonly string[]): JsonValue | undefined {
  return path.reduce<JsonValue | undefined>((inside, key) => ownField(inside, key), value);
}

/** A text that is not empty. */
export function textAt(value: JsonValue | undefined, ...path: readonly string[]): string | undefined {
  const found = at(value, ...path);
  return typeof found === "string" && found !== "" ? found : undefined;
}

/** A number; Grafana writes some of them as text. */
export function numberAt(value: JsonValue | undefined, ...path: readonly string[]): number | undefined {
  const found = at(value, ...path);
  if (typeof found === "number") return found;
  if (typeof found !== "string" || found.trim() === "") return undefined;
  const number = Number(found);
  return Number.isFinite(number) ? number : undefined;
}

export function flagAt(value: JsonValue | undefined, ...path: readonly string[]): boolean | undefined {
  const found = at(value, ...path);
  return typeof found === "boolean" ? found : undefined;
}

export function listAt(value: JsonValue | undefined, ...path: readonly string[]): readonly JsonValue[] {
  const found = at(value, ...path);
  return Array.isArray(found) ? found : [];
}

/** An object of those fields that have a value. */
export function compact(fields: Readonly<Record<string, JsonValue | undefined>>): JsonObject {
  return Object.fromEntries(
    Object.entries(fields).filter((entry): entry is [string, JsonValue] => entry[1] !== undefined),
  );
}

/** The same, undefined when nothing is left. */
export function someOf(fields: Readonly<Record<string, JsonValue | undefined>>): JsonObject | undefined {
  const object = compact(fields);
  return Object.keys(object).length === 0 ? undefined : object;
}

/** Every text inside, through `change`. Keys stay. */
export function mapTexts(value: JsonValue, change: (text: string) => string): JsonValue {
  if (typeof value === "string") return change(value);
  if (Array.isArray(value)) return value.map((one: JsonValue) => mapTexts(one, change));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, mapTexts(one, change)]));
}
