/**
 * Throughput of result encoding: 1,000,000 rows of six mixed columns, fetched chunk by chunk from a DuckDB table and
 * encoded as DataRow messages, the next chunk being fetched while the present one is encoded. Also each column alone.
 *
 *   deno run -A scripts/bench_encode.ts [rows] [runs]
 */
import duckdb from "@duckdb/node-bindings";
import { columnTypeOf } from "../src/engine/encode/column_type.ts";
import { createRowEncoder, type Format } from "../src/engine/encode/row_encoder.ts";
import { MessageWriter } from "../src/pgwire/codec/message_writer.ts";

const rowCount = Number(Deno.args[0] ?? 1_000_000);
const runs = Number(Deno.args[1] ?? 5);

const columns: Readonly<Record<string, string>> = {
  id: "i::BIGINT * 7919",
  price: "(hash(i) % 1000000) / 100.0::DOUBLE",
  code: "'item_' || (i % 1000)",
  note: "repeat('x', 50) || lpad(i::VARCHAR, 10, '0')",
  created_at: "TIMESTAMP '2024-01-01' + INTERVAL (i * 37) SECOND",
  amount: "((hash(i + 1) % 100000000) / 100)::DECIMAL(12, 2)",
};

/** Beside the six: columns whose encoding is the slowest, each alone. */
const others: Readonly<Record<string, string>> = {
  ratio: "hash(i) / 3e19::DOUBLE",
  total: "sum(i) OVER (ORDER BY i ROWS 2 PRECEDING)",
  large: "(hash(i) // 2)::BIGINT",
  average: "((hash(i) % 100000000) / 7)::DECIMAL(38, 10)",
  zoned: "TIMESTAMPTZ '2024-01-01 00:00:00+00' + INTERVAL (i * 37) SECOND",
  day: "DATE '2020-01-01' + (i % 1500)::INTEGER",
  list: "[i, i + 1]",
  key: "uuid()",
};

interface Measurement {
  readonly totalMs: number;
  readonly encodeMs: number;
  readonly bytes: number;
}

async function run(connection: duckdb.Connection, sql: string, format: Format | null): Promise<Measurement> {
  const statement = await duckdb.prepare(connection, sql);
  const count = duckdb.prepared_statement_column_count(statement);
  const types = Array.from(
    { length: count },
    (_, index) => columnTypeOf(duckdb.prepared_statement_column_logical_type(statement, index)),
  );
  const encoder = createRowEncoder(types, types.map(() => format ?? 0), { timeZone: "UTC", extraFloatDigits: 1 });
  const writer = new MessageWriter(512 * 1024);
  let bytes = 0;
  let encodeMs = 0;
  const start = performance.now();
  const result = await duckdb.execute_prepared_streaming(statement);
  let next = duckdb.fetch_chunk(result);
  while (true) {
    const chunk = await next;
    const rows = chunk === null ? 0 : duckdb.data_chunk_get_size(chunk);
    if (chunk === null || rows === 0) break;
    next = duckdb.fetch_chunk(result);
    if (format === null) continue;
    const encodeStart = performance.now();
    bytes += encoder.encodeChunk(chunk, 0, rows, writer);
    encodeMs += performance.now() - encodeStart;
    writer.recycle(writer.take());
  }
  return { totalMs: performance.now() - start, encodeMs, bytes };
}

async function median(connection: duckdb.Connection, sql: string, format: Format | null): Promise<Measurement> {
  const all: Measurement[] = [];
  for (let index = 0; index < runs; index++) all.push(await run(connection, sql, format));
  all.sort((left, right) => left.totalMs - right.totalMs);
  return all[Math.floor(all.length / 2)]!;
}

function report(name: string, { totalMs, encodeMs, bytes }: Measurement): void {
  const rate = (ms: number) => (rowCount / ms / 1000).toFixed(2).padStart(6);
  const encode = encodeMs === 0 ? "" : `  encode alone ${rate(encodeMs)} M rows/s, ` +
    `${(encodeMs * 1e6 / rowCount).toFixed(0).padStart(4)} ns/row`;
  const volume = bytes === 0 ? "" : `  ${(bytes / totalMs / 1000).toFixed(0).padStart(5)} MB/s`;
  console.log(`${name.padEnd(22)} ${rate(totalMs)} M rows/s${volume}${encode}`);
}

const database = await duckdb.open(":memory:");
const connection = await duckdb.connect(database);
const list = Object.entries(columns).map(([name, expression]) => `${expression} AS ${name}`).join(", ");
await duckdb.query(connection, `CREATE TABLE bench AS SELECT ${list} FROM range(${rowCount}) r(i)`);

report("six, fetch only", await median(connection, "SELECT * FROM bench", null));
report("six, text", await median(connection, "SELECT * FROM bench", 0));
report("six, binary", await median(connection, "SELECT * FROM bench", 1));
for (const name of Object.keys(columns)) {
  report(`${name}, text`, await median(connection, `SELECT ${name} FROM bench`, 0));
  report(`${name}, binary`, await median(connection, `SELECT ${name} FROM bench`, 1));
}
for (const [name, expression] of Object.entries(others)) {
  await duckdb.query(connection, `CREATE TABLE other AS SELECT ${expression} AS ${name} FROM range(${rowCount}) r(i)`);
  report(`${name}, text`, await median(connection, `SELECT ${name} FROM other`, 0));
  report(`${name}, binary`, await median(connection, `SELECT ${name} FROM other`, 1));
  await duckdb.query(connection, "DROP TABLE other");
}
duckdb.disconnect_sync(connection);
duckdb.close_sync(database);
