/** What the two modules of this folder do to the memory of the process that runs the test. */
import { equal, ok } from "node:assert/strict";
import { getHeapSpaceStatistics } from "node:v8";
import { openDuckDbPurge } from "./memory_trim.ts";
import { collectYoungGarbage } from "./young_garbage.ts";

const isGlibc = Deno.build.target.endsWith("linux-gnu");
const remark = isGlibc ? "" : " (skipped: not glibc)";

Deno.test({
  name: `DuckDB's allocator takes the order to give back what it does not use${remark}`,
  ignore: !isGlibc,
  // The library stays open for the life of the process.
  sanitizeResources: false,
  async fn() {
    const { DuckDBInstance } = await import("@duckdb/node-api");
    const instance = await DuckDBInstance.create(":memory:", { threads: "1" });
    const purge = openDuckDbPurge();
    ok(purge !== null, "libduckdb.so has no duckdb_je_mallctl any more: the server keeps what it has freed");
    equal(await purge(), 0);
    instance.closeSync();
  },
});

Deno.test("the young generation is empty of garbage after a collection", () => {
  const youngBytes = () =>
    getHeapSpaceStatistics().find((space) => space.space_name === "new_space")?.space_used_size ?? NaN;
  let kept: unknown;
  for (let count = 0; count < 10_000; count++) kept = new Array(10).fill(count);
  const before = youngBytes();
  collectYoungGarbage();
  ok(youngBytes() < before / 2, `${before} bytes before, ${youngBytes()} after`);
  ok(Array.isArray(kept));
});
