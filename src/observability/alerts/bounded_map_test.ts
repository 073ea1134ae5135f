import assert from "node:assert/strict";
import { BoundedMap } from "./bounded_map.ts";

Deno.test("the entry used longest ago makes room for a new one", () => {
  const map = new BoundedMap<string>(2);
  for (const key of ["a", "b", "a", "c"]) map.use(key, () => key.toUpperCase());
  assert.deepEqual([...map.entries()], [["a", "A"], ["c", "C"]]);
  assert.equal(map.size, 2);
  map.delete("a");
  assert.equal(map.get("a"), undefined);
});
