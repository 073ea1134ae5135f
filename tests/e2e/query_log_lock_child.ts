/** Holds a DuckDB file open, as another program would, until it is killed: `deno run -A query_log_lock_child.ts FILE`. */
import { DuckDBInstance } from "@duckdb/node-api";

const instance = await DuckDBInstance.create(Deno.args[0]!);
console.log("held");
setInterval(() => instance, 60_000);
