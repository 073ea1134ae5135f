/**
 * The few calls on DuckDB's C interface that the engine's modules share. Results that go to clients never pass here: they
 * are encoded from raw vectors (`encode/`). These helpers are for control statements with small answers.
 */
import duckdb, { type Connection } from "@duckdb/node-bindings";
import { DuckDBDataChunk, type DuckDBValue } from "@duckdb/node-api";

export type { Connection };

/** Quotes an identifier for SQL text. */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Quotes a string literal for SQL text. */
export function quoteLiteral(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** Runs one or more statements and drops their results. Throws DuckDB's own error. */
export async function run(connection: Connection, sql: string): Promise<void> {
  await duckdb.query(connection, sql);
}

/** Runs one statement and gives its rows as JavaScript values. For small answers only. */
export async function rows(connection: Connection, sql: string): Promise<DuckDBValue[][]> {
  const result = await duckdb.query(connection, sql);
  const all: DuckDBValue[][] = [];
  for (;;) {
    const chunk = await duckdb.fetch_chunk(result);
    if (chunk === null || duckdb.data_chunk_get_size(chunk) === 0) return all;
    for (const row of new DuckDBDataChunk(chunk).getRows()) all.push(row as DuckDBValue[]);
  }
}
