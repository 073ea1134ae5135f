import assert from "node:assert/strict";
import type { JsonObject } from "../../dashboards/types.ts";
import { packDocument, readTags, unpackDocument, writeTags } from "./document_text.ts";

Deno.test("a document comes out of the store as it went in, whatever its size", () => {
  for (const count of [0, 1, 10, 100, 5000]) {
    const document: JsonObject = {
      panels: Array.from({ length: count }, (_, index) => ({ title: `ä𝄞 ${index}`, x: null })),
    };
    const { text, sizeBytes } = packDocument(document);
    assert.deepEqual(unpackDocument(text), document);
    assert.equal(sizeBytes, new TextEncoder().encode(JSON.stringify(document)).length);
    assert.ok(text.length <= sizeBytes);
    assert.equal(text.startsWith("z:"), sizeBytes > 1024);
  }
});

Deno.test("what deflating makes no shorter stays plain, and plain text is read", () => {
  const random = Array.from({ length: 3000 }, () => String.fromCharCode(33 + Math.floor(Math.random() * 90))).join("");
  const document = { random };
  assert.deepEqual(unpackDocument(packDocument(document).text), document);
  assert.deepEqual(unpackDocument(' {"a": [1]} '), { a: [1] });
});

Deno.test("a text that is no document is null", () => {
  const { text } = packDocument({ a: "x".repeat(5000) });
  for (
    const broken of ["", "{", "[]", "null", "7", '"x"', "z:", "z:%%", text.slice(0, -12), text.replace("z:", "z:AAAA")]
  ) {
    assert.equal(unpackDocument(broken), null, broken.slice(0, 20));
  }
});

Deno.test("tags keep the difference between none and an empty list, and a broken column counts as none", () => {
  for (const tags of [null, [], ["a", 'b"c']]) assert.deepEqual(readTags(writeTags(tags)), tags);
  for (const broken of ["{", "{}", "7", 7]) assert.equal(readTags(broken), null);
  assert.deepEqual(readTags('["a", 1, null]'), ["a"]);
});
