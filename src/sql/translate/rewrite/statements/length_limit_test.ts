import assert from "node:assert/strict";
import { loadPolicyParser } from "../../../pg_parser.ts";
import { readLengthLimit } from "./length_limit.ts";
import { openTestingWorkspace } from "./testing_statements.ts";

await loadPolicyParser();

Deno.test("readLengthLimit reads the limits of a table back from DuckDB's catalog, and no CHECK of the user's own", async () => {
  const workspace = await openTestingWorkspace();
  try {
    await workspace.outcome(
      `CREATE TABLE t (a varchar(3), "B b" char(12), "q""q" varchar(7), n int CHECK (n > 0), CHECK (a <= 'z'))`,
    );
    const rows = await workspace.run(
      "SELECT constraint_text, expression FROM duckdb_constraints() WHERE constraint_type = 'CHECK' ORDER BY constraint_index",
    );
    const expected = [
      { column: "a", type: "character varying", length: 3 },
      { column: "B b", type: "character", length: 12 },
      { column: 'q"q', type: "character varying", length: 7 },
      null,
      null,
    ];
    assert.deepEqual(rows.map(([constraint]) => readLengthLimit(String(constraint))), expected);
    assert.deepEqual(rows.map(([, expression]) => readLengthLimit(String(expression))), expected);
  } finally {
    workspace.close();
  }
});

Deno.test("a value of exactly the length is taken, counted in characters", async () => {
  const workspace = await openTestingWorkspace();
  try {
    await workspace.outcome("CREATE TABLE t (a varchar(2))");
    assert.equal(await workspace.outcome("INSERT INTO t VALUES ('äö'), (NULL), ('')"), "INSERT 3");
    assert.equal(await workspace.outcome("INSERT INTO t VALUES ('äöü')"), "error 22001");
  } finally {
    workspace.close();
  }
});
