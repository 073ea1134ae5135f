import assert from "node:assert/strict";
import duckdb from "@duckdb/node-bindings";
import { run } from "./duckdb.ts";
import { explain } from "./explain.ts";
import { readPlan, withoutValues } from "./plan.ts";
import { ConnectionProfiler } from "./profiler.ts";

/** Linux with glibc; elsewhere there is no profiler, and EXPLAIN stands in. */
const hasMemoryFiles = Deno.build.os === "linux" && (() => {
  try {
    Deno.dlopen("libc.so.6", { memfd_create: { parameters: ["buffer", "u32"], result: "i32" } }).close();
    return true;
  } catch {
    return false;
  }
})();

async function connect() {
  const directory = await Deno.makeTempDir();
  const instance = await duckdb.open(":memory:");
  const connection = await duckdb.connect(instance);
  await run(connection, `SET GLOBAL allowed_directories=['${directory}']; SET GLOBAL enable_external_access=false`);
  await run(connection, "CREATE TABLE t AS SELECT range AS a, range % 10 AS b FROM range(10000)");
  return {
    directory,
    connection,
    async [Symbol.asyncDispose]() {
      duckdb.disconnect_sync(connection);
      duckdb.close_sync(instance);
      await Deno.remove(directory, { recursive: true });
    },
  };
}

Deno.test({
  name: `a profile has time and rows of each operator, and comes from memory${
    hasMemoryFiles ? "" : " (skipped: no memfd_create in libc.so.6)"
  }`,
  ignore: !hasMemoryFiles,
  fn: async () => {
    await using there = await connect();
    const profiler = new ConnectionProfiler(there.connection, there.directory);
    assert.equal(profiler.read(), null);
    assert.equal(await profiler.start(), true);
    profiler.clear();
    assert.equal(profiler.read(), null);
    await run(there.connection, "SELECT b, count(*) FROM t WHERE a < 5000 GROUP BY b");
    const plan = profiler.read();
    const text = JSON.stringify(plan);
    assert.match(text, /"operator":"SEQ_SCAN","timing_ms":[\d.]+,"rows":5000/);
    const [link] = [...Deno.readDirSync(there.directory)];
    assert.equal(link?.isSymlink, true);
    assert.match(Deno.readLinkSync(`${there.directory}/${link.name}`), /^\/proc\/self\/fd\/\d+$/);
    // A failed statement writes none.
    profiler.clear();
    await run(there.connection, "SELECT ('x' || a)::int FROM t").catch(() => undefined);
    assert.equal(profiler.read(), null);
    assert.equal(await profiler.stop(), true);
    await run(there.connection, "SELECT 1");
    assert.equal(profiler.read(), null);
    profiler.close();
    assert.deepEqual([...Deno.readDirSync(there.directory)], []);
  },
});

Deno.test("a folder that cannot be written to leaves statements as they were", async () => {
  await using there = await connect();
  const profiler = new ConnectionProfiler(there.connection, `${there.directory}/missing`);
  assert.equal(await profiler.start(), false);
  await run(there.connection, "SELECT 1");
  assert.equal(await profiler.start(), false);
  profiler.close();
});

Deno.test("explain plans a statement with its parameters and does not run it", async () => {
  await using there = await connect();
  const plan = await explain(
    there.connection,
    "INSERT INTO t SELECT a, b FROM t WHERE a > $1",
    (native) => duckdb.bind_int32(native, 1, 9_990),
  );
  assert.match(plan?.operator ?? "", /INSERT/);
  const counted = await explain(there.connection, "SELECT count(*) FROM t", () => undefined);
  assert.match(JSON.stringify(counted), /SCAN/);
  const result = await duckdb.query(there.connection, "SELECT a FROM t");
  assert.equal(Number(duckdb.row_count(result)), 10_000);
});

Deno.test("readPlan takes what is no plan as none, and a plan without its values keeps names only", () => {
  for (const text of ["", "{", "5", "null", "[]", "{}", '{"children": 5}']) assert.equal(readPlan(text), null, text);
  const plan = readPlan(JSON.stringify([{
    name: "FILTER ",
    extra_info: { Expression: "(a = 'secret')", "Estimated Cardinality": "~12", Table: "t", __x__: ["1", "2"] },
    children: [{ name: "SCAN", extra_info: "odd", children: null }],
  }]));
  assert.deepEqual(plan, {
    operator: "FILTER",
    timing_ms: null,
    rows: null,
    estimated_rows: 12,
    details: { Expression: "(a = 'secret')", Table: "t", x: "1, 2" },
    children: [{ operator: "SCAN", timing_ms: null, rows: null, estimated_rows: null, details: {}, children: [] }],
  });
  assert.deepEqual(withoutValues(plan!, true).details, { Table: "t" });
  assert.deepEqual(withoutValues(plan!, false).details, {});
});
