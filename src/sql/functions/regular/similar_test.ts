import assert from "node:assert/strict";
import { similarPattern } from "./similar.ts";

/** As PostgreSQL's similar_to_escape answers. */
for (
  const [pattern, escape, expression] of [
    ["a%", "\\", "^(?:a.*)$"],
    ["a_b", "\\", "^(?:a.b)$"],
    ["a(b|c)+", "\\", "^(?:a(?:b|c)+)$"],
    ["50#%", "#", "^(?:50\\%)$"],
    ["a.b$", "", "^(?:a\\.b\\$)$"],
    ["[%_]", "#", "^(?:[%_])$"],
    ['%#"o_b#"%', "#", "^(?:.*){1,1}?(o.b){1,1}(?:.*)$"],
  ] as const
) {
  Deno.test(`similarPattern writes ${pattern} as ${expression}`, () => {
    assert.equal(similarPattern(pattern, escape), expression);
  });
}

Deno.test("similarPattern refuses a long escape and a third separator", () => {
  assert.throws(() => similarPattern("a", "ab"), /invalid escape string/);
  assert.throws(() => similarPattern('#"a#"b#"', "#"), /two escape-double-quote/);
});
