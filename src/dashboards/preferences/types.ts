/**
 * What a user prefers: theme, time zone, the dashboard that is shown first, favourites, and what was looked at lately. A user
 * is a key, by its name: `admin`, or `<project>/<key name>`.
 */
export const themes = ["light", "dark", "system"] as const;
export type Theme = (typeof themes)[number];

export interface DashboardReference {
  readonly project: string;
  readonly name: string;
}

/** `at`: when it was added or viewed. */
export interface NotedDashboard extends DashboardReference {
  readonly atMs: number;
}

export interface Preferences {
  readonly theme: Theme;
  /** IANA name; null: the browser's. */
  readonly timeZone: string | null;
  readonly defaultDashboard: DashboardReference | null;
  /** Newest first, both. */
  readonly favourites: readonly NotedDashboard[];
  readonly recentlyViewed: readonly NotedDashboard[];
  /** null: nothing was ever set. */
  readonly updatedAtMs: number | null;
}

export interface PreferenceRepository {
  find(user: string): Promise<Preferences | null>;
  /** Reads, changes and writes in one transaction; `change` may run again after a conflict. */
  change(user: string, change: (present: Preferences) => Preferences): Promise<Preferences>;
}

export const defaultPreferences: Preferences = {
  theme: "system",
  timeZone: null,
  defaultDashboard: null,
  favourites: [],
  recentlyViewed: [],
  updatedAtMs: null,
};
