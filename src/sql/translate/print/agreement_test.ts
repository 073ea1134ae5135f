/**
 * Values: what PostgreSQL answers is what DuckDB answers to the printed text (the table's values are a PostgreSQL 15's, with true,
 * false and null as DuckDB writes them); and for statements that both understand, printing changes no result.
 */
import assert from "node:assert/strict";
import { printExpression, printStatement } from "./mod.ts";
import { openSampleDatabase, parseExpression, parseStatement, type SampleDatabase } from "./testing_samples.ts";

const values: readonly (readonly [string, string])[] = [
  ["'a_b' like 'a\\_b'", "true"],
  ["'axb' like 'a\\_b'", "false"],
  ["'a\\_b' like 'a\\_b'", "false"],
  ["'a%b' like 'a!%b' escape '!'", "true"],
  ["'a\\b' like 'a\\\\b'", "true"],
  ["'a\\b' like 'a\\b' escape ''", "true"],
  ["'ABC' ilike 'a%'", "true"],
  ["'abc' not like '%b%'", "false"],
  ["'abc' like any (array['x%','a%'])", "true"],
  ["'abc' like all (array['x%','a%'])", "false"],
  ["'abc' similar to 'a%'", "true"],
  ["'abc' similar to '%(b|d)%'", "true"],
  ["'abc' similar to '(b|c)%'", "false"],
  ["'a.c' similar to 'a.c'", "true"],
  ["'abc' similar to 'a.c'", "false"],
  ["'abc' similar to '_b_'", "true"],
  ["'abbc' similar to 'ab+c'", "true"],
  ["'abc' similar to 'a[b-d]c'", "true"],
  ["'abc' similar to 'a[^b-d]c'", "false"],
  ["'a%c' similar to 'a!%c' escape '!'", "true"],
  ["'abc' not similar to 'a%'", "false"],
  ["'ab' similar to 'a|ab'", "true"],
  ["'a^' similar to 'a^'", "true"],
  ["'$' similar to '$'", "true"],
  ["'x{2}' similar to 'x{2}'", "false"],
  ["'xx' similar to 'x{2}'", "true"],
  ["'a]c' similar to 'a[]]c'", "true"],
  ["'a\\c' similar to 'a[\\\\]c'", "true"],
  ["E'a\\nb' similar to 'a_b'", "true"],
  ["3 between symmetric 5 and 1", "true"],
  ["3 not between symmetric 5 and 1", "false"],
  ["3 between symmetric null and 1", "null"],
  ["1 = any (array[null,2]::int[])", "null"],
  ["1 = any (array[null,1]::int[])", "true"],
  ["1 <> all (array[null,2]::int[])", "null"],
  ["null::int = any (array[1])", "null"],
  ["1 in (null, 2)", "null"],
  ["(1,2) in ((1,2),(3,4))", "true"],
  ["row(null,null) is null", "true"],
  ["row(1,null) is null", "false"],
  ["row(1,null) is not null", "false"],
  ["row(1,2) is not null", "true"],
  ["(1,2) < (1,3)", "true"],
  ["(1,2) = (1,2)", "true"],
  ["'abcdef'::varchar(3)", "abc"],
  ["'añcdef'::varchar(2)", "añ"],
  ["12345::varchar(3)", "123"],
  ["'abcdef'::char(2)", "ab"],
  ["'101'::bit(5)", "10100"],
  ["b'10101'::bit(3)", "101"],
  ["x'1F'", "00011111"],
  ["'101'::varbit(2)", "10"],
  ["interval '3' year", "3 years"],
  ["interval '1.5' second", "00:00:01.5"],
  ["interval '2 days' day", "2 days"],
  ["interval '1 2:03:04.5' day to second", "1 day 02:03:04.5"],
  ["interval '1 2:03' day to minute", "1 day 02:03:00"],
  ["interval '1 2' day to hour", "1 day 02:00:00"],
  ["interval '1:30' minute to second", "00:01:30"],
  ["interval '1:30' hour to minute", "01:30:00"],
  ["interval '1:30:05' hour to second", "01:30:05"],
  ["interval '-3' day", "-3 days"],
  ["timestamp '2020-01-01 10:20:30.567'::timestamp(0)", "2020-01-01 10:20:31"],
  ["timestamp '2020-01-01 10:20:30.5678'::timestamp(3)", "2020-01-01 10:20:30.568"],
  ["'infinity'::timestamp(0)", "infinity"],
  ["- 2 * 3 + 4", "-2"],
  ["7 / 2 * 2", "6"],
  ["-7 / 2", "-3"],
  ["-7 % 3", "-1"],
  ["7 - 2 - 1", "4"],
  ["1 - -1", "2"],
  ["not true or true", "true"],
  ["not (true or true)", "false"],
  ["1 = 1 is true", "true"],
  ["(1 < 2) = (2 < 3)", "true"],
  ["1 + 2 || 'x' || 3", "3x3"],
  ["2 + 3 * 4 - 6 / 2", "11"],
  ["'a' || 'b' = 'ab' and 1 < 2 or false", "true"],
  ["5 & 3 | 8", "9"],
  ["1 << 2 + 1", "8"],
  ["~ 5", "-6"],
  ["@ (-5)", "5"],
  ["nullif(1, 1)", "null"],
  ["coalesce(null, 2)", "2"],
  ["greatest(1, 3, 2)", "3"],
  ["least(1, null, 2)", "1"],
  ["case when null then 1 else 2 end", "2"],
  ["case 2 when 1 then 'a' when 2 then 'b' end", "b"],
  ["(array[1,2,3])[2]", "2"],
  ["(array[[1,2],[3,4]])[2][1]", "3"],
  ["exists (select 1 where false)", "false"],
  ["(select max(x) from (values (1),(3)) as v(x))", "3"],
  ["extract(year from date '2020-05-06')", "2020"],
  ["position('b' in 'abc')", "2"],
  ["substring('abcdef' from 2 for 3)", "bcd"],
  ["substring('abcdef' from 2)", "bcdef"],
  ["substring('abcdef' for 2)", "ab"],
  ["trim('  x ')", "x"],
  ["trim(both 'x' from 'xxaxx')", "a"],
  ["trim(leading 'x' from 'xxaxx')", "axx"],
  ["trim(trailing 'x' from 'xxaxx')", "xxa"],
  ["timestamp '2020-01-01 10:00' at time zone 'Europe/Prague'", "2020-01-01 09:00:00+00"],
  ["'abc' collate \"C\" < 'abd'", "true"],
  ["'a' < 'B' collate \"C\"", "false"],
  ["true is unknown", "false"],
  ["null is unknown", "true"],
  ["null::boolean is not true", "true"],
  ["1 is distinct from null", "true"],
  ["null is not distinct from null", "true"],
  ["1.5 + 1", "2.5"],
  ["0.1 + 0.2", "0.3"],
  ["12345678901234567890", "12345678901234567890"],
  ["0.5::numeric(5,0)", "1"],
  ["2.567::numeric(5,2)", "2.57"],
  ["'1.5'::float", "1.5"],
  ["'12'::int + 1", "13"],
  ["'it''s'", "it's"],
  ["E'a\\tb\\\\n'", "a	b\\n"],
  ["'\\n'", "\\n"],
  ["U&'\\0061\\00e9'", "aé"],
  ["$q$it's$q$", "it's"],
  ["b'101' || b'1'", "1011"],
  ["'{\"a\": {\"b\": 1}}'::json -> 'a' ->> 'b'", "1"],
  ["('{\"a\": 1}'::json ->> 'a') = '1' and true", "true"],
  ["'[1,2]'::json ->> 0", "1"],
];

Deno.test("a printed expression has the value that PostgreSQL gives it", async () => {
  await using database = await openSampleDatabase();
  for (const [sql, expected] of values) {
    const text = printExpression(parseExpression(sql));
    assert.ok(text !== null, sql);
    assert.deepEqual(await database.rows(`SELECT CAST(${text} AS VARCHAR)`), [expected], text);
  }
});

/** Queries that DuckDB understands as they stand, and means what PostgreSQL means by them. */
const queries: readonly string[] = [
  "SELECT * FROM t ORDER BY a",
  "SELECT a, -a, a + 1 * 2, (a + 1) * 2, a - (a - 1), a % 2 = 0 AND NOT p OR b LIKE 'x%' FROM t ORDER BY 1 DESC",
  "SELECT t.a, s.b FROM t LEFT JOIN s ON t.a = s.a AND s.k > 1 ORDER BY t.a",
  "SELECT * FROM t NATURAL FULL JOIN (SELECT a, k FROM s) AS q ORDER BY a",
  "SELECT * FROM s AS x JOIN (s AS y JOIN u ON y.a = u.id) ON x.a = y.a + 1 ORDER BY 1, 4",
  "SELECT p, count(*) AS n, sum(a) FILTER (WHERE a > 1), array_agg(a ORDER BY a DESC) FROM t GROUP BY p HAVING count(*) > 1 ORDER BY n",
  "SELECT p, b, grouping(p, b), count(*) FROM t WHERE a < 3 GROUP BY GROUPING SETS ((p, b), ROLLUP (p)) ORDER BY 1, 2, 3, 4",
  "SELECT a, sum(a) OVER (ORDER BY a ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING EXCLUDE CURRENT ROW), rank() OVER w FROM t WINDOW w AS (PARTITION BY p ORDER BY a DESC) ORDER BY a",
  "SELECT a FROM t WHERE a IN (SELECT a FROM s) OR EXISTS (SELECT 1 FROM u WHERE u.id = t.a + 1) ORDER BY a",
  "SELECT a, (SELECT max(s.a) FROM s WHERE s.a <= t.a), a = ANY (SELECT a FROM s), a > ALL (SELECT a FROM s) FROM t ORDER BY a",
  "SELECT a FROM t UNION SELECT id FROM u EXCEPT (SELECT a FROM s INTERSECT SELECT 2) ORDER BY 1 DESC LIMIT 3 OFFSET 1",
  "(SELECT a FROM t ORDER BY a LIMIT 2) UNION ALL (SELECT a FROM s ORDER BY a DESC LIMIT 1) ORDER BY 1",
  "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5) SELECT i, i * i FROM n ORDER BY i",
  "WITH q AS (SELECT a FROM t), z(y) AS MATERIALIZED (SELECT a + 1 FROM q) SELECT q.a, z.y FROM q JOIN z ON q.a = z.y ORDER BY 1",
  "SELECT DISTINCT ON (p) p, a FROM t ORDER BY p, a DESC",
  "SELECT a, l[1], l[1:1], (r).f, r.g, j ->> 'k', d, ts, m FROM t WHERE (j ->> 'k')::int > 1 ORDER BY a",
  "SELECT x.a, y.z FROM t AS x, LATERAL (SELECT x.a * 10 AS z) AS y WHERE x.a BETWEEN 1 AND 3 ORDER BY x.a",
  "SELECT g.i, g.n FROM generate_series(5, 7) WITH ORDINALITY AS g(i, n) ORDER BY 1",
  "SELECT CASE WHEN a > 2 THEN 'big' WHEN a = 0 THEN NULL ELSE b END, coalesce(nullif(a, 0), 9) FROM t ORDER BY a",
  `SELECT a AS "select", b AS "B c" FROM t AS "from" ORDER BY "select"`,
  "VALUES (1, 'a'), (2, NULL) ORDER BY 1 DESC",
];

Deno.test("a query gives the same rows before and after printing", async () => {
  await using database = await openSampleDatabase();
  for (const sql of queries) {
    const { text } = printStatement(parseStatement(sql))!;
    const expected = await database.rows(sql);
    assert.deepEqual(await database.rows(text), expected, text);
    assert.ok(expected.length > 0, sql);
  }
});

/** In order; each runs as it stands in one database and as printed in another. */
const changes: readonly string[] = [
  "INSERT INTO u VALUES (3, 'three', 30), (4, DEFAULT, NULL)",
  "INSERT INTO u (id, w) SELECT a + 10, a FROM s WHERE a > 1 RETURNING id, v",
  "INSERT INTO u AS x (id, v) VALUES (1, 'again') ON CONFLICT (id) DO UPDATE SET v = x.v || excluded.v, w = x.w + 1 WHERE x.w < 50 RETURNING *",
  "INSERT INTO u (id) VALUES (1) ON CONFLICT DO NOTHING",
  "UPDATE u AS x SET w = coalesce(w, 0) * 2 + 1, v = DEFAULT WHERE x.id BETWEEN 2 AND 3 RETURNING x.id, x.w",
  "UPDATE u SET v = s.b || '!' FROM s WHERE s.a = u.id",
  "UPDATE u SET w = (SELECT max(a) FROM t WHERE t.a < u.id)",
  "DELETE FROM u AS x USING s WHERE s.a = x.id AND s.k = 3 RETURNING x.id",
  "MERGE INTO u USING (SELECT a, b FROM t WHERE a < 3) AS q ON u.id = q.a WHEN MATCHED AND q.a = 1 THEN UPDATE SET v = q.b WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT (id, v) VALUES (q.a, 'new')",
  "CREATE TABLE n (a int PRIMARY KEY, b text DEFAULT 'd' NOT NULL, c int CHECK (c > 0), UNIQUE (b, c))",
  "INSERT INTO n (a, c) VALUES (1, 1), (2, 2)",
  "ALTER TABLE n ADD COLUMN e int DEFAULT 1 + 2",
  'ALTER TABLE n RENAME COLUMN e TO "E e"',
  "CREATE INDEX n_c ON n (c DESC, (a + 1))",
  "CREATE VIEW w AS SELECT a, b || 'x' AS bx FROM n WHERE a > 1 OR b IS NULL",
  "CREATE TABLE copy (x, y) AS SELECT a, bx FROM w",
  "DROP VIEW w",
  "CREATE SEQUENCE q START WITH 5 INCREMENT BY 3 MAXVALUE 11",
  "INSERT INTO copy SELECT nextval('q'), 'seq'",
  "TRUNCATE TABLE n",
  "ALTER TABLE copy RENAME TO copied",
  "COMMENT ON TABLE copied IS 'it''s'",
];

const states: readonly string[] = [
  "SELECT * FROM u ORDER BY ALL",
  "SELECT table_name, comment, column_count, estimated_size FROM duckdb_tables() WHERE NOT internal ORDER BY 1",
  "SELECT table_name, column_name, data_type, column_default, is_nullable FROM duckdb_columns() WHERE NOT internal ORDER BY 1, 2",
  "SELECT table_name, constraint_text FROM duckdb_constraints() ORDER BY 1, 2",
  "SELECT index_name, sql FROM duckdb_indexes() ORDER BY 1",
  "SELECT sequence_name, start_value, min_value, max_value, increment_by, last_value FROM duckdb_sequences() ORDER BY 1",
];

async function state(database: SampleDatabase): Promise<string[][]> {
  const answers: string[][] = [];
  for (const query of states) answers.push(await database.rows(query));
  return answers;
}

Deno.test("changes leave the same data and definitions before and after printing", async () => {
  await using plain = await openSampleDatabase();
  await using printed = await openSampleDatabase();
  for (const sql of changes) {
    const { text } = printStatement(parseStatement(sql))!;
    assert.deepEqual(await printed.rows(text), await plain.rows(sql), text);
    assert.deepEqual(await state(printed), await state(plain), text);
  }
  assert.deepEqual(
    await printed.rows("SELECT * FROM copied ORDER BY x"),
    await plain.rows("SELECT * FROM copied ORDER BY x"),
  );
});

/** Statements that DuckDB has no form for, with the rows of u(id, v, w) that PostgreSQL leaves. */
const rewritten: readonly (readonly [string, readonly string[]])[] = [
  ["UPDATE u SET (v, w) = (w::text, id + 1)", ["1|10|2", "2|20|3"]],
  ["UPDATE u SET (w, v) = (SELECT s.a * 100, s.b FROM s WHERE s.a = u.id) WHERE id = 2", ["1|10|2", "2|y2|200"]],
  ["UPDATE u SET (v, w) = (SELECT b, a FROM s WHERE false) WHERE id = 1", ["1|null|null", "2|y2|200"]],
  ["INSERT INTO u (id) VALUES (2) ON CONFLICT (id) DO UPDATE SET (v, w) = (excluded.v, u.w + 1)", [
    "1|null|null",
    "2|v|201",
  ]],
];

Deno.test("multiple assignments give what PostgreSQL gives", async () => {
  await using database = await openSampleDatabase();
  for (const [sql, expected] of rewritten) {
    const { text } = printStatement(parseStatement(sql))!;
    await database.rows(text);
    assert.deepEqual(await database.rows("SELECT * FROM u ORDER BY id"), expected, text);
  }
});

Deno.test("an outer join on ANY of an array joins as PostgreSQL does, also with nulls", async () => {
  await using database = await openSampleDatabase();
  const sides =
    "(VALUES (1), (2), (NULL)) AS x(a) LEFT JOIN (VALUES (1, ARRAY[1, NULL]), (2, ARRAY[2, 3]), (3, ARRAY[]::int[])) AS y(n, l)";
  const joined = async (condition: string) => {
    const { text } = printStatement(parseStatement(`SELECT x.a, y.n FROM ${sides} ON ${condition} ORDER BY 1, 2`))!;
    return await database.rows(text);
  };
  assert.deepEqual(await joined("x.a = ANY (y.l)"), ["1|1", "2|2", "null|null"]);
  assert.deepEqual(await joined("x.a <> ALL (y.l)"), ["1|2", "1|3", "2|3", "null|3"]);
  assert.deepEqual(await joined("NOT (x.a = ANY (y.l))"), ["1|2", "1|3", "2|3", "null|3"]);
});
