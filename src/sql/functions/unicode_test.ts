import assert from "node:assert/strict";
import { decodeEscapes, isNormalizedText, normalizedText } from "./unicode.ts";

Deno.test("decodeEscapes reads all four forms, pairs of surrogates and doubled backslashes", () => {
  assert.equal(decodeEscapes("\\0061\\+01F44D\\u00e9\\U0001F44D\\\\x"), "a👍é👍\\x");
  assert.equal(decodeEscapes("\\uD83D\\uDC4D"), "👍");
});

for (const text of ["\\x", "\\u12", "\\+110000", "\\U00110000", "\\0000", "\\D83D"]) {
  Deno.test(`decodeEscapes refuses ${text}`, () => {
    assert.throws(() => decodeEscapes(text), /invalid Unicode/);
  });
}

Deno.test("normalizedText knows four forms, in any letter case", () => {
  assert.equal(normalizedText("a\u0308", "nfc"), "ä");
  assert.equal(normalizedText("ä", "NFD"), "a\u0308");
  assert.equal(normalizedText("ﬁ", "NFKC"), "fi");
  assert.throws(() => normalizedText("a", "NFX"), /invalid normalization form/);
  assert.equal(isNormalizedText("a\u0308", "NFC"), false);
});
