import assert from "node:assert/strict";
import { type ArrayItem, parseArrayText, parseVectorText } from "./array_literal.ts";

const arrays: readonly (readonly [string, readonly ArrayItem[] | null])[] = [
  ["{}", []],
  [" { } ", []],
  ["{1,2}", ["1", "2"]],
  ["{ a b , c }", ["a b", "c"]],
  ['{NULL,null,"NULL"}', [null, null, "NULL"]],
  ['{"a,b","c\\"d","e\\\\f",""}', ["a,b", 'c"d', "e\\f", ""]],
  ["{a\\,b}", ["a,b"]],
  ["{{1,2},{3,4}}", [["1", "2"], ["3", "4"]]],
  ["[0:1]={5,6}", ["5", "6"]],
  ["{ü,😀}", ["ü", "😀"]],
  ["", null],
  ["1,2", null],
  ["{1,2", null],
  ["{1,,2}", null],
  ["{1,}", null],
  ["{1}x", null],
  ['{"a}', null],
  ['{a"b"}', null],
  ["{a{b}}", null],
];

for (const [source, items] of arrays) {
  Deno.test(`the array ${source} is ${items === null ? "refused" : "read"}`, () => {
    assert.deepEqual(parseArrayText(source), items);
  });
}

Deno.test("a vector is numbers with spaces between them", () => {
  assert.deepEqual(parseVectorText(" 1 2  -3 "), ["1", "2", "-3"]);
  assert.deepEqual(parseVectorText(""), []);
  assert.equal(parseVectorText("1,2"), null);
  assert.equal(parseVectorText("{1}"), null);
});
