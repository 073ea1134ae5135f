import { deepEqual, equal } from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { csvPieces, demoBuckets, demoTables, orderCount } from "../src/cli/demo_data.ts";
import { writeDemoFile } from "./make_demo_data.ts";

Deno.test("the files in demo/ are those that the generator writes, byte for byte", async () => {
  const folder = await Deno.makeTempDir();
  try {
    for (const table of demoTables) {
      if (table.fileName === null) continue;
      const path = `${folder}/${table.name}.${table.format}`;
      await writeDemoFile(table, path);
      const committed = fileURLToPath(new URL(`../demo/${table.fileName}`, import.meta.url));
      deepEqual(await Deno.readFile(path), await Deno.readFile(committed), table.fileName);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("the demo has at least five tables in three buckets, CSV and Parquet, and a million orders", () => {
  equal(demoTables.length >= 5, true);
  deepEqual([...new Set(demoTables.map((table) => table.bucketId))].sort(), demoBuckets.map(({ id }) => id).sort());
  deepEqual([...new Set(demoTables.map((table) => table.format))].sort(), ["csv", "parquet"]);
  equal(orderCount, 1_000_000);
});

Deno.test("every row of the small tables has a value a column, and every key is unique", () => {
  for (const table of demoTables) {
    if (table.fileName === null) continue;
    const keyPositions = table.primaryKey.map((name) => table.columns.findIndex((column) => column.name === name));
    const keys = new Set<string>();
    let rowCount = 0;
    for (const row of table.rows()) {
      rowCount += 1;
      equal(row.length, table.columns.length, table.name);
      keys.add(keyPositions.map((position) => row[position]).join("|"));
    }
    equal(rowCount, table.rowCount, table.name);
    equal(keys.size, rowCount, table.name);
  }
});

Deno.test("csvPieces quotes what needs it and writes NULL as an empty field", () => {
  const [table] = demoTables;
  const text = [...csvPieces({
    ...table!,
    columns: [{ name: "a", type: "VARCHAR" }, { name: "b", type: "INTEGER" }],
    rows: () => [['x,"y"', 1], [null, null], ["line\nbreak", 2]],
  })].join("");
  equal(text, 'a,b\n"x,""y""",1\n,\n"line\nbreak",2\n');
});
