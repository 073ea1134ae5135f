import { equal } from "node:assert/strict";
import { offsetOfCharacter } from "./run.ts";

Deno.test("a position in characters becomes an offset in UTF-16 units", () => {
  const text = "SELECT '𝄞ž', nope";
  equal(text.slice(offsetOfCharacter(text, 14)), "nope");
  equal(offsetOfCharacter("abc", 1), 0);
  equal(offsetOfCharacter("abc", 99), 3);
});
