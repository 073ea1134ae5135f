/**
 * Making JSON out of SQL values: to_json, json_build_…, json_agg and the like. `json` is built by DuckDB as text, with the spacing that
 * PostgreSQL gives it; `jsonb` is brought into its canonical form by `__eider_jsonb`.
 *
 * A macro cannot take ORDER BY, FILTER, DISTINCT or OVER. For aggregates with these the translation writes
 * `__json_agg(list(__json_agg_element(x) ORDER BY …) FILTER (…))` out of the helpers below.
 */
import { canonicalJsonb, objectFromLists, objectFromPairs } from "./json/functions.ts";
import { scalarJson, typedJson } from "./json/typed_values.ts";
import { checkedWhenCalled, forEachCount, javaScript, macro, raise } from "./macro.ts";
import type { SqlFunction } from "./types.ts";

/**
 * Pairs of key and value, or values, in one call; each number is an overload, which takes time to make. For longer calls the translation
 * writes `__json_build_object([__json_pair(k, v), …])` and `__json_build_array([__json_text(v), …])`.
 */
const pairsMax = 12;
const valuesMax = 12;
const ownPairsMax = 6;

/** SQL text that is JSON as type JSON; it was built as JSON, so nothing needs to be checked but DuckDB does so anyway. */
function asJson(text: string): string {
  return `(${text})::JSON`;
}

function asJsonb(text: string): string {
  return `__eider_jsonb(${text})::JSON`;
}

function element(name: string): string {
  return `__eider.pg."__json_text"(${name})`;
}

function joined(parts: readonly string[]): string {
  return parts.length === 0 ? "''" : parts.join(" || ', ' || ");
}

function objectText(names: readonly string[]): string {
  const pairs: string[] = [];
  for (let index = 0; index < names.length; index += 2) {
    pairs.push(`__eider.pg."__json_pair"(${names[index]}, ${names[index + 1]})`);
  }
  return `'{' || ${joined(pairs)} || '}'`;
}

function arrayText(names: readonly string[]): string {
  return `'[' || ${joined(names.map(element))} || ']'`;
}

const oddArguments = raise("22023", "argument list must have even number of elements");

function building(name: string, made: (text: string) => string): SqlFunction[] {
  return [
    macro(
      `__${name}_build_object`,
      `(pairs) AS ${made("'{' || array_to_string(pairs, ', ') || '}'")}`,
    ),
    macro(`__${name}_build_array`, `(elements) AS ${made("'[' || array_to_string(elements, ', ') || ']'")}`),
    macro(
      `${name}_build_object`,
      `() AS ${made("'{}'")}`,
      ...forEachCount(2 * pairsMax, (names) => checkedWhenCalled(names[0]!, made(objectText(names))), {
        from: 2,
        step: 2,
      }),
      ...forEachCount(3, () => oddArguments, { from: 1, step: 2 }),
    ),
    macro(
      `${name}_build_array`,
      `() AS ${made("'[]'")}`,
      ...forEachCount(valuesMax, (names) => checkedWhenCalled(names[0]!, made(arrayText(names)))),
    ),
  ];
}

const isNested = "regexp_matches(typeof(value), '\\]$|^(STRUCT|MAP|UNION)')";
/** Written by DuckDB as JSON has it. A `numeric` without precision has zeros at its end. */
const isPlain =
  `typeof(value) IN ('JSON', 'HUGEINT') OR (typeof(value) LIKE 'DECIMAL%' AND typeof(value) <> 'DECIMAL(38,10)')`;

export const jsonBuildingFunctions: readonly SqlFunction[] = [
  javaScript("__eider_jsonb", ["VARCHAR"], "VARCHAR", canonicalJsonb),
  javaScript("__eider_typed_json", ["VARCHAR", "VARCHAR"], "VARCHAR", typedJson),
  javaScript("__eider_json_scalar", ["VARCHAR", "VARCHAR"], "VARCHAR", scalarJson),
  javaScript("__eider_json_object_pairs", ["VARCHAR"], "VARCHAR", objectFromPairs),
  javaScript("__eider_json_object_lists", ["VARCHAR", "VARCHAR"], "VARCHAR", objectFromLists),

  // `value::jsonb`: canonical.
  macro("__jsonb", "(value) AS __eider_jsonb((value::JSON)::VARCHAR)::JSON"),
  // Any value's JSON as text; NULL is `null`.
  macro(
    "__json_text",
    "(value BIGINT) AS coalesce(value::VARCHAR, 'null')",
    "(value BOOLEAN) AS coalesce(value::VARCHAR, 'null')",
    `(value) AS coalesce(CASE WHEN typeof(value) = 'VARCHAR' THEN to_json(value)::VARCHAR WHEN ${isPlain} THEN value::VARCHAR
      WHEN ${isNested} THEN __eider_typed_json(to_json(value)::VARCHAR, typeof(value))
      ELSE __eider_json_scalar(value::VARCHAR, typeof(value)) END, 'null')`,
  ),
  macro(
    "__json_pair",
    `(key, value) AS ${
      checkedWhenCalled(
        "key",
        `CASE WHEN key IS NULL THEN ${
          raise("22023", "field name must not be null")
        } ELSE to_json(__eider.pg."__text"(key))::VARCHAR END || ' : ' || ${element("value")}`,
      )
    }`,
  ),
  ...building("json", asJson),
  ...building("jsonb", asJsonb),
  ...["to_json", "row_to_json", "array_to_json"].map((name) =>
    macro(
      name,
      `(value) AS ${checkedWhenCalled("value", `CASE WHEN value IS NOT NULL THEN ${asJson(element("value"))} END`)}`,
      // The second argument only asks for line feeds.
      `(value, pretty) AS ${
        checkedWhenCalled("value", `CASE WHEN value IS NOT NULL THEN ${asJson(element("value"))} END`)
      }`,
    )
  ),
  macro(
    "to_jsonb",
    `(value) AS ${checkedWhenCalled("value", `CASE WHEN value IS NOT NULL THEN ${asJsonb(element("value"))} END`)}`,
  ),
  ...([["json_object", asJson], ["jsonb_object", asJsonb]] as const).map(([name, made]) =>
    macro(
      name,
      `(pairs VARCHAR[]) AS ${made("__eider_json_object_pairs(to_json(pairs)::VARCHAR)")}`,
      `(pairs VARCHAR[][]) AS ${made("__eider_json_object_pairs(to_json(pairs)::VARCHAR)")}`,
      `(keys VARCHAR[], vals VARCHAR[]) AS ${
        made("__eider_json_object_lists(to_json(keys)::VARCHAR, to_json(vals)::VARCHAR)")
      }`,
      // DuckDB's own form: keys and values in turn.
      ...(name === "jsonb_object" ? [] : forEachCount(
        2 * ownPairsMax,
        (names) => checkedWhenCalled(names[0]!, made(objectText(names))),
        { from: 2, step: 2 },
      )),
    )
  ),

  // aggregates
  macro(
    "__json_agg_element",
    `(value) AS ${
      checkedWhenCalled("value", `CASE WHEN ${isNested} THEN chr(10) || ' ' ELSE '' END || ${element("value")}`)
    }`,
  ),
  macro("__json_agg", "(elements) AS ('[' || ltrim(array_to_string(elements, ', '), chr(10) || ' ') || ']')::JSON"),
  macro("__jsonb_agg", "(elements) AS __eider_jsonb('[' || array_to_string(elements, ', ') || ']')::JSON"),
  macro("__json_object_agg", "(pairs) AS ('{ ' || array_to_string(pairs, ', ') || ' }')::JSON"),
  macro("__jsonb_object_agg", "(pairs) AS __eider_jsonb('{' || array_to_string(pairs, ', ') || '}')::JSON"),
  ...["json", "jsonb"].flatMap((name) => [
    macro(`${name}_agg`, `(value) AS __eider.pg."__${name}_agg"(list(__eider.pg."__json_agg_element"(value)))`),
    macro(
      `${name}_object_agg`,
      `(key, value) AS __eider.pg."__${name}_object_agg"(list(__eider.pg."__json_pair"(key, value)))`,
    ),
  ]),
];
