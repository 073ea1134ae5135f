/** What the two storage repositories share: serialised changes of a project, and the reading of rows. */
import { AppError } from "../../errors/app_error.ts";
import type { Branch, Column, Project, ProjectKey, Scope, TableVersion, VersionOrigin } from "../../storage/types.ts";
import type { MetadataConnection, MetadataPool, SqlRow } from "../types.ts";

/** How the project itself stands in `branch_id`. */
export function branchColumn(scope: Scope): string {
  return scope.branchId ?? "";
}

/**
 * Changes of one project, one after the other. DuckDB's snapshots do not notice that a bucket is added to a project which
 * another transaction deletes; the server is the only process that writes, so a queue in memory settles it. Its length is
 * bounded by the requests that wait for it.
 */
export class ProjectChanges {
  readonly #last = new Map<string, Promise<void>>();

  constructor(private readonly pool: MetadataPool) {}

  transaction<Result>(projectId: string, work: (transaction: MetadataConnection) => Promise<Result>): Promise<Result> {
    const before = this.#last.get(projectId) ?? Promise.resolve();
    const result = before.then(() => this.pool.withTransaction(work));
    const done: Promise<void> = result.then(() => {}, () => {}).then(() => {
      if (this.#last.get(projectId) === done) this.#last.delete(projectId);
    });
    this.#last.set(projectId, done);
    return result;
  }
}

/** Throws `not_found` when the project, or the branch, does not exist. */
export async function requireScope(connection: MetadataConnection, scope: Scope): Promise<void> {
  const projects = await connection.query("SELECT 1 AS found FROM projects WHERE id = $1", [scope.projectId]);
  if (projects.length === 0) throw new AppError("not_found", `project: "${scope.projectId}" does not exist`);
  if (scope.branchId === null) return;
  const branches = await connection.query("SELECT 1 AS found FROM branches WHERE project_id = $1 AND id = $2", [
    scope.projectId,
    scope.branchId,
  ]);
  if (branches.length === 0) throw new AppError("not_found", `branch: "${scope.branchId}" does not exist`);
}

export function toProject(row: SqlRow): Project {
  return { id: String(row["id"]), name: String(row["name"]), createdAt: String(row["created_at"]) };
}

export function toKey(row: SqlRow): ProjectKey {
  return {
    id: String(row["id"]),
    projectId: String(row["project_id"]),
    name: String(row["name"]),
    role: row["role"] === "admin" ? "admin" : "read",
    createdAt: String(row["created_at"]),
  };
}

export function toBranch(row: SqlRow): Branch {
  return {
    id: String(row["id"]),
    projectId: String(row["project_id"]),
    name: String(row["name"]),
    createdAt: String(row["created_at"]),
  };
}

/** Columns of `table_versions`, under these names. */
export const versionColumns =
  "v.version, v.file_path, v.row_count, v.size_bytes, v.columns, v.primary_key, v.origin, v.created_at AS version_created_at";

export function toVersion(row: SqlRow): TableVersion {
  return {
    version: Number(row["version"]),
    filePath: String(row["file_path"]),
    rows: Number(row["row_count"]),
    sizeBytes: Number(row["size_bytes"]),
    columns: JSON.parse(String(row["columns"])) as Column[],
    primaryKey: JSON.parse(String(row["primary_key"])) as string[],
    origin: row["origin"] as VersionOrigin,
    createdAt: String(row["version_created_at"]),
  };
}
