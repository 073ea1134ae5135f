import assert from "node:assert/strict";
import {
  canonicalJsonb,
  compareJsonTexts,
  concatenated,
  contains,
  deleteIndex,
  deleteKeys,
  editAtPath,
  extractPath,
  hasKeys,
  jsonbPretty,
  objectFromLists,
  objectFromPairs,
  stripNulls,
} from "./functions.ts";
import { calculated, negated, rounded } from "./numbers.ts";
import { matchPath, pathExists, queryPath } from "./path_run.ts";
import { parseJsonPath } from "./path_syntax.ts";
import { scalarJson, typedJson } from "./typed_values.ts";
import { JsonNumber } from "./value.ts";

for (
  const [json, canonical] of [
    ['{"b":1,"aa":2,"a":3,"b":4}', '{"a": 3, "b": 4, "aa": 2}'],
    ['{"é":1,"zz":2,"z":3}', '{"z": 3, "zz": 2, "é": 1}'],
    ["1.50", "1.50"],
    ["1e3", "1000"],
    ["12.5E-3", "0.0125"],
    ["-0", "0"],
    ["-0.0", "0.0"],
    ["12345678901234567890.123", "12345678901234567890.123"],
    ['"\\u00e9\\n\\"\\/"', '"é\\n\\"/"'],
    ['"\\u0001"', '"\\u0001"'],
    [" [ 1 , [ ] , { } ] ", "[1, [], {}]"],
  ] as const
) {
  Deno.test(`canonicalJsonb writes ${json} as ${canonical}`, () => {
    assert.equal(canonicalJsonb(json), canonical);
  });
}

for (const json of ["", "{", "[1,]", '{"a"}', "{a:1}", "01", "1.", "+1", "nul", '"\n"', '"\\x"', "1 2", "[1", '"a']) {
  Deno.test(`canonicalJsonb refuses ${JSON.stringify(json)}`, () => {
    assert.throws(() => canonicalJsonb(json), /invalid input syntax for type json/);
  });
}

Deno.test("a document that is nested too deeply is refused", () => {
  assert.throws(() => canonicalJsonb("[".repeat(5000)), /nested too deeply/);
});

Deno.test("jsonbPretty indents by four and gives empty values two lines", () => {
  assert.equal(jsonbPretty('{"a":{},"b":[1]}'), '{\n    "a": {\n    },\n    "b": [\n        1\n    ]\n}');
});

Deno.test("stripNulls keeps nulls of arrays and, for json, the order of keys", () => {
  assert.equal(stripNulls('{"b":null,"2":1,"1":[null,{"c":null}]}', false), '{"2":1,"1":[null,{}]}');
});

Deno.test("editAtPath sets, inserts and deletes, also from the end of an array", () => {
  assert.equal(editAtPath("[1,2]", '["-1"]', "9", "set"), "[1, 9]");
  assert.equal(editAtPath("[1,2]", '["9"]', "9", "set"), "[1, 2, 9]");
  assert.equal(editAtPath("[1,2]", '["9"]', "9", "replace"), "[1, 2]");
  assert.equal(editAtPath("[1,2]", '["0"]', "9", "insert after"), "[1, 9, 2]");
  assert.equal(editAtPath('{"a":{"b":1}}', '["a","b"]', "null", "delete"), '{"a": {}}');
  assert.equal(editAtPath('{"a":1}', '["x","y"]', "2", "set"), '{"a": 1}');
  assert.throws(() => editAtPath("1", '["a"]', "2", "set"), /scalar/);
  assert.throws(() => editAtPath("[1]", '["a"]', "2", "set"), /not an integer/);
  assert.throws(() => editAtPath('{"a":1}', '["a"]', "2", "insert before"), /existing key/);
  assert.throws(() => editAtPath('{"a":1}', "[null]", "2", "set"), /position 1 is null/);
});

Deno.test("keys and elements are deleted, values joined and compared", () => {
  assert.equal(deleteKeys('["a","b","a",1]', '["a"]'), '["b", 1]');
  assert.equal(deleteIndex("[1,2,3]", -1n), "[1, 2]");
  assert.throws(() => deleteIndex("{}", 0n), /integer index/);
  assert.equal(concatenated('{"a":1}', '{"a":2,"b":3}'), '{"a": 2, "b": 3}');
  assert.equal(concatenated("1", "[2]"), "[1, 2]");
  assert.equal(contains("[1,[2]]", "[2]"), false);
  assert.equal(contains('["a"]', '"a"'), true);
  assert.equal(contains('{"a":{"b":1.0,"c":2}}', '{"a":{"b":1}}'), true);
  assert.equal(hasKeys('["a",1]', '["1","a"]', false), true);
  assert.equal(hasKeys('{"a":1}', '["1","a"]', true), false);
  assert.deepEqual(
    ["[]", "null", '"a"', "1", "false", "[1]", "{}"].map((one, index, all) =>
      index === 0 ? -1n : compareJsonTexts(all[index - 1]!, one)
    ),
    Array(7).fill(-1n),
  );
});

Deno.test("extractPath goes through objects and arrays", () => {
  assert.equal(extractPath('{"a":[1,{"b":"x"}]}', '["a","-1","b"]', true), "x");
  assert.equal(extractPath('{"a":null}', '["a"]', true), null);
  assert.equal(extractPath('{"a":null}', '["a"]', false), "null");
  assert.equal(extractPath("[1]", '["x"]', false), null);
});

Deno.test("objects are made of pairs and of two lists", () => {
  assert.equal(objectFromPairs('["a","1","b",null]'), '{"a" : "1", "b" : null}');
  assert.equal(objectFromPairs('[["a","1"]]'), '{"a" : "1"}');
  assert.equal(objectFromLists('["a"]', '["1"]'), '{"a" : "1"}');
  assert.throws(() => objectFromPairs('["a"]'), /even number/);
  assert.throws(() => objectFromPairs('[["a"]]'), /two columns/);
  assert.throws(() => objectFromLists('["a"]', "[]"), /mismatched/);
  assert.throws(() => objectFromLists("[null]", "[null]"), /object key/);
});

const paths: readonly (readonly [json: string, path: string, answer: string])[] = [
  ['{"a":[1,2,3]}', "$.a[*] ? (@ >= 2)", "[2, 3]"],
  ['{"a":[1,2,3]}', "$.a[last - 1, 0]", "[2, 1]"],
  ['{"a":{"b":[{"c":1}]}}', "$.**.c", "[1, 1]"],
  ['[1,"a",null]', "$[*].type()", '["number", "string", "null"]'],
  ["[1,2]", "$.size()", "[2]"],
  ["[3,4]", "$[0] * $[1] - 1", "[11]"],
  ["1", "7 / 2", "[3.5000000000000000]"],
  ["1", "1 / 3", "[0.33333333333333333333]"],
  ["1", "-7 % 4", "[-3]"],
  ['{"a":1}', "$.a == 1 && !($.b == 1)", "[true]"],
  ['[1,"x"]', "$[*] ? ((@ > 0) is unknown)", '["x"]'],
  ['["abc","xbc"]', '$[*] ? (@ like_regex "^A" flag "i")', '["abc"]'],
  ['{"a b":1}', '$."a b"', "[1]"],
  ["[[1],2]", "$[*][*]", "[1, 2]"],
];

for (const [json, path, answer] of paths) {
  Deno.test(`path ${path} of ${json} gives ${answer}`, () => {
    assert.equal(queryPath(json, path, "{}", false), answer);
  });
}

Deno.test("paths know variables, and raise errors only when they are not silent", () => {
  assert.equal(queryPath("[1,5]", "$[*] ? (@ > $min)", '{"min":2}', false), "[5]");
  assert.throws(() => queryPath("[1]", "$x", "{}", false), /variable/);
  assert.throws(() => queryPath("{}", "strict $.a", "{}", false), /does not contain key/);
  assert.equal(queryPath("{}", "strict $.a", "{}", true), "[]");
  assert.equal(pathExists("{}", "strict $.a", "{}", true), null);
  assert.equal(matchPath('{"a":1}', "$.a == 1", "{}", false), true);
  assert.throws(() => matchPath('{"a":1}', "$.a", "{}", false), /single boolean/);
});

for (const path of ["", "$.", "$[", "$ ? @", "$.a ==", "$.a()", "$ | 1", "$.datetime()"]) {
  Deno.test(`path ${JSON.stringify(path)} is refused`, () => {
    assert.throws(() => parseJsonPath(path));
  });
}

Deno.test("numbers are calculated exactly", () => {
  const number = (text: string) => new JsonNumber(text);
  assert.equal(calculated("+", number("0.1"), number("0.2")).text, "0.3");
  assert.equal(calculated("*", number("1.50"), number("-2")).text, "-3.00");
  assert.equal(calculated("/", number("1"), number("8")).text, "0.12500000000000000000");
  assert.equal(negated(number("-0.5")).text, "0.5");
  assert.deepEqual([rounded(number("-1.5"), "floor").text, rounded(number("-1.5"), "ceiling").text], ["-2", "-1"]);
  assert.throws(() => calculated("/", number("1"), number("0")), /division by zero/);
});

Deno.test("typedJson writes times, numbers and bytes inside structs and lists as PostgreSQL does", () => {
  assert.equal(
    typedJson(
      '{"t":"2024-02-29 10:00:00","z":["2024-02-29 10:00:00+02"],"d":1.0,"n":NaN,"b":"\\\\xFF","i":"1 month","m":{"k":1e300}}',
      "STRUCT(t TIMESTAMP, z TIMESTAMP WITH TIME ZONE[], d DOUBLE, n DOUBLE, b BLOB, i INTERVAL, m MAP(VARCHAR, DOUBLE))",
    ),
    '{"t":"2024-02-29T10:00:00","z":["2024-02-29T10:00:00+02:00"],"d":1,"n":"NaN","b":"\\\\xff","i":"1 mon","m":{"k":1e+300}}',
  );
  assert.equal(typedJson('{"a b":"x, y"}', 'STRUCT("a b" VARCHAR)'), '{"a b":"x, y"}');
});

Deno.test("scalarJson quotes what is no number", () => {
  assert.deepEqual(
    [["1.0", "DOUBLE"], ["nan", "DOUBLE"], ["2024-02-29", "DATE"], ["01:00:00", "INTERVAL"], [
      "2024-02-29 10:00:00+00",
      "TIMESTAMP WITH TIME ZONE",
    ]]
      .map(([text, type]) => scalarJson(text!, type!)),
    ["1", '"NaN"', '"2024-02-29"', '"01:00:00"', '"2024-02-29T10:00:00+00:00"'],
  );
});
