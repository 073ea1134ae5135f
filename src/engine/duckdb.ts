/**
 * The few calls on DuckDB's C interface that the engine's modules share. Results that go to clients never pass here: they
 * are encoded from raw vectors (`encode/`). These helpers are for control statements with small answers.
 */
import duckdb, { type Connection, type Result } from "@duckdb/node-bindings";
import { MessageWriter } from "../pgwire/codec/message_writer.ts";
import { columnTypeOf } from "./encode/column_type.ts";
import { createRowEncoder } from "./encode/row_encoder.ts";

export type { Connection };

/** Type, length and column count of a DataRow message. */
const dataRowHeaderBytes = 7;

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

/** Runs one statement and gives its rows, each value as PostgreSQL's text. For small answers only. */
export async function rows(connection: Connection, sql: string): Promise<(string | null)[][]> {
  return await readRows(await duckdb.query(connection, sql));
}

/** The rows of a result, each value as PostgreSQL's text. For small answers only. */
export async function readRows(result: Result): Promise<(string | null)[][]> {
  const types = Array.from(
    { length: duckdb.column_count(result) },
    (_, index) => columnTypeOf(duckdb.column_logical_type(result, index)),
  );
  const encoder = createRowEncoder(types, types.map(() => 0), { timeZone: "UTC", extraFloatDigits: 1 });
  const writer = new MessageWriter();
  const all: (string | null)[][] = [];
  for (;;) {
    const chunk = await duckdb.fetch_chunk(result);
    const rowCount = chunk === null ? 0 : duckdb.data_chunk_get_size(chunk);
    if (chunk === null || rowCount === 0) return all;
    encoder.encodeChunk(chunk, 0, rowCount, writer);
    const bytes = writer.take();
    all.push(...textsOf(bytes, types.length));
    writer.recycle(bytes);
  }
}

/** The values of DataRow messages, whose layout `encode/row_encoder.ts` tells. */
function textsOf(bytes: Uint8Array, columnCount: number): (string | null)[][] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const decoder = new TextDecoder();
  const texts: (string | null)[][] = [];
  for (let position = 0; position < bytes.length;) {
    position += dataRowHeaderBytes;
    const row: (string | null)[] = [];
    for (let column = 0; column < columnCount; column++) {
      const length = view.getInt32(position);
      position += 4;
      row.push(length < 0 ? null : decoder.decode(bytes.subarray(position, position + length)));
      position += Math.max(0, length);
    }
    texts.push(row);
  }
  return texts;
}
