/** What all panels of a dashboard that is looked at have in common. */
import type { DashboardSource, PanelData, Slots } from "./data.ts";
import type { Fields, Values } from "./model.ts";
import type { ResolvedRange } from "./time_range.ts";

export interface ViewContext {
  readonly source: DashboardSource;
  readonly slots: Slots;
  readonly range: ResolvedRange;
  /** Undefined is the browser's own. */
  readonly timeZone: string | undefined;
  /** What queries get. */
  readonly queryValues: Values;
  /** What titles and texts show. */
  readonly shownValues: Values;
  /** Somebody marks a part of a chart. */
  readonly onZoom: (range: ResolvedRange) => void;
}

/** What draws a panel gets. */
export interface PanelProperties {
  readonly title: string;
  /** The spec of the panel's plugin. */
  readonly spec: Fields;
  readonly answers: readonly PanelData[];
  readonly context: ViewContext;
}
