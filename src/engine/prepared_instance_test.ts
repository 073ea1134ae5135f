import { deepEqual, equal, ok } from "node:assert/strict";
import duckdb from "@duckdb/node-bindings";
import { parseStatements } from "../sql/policy/mod.ts";
import { translate } from "../sql/translate/mod.ts";
import { rows, run } from "./duckdb.ts";
import { prepareInstance } from "./prepared_instance.ts";
import { identify } from "./session_identity.ts";

const question =
  "SELECT c.relname, pg_get_userbyid(c.relowner) AS owner FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace " +
  "WHERE n.nspname IN ('public', 'in_c_shop') AND pg_table_is_visible(c.oid) IS NOT NULL ORDER BY 1";
const column = { name: "id", type: "BIGINT", nullable: true };
const project = {
  schemas: ["in_c_shop"],
  tables: [{
    table_id: "in.c-shop.orders",
    version: 1,
    schema: "in_c_shop",
    name: "orders",
    file_path: "orders.duckdb",
    rows: 1,
    size_bytes: 1,
    primary_key: [],
    columns: [column],
  }],
};

/** What a workspace's session sees once the instance is its workspace's. */
async function answer(prepared: Awaited<ReturnType<typeof prepareInstance>>) {
  const { instance, catalog } = prepared;
  await catalog.adopt("ws_own", project);
  const connection = await duckdb.connect(instance);
  await run(connection, "ATTACH ':memory:' AS ws_own; CREATE TABLE ws_own.main.mine(a int)");
  await identify(connection, { username: "ada", database: "ws_own", backendProcessId: 7, version: "" });
  const text = translate(parseStatements(question)[0]!).texts[0];
  const before = catalog.clock;
  await catalog.install(text);
  const made = catalog.clock - before;
  await catalog.ensureMemos(text, { processId: 7, connection, ownState: null });
  const found = await rows(connection, text);
  duckdb.disconnect_sync(connection);
  await catalog.close();
  return { found, made };
}

Deno.test("a prepared instance has what usual questions need, and nothing of the workspace that it was prepared with", async () => {
  const { found, made } = await answer(await prepareInstance(() => true));
  deepEqual(found.map(([name]) => name), ["mine", "orders"]);
  equal(made, 0);
});

Deno.test("an instance that is wanted before it is prepared can be used", async () => {
  const { found, made } = await answer(await prepareInstance(() => false));
  deepEqual(found.map(([name]) => name), ["mine", "orders"]);
  ok(made > 0);
});
