import assert from "node:assert/strict";
import { oidOfTypeName } from "./type_names.ts";

Deno.test("type names are found under all their spellings, and an unknown one is left to inference", () => {
  const cases: readonly (readonly [string, number])[] = [
    ["int", 23],
    ["INTEGER", 23],
    ["pg_catalog.int8", 20],
    ["character varying(10)", 1043],
    ["numeric(10, 2)", 1700],
    ["timestamp with time zone", 1184],
    ["double precision", 701],
    ["text[]", 1009],
    ["hstore", 0],
  ];
  for (const [name, oid] of cases) assert.equal(oidOfTypeName(name), oid, name);
});
