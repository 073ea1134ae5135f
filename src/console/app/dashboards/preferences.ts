/** The preferences of the key that is signed in: theme, time zone, default dashboard, favourites, recently viewed. */
/// <reference lib="dom" />
import { request } from "../api.ts";

export interface Reference {
  readonly project: string;
  readonly name: string;
}

export interface Preferences {
  readonly theme: "light" | "dark" | "system";
  /** Null is the browser's. */
  readonly time_zone: string | null;
  readonly default_dashboard: (Reference & { readonly exists: boolean }) | null;
  readonly favourites: readonly (Reference & { readonly exists: boolean; readonly added_at: string })[];
  readonly recently_viewed: readonly (Reference & { readonly exists: boolean; readonly viewed_at: string })[];
}

const path = "/api/v1/user/preferences";

export function loadPreferences(signal?: AbortSignal): Promise<Preferences> {
  return request<Preferences>(path, { signal });
}

export function changePreferences(
  change: Partial<Pick<Preferences, "theme" | "time_zone">> & { default_dashboard?: Reference | null },
): Promise<Preferences> {
  return request<Preferences>(path, { method: "PATCH", body: change });
}

export function setFavourite({ project, name }: Reference, isFavourite: boolean): Promise<Preferences> {
  const place = `${path}/favourites/${encodeURIComponent(project)}/${encodeURIComponent(name)}`;
  return request<Preferences>(place, { method: isFavourite ? "PUT" : "DELETE" });
}

export function isFavourite(preferences: Preferences, { project, name }: Reference): boolean {
  return preferences.favourites.some((one) => one.project === project && one.name === name);
}
