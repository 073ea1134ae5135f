/**
 * The plugins that the server knows, by what they are for: Perses' own as of perses/plugins c69fda3
 * (docs/dashboards.md lists them), and the DuckDB ones, which are Eider's. A plugin that is not here is accepted
 * unchecked: there is no schema to hold it against.
 */
import {
  anything,
  between,
  boolean,
  either,
  kinds,
  listOf,
  mapOf,
  number,
  object,
  oneOf,
  type Schema,
  string,
  whole,
  words,
} from "./plugin_schema.ts";

const calculation = oneOf("first", "last", "first-number", "last-number", "mean", "sum", "min", "max");
const color: Schema = { is: "string", pattern: /^#(?:[0-9a-fA-F]{3,4}){1,2}$/ };
const sort = oneOf("asc", "desc");
const mode = oneOf("value", "percentage");

/** Units with their labels' families; the order is that of Perses' format editor. */
export const units: readonly string[] = [
  ...["nanoseconds", "microseconds", "milliseconds", "seconds", "minutes", "hours", "days", "weeks", "months", "years"],
  ...["percent", "percent-decimal", "decimal", "bits", "decbits", "bytes", "decbytes"],
  ...["bits/sec", "decbits/sec", "bytes/sec", "decbytes/sec", "counts/sec", "events/sec", "messages/sec", "ops/sec"],
  ...["packets/sec", "reads/sec", "records/sec", "requests/sec", "rows/sec", "writes/sec"],
  ...["aud", "cad", "chf", "cny", "eur", "gbp", "hkd", "inr", "jpy", "krw", "nok", "nzd", "sek", "sgd", "usd"],
  ...["celsius", "fahrenheit"],
  ...["datetime-iso", "datetime-us", "datetime-local", "date-iso", "date-us", "date-local"],
  ...["time-local", "time-iso", "time-us", "relative-time", "unix-timestamp", "unix-timestamp-ms"],
];
const format = object({ unit: oneOf(...units), decimalPlaces: number, shortValues: boolean });
const thresholds = object({
  mode: oneOf("percent", "absolute"),
  defaultColor: string,
  steps: listOf(object({ "value!": number, color: string, name: string })),
});
const legend = object({
  "position!": oneOf("bottom", "right"),
  mode: oneOf("list", "table"),
  size: oneOf("small", "medium"),
  values: listOf(either(calculation, oneOf("abs"))),
});
const result = object({ "value!": string, color });
const condition = (extra: Readonly<Record<string, Schema>>) =>
  kinds({
    Value: object({ "value!": words, ...extra }),
    Range: object({ from: number, to: number, min: number, max: number, ...extra }),
    Regex: object({ pattern: words, expr: words, ...extra }),
    Misc: object({ "value!": oneOf("empty", "null", "NaN", "true", "false"), ...extra }),
  });
const mappings = listOf(condition({ "result!": result }));
const selection = object({ enabled: boolean });
/** Actions differ by their type, whose list Perses extends with every release. */
const actions = anything;

const cellSettings = listOf(object({
  "condition!": condition({}),
  text: string,
  prefix: string,
  suffix: string,
  textColor: color,
  backgroundColor: color,
  dataLink: anything,
}));
const cellSize = either(oneOf("auto"), number);
const columnSettings = listOf(object({
  "name!": string,
  header: string,
  headerDescription: string,
  cellDescription: string,
  plugin: anything,
  format,
  align: oneOf("left", "center", "right"),
  enableSorting: boolean,
  sort,
  width: cellSize,
  hide: boolean,
  cellSettings,
  dataLink: object({ "url!": string, title: string, openNewTab: boolean }),
}));
const transforms = listOf(kinds({
  JoinByColumnValue: object({ "columns!": listOf(string), disabled: boolean }),
  MergeColumns: object({ "columns!": listOf(string), "name!": words, disabled: boolean }),
  MergeIndexedColumns: object({ "column!": words, disabled: boolean }),
  MergeSeries: object({ disabled: boolean }),
  ExtractColumnFields: object({
    "column!": string,
    "format!": oneOf("JSON", "Regex", "SplitByDelimiter", "KeyValuePairs"),
    matcher: string,
    disabled: boolean,
  }),
}));
const lineStyle = oneOf("solid", "dashed", "dotted");
const stack = oneOf("all", "percent");

const panels: Readonly<Record<string, Schema>> = {
  TimeSeriesChart: object({
    legend,
    tooltip: object({ enablePinning: boolean }),
    yAxis: object({ show: boolean, label: string, format, min: number, max: number, logBase: oneOf(2, 10) }),
    thresholds,
    visual: object({
      display: oneOf("line", "bar"),
      lineWidth: between(0.25, 3),
      lineStyle,
      areaOpacity: between(0, 1),
      showPoints: oneOf("auto", "always"),
      palette: object({ "mode!": oneOf("auto", "categorical") }),
      pointRadius: between(0, 6),
      stack,
      connectNulls: boolean,
    }),
    querySettings: listOf(object({
      "queryIndex!": whole(0),
      colorMode: oneOf("fixed", "fixed-single"),
      colorValue: color,
      lineStyle,
      areaOpacity: between(0, 1),
      format,
      negativeY: boolean,
      stack,
    })),
  }),
  StatChart: object({
    "calculation!": calculation,
    metricLabel: string,
    format,
    thresholds,
    sparkline: object({ color: string, width: number }),
    valueFontSize: number,
    colorMode: oneOf("value", "background_solid", "none"),
    legendMode: oneOf("auto", "on", "off"),
    mappings,
  }),
  GaugeChart: object({
    "calculation!": calculation,
    format,
    thresholds,
    max: number,
    legend: object({ show: boolean }),
  }),
  BarChart: object({
    "calculation!": calculation,
    format,
    sort,
    mode,
    orientation: oneOf("horizontal", "vertical"),
    groupBy: listOf(string),
    isStacked: boolean,
    visual: object({ colorOverrides: listOf(object({ "regex!": string, "color!": color })) }),
  }),
  PieChart: object({
    "calculation!": calculation,
    "radius!": number,
    legend,
    format,
    sort,
    mode,
    showLabels: boolean,
    colorPalette: listOf(string),
  }),
  Table: object({
    density: oneOf("compact", "standard", "comfortable"),
    defaultColumnWidth: cellSize,
    defaultColumnHeight: cellSize,
    defaultColumnHidden: boolean,
    pagination: boolean,
    enableFiltering: boolean,
    enableSorting: boolean,
    columnSettings,
    cellSettings,
    transforms,
    selection,
    actions,
  }),
  Markdown: object({ "text!": string }),
  TimeSeriesTable: object({ selection, actions }),
  LogsTable: object({ allowWrap: boolean, enableDetails: boolean, showTime: boolean, selection, actions }),
  StatusHistoryChart: object({ legend, mappings, sorting: oneOf("asc", "desc") }),
  HeatMapChart: object({
    yAxisFormat: format,
    countFormat: format,
    showVisualMap: boolean,
    min: number,
    max: number,
    logBase: oneOf(2, 10),
  }),
  HistogramChart: object({ format, min: number, max: number, thresholds, logBase: oneOf(2, 10) }),
  ScatterChart: object({ sizeRange: listOf(number), link: string }),
};

/** `"$variable"`, or a datasource by kind and perhaps name. */
const datasource = (kind: string) => either(string, object({ "kind!": oneOf(kind), name: string }));
const prometheus = datasource("PrometheusDatasource");
const duckdb = datasource("DuckDBDatasource");
const matchers = listOf(string);
const columns = either(words, listOf(words));
const duration: Schema = either(string, number);

const queries: Readonly<Record<string, Schema>> = {
  PrometheusTimeSeriesQuery: object({
    "query!": words,
    datasource: prometheus,
    seriesNameFormat: string,
    minStep: duration,
    resolution: number,
    instant: boolean,
  }),
  ClickHouseTimeSeriesQuery: object({ "query!": words, datasource: datasource("ClickHouseDatasource") }),
  DuckDBTimeSeriesQuery: object({
    "query!": words,
    datasource: duckdb,
    timeColumn: words,
    valueColumn: columns,
    seriesColumn: columns,
    seriesNameFormat: string,
    minStep: duration,
  }),
  DuckDBQuery: object({ "query!": words, datasource: duckdb }),
};

const variables: Readonly<Record<string, Schema>> = {
  StaticListVariable: object({
    "values!": listOf(either(string, object({ "value!": string, label: string }))),
  }),
  PrometheusLabelValuesVariable: object({ "labelName!": words, matchers, datasource: prometheus }),
  PrometheusLabelNamesVariable: object({ matchers, datasource: prometheus }),
  PrometheusPromQLVariable: object({ "expr!": words, "labelName!": string, datasource: prometheus }),
  DatasourceVariable: object({ "datasourcePluginKind!": string }),
  DuckDBValuesVariable: object({ "query!": words, datasource: duckdb, valueColumn: words, labelColumn: words }),
};

/** What a proxy may be is checked in `proxies.ts`, wherever it stands. */
const proxied = { directUrl: string, proxy: anything };
const datasources: Readonly<Record<string, Schema>> = {
  PrometheusDatasource: object({ ...proxied, scrapeInterval: string, queryParams: mapOf(string) }),
  ClickHouseDatasource: object(proxied),
  LokiDatasource: object(proxied),
  TempoDatasource: object(proxied),
  /** SQL against a workspace, by its id, or against the server's own history of metrics. */
  DuckDBDatasource: object({ "source!": oneOf("workspace", "history"), workspace: words }),
};

export type PluginUse = "panel" | "query" | "variable" | "datasource";

export const pluginSchemas: Readonly<Record<PluginUse, Readonly<Record<string, Schema>>>> = {
  panel: panels,
  query: queries,
  variable: variables,
  datasource: datasources,
};

/**
 * Plugin kinds are plain words, and Perses' own migration documents use one of these for another plugin. A spec of such
 * a kind that has fields, but none that the schema knows, is that other plugin's and is accepted unchecked.
 */
export const sharedPluginNames: ReadonlySet<string> = new Set(["BarChart"]);

/** The query kind that a query plugin is used as, where it is not TimeSeriesQuery. */
export const queryKindOf: Readonly<Record<string, string>> = { DuckDBQuery: "Query" };
