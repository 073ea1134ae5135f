/**
 * `__eider_memo(process id, key)`: a table function that gives a session the kept rows of a relation of the emulated catalog. To plan a scan of it
 * takes a fraction of a millisecond, where the relation's own query takes 5 to 30.
 *
 * DuckDB's thread waits for this thread while a vector is filled, so nothing here waits for DuckDB.
 */
import "../../heartbeat.ts";
import duckdb, { type LogicalType } from "@duckdb/node-bindings";
import { memoTableFunction, type RowsMemo } from "../../sql/catalog/memo/types.ts";
import type { KeptRows } from "./kept_rows.ts";
import { logicalTypeOf } from "./logical_type.ts";

/** The rows of a memo as a session sees them; undefined when nobody has read them yet. */
export type RowsOf = (processId: number, key: string) => KeptRows | undefined;

/** For the whole instance. Before any session: a transaction that is open does not see it. */
export function registerMemoTableFunction(
  connection: duckdb.Connection,
  memos: ReadonlyMap<string, RowsMemo>,
  rowsOf: RowsOf,
): void {
  const columnsOf = new Map<string, readonly (readonly [name: string, type: LogicalType])[]>();
  const definition = duckdb.create_table_function();
  duckdb.table_function_set_name(definition, memoTableFunction);
  duckdb.table_function_add_parameter(definition, duckdb.create_logical_type(duckdb.Type.BIGINT));
  duckdb.table_function_add_parameter(definition, duckdb.create_logical_type(duckdb.Type.VARCHAR));
  duckdb.table_function_supports_projection_pushdown(definition, true);
  duckdb.table_function_set_bind(definition, (info) => {
    const processId = Number(duckdb.get_int64(duckdb.bind_get_parameter(info, 0)));
    const key = duckdb.get_varchar(duckdb.bind_get_parameter(info, 1));
    const memo = memos.get(key);
    if (memo === undefined) return duckdb.bind_set_error(info, `${memoTableFunction}: there is no ${key}`);
    let columns = columnsOf.get(key);
    if (columns === undefined) {
      columns = memo.columns.map(({ name, type }) => [name, logicalTypeOf(type)] as const);
      columnsOf.set(key, columns);
    }
    for (const [name, type] of columns) duckdb.bind_add_result_column(info, name, type);
    const known = rowsOf(processId, key);
    if (known !== undefined) duckdb.bind_set_cardinality(info, known.rowCount, false);
    duckdb.bind_set_bind_data(info, { processId, key });
  });
  duckdb.table_function_set_init(definition, (info) => {
    const { processId, key } = duckdb.init_get_bind_data(info) as { processId: number; key: string };
    // Asked anew by each execution of a plan.
    const rows = rowsOf(processId, key);
    if (rows === undefined) return duckdb.init_set_error(info, `${memoTableFunction}: ${key} was not read`);
    const columns = Array.from(
      { length: duckdb.init_get_column_count(info) },
      (_, index) => duckdb.init_get_column_index(info, index),
    );
    duckdb.init_set_max_threads(info, 1);
    duckdb.init_set_init_data(info, { rows, columns, next: 0 });
  });
  duckdb.table_function_set_function(definition, (info, chunk) => {
    const state = duckdb.function_get_init_data(info) as { rows: KeptRows; columns: number[]; next: number };
    const kept = state.rows.chunks[state.next++];
    if (kept === undefined) return duckdb.data_chunk_set_size(chunk, 0);
    // count(*) asks for a column that there is not.
    state.columns.forEach((column, index) => kept.columns[column]?.write(duckdb.data_chunk_get_vector(chunk, index)));
    duckdb.data_chunk_set_size(chunk, kept.rowCount);
  });
  duckdb.register_table_function(connection, definition);
}
