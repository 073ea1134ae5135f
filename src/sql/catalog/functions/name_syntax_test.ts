import { deepEqual } from "node:assert/strict";
import { nameParts, procedureParts } from "./name_syntax.ts";

Deno.test("nameParts reads dotted names, with quotes and in lower case without", () => {
  const samples: readonly (readonly [string, string[] | null])[] = [
    ["orders", ["orders"]],
    ["Public.Orders", ["public", "orders"]],
    ['"My schema"."a.b"', ["My schema", "a.b"]],
    ['"a""b"', ['a"b']],
    [" a . b ", ["a", "b"]],
    ["a.b.c.d", ["a", "b", "c", "d"]],
    ["a..b", null],
    ["", null],
    ["a b", null],
    ['"open', null],
    ['""', null],
    ["a.", null],
  ];
  for (const [text, parts] of samples) deepEqual(nameParts(text), parts, text);
});

Deno.test("procedureParts reads a function's name and the types of its arguments", () => {
  deepEqual(procedureParts("lower(text)"), { parts: ["lower"], typeOids: [25] });
  deepEqual(procedureParts("pg_catalog.substr(text, integer, integer)"), {
    parts: ["pg_catalog", "substr"],
    typeOids: [25, 23, 23],
  });
  deepEqual(procedureParts("now()"), { parts: ["now"], typeOids: [] });
  deepEqual(procedureParts("round(numeric(10,2), int)"), { parts: ["round"], typeOids: [1700, 23] });
  deepEqual(procedureParts("+(integer, integer)"), { parts: ["+"], typeOids: [23, 23] });
  deepEqual(procedureParts("lower"), null);
  deepEqual(procedureParts("lower(nosuch)"), null);
});
