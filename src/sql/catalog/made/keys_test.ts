import { deepEqual } from "node:assert/strict";
import { openTestingCatalog } from "../testing_catalog.ts";
import { ownConstraintRows } from "../relations/keys.ts";
import { constraintRows } from "./constraints.ts";

Deno.test("constraints that are kept are those that a query in a transaction finds, under the same names", async () => {
  const catalog = await openTestingCatalog();
  try {
    await catalog.run("CREATE TABLE one(a int PRIMARY KEY, b varchar UNIQUE, UNIQUE (a, b))");
    await catalog.run(
      `CREATE TABLE "Two T"(x int CHECK (x > 0), y int CHECK (y > 1), z int, w varchar CHECK (len(w) <= 5), CHECK (x < y), ` +
        "CHECK (x < z), CHECK (1 = 1), FOREIGN KEY (x) REFERENCES ONE(A), FOREIGN KEY (y) REFERENCES one(a))",
    );
    const columns = `shown_schema, table_name, constraint_index, kind, constraint_name, key, column_names, expression,
      referenced_table, referenced_names`;
    const select = (source: string) => `SELECT ${columns} FROM ${source} AS own ORDER BY table_name, constraint_index`;
    const kept = await catalog.rows(select(constraintRows));
    deepEqual(kept, await catalog.rows(select(ownConstraintRows)));
    deepEqual(kept.map((row) => row[4]), [
      "Two T_x_check",
      "Two T_y_check",
      "Two T_check",
      "Two T_check1",
      "Two T_check2",
      "Two T_x_fkey",
      "Two T_y_fkey",
      "one_pkey",
      "one_b_key",
      "one_a_b_key",
    ]);
  } finally {
    catalog.close();
  }
});
