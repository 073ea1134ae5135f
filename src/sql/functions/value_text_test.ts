import assert from "node:assert/strict";
import { arrayText, floatText, jsonListText, parseListText, postgresText } from "./value_text.ts";

const samples: readonly (readonly [text: string, type: string, expected: string])[] = [
  ["1.0", "DOUBLE", "1"],
  ["-0.0", "DOUBLE", "-0"],
  ["1000000000000000.0", "DOUBLE", "1e+15"],
  ["1e+16", "DOUBLE", "1e+16"],
  ["1.2345678901234568e+17", "DOUBLE", "1.2345678901234568e+17"],
  ["1e-05", "DOUBLE", "1e-05"],
  ["0.0001", "DOUBLE", "0.0001"],
  ["nan", "DOUBLE", "NaN"],
  ["-inf", "DOUBLE", "-Infinity"],
  ["1000000.0", "FLOAT", "1e+06"],
  ["123456.0", "FLOAT", "123456"],
  ["1.5000000000", "DECIMAL(38,10)", "1.5"],
  ["100.0000000000", "DECIMAL(38,10)", "100"],
  ["1.50", "DECIMAL(10,2)", "1.50"],
  ["\\x00\\xFFab", "BLOB", "\\x00ff6162"],
  ["1 year 2 months -3 days 04:05:06.789", "INTERVAL", "1 year 2 mons -3 days +04:05:06.789"],
  ["-1 month", "INTERVAL", "-1 mons"],
  ["-1 day -02:00:00", "INTERVAL", "-1 days -02:00:00"],
  ["00:00:00", "INTERVAL", "00:00:00"],
  ["0044-03-15 (BC)", "DATE", "0044-03-15 BC"],
  ["0044-03-15 (BC) 10:00:00", "TIMESTAMP", "0044-03-15 10:00:00 BC"],
  ["true", "BOOLEAN", "true"],
  ["[true, NULL]", "BOOLEAN[]", "{t,NULL}"],
  ["[[1, 2], [3, NULL]]", "INTEGER[][]", "{{1,2},{3,NULL}}"],
  ["['a, b', 'c\\'d', 'NULL', NULL, '', plain]", "VARCHAR[]", '{"a, b",c\'d,"NULL",NULL,"",plain}'],
  ["[]", "VARCHAR[]", "{}"],
  ["['2020-01-01 10:00:00']", "TIMESTAMP[]", '{"2020-01-01 10:00:00"}'],
  ["[1.0, 1e+300]", "DOUBLE[]", "{1,1e+300}"],
  ["[1, 2]", "INTEGER[2]", "{1,2}"],
];

for (const [text, type, expected] of samples) {
  Deno.test(`postgresText writes ${type} ${text} as ${expected}`, () => {
    assert.equal(postgresText(text, type), expected);
  });
}

Deno.test("parseListText keeps brackets and commas that stand in quotes", () => {
  assert.deepEqual(parseListText("['[', ']', 'a]', '\\\\', b]", "VARCHAR[]"), ["[", "]", "a]", "\\", "b"]);
});

Deno.test("parseListText refuses a text that does not end", () => {
  assert.throws(() => parseListText("['a", "VARCHAR[]"), /does not end/);
});

Deno.test("arrayText quotes what would be read otherwise", () => {
  assert.equal(arrayText(["a b", 'q"', "\\", "null", "{", "x", null]), '{"a b","q\\"","\\\\","null","{",x,NULL}');
});

Deno.test("floatText leaves alone what is no number", () => {
  assert.equal(floatText("abc", 15), "abc");
});

Deno.test("jsonListText shows a document as it is and a list of documents as an array", () => {
  assert.equal(jsonListText('{"a":1}', "STRUCT(a INTEGER)"), '{"a":1}');
  assert.equal(jsonListText('[{"a":1},null]', "STRUCT(a INTEGER)[]"), '{"{\\"a\\":1}",NULL}');
  assert.equal(jsonListText("null", "JSON"), null);
});
