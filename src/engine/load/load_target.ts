/** The table that a COPY writes: its columns as DuckDB has them, and what may be left out of a row. */
import duckdb from "@duckdb/node-bindings";
import { type Connection, quoteLiteral, rows } from "../duckdb.ts";
import { translateEngineError } from "../engine_error.ts";

export interface TargetColumn {
  readonly name: string;
  readonly logicalType: duckdb.LogicalType;
}

/** All columns, generated ones too, in order. `table` is SQL. Throws `undefined_table` and the like. */
export async function columnsOf(connection: Connection, table: string): Promise<TargetColumn[]> {
  let statement: duckdb.PreparedStatement;
  try {
    statement = await duckdb.prepare(connection, `SELECT * FROM ${table}`);
  } catch (error) {
    throw translateEngineError(error);
  }
  try {
    return Array.from({ length: duckdb.prepared_statement_column_count(statement) }, (_, index) => ({
      name: duckdb.prepared_statement_column_name(statement, index),
      logicalType: duckdb.prepared_statement_column_logical_type(statement, index),
    }));
  } finally {
    duckdb.destroy_prepare_sync(statement);
  }
}

/** The names among `columns` that are generated from others, which an INSERT must not name. Throws what else it finds. */
export async function generatedColumns(
  connection: Connection,
  table: string,
  columns: readonly TargetColumn[],
): Promise<ReadonlySet<string>> {
  const refusal = async (names: readonly string[]): Promise<unknown> => {
    const list = names.map((name) => `"${name.replaceAll('"', '""')}"`).join(", ");
    const values = names.map(() => "NULL").join(", ");
    try {
      duckdb.destroy_prepare_sync(
        await duckdb.prepare(connection, `INSERT INTO ${table} (${list}) VALUES (${values})`),
      );
      return null;
    } catch (error) {
      return error;
    }
  };
  const isGenerated = (error: unknown): boolean => /generated column/i.test(String(error));
  const whole = await refusal(columns.map(({ name }) => name));
  if (whole === null) return new Set();
  if (!isGenerated(whole)) throw translateEngineError(whole);
  const generated = new Set<string>();
  for (const { name } of columns) if (isGenerated(await refusal([name]))) generated.add(name);
  return generated;
}

/** SQL of the columns' defaults, by name; a column without one is missing. */
export async function defaultsOf(connection: Connection, table: string): Promise<ReadonlyMap<string, string>> {
  const found = await rows(
    connection,
    `SELECT name, dflt_value FROM pragma_table_info(${quoteLiteral(table)}) WHERE dflt_value IS NOT NULL`,
  );
  return new Map(found.map(([name, value]) => [String(name), String(value)]));
}
