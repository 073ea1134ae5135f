/** `PreferenceRepository` over the metadata pool: the table `user_preferences` (migration 005), one row a user. */
import {
  type DashboardReference,
  defaultPreferences,
  type NotedDashboard,
  type PreferenceRepository,
  type Preferences,
  type Theme,
} from "../../dashboards/preferences/types.ts";
import type { MetadataConnection, MetadataPool, SqlRow } from "../types.ts";

const columns = "theme, time_zone, default_dashboard, favourites, recently_viewed, updated_at";

export class MetadataPreferenceRepository implements PreferenceRepository {
  constructor(private readonly pool: MetadataPool) {}

  find(user: string): Promise<Preferences | null> {
    return read(this.pool, user);
  }

  change(user: string, change: (present: Preferences) => Preferences): Promise<Preferences> {
    return this.pool.withTransaction(async (transaction) => {
      const changed = change(await read(transaction, user) ?? defaultPreferences);
      await transaction.execute(
        `INSERT INTO user_preferences (user_name, ${columns})
         VALUES ($1, $2, $3, $4, $5, $6, CAST($7 AS TIMESTAMPTZ))
         ON CONFLICT (user_name) DO UPDATE SET theme = excluded.theme, time_zone = excluded.time_zone,
           default_dashboard = excluded.default_dashboard, favourites = excluded.favourites,
           recently_viewed = excluded.recently_viewed, updated_at = excluded.updated_at`,
        [
          user,
          changed.theme,
          changed.timeZone,
          changed.defaultDashboard === null ? null : JSON.stringify(changed.defaultDashboard),
          JSON.stringify(changed.favourites),
          JSON.stringify(changed.recentlyViewed),
          new Date(changed.updatedAtMs ?? 0).toISOString(),
        ],
      );
      return changed;
    });
  }
}

async function read(connection: MetadataConnection, user: string): Promise<Preferences | null> {
  const [row] = await connection.query(`SELECT ${columns} FROM user_preferences WHERE user_name = $1`, [user]);
  return row === undefined ? null : toPreferences(row);
}

function toPreferences(row: SqlRow): Preferences {
  return {
    theme: String(row["theme"]) as Theme,
    timeZone: row["time_zone"] === null ? null : String(row["time_zone"]),
    defaultDashboard: row["default_dashboard"] === null
      ? null
      : JSON.parse(String(row["default_dashboard"])) as DashboardReference,
    favourites: JSON.parse(String(row["favourites"])) as NotedDashboard[],
    recentlyViewed: JSON.parse(String(row["recently_viewed"])) as NotedDashboard[],
    updatedAtMs: Date.parse(String(row["updated_at"])),
  };
}
