/** Buckets, tables and table versions in the metadata store (migration 002). */
import { AppError } from "../../errors/app_error.ts";
import { type Page, pageOf, type PageRequest } from "../../storage/page.ts";
import type {
  Bucket,
  Scope,
  Table,
  TableName,
  TableRepository,
  TableVersion,
  VersionRetention,
} from "../../storage/types.ts";
import { branchColumn, type ProjectChanges, requireScope, toVersion, versionColumns } from "./shared.ts";
import type { MetadataConnection, MetadataPool, SqlRow } from "../types.ts";

const ofScope = "project_id = $1 AND branch_id = $2";

const selectTable = `
  SELECT t.id, t.table_key, t.bucket_id, t.schema_name, t.name, t.created_at, t.updated_at, ${versionColumns}
  FROM project_tables t JOIN table_versions v
    ON v.project_id = t.project_id AND v.branch_id = t.branch_id AND v.table_key = t.table_key AND v.version = t.version
  WHERE t.project_id = $1 AND t.branch_id = $2`;

/** `TableRepository` over the metadata pool. Shares `changes` with the project repository. */
export class MetadataTableRepository implements TableRepository {
  constructor(private readonly pool: MetadataPool, private readonly changes: ProjectChanges) {}

  insertBucket(scope: Scope, bucket: Bucket): Promise<void> {
    return this.changes.transaction(scope.projectId, async (transaction) => {
      await requireScope(transaction, scope);
      await transaction.execute("INSERT INTO buckets VALUES ($1, $2, $3, $4, $5, CAST($6 AS TIMESTAMPTZ))", [
        ...scopeParameters(scope),
        bucket.schema,
        bucket.id,
        bucket.description,
        bucket.createdAt,
      ]);
    });
  }

  async findBucket(scope: Scope, bucketId: string): Promise<Bucket | null> {
    const [row] = await this.pool.query(`SELECT * FROM buckets WHERE ${ofScope} AND id = $3`, [
      ...scopeParameters(scope),
      bucketId,
    ]);
    return row === undefined ? null : toBucket(row);
  }

  async listBuckets(scope: Scope, page: PageRequest): Promise<Page<Bucket>> {
    const rows = await this.pool.query(`SELECT * FROM buckets WHERE ${ofScope} AND id > $3 ORDER BY id LIMIT $4`, [
      ...scopeParameters(scope),
      page.after ?? "",
      page.limit + 1,
    ]);
    return pageOf(rows.map(toBucket), page.limit, (bucket) => bucket.id);
  }

  async allBuckets(scope: Scope): Promise<Bucket[]> {
    const rows = await this.pool.query(`SELECT * FROM buckets WHERE ${ofScope} ORDER BY id`, scopeParameters(scope));
    return rows.map(toBucket);
  }

  deleteBucket(
    scope: Scope,
    bucketId: string,
    options: { withTables: boolean },
  ): Promise<"deleted" | "not_found" | "not_empty"> {
    const parameters = [...scopeParameters(scope), bucketId];
    return this.changes.transaction(scope.projectId, async (transaction) => {
      const tables = await transaction.query(
        `SELECT table_key FROM project_tables WHERE ${ofScope} AND bucket_id = $3`,
        parameters,
      );
      if (tables.length > 0 && !options.withTables) return "not_empty";
      if (await transaction.execute(`DELETE FROM buckets WHERE ${ofScope} AND id = $3`, parameters) === 0) {
        return "not_found";
      }
      for (const table of tables) await deleteTableRows(transaction, scope, String(table["table_key"]));
      return "deleted";
    });
  }

  async findTable(scope: Scope, tableKey: string): Promise<Table | null> {
    const [row] = await this.pool.query(`${selectTable} AND t.table_key = $3`, [...scopeParameters(scope), tableKey]);
    return row === undefined ? null : toTable(row);
  }

  async listTables(scope: Scope, page: PageRequest, bucketId: string | null): Promise<Page<Table>> {
    const rows = await this.pool.query(
      `${selectTable} AND t.id > $3 AND (CAST($5 AS VARCHAR) IS NULL OR t.bucket_id = $5) ORDER BY t.id LIMIT $4`,
      [...scopeParameters(scope), page.after ?? "", page.limit + 1, bucketId],
    );
    return pageOf(rows.map(toTable), page.limit, (table) => table.id);
  }

  async allTables(scope: Scope): Promise<Table[]> {
    return (await this.pool.query(`${selectTable} ORDER BY t.id`, scopeParameters(scope))).map(toTable);
  }

  deleteTable(scope: Scope, tableKey: string): Promise<boolean> {
    return this.changes.transaction(scope.projectId, (transaction) => deleteTableRows(transaction, scope, tableKey));
  }

  reserveVersion(scope: Scope, tableKey: string): Promise<number> {
    const parameters = [...scopeParameters(scope), tableKey];
    return this.changes.transaction(scope.projectId, async (transaction) => {
      await requireScope(transaction, scope);
      const [row] = await transaction.query(
        `SELECT last_version FROM table_version_counters WHERE ${ofScope} AND table_key = $3`,
        parameters,
      );
      if (row === undefined) {
        await transaction.execute("INSERT INTO table_version_counters VALUES ($1, $2, $3, 1)", parameters);
        return 1;
      }
      const version = Number(row["last_version"]) + 1;
      await transaction.execute(
        `UPDATE table_version_counters SET last_version = CAST($4 AS INTEGER) WHERE ${ofScope} AND table_key = $3`,
        [...parameters, version],
      );
      return version;
    });
  }

  publishVersion(
    scope: Scope,
    table: TableName,
    version: TableVersion,
    expect: "present" | "absent",
  ): Promise<void> {
    const parameters = scopeParameters(scope);
    return this.changes.transaction(scope.projectId, async (transaction) => {
      await requireScope(transaction, scope);
      const buckets = await transaction.query(`SELECT 1 AS found FROM buckets WHERE ${ofScope} AND id = $3`, [
        ...parameters,
        table.bucketId,
      ]);
      if (buckets.length === 0) throw new AppError("not_found", `bucket: "${table.bucketId}" does not exist`);
      const [present] = await transaction.query(
        `SELECT id FROM project_tables WHERE ${ofScope} AND table_key = $3`,
        [...parameters, table.key],
      );
      if (expect === "absent") {
        if (present !== undefined) throw new AppError("conflict", `table: "${String(present["id"])}" exists already`);
        await transaction.execute(
          `INSERT INTO project_tables
           VALUES ($1, $2, $3, $4, $5, $6, $7, CAST($8 AS INTEGER), CAST($9 AS TIMESTAMPTZ), CAST($9 AS TIMESTAMPTZ))`,
          [
            ...parameters,
            table.key,
            table.id,
            table.bucketId,
            table.schema,
            table.name,
            version.version,
            version.createdAt,
          ],
        );
      } else {
        if (present?.["id"] !== table.id) throw new AppError("not_found", `table: "${table.id}" does not exist`);
        await transaction.execute(
          `UPDATE project_tables SET version = CAST($4 AS INTEGER), updated_at = CAST($5 AS TIMESTAMPTZ)
           WHERE ${ofScope} AND table_key = $3`,
          [...parameters, table.key, version.version, version.createdAt],
        );
      }
      await transaction.execute(
        `INSERT INTO table_versions VALUES ($1, $2, $3, CAST($4 AS INTEGER), $5, CAST($6 AS BIGINT), CAST($7 AS BIGINT),
           $8, $9, $10, CAST($11 AS TIMESTAMPTZ))`,
        [
          ...parameters,
          table.key,
          version.version,
          version.filePath,
          version.rows,
          version.sizeBytes,
          JSON.stringify(version.columns),
          JSON.stringify(version.primaryKey),
          version.origin,
          version.createdAt,
        ],
      );
    });
  }

  async findVersion(scope: Scope, tableKey: string, version: number): Promise<TableVersion | null> {
    const [row] = await this.pool.query(
      `SELECT ${versionColumns} FROM table_versions v WHERE ${ofScope} AND table_key = $3 AND version = $4`,
      [...scopeParameters(scope), tableKey, version],
    );
    return row === undefined ? null : toVersion(row);
  }

  async listVersions(scope: Scope, tableKey: string, page: PageRequest): Promise<Page<TableVersion>> {
    const rows = await this.pool.query(
      `SELECT ${versionColumns} FROM table_versions v WHERE ${ofScope} AND table_key = $3 AND version < $4
       ORDER BY version DESC LIMIT $5`,
      [...scopeParameters(scope), tableKey, Number(page.after ?? Number.MAX_SAFE_INTEGER), page.limit + 1],
    );
    return pageOf(rows.map(toVersion), page.limit, (version) => String(version.version));
  }

  async pruneVersions(rule: VersionRetention): Promise<number> {
    const candidates = await this.pool.query(
      `SELECT project_id, branch_id, table_key, version FROM (
         SELECT v.project_id, v.branch_id, v.table_key, v.version, v.created_at,
           v.version = t.version AS is_current,
           row_number() OVER (PARTITION BY v.project_id, v.branch_id, v.table_key ORDER BY v.version DESC) AS age_rank
         FROM table_versions v JOIN project_tables t
           ON t.project_id = v.project_id AND t.branch_id = v.branch_id AND t.table_key = v.table_key)
       WHERE NOT is_current AND age_rank > $1 AND (created_at < CAST($2 AS TIMESTAMPTZ) OR age_rank > $3)`,
      [rule.keepCount, rule.keepSince, rule.keepMax],
    );
    let removed = 0;
    for (const row of candidates) {
      // Asked again inside of the transaction: a restore never moves a pointer back to an old number.
      removed += await this.changes.transaction(String(row["project_id"]), (transaction) =>
        transaction.execute(
          `DELETE FROM table_versions WHERE ${ofScope} AND table_key = $3 AND version = $4 AND NOT EXISTS (
             SELECT 1 FROM project_tables t WHERE t.project_id = $1 AND t.branch_id = $2 AND t.table_key = $3
               AND t.version = $4)`,
          [
            String(row["project_id"]),
            String(row["branch_id"]),
            String(row["table_key"]),
            Number(row["version"]),
          ],
        ));
    }
    return removed;
  }

  async referencedFiles(): Promise<Set<string>> {
    const rows = await this.pool.query("SELECT DISTINCT file_path FROM table_versions");
    return new Set(rows.map((row) => String(row["file_path"])));
  }

  async deletedFolders(): Promise<{ projectId: string; folder: string }[]> {
    const rows = await this.pool.query("SELECT project_id, folder FROM deleted_folders ORDER BY folder");
    return rows.map((row) => ({ projectId: String(row["project_id"]), folder: String(row["folder"]) }));
  }

  async forgetDeletedFolder(projectId: string, folder: string): Promise<void> {
    await this.changes.transaction(
      projectId,
      (transaction) =>
        transaction.execute("DELETE FROM deleted_folders WHERE project_id = $1 AND folder = $2", [projectId, folder]),
    );
  }

  async allScopes(): Promise<Scope[]> {
    const rows = await this.pool.query(
      "SELECT id AS project_id, NULL AS branch_id FROM projects UNION ALL SELECT project_id, id FROM branches",
    );
    return rows.map((row) => ({
      projectId: String(row["project_id"]),
      branchId: row["branch_id"] === null ? null : String(row["branch_id"]),
    }));
  }
}

function scopeParameters(scope: Scope): [string, string] {
  return [scope.projectId, branchColumn(scope)];
}

/** The counter of version numbers stays, so that a file name is never used twice. */
async function deleteTableRows(transaction: MetadataConnection, scope: Scope, tableKey: string): Promise<boolean> {
  const parameters = [...scopeParameters(scope), tableKey];
  const deleted = await transaction.execute(
    `DELETE FROM project_tables WHERE ${ofScope} AND table_key = $3`,
    parameters,
  );
  await transaction.execute(`DELETE FROM table_versions WHERE ${ofScope} AND table_key = $3`, parameters);
  return deleted > 0;
}

function toBucket(row: SqlRow): Bucket {
  return {
    id: String(row["id"]),
    schema: String(row["schema_name"]),
    description: row["description"] === null ? null : String(row["description"]),
    createdAt: String(row["created_at"]),
  };
}

function toTable(row: SqlRow): Table {
  return {
    id: String(row["id"]),
    key: String(row["table_key"]),
    bucketId: String(row["bucket_id"]),
    schema: String(row["schema_name"]),
    name: String(row["name"]),
    createdAt: String(row["created_at"]),
    updatedAt: String(row["updated_at"]),
    current: toVersion(row),
  };
}
