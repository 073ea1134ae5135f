/** The metadata store survives `kill -9` at any moment, and belongs to one process. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { AppError } from "../../src/errors/app_error.ts";
import { migrateUp, migrationStatus } from "../../src/metadata/migrations/migrations.ts";
import { openMetadataPool } from "../../src/metadata/pool/pool.ts";
import { silentLogger } from "../../src/observability/log.ts";
import { runUntilKilled } from "../support/crashing_child.ts";

const childPath = fileURLToPath(new URL("./metadata_crash_child.ts", import.meta.url));

async function withDataDir(use: (dataDir: string) => Promise<void>): Promise<void> {
  const dataDir = await Deno.makeTempDir({ prefix: "eider_crash_" });
  try {
    await use(dataDir);
  } finally {
    await Deno.remove(dataDir, { recursive: true });
  }
}

Deno.test("after kill -9 every acknowledged commit is there, whole, and nothing else but the one under way", () =>
  withDataDir(async (dataDir) => {
    let acknowledged = 0;
    for (const lineCount of [7, 31, 53]) {
      const lines = await runUntilKilled(childPath, ["commit", dataDir], lineCount);
      acknowledged = Number(lines.at(-1));
      const pool = await openMetadataPool({ dataDir });
      const [numbers] = await pool.query<{ n: number; newest: number; bytes: number }>(
        "SELECT count(*) AS n, max(n) AS newest, sum(length(text)) AS bytes FROM numbers",
      );
      const twins = await pool.query("SELECT count(*) AS n, max(n) AS newest FROM twins");
      await pool.close();
      const newest = numbers?.newest ?? 0;
      assert.ok(
        newest === acknowledged || newest === acknowledged + 1,
        `${newest} stored, ${acknowledged} acknowledged`,
      );
      assert.deepEqual(numbers, { n: newest, newest, bytes: newest * 2000 });
      assert.deepEqual(twins, [{ n: newest, newest }], "both rows of a transaction or none");
    }
    assert.ok(acknowledged >= 7 + 31 + 53);
  }));

Deno.test("kill -9 in the middle of a migration leaves nothing of it, and the next start can migrate", () =>
  withDataDir(async (dataDir) => {
    await runUntilKilled(childPath, ["migrate", dataDir], 1);
    const pool = await openMetadataPool({ dataDir });
    assert.deepEqual(await pool.query("SELECT table_name FROM duckdb_tables()"), []);
    await migrateUp(pool, silentLogger);
    assert.ok((await migrationStatus(pool)).every(({ state }) => state === "applied"));
    await pool.close();
  }));

Deno.test("a second process on one data folder is refused with the folder and the owner's process", () =>
  withDataDir(async (dataDir) => {
    await runUntilKilled(childPath, ["hold", dataDir], 1, {
      beforeKill: async (processId) => {
        await assert.rejects(openMetadataPool({ dataDir }), (error) => {
          assert.ok(error instanceof AppError && error.kind === "metadata_unusable");
          assert.equal(
            error.message,
            `data_dir ${dataDir}: already in use by another process (PID ${processId}); stop that server or choose another folder`,
          );
          return true;
        });
      },
    });
    await (await openMetadataPool({ dataDir })).close();
  }));
