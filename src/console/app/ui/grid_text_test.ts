import { equal } from "node:assert/strict";
import { csvOf, isNumberType, tsvOf } from "./grid_text.ts";

const columns = [{ name: "a" }, { name: 'b"c' }];

Deno.test("CSV quotes what needs it and tells NULL from an empty text", () => {
  equal(
    csvOf(columns, [[1, "x,y"], [null, ""], [true, 'say "hi"\n']]),
    'a,"b""c"\r\n1,"x,y"\r\n,""\r\ntrue,"say ""hi""\n"\r\n',
  );
});

Deno.test("tab-separated rows have no tab or line break inside a value", () => {
  equal(tsvOf(columns, [["x\ty", "1\n2"], [null, 3]]), 'a\tb"c\nx y\t1 2\n\t3');
});

Deno.test("numbers are recognised by PostgreSQL's and DuckDB's names", () => {
  for (const type of ["integer", "BIGINT", "numeric", "DECIMAL(10,2)", "double precision", "UINTEGER", "HUGEINT"]) {
    equal(isNumberType(type), true, type);
  }
  for (const type of ["text", "integer[]", "timestamp without time zone", "interval", "point"]) {
    equal(isNumberType(type), false, type);
  }
});
