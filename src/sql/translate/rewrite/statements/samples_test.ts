import assert from "node:assert/strict";
import { loadPolicyParser } from "../../../pg_parser.ts";
import { openTestingWorkspace, readScenarios } from "./testing_statements.ts";

await loadPolicyParser();

for (const name of ["tables", "alter", "data"]) {
  const text = await Deno.readTextFile(new URL(`samples/${name}.sql`, import.meta.url));
  for (const scenario of readScenarios(text)) {
    Deno.test(`as in PostgreSQL, or as noted: ${scenario.name}`, async () => {
      const workspace = await openTestingWorkspace();
      try {
        for (const { statement, expected } of scenario.steps) {
          assert.notEqual(expected, "", `no outcome is noted for ${statement}`);
          assert.equal(await workspace.outcome(statement), expected, statement);
        }
      } finally {
        workspace.close();
      }
    });
  }
}
