/**
 * Schemas of plugins as data, and the check of a plugin's spec against one. They are closed, as Perses' CUE schemas are: a
 * field that is not listed is refused. The spec itself is kept as it came.
 */
import type { JsonValue } from "../types.ts";
import { below, isObject, ownField, type Place, quoted, report } from "./decode.ts";

export type Schema =
  | { readonly is: "anything" }
  | { readonly is: "boolean" }
  | { readonly is: "string"; readonly notEmpty?: true; readonly pattern?: RegExp }
  | { readonly is: "number"; readonly min?: number; readonly max?: number; readonly whole?: true }
  | { readonly is: "one of"; readonly values: readonly JsonValue[] }
  | { readonly is: "list"; readonly item: Schema }
  | { readonly is: "map"; readonly item: Schema }
  | { readonly is: "object"; readonly fields: Readonly<Record<string, Schema>>; readonly required: readonly string[] }
  /** An object whose `kind` tells the schema of its `spec`. */
  | { readonly is: "kinds"; readonly specs: Readonly<Record<string, Schema>> }
  /** The first of them that takes a value of this JSON type judges it. */
  | { readonly is: "either"; readonly of: readonly Schema[] };

export const anything: Schema = { is: "anything" };
export const boolean: Schema = { is: "boolean" };
export const string: Schema = { is: "string" };
export const words: Schema = { is: "string", notEmpty: true };
export const number: Schema = { is: "number" };
export const between = (min: number, max: number): Schema => ({ is: "number", min, max });
export const whole = (min: number): Schema => ({ is: "number", min, whole: true });
export const oneOf = (...values: readonly JsonValue[]): Schema => ({ is: "one of", values });
export const listOf = (item: Schema): Schema => ({ is: "list", item });
export const mapOf = (item: Schema): Schema => ({ is: "map", item });
export const kinds = (specs: Readonly<Record<string, Schema>>): Schema => ({ is: "kinds", specs });
export const either = (...of: readonly Schema[]): Schema => ({ is: "either", of });

/** A closed object; a key that ends in `!` is required: `{ "query!": words, instant: boolean }`. */
export function object(fields: Readonly<Record<string, Schema>>): Schema {
  const entries = Object.entries(fields);
  return {
    is: "object",
    fields: Object.fromEntries(entries.map(([key, schema]) => [key.replace(/!$/, ""), schema])),
    required: entries.filter(([key]) => key.endsWith("!")).map(([key]) => key.slice(0, -1)),
  };
}

/** Notes everything in which the value differs from the schema; `path` is what messages call the value. */
export function checkSchema(schema: Schema, value: JsonValue, place: Place, path: string): void {
  const mismatch = (expected: string) => report(place, `${path}: conflicting values ${shown(value)} and ${expected}`);
  switch (schema.is) {
    case "anything":
      return;
    case "boolean":
      if (typeof value !== "boolean") mismatch("bool");
      return;
    case "string":
      if (typeof value !== "string") mismatch("string");
      else if (schema.notEmpty && value === "") {
        report(place, `${path}: invalid value "" (does not satisfy minRunes(1))`);
      } else if (schema.pattern !== undefined && !schema.pattern.test(value)) {
        report(place, `${path}: invalid value ${quoted(value)} (out of bound =~${quoted(schema.pattern.source)})`);
      }
      return;
    case "number":
      checkNumber(schema, value, place, path);
      return;
    case "one of":
      if (!schema.values.includes(value)) mismatch(schema.values.map(shown).join(" | "));
      return;
    case "list":
      if (!Array.isArray(value)) mismatch("[...]");
      else value.forEach((one, index) => checkSchema(schema.item, one, below(place, index), `${path}.${index}`));
      return;
    case "map":
      if (!isObject(value)) mismatch("{...}");
      else {
        for (const [key, one] of Object.entries(value)) {
          checkSchema(schema.item, one, below(place, key), `${path}.${key}`);
        }
      }
      return;
    case "object":
      checkObject(schema, value, place, path);
      return;
    case "kinds":
      checkKinds(schema.specs, value, place, path);
      return;
    case "either": {
      const fitting = schema.of.find((one) => takesType(one, value));
      if (fitting === undefined) mismatch(schema.of.map((one) => one.is).join(" | "));
      else checkSchema(fitting, value, place, path);
      return;
    }
    default: {
      const never: never = schema;
      throw new Error(`unknown schema ${JSON.stringify(never)}`);
    }
  }
}

function checkNumber(schema: Schema & { is: "number" }, value: JsonValue, place: Place, path: string): void {
  if (typeof value !== "number" || (schema.whole && !Number.isInteger(value))) {
    report(place, `${path}: conflicting values ${shown(value)} and ${schema.whole ? "int" : "number"}`);
  } else if (schema.min !== undefined && value < schema.min) {
    report(place, `${path}: invalid value ${value} (out of bound >=${schema.min})`);
  } else if (schema.max !== undefined && value > schema.max) {
    report(place, `${path}: invalid value ${value} (out of bound <=${schema.max})`);
  }
}

function checkObject(schema: Schema & { is: "object" }, value: JsonValue, place: Place, path: string): void {
  if (!isObject(value)) return report(place, `${path}: conflicting values ${shown(value)} and {...}`);
  for (const key of schema.required) {
    if (!Object.hasOwn(value, key)) report(below(place, key), `${path}.${key}: field is required but not present`);
  }
  for (const [key, one] of Object.entries(value)) {
    const field = Object.hasOwn(schema.fields, key) ? schema.fields[key] : undefined;
    if (field === undefined) report(below(place, key), `${path}.${key}: field not allowed`);
    else checkSchema(field, one, below(place, key), `${path}.${key}`);
  }
}

function checkKinds(
  specs: Readonly<Record<string, Schema>>,
  value: JsonValue,
  place: Place,
  path: string,
): void {
  const kind = ownField(value, "kind");
  if (typeof kind !== "string" || !Object.hasOwn(specs, kind)) {
    const known = Object.keys(specs).map(quoted).join(" | ");
    return report(below(place, "kind"), `${path}.kind: conflicting values ${shown(kind ?? null)} and ${known}`);
  }
  checkObject(object({ "kind!": anything, "spec!": specs[kind]! }) as Schema & { is: "object" }, value, place, path);
}

function takesType(schema: Schema, value: JsonValue): boolean {
  switch (schema.is) {
    case "anything":
      return true;
    case "boolean":
      return typeof value === "boolean";
    case "string":
      return typeof value === "string";
    case "number":
      return typeof value === "number";
    case "one of":
      return schema.values.includes(value);
    case "list":
      return Array.isArray(value);
    case "map":
    case "object":
    case "kinds":
      return isObject(value);
    case "either":
      return schema.of.some((one) => takesType(one, value));
    default: {
      const never: never = schema;
      throw new Error(`unknown schema ${JSON.stringify(never)}`);
    }
  }
}

/** A value in a message: short, because messages go into log lines and terminals. */
function shown(value: JsonValue): string {
  if (Array.isArray(value)) return "[...]";
  if (isObject(value)) return "{...}";
  const text = JSON.stringify(value);
  return text.length <= 60 ? text : `${text.slice(0, 57)}..."`;
}
