/** Keeps users' preferences. A dashboard must exist when it is preferred; one that vanished later is shown as such. */
import { AppError, type FieldError } from "../../errors/app_error.ts";
import type { ResourceStore } from "../types.ts";
import {
  type DashboardReference,
  defaultPreferences,
  type NotedDashboard,
  type PreferenceRepository,
  type Preferences,
  type Theme,
} from "./types.ts";

/** A list that a person looks through. */
export const favouritesMax = 200;
export const recentlyViewedMax = 50;

export interface PreferenceServiceOptions {
  readonly repository: PreferenceRepository;
  readonly store: Pick<ResourceStore, "find">;
  readonly now: () => number;
}

export interface PreferenceUser {
  readonly name: string;
  /** null: every project may be seen. */
  readonly project: string | null;
}

export interface PreferenceChange {
  readonly theme?: Theme;
  readonly timeZone?: string | null;
  readonly defaultDashboard?: DashboardReference | null;
  /** Replaces all. */
  readonly favourites?: readonly DashboardReference[];
}

export interface ShownDashboard extends NotedDashboard {
  /** False: it was deleted since. */
  readonly exists: boolean;
}

export interface ShownPreferences extends Omit<Preferences, "defaultDashboard" | "favourites" | "recentlyViewed"> {
  readonly defaultDashboard: (DashboardReference & { readonly exists: boolean }) | null;
  readonly favourites: readonly ShownDashboard[];
  readonly recentlyViewed: readonly ShownDashboard[];
}

export class PreferenceService {
  readonly #options: PreferenceServiceOptions;

  constructor(options: PreferenceServiceOptions) {
    this.#options = options;
  }

  async get(user: PreferenceUser): Promise<ShownPreferences> {
    return await this.#shown(await this.#options.repository.find(user.name) ?? defaultPreferences, user);
  }

  /** Changes what is named. Throws `invalid_request` with pointers. */
  async change(user: PreferenceUser, change: PreferenceChange): Promise<ShownPreferences> {
    const fields: FieldError[] = [];
    if (typeof change.timeZone === "string" && !isTimeZone(change.timeZone)) {
      fields.push({
        pointer: "/time_zone",
        detail: `${JSON.stringify(change.timeZone)} is not an IANA time zone, such as Europe/Prague or UTC`,
      });
    }
    if (change.defaultDashboard) await this.#require(user, change.defaultDashboard, "/default_dashboard", fields);
    const kept = new Set((await this.#options.repository.find(user.name))?.favourites.map(keyOf) ?? []);
    for (const [index, reference] of (change.favourites ?? []).entries()) {
      // One that was a favourite already may have been deleted since: leaving it in a list is no mistake.
      if (!kept.has(keyOf(reference))) await this.#require(user, reference, `/favourites/${index}`, fields);
    }
    throwInvalid(fields);
    const nowMs = this.#options.now();
    return await this.#change(user, (present) => ({
      ...present,
      ...(change.theme === undefined ? {} : { theme: change.theme }),
      ...(change.timeZone === undefined ? {} : { timeZone: change.timeZone }),
      ...(change.defaultDashboard === undefined ? {} : { defaultDashboard: change.defaultDashboard }),
      ...(change.favourites === undefined ? {} : { favourites: merged(change.favourites, present.favourites, nowMs) }),
    }));
  }

  /** Adding twice is adding once. Throws `not_found`, and `conflict` when there are too many. */
  async addFavourite(user: PreferenceUser, reference: DashboardReference): Promise<ShownPreferences> {
    if (!await this.#exists(user, reference)) throw notFound(reference);
    const nowMs = this.#options.now();
    return await this.#change(user, (present) => {
      if (present.favourites.some((one) => keyOf(one) === keyOf(reference))) return present;
      if (present.favourites.length >= favouritesMax) {
        throw new AppError("conflict", `favourites: there are ${favouritesMax} already; remove one first`);
      }
      return { ...present, favourites: [{ ...reference, atMs: nowMs }, ...present.favourites] };
    });
  }

  async removeFavourite(user: PreferenceUser, reference: DashboardReference): Promise<ShownPreferences> {
    return await this.#change(user, (present) => ({
      ...present,
      favourites: present.favourites.filter((one) => keyOf(one) !== keyOf(reference)),
    }));
  }

  /** Notes that the user looks at a dashboard; the newest are kept. Throws `not_found`. */
  async recordView(user: PreferenceUser, reference: DashboardReference): Promise<void> {
    if (!await this.#exists(user, reference)) throw notFound(reference);
    const nowMs = this.#options.now();
    await this.#options.repository.change(user.name, (present) => ({
      ...present,
      recentlyViewed: [
        { project: reference.project, name: reference.name, atMs: nowMs },
        ...present.recentlyViewed.filter((one) => keyOf(one) !== keyOf(reference)),
      ].slice(0, recentlyViewedMax),
      updatedAtMs: present.updatedAtMs ?? nowMs,
    }));
  }

  async #change(user: PreferenceUser, change: (present: Preferences) => Preferences): Promise<ShownPreferences> {
    const nowMs = this.#options.now();
    const changed = await this.#options.repository.change(
      user.name,
      (present) => ({ ...change(present), updatedAtMs: nowMs }),
    );
    return await this.#shown(changed, user);
  }

  async #shown(preferences: Preferences, user: PreferenceUser): Promise<ShownPreferences> {
    const known = new Map<string, boolean>();
    const show = async <Reference extends DashboardReference>(reference: Reference) => {
      const key = keyOf(reference);
      const exists = known.get(key) ?? await this.#exists(user, reference);
      known.set(key, exists);
      return { ...reference, exists };
    };
    const all = async (list: readonly NotedDashboard[]) => {
      const shown: ShownDashboard[] = [];
      for (const one of list) shown.push(await show(one));
      return shown;
    };
    return {
      ...preferences,
      defaultDashboard: preferences.defaultDashboard === null ? null : await show(preferences.defaultDashboard),
      favourites: await all(preferences.favourites),
      recentlyViewed: await all(preferences.recentlyViewed),
    };
  }

  async #require(
    user: PreferenceUser,
    reference: DashboardReference,
    pointer: string,
    fields: FieldError[],
  ): Promise<void> {
    if (await this.#exists(user, reference)) return;
    fields.push({ pointer, detail: `the dashboard "${reference.project}/${reference.name}" does not exist` });
  }

  /** Another project's dashboards look like none. */
  async #exists(user: PreferenceUser, reference: DashboardReference): Promise<boolean> {
    if (user.project !== null && user.project !== reference.project) return false;
    return await this.#options.store.find({ kind: "Dashboard", ...place(reference) }) !== null;
  }
}

function merged(
  wanted: readonly DashboardReference[],
  present: readonly NotedDashboard[],
  nowMs: number,
): NotedDashboard[] {
  const added = new Map(present.map((one) => [keyOf(one), one.atMs]));
  const unique = new Map(wanted.map((one) => [keyOf(one), one]));
  return [...unique].map(([key, one]) => ({ ...place(one), atMs: added.get(key) ?? nowMs }));
}

function place({ project, name }: DashboardReference): DashboardReference {
  return { project, name };
}

function keyOf({ project, name }: DashboardReference): string {
  return `${project}/${name}`;
}

/** What this runtime's time zone database knows; offsets such as +01:00 are no zones. */
function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z][A-Za-z0-9_+/-]*$/.test(name)) return false;
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

function notFound({ project, name }: DashboardReference): AppError {
  return new AppError("not_found", `dashboard: "${project}/${name}" does not exist`);
}

function throwInvalid(fields: readonly FieldError[]): void {
  if (fields.length === 0) return;
  const text = fields.map(({ pointer, detail }) => `${pointer} ${detail}`).join("; ");
  throw new AppError("invalid_request", `preferences: ${text}`, { fields });
}
