import assert from "node:assert/strict";
import { checksum, digest } from "./digests.ts";
import { decodeEscapedBytes, encodeEscapedBytes, fromEncoding, toEncoding } from "./encodings.ts";

Deno.test("escaped bytes are read as they were written", () => {
  const all = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0")).join("");
  assert.equal(decodeEscapedBytes(encodeEscapedBytes(all)), all);
  assert.equal(encodeEscapedBytes("00ff5c61"), "\\000\\377\\\\a");
  assert.equal(decodeEscapedBytes("é"), "c3a9");
  assert.throws(() => decodeEscapedBytes("\\9"), /bytea/);
  assert.throws(() => decodeEscapedBytes("\\400"), /bytea/);
});

Deno.test("encodings of one byte convert both ways", () => {
  for (
    const [encoding, text, hex] of [["LATIN1", "é", "e9"], ["latin2", "ř", "f8"], ["WIN-1252", "€", "80"], [
      "KOI8R",
      "ж",
      "d6",
    ]] as const
  ) {
    assert.equal(toEncoding(text, encoding), hex);
    assert.equal(fromEncoding(hex, encoding), text);
  }
  assert.equal(fromEncoding("80", "ISO_8859_1"), "\u0080");
});

Deno.test("encodings refuse what they cannot hold, or do not know", () => {
  assert.throws(() => toEncoding("€", "LATIN1"), /no equivalent/);
  assert.throws(() => toEncoding("a", "nope"), /destination encoding/);
  assert.throws(() => fromEncoding("61", "nope"), /source encoding/);
  assert.throws(() => toEncoding("a", "SJIS"), /not supported/);
  assert.equal(fromEncoding("82a0", "SJIS"), "あ");
  assert.throws(() => fromEncoding("ff", "EUC_JP"), /invalid byte sequence/);
});

Deno.test("checksum gives the published check values of 123456789", () => {
  const hex = "313233343536373839";
  assert.equal(checksum("crc32", hex), 0xcbf43926n);
  assert.equal(checksum("crc32c", hex), 0xe3069283n);
});

Deno.test("digest gives the published value of sha224 of abc", () => {
  assert.equal(digest("sha224", "616263"), "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7");
});
