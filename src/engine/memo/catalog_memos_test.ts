import { deepEqual } from "node:assert/strict";
import duckdb from "@duckdb/node-bindings";
import type { LookupMemo, RowsMemo } from "../../sql/catalog/memo/types.ts";
import { rows } from "../duckdb.ts";
import { CatalogMemos } from "./catalog_memos.ts";
import { registerMemoTableFunction } from "./memo_table_function.ts";

const sharedProcess = -1;
const columns = [{ name: "number", type: "BIGINT" }];
/** Another number at each reading. */
const numbers: RowsMemo = {
  kind: "rows",
  key: "numbers",
  columns,
  changes: "definitions",
  sql: "SELECT nextval('turn') AS number",
};
const copies: RowsMemo = {
  kind: "rows",
  key: "copies",
  columns,
  changes: "definitions",
  sql: `SELECT number FROM __eider_memo(${sharedProcess}, 'numbers')`,
};

Deno.test("rows that are made of older ones are as old as those, whatever is committed between both readings", async () => {
  const instance = await duckdb.open(":memory:");
  const connection = await duckdb.connect(instance);
  const memos = new CatalogMemos(
    () => "ws",
    () => Promise.resolve({ connection, processId: sharedProcess, close: () => {} }),
  );
  registerMemoTableFunction(
    connection,
    new Map([[numbers.key, numbers], [copies.key, copies]]),
    (processId, key) => memos.rowsOf(processId, key),
  );
  await rows(connection, "CREATE SEQUENCE turn");
  let committed = false;
  const between: LookupMemo<null> = {
    kind: "lookup",
    key: "between",
    changes: "definitions",
    sql: "SELECT 1",
    build: () => {
      if (!committed) memos.changed("definitions");
      committed = true;
      return null;
    },
  };
  const read = async (processId: number) => {
    await memos.ensure([numbers, between, copies], { processId, username: "u", connection, ownState: null });
    return await rows(
      connection,
      `SELECT (SELECT number FROM __eider_memo(${processId}, 'numbers')), (SELECT number FROM __eider_memo(${processId}, 'copies'))`,
    );
  };
  deepEqual(await read(1), [["1", "1"]]);
  // Somebody else's next statement, after the change: it must see it in both.
  deepEqual(await read(2), [["2", "2"]]);
  deepEqual(await read(1), [["2", "2"]]);
  await memos.close();
  duckdb.disconnect_sync(connection);
  duckdb.close_sync(instance);
});
