import assert from "node:assert/strict";
import {
  formatScramVerifier,
  makeScramVerifier,
  mockScramVerifier,
  parseScramVerifier,
  verifyPassword,
} from "./scram.ts";
import { saslprep } from "./scram_saslprep.ts";

// RFC 7677 section 3: user "user", password "pencil".
const pencil = "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$" +
  "WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=";

Deno.test("verifyPassword accepts the password of RFC 7677's example and no other", async () => {
  assert.equal(await verifyPassword("pencil", pencil), true);
  assert.equal(await verifyPassword("pencil ", pencil), false);
  assert.equal(await verifyPassword("", pencil), false);
});

Deno.test("makeScramVerifier writes PostgreSQL's form with a fresh salt each time", async () => {
  const [first, second] = [await makeScramVerifier("secret"), await makeScramVerifier("secret")];
  assert.match(first, /^SCRAM-SHA-256\$4096:[A-Za-z0-9+/]{22}==\$[A-Za-z0-9+/]{43}=:[A-Za-z0-9+/]{43}=$/);
  assert.notEqual(first, second);
  assert.equal(await verifyPassword("secret", first), true);
  assert.equal(await verifyPassword("Secret", second), false);
});

Deno.test("a verifier survives parse and format", () => {
  assert.equal(formatScramVerifier(parseScramVerifier(pencil)), pencil);
});

Deno.test("parseScramVerifier refuses damage without quoting it", () => {
  const damaged = [
    "",
    "md5abc",
    pencil.slice(0, -2),
    pencil.replace("4096", "0"),
    pencil.replace("4096", "99999999"),
    pencil.replace("WG5d", ""),
    `${pencil}x`,
  ];
  for (const text of damaged) {
    assert.throws(() => parseScramVerifier(text), (error: Error) => text === "" || !error.message.includes(text));
  }
});

Deno.test("mockScramVerifier is stable for a name and differs by name and by secret", () => {
  const secret = new Uint8Array(32).fill(1);
  const text = (name: string, key: Uint8Array) => formatScramVerifier(mockScramVerifier(name, key));
  assert.equal(text("nobody", secret), text("nobody", secret));
  assert.notEqual(text("nobody", secret), text("somebody", secret));
  assert.notEqual(text("nobody", secret), text("nobody", new Uint8Array(32).fill(2)));
  assert.equal(mockScramVerifier("nobody", secret).salt.length, 16);
});

Deno.test("a password matches in any form that SASLprep makes equal", async () => {
  const verifier = await makeScramVerifier("p\u00e4ss\u00a0\u2168");
  assert.equal(await verifyPassword("pa\u0308ss IX", verifier), true);
  assert.equal(await verifyPassword("pass IX", verifier), false);
});

Deno.test("saslprep gives RFC 4013's examples", () => {
  const samples: [string, string | null][] = [
    ["I\u00adX", "IX"],
    ["user", "user"],
    ["USER", "USER"],
    ["\u00aa", "a"],
    ["\u2168", "IX"],
    ["\u0007", null],
    ["\u06271", null],
    ["\u0627\u0628", "\u0627\u0628"],
    ["\u0627a\u0628", null],
    ["a\u00a0b", "a b"],
    ["\u00ad", null],
    ["\ud83d\ude00", "\ud83d\ude00"],
    ["\ue000", null],
  ];
  for (const [text, prepared] of samples) assert.equal(saslprep(text), prepared, JSON.stringify(text));
});

Deno.test("a password that SASLprep refuses is used as it is", async () => {
  const verifier = await makeScramVerifier("bell\u0007");
  assert.equal(await verifyPassword("bell\u0007", verifier), true);
  assert.equal(await verifyPassword("bell", verifier), false);
});
