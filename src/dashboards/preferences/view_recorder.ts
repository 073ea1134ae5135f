/**
 * Notes what each user has looked at, for "recently viewed". Looking at the same dashboard again within a minute is no news: a page that
 * refreshes itself, or a tool that reads in a loop, would write without end.
 */
import type { PreferenceService } from "./preference_service.ts";

export interface DashboardView {
  /** `admin`, or `<project>/<key name>`. */
  readonly viewer: string;
  readonly project: string;
  readonly dashboard: string;
}

export interface ViewRecorderOptions {
  readonly preferences: Pick<PreferenceService, "recordView">;
  readonly log: { warn(message: string, fields?: Record<string, unknown>): void };
  readonly now: () => number;
}

const repeatedWithinMs = 60_000;
/** About 200 bytes each; beyond it the one who looked longest ago is forgotten, and noted once more. */
const viewersMax = 10_000;

export class ViewRecorder {
  readonly #options: ViewRecorderOptions;
  /** By viewer, the latest last. */
  readonly #last = new Map<string, { readonly key: string; readonly atMs: number }>();

  constructor(options: ViewRecorderOptions) {
    this.#options = options;
  }

  /** Never throws: that somebody has looked must not hinder the looking. */
  async record({ viewer, project, dashboard }: DashboardView): Promise<void> {
    const atMs = this.#options.now();
    const key = `${project}/${dashboard}`;
    const last = this.#last.get(viewer);
    if (last !== undefined && last.key === key && atMs - last.atMs < repeatedWithinMs) return;
    this.#last.delete(viewer);
    this.#last.set(viewer, { key, atMs });
    if (this.#last.size > viewersMax) this.#last.delete(this.#last.keys().next().value ?? "");
    try {
      await this.#options.preferences.recordView({ name: viewer, project }, { project, name: dashboard });
    } catch (error) {
      this.#last.delete(viewer);
      this.#options.log.warn("a view of a dashboard was not noted", { viewer, dashboard: key, error: String(error) });
    }
  }
}
