/** EXPLAIN of a statement, which plans it and does not run it. */
import duckdb, { type PreparedStatement } from "@duckdb/node-bindings";
import type { PlanNode } from "../ipc/messages.ts";
import { type Connection, readRows } from "./duckdb.ts";
import { readPlan } from "./plan.ts";

/**
 * The plan of one statement of DuckDB's dialect; `bind` gives its parameters, numbered as in `text`. Throws DuckDB's own error, as when
 * the transaction is aborted.
 */
export async function explain(
  connection: Connection,
  text: string,
  bind: (native: PreparedStatement) => void,
): Promise<PlanNode | null> {
  const native = await duckdb.prepare(connection, `EXPLAIN (FORMAT json) ${text}`);
  try {
    bind(native);
    const [row] = await readRows(await duckdb.execute_prepared(native));
    const json = row?.[1] ?? null;
    return json === null ? null : readPlan(json);
  } finally {
    duckdb.destroy_prepare_sync(native);
  }
}
