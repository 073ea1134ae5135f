import assert from "node:assert/strict";
import { loadPolicyParser, parsePostgres } from "../../pg_parser.ts";
import { mustBePrinted } from "./source_text.ts";
import type { PgNode } from "./tree.ts";

async function check(sql: string): Promise<boolean> {
  await loadPolicyParser();
  return mustBePrinted(sql, (parsePostgres(sql)![0] as { stmt: PgNode }).stmt);
}

const kept = [
  "select a, b from t where c = 'X'",
  "SELECT A, B FROM T WHERE C = 1 ORDER BY A",
  'SELECT a AS "Upper" FROM t',
  "insert into t values (1)",
  "CREATE TABLE t (a int)",
  "select at_home, byte from t group by at_home, byte",
];

for (const sql of kept) {
  Deno.test(`the text is kept of: ${sql}`, async () => assert.equal(await check(sql), false));
}

const printed: readonly (readonly [string, string])[] = [
  ["SELECT a AS Total FROM t", "an alias is folded"],
  ["SELECT x.a FROM t AS X", "a table's alias is folded"],
  ["SELECT * FROM f(1) AS x(Col)", "a column's alias is folded"],
  ["CREATE TABLE Orders (a int)", "a table's name is folded"],
  ["CREATE TABLE orders (Id int)", "a column's name is folded"],
  ["select 0x1f", "DuckDB reads 0 AS x1f"],
  ["select b'101'", "DuckDB has no bit strings"],
  ["select * from only t", "DuckDB has no ONLY"],
  ["select show from t", "SHOW is reserved in DuckDB"],
  ["select t.qualify from t", "QUALIFY is reserved in DuckDB"],
  ["select 1 as pivot", "PIVOT is reserved in DuckDB"],
];

for (const [sql, reason] of printed) {
  Deno.test(`${reason}, so that it is printed: ${sql}`, async () => assert.equal(await check(sql), true));
}
