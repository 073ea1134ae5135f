import assert from "node:assert/strict";
import { join } from "node:path";
import { loadPolicyParser } from "../../../pg_parser.ts";
import { ownershipQuery } from "./mod.ts";
import { openTestingWorkspace, type TestingWorkspace } from "./testing_statements.ts";

await loadPolicyParser();

const database = "workspace_ws_test";

async function withFile(use: (open: () => Promise<TestingWorkspace>) => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir();
  try {
    await use(() => openTestingWorkspace(join(directory, "workspace.duckdb")));
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

async function sequences(workspace: TestingWorkspace): Promise<readonly string[]> {
  const rows = await workspace.run("SELECT sequence_name FROM duckdb_sequences() ORDER BY 1");
  return rows.map(([name]) => String(name));
}

Deno.test("a serial column goes on counting after the file was opened again", async () => {
  await withFile(async (open) => {
    const first = await open();
    await first.outcome("CREATE TABLE t (id serial, v int)");
    await first.outcome("INSERT INTO t (v) VALUES (1), (2)");
    first.close();
    const second = await open();
    assert.equal(await second.outcome("INSERT INTO t (v) VALUES (3) RETURNING id"), "3");
    assert.equal(await second.outcome("SELECT setval('t_id_seq', 10)"), "10");
    assert.equal(await second.outcome("INSERT INTO t (v) VALUES (4) RETURNING id"), "11");
    second.close();
  });
});

Deno.test("a table can be dropped and made again after the file was opened again, whether or not the owners were restored", async () => {
  for (const restores of [true, false]) {
    await withFile(async (open) => {
      const first = await open();
      await first.outcome("CREATE TABLE t (id serial, v int)");
      first.close();
      const second = await open();
      if (restores) {
        for (const [statement] of await second.run(ownershipQuery(database))) await second.run(String(statement));
      }
      assert.equal(await second.outcome("DROP TABLE t"), "ok");
      assert.deepEqual(await sequences(second), restores ? [] : ["t_id_seq"]);
      assert.equal(await second.outcome("CREATE TABLE t (id serial, v int)"), "ok");
      assert.equal(await second.outcome("INSERT INTO t (v) VALUES (1) RETURNING id"), "1");
      second.close();
    });
  }
});

Deno.test("ownershipQuery names the sequences of serial columns and no others", async () => {
  await withFile(async (open) => {
    const workspace = await open();
    await workspace.outcome("CREATE SCHEMA s");
    await workspace.outcome('CREATE TABLE s."T t" (id serial)');
    await workspace.outcome("CREATE TABLE t (id serial)");
    await workspace.outcome("CREATE SEQUENCE own");
    await workspace.outcome("CREATE TABLE u (id int DEFAULT nextval('own'))");
    await workspace.outcome("CREATE SEQUENCE u_id_seq");
    const statements = (await workspace.run(ownershipQuery(database))).map(([statement]) => String(statement));
    assert.deepEqual(statements, [
      `ALTER SEQUENCE "${database}"."main"."t_id_seq" OWNED BY "main"."t"`,
      `ALTER SEQUENCE "${database}"."s"."T t_id_seq" OWNED BY "s"."T t"`,
    ]);
    for (const statement of statements) await workspace.run(statement);
    workspace.close();
  });
});
