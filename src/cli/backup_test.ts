import assert from "node:assert/strict";
import { loadConfig } from "../config/load_config.ts";
import { AppError } from "../errors/app_error.ts";
import { migrateUp } from "../metadata/migrations/migrations.ts";
import { openMetadataPool } from "../metadata/pool/pool.ts";
import { silentLogger } from "../observability/log.ts";
import { backup } from "./backup.ts";
import { manifestSchema } from "./backup_files.ts";
import { restore } from "./restore.ts";

interface Place {
  readonly dataDir: string;
  readonly backupDir: string;
  readonly newDataDir: string;
}

/** A data folder with a store and some files, and the names of two folders that do not exist yet. */
async function withDataFolder(use: (place: Place) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  const dataDir = `${folder}/data`;
  try {
    const pool = await openMetadataPool({ dataDir });
    await migrateUp(pool, silentLogger, 1);
    await pool.execute("INSERT INTO server_settings VALUES ('greeting', 'hello', now())");
    await pool.close();
    await Deno.mkdir(`${dataDir}/project_1/in_c_sales`, { recursive: true });
    await Deno.writeFile(
      `${dataDir}/project_1/in_c_sales/orders.v1.duckdb`,
      crypto.getRandomValues(new Uint8Array(5000)),
    );
    await Deno.mkdir(`${dataDir}/project_1/_tmp/w1`, { recursive: true });
    await Deno.writeTextFile(`${dataDir}/project_1/_tmp/w1/spill`, "not kept");
    await Deno.mkdir(`${dataDir}/certs`);
    await Deno.writeTextFile(`${dataDir}/certs/server.key`, "key", { mode: 0o600 });
    await use({ dataDir, backupDir: `${folder}/backup`, newDataDir: `${folder}/new` });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const lines: string[] = [];
const output = { out: (text: string) => lines.push(text), err: (text: string) => lines.push(text) };
const configFor = (dataDir: string) => loadConfig({ flags: { data_dir: dataDir } });

function refuses(work: Promise<unknown>, text: RegExp): Promise<void> {
  return assert.rejects(work, (error) => {
    assert.ok(error instanceof AppError, String(error));
    assert.match(error.message, text);
    return true;
  });
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

Deno.test("a backup restored into a new folder is the same data, without temporary files", () =>
  withDataFolder(async ({ dataDir, backupDir, newDataDir }) => {
    assert.equal(await backup(configFor(dataDir), backupDir, output), 0);
    const manifest = manifestSchema.parse(JSON.parse(await Deno.readTextFile(`${backupDir}/manifest.json`)));
    assert.deepEqual(manifest.files.map((file) => file.path), [
      "certs/server.key",
      "project_1/in_c_sales/orders.v1.duckdb",
      "metadata.duckdb",
    ]);
    assert.equal(manifest.schema_version, 1);

    assert.equal(await restore(configFor(newDataDir), backupDir, output), 0);
    for (const { path } of manifest.files) {
      assert.deepEqual(await Deno.readFile(`${newDataDir}/${path}`), await Deno.readFile(`${dataDir}/${path}`), path);
    }
    assert.equal((await Deno.stat(`${newDataDir}/certs/server.key`)).mode! & 0o777, 0o600);
    const pool = await openMetadataPool({ dataDir: newDataDir });
    assert.deepEqual(await pool.query("SELECT key, value FROM server_settings"), [{ key: "greeting", value: "hello" }]);
    await pool.close();
    const original = await openMetadataPool({ dataDir });
    await original.close();
  }));

Deno.test("a backup is refused while a server uses the folder, and leaves nothing behind", () =>
  withDataFolder(async ({ dataDir, backupDir }) => {
    const pool = await openMetadataPool({ dataDir });
    await refuses(backup(configFor(dataDir), backupDir, output), /already in use by/);
    await pool.close();
    assert.equal(await exists(backupDir), false);
  }));

Deno.test("a backup goes only into an empty folder outside of the data folder, from one with data", () =>
  withDataFolder(async ({ dataDir, backupDir, newDataDir }) => {
    await refuses(backup(configFor(dataDir), `${dataDir}/backup`, output), /is inside of data_dir/);
    await refuses(backup(configFor(newDataDir), backupDir, output), /has no metadata\.duckdb/);
    assert.equal(await exists(newDataDir), false);
    await Deno.mkdir(backupDir);
    await Deno.writeTextFile(`${backupDir}/mine`, "");
    await refuses(backup(configFor(dataDir), backupDir, output), /is not empty/);
    await Deno.remove(`${backupDir}/mine`);
    await Deno.symlink("/etc", `${dataDir}/project_1/link`);
    await refuses(backup(configFor(dataDir), backupDir, output), /link: is a symbolic link/);
    assert.equal(await exists(`${backupDir}/manifest.json`), false, "not taken for a whole backup");
  }));

Deno.test("restore refuses a folder that is not empty, and one that is no backup", () =>
  withDataFolder(async ({ dataDir, backupDir, newDataDir }) => {
    await refuses(restore(configFor(newDataDir), backupDir, output), /is no folder/);
    await Deno.mkdir(backupDir);
    await refuses(restore(configFor(newDataDir), backupDir, output), /has no readable manifest\.json/);
    await backup(configFor(dataDir), backupDir, output);
    await refuses(restore(configFor(dataDir), backupDir, output), /data_dir .* is not empty/);
    const text = await Deno.readTextFile(`${backupDir}/manifest.json`);
    for (const path of ["../outside", "/etc/passwd", "a/../../b", "a\\\\b", ""]) {
      await Deno.writeTextFile(`${backupDir}/manifest.json`, text.replace("certs/server.key", path));
      await refuses(restore(configFor(newDataDir), backupDir, output), /is not one that this program writes/);
    }
    assert.equal(await exists(newDataDir), false);
  }));

Deno.test("restore refuses a damaged or missing file by name and writes nothing", () =>
  withDataFolder(async ({ dataDir, backupDir, newDataDir }) => {
    await backup(configFor(dataDir), backupDir, output);
    const file = `${backupDir}/data/project_1/in_c_sales/orders.v1.duckdb`;
    const bytes = await Deno.readFile(file);
    bytes[4000] = (bytes[4000] ?? 0) ^ 1;
    await Deno.writeFile(file, bytes);
    await refuses(restore(configFor(newDataDir), backupDir, output), /in_c_sales\/orders\.v1\.duckdb is damaged/);
    await Deno.remove(file);
    await refuses(restore(configFor(newDataDir), backupDir, output), /orders\.v1\.duckdb: .*[Nn]o such file/);
    assert.equal(await exists(newDataDir), false);
  }));
