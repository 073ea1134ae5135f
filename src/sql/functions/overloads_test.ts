import assert from "node:assert/strict";
import { choosingMacros, leastArguments, overloadsOfAnyTypes, readOverload } from "./overloads.ts";
import { macro, macroOfResults } from "./macro.ts";

const overloads: readonly (readonly [string, number, readonly (string | null)[]])[] = [
  ["() AS 1", 0, []],
  ["(value) AS value", 1, [null]],
  ["(a INTERVAL, b DOUBLE) AS a", 2, ["INTERVAL", "DOUBLE"]],
  ["(a, b := NULL) AS a", 1, [null, null]],
  ["(a DECIMAL(38,10), b VARCHAR := ',') AS a", 1, ["DECIMAL(38,10)", "VARCHAR"]],
  ["(a := list_value(1, 2), b := ')') AS TABLE SELECT (1)", 0, [null, null]],
];

for (const [text, least, types] of overloads) {
  Deno.test(`the parameters of ${text} are read`, () => {
    const overload = readOverload(text);
    assert.equal(leastArguments(overload), least);
    assert.deepEqual(overload.parameters.map(({ type }) => type), types);
  });
}

Deno.test("a macro chooses by type when two overloads take as many arguments, or when one in its text does", () => {
  const macros = [
    macro("typed", "(a BIGINT) AS a", "(a VARCHAR) AS a"),
    macro("counted", "(a VARCHAR) AS a", "(a VARCHAR, b VARCHAR) AS a"),
    macro("caller", '(a) AS __eider.pg."typed"(a)'),
  ];
  assert.deepEqual([...choosingMacros(macros)], ["typed", "caller"]);
});

Deno.test("overloads with as many parameters become one, in which each argument is cast to its overload's type", () => {
  const typed = macro(
    "f",
    "(value VARCHAR) AS length(value) || 'value'",
    "(bytes BLOB) AS octet_length(bytes)",
    "(a, b) AS a",
  );
  const [one, two, ...others] = overloadsOfAnyTypes(typed, new Set(["f"]));
  assert.deepEqual(others, []);
  assert.equal(two, "(a, b) AS a");
  assert.match(one!, /^\(value\) AS CASE WHEN typeof\(\[value\]\) = '' THEN NULL ELSE CASE/);
  assert.match(one!, /THEN length\(CAST\(value AS VARCHAR\)\) \|\| 'value'/);
  assert.match(one!, /THEN octet_length\(TRY_CAST\(value AS BLOB\)\)/);
  assert.match(one!, /__eider_no_overload\('f', lower\(typeof\(value\)\), value::VARCHAR\)/);
});

Deno.test("results of different types are fields of a struct, whose name is a constant", () => {
  const [text] = overloadsOfAnyTypes(macroOfResults("f", "(a BIGINT) AS a", "(a VARCHAR) AS a"), new Set(["f"]));
  assert.match(
    text!,
    /struct_extract\(struct_pack\(c0 := CASE .* END,\nc1 := CASE .* END,\nc2 := .*\), CASE .* 'c0' .* 'c1' ELSE 'c2' END\)/s,
  );
});
