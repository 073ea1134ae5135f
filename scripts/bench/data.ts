/** The data that is streamed: six mixed columns, the same values in our server's table and in PostgreSQL's. */
import { DuckDBInstance } from "@duckdb/node-api";

/** Name, PostgreSQL's type, DuckDB expression over the row number `i`. */
export const streamColumns: readonly { readonly name: string; readonly type: string; readonly expression: string }[] = [
  { name: "id", type: "bigint", expression: "i::BIGINT * 7919" },
  { name: "price", type: "double precision", expression: "(hash(i) % 1000000) / 100.0::DOUBLE" },
  { name: "code", type: "varchar", expression: "'item_' || (i % 1000)" },
  { name: "note", type: "varchar", expression: "repeat('x', 50) || lpad(i::VARCHAR, 10, '0')" },
  { name: "created_at", type: "timestamp", expression: "TIMESTAMP '2024-01-01' + INTERVAL (i * 37) SECOND" },
  { name: "amount", type: "decimal(12, 2)", expression: "((hash(i + 1) % 100000000) / 100)::DECIMAL(12, 2)" },
];

/** Writes the rows to `<folder>/rows.parquet` and `<folder>/rows.csv`, in the order of `id`. */
export async function writeStreamFiles(folder: string, rowCount: number): Promise<{ parquet: string; csv: string }> {
  const parquet = `${folder}/rows.parquet`;
  const csv = `${folder}/rows.csv`;
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  const list = streamColumns.map(({ name, expression }) => `${expression} AS ${name}`).join(", ");
  await connection.run(`CREATE TABLE rows AS SELECT ${list} FROM range(${rowCount}) r(i)`);
  await connection.run(`COPY rows TO '${parquet}' (FORMAT parquet)`);
  await connection.run(`COPY rows TO '${csv}' (FORMAT csv, HEADER false)`);
  connection.closeSync();
  instance.closeSync();
  return { parquet, csv };
}
