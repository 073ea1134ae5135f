import assert from "node:assert/strict";
import { catalogFunctions } from "../catalog/functions/mod.ts";
import { sqlFunctions } from "./mod.ts";
import { choosingMacros, overloadsOfAnyTypes } from "./overloads.ts";

const macros = sqlFunctions.filter((entry) => entry.kind === "macro");
const scripts = sqlFunctions.filter((entry) => entry.kind === "javascript");

Deno.test("no name is defined twice, here or in the catalog", () => {
  const names = [...sqlFunctions, ...catalogFunctions].map((entry) => entry.name);
  assert.deepEqual(names.filter((name, index) => names.indexOf(name) !== index), []);
});

Deno.test("JavaScript functions have names that only macros use", () => {
  assert.deepEqual(scripts.filter((entry) => !entry.name.startsWith("__eider_")), []);
});

Deno.test("every JavaScript function is called by a macro, and every one that is called exists", () => {
  const choosing = choosingMacros(macros);
  const text = macros.flatMap((entry) => [...entry.overloads, ...overloadsOfAnyTypes(entry, choosing)]).join("\n");
  const called = new Set(text.match(/__eider_[a-z_]+/g));
  const names = new Set(scripts.map((entry) => entry.name));
  assert.deepEqual([...names].filter((name) => !called.has(name)), []);
  assert.deepEqual([...called].filter((name) => !names.has(name)), []);
});

Deno.test("a macro uses only macros that stand before it", () => {
  const defined = new Set<string>();
  const early: string[] = [];
  for (const entry of macros) {
    for (const [, name] of entry.overloads.join("\n").matchAll(/__eider\.pg\."([^"]+)"/g)) {
      if (!defined.has(name!)) early.push(`${entry.name} uses ${name}`);
    }
    defined.add(entry.name);
  }
  assert.deepEqual(early, []);
});

Deno.test("names are in lower case", () => {
  assert.deepEqual(sqlFunctions.filter((entry) => entry.name !== entry.name.toLowerCase()), []);
});

Deno.test("raised errors name an SQLSTATE", () => {
  const text = macros.flatMap((entry) => entry.overloads).join("\n");
  const raised = [...text.matchAll(/error\('([^']*)/g)].map(([, message]) => message!);
  assert.ok(raised.length > 20);
  assert.deepEqual(raised.filter((message) => !/^eider:[0-9A-Z]{5}:\S/.test(message)), []);
});
