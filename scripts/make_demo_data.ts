/**
 * Writes the demo's files, `demo/<bucket>/<table>.csv|parquet`, from `src/cli/demo_data.ts`. Run it when that module
 * changes: `deno run -A scripts/make_demo_data.ts`. A test compares the files with the module.
 */
import { DuckDBInstance } from "@duckdb/node-api";
import { type DemoTable, demoTables, writeCsvFile } from "../src/cli/demo_data.ts";

/** Writes one table's file; Parquet goes through DuckDB with one thread, so that its bytes are the same in every run. */
export async function writeDemoFile(table: DemoTable, path: string): Promise<void> {
  const csvPath = table.format === "csv" ? path : `${path}.csv`;
  await writeCsvFile(table, csvPath);
  if (table.format === "csv") return;
  const instance = await DuckDBInstance.create(":memory:", { threads: "1" });
  const connection = await instance.connect();
  const types = table.columns.map((column) => `'${column.name}': '${column.type}'`).join(", ");
  await connection.run(
    `COPY (SELECT * FROM read_csv(${literal(csvPath)}, header = true, columns = {${types}}))
     TO ${literal(path)} (FORMAT parquet, COMPRESSION zstd)`,
  );
  connection.closeSync();
  instance.closeSync();
  await Deno.remove(csvPath);
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

if (import.meta.main) {
  for (const table of demoTables) {
    if (table.fileName === null) continue;
    const url = new URL(`../demo/${table.fileName}`, import.meta.url);
    await Deno.mkdir(new URL(".", url), { recursive: true });
    await writeDemoFile(table, url.pathname);
    console.log(`${table.fileName}: ${table.rowCount} rows, ${(await Deno.stat(url)).size} bytes`);
  }
}
