/**
 * Migrations with rows in the tables: every number up and down again, and what the older numbers hold is untouched and
 * works afterwards.
 */
import assert from "node:assert/strict";
import { silentLogger } from "../../observability/log.ts";
import { migrateDown, migrateUp } from "./migrations.ts";
import { migrations } from "./index.ts";
import { openMetadataPool } from "../pool/pool.ts";
import type { MetadataPool } from "../types.ts";

const time = "'2026-01-02T03:04:05.000000000Z'";

/**
 * By migration number, one row of each of its tables; `#` is a number that makes its keys another's. A table that a later migration adds
 * columns to is named with the columns that it has here.
 */
const samples: Readonly<Record<number, Readonly<Record<string, string>>>> = {
  1: { server_settings: "'key #', 'value', now()" },
  2: {
    projects: "'p#', 'name', now()",
    project_keys: "'k#', 'p#', 'name', 'admin', 'hash #', now()",
    branches: "'p#', 'b', 'name', now()",
    buckets: "'p#', '', 'in_c_s', 'in.c-s', NULL, now()",
    project_tables: "'p#', '', 'in_c_s.t', 'in.c-s.t', 'in.c-s', 'in_c_s', 't', 1, now(), now()",
    table_version_counters: "'p#', '', 'in_c_s.t', 1",
    table_versions: "'p#', '', 'in_c_s.t', 1, 'file', 1, 1, '[]', '[]', 'create', now()",
    deleted_folders: "'p#', 'folder'",
  },
  3: {
    [
      "workspaces (id, project_id, branch_id, name, state, created_at, expires_at, size_limit_gb, memory_limit_bytes, " +
      "max_result_rows, max_result_bytes, size_bytes)"
    ]: "'w#', 'p#', NULL, 'name', 'ready', now(), now(), 1.5, NULL, NULL, NULL, 0",
    workspace_credentials: "'u#', 'w#', 'verifier', now(), now()",
    pg_sessions: "'s#', 'w#', 'p#', 'u#', '::1', 'psql', true, now(), now(), NULL, NULL, 0, 0, 0",
  },
  4: {
    dashboard: `nextval('dashboard_id'), 'p#', 'd', 'p#/d', 'active', NULL, ${time}, 'admin', 0, 1, ${time}, 'admin',
      ${time}, 'admin', 'T', NULL, NULL, 't', '', NULL, NULL`,
    [
      "dashboard_version (id, dashboard_id, project_id, version, created_at, created_by, origin, message, tags, " +
      "size_bytes, document)"
    ]: `nextval('dashboard_version_id'), #, 'p#', 0, ${time}, 'admin', 'create', NULL, NULL, 2, '{}'`,
    ephemeral_dashboard: `'p#/e', 'p#', 'e', 0, ${time}, ${time}, 'admin', NULL, '{}', 1000, '2027-01-01'`,
    datasource: `'p#/s', 'p#', 's', 0, ${time}, ${time}, 'admin', NULL, '{}', NULL`,
    variable: `'/v#', '', 'v#', 0, ${time}, ${time}, 'admin', NULL, '{}', NULL`,
    folder: `'p#/f', 'p#', 'f', 0, ${time}, ${time}, 'admin', NULL, '{}', 'a.yaml'`,
    dashboard_template:
      `'p#/t', 'p#', 't', 'T', NULL, NULL, '[]', '{}', 0, ${time}, 'admin', ${time}, 'admin', 0, NULL`,
    dashboard_template_use: `'/t', 'p#', ${time}`,
  },
  5: {
    share_token: "'s#', 'hash #', 'p#', 'd', '', 'label', now(), 'admin', NULL, NULL, 0, '[]', '{}', NULL, NULL",
    user_preferences: "'u#', 'dark', NULL, NULL, '[]', '[]', now()",
  },
  // Columns of workspaces.
  6: {},
  7: { project_details: `'p#', ${time}, 0, NULL, '{}'` },
  8: {
    dashboard_state_change:
      `nextval('dashboard_state_change_id'), #, 'p#', 0, ${time}, 'admin', 'done', 'active', 'archived'`,
  },
};
const sampledMax = migrations.length;

async function insertSamples(pool: MetadataPool, version: number, n: number): Promise<void> {
  for (const [table, values] of Object.entries(samples[version] ?? {})) {
    await pool.execute(`INSERT INTO ${table} VALUES (${values.replaceAll("#", String(n))})`);
  }
}

/** All rows of the tables of migrations 1 to `version`, as text. */
async function contents(pool: MetadataPool, version: number): Promise<Record<string, unknown>> {
  const all: Record<string, unknown> = {};
  for (let number = 1; number <= version; number++) {
    for (const table of Object.keys(samples[number] ?? {})) {
      const [, name = "", columns = "COLUMNS(*)"] = /^(\w+)(?: \((.*)\))?$/.exec(table) ?? [];
      all[name] = await pool.query(
        `SELECT CAST(row AS VARCHAR) AS text FROM (SELECT ${columns} FROM ${name}) AS row ORDER BY 1`,
      );
    }
  }
  return all;
}

async function tablesOf(pool: MetadataPool): Promise<string[]> {
  const rows = await pool.query(
    "SELECT table_name FROM duckdb_tables() WHERE table_name <> 'schema_version' ORDER BY 1",
  );
  return rows.map((row) => String(row["table_name"]));
}

Deno.test("the samples have a row for every table of their migrations", async () => {
  const dataDir = await Deno.makeTempDir();
  const pool = await openMetadataPool({ dataDir });
  await migrateUp(pool, silentLogger, sampledMax);
  const sampled = Object.values(samples).flatMap((tables) => Object.keys(tables)).map((table) =>
    table.replace(/ .*/, "")
  );
  assert.deepEqual(await tablesOf(pool), sampled.sort());
  await pool.close();
  await Deno.remove(dataDir, { recursive: true });
});

for (let version = 1; version <= sampledMax; version++) {
  const name = migrations[version - 1]?.name;
  Deno.test(`migration ${version} (${name}) goes down and up again with rows in all tables, and the older ones stay and work`, async () => {
    const dataDir = await Deno.makeTempDir();
    let pool = await openMetadataPool({ dataDir });
    try {
      for (let number = 1; number <= version; number++) {
        await migrateUp(pool, silentLogger, number);
        await insertSamples(pool, number, 1);
      }
      const tables = await tablesOf(pool);
      const before = await contents(pool, version - 1);
      await migrateDown(pool, silentLogger, version - 1);
      assert.deepEqual(await contents(pool, version - 1), before);
      for (let number = 1; number < version; number++) await insertSamples(pool, number, 2);
      // The file itself must hold it, not only this process.
      await pool.close();
      pool = await openMetadataPool({ dataDir });
      const older = await contents(pool, version - 1);
      for (const [table, rows] of Object.entries(older)) assert.equal((rows as unknown[]).length, 2, table);
      await migrateUp(pool, silentLogger, version);
      assert.deepEqual(await tablesOf(pool), tables);
      assert.deepEqual(await contents(pool, version - 1), older);
      await insertSamples(pool, version, 1);
    } finally {
      await pool.close();
      await Deno.remove(dataDir, { recursive: true });
    }
  });
}

Deno.test("the schema itself refuses states, versions, times and names that cannot be", async () => {
  const dataDir = await Deno.makeTempDir();
  const pool = await openMetadataPool({ dataDir });
  try {
    await migrateUp(pool, silentLogger, 4);
    await insertSamples(pool, 4, 1);
    const refused = [
      "UPDATE dashboard SET state = 'gone'",
      "UPDATE dashboard SET state = 'deleted'",
      "UPDATE dashboard SET live_key = 'p1/other'",
      "UPDATE dashboard SET version = -1",
      "UPDATE dashboard SET updated_at = '2020'",
      "UPDATE ephemeral_dashboard SET ttl_ms = 0",
      "UPDATE ephemeral_dashboard SET expires_at = updated_at",
      "UPDATE folder SET project_id = '', resource_key = '/f'",
      "UPDATE datasource SET resource_key = 'p2/s'",
      "UPDATE dashboard_template SET usage_count = -1",
      "UPDATE dashboard_template SET document = NULL",
    ];
    for (const sql of refused) await assert.rejects(pool.execute(sql), /constraint failed|check/i, sql);
    await assert.rejects(
      pool.execute(`INSERT INTO dashboard SELECT * REPLACE (nextval('dashboard_id') AS id) FROM dashboard`),
      /unique/i,
    );
    await pool.execute("UPDATE dashboard SET state = 'deleted', state_before = 'active', live_key = NULL");
  } finally {
    await pool.close();
    await Deno.remove(dataDir, { recursive: true });
  }
});
