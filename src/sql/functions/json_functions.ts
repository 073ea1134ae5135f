/** Reading and changing JSON. Paths of `json` are JSON pointers for DuckDB; what changes or compares jsonb is JavaScript. */
import {
  compareJsonTexts,
  concatenated,
  contains,
  deleteIndex,
  deleteKeys,
  editAtPath,
  extractPath,
  hasKeys,
  jsonbPretty,
  stripNulls,
} from "./json/functions.ts";
import { matchPath, pathExists, queryPath } from "./json/path_run.ts";
import { forEachCount, javaScript, macro, raise } from "./macro.ts";
import type { SqlFunction } from "./types.ts";

/** A value of type JSON, or a text that is JSON, as text. */
function text(name: string): string {
  return `(${name}::JSON)::VARCHAR`;
}

function jsonOf(name: string): string {
  return `(${name})::JSON`;
}

/** Keys in one call of json_extract_path. */
const keysMax = 6;

/** `keys` is SQL for a list of texts. A number from the end of an array is no JSON pointer. */
function extracted(keys: string, asText: boolean, isJsonb: boolean): string {
  const pointer =
    `'/' || array_to_string(list_transform(${keys}, lambda key: replace(replace(key, '~', '~0'), '/', '~1')), '/')`;
  const slow = `__eider_json_extract(${text("value")}, to_json(${keys})::VARCHAR, ${asText})`;
  const slowJson = asText ? slow : jsonOf(slow);
  if (isJsonb && !asText) return slowJson;
  const native = asText ? `json_extract_string(value, ${pointer})` : `json_extract(value, ${pointer})`;
  return `CASE WHEN len(list_filter(${keys}, lambda key: key IS NULL)) > 0 THEN NULL
    WHEN len(${keys}) = 0 OR len(list_filter(${keys}, lambda key: starts_with(key, '-') OR key = '')) > 0 THEN ${slowJson}
    ELSE ${native} END`;
}

function extractMacros(prefix: "json" | "jsonb"): SqlFunction[] {
  return [true, false].flatMap((asText) => {
    const name = `${prefix}_extract_path${asText ? "_text" : ""}`;
    return [
      // For `#>` and `#>>`.
      macro(`__${name}`, `(value, keys) AS ${extracted("keys::VARCHAR[]", asText, prefix === "jsonb")}`),
      macro(
        name,
        ...forEachCount(keysMax, (names) => extracted(`[${names.join(", ")}]::VARCHAR[]`, asText, prefix === "jsonb"), {
          before: "value",
        }),
      ),
    ];
  });
}

function requireType(type: "ARRAY" | "OBJECT", message: string, then: string): string {
  return `CASE WHEN json_type(value) = '${type}' THEN ${then} WHEN value IS NOT NULL THEN ${
    raise("22023", message)
  } END`;
}

function canonical(list: string): string {
  return `list_transform(${list}, lambda one: __eider_jsonb(one::VARCHAR)::JSON)`;
}

/** By length, then by bytes. */
const sortedKeys =
  "list_transform(list_sort(list_transform(json_keys(value), lambda key: {'l': strlen(key), 'k': key})), lambda one: one.k)";

/** Lists, for the translation to unnest; `…_each` are lists of structs (key, value). */
function listMacros(prefix: "json" | "jsonb"): SqlFunction[] {
  const isJsonb = prefix === "jsonb";
  const elements = "json_extract(value, '$[*]')";
  const entries = "map_entries((value::JSON)::MAP(VARCHAR, JSON))";
  const entry = (shown: string) => `list_transform(${entries}, lambda one: {'key': one.key, 'value': ${shown}})`;
  const json = "coalesce(one.value, 'null'::JSON)";
  return [
    macro(
      `__${prefix}_array_elements`,
      `(value) AS ${
        requireType(
          "ARRAY",
          "cannot extract elements from a scalar or an object",
          isJsonb ? canonical(elements) : elements,
        )
      }`,
    ),
    macro(
      `__${prefix}_array_elements_text`,
      `(value) AS ${
        requireType(
          "ARRAY",
          "cannot extract elements from a scalar or an object",
          isJsonb
            ? `list_transform(${elements}, lambda one: __eider_json_extract(one::VARCHAR, '[]', true))`
            : "json_extract_string(value, '$[*]')",
        )
      }`,
    ),
    macro(
      `__${prefix}_object_keys`,
      `(value) AS ${
        requireType(
          "OBJECT",
          `cannot call ${prefix}_object_keys on a scalar or an array`,
          isJsonb ? sortedKeys : "json_keys(value)",
        )
      }`,
    ),
    macro(
      `__${prefix}_each`,
      `(value) AS ${
        requireType(
          "OBJECT",
          `cannot call ${prefix}_each on a non-object`,
          entry(isJsonb ? `__eider_jsonb(${json}::VARCHAR)::JSON` : json),
        )
      }`,
    ),
    macro(
      `__${prefix}_each_text`,
      `(value) AS ${
        requireType(
          "OBJECT",
          `cannot call ${prefix}_each_text on a non-object`,
          entry("json_extract_string(one.value, '$')"),
        )
      }`,
    ),
  ];
}

/** The same for FROM, with columns `key` and `value`. */
function tableMacros(prefix: "json" | "jsonb"): SqlFunction[] {
  return ["each", "each_text"].map((name) =>
    macro(
      `${prefix}_${name}`,
      `(document) AS TABLE SELECT entry.key AS "key", entry."value" AS "value"
        FROM (SELECT unnest(__eider.pg."__${prefix}_${name}"(document)) AS entry)`,
    )
  );
}

function edited(path: string, replacement: string, mode: string, target = "jsonb_in"): string {
  return jsonOf(`__eider_jsonb_edit(${text(target)}, to_json(${path}::VARCHAR[])::VARCHAR, ${replacement}, ${mode})`);
}

const setMode = "CASE WHEN create_if_missing THEN 'set' ELSE 'replace' END";
const pathParameters = "(target, path, vars := '{}', silent := false)";
const pathArguments = `${text("target")}, path::VARCHAR, ${text("vars")}, silent::BOOLEAN`;
const pathValues = `__eider_jsonb_path_query(${pathArguments})`;
const keyIsOneText = "typeof(keys) = 'VARCHAR'";

export const jsonFunctions: readonly SqlFunction[] = [
  javaScript("__eider_json_extract", ["VARCHAR", "VARCHAR", "BOOLEAN"], "VARCHAR", extractPath),
  javaScript("__eider_jsonb_pretty", ["VARCHAR"], "VARCHAR", jsonbPretty),
  javaScript("__eider_json_strip_nulls", ["VARCHAR", "BOOLEAN"], "VARCHAR", stripNulls),
  javaScript("__eider_jsonb_edit", ["VARCHAR", "VARCHAR", "VARCHAR", "VARCHAR"], "VARCHAR", editAtPath),
  javaScript("__eider_jsonb_delete_keys", ["VARCHAR", "VARCHAR"], "VARCHAR", deleteKeys),
  javaScript("__eider_jsonb_delete_index", ["VARCHAR", "BIGINT"], "VARCHAR", deleteIndex),
  javaScript("__eider_jsonb_concat", ["VARCHAR", "VARCHAR"], "VARCHAR", concatenated),
  javaScript("__eider_jsonb_contains", ["VARCHAR", "VARCHAR"], "BOOLEAN", contains),
  javaScript("__eider_jsonb_has_keys", ["VARCHAR", "VARCHAR", "BOOLEAN"], "BOOLEAN", hasKeys),
  javaScript("__eider_jsonb_compare", ["VARCHAR", "VARCHAR"], "BIGINT", compareJsonTexts),
  javaScript("__eider_jsonb_path_query", ["VARCHAR", "VARCHAR", "VARCHAR", "BOOLEAN"], "VARCHAR", queryPath),
  javaScript("__eider_jsonb_path_exists", ["VARCHAR", "VARCHAR", "VARCHAR", "BOOLEAN"], "BOOLEAN", pathExists),
  javaScript("__eider_jsonb_path_match", ["VARCHAR", "VARCHAR", "VARCHAR", "BOOLEAN"], "BOOLEAN", matchPath),

  ...(["json", "jsonb"] as const).flatMap((prefix) => [
    macro(
      `${prefix}_array_length`,
      `(value) AS ${
        requireType("ARRAY", "cannot get array length of a scalar or a non-array", "json_array_length(value)::INTEGER")
      }`,
      "(value, path) AS json_array_length(value, path)",
    ),
    macro(
      `${prefix}_typeof`,
      `(value) AS CASE WHEN value IS NULL THEN NULL ELSE CASE json_type(value) WHEN 'OBJECT' THEN 'object' WHEN 'ARRAY' THEN 'array'
        WHEN 'VARCHAR' THEN 'string' WHEN 'BOOLEAN' THEN 'boolean' WHEN 'NULL' THEN 'null' ELSE 'number' END END`,
    ),
    ...extractMacros(prefix),
    ...listMacros(prefix),
    ...tableMacros(prefix),
    macro(
      `${prefix}_strip_nulls`,
      `(value) AS ${jsonOf(`__eider_json_strip_nulls(${text("value")}, ${prefix === "jsonb"})`)}`,
    ),
  ]),

  macro("jsonb_pretty", `(value) AS __eider_jsonb_pretty(${text("value")})`),
  macro(
    "jsonb_set",
    `(jsonb_in, path, replacement, create_if_missing := true) AS ${edited("path", text("replacement"), setMode)}`,
  ),
  macro(
    "jsonb_set_lax",
    `(jsonb_in, path, replacement, create_if_missing := true, null_value_treatment := 'use_json_null') AS CASE
      WHEN replacement IS NOT NULL OR null_value_treatment = 'use_json_null'
        THEN ${edited("path", `coalesce(${text("replacement")}, 'null')`, setMode)}
      WHEN null_value_treatment = 'delete_key' THEN ${edited("path", "'null'", "'delete'")}
      WHEN null_value_treatment = 'return_target' THEN __eider_jsonb(${text("jsonb_in")})::JSON
      WHEN null_value_treatment = 'raise_exception' THEN ${raise("22004", "JSON value must not be null")}
      ELSE ${
      raise("22023", "null_value_treatment must be delete_key, return_target, use_json_null or raise_exception")
    } END`,
  ),
  macro(
    "jsonb_insert",
    `(jsonb_in, path, replacement, insert_after := false) AS ${
      edited("path", text("replacement"), "CASE WHEN insert_after THEN 'insert after' ELSE 'insert before' END")
    }`,
  ),
  macro("jsonb_delete_path", `(target, path) AS ${edited("path", "'null'", "'delete'", "target")}`),
  macro(
    "jsonb_delete",
    `(target, place BIGINT) AS ${jsonOf(`__eider_jsonb_delete_index(${text("target")}, place)`)}`,
    `(target, keys) AS ${
      jsonOf(
        `__eider_jsonb_delete_keys(${
          text("target")
        }, CASE WHEN ${keyIsOneText} THEN to_json([keys::VARCHAR])::VARCHAR ELSE to_json(keys)::VARCHAR END)`,
      )
    }`,
  ),
  macro("jsonb_concat", `(a, b) AS ${jsonOf(`__eider_jsonb_concat(${text("a")}, ${text("b")})`)}`),
  macro("jsonb_contains", `(a, b) AS __eider_jsonb_contains(${text("a")}, ${text("b")})`),
  macro("jsonb_contained", `(a, b) AS __eider_jsonb_contains(${text("b")}, ${text("a")})`),
  macro(
    "jsonb_exists",
    `(value, key) AS CASE WHEN json_type(value) = 'OBJECT' THEN list_contains(json_keys(value), key)
      ELSE __eider_jsonb_has_keys(${text("value")}, to_json([key::VARCHAR])::VARCHAR, true) END`,
  ),
  macro(
    "jsonb_exists_any",
    `(value, keys) AS __eider_jsonb_has_keys(${text("value")}, to_json(keys::VARCHAR[])::VARCHAR, false)`,
  ),
  macro(
    "jsonb_exists_all",
    `(value, keys) AS __eider_jsonb_has_keys(${text("value")}, to_json(keys::VARCHAR[])::VARCHAR, true)`,
  ),
  macro("jsonb_cmp", `(a, b) AS __eider_jsonb_compare(${text("a")}, ${text("b")})::INTEGER`),
  ...([["eq", "="], ["ne", "<>"], ["lt", "<"], ["le", "<="], ["gt", ">"], ["ge", ">="]] as const).map((
    [name, operator],
  ) => macro(`jsonb_${name}`, `(a, b) AS __eider_jsonb_compare(${text("a")}, ${text("b")}) ${operator} 0`)),

  // paths; those with time zone are the same, because there is no datetime() in a path
  ...["", "_tz"].flatMap((suffix) => [
    macro(`jsonb_path_exists${suffix}`, `${pathParameters} AS __eider_jsonb_path_exists(${pathArguments})`),
    macro(`jsonb_path_match${suffix}`, `${pathParameters} AS __eider_jsonb_path_match(${pathArguments})`),
    macro(`jsonb_path_query_array${suffix}`, `${pathParameters} AS ${jsonOf(pathValues)}`),
    macro(
      `jsonb_path_query_first${suffix}`,
      `${pathParameters} AS ${canonical(`json_extract(${pathValues}, '$[*]')`)}[1]`,
    ),
    macro(`__jsonb_path_query${suffix}`, `${pathParameters} AS ${canonical(`json_extract(${pathValues}, '$[*]')`)}`),
  ]),
];
