/** Short ways to write the documents of system templates: queries, panels and rows of panels, in Perses' shapes. */
import type { JsonObject, JsonValue } from "../../types.ts";

/** `seconds`, `bytes`, `requests/sec` …: `model/plugin_schemas.ts` has the list. */
export type Unit = string;

export interface Threshold {
  readonly value: JsonValue;
  readonly color: string;
}

interface Titled {
  readonly title: string;
  readonly description?: string;
}

/** A panel and its width in the grid of 24 columns. */
export interface PlacedPanel {
  readonly panel: JsonObject;
  readonly width: number;
  readonly height: number;
}

export interface Row {
  readonly title: string;
  /** Folded away until somebody opens it. */
  readonly closed?: boolean;
  /** By key. */
  readonly panels: Readonly<Record<string, PlacedPanel>>;
}

export const orange = "#EE9B00";
export const red = "#D62828";
const gridWidth = 24;

/** PromQL; `{{datasource}}` is a parameter, and without a value the default Prometheus is asked. */
export const prometheus = { kind: "PrometheusDatasource", name: "{{datasource}}" } as const;

export function promql(query: string, legend?: string): JsonObject {
  const spec = { query, datasource: prometheus, ...(legend === undefined ? {} : { seriesNameFormat: legend }) };
  return { kind: "TimeSeriesQuery", spec: { plugin: { kind: "PrometheusTimeSeriesQuery", spec } } };
}

/** SQL against the dashboard's own datasource `history`. */
export function series(query: string, legend?: string): JsonObject {
  const spec = { query: trimmed(query), ...(legend === undefined ? {} : { seriesNameFormat: legend }) };
  return { kind: "TimeSeriesQuery", spec: { plugin: { kind: "DuckDBTimeSeriesQuery", spec } } };
}

export function rows(query: string): JsonObject {
  return { kind: "Query", spec: { plugin: { kind: "DuckDBQuery", spec: { query: trimmed(query) } } } };
}

/** The server's own metrics as a dashboard's only datasource. */
export const historyDatasources: JsonObject = {
  history: { default: true, plugin: { kind: "DuckDBDatasource", spec: { source: "history" } } },
};

export interface ChartOptions extends Titled {
  readonly unit?: Unit;
  readonly width?: number;
  readonly thresholds?: readonly Threshold[];
  readonly stacked?: boolean;
  readonly bars?: boolean;
  readonly max?: number;
  readonly noLegend?: boolean;
}

export function chart(options: ChartOptions, ...queries: readonly JsonObject[]): PlacedPanel {
  const spec = {
    ...(options.noLegend ? {} : { legend: { position: "bottom", mode: "table", values: ["last-number", "max"] } }),
    yAxis: { ...format(options.unit), min: 0, ...(options.max === undefined ? {} : { max: options.max }) },
    ...thresholds(options.thresholds),
    visual: {
      display: options.bars ? "bar" : "line",
      lineWidth: 1.25,
      areaOpacity: options.stacked ? 0.3 : 0.1,
      ...(options.stacked ? { stack: "all" } : {}),
    },
  };
  return { panel: panel(options, "TimeSeriesChart", spec, queries), width: options.width ?? 12, height: 8 };
}

export interface StatOptions extends Titled {
  readonly unit?: Unit;
  readonly decimals?: number;
  readonly width?: number;
  readonly thresholds?: readonly Threshold[];
  readonly calculation?: "last-number" | "max" | "mean" | "sum";
  readonly noSparkline?: boolean;
}

export function stat(options: StatOptions, ...queries: readonly JsonObject[]): PlacedPanel {
  const spec = {
    calculation: options.calculation ?? "last-number",
    ...format(options.unit, options.decimals),
    ...thresholds(options.thresholds),
    ...(options.noSparkline ? {} : { sparkline: { width: 1 } }),
  };
  return { panel: panel(options, "StatChart", spec, queries), width: options.width ?? 4, height: 4 };
}

export interface GaugeOptions extends Titled {
  readonly unit: Unit;
  readonly max: number;
  readonly width?: number;
  readonly thresholds: readonly Threshold[];
}

export function gauge(options: GaugeOptions, ...queries: readonly JsonObject[]): PlacedPanel {
  const spec = {
    calculation: "last-number",
    ...format(options.unit, 0),
    max: options.max,
    ...thresholds(options.thresholds),
  };
  return { panel: panel(options, "GaugeChart", spec, queries), width: options.width ?? 4, height: 4 };
}

export interface TableOptions extends Titled {
  readonly width?: number;
  readonly columns: readonly JsonObject[];
}

export function table(options: TableOptions, ...queries: readonly JsonObject[]): PlacedPanel {
  const spec = { density: "compact", enableSorting: true, columnSettings: options.columns };
  return { panel: panel(options, "Table", spec, queries), width: options.width ?? gridWidth, height: 10 };
}

export function column(name: string, header: string, unit?: Unit): JsonObject {
  return { name, header, enableSorting: true, ...(unit === undefined ? {} : { ...format(unit), align: "right" }) };
}

export function text(title: string, markdown: string, height = 4): PlacedPanel {
  return { panel: panel({ title }, "Markdown", { text: trimmed(markdown) }, []), width: gridWidth, height };
}

export interface DashboardParts {
  readonly description: string;
  readonly duration: string;
  readonly refreshInterval: string;
  readonly variables: readonly JsonObject[];
  readonly datasources?: JsonObject;
  readonly rows: readonly Row[];
}

/** Panels stand side by side in the order given and begin a new line where the next does not fit. */
export function dashboard(parts: DashboardParts): JsonObject {
  return {
    display: { description: parts.description },
    ...(parts.datasources === undefined ? {} : { datasources: parts.datasources }),
    variables: parts.variables,
    panels: Object.fromEntries(
      parts.rows.flatMap((row) => Object.entries(row.panels).map(([key, { panel }]) => [key, panel])),
    ),
    layouts: parts.rows.map(grid),
    duration: parts.duration,
    refreshInterval: parts.refreshInterval,
  };
}

function grid({ title, closed, panels }: Row): JsonObject {
  let [x, y, lineHeight] = [0, 0, 0];
  const items = Object.entries(panels).map(([key, { width, height }]) => {
    if (x + width > gridWidth) [x, y, lineHeight] = [0, y + lineHeight, 0];
    const item = { x, y, width, height, content: { $ref: `#/spec/panels/${key}` } };
    x += width;
    lineHeight = Math.max(lineHeight, height);
    return item;
  });
  return { kind: "Grid", spec: { display: { title, collapse: { open: closed !== true } }, items } };
}

export interface ListOptions {
  readonly title: string;
  readonly multiple?: boolean;
  /** What stands for "all" in queries. */
  readonly all: string;
}

/** A list that begins with "all". */
export function listVariable(name: string, options: ListOptions, plugin: JsonObject): JsonObject {
  return {
    kind: "ListVariable",
    spec: {
      name,
      display: { name: options.title, hidden: false },
      defaultValue: "$__all",
      allowAllValue: true,
      allowMultiple: options.multiple ?? true,
      customAllValue: options.all,
      sort: "alphabetical-asc",
      plugin,
    },
  };
}

/** Values of a label of the series that `matchers` find; in queries `name=~"$name"`, and `.*` for all. */
export function labelVariable(name: string, title: string, label: string, ...matchers: readonly string[]): JsonObject {
  const spec = { labelName: label, matchers, datasource: prometheus };
  return listVariable(name, { title, all: ".*" }, { kind: "PrometheusLabelValuesVariable", spec });
}

/** The datasource of templates that ask a Prometheus. */
export const datasourceParameter = {
  name: "datasource",
  title: "Prometheus datasource",
  description: "Name of a PrometheusDatasource of the project or the server; empty for the default one.",
  type: "datasource",
  datasourceKind: "PrometheusDatasource",
  required: false,
} as const;

/** Asks for the name of a metric that has no conventional one. */
export function metricParameter(name: string, title: string, metric: string, description: string) {
  const pattern = "[a-zA-Z_:][a-zA-Z0-9_:]*";
  return { name, title, description, type: "text", default: metric, pattern, required: false } as const;
}

export function limitParameter(name: string, title: string, limit: number, description: string) {
  return { name, title, description, type: "number", default: limit, required: false } as const;
}

function panel(titled: Titled, kind: string, spec: JsonObject, queries: readonly JsonObject[]): JsonObject {
  const { title: name, description } = titled;
  return {
    kind: "Panel",
    spec: {
      display: { name, ...(description === undefined ? {} : { description }) },
      plugin: { kind, spec },
      ...(queries.length === 0 ? {} : { queries }),
    },
  };
}

function format(unit: Unit | undefined, decimalPlaces?: number): JsonObject {
  if (unit === undefined) return {};
  const shortValues = unit === "decimal" ? { shortValues: true } : {};
  return { format: { unit, ...shortValues, ...(decimalPlaces === undefined ? {} : { decimalPlaces }) } };
}

function thresholds(steps: readonly Threshold[] | undefined): JsonObject {
  return steps === undefined ? {} : { thresholds: { mode: "absolute", steps: steps.map((step) => ({ ...step })) } };
}

/** Without the indentation that it has in the program. */
function trimmed(source: string): string {
  const lines = source.replace(/^\n/, "").trimEnd().split("\n");
  const indents = lines.slice(source.startsWith("\n") ? 0 : 1).filter((line) => line.trim() !== "")
    .map((line) => /^ */.exec(line)![0].length);
  const indent = indents.length === 0 ? 0 : Math.min(...indents);
  return lines.map((line, index) => index === 0 && !source.startsWith("\n") ? line : line.slice(indent)).join("\n");
}
