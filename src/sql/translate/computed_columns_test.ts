/** Which columns of a query have a numeric without modifier in PostgreSQL. */
import assert from "node:assert/strict";
import { loadPolicyParser } from "../policy/mod.ts";
import { parsePostgres } from "../pg_parser.ts";
import { queryColumns } from "./computed_columns.ts";
import { bodyOf, child } from "./rewrite/tree.ts";

await loadPolicyParser();

const cases: readonly (readonly [sql: string, computed: string])[] = [
  ["SELECT a, t.a, sum(a), a + 1, -a, 1.5 FROM t", "001111"],
  ["SELECT a::numeric(8, 2), a::numeric, (a + 1)::numeric(8, 2) FROM t", "010"],
  ["SELECT coalesce(a, b), coalesce(a, 0), greatest(a, b), nullif(a, 0), nullif(a + 1, 0) FROM t", "01001"],
  ["SELECT CASE WHEN b THEN a END, CASE WHEN b THEN a ELSE 0.0 END, CASE WHEN b THEN a ELSE NULL END FROM t", "010"],
  ["SELECT (SELECT max(a) FROM t), (SELECT a FROM t LIMIT 1)", "10"],
  ["SELECT s.total, a, x FROM (SELECT sum(a) AS total, a FROM t) s, u", "100"],
  ["SELECT * FROM (SELECT sum(a), a FROM t) s", "10"],
  ["SELECT s.* FROM (SELECT sum(a) AS total, a FROM t) s(x, y), u", "10"],
  ["WITH w(x) AS (SELECT a * 2 FROM t), v AS (SELECT x, 1 FROM w) SELECT * FROM v", "11"],
  ["SELECT a FROM t UNION ALL SELECT a + 1 FROM t", "1"],
  ["VALUES (1.5), (2)", "1"],
];

Deno.test("a numeric of an operator, function, constant or cast without modifiers is computed, one of a column is not", () => {
  for (const [sql, computed] of cases) {
    const select = bodyOf(child(parsePostgres(sql)![0]!, "stmt"), "SelectStmt");
    const columns = queryColumns(select, new Map());
    assert.equal(columns?.map((column) => column.computed ? "1" : "0").join(""), computed, sql);
  }
});

Deno.test("columns of a star over a table are not known", () => {
  const select = bodyOf(child(parsePostgres("SELECT * FROM (SELECT 1) s, t")![0]!, "stmt"), "SelectStmt");
  assert.equal(queryColumns(select, new Map()), null);
});
