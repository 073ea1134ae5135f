/**
 * Brings the metadata store's schema to a version, up or down, with the numbered files of this folder.
 *
 * `schema_version` has one row for each applied migration, with the checksums of both of its files. A migration and
 * its row are one transaction, so a crash leaves either both or none. One that cannot run in a transaction first
 * commits its row with the state `applying` (or `reverting`): a crash then leaves a half-applied migration behind, and
 * that is seen. Before anything is changed, all rows are compared with the known migrations; on any difference nothing
 * is changed and `metadata_unusable` is thrown.
 */
import { createHash } from "node:crypto";
import { AppError } from "../../errors/app_error.ts";
import type { Logger } from "../../observability/log.ts";
import { type Migration, migrations as knownMigrations } from "./index.ts";
import type { MetadataConnection, MetadataPool } from "../types.ts";

export type MigrationState =
  | "applied"
  | "pending"
  /** Started, outside of a transaction, and never finished. */
  | "half applied"
  /** Applied with other text than this program has. */
  | "changed"
  /** Applied by a newer program. */
  | "unknown";

export interface MigrationStatus {
  readonly version: number;
  readonly name: string;
  readonly state: MigrationState;
  /** RFC 3339; null for a pending one. */
  readonly appliedAt: string | null;
}

export interface MigrationOutcome {
  readonly from: number;
  readonly to: number;
}

interface AppliedRow {
  readonly version: number;
  readonly name: string;
  readonly checksum_up: string;
  readonly checksum_down: string;
  readonly state: string;
  readonly applied_at: string;
  readonly [column: string]: string | number;
}

const createVersionTable = `
  CREATE TABLE IF NOT EXISTS schema_version (
    version INTEGER NOT NULL,
    name VARCHAR NOT NULL,
    checksum_up VARCHAR NOT NULL,
    checksum_down VARCHAR NOT NULL,
    -- applied; or applying, reverting: interrupted half-way
    state VARCHAR NOT NULL,
    applied_at TIMESTAMPTZ NOT NULL
  )`;

const outsideTransaction = /^-- eider: no transaction\s*$/m;

/** Applies what is pending, up to and including version `target` (default: the newest). */
export async function migrateUp(
  pool: MetadataPool,
  logger: Logger,
  target?: number,
  migrations: readonly Migration[] = knownMigrations,
): Promise<MigrationOutcome> {
  const applied = await readApplied(pool);
  refuseUnusable(statusOf(applied, migrations));
  const from = applied.length;
  const to = checkTarget(target ?? Math.max(from, migrations.length), from, migrations.length, "up");
  for (const migration of migrations.slice(from, to)) {
    await runMigration(pool, migration, "up");
    logger.info("migration applied", { version: migration.version, name: migration.name });
  }
  if (to > from) await checkpoint(pool, logger);
  return { from, to };
}

/** Reverts the newest applied migrations, down to but without version `target` (default: one migration). */
export async function migrateDown(
  pool: MetadataPool,
  logger: Logger,
  target?: number,
  migrations: readonly Migration[] = knownMigrations,
): Promise<MigrationOutcome> {
  const applied = await readApplied(pool);
  refuseUnusable(statusOf(applied, migrations));
  const from = applied.length;
  const to = checkTarget(target ?? Math.max(0, from - 1), 0, from, "down");
  for (const migration of migrations.slice(to, from).reverse()) {
    await runMigration(pool, migration, "down");
    logger.info("migration reverted", { version: migration.version, name: migration.name });
  }
  if (to < from) await checkpoint(pool, logger);
  return { from, to };
}

/** All known and all applied migrations, in order. Changes nothing. */
export async function migrationStatus(
  pool: MetadataPool,
  migrations: readonly Migration[] = knownMigrations,
): Promise<MigrationStatus[]> {
  return statusOf(await readApplied(pool), migrations);
}

/** What `migrationStatus` gives for a store that does not exist yet. */
export function pendingStatus(migrations: readonly Migration[] = knownMigrations): MigrationStatus[] {
  return statusOf([], migrations);
}

/** Throws `metadata_unusable` for the first migration that is neither applied nor pending. */
export function refuseUnusable(statuses: readonly MigrationStatus[]): void {
  const known = statuses.filter((status) => status.state !== "unknown").length;
  const newest = statuses.at(-1);
  if (newest?.state === "unknown") {
    throw unusable(
      `schema version ${newest.version} (${newest.name}) is newer than this program, which knows versions up to ` +
        `${known}: start the newer program, or restore a backup`,
    );
  }
  for (const { version, name, state } of statuses) {
    if (state === "half applied") {
      throw unusable(
        `migration ${version} (${name}) was interrupted half-way and cannot be continued: restore a backup`,
      );
    }
    if (state === "changed") {
      throw unusable(
        `migration ${version} (${name}) was applied with other text than this program has: start the program that ` +
          `applied it, or restore the original migration files`,
      );
    }
  }
}

/** SHA-256, hex, of a migration's text; the same for both kinds of line ends. */
export function migrationChecksum(text: string): string {
  return createHash("sha256").update(text.replaceAll("\r\n", "\n")).digest("hex");
}

async function readApplied(pool: MetadataConnection): Promise<AppliedRow[]> {
  const tables = await pool.query<{ table_name: string }>("SELECT table_name FROM duckdb_tables() WHERE NOT internal");
  if (!tables.some((table) => table.table_name === "schema_version")) {
    if (tables.length === 0) return [];
    throw unusable(
      `it has tables (${tables.map((table) => table.table_name).sort().slice(0, 3).join(", ")}) but no ` +
        "schema_version: not a metadata store of this program",
    );
  }
  try {
    return await pool.query<AppliedRow>(
      "SELECT version, name, checksum_up, checksum_down, state, applied_at FROM schema_version ORDER BY version",
    );
  } catch (error) {
    throw new AppError("metadata_unusable", "metadata store: schema_version cannot be read", { cause: error });
  }
}

function statusOf(applied: readonly AppliedRow[], migrations: readonly Migration[]): MigrationStatus[] {
  for (const [index, row] of applied.entries()) {
    if (row.version !== index + 1) {
      throw unusable(`schema_version has ${row.version} (${row.name}) where version ${index + 1} is expected`);
    }
  }
  const count = Math.max(applied.length, migrations.length);
  return Array.from({ length: count }, (_, index) => {
    const row = applied[index];
    const migration = migrations[index];
    return {
      version: index + 1,
      name: row?.name ?? migration?.name ?? "",
      state: stateOf(row, migration),
      appliedAt: row?.applied_at ?? null,
    };
  });
}

function stateOf(row: AppliedRow | undefined, migration: Migration | undefined): MigrationState {
  if (!row) return "pending";
  if (!migration) return "unknown";
  if (row.state !== "applied") return "half applied";
  const unchanged = row.name === migration.name && row.checksum_up === migrationChecksum(migration.up) &&
    row.checksum_down === migrationChecksum(migration.down);
  return unchanged ? "applied" : "changed";
}

function checkTarget(target: number, min: number, max: number, direction: "up" | "down"): number {
  if (Number.isInteger(target) && target >= min && target <= max) return target;
  throw new AppError("invalid_request", `migrate ${direction}: ${target} is not a version from ${min} to ${max}`);
}

async function runMigration(pool: MetadataPool, migration: Migration, direction: "up" | "down"): Promise<void> {
  const script = direction === "up" ? migration.up : migration.down;
  const begin = (connection: MetadataConnection) => writeState(connection, migration, direction);
  const finish = (connection: MetadataConnection) =>
    direction === "up"
      ? connection.execute("UPDATE schema_version SET state = 'applied' WHERE version = $1", [migration.version])
      : connection.execute("DELETE FROM schema_version WHERE version = $1", [migration.version]);
  try {
    if (outsideTransaction.test(script.split("\n", 1)[0] ?? "")) {
      await pool.withTransaction(begin);
      await pool.execute(script);
      await finish(pool);
    } else {
      await pool.withTransaction(async (transaction) => {
        await begin(transaction);
        await transaction.execute(script);
        await finish(transaction);
      });
    }
  } catch (error) {
    const line = (error as Error).message.split("\n", 1)[0];
    throw new AppError(
      "metadata_unusable",
      `metadata store: migration ${migration.version} (${migration.name}) failed to ` +
        `${direction === "up" ? "apply" : "revert"} (${line})`,
      { cause: error },
    );
  }
}

async function writeState(
  connection: MetadataConnection,
  migration: Migration,
  direction: "up" | "down",
): Promise<void> {
  if (direction === "down") {
    await connection.execute("UPDATE schema_version SET state = 'reverting' WHERE version = $1", [migration.version]);
    return;
  }
  if (migration.version === 1) {
    // The table may be there already, empty: after a full way down.
    await connection.execute(createVersionTable);
  }
  await connection.execute(
    "INSERT INTO schema_version VALUES ($1, $2, $3, $4, 'applying', now())",
    [migration.version, migration.name, migrationChecksum(migration.up), migrationChecksum(migration.down)],
  );
}

/** Puts the new schema into the database file itself, so that a later crash replays changes of data only. */
async function checkpoint(pool: MetadataPool, logger: Logger): Promise<void> {
  try {
    await pool.execute("CHECKPOINT");
  } catch (error) {
    logger.warn("no checkpoint after the migrations", { error });
  }
}

function unusable(detail: string): AppError {
  return new AppError("metadata_unusable", `metadata store: ${detail}`);
}
