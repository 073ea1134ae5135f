import assert from "node:assert/strict";
import { degreeFunction } from "./degrees.ts";

const exact: readonly (readonly [name: string, value: number, result: number])[] = [
  ["sind", 0, 0],
  ["sind", 30, 0.5],
  ["sind", 90, 1],
  ["sind", 150, 0.5],
  ["sind", 210, -0.5],
  ["sind", -30, -0.5],
  ["sind", 750, 0.5],
  ["cosd", 60, 0.5],
  ["cosd", 120, -0.5],
  ["cosd", 180, -1],
  ["cosd", -60, 0.5],
  ["tand", 45, 1],
  ["tand", 135, -1],
  ["tand", -45, -1],
  ["cotd", 45, 1],
  ["asind", 0.5, 30],
  ["asind", -0.5, -30],
  ["asind", 1, 90],
  ["acosd", 0.5, 60],
  ["acosd", -0.5, 120],
  ["acosd", -1, 180],
  ["atand", 1, 45],
  ["atand", -1, -45],
];

for (const [name, value, result] of exact) {
  Deno.test(`${name}(${value}) is exactly ${result}`, () => {
    assert.equal(degreeFunction(name, value), result);
  });
}

Deno.test("functions of degrees refuse values outside their domain and let NaN through", () => {
  assert.throws(() => degreeFunction("asind", 1.1), /out of range/);
  assert.throws(() => degreeFunction("acosd", -1.1), /out of range/);
  assert.throws(() => degreeFunction("sind", Infinity), /out of range/);
  for (const name of ["sind", "cosd", "tand", "asind", "atand"]) assert.ok(Number.isNaN(degreeFunction(name, NaN)));
});
