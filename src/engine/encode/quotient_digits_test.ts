/** The decimals of quotients, against what PostgreSQL 15 writes. */
import assert from "node:assert/strict";
import { decimalText } from "./decimal_text.ts";
import { roundQuotient } from "./quotient_digits.ts";

const cases: readonly (readonly [digits: string, shown: string])[] = [
  ["0.00000000000000000000", "0.00000000000000000000"],
  ["0.33333333333333333333", "0.33333333333333333333"],
  ["0.00033333333333333333", "0.00033333333333333333"],
  ["2.33333333333333333333", "2.3333333333333333"],
  ["-2.66666666666666666667", "-2.6666666666666667"],
  ["1666.66666666666666666667", "1666.6666666666666667"],
  ["16666.66666666666666666667", "16666.666666666667"],
  ["1428571428.57142857142857142857", "1428571428.57142857"],
  ["4115226300411522.91448559600000000000", "4115226300411522.9145"],
];

Deno.test("a quotient is shown with at least 16 significant digits, in groups of four", () => {
  for (const [digits, shown] of cases) {
    const { scaled, scale } = roundQuotient(BigInt(digits.replace(".", "")));
    assert.equal(decimalText(scaled, scale), shown);
  }
});
