/** Which columns of a result become exact numerics; what they are then is shown by tests/differential. */
import assert from "node:assert/strict";
import { loadPolicyParser, parseStatements } from "../../policy/mod.ts";
import { translate } from "../mod.ts";

await loadPolicyParser();

const textOf = (sql: string) => translate(parseStatements(sql)[0]!).texts.join(";");
const rows = "FROM (VALUES (1), (2)) v(x)";

Deno.test("an average or quotient is exact in the select list of the outermost query alone", () => {
  for (const sql of [`SELECT avg(x) ${rows}`, `SELECT x / 3.0 ${rows}`, `SELECT coalesce(avg(x) + 1, 0) ${rows}`]) {
    assert.match(textOf(sql), /__numeric_quotient/, sql);
  }
  const others = [
    `SELECT 1 ${rows} GROUP BY x HAVING avg(x) > 1.5`,
    `SELECT s.a > 1 FROM (SELECT avg(x) AS a ${rows}) s`,
    `SELECT avg(x::float8) ${rows}`,
    `SELECT x / 3 ${rows}`,
    "SELECT avg(y) FROM t",
  ];
  for (const sql of others) assert.doesNotMatch(textOf(sql), /__numeric_quotient/, sql);
});

Deno.test("an expression of GROUP BY stays as it is written there", () => {
  assert.doesNotMatch(textOf(`SELECT x / 2.0, count(*) ${rows} GROUP BY x / 2.0`), /__numeric_quotient/);
  assert.match(textOf(`SELECT x, avg(x) ${rows} GROUP BY x`), /__numeric_quotient/);
});
