/** Which component draws which kind of panel. A kind that is not here is named, and its data are shown as a table. */
import type { ComponentType } from "preact";
import type { PanelProperties } from "../view_context.ts";
import { BarPanel } from "./bar.tsx";
import { HeatMapPanel, HistogramPanel } from "./buckets.tsx";
import { GaugePanel } from "./gauge.tsx";
import { LogsPanel } from "./logs.tsx";
import { MarkdownPanel } from "./markdown.tsx";
import { PiePanel } from "./pie.tsx";
import { ScatterPanel } from "./scatter.tsx";
import { StatPanel } from "./stat.tsx";
import { StatusHistoryPanel } from "./status_history.tsx";
import { TablePanel } from "./table.tsx";
import { TimeSeriesPanel } from "./time_series.tsx";

const panels: Readonly<Record<string, ComponentType<PanelProperties>>> = {
  BarChart: BarPanel,
  GaugeChart: GaugePanel,
  HeatMapChart: HeatMapPanel,
  HistogramChart: HistogramPanel,
  LogsTable: LogsPanel,
  Markdown: MarkdownPanel,
  PieChart: PiePanel,
  ScatterChart: ScatterPanel,
  StatChart: StatPanel,
  StatusHistoryChart: StatusHistoryPanel,
  Table: TablePanel,
  TimeSeriesChart: TimeSeriesPanel,
  TimeSeriesTable: TablePanel,
};

export function drawingOf(kind: string): ComponentType<PanelProperties> | null {
  return Object.hasOwn(panels, kind) ? panels[kind] ?? null : null;
}

export function UnknownPanel({ kind, ...properties }: PanelProperties & { readonly kind: string }) {
  return (
    <>
      <p class="weak panel-note">
        This console does not draw a {kind === "" ? "panel without a kind" : kind}
        {properties.answers.length > 0 && ". Its data:"}
      </p>
      {properties.answers.length > 0 && <TablePanel {...properties} spec={{}} />}
    </>
  );
}
