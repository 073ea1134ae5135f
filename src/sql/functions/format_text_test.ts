import assert from "node:assert/strict";
import { formatText } from "./format_text.ts";
import { parseIdentifiers, quoteIdentifierText, quoteLiteralText } from "./quoting.ts";

Deno.test("formatText takes positions, widths and stars", () => {
  assert.equal(formatText("%2$s-%1$s-%s", ["a", "b"]), "b-a-b");
  assert.equal(formatText("[%5s][%-5s][%*s][%-*s]", ["a", "b", "4", "c", "4", "d"]), "[    a][b    ][   c][d   ]");
  assert.equal(formatText("%%%s", [null]), "%");
});

Deno.test("formatText pads by characters, not by UTF-16 units", () => {
  assert.equal(formatText("%3s|", ["👍"]), "  👍|");
});

for (
  const [template, values, message] of [
    ["%s", [], /too few arguments/],
    ["%d", ["1"], /unrecognized format/],
    ["%", ["1"], /unterminated/],
    ["%0$s", ["1"], /argument 0/],
    ["%*s", ["x", "y"], /not a whole number/],
    ["%I", [null], /null values/],
  ] as const
) {
  Deno.test(`formatText refuses ${template} of ${JSON.stringify(values)}`, () => {
    assert.throws(() => formatText(template, values), message);
  });
}

Deno.test("quoteIdentifierText quotes capitals, keywords and what is no name", () => {
  assert.deepEqual(
    ["abc", "a_1", "Abc", "select", "text", "1a", "", 'a"b', "é", "a$b"].map(quoteIdentifierText),
    ["abc", "a_1", '"Abc"', '"select"', "text", '"1a"', '""', '"a""b"', '"é"', '"a$b"'],
  );
});

Deno.test("quoteLiteralText writes backslashes with E", () => {
  assert.deepEqual(["it's", "a\\b"].map(quoteLiteralText), ["'it''s'", "E'a\\\\b'"]);
});

Deno.test("parseIdentifiers folds unquoted names and keeps quoted ones", () => {
  assert.equal(parseIdentifiers(' "A""b" . Cd.é1', true), '["A\\"b","cd","é1"]');
  assert.equal(parseIdentifiers("a rest", false), '["a"]');
  for (const text of ["", "a.", "a..b", "1a", "a b"]) {
    assert.throws(() => parseIdentifiers(text, true), /valid identifier/);
  }
});
