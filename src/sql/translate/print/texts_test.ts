/** Texts that are DuckDB's and not PostgreSQL's: what is expected of each, and that DuckDB prepares it over real tables. */
import assert from "node:assert/strict";
import type { PgNode } from "../../pg_parser.ts";
import { isTranslatedByPrinting, printExpression, printStatement } from "./mod.ts";
import { sampleStatements } from "./testing_statements.ts";
import { translatedExpressions, translatedStatements } from "./testing_translations.ts";
import { openSampleDatabase, parseExpression, parseStatement } from "./testing_samples.ts";

Deno.test("expressions have the texts that DuckDB has for them", async () => {
  await using database = await openSampleDatabase();
  for (const [sql, expected] of translatedExpressions) {
    const text = printExpression(parseExpression(sql));
    assert.equal(text, expected, sql);
    // a name that does not exist shows that the grammar was understood up to there
    const known = /main\."left"|:=/.test(text) ? null : text;
    if (known !== null) {
      await database.prepare(`SELECT ${known} FROM t`).catch((error) => assert.fail(`${error}\nin: ${known}`));
    }
  }
});

Deno.test("statements have the texts that DuckDB has for them", async () => {
  await using database = await openSampleDatabase();
  for (const [sql, expected] of translatedStatements) {
    const text = printStatement(parseStatement(sql))?.text;
    assert.equal(text, expected, sql);
    await database.prepare(text).catch((error) => assert.fail(`${error}\nin: ${text}`));
  }
});

/** What has no faithful text in DuckDB. */
const refused: readonly string[] = [
  "SELECT a FROM t ORDER BY a FETCH FIRST 2 ROWS WITH TIES",
  "SELECT a INTO n FROM t",
  "SELECT FROM t",
  "SELECT a FROM t GROUP BY DISTINCT ROLLUP (a), CUBE (a)",
  "SELECT ROW()",
  "SELECT a # 1 FROM t",
  "SELECT j ? 'k' FROM t",
  "SELECT j #>> '{k}' FROM t",
  "SELECT concat(VARIADIC l) FROM t",
  "SELECT b SIMILAR TO b FROM t",
  "SELECT b LIKE ANY (l) FROM t",
  "SELECT b ~ ANY (ARRAY['x']) FROM t",
  "SELECT overlay(b PLACING 'x' FROM 1) FROM t",
  "SELECT b IS NORMALIZED FROM t",
  "SELECT (d, d) OVERLAPS (d, d) FROM t",
  "SELECT COLLATION FOR (b) FROM t",
  "SELECT ts AT LOCAL FROM t",
  "SELECT xmlelement(name a)",
  "SELECT a::bit(8) FROM t",
  "SELECT b::interval day FROM t",
  "SELECT interval '1 month' day",
  "SELECT a::numeric(5, -2) FROM t",
  "SELECT JSON_OBJECT('k': 1 WITH UNIQUE KEYS)",
  "SELECT JSON_OBJECT('k': 1 ABSENT ON NULL)",
  "SELECT JSON_OBJECTAGG(b: a) FILTER (WHERE p) FROM t",
  "SELECT JSON_VALUE(j, '$.k') FROM t",
  "SELECT b IS JSON WITH UNIQUE KEYS FROM t",
  "SELECT * FROM JSON_TABLE(j, '$' COLUMNS (a int))",
  "SELECT * FROM XMLTABLE('x' PASSING b COLUMNS a int)",
  "SELECT * FROM ROWS FROM (generate_series(1, 2), generate_series(1, 3))",
  "SELECT * FROM f() AS x(a int)",
  "SELECT * FROM coalesce(1) AS x",
  "SELECT * FROM t TABLESAMPLE other_method (1)",
  "SELECT * FROM t JOIN s USING (a) AS x",
  "SELECT a FROM t ORDER BY a USING @@",
  "WITH q AS (INSERT INTO u VALUES (1) RETURNING id) SELECT * FROM q",
  "WITH RECURSIVE q(a) AS (SELECT 1) SEARCH DEPTH FIRST BY a SET s SELECT 1",
  "WITH RECURSIVE q(a) AS (SELECT 1) CYCLE a SET c USING p SELECT 1",
  "INSERT INTO u (id) OVERRIDING USER VALUE VALUES (1)",
  "INSERT INTO u (id) VALUES (1) ON CONFLICT ON CONSTRAINT x DO NOTHING",
  "INSERT INTO u (id) VALUES (1) ON CONFLICT (id) WHERE id > 1 DO NOTHING",
  "INSERT INTO u (id) VALUES (1) ON CONFLICT (lower(v)) DO NOTHING",
  "INSERT INTO u (l[1]) VALUES (1)",
  "UPDATE t SET l[1] = 2",
  "UPDATE u SET (v, w) = (SELECT random(), 1)",
  "UPDATE u SET (v, w) = f()",
  "UPDATE u SET v = 'x' RETURNING WITH (OLD AS o) o.v",
  "TRUNCATE t, s",
  "TRUNCATE t CASCADE",
  "TRUNCATE t RESTART IDENTITY",
  "CREATE TABLE n (a serial)",
  "CREATE TABLE n (a int GENERATED ALWAYS AS IDENTITY)",
  "CREATE TABLE n (a int REFERENCES u ON DELETE CASCADE)",
  "CREATE TABLE n (a int REFERENCES u MATCH FULL)",
  "CREATE TABLE n (a int REFERENCES u DEFERRABLE)",
  "CREATE TABLE n (a int, CHECK (a > 1) NOT ENFORCED)",
  "CREATE TABLE n (a int, UNIQUE NULLS NOT DISTINCT (a))",
  "CREATE TABLE n (a int, EXCLUDE USING gist (a WITH =))",
  "CREATE TABLE n (a int, NOT NULL a)",
  "CREATE TABLE n (LIKE t)",
  "CREATE TABLE n () INHERITS (t)",
  "CREATE TABLE n (a int) PARTITION BY RANGE (a)",
  "CREATE TABLE n OF mood",
  "CREATE TEMP TABLE n (a int) ON COMMIT DROP",
  "CREATE TABLE n AS EXECUTE p",
  "CREATE MATERIALIZED VIEW n AS SELECT 1",
  "CREATE VIEW n AS SELECT 1 WITH LOCAL CHECK OPTION",
  "CREATE VIEW n WITH (check_option = local) AS SELECT 1",
  "CREATE INDEX ON u (w)",
  "CREATE INDEX n ON u USING gin (w)",
  "CREATE INDEX n ON u (w) WHERE w > 1",
  "CREATE INDEX n ON u (v text_pattern_ops)",
  'CREATE INDEX n ON u (v COLLATE "C")',
  "CREATE UNIQUE INDEX n ON u (v) NULLS NOT DISTINCT",
  "CREATE SEQUENCE n OWNED BY u.id",
  "ALTER SEQUENCE seq RESTART WITH 5",
  "ALTER SEQUENCE seq OWNED BY NONE",
  "CREATE SCHEMA n AUTHORIZATION someone",
  "CREATE SCHEMA n CREATE TABLE t (a int)",
  "CREATE TYPE n AS (a int)",
  "CREATE DOMAIN n AS int",
  "ALTER TABLE u ADD COLUMN n int NOT NULL",
  "ALTER TABLE u ADD COLUMN n int, ADD COLUMN m int",
  "ALTER TABLE u ADD CHECK (id > 1)",
  "ALTER TABLE u DROP CONSTRAINT n",
  "ALTER TABLE u OWNER TO someone",
  "ALTER VIEW w RENAME COLUMN a TO b",
  "ALTER INDEX n RENAME TO m",
  "ALTER TABLE u SET SCHEMA other",
  "DROP TABLE t, s",
  "DROP FUNCTION f(int)",
  "DROP MATERIALIZED VIEW n",
  "COMMENT ON SCHEMA main IS 'x'",
  "COMMENT ON CONSTRAINT c ON u IS 'x'",
  "EXPLAIN VERBOSE SELECT 1",
  "EXPLAIN (BUFFERS) SELECT 1",
  "EXPLAIN (FORMAT YAML) SELECT 1",
  "PREPARE n AS SELECT 1",
  "GRANT SELECT ON t TO someone",
  "VACUUM",
];

/** Spellings that the tree does not show: numbers in another base, `\u` in a string, words that say what is so anyway. */
const unseen = /0x|0b|\\u|RESTRICT|ROWS FROM|TABLE t$/;

Deno.test("where printing translates nothing, DuckDB understands the source as it stands", async () => {
  await using database = await openSampleDatabase();
  const sources = [
    ...sampleStatements,
    ...translatedExpressions.map(([sql]) => `SELECT ${sql} FROM t`),
    ...translatedStatements.map(([sql]) => sql),
  ];
  let understood = 0;
  for (const sql of sources) {
    const tree = parseStatement(sql);
    if (unseen.test(sql) || /main\."left"|[:=][=>]/.test(sql) || isTranslatedByPrinting(tree)) continue;
    await database.prepare(sql).catch((error) => assert.fail(`${error}\nin: ${sql}`));
    understood++;
    if (!/^SELECT/.test(sql) || /\$|nextval|now|current_|local/.test(sql)) continue;
    const { text } = printStatement(tree)!;
    assert.deepEqual(new Set(await database.rows(text)), new Set(await database.rows(sql)), sql);
  }
  assert.ok(understood > 120, `${understood} understood`);
});

Deno.test("what DuckDB has no form for has no text", () => {
  for (const sql of refused) assert.equal(printStatement(parseStatement(sql)), null, sql);
});

Deno.test("a subquery that gives an array is not compared with row by row", () => {
  const operator = parseExpression("a = ANY (l)")["A_Expr"] as PgNode;
  const subquery = parseExpression("(SELECT l FROM t WHERE a = 1)");
  const text = printExpression({ A_Expr: { ...operator, rexpr: subquery } });
  assert.equal(text, "a = ANY (coalesce((SELECT l FROM t WHERE a = 1)))");
});

Deno.test("a node that is no statement or no expression has no text", () => {
  assert.equal(printStatement({ A_Const: { ival: { ival: 1 } } }), null);
  assert.equal(printStatement({}), null);
  assert.equal(printExpression(parseStatement("SELECT 1")), null);
  assert.equal(printExpression({ A_Const: {} }), null);
});
