import { deepEqual, equal, throws } from "node:assert/strict";
import { AppError } from "../../../errors/app_error.ts";
import { parseStatements } from "../../policy/mod.ts";
import { loadPolicyParser } from "../../pg_parser.ts";
import { translate } from "../mod.ts";
import { type FactsByTable, factsKey } from "../table_facts.ts";

await loadPolicyParser();

const column = (name: string, value: string | null = null) => ({
  name,
  type: "INTEGER",
  staticType: "int4",
  default: value,
  isGenerated: false,
  isNullable: true,
});

const tableFacts: FactsByTable = new Map(["t", "u"].map((name) => [
  factsKey(null, name),
  {
    columns: [column("id", "nextval('q')"), column("n")],
    keys: [{ constraint: `${name}_pkey`, isPrimary: true, columns: ["id"] }],
  },
]));

function planOf(sql: string, names: readonly string[] = []) {
  const [parsed] = parseStatements(sql);
  const first = translate({ ...parsed!, tableFacts, columnNames: new Map() });
  const columnNames = new Map((first.wantedNames ?? []).map((text) => [text, names]));
  return translate({ ...parsed!, tableFacts, columnNames });
}

Deno.test("all reading comes before the first change, and the rows of a WITH query from its table", () => {
  const { staged } = planOf(
    "WITH a AS (INSERT INTO t (n) VALUES ($1) RETURNING id) INSERT INTO u (n) SELECT id FROM a",
  );
  deepEqual(staged?.steps, [
    `CREATE TEMP TABLE temp.__eider_staged_1 ("id" INTEGER DEFAULT (nextval('q')), "n" INTEGER)`,
    "INSERT INTO temp.__eider_staged_1 (n) VALUES ($1)",
    "CREATE TEMP TABLE temp.__eider_staged_2 AS SELECT id FROM temp.__eider_staged_1 AS t",
    `CREATE TEMP TABLE temp.__eider_staged_3 ("id" INTEGER DEFAULT (nextval('q')), "n" INTEGER)`,
    "WITH a AS (SELECT * FROM temp.__eider_staged_2) INSERT INTO temp.__eider_staged_3 (n) SELECT id FROM a",
    `INSERT INTO "t" ("id", "n") SELECT "id", "n" FROM temp.__eider_staged_1`,
    `INSERT INTO "u" ("id", "n") SELECT "id", "n" FROM temp.__eider_staged_3`,
  ]);
  deepEqual([staged?.result, staged?.countedSteps, staged?.shape], [null, 1, null]);
  deepEqual(staged?.probes.map(({ text }) => text), [
    "INSERT INTO t (n) VALUES ($1)",
    "SELECT id FROM t",
    "WITH a AS (SELECT id FROM t) INSERT INTO u (n) SELECT id FROM a",
  ]);
});

Deno.test("a row that is joined with several is changed once", () => {
  const { staged } = planOf("UPDATE t SET n = v.n FROM u AS v WHERE v.id = t.id RETURNING t.id, v.n", ["id", "n"]);
  equal(
    staged?.steps[0],
    "CREATE TEMP TABLE temp.__eider_staged_1 AS SELECT DISTINCT ON (t.rowid) t.rowid AS __eider_row, v.n AS __eider_set_1, " +
      "v.id AS __eider_beside_1_1, v.n AS __eider_beside_1_2 FROM t, u AS v WHERE v.id = t.id",
  );
  equal(staged?.result, "FROM temp.__eider_staged_3");
});

Deno.test("what DuckDB can do at once is not staged", () => {
  for (
    const sql of [
      "UPDATE t SET n = v.n FROM u AS v WHERE v.id = t.id RETURNING t.id, n",
      "DELETE FROM t RETURNING *",
      "WITH a AS (SELECT 1 AS x) INSERT INTO t (n) SELECT x FROM a RETURNING *",
    ]
  ) equal(planOf(sql).staged, undefined, sql);
});

for (
  const [sql, detail] of [
    ["WITH a AS (UPDATE t SET n = 1) DELETE FROM t", /two parts/],
    ["WITH a AS (UPDATE t SET n = 1) SELECT * FROM a", /"a" does not have a RETURNING clause/],
    ["SELECT * FROM (WITH a AS (DELETE FROM t RETURNING id) SELECT * FROM a) AS b", /must be at the top level/],
    ["UPDATE t SET n = 1 FROM u AS a JOIN u AS b USING (id) WHERE t.id = a.id RETURNING a.n", /USING/],
    [
      "WITH a AS (INSERT INTO t (id) VALUES (1) ON CONFLICT (n) DO NOTHING RETURNING id) SELECT * FROM a",
      /UNIQUE or PRIMARY KEY/,
    ],
  ] as const
) {
  Deno.test(`0A000: ${sql}`, () => {
    throws(
      () => planOf(sql),
      (error) => error instanceof AppError && error.sqlstate === "0A000" && detail.test(error.message),
    );
  });
}
