/**
 * Who changed the state of a dashboard, when and why (migration 008): draft, active, archived, into the trash and back. Each stands beside
 * the version that was the present one, and goes with it.
 */
import type { DashboardState } from "../../dashboards/states.ts";
import type { DashboardStateChange, DashboardSummary } from "../../dashboards/summary.ts";
import type { Change } from "../../dashboards/types.ts";
import type { MetadataConnection } from "../types.ts";

/** Of one dashboard, however often somebody turns its state over between two versions. */
export const stateChangesKept = 50;

export async function recordStateChange(
  connection: MetadataConnection,
  dashboard: Pick<DashboardSummary, "id" | "project" | "version" | "state">,
  to: DashboardState,
  change: Pick<Change, "author" | "message">,
  now: string,
): Promise<void> {
  await connection.execute(
    `INSERT INTO dashboard_state_change
       (id, dashboard_id, project_id, version, changed_at, changed_by, message, state_from, state_to)
     VALUES (nextval('dashboard_state_change_id'), $1, $2, $3, $4, $5, $6, $7, $8)`,
    [dashboard.id, dashboard.project, dashboard.version, now, change.author, change.message, dashboard.state, to],
  );
  await connection.execute(
    `DELETE FROM dashboard_state_change WHERE dashboard_id = $1 AND id <=
       (SELECT id FROM dashboard_state_change WHERE dashboard_id = $1 ORDER BY id DESC LIMIT 1 OFFSET ${stateChangesKept})`,
    [dashboard.id],
  );
}

/** By version, the newest first. */
export async function readStateChanges(
  connection: MetadataConnection,
  dashboardId: number,
): Promise<Map<number, DashboardStateChange[]>> {
  const rows = await connection.query(
    `SELECT version, changed_at, changed_by, message, state_from, state_to FROM dashboard_state_change
     WHERE dashboard_id = $1 ORDER BY id DESC`,
    [dashboardId],
  );
  const byVersion = new Map<number, DashboardStateChange[]>();
  for (const row of rows) {
    const version = Number(row["version"]);
    const changes = byVersion.get(version) ?? [];
    byVersion.set(version, changes);
    changes.push({
      at: String(row["changed_at"]),
      by: String(row["changed_by"]),
      message: typeof row["message"] === "string" ? row["message"] : null,
      from: row["state_from"] as DashboardState,
      to: row["state_to"] as DashboardState,
    });
  }
  return byVersion;
}
