/**
 * A worker's two inner steps in this process, without any socket: fetching a table's chunks from DuckDB, and encoding them
 * as DataRow messages. The next chunk is fetched while the present one is encoded, as in a worker.
 */
import duckdb from "@duckdb/node-bindings";
import { columnTypeOf } from "../../src/engine/encode/column_type.ts";
import { createRowEncoder, type Format } from "../../src/engine/encode/row_encoder.ts";
import { MessageWriter } from "../../src/pgwire/codec/message_writer.ts";

export interface InProcessRun {
  readonly rowCount: number;
  readonly byteCount: number;
  readonly totalMs: number;
  /** Of it in the encoder, synchronously. */
  readonly encodeMs: number;
}

/** `format` null encodes nothing. `filePath` is a table version's file. */
export class InProcessTable {
  readonly #database: duckdb.Database;
  readonly #connection: duckdb.Connection;

  private constructor(database: duckdb.Database, connection: duckdb.Connection) {
    this.#database = database;
    this.#connection = connection;
  }

  static async open(filePath: string, threads: number): Promise<InProcessTable> {
    const database = await duckdb.open(":memory:");
    const connection = await duckdb.connect(database);
    await duckdb.query(connection, `SET threads = ${threads}`);
    await duckdb.query(connection, `ATTACH '${filePath.replaceAll("'", "''")}' AS source (READ_ONLY)`);
    return new InProcessTable(database, connection);
  }

  async run(format: Format | null): Promise<InProcessRun> {
    const statement = await duckdb.prepare(this.#connection, "SELECT * FROM source.main.data");
    const types = Array.from(
      { length: duckdb.prepared_statement_column_count(statement) },
      (_, index) => columnTypeOf(duckdb.prepared_statement_column_logical_type(statement, index)),
    );
    const encoder = createRowEncoder(types, types.map(() => format ?? 0), { timeZone: "UTC", extraFloatDigits: 1 });
    const writer = new MessageWriter(512 * 1024);
    let rowCount = 0;
    let byteCount = 0;
    let encodeMs = 0;
    const startMs = performance.now();
    const result = await duckdb.execute_prepared_streaming(statement);
    let next = duckdb.fetch_chunk(result);
    for (;;) {
      const chunk = await next;
      const rows = chunk === null ? 0 : duckdb.data_chunk_get_size(chunk);
      if (chunk === null || rows === 0) break;
      next = duckdb.fetch_chunk(result);
      rowCount += rows;
      if (format === null) continue;
      const encodeStartMs = performance.now();
      byteCount += encoder.encodeChunk(chunk, 0, rows, writer);
      encodeMs += performance.now() - encodeStartMs;
      writer.recycle(writer.take());
    }
    return { rowCount, byteCount, totalMs: performance.now() - startMs, encodeMs };
  }

  [Symbol.dispose](): void {
    duckdb.disconnect_sync(this.#connection);
    duckdb.close_sync(this.#database);
  }
}
