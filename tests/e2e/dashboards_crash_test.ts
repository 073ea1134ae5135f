/** `kill -9` in the middle of saves loses no acknowledged dashboard and leaves no half of one. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { MetadataResourceStore } from "../../src/metadata/dashboards/resource_store.ts";
import { openMetadataPool } from "../../src/metadata/pool/pool.ts";
import { runUntilKilled } from "../support/crashing_child.ts";
import { ProjectChanges } from "../../src/metadata/storage/shared.ts";

const childPath = fileURLToPath(new URL("./dashboards_crash_child.ts", import.meta.url));

Deno.test("after kill -9 every acknowledged save is there with its history, and each present document is whole", async () => {
  const dataDir = await Deno.makeTempDir({ prefix: "eider_crash_" });
  try {
    const acknowledged = new Map<string, number>();
    for (const lineCount of [10, 47, 101]) {
      for (const line of await runUntilKilled(childPath, [dataDir], lineCount)) {
        const [name = "", version] = line.split(" ");
        acknowledged.set(name, Number(version));
      }
      const pool = await openMetadataPool({ dataDir });
      const warnings: string[] = [];
      const log = { warn: (message: string) => warnings.push(message) };
      const store = new MetadataResourceStore(pool, new ProjectChanges(pool), log);
      const stored = new Map(
        (await store.list({ kind: "Dashboard", project: "p" })).map((resource) => [resource.metadata.name, resource]),
      );
      const histories = await pool.query(
        `SELECT d.name, d.version, count(v.id) AS kept, min(v.version) AS oldest, max(v.version) AS newest
         FROM dashboard d LEFT JOIN dashboard_version v ON v.dashboard_id = d.id GROUP BY ALL`,
      );
      const [orphans] = await pool.query(
        "SELECT count(*) AS n FROM dashboard_version WHERE dashboard_id NOT IN (SELECT id FROM dashboard)",
      );
      await pool.close();
      assert.deepEqual(warnings, []);
      for (const [name, version] of acknowledged) {
        const found = stored.get(name)?.metadata.version ?? -1;
        assert.ok(found === version || found === version + 1, `${name}: ${found} stored, ${version} acknowledged`);
      }
      for (const { metadata, spec } of stored.values()) {
        assert.deepEqual(spec["display"], { name: String(metadata.version) });
        assert.equal((spec["text"] as unknown[]).length, 400);
      }
      for (const { name, version, kept, oldest, newest } of histories) {
        assert.equal(newest, version, String(name));
        assert.equal(Number(kept), Number(newest) - Number(oldest) + 1, String(name));
        assert.equal(oldest, Math.max(0, Number(version) - 49), String(name));
      }
      assert.deepEqual(orphans, { n: 0 });
    }
    assert.ok((acknowledged.get("a") ?? 0) > 40);
  } finally {
    await Deno.remove(dataDir, { recursive: true });
  }
});
