import { equal } from "node:assert/strict";
import { shownSql, viewDefinition } from "./shown_sql.ts";

const database = "workspace_ws_1";

Deno.test("shownSql leaves out internal databases and calls main public", () => {
  const samples: readonly (readonly [string, string])[] = [
    ["(c > 0)", "(c > 0)"],
    ["nextval('seq')", "nextval('seq')"],
    ["__eider.pg.\"to_char\"(d, 'MON')", "to_char(d, 'MON')"],
    ["__eider.pg.to_char(d)", "to_char(d)"],
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

Deno.test("viewDefinition gives the SELECT as pg_get_viewdef does", () => {
  equal(viewDefinition("CREATE VIEW v AS SELECT 1 AS a FROM main.t;", database), " SELECT 1 AS a FROM public.t;");
  equal(viewDefinition("CREATE TEMP VIEW tv AS SELECT 1;", database), " SELECT 1;");
  equal(viewDefinition('CREATE VIEW s."View as" AS SELECT 1;', database), " SELECT 1;");
  equal(
    viewDefinition("CREATE VIEW v2 (x, y) AS WITH q AS (SELECT 1)SELECT a, b FROM q;", database),
    " SELECT * FROM (WITH q AS (SELECT 1)SELECT a, b FROM q) v2(x, y);",
  );
});
