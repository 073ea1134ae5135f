import assert from "node:assert/strict";
import { arrayLiteralText, arrayShape, joinedElements } from "./array_text.ts";

for (
  const [literal, list] of [
    ["{}", "[]"],
    ["{1,2}", "[1, 2]"],
    ['{NULL,null,"NULL"}', "[NULL, NULL, 'NULL']"],
    ['{"a b","q\\"","\\\\"}', "['a b', 'q\"', '\\\\']"],
    ["{it's}", "['it\\'s']"],
    [" { 1 , x y } ", "[1, 'x y']"],
    ["{{1,2},{3,NULL}}", "[[1, 2], [3, NULL]]"],
    ["[0:1]={1,2}", "[1, 2]"],
    ["[1:1][2:3]={{1,2}}", "[[1, 2]]"],
    ["{-1.5e3}", "[-1.5e3]"],
    ["{2024-01-01 10:00}", "['2024-01-01 10:00']"],
    ['{""}', "['']"],
  ] as const
) {
  Deno.test(`arrayLiteralText reads ${literal}`, () => {
    assert.equal(arrayLiteralText(literal), list);
  });
}

for (
  const literal of ["", "1,2", "{1,2", "{1,2}x", "{1,,2}", "{,}", "{{1},{2,3}}", "{{1},2}", '{"a', '{a"b}', "{1}{2}"]
) {
  Deno.test(`arrayLiteralText refuses ${JSON.stringify(literal)}`, () => {
    assert.throws(() => arrayLiteralText(literal), /malformed array literal/);
  });
}

Deno.test("arrayLiteralText refuses more than six dimensions", () => {
  assert.throws(() => arrayLiteralText("{{{{{{{1}}}}}}}"), /exceeds the maximum/);
});

Deno.test("arrayShape tells dimensions, lengths and the number of elements", () => {
  const list = "[[1, 2, 3], [4, 5, 6]]";
  assert.deepEqual([-1n, 0n, 1n, 2n, 3n].map((dimension) => arrayShape(list, "INTEGER[][]", dimension)), [
    6n,
    2n,
    2n,
    3n,
    0n,
  ]);
});

Deno.test("joinedElements goes through all dimensions", () => {
  assert.equal(joinedElements("[[1, NULL], [3, 4]]", "INTEGER[][]", ",", "*", true), "1,*,3,4");
  assert.equal(joinedElements("[1, NULL]", "INTEGER[]", ",", "", false), "1");
});
