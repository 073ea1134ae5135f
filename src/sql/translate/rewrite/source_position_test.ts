import assert from "node:assert/strict";
import { sourcePosition } from "./source_position.ts";

Deno.test("a position in the printed text leads to the place in the source that it was printed from", () => {
  // source: SELECT  'ü', nope — nope stands at byte 14, character 13
  const source = "SELECT  'ü', nope";
  const printed = {
    text: "SELECT 'ü', nope AS x",
    places: [{ printed: 7, original: 8 }, { printed: 12, original: 14 }],
  };
  assert.equal(sourcePosition(printed, source, 13), 14);
  assert.equal(sourcePosition(printed, source, 14), 14);
  assert.equal(sourcePosition(printed, source, 8), 9);
  assert.equal(sourcePosition(printed, source, 1), 1);
  assert.equal(sourcePosition(printed, source, 100), 14);
});

Deno.test("characters beyond 16 bits count as one on both sides", () => {
  const source = "SELECT '😀', nope";
  const printed = { text: "SELECT '😀', nope", places: [{ printed: 13, original: 15 }] };
  assert.equal(source.indexOf("nope"), 13);
  assert.equal(sourcePosition(printed, source, 13), 13);
});

Deno.test("a text without places has its errors at the beginning", () => {
  assert.equal(sourcePosition({ text: "SELECT 1", places: [] }, "x", 5), 1);
});
