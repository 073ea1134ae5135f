import assert from "node:assert/strict";
import { blobText } from "./bytea_literal.ts";

const samples: readonly (readonly [string, string | null])[] = [
  ["abc", null],
  ["\\x", ""],
  ["\\x00ff", "\\x00\\xFF"],
  ["\\x DE ad", "\\xDE\\xAD"],
  ["\\x6162", "ab"],
  ["\\x275c22", "\\x27\\x5C\\x22"],
  ["\\000a\\377", "\\x00a\\xFF"],
  ["a\\\\b", "a\\x5Cb"],
  ["ü\\000", "\\xC3\\xBC\\x00"],
  ["\\x0", null],
  ["\\xzz", null],
  ["\\400", null],
  ["a\\b", null],
];

for (const [source, text] of samples) {
  Deno.test(`bytea '${source}' is ${text === null ? "left as it is" : `the BLOB ${text}`}`, () => {
    assert.equal(blobText(source), text);
  });
}
