/** `ShareRepository` over the metadata pool: the table `share_token` (migration 005). */
import type { Share, ShareChange, ShareRepository, VariableValues } from "../../dashboards/sharing/types.ts";
import type { MetadataPool, SqlParameter, SqlRow } from "../types.ts";

const columns =
  "id, project_id, dashboard, dashboard_created_at, label, created_at, created_by, expires_at, uses_max, " +
  "use_count, allowed_cidrs, variables, last_used_at, revoked_at";

export class MetadataShareRepository implements ShareRepository {
  constructor(private readonly pool: MetadataPool) {}

  async insert(share: Share, tokenHash: string): Promise<void> {
    await this.pool.execute(
      `INSERT INTO share_token (${columns}, token_hash)
       VALUES ($1, $2, $3, $4, $5, CAST($6 AS TIMESTAMPTZ), $7, CAST($8 AS TIMESTAMPTZ), $9, $10, $11, $12,
         CAST($13 AS TIMESTAMPTZ), CAST($14 AS TIMESTAMPTZ), $15)`,
      [
        share.id,
        share.project,
        share.dashboard,
        share.dashboardCreatedAt,
        share.label,
        timeText(share.createdAtMs),
        share.createdBy,
        timeText(share.expiresAtMs),
        share.usesMax,
        share.useCount,
        JSON.stringify(share.allowedCidrs),
        JSON.stringify(share.variables),
        timeText(share.lastUsedAtMs),
        timeText(share.revokedAtMs),
        tokenHash,
      ],
    );
  }

  async findByHash(tokenHash: string): Promise<Share | null> {
    const [row] = await this.pool.query(`SELECT ${columns} FROM share_token WHERE token_hash = $1`, [tokenHash]);
    return row === undefined ? null : toShare(row);
  }

  async find(project: string, dashboard: string, id: string): Promise<Share | null> {
    const [row] = await this.pool.query(
      `SELECT ${columns} FROM share_token WHERE id = $1 AND project_id = $2 AND dashboard = $3`,
      [id, project, dashboard],
    );
    return row === undefined ? null : toShare(row);
  }

  async list(project: string, dashboard: string, limit: number, after: string | null): Promise<Share[]> {
    const rows = await this.pool.query(
      `SELECT ${columns} FROM share_token WHERE project_id = $1 AND dashboard = $2 AND id > $3 ORDER BY id LIMIT $4`,
      [project, dashboard, after ?? "", limit],
    );
    return rows.map(toShare);
  }

  async change(project: string, dashboard: string, id: string, change: ShareChange): Promise<Share | null> {
    const parameters: SqlParameter[] = [id, project, dashboard];
    const set: string[] = [];
    const assign = (column: string, value: SqlParameter, cast = "") =>
      void set.push(`${column} = ${cast === "" ? "" : "CAST("}$${parameters.push(value)}${cast}`);
    if (change.label !== undefined) assign("label", change.label);
    if (change.expiresAtMs !== undefined) assign("expires_at", timeText(change.expiresAtMs), " AS TIMESTAMPTZ)");
    if (change.usesMax !== undefined) assign("uses_max", change.usesMax, " AS BIGINT)");
    if (change.allowedCidrs !== undefined) assign("allowed_cidrs", JSON.stringify(change.allowedCidrs));
    if (change.variables !== undefined) assign("variables", JSON.stringify(change.variables));
    return await this.pool.withTransaction(async (transaction) => {
      const place = "WHERE id = $1 AND project_id = $2 AND dashboard = $3 AND revoked_at IS NULL";
      if (set.length > 0) {
        await transaction.execute(`UPDATE share_token SET ${set.join(", ")} ${place}`, parameters);
      }
      const [row] = await transaction.query(`SELECT ${columns} FROM share_token ${place}`, [id, project, dashboard]);
      return row === undefined ? null : toShare(row);
    });
  }

  async revoke(project: string, dashboard: string, id: string, nowMs: number): Promise<boolean> {
    const count = await this.pool.execute(
      `UPDATE share_token SET revoked_at = COALESCE(revoked_at, CAST($4 AS TIMESTAMPTZ))
       WHERE id = $1 AND project_id = $2 AND dashboard = $3`,
      [id, project, dashboard, timeText(nowMs)],
    );
    return count > 0;
  }

  async countUse(id: string, nowMs: number): Promise<boolean> {
    // Two at once conflict, and the pool runs the later one again: it then sees the count of the first.
    const count = await this.pool.execute(
      `UPDATE share_token SET use_count = use_count + 1, last_used_at = CAST($2 AS TIMESTAMPTZ)
       WHERE id = $1 AND revoked_at IS NULL AND (uses_max IS NULL OR use_count < uses_max)`,
      [id, timeText(nowMs)],
    );
    return count > 0;
  }

  deleteEnded(beforeMs: number): Promise<number> {
    return this.pool.execute(
      `DELETE FROM share_token WHERE expires_at < CAST($1 AS TIMESTAMPTZ) OR revoked_at < CAST($1 AS TIMESTAMPTZ)`,
      [timeText(beforeMs)],
    );
  }
}

function timeText(timeMs: number | null): string | null {
  return timeMs === null ? null : new Date(timeMs).toISOString();
}

function timeMs(value: SqlRow[string] | undefined): number | null {
  return value === null || value === undefined ? null : Date.parse(String(value));
}

function toShare(row: SqlRow): Share {
  return {
    id: String(row["id"]),
    project: String(row["project_id"]),
    dashboard: String(row["dashboard"]),
    dashboardCreatedAt: String(row["dashboard_created_at"]),
    label: String(row["label"]),
    createdAtMs: timeMs(row["created_at"]) ?? 0,
    createdBy: String(row["created_by"]),
    expiresAtMs: timeMs(row["expires_at"]),
    usesMax: row["uses_max"] === null ? null : Number(row["uses_max"]),
    useCount: Number(row["use_count"]),
    allowedCidrs: JSON.parse(String(row["allowed_cidrs"])) as string[],
    variables: JSON.parse(String(row["variables"])) as VariableValues,
    lastUsedAtMs: timeMs(row["last_used_at"]),
    revokedAtMs: timeMs(row["revoked_at"]),
  };
}
