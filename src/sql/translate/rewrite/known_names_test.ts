import assert from "node:assert/strict";
import { overloadsFor, readNames, readOverload } from "./known_names.ts";

const overloads: readonly (readonly [string, number, readonly (string | null)[]])[] = [
  ["() AS 1", 0, []],
  ["(value) AS value", 1, [null]],
  ["(a INTERVAL, b DOUBLE) AS a", 2, ["INTERVAL", "DOUBLE"]],
  ["(a, b := NULL) AS a", 1, [null, null]],
  ["(a DECIMAL(38,10), b VARCHAR := ',') AS a", 1, ["DECIMAL(38,10)", "VARCHAR"]],
  ["(a := list_value(1, 2), b := ')') AS TABLE SELECT (1)", 0, [null, null]],
];

for (const [text, least, types] of overloads) {
  Deno.test(`the parameters of ${text} are read`, () => assert.deepEqual(readOverload(text), { least, types }));
}

Deno.test("a macro's overloads are found by the number of arguments, and a table macro is told from others", () => {
  const names = readNames([], [
    { kind: "macro", name: "f", overloads: ["(a) AS a", "(a, b := 1) AS a"] },
    { kind: "macro", name: "rows", overloads: ["(a) AS TABLE SELECT a"] },
  ]);
  const f = names.macros.get("f")!;
  assert.deepEqual([0, 1, 2, 3].map((count) => overloadsFor(f, count).length), [0, 2, 1, 0]);
  assert.equal(f.table, false);
  assert.equal(names.macros.get("rows")!.table, true);
});

Deno.test("a macro has what the macros in its text have: subqueries and overloads by type", () => {
  const { macros } = readNames([], [
    { kind: "macro", name: "typed", overloads: ["(a BIGINT) AS a", "(a VARCHAR) AS a"] },
    { kind: "macro", name: "asks", overloads: ["(a) AS (SELECT a)"] },
    { kind: "macro", name: "both", overloads: ['(a) AS __eider.pg."typed"(a) + __eider.pg.asks(a)'] },
    { kind: "macro", name: "plain", overloads: ["(a) AS a + 1", "(a, b) AS a + b"] },
  ]);
  const facts = [...macros].map(([name, macro]) => [name, macro.holdsSubquery, macro.choosesByType]);
  assert.deepEqual(facts, [["typed", false, true], ["asks", true, false], ["both", true, true], [
    "plain",
    false,
    false,
  ]]);
});
