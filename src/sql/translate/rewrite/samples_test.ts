import assert from "node:assert/strict";
import { openTestingQueries, readQuerySamples } from "./testing_queries.ts";

for (const name of ["calls", "columns", "constants", "operators", "queries", "row_functions", "catalog"]) {
  Deno.test(`statements of samples/${name}.sql answer as PostgreSQL does, or as the file says`, async () => {
    const samples = readQuerySamples(await Deno.readTextFile(new URL(`samples/${name}.sql`, import.meta.url)));
    const queries = await openTestingQueries();
    const different: unknown[] = [];
    for (const { sql, expected } of samples) {
      const outcome = await queries.outcome(sql);
      if (outcome !== expected) different.push({ sql, outcome, expected });
    }
    queries.close();
    assert.ok(samples.length > 10);
    assert.deepEqual(different, []);
  });
}

Deno.test("what tools ask of the catalog translates and prepares", async () => {
  const samples = readQuerySamples(await Deno.readTextFile(new URL("samples/introspection.sql", import.meta.url)));
  const queries = await openTestingQueries();
  const failed: unknown[] = [];
  for (const { sql } of samples) {
    await queries.prepare(sql).catch((error) => failed.push({ sql, error: String(error).split("\n")[0] }));
  }
  queries.close();
  assert.ok(samples.length > 100);
  assert.deepEqual(failed, []);
});
