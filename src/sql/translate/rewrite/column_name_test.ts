import assert from "node:assert/strict";
import { loadPolicyParser, parsePostgres } from "../../pg_parser.ts";
import { columnName } from "./column_name.ts";
import type { PgNode } from "./tree.ts";

/** Expressions with the names that PostgreSQL gives them. */
const samples: readonly (readonly [string, string | null])[] = [
  ["1", "?column?"],
  ["'a'", "?column?"],
  ["NULL", "?column?"],
  ["$1", "?column?"],
  ["a + 1", "?column?"],
  ["a AND b", "?column?"],
  ["a IS NULL", "?column?"],
  ["a", "a"],
  ["t.a", "a"],
  ["(t.c).field", "field"],
  ["(t.c).field[2]", "field"],
  ["a[1]", "a"],
  ["count(*)", "count"],
  ["pg_catalog.lower(a)", "lower"],
  ["1::int", "int4"],
  ["1::pg_catalog.text", "text"],
  ["a::int", "a"],
  ["lower(a)::text", "lower"],
  ["'{1}'::int[]", "int4"],
  ["date '2025-01-01'", "date"],
  ["CASE WHEN a THEN b END", "case"],
  ["CASE WHEN a THEN b ELSE c END", "c"],
  ["CASE WHEN a THEN b ELSE 1::int END", "case"],
  ["coalesce(a, b)", "coalesce"],
  ["nullif(a, b)", "nullif"],
  ["greatest(a, b)", "greatest"],
  ["least(a, b)", "least"],
  ["ARRAY[1]", "array"],
  ["ROW(1, 2)", "row"],
  ["EXISTS (SELECT 1)", "exists"],
  ["ARRAY(SELECT 1)", "array"],
  ["a IN (SELECT 1)", "?column?"],
  ["(SELECT 1)", "?column?"],
  ["(SELECT 1 AS one)", "one"],
  ["(SELECT count(*) FROM t)", "count"],
  ["(SELECT max(a) FROM t)::int", "max"],
  ["(VALUES (1))", "column1"],
  ["(SELECT * FROM t)", null],
  ["grouping(a)", "grouping"],
  ["current_user", "current_user"],
  ["current_timestamp(3)", "current_timestamp"],
  ["localtime", "localtime"],
  ["extract(year FROM a)", "extract"],
  ["trim(both 'x' FROM a)", "btrim"],
  ["a AT TIME ZONE 'UTC'", "timezone"],
  ['a COLLATE "C"', "a"],
  ["a LIKE 'x'", "?column?"],
  ["sum(a) OVER ()", "sum"],
];

Deno.test("a column without AS is called as PostgreSQL calls it", async () => {
  await loadPolicyParser();
  const names = samples.map(([expression]) => {
    const [statement] = parsePostgres(`SELECT ${expression}`)!;
    const select =
      (statement as { stmt: { SelectStmt: { targetList: { ResTarget: { val: PgNode } }[] } } }).stmt.SelectStmt;
    return [expression, columnName(select.targetList[0]!.ResTarget.val)];
  });
  assert.deepEqual(names, samples.map((sample) => [...sample]));
});
