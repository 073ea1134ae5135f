import assert from "node:assert/strict";
import { isPlainPattern, toRe2 } from "./patterns.ts";

Deno.test("a pattern that both libraries read alike goes to RE2 directly", () => {
  for (const pattern of ["", "abc", "^(t)$", "^pg_", "a.c", "a|b", "a*b+c?", "(a|b)*c", "ä"]) {
    assert.ok(isPlainPattern(pattern), pattern);
  }
});

Deno.test("a pattern with escapes, brackets, bounds, embedded options or odd quantifiers does not", () => {
  for (const pattern of ["\\d", "[a-z]", "a{2}", "(?i)a", "(?=a)", "***:a", "a**", "*a", "a+?b", "(*a)", "|*"]) {
    assert.ok(!isPlainPattern(pattern), pattern);
  }
});

Deno.test("PostgreSQL's escapes become those of RE2", () => {
  assert.equal(toRe2("\\mword\\M"), "\\bword\\b");
  assert.equal(toRe2("\\yx\\Y\\Z"), "\\bx\\B\\z");
  assert.equal(toRe2("\\d\\w\\s\\."), "\\d\\w\\s\\.");
  assert.equal(toRe2("(?i)a"), "(?i)a");
});
