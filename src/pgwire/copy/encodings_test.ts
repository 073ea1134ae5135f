import assert from "node:assert/strict";
import { AppError } from "../../errors/app_error.ts";
import { createFromUtf8, createTextStream, encodingByName } from "./encodings.ts";
import { splits, utf8 } from "./testing_copy.ts";

/** A name as a client writes it, bytes in that encoding, and the text. */
const samples: readonly (readonly [string, number[], string])[] = [
  ["LATIN1", [0xe9, 0x80, 0xff], "é\u0080ÿ"],
  ["iso-8859-1", [0xe9], "é"],
  ["latin2", [0xf8, 0xb9, 0xec], "řšě"],
  ["LATIN5", [0xfd, 0xd0], "ıĞ"],
  ["LATIN9", [0xa4], "€"],
  ["ISO_8859_5", [0xb6], "Ж"],
  ["KOI8-R", [0xc1, 0xd1], "ая"],
  ["WIN1250", [0x9e, 0x8a], "žŠ"],
  ["windows-1252", [0x80, 0x61], "€a"],
  ["Win1251", [0xff], "я"],
];

Deno.test("texts in PostgreSQL's one-byte encodings are read and written", () => {
  for (const [name, bytes, text] of samples) {
    assert.deepEqual(createFromUtf8(name)!(utf8(text)), Uint8Array.from(bytes), name);
    for (const pieces of splits(Uint8Array.from(bytes))) {
      const stream = createTextStream(name);
      const read = pieces.map((piece) => new TextDecoder().decode(stream.take(piece))).join("");
      assert.deepEqual([read, stream.error], [text, null], name);
    }
  }
});

Deno.test("UTF-8 and SQL_ASCII are taken as they are", () => {
  for (const name of [null, "UTF8", "utf-8", "UNICODE", "SQL_ASCII"]) {
    assert.equal(createFromUtf8(name), null);
    assert.deepEqual(createTextStream(name).take(utf8("ž")), utf8("ž"));
  }
});

Deno.test("a byte that its encoding does not have ends the text there", () => {
  const stream = createTextStream("WIN1252");
  assert.deepEqual(stream.take(Uint8Array.of(0x61, 0x81, 0x62)), utf8("a"));
  assert.match(String(stream.error), /byte sequence 0x81 in encoding "WIN1252" has no equivalent in encoding "UTF8"/);
  assert.deepEqual(stream.take(utf8("more")), new Uint8Array(0));
  const zero = createTextStream("LATIN1");
  assert.deepEqual(zero.take(Uint8Array.of(0)), new Uint8Array(0));
  assert.match(String(zero.error), /invalid byte sequence for encoding "LATIN1": 0x00/);
});

Deno.test("an unknown encoding is a bad value, one with several bytes a character is not supported", () => {
  const kindOf = (name: string): string => {
    try {
      encodingByName(name);
      return "known";
    } catch (error) {
      return (error as AppError).kind;
    }
  };
  assert.deepEqual(["nonsense", "", "SJIS", "EUC_JP", "GBK", "latin1"].map(kindOf), [
    "invalid_parameter_value",
    "invalid_parameter_value",
    "feature_not_supported",
    "feature_not_supported",
    "feature_not_supported",
    "known",
  ]);
});
