/** Projects, their keys and branches in the metadata store (migration 002). */
import { AppError } from "../../errors/app_error.ts";
import { type Page, pageOf, type PageRequest } from "../../storage/page.ts";
import type { Branch, Project, ProjectKey, ProjectRepository, Scope } from "../../storage/types.ts";
import { dashboardTablesOfProjects } from "../dashboards/rows.ts";
import { ProjectChanges, requireScope, toBranch, toKey, toProject } from "./shared.ts";
import type { MetadataConnection, MetadataPool } from "../types.ts";

const scopedTables = ["buckets", "project_tables", "table_version_counters", "table_versions"] as const;

/** `ProjectRepository` over the metadata pool. Shares `changes` with the table repository. */
export class MetadataProjectRepository implements ProjectRepository {
  constructor(private readonly pool: MetadataPool, private readonly changes: ProjectChanges) {}

  insertProject(project: Project, key: ProjectKey, keyHash: string): Promise<void> {
    return this.changes.transaction(project.id, async (transaction) => {
      const leftovers = await transaction.query(
        "SELECT 1 AS found FROM deleted_folders WHERE project_id = $1 LIMIT 1",
        [
          project.id,
        ],
      );
      if (leftovers.length > 0) {
        throw new AppError("conflict", `project: "${project.id}" was deleted and its files are not all removed yet`);
      }
      await transaction.execute("INSERT INTO projects VALUES ($1, $2, CAST($3 AS TIMESTAMPTZ))", [
        project.id,
        project.name,
        project.createdAt,
      ]);
      await insertKeyRow(transaction, key, keyHash);
    });
  }

  async findProject(projectId: string): Promise<Project | null> {
    const [row] = await this.pool.query("SELECT id, name, created_at FROM projects WHERE id = $1", [projectId]);
    return row === undefined ? null : toProject(row);
  }

  async listProjects(page: PageRequest): Promise<Page<Project>> {
    const rows = await this.pool.query(
      "SELECT id, name, created_at FROM projects WHERE id > $1 ORDER BY id LIMIT $2",
      [page.after ?? "", page.limit + 1],
    );
    return pageOf(rows.map(toProject), page.limit, (project) => project.id);
  }

  async renameProject(projectId: string, name: string): Promise<boolean> {
    return await this.changes.transaction(
      projectId,
      (transaction) => transaction.execute("UPDATE projects SET name = $2 WHERE id = $1", [projectId, name]),
    ) > 0;
  }

  deleteProject(projectId: string, folderOf: (scope: Scope) => string): Promise<boolean> {
    return this.changes.transaction(projectId, async (transaction) => {
      const branches = await transaction.query("SELECT id FROM branches WHERE project_id = $1", [projectId]);
      if (await transaction.execute("DELETE FROM projects WHERE id = $1", [projectId]) === 0) return false;
      for (const branchId of [null, ...branches.map((row) => String(row["id"]))]) {
        await noteFolder(transaction, projectId, folderOf({ projectId, branchId }));
      }
      for (
        const table of ["project_keys", "branches", "project_details", ...scopedTables, ...dashboardTablesOfProjects]
      ) {
        await transaction.execute(`DELETE FROM ${table} WHERE project_id = $1`, [projectId]);
      }
      return true;
    });
  }

  insertKey(key: ProjectKey, keyHash: string): Promise<void> {
    return this.changes.transaction(key.projectId, async (transaction) => {
      await requireScope(transaction, { projectId: key.projectId, branchId: null });
      await insertKeyRow(transaction, key, keyHash);
    });
  }

  async findKeyByHash(keyHash: string): Promise<ProjectKey | null> {
    const [row] = await this.pool.query(
      "SELECT id, project_id, name, role, created_at FROM project_keys WHERE key_hash = $1",
      [keyHash],
    );
    return row === undefined ? null : toKey(row);
  }

  async listKeys(projectId: string, page: PageRequest): Promise<Page<ProjectKey>> {
    const rows = await this.pool.query(
      `SELECT id, project_id, name, role, created_at FROM project_keys
       WHERE project_id = $1 AND id > $2 ORDER BY id LIMIT $3`,
      [projectId, page.after ?? "", page.limit + 1],
    );
    return pageOf(rows.map(toKey), page.limit, (key) => key.id);
  }

  deleteKey(
    projectId: string,
    keyId: string,
    options: { keepLastAdmin: boolean },
  ): Promise<"deleted" | "not_found" | "last_admin"> {
    return this.changes.transaction(projectId, async (transaction) => {
      const [key] = await transaction.query("SELECT role FROM project_keys WHERE project_id = $1 AND id = $2", [
        projectId,
        keyId,
      ]);
      if (key === undefined) return "not_found";
      if (options.keepLastAdmin && key["role"] === "admin") {
        const others = await transaction.query(
          "SELECT 1 AS found FROM project_keys WHERE project_id = $1 AND role = 'admin' AND id <> $2 LIMIT 1",
          [projectId, keyId],
        );
        if (others.length === 0) return "last_admin";
      }
      await transaction.execute("DELETE FROM project_keys WHERE project_id = $1 AND id = $2", [projectId, keyId]);
      return "deleted";
    });
  }

  insertBranch(branch: Branch): Promise<void> {
    const { projectId, id } = branch;
    return this.changes.transaction(projectId, async (transaction) => {
      await requireScope(transaction, { projectId, branchId: null });
      await transaction.execute("INSERT INTO branches VALUES ($1, $2, $3, CAST($4 AS TIMESTAMPTZ))", [
        projectId,
        id,
        branch.name,
        branch.createdAt,
      ]);
      await transaction.execute(
        `INSERT INTO buckets SELECT project_id, $2, schema_name, id, description, created_at
         FROM buckets WHERE project_id = $1 AND branch_id = ''`,
        [projectId, id],
      );
      await transaction.execute(
        `INSERT INTO table_version_counters SELECT project_id, $2, table_key, last_version
         FROM table_version_counters WHERE project_id = $1 AND branch_id = ''`,
        [projectId, id],
      );
      await transaction.execute(
        `INSERT INTO table_versions
         SELECT v.project_id, $2, v.table_key, v.version, v.file_path, v.row_count, v.size_bytes, v.columns,
           v.primary_key, 'branch', v.created_at
         FROM table_versions v JOIN project_tables t
           ON t.project_id = v.project_id AND t.branch_id = v.branch_id AND t.table_key = v.table_key
             AND t.version = v.version
         WHERE v.project_id = $1 AND v.branch_id = ''`,
        [projectId, id],
      );
      await transaction.execute(
        `INSERT INTO project_tables
         SELECT project_id, $2, table_key, id, bucket_id, schema_name, name, version, created_at, updated_at
         FROM project_tables WHERE project_id = $1 AND branch_id = ''`,
        [projectId, id],
      );
    });
  }

  async findBranch(projectId: string, branchId: string): Promise<Branch | null> {
    const [row] = await this.pool.query(
      "SELECT id, project_id, name, created_at FROM branches WHERE project_id = $1 AND id = $2",
      [projectId, branchId],
    );
    return row === undefined ? null : toBranch(row);
  }

  async listBranches(projectId: string, page: PageRequest): Promise<Page<Branch>> {
    const rows = await this.pool.query(
      "SELECT id, project_id, name, created_at FROM branches WHERE project_id = $1 AND id > $2 ORDER BY id LIMIT $3",
      [projectId, page.after ?? "", page.limit + 1],
    );
    return pageOf(rows.map(toBranch), page.limit, (branch) => branch.id);
  }

  deleteBranch(projectId: string, branchId: string, folder: string): Promise<boolean> {
    return this.changes.transaction(projectId, async (transaction) => {
      const parameters = [projectId, branchId];
      const deleted = await transaction.execute("DELETE FROM branches WHERE project_id = $1 AND id = $2", parameters);
      if (deleted === 0) return false;
      for (const table of scopedTables) {
        await transaction.execute(`DELETE FROM ${table} WHERE project_id = $1 AND branch_id = $2`, parameters);
      }
      await noteFolder(transaction, projectId, folder);
      return true;
    });
  }
}

async function insertKeyRow(transaction: MetadataConnection, key: ProjectKey, keyHash: string): Promise<void> {
  await transaction.execute("INSERT INTO project_keys VALUES ($1, $2, $3, $4, $5, CAST($6 AS TIMESTAMPTZ))", [
    key.id,
    key.projectId,
    key.name,
    key.role,
    keyHash,
    key.createdAt,
  ]);
}

async function noteFolder(transaction: MetadataConnection, projectId: string, folder: string): Promise<void> {
  await transaction.execute("INSERT OR IGNORE INTO deleted_folders VALUES ($1, $2)", [projectId, folder]);
}
