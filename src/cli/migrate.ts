/** `eider migrate up|down|status`: the metadata store's schema, of a stopped server. */
import { existsSync } from "node:fs";
import * as path from "node:path";
import type { Config } from "../config/config.ts";
import {
  migrateDown,
  migrateUp,
  type MigrationStatus,
  migrationStatus,
  pendingStatus,
} from "../metadata/migrations/migrations.ts";
import { metadataFileName, metadataPoolOptions, openMetadataPool } from "../metadata/pool/pool.ts";
import { silentLogger } from "../observability/log.ts";
import type { CliOutput } from "./output.ts";
import { UsageError } from "./usage_error.ts";

export async function migrate(
  config: Config,
  action: "up" | "down" | "status",
  to: string | undefined,
  output: CliOutput,
): Promise<number> {
  if (to !== undefined && (action === "status" || !/^\d{1,6}$/.test(to))) {
    throw new UsageError(
      `eider migrate ${action}: --to ${to}: accepted is a schema version, such as 1, with up and down`,
    );
  }
  const exists = existsSync(path.join(config.dataDir, metadataFileName));
  // Showing the status must not make a store where there is none.
  if (action === "status" && !exists) return printStatus(pendingStatus(), output);
  const pool = await openMetadataPool(metadataPoolOptions(config));
  try {
    if (action === "status") return printStatus(await migrationStatus(pool), output);
    const run = action === "up" ? migrateUp : migrateDown;
    const outcome = await run(pool, silentLogger, to === undefined ? undefined : Number(to));
    output.out(
      outcome.from === outcome.to
        ? `schema version ${outcome.to}: nothing to do`
        : `schema version ${outcome.from} -> ${outcome.to}`,
    );
    return 0;
  } finally {
    await pool.close();
  }
}

/** One line a migration; exit code 1 when the server would not start on this store. */
function printStatus(statuses: readonly MigrationStatus[], output: CliOutput): number {
  const nameWidth = Math.max(...statuses.map((status) => status.name.length));
  for (const { version, name, state, appliedAt } of statuses) {
    output.out(
      `${String(version).padStart(3, "0")}  ${name.padEnd(nameWidth)}  ${state}${appliedAt ? `  ${appliedAt}` : ""}`,
    );
  }
  return statuses.every(({ state }) => state === "applied" || state === "pending") ? 0 : 1;
}
