/**
 * A process that `metadata_crash_test.ts` kills: `commit DATA_DIR` commits pairs of rows for ever and prints each
 * acknowledged number, `migrate DATA_DIR` runs a migration that takes long, `hold DATA_DIR` just keeps the store open.
 */
import { migrateUp } from "../../src/metadata/migrations/migrations.ts";
import type { Migration } from "../../src/metadata/migrations/index.ts";
import { openMetadataPool } from "../../src/metadata/pool/pool.ts";
import { silentLogger, writeStdout } from "../../src/observability/log.ts";

const [mode, dataDir] = Deno.args;
const pool = await openMetadataPool({ dataDir: dataDir ?? "", queryTimeoutMs: 0 });

if (mode === "commit") {
  await pool.execute("CREATE TABLE IF NOT EXISTS numbers (n INTEGER PRIMARY KEY, text VARCHAR)");
  await pool.execute("CREATE TABLE IF NOT EXISTS twins (n INTEGER)");
  const [row] = await pool.query<{ n: number }>("SELECT coalesce(max(n), 0) AS n FROM numbers");
  for (let n = (row?.n ?? 0) + 1;; n++) {
    await pool.withTransaction(async (transaction) => {
      await transaction.execute("INSERT INTO numbers VALUES ($1, repeat('x', 2000))", [n]);
      await transaction.execute("INSERT INTO twins VALUES ($1)", [n]);
    });
    writeStdout(String(n));
    if (n % 10 === 0) await pool.execute("CHECKPOINT");
  }
} else if (mode === "migrate") {
  writeStdout("started");
  const slow: Migration = {
    version: 1,
    name: "slow",
    up: "CREATE TABLE early (n INTEGER); INSERT INTO early VALUES (1); SELECT count(*) FROM range(100000000000);",
    down: "DROP TABLE early;",
  };
  await migrateUp(pool, silentLogger, undefined, [slow]);
} else {
  writeStdout("open");
  await new Promise((resolve) => setTimeout(resolve, 600_000));
}
