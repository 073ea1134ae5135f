import { equal } from "node:assert/strict";
import { loadPolicyParser } from "../../pg_parser.ts";
import { shownSql, viewDefinition, viewReads } from "./shown_sql.ts";

const database = "workspace_ws_1";

Deno.test("shownSql leaves out internal databases and calls main public", () => {
  const samples: readonly (readonly [string, string])[] = [
    ["(c > 0)", "(c > 0)"],
    ["nextval('seq')", "nextval('seq')"],
    ["__eider.pg.\"to_char\"(d, 'MON')", "to_char(d, 'MON')"],
    ["__eider.pg.to_char(d)", "to_char(d)"],
    ["(__eider.pg.length__any(title) > 0)", "(length(title) > 0)"],
    ["__eider.pg.__text(a) || __eider.pg.__to_char(d, 'YYYY')", "text(a) || to_char(d, 'YYYY')"],
    ["SELECT * FROM __eider.pg.pg_class", "SELECT * FROM pg_catalog.pg_class"],
    ['SELECT * FROM __eider.info."tables"', 'SELECT * FROM information_schema."tables"'],
    ["SELECT __eider.pg.\"__regclass\"('t')", "SELECT to_regclass('t')"],
    ["SELECT * FROM workspace_ws_1.main.t", "SELECT * FROM public.t"],
    ["SELECT * FROM workspace_ws_1.stage.t", "SELECT * FROM stage.t"],
    ['SELECT * FROM project.in_c_sales."Orders"', 'SELECT * FROM in_c_sales."Orders"'],
    ["SELECT * FROM main.t", "SELECT * FROM public.t"],
    ["SELECT main.a FROM t AS main", "SELECT main.a FROM t AS main"],
    ["SELECT t.main FROM t", "SELECT t.main FROM t"],
    ["SELECT 'main.t', \"main.t\"", "SELECT 'main.t', \"main.t\""],
    ["SELECT count_star() FROM t", "SELECT count(*) FROM t"],
    ["SELECT 'open", "SELECT 'open"],
  ];
  for (const [text, shown] of samples) equal(shownSql(text, database), shown);
});

await loadPolicyParser();

Deno.test("viewDefinition gives the SELECT as pg_get_viewdef does", () => {
  const samples: readonly (readonly [string, string])[] = [
    ["CREATE VIEW v AS SELECT 1 AS a FROM main.t;", " SELECT 1 AS a FROM public.t;"],
    ["CREATE TEMP VIEW tv AS SELECT 1;", " SELECT 1;"],
    ['CREATE VIEW s."View as" AS SELECT 1;', " SELECT 1;"],
    [
      "CREATE VIEW v2 (x, y) AS WITH q AS (SELECT 1)SELECT a, b FROM q;",
      " SELECT * FROM (WITH q AS (SELECT 1)SELECT a, b FROM q) v2(x, y);",
    ],
  ];
  for (const [text, shown] of samples) equal(viewDefinition(text, database, ""), shown);
});

Deno.test("viewDefinition gives the text that the view keeps of PostgreSQL's dialect", () => {
  const stored =
    "CREATE VIEW v AS WITH __eider_source AS (SELECT 'select ''é'', t.a::text from t -- c\n, \"T\" u' AS " +
    '"text")SELECT \'é\', CAST(t.a AS VARCHAR) FROM t , "T" AS u;';
  equal(
    viewDefinition(stored, database, "t\tOdd one"),
    ` select 'é', t.a::text from "Odd one".t -- c\n, "Odd one"."T" u;`,
  );
  equal(viewDefinition(stored, database, ""), ` select 'é', t.a::text from t -- c\n, "T" u;`);
});

Deno.test("viewReads tells relations outside of CTEs, and the columns that are named of them", () => {
  const reads = (query: string) => viewReads(`CREATE VIEW v AS ${query};`, database).split("\n");
  equal(reads("SELECT 1").join(), "");
  equal(reads("SELECT a, x.b, y.* FROM s.t x, u AS y").join("|"), "s\tt\ta\tb|\tu\t*");
  equal(reads("WITH q AS (SELECT a FROM t) SELECT * FROM q").join("|"), "\tt\t*");
  equal(reads("WITH t AS (SELECT a FROM t) SELECT a FROM t").join("|"), "\tt\ta");
  equal(reads("WITH RECURSIVE t AS (SELECT 1 AS n UNION ALL SELECT n FROM t) SELECT n FROM t").join("|"), "");
  equal(reads("SELECT 1 FROM workspace_ws_1.main.t WHERE EXISTS (SELECT 1 FROM u)").join("|"), "public\tt|\tu");
  equal(reads("FROM t SELECT a").join("|"), "");
});
