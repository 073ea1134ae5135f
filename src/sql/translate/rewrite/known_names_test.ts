import assert from "node:assert/strict";
import { overloadsFor, readNames } from "./known_names.ts";

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

Deno.test("a macro has the subqueries of the macros in its text", () => {
  const { macros } = readNames([], [
    { kind: "macro", name: "asks", overloads: ["(a) AS (SELECT a)"] },
    { kind: "macro", name: "calls", overloads: ["(a) AS __eider.pg.asks(a) + 1"] },
    { kind: "macro", name: "plain", overloads: ["(a) AS a + 1", "(a, b) AS a + b"] },
  ]);
  const facts = [...macros].map(([name, macro]) => [name, macro.holdsSubquery]);
  assert.deepEqual(facts, [["asks", true], ["calls", true], ["plain", false]]);
});
