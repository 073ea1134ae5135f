/**
 * Workspaces and their credentials in the metadata store (migration 003). Columns that may change are never indexed:
 * DuckDB turns an update of an indexed column into a delete and an insert, which conflicts with itself.
 */
import type { MetadataPool, SqlParameter, SqlRow } from "../types.ts";
import { limitNames } from "../../workspaces/limits.ts";
import type {
  WorkspaceChanges,
  WorkspaceListRequest,
  WorkspaceRecord,
  WorkspaceRepository,
  WorkspaceState,
  WorkspaceWithVerifier,
} from "../../workspaces/types.ts";

const selectWorkspace = `
  SELECT w.id, w.project_id, w.branch_id, w.name, w.state, w.created_at, w.expires_at, w.size_limit_gb,
    w.memory_limit_bytes, w.max_result_rows, w.max_result_bytes, w.threads, w.max_temp_bytes, w.max_queries_per_minute,
    w.max_statement_bytes, w.max_connections, w.size_bytes, c.username, c.verifier
  FROM workspaces w JOIN workspace_credentials c ON c.workspace_id = w.id`;

const changeColumns = {
  name: "name",
  expiresAtMs: "expires_at",
  sizeLimitGb: "size_limit_gb",
  memoryLimitBytes: "memory_limit_bytes",
  maxResultRows: "max_result_rows",
  maxResultBytes: "max_result_bytes",
  threads: "threads",
  maxTempBytes: "max_temp_bytes",
  maxQueriesPerMinute: "max_queries_per_minute",
  maxStatementBytes: "max_statement_bytes",
  maxConnections: "max_connections",
} as const satisfies Record<keyof WorkspaceChanges, string>;

/** `WorkspaceRepository` over the metadata pool. */
export class MetadataWorkspaceRepository implements WorkspaceRepository {
  constructor(private readonly pool: MetadataPool) {}

  insert(workspace: WorkspaceRecord, verifier: string): Promise<void> {
    const created = toTimestamp(workspace.createdAtMs);
    return this.pool.withTransaction(async (transaction) => {
      await transaction.execute(
        `INSERT INTO workspaces (id, project_id, branch_id, name, state, created_at, expires_at, size_limit_gb,
           size_bytes, ${limitNames.map((name) => changeColumns[name]).join(", ")})
         VALUES ($1, $2, $3, $4, $5, CAST($6 AS TIMESTAMPTZ), CAST($7 AS TIMESTAMPTZ), CAST($8 AS DOUBLE),
           CAST($9 AS BIGINT), ${limitNames.map((_, index) => `CAST($${index + 10} AS BIGINT)`).join(", ")})`,
        [
          workspace.id,
          workspace.projectId,
          workspace.branchId,
          workspace.name,
          workspace.state,
          created,
          toTimestamp(workspace.expiresAtMs),
          workspace.sizeLimitGb,
          workspace.sizeBytes,
          ...limitNames.map((name) => workspace[name]),
        ],
      );
      await transaction.execute(
        `INSERT INTO workspace_credentials (username, workspace_id, verifier, created_at, changed_at)
         VALUES ($1, $2, $3, CAST($4 AS TIMESTAMPTZ), CAST($4 AS TIMESTAMPTZ))`,
        [workspace.username, workspace.id, verifier, created],
      );
    });
  }

  async markReady(workspaceId: string): Promise<boolean> {
    return (await this.#change("UPDATE workspaces SET state = 'ready' WHERE id = $1", [workspaceId])) > 0;
  }

  async find(workspaceId: string): Promise<WorkspaceRecord | null> {
    const rows = await this.pool.query(`${selectWorkspace} WHERE w.id = $1`, [workspaceId]);
    return rows[0] === undefined ? null : toRecord(rows[0]);
  }

  async findByUsername(username: string): Promise<WorkspaceWithVerifier | null> {
    const rows = await this.pool.query(`${selectWorkspace} WHERE c.username = $1`, [username]);
    const row = rows[0];
    return row === undefined ? null : { workspace: toRecord(row), verifier: String(row.verifier) };
  }

  async list(request: WorkspaceListRequest): Promise<WorkspaceRecord[]> {
    const parameters: SqlParameter[] = [request.projectId, request.limit];
    let condition = "w.project_id = $1 AND w.state = 'ready'";
    if (request.branchId !== undefined) {
      parameters.push(request.branchId);
      condition += ` AND w.branch_id = $${parameters.length}`;
    }
    if (request.after !== undefined) {
      parameters.push(toTimestamp(request.after.createdAtMs), request.after.id);
      const created = `CAST($${parameters.length - 1} AS TIMESTAMPTZ)`;
      condition += ` AND (w.created_at > ${created} OR (w.created_at = ${created} AND w.id > $${parameters.length}))`;
    }
    const rows = await this.pool.query(
      `${selectWorkspace} WHERE ${condition} ORDER BY w.created_at, w.id LIMIT $2`,
      parameters,
    );
    return rows.map(toRecord);
  }

  async countAlive(projectId: string, nowMs: number): Promise<number> {
    const rows = await this.pool.query<{ alive: number }>(
      `SELECT count(*) AS alive FROM workspaces WHERE project_id = $1 AND expires_at > CAST($2 AS TIMESTAMPTZ)`,
      [projectId, toTimestamp(nowMs)],
    );
    return Number(rows[0]?.alive ?? 0);
  }

  async all(filter?: { readonly projectId: string; readonly branchId?: string }): Promise<WorkspaceRecord[]> {
    const parameters: SqlParameter[] = [];
    let condition = "true";
    if (filter !== undefined) {
      parameters.push(filter.projectId);
      condition = "w.project_id = $1";
      if (filter.branchId !== undefined) {
        parameters.push(filter.branchId);
        condition += " AND w.branch_id = $2";
      }
    }
    const rows = await this.pool.query(
      `${selectWorkspace} WHERE ${condition} ORDER BY w.created_at, w.id`,
      parameters,
    );
    return rows.map(toRecord);
  }

  async update(workspaceId: string, changes: WorkspaceChanges): Promise<boolean> {
    const parameters: SqlParameter[] = [workspaceId];
    const assignments: string[] = [];
    for (const key of Object.keys(changeColumns) as (keyof WorkspaceChanges)[]) {
      const value = changes[key];
      if (value === undefined) continue;
      const isTime = key === "expiresAtMs";
      parameters.push(isTime ? toTimestamp(Number(value)) : value);
      const parameter = `$${parameters.length}`;
      assignments.push(`${changeColumns[key]} = ${isTime ? `CAST(${parameter} AS TIMESTAMPTZ)` : parameter}`);
    }
    if (assignments.length === 0) return (await this.find(workspaceId)) !== null;
    const changed = await this.#change(
      `UPDATE workspaces SET ${assignments.join(", ")} WHERE id = $1`,
      parameters,
    );
    return changed > 0;
  }

  updateSizes(sizes: readonly { readonly id: string; readonly sizeBytes: number }[]): Promise<void> {
    return this.pool.withTransaction(async (transaction) => {
      for (const { id, sizeBytes } of sizes) {
        await transaction.execute(
          "UPDATE workspaces SET size_bytes = CAST($2 AS BIGINT) WHERE id = $1",
          [id, sizeBytes],
        );
      }
    });
  }

  async replaceVerifier(workspaceId: string, verifier: string, changedAtMs: number): Promise<boolean> {
    const changed = await this.#change(
      `UPDATE workspace_credentials SET verifier = $2, changed_at = CAST($3 AS TIMESTAMPTZ) WHERE workspace_id = $1`,
      [workspaceId, verifier, toTimestamp(changedAtMs)],
    );
    return changed > 0;
  }

  remove(workspaceId: string): Promise<boolean> {
    return this.pool.withTransaction(async (transaction) => {
      await transaction.execute("DELETE FROM workspace_credentials WHERE workspace_id = $1", [workspaceId]);
      return (await transaction.execute("DELETE FROM workspaces WHERE id = $1", [workspaceId])) > 0;
    });
  }

  /** One statement in a transaction, because that is repeated after a conflict with another change of the row. */
  #change(sql: string, parameters: readonly SqlParameter[]): Promise<number> {
    return this.pool.withTransaction((transaction) => transaction.execute(sql, parameters));
  }
}

function toTimestamp(timeMs: number): string {
  return new Date(timeMs).toISOString();
}

function toRecord(row: SqlRow): WorkspaceRecord {
  return {
    id: String(row.id),
    projectId: String(row.project_id),
    branchId: row.branch_id === null ? null : String(row.branch_id),
    name: String(row.name),
    state: row.state as WorkspaceState,
    createdAtMs: Date.parse(String(row.created_at)),
    expiresAtMs: Date.parse(String(row.expires_at)),
    sizeLimitGb: Number(row.size_limit_gb),
    memoryLimitBytes: toNumberOrNull(row.memory_limit_bytes),
    maxResultRows: toNumberOrNull(row.max_result_rows),
    maxResultBytes: toNumberOrNull(row.max_result_bytes),
    threads: toNumberOrNull(row.threads),
    maxTempBytes: toNumberOrNull(row.max_temp_bytes),
    maxQueriesPerMinute: toNumberOrNull(row.max_queries_per_minute),
    maxStatementBytes: toNumberOrNull(row.max_statement_bytes),
    maxConnections: toNumberOrNull(row.max_connections),
    sizeBytes: Number(row.size_bytes),
    username: String(row.username),
  };
}

function toNumberOrNull(value: SqlRow[string] | undefined): number | null {
  return value === null || value === undefined ? null : Number(value);
}
