import assert from "node:assert/strict";
import { compareDocuments, type Difference } from "./compare.ts";
import type { JsonObject, JsonValue } from "./types.ts";

/** RFC 6902 for the three operations, so that every comparison is proved by doing what it says. */
function apply(document: JsonValue, differences: readonly Difference[]): JsonValue {
  const holder = { root: structuredClone(document) } as { root: JsonValue };
  for (const { op, path, value, former } of differences) {
    const parts = path === ""
      ? []
      : path.slice(1).split("/").map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
    let parent = holder as Record<string | number, JsonValue>;
    let key: string | number = "root";
    for (const part of parts) {
      parent = parent[key] as Record<string | number, JsonValue>;
      key = Array.isArray(parent) ? Number(part) : part;
    }
    if (op !== "add") assert.deepEqual(parent[key], former, `former value at ${path}`);
    if (op === "remove") {
      if (Array.isArray(parent)) parent.splice(Number(key), 1);
      else delete parent[key];
    } else if (op === "add" && Array.isArray(parent)) parent.splice(Number(key), 0, value);
    else parent[key] = value as JsonValue;
  }
  return holder.root;
}

const panel = (name: string, width = 12): JsonObject => ({ name, width, nested: { a: [1, 2, 3] } });
const cases: readonly [string, JsonValue, JsonValue, readonly string[]][] = [
  ["equal documents", { a: [1, { b: null }] }, { a: [1, { b: null }] }, []],
  ["fields in another order", { a: 1, b: 2 }, { b: 2, a: 1 }, []],
  ["a changed field", { a: { b: 1 } }, { a: { b: 2 } }, ["replace /a/b"]],
  ["added and removed fields", { a: 1 }, { b: null }, ["remove /a", "add /b"]],
  ["names with / and ~", { "a/b": { "c~d": 1 } }, { "a/b": { "c~d": 2 } }, ["replace /a~1b/c~0d"]],
  ["another type", { a: [] }, { a: {} }, ["replace /a"]],
  ["whole documents", 1, "1", ["replace "]],
  ["a panel put in front", [panel("x"), panel("y")], [panel("new"), panel("x"), panel("y")], ["add /0"]],
  ["a panel taken out of the middle", [panel("x"), panel("y"), panel("z")], [panel("x"), panel("z")], ["remove /1"]],
  [
    "a panel changed and one added",
    [panel("x"), panel("y")],
    [panel("x", 6), panel("y"), panel("z")],
    ["replace /0/width", "add /2"],
  ],
  ["emptied and filled arrays", { a: [1, 2], b: [] }, { a: [], b: [3] }, ["remove /a/0", "remove /a/0", "add /b/0"]],
  ["__proto__ as a name", JSON.parse('{"__proto__": 1}') as JsonValue, {}, ["remove /__proto__"]],
];

for (const [what, before, after, expected] of cases) {
  Deno.test(`compareDocuments: ${what}`, () => {
    const differences = compareDocuments(before, after);
    assert.deepEqual(differences.map(({ op, path }) => `${op} ${path}`), expected);
    if (what !== "__proto__ as a name") assert.deepEqual(apply(before, differences), after);
  });
}

Deno.test("compareDocuments: applying the differences of random documents gives the second one", () => {
  let seed = 7;
  const random = (below: number) => (seed = (seed * 48271) % 2147483647) % below;
  const value = (depth: number): JsonValue => {
    const kind = random(depth > 3 ? 3 : 5);
    if (kind === 0) return random(4);
    if (kind === 1) return ["x", "y", "z"][random(3)] ?? "";
    if (kind === 2) return null;
    if (kind === 3) return Array.from({ length: random(6) }, () => value(depth + 1));
    return Object.fromEntries(
      ["a", "b", "c/d", "e"].filter(() => random(2) === 0).map((name) => [name, value(depth + 1)]),
    );
  };
  for (let round = 0; round < 2000; round++) {
    const [before, after] = [value(0), value(0)];
    assert.deepEqual(apply(before, compareDocuments(before, after)), after);
  }
});

Deno.test("compareDocuments: arrays beyond the aligned length are compared place by place", () => {
  const before = Array.from({ length: 700 }, (_, index) => index);
  const after = [-1, ...before];
  const differences = compareDocuments(before, after);
  assert.equal(differences.length, 701);
  assert.deepEqual(apply(before, differences), after);
});
