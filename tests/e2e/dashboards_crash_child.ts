/**
 * A process that `dashboards_crash_test.ts` kills: saves one dashboard again and again, and others of growing number, and
 * prints each save that was acknowledged as `<name> <version>`.
 */
import type { ResourceDocument } from "../../src/dashboards/types.ts";
import { MetadataResourceStore } from "../../src/metadata/dashboards/resource_store.ts";
import { migrateUp } from "../../src/metadata/migrations/migrations.ts";
import { openMetadataPool } from "../../src/metadata/pool/pool.ts";
import { ProjectChanges } from "../../src/metadata/storage/shared.ts";
import { silentLogger, writeStdout } from "../../src/observability/log.ts";

const pool = await openMetadataPool({ dataDir: Deno.args[0] ?? "" });
await migrateUp(pool, silentLogger);
await pool.execute("INSERT OR IGNORE INTO projects VALUES ('p', 'p', now())");
const store = new MetadataResourceStore(pool, new ProjectChanges(pool), silentLogger);

function document(name: string, version: number): ResourceDocument {
  // The document says which version it is, and is large enough for several pages of the write-ahead log.
  const text = Array.from({ length: 400 }, (_, index) => `panel ${index} of ${version} ${Math.random()}`);
  return { kind: "Dashboard", project: "p", name, tags: null, spec: { display: { name: String(version) }, text } };
}

async function save(name: string): Promise<void> {
  const change = { author: "admin", message: null, expectedVersion: null };
  const found = await store.find({ kind: "Dashboard", project: "p", name });
  const version = found === null ? 0 : found.metadata.version + 1;
  const saved = await store[found === null ? "create" : "update"](document(name, version), change);
  writeStdout(`${name} ${saved.metadata.version}`);
}

for (let count = 0;; count++) {
  await Promise.all([save("a"), save("b"), save(`new${crypto.randomUUID()}`)]);
  if (count % 7 === 0) await pool.execute("CHECKPOINT");
}
