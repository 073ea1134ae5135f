import assert from "node:assert/strict";
import { asTranslated, isExpected, openFunctionSession, readSamples } from "./testing_samples.ts";

const session = await openFunctionSession();
const sampleNames = [
  "arrays",
  "dates",
  "documents",
  "formatting",
  "json",
  "numbers",
  "regular",
  "system",
  "templates",
  "text",
] as const;

for (const name of sampleNames) {
  Deno.test(`samples of ${name} give what PostgreSQL 15 gave, or what their line says`, async () => {
    const wrong: string[] = [];
    await session.run("SET TimeZone = 'UTC'");
    for (const sample of await readSamples(name)) {
      if (sample.isSetting) {
        await session.run(sample.expression);
        continue;
      }
      const answer = await session.evaluate(sample.expression);
      if (!isExpected(answer, sample.expected)) {
        wrong.push(`${name}.tsv:${sample.line} ${sample.expression}\n  ${answer}\n  not ${sample.expected}`);
      }
    }
    assert.deepEqual(wrong, []);
  });
}

Deno.test("__to_char answers as to_char for constant templates", async () => {
  const wrong: string[] = [];
  for (const sample of [...await readSamples("formatting"), ...await readSamples("templates")]) {
    if (sample.isSetting) await session.run(sample.expression);
    else if (sample.expression.startsWith("to_char(")) {
      const answer = await session.evaluate(`__${sample.expression}`);
      if (!isExpected(answer, sample.expected)) wrong.push(`${sample.expression}: ${answer}, not ${sample.expected}`);
    }
  }
  assert.deepEqual(wrong, []);
});

/** What no PostgreSQL 15 can be asked: helpers for the translation, functions of later versions, and forms of DuckDB that remain. */
const others: readonly (readonly [expression: string, answer: string])[] = [
  ["__divide(7, 2)", "integer: 3"],
  ["__divide(7.0, 2)", "double precision: 3.5"],
  ["__divide(1, 0)", "error: 22012"],
  ["__divide(1.5::double, 0)", "error: 22012"],
  ["__divide(NULL::int, 0)", "integer: \\N"],
  ["__divide_interval(INTERVAL '3 hours', 4)", "interval: 00:45:00"],
  ["__divide_interval(INTERVAL '3 hours', 0)", "error: 22012"],
  [
    "__sum_interval(x) FROM (VALUES (INTERVAL '1 month 1 day'), (INTERVAL '-2 hours'), (NULL)) v(x)",
    "interval: 1 mon 1 day -02:00:00",
  ],
  ["jsonb_path_query_first_tz('[1,2]', '$[*] ? (@ > 1)')", "json: 2"],
  ["__modulo(-7, 3)", "integer: -1"],
  ["__modulo(7, 0)", "error: 22012"],
  ["__divide(a, b) FROM (VALUES (6, 3), (NULL, 0)) v(a, b)", "integer: 2; \\N"],
  ["__round(x, n) FROM (VALUES (12.345::DECIMAL(5,3), 2), (12.345, -1), (NULL, 1)) v(x, n)", "numeric: 12.35; 10; \\N"],
  ["__trunc(x, n) FROM (VALUES (12.345::DECIMAL(5,3), 2), (-12.345, 1)) v(x, n)", "numeric: 12.34; -12.3"],
  [`__array_from_text('{1,"a b",NULL,"NULL",it''s}')::VARCHAR[]`, 'text[]: {1,"a b",NULL,"NULL",it\'s}'],
  ["__array_from_text('{{1,2},{3,4}}')::INTEGER[][]", "integer[]: {{1,2},{3,4}}"],
  ["__array_from_text('{1')", "error: 22P02"],
  ["__bytea('\\x00ff')", "bytea: \\\\x00ff"],
  ["__bytea('a\\\\b\\001')", "bytea: \\\\x615c6201"],
  ['__jsonb(\'{"b": 1, "a": 2, "b": 3}\')', 'json: {"a": 2, "b": 3}'],
  ["__jsonb('1e3')", "json: 1000"],
  ["__jsonb('{')", "error: 22P02"],
  ["__text(1e16::DOUBLE)", "text: 1e+16"],
  ["__text(INTERVAL '1 month -1 day')", "text: 1 mon -1 days"],
  ["__text([1.5::DOUBLE, 2])", "text: {1.5,2}"],
  ["__text(true)", "text: true"],
  ["__output_text(true)", "text: t"],
  ["__json_extract_path('{\"a\":[1,{\"b\":2}]}'::JSON, ['a', '1', 'b'])", "json: 2"],
  ["__json_extract_path_text('{\"a/b\":{\"~\":\"x\"}}'::JSON, ['a/b', '~'])", "text: x"],
  ["__json_agg(list(__json_agg_element(x) ORDER BY x DESC)) FROM (VALUES (1), (2)) v(x)", "json: [2, 1]"],
  ["__jsonb_object_agg(list(__json_pair(k, 1))) FROM (VALUES ('b'), ('a')) v(k)", 'json: {"a": 1, "b": 1}'],
  ["__json_build_object([__json_pair('a', 1), __json_pair('b', NULL)])", 'json: {"a" : 1, "b" : null}'],
  ["__json_build_array([__json_text('x'), __json_text(DATE '2024-02-29')])", 'json: ["x", "2024-02-29"]'],
  [
    '__json_each(\'{"a":1,"b":null}\'::JSON)',
    'json[]: {"{\\\\"key\\\\":\\\\"a\\\\",\\\\"value\\\\":1}","{\\\\"key\\\\":\\\\"b\\\\",\\\\"value\\\\":null}"}',
  ],
  ['"key" || "value" FROM __eider.pg.json_each_text(\'{"a":1,"b":"x"}\')', "text: a1; bx"],
  ['e."value" FROM (VALUES (\'{"a":1}\'), (\'{"a":2}\')) t(j), __eider.pg.jsonb_each(t.j) e', "json: 1; 2"],
  ["array_sort(array_shuffle([3, 1, 2]))", "integer[]: {1,2,3}"],
  ["len(array_sample([3, 1, 2], 2))", "bigint: 2"],
  ["array_sample([1], 2)", "error: 22023"],
  ["random(1, 6) BETWEEN 1 AND 6", "boolean: t"],
  ["random(2, 1)", "error: 22023"],
  ["crc32('The quick brown fox jumps over the lazy dog'::BLOB)", "bigint: 1095738169"],
  ["crc32c('The quick brown fox jumps over the lazy dog'::BLOB)", "bigint: 576848900"],
  ["length([1, 2])", "bigint: 2"],
  ["encode('é')", "bytea: \\\\xc3a9"],
  ["json_object('a', 1, 'b', 'x')", 'json: {"a" : 1, "b" : "x"}'],
  ["array_length([1, 2])", "bigint: 2"],
];

for (const [expression, answer] of others) {
  Deno.test(`${expression} is ${answer}`, async () => {
    await session.run("SET TimeZone = 'UTC'");
    assert.equal(await session.evaluate(expression), answer);
  });
}

Deno.test("asTranslated leaves literals and types alone", () => {
  assert.equal(
    asTranslated("to_char(x, 'to_char(y)')::numeric(10,2)"),
    `__eider.pg."to_char"(x, 'to_char(y)')::numeric(10,2)`,
  );
});
