import assert from "node:assert/strict";
import { withoutCatalogQualifier } from "./catalog_qualifier.ts";

Deno.test("the qualifier of a session function is blanked, and nothing else changes", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["select pg_catalog.version()", "select            version()"],
    ["SELECT PG_CATALOG . version ()", "SELECT              version ()"],
    ["select * from pg_catalog.pg_class", "select * from pg_catalog.pg_class"],
    [
      "select 'pg_catalog.version()', \"pg_catalog.version()\"",
      "select 'pg_catalog.version()', \"pg_catalog.version()\"",
    ],
    ["select 1 -- pg_catalog.version()", "select 1 -- pg_catalog.version()"],
  ];
  for (const [before, after] of cases) assert.equal(withoutCatalogQualifier(before), after);
});
