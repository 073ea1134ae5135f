import assert from "node:assert/strict";
import { AppError } from "../../errors/app_error.ts";
import { createLogger, silentLogger } from "../../observability/log.ts";
import { migrateDown, migrateUp, migrationChecksum, migrationStatus } from "./migrations.ts";
import { type Migration, migrations as knownMigrations } from "./index.ts";
import { openMetadataPool } from "../pool/pool.ts";
import type { MetadataPool } from "../types.ts";

async function withPool(use: (pool: MetadataPool, dataDir: string) => Promise<void>): Promise<void> {
  const dataDir = await Deno.makeTempDir();
  const pool = await openMetadataPool({ dataDir });
  try {
    await use(pool, dataDir);
  } finally {
    await pool.close();
    await Deno.remove(dataDir, { recursive: true });
  }
}

const first: Migration = { version: 1, name: "first", up: "CREATE TABLE a (id INTEGER);", down: "DROP TABLE a;" };
const second: Migration = {
  version: 2,
  name: "second",
  up: "CREATE TABLE b (id INTEGER);\n-- two statements\nINSERT INTO b VALUES (1), (2);\n",
  down: "DROP TABLE b;",
};
const both = [first, second];

/** All there is: names of tables, and the rows of schema_version without its times. */
async function contents(pool: MetadataPool) {
  const tables = await pool.query<{ table_name: string }>("SELECT table_name FROM duckdb_tables() ORDER BY 1");
  const names = tables.map((table) => table.table_name);
  const versions = names.includes("schema_version")
    ? await pool.query("SELECT COLUMNS(name -> name <> 'applied_at') FROM schema_version ORDER BY 1")
    : [];
  return { names, versions };
}

async function refusedUnchanged(pool: MetadataPool, migrations: readonly Migration[], text: RegExp): Promise<void> {
  const before = await contents(pool);
  for (const run of [migrateUp, migrateDown]) {
    await assert.rejects(run(pool, silentLogger, undefined, migrations), (error) => {
      assert.ok(error instanceof AppError, String(error));
      assert.equal(error.kind, "metadata_unusable");
      assert.match(error.message, text);
      return true;
    });
  }
  assert.deepEqual(await contents(pool), before, "nothing changed");
}

Deno.test("the list of migrations is what the folder holds, numbered without a gap", async () => {
  const folder = new URL("./", import.meta.url);
  const files: string[] = [];
  for await (const entry of Deno.readDir(folder)) if (entry.name.endsWith(".sql")) files.push(entry.name);
  const listed: string[] = [];
  for (const [index, migration] of knownMigrations.entries()) {
    assert.equal(migration.version, index + 1, migration.name);
    const name = `${String(migration.version).padStart(3, "0")}_${migration.name}`;
    assert.equal(migration.up, await Deno.readTextFile(new URL(`${name}.up.sql`, folder)));
    assert.equal(migration.down, await Deno.readTextFile(new URL(`${name}.down.sql`, folder)));
    listed.push(`${name}.up.sql`, `${name}.down.sql`);
  }
  assert.deepEqual(files.sort(), listed.sort());
});

Deno.test("the program's own migrations go all the way up, down and up again", () =>
  withPool(async (pool) => {
    const newest = knownMigrations.length;
    assert.deepEqual(await migrateUp(pool, silentLogger), { from: 0, to: newest });
    const up = await contents(pool);
    assert.ok(up.names.includes("server_settings"));
    assert.deepEqual(await migrateDown(pool, silentLogger, 0), { from: newest, to: 0 });
    assert.deepEqual(await contents(pool), { names: ["schema_version"], versions: [] });
    await migrateUp(pool, silentLogger);
    assert.deepEqual(await contents(pool), up);
  }));

Deno.test("migrateUp applies what is pending, once, and says so", () =>
  withPool(async (pool) => {
    const lines: string[] = [];
    const logger = createLogger({ level: "info", format: "json", write: (line) => lines.push(line) });
    assert.deepEqual(await migrateUp(pool, logger, undefined, [first]), { from: 0, to: 1 });
    assert.deepEqual(await migrateUp(pool, logger, undefined, both), { from: 1, to: 2 });
    assert.deepEqual(await migrateUp(pool, logger, undefined, both), { from: 2, to: 2 });
    assert.deepEqual(lines.map((line) => (JSON.parse(line) as { version: number }).version), [1, 2]);
    assert.deepEqual(await pool.query("SELECT count(*) AS n FROM b"), [{ n: 2 }]);
    const { versions } = await contents(pool);
    assert.deepEqual(versions[1], {
      version: 2,
      name: "second",
      checksum_up: migrationChecksum(second.up),
      checksum_down: migrationChecksum(second.down),
      state: "applied",
    });
  }));

Deno.test("migrateUp and migrateDown stop at their target and refuse one out of range", () =>
  withPool(async (pool) => {
    assert.deepEqual(await migrateUp(pool, silentLogger, 1, both), { from: 0, to: 1 });
    await migrateUp(pool, silentLogger, 2, both);
    assert.deepEqual(await migrateDown(pool, silentLogger, undefined, both), { from: 2, to: 1 });
    assert.deepEqual((await contents(pool)).names, ["a", "schema_version"]);
    for (const target of [0, 3, 1.5, NaN]) {
      await assert.rejects(migrateUp(pool, silentLogger, target, both), /is not a version from 1 to 2$/);
    }
    await assert.rejects(migrateDown(pool, silentLogger, 2, both), /is not a version from 0 to 1$/);
    assert.deepEqual(await migrateDown(pool, silentLogger, 1, both), { from: 1, to: 1 });
  }));

Deno.test("migrationStatus names each migration's state and changes nothing", () =>
  withPool(async (pool) => {
    const states = async () =>
      (await migrationStatus(pool, both)).map(({ version, name, state }) => [version, name, state]);
    assert.deepEqual(await states(), [[1, "first", "pending"], [2, "second", "pending"]]);
    assert.deepEqual((await contents(pool)).names, []);
    await migrateUp(pool, silentLogger, 1, both);
    assert.deepEqual(await states(), [[1, "first", "applied"], [2, "second", "pending"]]);
    const [applied, pending] = await migrationStatus(pool, both);
    assert.match(applied?.appliedAt ?? "", /^\d{4}-\d\d-\d\dT.*Z$/);
    assert.equal(pending?.appliedAt, null);
    assert.deepEqual((await migrationStatus(pool, [])).map(({ state }) => state), ["unknown"]);
    assert.deepEqual((await migrationStatus(pool, [{ ...first, up: "x" }])).map(({ state }) => state), ["changed"]);
  }));

Deno.test("a migration that fails leaves nothing of itself, and the one before stays", () =>
  withPool(async (pool) => {
    const broken = { ...second, up: "CREATE TABLE b (id INTEGER); INSERT INTO nope VALUES (1);" };
    await assert.rejects(migrateUp(pool, silentLogger, undefined, [first, broken]), (error) => {
      assert.ok(error instanceof AppError && error.kind === "metadata_unusable");
      assert.match(error.message, /migration 2 \(second\) failed to apply \(Catalog Error: .*nope/);
      return true;
    });
    assert.deepEqual((await contents(pool)).names, ["a", "schema_version"]);
    assert.deepEqual(await migrateUp(pool, silentLogger, undefined, both), { from: 1, to: 2 });
  }));

Deno.test("a failing first migration leaves an empty store, which a later one can use", () =>
  withPool(async (pool) => {
    await assert.rejects(migrateUp(pool, silentLogger, undefined, [{ ...first, up: "SELECT * FROM nope" }]), AppError);
    assert.deepEqual((await contents(pool)).names, []);
    await migrateUp(pool, silentLogger, undefined, both);
  }));

Deno.test("an applied migration that changed, in either file or in its name, is refused", () =>
  withPool(async (pool) => {
    await migrateUp(pool, silentLogger, undefined, both);
    const changes: readonly Partial<Migration>[] = [{ up: first.up + " " }, { down: "" }, { name: "renamed" }];
    for (const change of changes) {
      await refusedUnchanged(
        pool,
        [{ ...first, ...change }, second],
        /migration 1 \(first\) was applied with other text/,
      );
    }
    const windows = { ...second, up: second.up.replaceAll("\n", "\r\n") };
    assert.deepEqual(await migrateUp(pool, silentLogger, undefined, [first, windows]), { from: 2, to: 2 });
  }));

Deno.test("a schema newer than the program knows is refused", () =>
  withPool(async (pool) => {
    await migrateUp(pool, silentLogger, undefined, both);
    await refusedUnchanged(pool, [first], /schema version 2 \(second\) is newer than this program.* up to 1:/);
  }));

Deno.test("a migration outside of a transaction that stopped half-way is seen and refused", () =>
  withPool(async (pool) => {
    const halting: Migration = {
      version: 2,
      name: "halting",
      up: "-- eider: no transaction\nCREATE TABLE b (id INTEGER);\nCHECKPOINT;\nSELECT * FROM nope;",
      down: "DROP TABLE b;",
    };
    await assert.rejects(migrateUp(pool, silentLogger, undefined, [first, halting]), /migration 2 .* failed to apply/);
    assert.deepEqual((await migrationStatus(pool, [first, halting])).map(({ state }) => state), [
      "applied",
      "half applied",
    ]);
    await refusedUnchanged(pool, [first, halting], /migration 2 \(halting\) was interrupted half-way/);
  }));

Deno.test("a migration outside of a transaction that ends well is applied", () =>
  withPool(async (pool) => {
    const plain: Migration = {
      version: 1,
      name: "plain",
      up: "-- eider: no transaction\nCREATE TABLE b (id INTEGER);\nCHECKPOINT;",
      down: "-- eider: no transaction\nDROP TABLE b;\nCHECKPOINT;",
    };
    await migrateUp(pool, silentLogger, undefined, [plain]);
    assert.deepEqual((await migrationStatus(pool, [plain])).map(({ state }) => state), ["applied"]);
    await migrateDown(pool, silentLogger, undefined, [plain]);
    assert.deepEqual(await contents(pool), { names: ["schema_version"], versions: [] });
  }));

Deno.test("schema_version with a gap, and tables without it, are refused", async () => {
  await withPool(async (pool) => {
    await migrateUp(pool, silentLogger, undefined, both);
    await pool.execute("DELETE FROM schema_version WHERE version = 1");
    await refusedUnchanged(pool, both, /schema_version has 2 \(second\) where version 1 is expected/);
  });
  await withPool(async (pool) => {
    await pool.execute("CREATE TABLE foreign_table (id INTEGER)");
    await refusedUnchanged(pool, both, /it has tables \(foreign_table\) but no schema_version/);
  });
  await withPool(async (pool) => {
    await pool.execute("CREATE TABLE schema_version (something INTEGER)");
    await refusedUnchanged(pool, both, /schema_version cannot be read/);
  });
});
