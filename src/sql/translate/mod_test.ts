import assert from "node:assert/strict";
import { AppError } from "../../errors/app_error.ts";
import { loadPolicyParser, parseStatements } from "../policy/mod.ts";
import { translate, type Translation } from "./mod.ts";

await loadPolicyParser();

function translated(sql: string): Translation {
  return translate(parseStatements(sql)[0]!);
}

/** Texts that DuckDB reads as PostgreSQL does, or that are its own dialect. */
const unchanged = [
  "SELECT a, b AS c FROM t WHERE a = 1 ORDER BY b DESC LIMIT 10",
  "select x.a, y.* from t x join u y on x.id = y.id where x.a in (1, 2) and y.b like 'a%'",
  "SELECT * FROM (SELECT a FROM t) s WHERE a IS NOT NULL",
  "SELECT 1 AS one UNION ALL SELECT 2",
  "SELECT a::int AS a, b::text AS b FROM (SELECT 1 AS a, 'x'::text AS b) t",
  "SELECT CAST($1 AS integer) AS p",
  "INSERT INTO t (a, b) VALUES (1, 'x'), ($1, $2)",
  "UPDATE t SET a = a + 1 WHERE b = $1",
  "DELETE FROM t WHERE a = 1",
  "WITH c AS (SELECT a FROM t) SELECT a FROM c",
  "FROM t",
  "SUMMARIZE t",
  "SELECT * EXCLUDE (a) FROM t",
  "SELECT list_transform(l, x -> x > 1) FROM t",
  "SELECT [1, 2] AS l",
  "BEGIN",
  "SHOW search_path",
];

for (const sql of unchanged) {
  Deno.test(`the text is kept of: ${sql}`, () => {
    const translation = translated(sql);
    assert.deepEqual(translation.texts, [sql]);
    assert.equal(translation.originalPosition(5), 5);
    assert.deepEqual(translation.notices, []);
  });
}

const changed: readonly (readonly [sql: string, text: string])[] = [
  // names
  ["SELECT relname FROM pg_class", "SELECT relname FROM __eider.pg.pg_class"],
  ["SELECT relname FROM pg_catalog.pg_class c", "SELECT relname FROM __eider.pg.pg_class AS c"],
  ["SELECT pg_catalog.pg_class.relname FROM pg_class", "SELECT pg_class.relname FROM __eider.pg.pg_class"],
  ["SELECT table_name FROM information_schema.tables", "SELECT table_name FROM __eider.info.tables"],
  ["SELECT a FROM public.t", "SELECT a FROM main.t"],
  ["SELECT public.t.a FROM public.t", "SELECT t.a FROM main.t"],
  ["SELECT a FROM db.public.t", "SELECT a FROM db.main.t"],
  ["SELECT a FROM pg_temp.t", "SELECT a FROM temp.t"],
  ["SELECT public.f(1) AS f", "SELECT main.f(1) AS f"],
  ["SELECT pg_catalog.lower(a) AS l FROM t", "SELECT lower(a) AS l FROM t"],
  ["SELECT pg_catalog.count(*) AS c FROM t", "SELECT count(*) AS c FROM t"],
  ["SELECT a::pg_catalog.int4 AS a FROM t", "SELECT CAST(a AS INTEGER) AS a FROM t"],
  ["SELECT a::text AS a FROM t", "SELECT __eider.pg.__text(a) AS a FROM t"],
  ["SELECT lower(a)::pg_catalog.text AS a FROM t", "SELECT CAST(lower(a) AS VARCHAR) AS a FROM t"],
  ["SELECT nextval('public.s'::regclass) AS n", "SELECT nextval('main.s') AS n"],
  ["UPDATE public.t SET a = 1", "UPDATE main.t SET a = 1"],
  ["DELETE FROM public.t USING public.u WHERE t.a = u.a", "DELETE FROM main.t USING main.u WHERE t.a = u.a"],
  ["INSERT INTO public.t SELECT 1", "INSERT INTO main.t SELECT 1"],
  // names of columns
  ["SELECT count(*) FROM t", "SELECT count(*) AS count FROM t"],
  ["INSERT INTO t VALUES (1) RETURNING a, a + 1", 'INSERT INTO t VALUES (1) RETURNING a, a + 1 AS "?column?"'],
  [
    "CREATE VIEW v AS SELECT count(*) FROM t",
    "CREATE VIEW v AS WITH __eider_source AS (SELECT 'SELECT count(*) FROM t' AS text) SELECT count(*) AS count FROM t",
  ],
  ["EXPLAIN SELECT count(*) FROM t", "EXPLAIN SELECT count(*) AS count FROM t"],
  ["SELECT * FROM (SELECT max(a) FROM t) s", "SELECT * FROM (SELECT max(a) AS max FROM t) AS s"],
  ["SELECT a FROM t ORDER BY a FOR UPDATE", "SELECT a FROM t ORDER BY a"],
  ["SELECT a AS Total FROM t", "SELECT a AS total FROM t"],
  // parameters keep their numbers
  [
    "SELECT $2::regclass::oid AS o, $1::text[] AS a",
    "SELECT __eider.pg.__regclass(CAST($2 AS VARCHAR)) AS o, CAST($1 AS VARCHAR[]) AS a",
  ],
  ["SELECT a FROM public.t WHERE a = ANY ($1) LIMIT $2", "SELECT a FROM main.t WHERE a = ANY ($1) LIMIT $2"],
  // a column that an added name would hide in ORDER BY
  [
    "SELECT x::int FROM t ORDER BY x + 0.5",
    "SELECT CAST(x AS INTEGER) AS x FROM t ORDER BY t.x + 0.5",
  ],
];

for (const [sql, text] of changed) {
  Deno.test(`${sql} becomes ${text}`, () => assert.deepEqual(translated(sql).texts, [text]));
}

Deno.test("a CTE hides the catalog relation of its name", () => {
  const sql = "WITH pg_class AS (SELECT 1 AS a) SELECT a FROM pg_class";
  assert.deepEqual(translated(sql).texts, [sql]);
  assert.equal(translated(sql).relations.size, 0);
});

Deno.test("an alias hides the relation's own name, and its columns keep their types", () => {
  const { outputTypes, texts } = translated("SELECT pg_type.oid FROM pg_class pg_type");
  assert.deepEqual(outputTypes, ["oid"]);
  assert.deepEqual(texts, ["SELECT pg_type.oid FROM __eider.pg.pg_class AS pg_type"]);
});

Deno.test("the emulated relations that a statement reads are named, in subqueries too", () => {
  const sql = "SELECT (SELECT count(*) FROM pg_stat_activity) AS n FROM pg_catalog.pg_class " +
    "WHERE oid IN (SELECT oid FROM pg_type)";
  assert.deepEqual([...translated(sql).relations].sort(), ["pg_class", "pg_stat_activity", "pg_type"]);
});

const outputs: readonly (readonly [string, readonly (string | null)[]])[] = [
  ["SELECT oid, relname, relkind, relnatts FROM pg_class", ["oid", "name", "char"]],
  ["SELECT 1 AS a, c.oid FROM pg_class c, t", [null, "oid"]],
  ["SELECT s.o FROM (SELECT oid AS o FROM pg_class) s", ["oid"]],
  ["WITH c AS (SELECT oid AS o FROM pg_class) SELECT 1 AS a, o FROM c", [null, "oid"]],
  ["SELECT 'x'::name, 5::oid, 'x'::\"char\", '1'::xid", ["name", "oid", "char", "xid"]],
  ["SELECT 'pg_class'::regclass, 'int4'::regtype, 'pg_catalog'::regnamespace", ["regclass", "regtype", "regnamespace"]],
  ["SELECT current_database(), current_user", ["name", "name"]],
  ["SELECT min(relname), max(oid) FROM pg_class", ["name", "oid"]],
  ["SELECT relname || 'x' FROM pg_class", []],
  ["SELECT oid FROM pg_class UNION SELECT oid FROM pg_type", ["oid"]],
  ["SELECT t.*, c.oid FROM t, pg_class c", []],
  ["SELECT c.oid, t.*, c.oid FROM t, pg_class c", ["oid"]],
  ["SELECT a FROM t", []],
];

for (const [sql, types] of outputs) {
  Deno.test(`the PostgreSQL types that DuckDB does not tell are known of: ${sql}`, () => {
    assert.deepEqual(translated(sql).outputTypes, types);
  });
}

Deno.test("the columns of a star over an emulated relation are known", () => {
  const { outputTypes } = translated("SELECT * FROM pg_namespace");
  assert.deepEqual(outputTypes, ["oid", "name", "oid", "aclitem[]"]);
});

const refused: readonly (readonly [sql: string, sqlstate: string, message: RegExp])[] = [
  [
    "SELECT * FROM (WITH i AS (INSERT INTO t VALUES (1) RETURNING a) SELECT a FROM i) AS s",
    "0A000",
    /must be at the top level/,
  ],
  ["WITH i AS (MERGE INTO t USING u ON t.a = u.a WHEN MATCHED THEN DELETE) SELECT 1", "0A000", /MERGE in a WITH query/],
  ["SELECT FROM t", "0A000", /without columns/],
  ["SELECT a FROM t ORDER BY a FETCH FIRST 1 ROW WITH TIES", "0A000", /WITH TIES/],
  ["SELECT '{1,2'::int[]", "22P02", /malformed array literal: "\{1,2"/],
  ["SELECT '1.5'::int", "22P02", /invalid input syntax for type integer: "1.5"/],
  ["SELECT * FROM jsonb_populate_recordset(NULL, '{}') AS x(a int)", "0A000", /column definition list/],
];

for (const [sql, sqlstate, message] of refused) {
  Deno.test(`${sql} is refused with ${sqlstate}`, () => {
    assert.throws(() => translated(sql), (error) => {
      assert.ok(error instanceof AppError);
      assert.equal(error.sqlstate, sqlstate);
      assert.match(error.message, message);
      return true;
    });
  });
}

Deno.test("a statement is translated once", () => {
  const [statement] = parseStatements("SELECT count(*) FROM once");
  assert.equal(translate(statement!), translate(statement!));
});

Deno.test("an error's position in the printed text leads back to the client's text", () => {
  const sql = "SELECT  count(*),\n  nope FROM t";
  const { texts, originalPosition } = translated(sql);
  assert.equal(originalPosition(texts[0].indexOf("nope") + 1), sql.indexOf("nope") + 1);
});

Deno.test("a statement of several parts has a text for each", () => {
  const { texts } = translated("CREATE TABLE t (id serial)");
  assert.ok(texts.length > 1);
  assert.match(texts[0], /^CREATE TABLE t/);
  assert.ok(texts.some((text) => text.startsWith("CREATE SEQUENCE")));
});

Deno.test("a constant that names an object of PostgreSQL's own is its OID; another one is looked up", () => {
  const text = (sql: string) => translate(parseStatements(sql)[0]!).texts[0];
  assert.equal(text("SELECT 'pg_class'::regclass::oid"), "SELECT CAST(1259 AS UINTEGER) AS oid");
  assert.equal(text("SELECT 'pg_catalog.pg_type'::regclass::oid"), "SELECT CAST(1247 AS UINTEGER) AS oid");
  assert.equal(text("SELECT 'int4'::regtype::oid"), "SELECT CAST(23 AS UINTEGER) AS oid");
  assert.equal(text("SELECT 'public'::regnamespace::oid"), "SELECT CAST(2200 AS UINTEGER) AS oid");
  assert.match(text("SELECT 'orders'::regclass::oid"), /__regclass\('orders'\)/);
  assert.match(text("SELECT 'public.pg_class'::regclass::oid"), /__regclass\('public.pg_class'\)/);
});

Deno.test("the types of columns are asked for only where the meaning depends on them", () => {
  const wanted = (sql: string) => translate(parseStatements(sql)[0]!).wantedTables;
  assert.deepEqual(wanted("INSERT INTO t VALUES ('plain', 1)"), []);
  assert.deepEqual(wanted("SELECT '{1}'"), []);
  assert.deepEqual(wanted("SELECT a FROM t WHERE d > '2024-01-01' AND b = 'x'"), []);
  assert.deepEqual(wanted("SELECT a FROM t WHERE size > 'small'"), ['"t"']);
  assert.deepEqual(wanted("SELECT path || id, avg(a) FROM t"), ['"t"']);
  assert.deepEqual(wanted("SELECT oid FROM pg_class WHERE relname = '{1}'"), []);
  assert.deepEqual(wanted("INSERT INTO public.t VALUES ('{1,2}')"), ['"main"."t"']);
  assert.deepEqual(wanted("SELECT 1 FROM a, s.b WHERE a.x = '\\x00'"), ['"a"', '"s"."b"']);
});
