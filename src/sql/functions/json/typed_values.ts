/** Lists, structs and maps that DuckDB's to_json has written, with their values as PostgreSQL's to_json writes them. */
import { postgresText } from "../value_text.ts";
import { compactText, isArray, isObject, JsonNumber, type JsonValue, parseJson } from "./value.ts";

type DuckDbType =
  | { readonly kind: "scalar"; readonly name: string }
  | { readonly kind: "list"; readonly element: DuckDbType }
  | { readonly kind: "fields"; readonly types: ReadonlyMap<string, DuckDbType> }
  | { readonly kind: "map"; readonly value: DuckDbType };

const cacheMax = 200;
const cache = new Map<string, DuckDbType>();

/** `json` is of a value whose `typeof` is `type`. */
export function typedJson(json: string, type: string): string {
  let parsed = cache.get(type);
  if (parsed === undefined) {
    parsed = parseType(type);
    if (cache.size >= cacheMax) cache.clear();
    cache.set(type, parsed);
  }
  // DuckDB writes these bare, which is no JSON.
  const valid = json.replace(
    /"(?:[^"\\]|\\.)*"|-?(?:NaN|Infinity|nan|inf)/g,
    (token) => /^"/.test(token) ? token : `"${token}"`,
  );
  return shown(parseJson(valid), parsed);
}

/** A value that is neither list nor struct, by DuckDB's text of it. */
export function scalarJson(text: string, type: string): string {
  const value = postgresText(text, type);
  if (/^(?:DOUBLE|FLOAT|DECIMAL|BIGNUM|U?(?:TINY|SMALL|BIG|HUGE)?INT(?:EGER)?$)/.test(type) && /\d/.test(value)) {
    return value;
  }
  return compactText(/^TIMESTAMP/.test(type) ? timestampText(value, type) : value);
}

function shown(value: JsonValue, type: DuckDbType): string {
  if (value === null) return "null";
  switch (type.kind) {
    case "list":
      return isArray(value)
        ? `[${value.map((element) => shown(element, type.element)).join(",")}]`
        : compactText(value);
    case "fields":
      return objectText(value, (key) => type.types.get(key));
    case "map":
      return objectText(value, () => type.value);
    case "scalar":
      return scalarText(value, type.name);
  }
}

function objectText(value: JsonValue, typeOf: (key: string) => DuckDbType | undefined): string {
  if (!isObject(value)) return compactText(value);
  const fields = [...value].map(([key, entry]) => {
    const type = typeOf(key);
    return `${compactText(key)}:${type === undefined ? compactText(entry) : shown(entry, type)}`;
  });
  return `{${fields.join(",")}}`;
}

function scalarText(value: JsonValue, type: string): string {
  if (value instanceof JsonNumber) {
    return type === "DOUBLE" || type === "FLOAT" ? postgresText(value.text, type) : value.text;
  }
  if (typeof value !== "string" || type === "VARCHAR" || type === "JSON") return compactText(value);
  if (type === "DOUBLE" || type === "FLOAT") {
    return compactText(postgresText(value.replace("Infinity", "inf").toLowerCase(), type));
  }
  if (/^TIMESTAMP/.test(type)) return compactText(timestampText(postgresText(value, type), type));
  return compactText(postgresText(value, type));
}

/** `2024-02-29T10:00:00`, with zone `+00:00`. */
export function timestampText(text: string, type: string): string {
  const iso = text.replace(" ", "T");
  return /WITH TIME ZONE/.test(type) ? iso.replace(/([+-]\d\d)(?= BC$|$)/, "$1:00") : iso;
}

/** DuckDB's text of a type: `STRUCT(a INTEGER, "b c" TIMESTAMP[])`. */
function parseType(text: string): DuckDbType {
  const list = /^([\s\S]*)\[\d*\]$/.exec(text);
  if (list !== null) return { kind: "list", element: parseType(list[1]!) };
  const composite = /^(STRUCT|MAP|UNION)\(([\s\S]*)\)$/.exec(text);
  if (composite === null) return { kind: "scalar", name: text };
  const parts = topLevelParts(composite[2]!);
  if (composite[1] === "MAP") return { kind: "map", value: parseType(parts[1] ?? "VARCHAR") };
  const types = new Map<string, DuckDbType>();
  for (const part of parts) {
    const match = /^(?:"((?:[^"]|"")*)"|(\S+)) ([\s\S]*)$/.exec(part);
    if (match !== null) types.set(match[1]?.replaceAll('""', '"') ?? match[2]!, parseType(match[3]!));
  }
  return { kind: "fields", types };
}

/** Splits at commas outside of brackets and quotes. */
function topLevelParts(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let quote = "";
  let start = 0;
  for (let position = 0; position < text.length; position++) {
    const character = text[position]!;
    if (quote !== "") {
      if (character === quote) quote = "";
    } else if (character === '"' || character === "'") quote = character;
    else if (character === "(") depth++;
    else if (character === ")") depth--;
    else if (character === "," && depth === 0) {
      parts.push(text.slice(start, position).trim());
      start = position + 1;
    }
  }
  parts.push(text.slice(start).trim());
  return parts;
}
