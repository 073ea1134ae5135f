import assert from "node:assert/strict";
import {
  regexpCount,
  regexpInstr,
  regexpMatch,
  regexpMatches,
  regexpNative,
  regexpNativeReplacement,
  regexpReplace,
  regexpSplit,
  regexpSubstr,
  regexpTest,
} from "./functions.ts";

/** Patterns and texts whose answers PostgreSQL 15 gave. */
const matches:
  readonly (readonly [text: string, pattern: string, flags: string, answer: readonly (string | null)[] | null])[] = [
    ["foobar", "foo|foobar", "", ["foobar"]],
    ["XY1234Z", "Y*([0-9]{1,3})", "", ["123"]],
    ["XY1234Z", "Y*?([0-9]{1,3})", "", ["1"]],
    ["abcd", "a.*?c", "", ["abc"]],
    ["foobar", "(x)?bar", "", [null]],
    ["foo bar baz", "\\mb\\w+", "", ["bar"]],
    ["aab", "(a)\\1", "", ["a"]],
    ["ba", "(?<=b)a", "", ["a"]],
    ["a", "(?<!b)a", "", ["a"]],
    ["foobar", "o(?!b)", "", ["o"]],
    ["a\nb", "a.b", "n", null],
    ["a\nb", "^b$", "n", ["b"]],
    ["ab", "(?#comment)a b", "x", ["ab"]],
    ["ÀB", "à", "i", ["À"]],
    ["abc", "***=b", "", ["b"]],
    ["a.c", ".", "q", ["."]],
    ["]", "[]]", "", ["]"]],
    ["{", "{", "", ["{"]],
    ["aé", "\\u00e9", "", ["é"]],
    ["👍🏽", ".", "", ["👍"]],
    ["", "", "", [""]],
    ["x", "[^\\W]", "", ["x"]],
    ["a-b", "[a\\-b]+", "", ["a-b"]],
  ];

for (const [text, pattern, flags, answer] of matches) {
  Deno.test(`${JSON.stringify(pattern)} with flags "${flags}" finds ${JSON.stringify(answer)} in ${JSON.stringify(text)}`, () => {
    const found = regexpMatch(text, pattern, flags);
    assert.deepEqual(found === null ? null : JSON.parse(found), answer);
  });
}

for (
  const pattern of [
    "(",
    ")",
    "[",
    "a**",
    "*a",
    "\\",
    "a{2,1}",
    "a{256}",
    "[b-a]",
    "[[:nope:]]",
    "\\1",
    "(?<a)",
    "\\q",
    "^*",
    "(?z)a",
  ]
) {
  Deno.test(`pattern ${JSON.stringify(pattern)} is refused`, () => {
    assert.throws(() => regexpTest("a", pattern, ""), /invalid regular expression/);
  });
}

Deno.test("an unknown flag is refused, and g where it has no meaning", () => {
  assert.throws(() => regexpTest("a", "a", "z"), /invalid regular expression option/);
  assert.throws(() => regexpMatch("a", "a", "g"), /"global"/);
  assert.throws(() => regexpNative("a", "g", "first"), /"global"/);
});

Deno.test("a pattern that makes other engines try for ever ends at once", () => {
  assert.equal(regexpTest(`${"a".repeat(5000)}b`, "(a|aa)+$", ""), false);
  assert.equal(regexpTest("a".repeat(2000), "(a*)*b", ""), false);
});

Deno.test("too large programs and too many tries with references are refused", () => {
  assert.throws(() => regexpTest("a", "((a{1,255}){1,255}){1,255}", ""), /too complex/);
  assert.throws(() => regexpTest("a".repeat(60), "(a*)*\\1b", ""), /takes too long/);
});

Deno.test("regexpReplace keeps the rest, expands references and counts occurrences", () => {
  assert.equal(regexpReplace("foobarbaz", "b(..)", "[\\1\\&\\\\\\x]", "g", 1n, 0n), "foo[arbar\\\\x][azbaz\\\\x]");
  assert.equal(regexpReplace("foobarbaz", "b..", "X", "", 5n, 1n), "foobarX");
  assert.equal(regexpReplace("aaa", "a", "b", "", 1n, 2n), "aba");
  assert.equal(regexpReplace("abc", "x*", "-", "g", 1n, 0n), "-a-b-c-");
  assert.throws(() => regexpReplace("a", "a", "b", "", 0n, 1n), /"start"/);
});

Deno.test("regexpSplit leaves out empty matches at the ends", () => {
  assert.equal(regexpSplit("the quick", "\\s*", ""), '["t","h","e","q","u","i","c","k"]');
  assert.equal(regexpSplit(",a,", ",", ""), '["","a",""]');
  assert.equal(regexpSplit("", ",", ""), '[""]');
});

Deno.test("the other functions count characters, not UTF-16 units", () => {
  assert.equal(regexpInstr("👍ab", "a", 1n, 1n, 0n, "", 0n), 2n);
  assert.equal(regexpInstr("👍ab", "a", 1n, 1n, 1n, "", 0n), 3n);
  assert.equal(regexpInstr("👍ab", "x", 1n, 1n, 0n, "", 0n), 0n);
  assert.equal(regexpCount("👍a👍a", "a", 3n, ""), 1n);
  assert.equal(regexpSubstr("a1b2", "[a-z](\\d)", 1n, 2n, "", 1n), "2");
  assert.equal(regexpSubstr("a1", "x", 1n, 1n, "", 0n), null);
  assert.equal(regexpMatches("a1b2", "([a-z])(\\d)?", "g"), '[["a","1"],["b","2"]]');
  assert.throws(() => regexpInstr("a", "a", 1n, 1n, 2n, "", 0n), /endoption/);
});

const natives: readonly (readonly [pattern: string, flags: string, purpose: string, native: string | null])[] = [
  ["^abc$", "", "test", "^abc$"],
  ["a.b", "", "all", "a(?s:.)b"],
  ["a.b", "n", "all", "a[^\\x{a}]b"],
  ["ab", "i", "all", "(?i)ab"],
  ["\\d+", "", "first", "([0-9]+)"],
  ["id=(\\d+)", "", "first", "id=([0-9]+)"],
  ["(a)|b", "", "first", null],
  ["(a)?b", "", "first", null],
  ["(a)(b)", "", "first", null],
  ["foo|bar", "", "all", "foo|bar"],
  ["foo|foobar", "", "all", null],
  ["foo|foobar", "", "test", "foo|foobar"],
  ["<.*?>", "", "all", "<(?s:.)*?>"],
  ["a*?b*", "", "all", null],
  ["\\mfoo", "", "test", null],
  ["(a)\\1", "", "test", null],
  ["a(?=b)", "", "test", null],
  ["a{2,3}", "", "all", "a{2,3}"],
  ["(?:a{100}){100}", "", "test", null],
  ["[a\\W]", "", "test", "(?:[^\\p{L}\\p{N}_]|a)"],
  ["^a", "n", "test", "(?m:^)a"],
];

for (const [pattern, flags, purpose, native] of natives) {
  Deno.test(`for ${purpose}, ${JSON.stringify(pattern)} with flags "${flags}" is ${native} in RE2`, () => {
    assert.equal(regexpNative(pattern, flags, purpose), native);
  });
}

Deno.test("regexpNativeReplacement empties references to groups that there are not", () => {
  assert.equal(regexpNativeReplacement("(a)", "", "\\1\\2\\&\\\\\\x"), "\\1\\0\\\\\\\\x");
});
