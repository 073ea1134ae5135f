import assert from "node:assert/strict";
import { normalizeColumnType } from "./column_types.ts";
import { makeProjectKey, parseTableId, schemaOfBucket } from "./names.ts";

Deno.test("a bucket's schema is lower case with underscores", () => {
  assert.equal(schemaOfBucket("in.c-sales"), "in_c_sales");
  assert.equal(schemaOfBucket("Out.C-Röst"), "out_c_r_st");
});

Deno.test("a table id splits at its last dot", () => {
  assert.deepEqual(parseTableId("in.c-sales.Orders"), {
    id: "in.c-sales.Orders",
    key: "in_c_sales.orders",
    bucketId: "in.c-sales",
    schema: "in_c_sales",
    name: "Orders",
  });
  for (const id of ["orders", ".orders", "in.", ""]) assert.equal(parseTableId(id), null, id);
});

Deno.test("project keys are eider_ and 43 base64url characters", () => {
  for (let round = 0; round < 50; round++) assert.match(makeProjectKey(), /^eider_[A-Za-z0-9_-]{43}$/);
});

Deno.test("column types are scalar and come in DuckDB's own spelling", () => {
  const accepted: [string, string][] = [
    ["int", "INTEGER"],
    [" double  precision ", "DOUBLE"],
    ["decimal(12,2)", "DECIMAL(12,2)"],
    ["NUMERIC(5)", "DECIMAL(5,0)"],
    ["varchar(20)", "VARCHAR"],
    ["timestamptz", "TIMESTAMP WITH TIME ZONE"],
    ["json", "JSON"],
  ];
  for (const [given, expected] of accepted) assert.equal(normalizeColumnType(given, "/type"), expected);
  for (
    const given of [
      "",
      "INT[]",
      "MAP(INT,INT)",
      "DECIMAL(0,0)",
      "DECIMAL(5,6)",
      "constructor",
      "ENUM('a')",
      "INT NOT NULL",
    ]
  ) {
    assert.throws(() => normalizeColumnType(given, "/type"), /is not accepted/, given);
  }
});
