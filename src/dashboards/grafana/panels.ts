/** Grafana's panel types as Perses' panel plugins: a table from type to conversion, and what to do with the rest. */
import type { JsonObject, JsonValue } from "../types.ts";
import { at, compact, flagAt, listAt, numberAt, someOf, textAt } from "./read.ts";
import { calculation, color, fieldFormat, format, legend, mappings, oldThresholds, thresholds } from "./values.ts";

interface Plugin extends JsonObject {
  readonly kind: string;
  readonly spec: JsonObject;
}

type Convert = (panel: JsonValue) => Plugin;

const converters: Readonly<Record<string, Convert>> = {
  timeseries: timeSeries,
  trend: timeSeries,
  graph: oldGraph,
  stat,
  singlestat: oldSinglestat,
  "grafana-singlestat-panel": oldSinglestat,
  gauge,
  bargauge: barGauge,
  barchart: barChart,
  piechart: pieChart,
  "grafana-piechart-panel": pieChart,
  table,
  "table-old": table,
  text: markdown,
  heatmap: heatMap,
  histogram,
  "status-history": statusHistory,
  "state-timeline": statusHistory,
  logs: () => ({ kind: "LogsTable", spec: { showTime: true } }),
};

/** The plugin of a panel. One that Perses has nothing for becomes a text that says what was there. */
export function convertPanel(panel: JsonValue): Plugin {
  const type = textAt(panel, "type");
  if (type !== undefined && Object.hasOwn(converters, type)) return converters[type]!(panel);
  const library = textAt(panel, "libraryPanel", "name");
  if (library !== undefined) {
    return notConverted(`the library panel "${library}", whose definition is not part of the dashboard`);
  }
  return notConverted(`a panel of the type "${type ?? "unknown"}"`);
}

/** A text in the place of something that could not be taken over. */
export function notConverted(what: string): Plugin {
  return { kind: "Markdown", spec: { text: `**Not migrated from Grafana:** here was ${what}.` } };
}

/** Whether the panel shows data, so that it needs queries. */
export function needsQueries(plugin: Plugin): boolean {
  return plugin.kind !== "Markdown";
}

function defaultsOf(panel: JsonValue): JsonValue | undefined {
  return at(panel, "fieldConfig", "defaults");
}

const lineStyles: Readonly<Record<string, string>> = { solid: "solid", dash: "dashed", dot: "dotted" };

function lineStyle(value: string | undefined): string | undefined {
  return value !== undefined && Object.hasOwn(lineStyles, value) ? lineStyles[value] : undefined;
}

function within(value: number | undefined, min: number, max: number): number | undefined {
  return value === undefined ? undefined : Math.min(max, Math.max(min, value));
}

function logBase(value: number | undefined): number | undefined {
  return value === 2 || value === 10 ? value : undefined;
}

function timeSeries(panel: JsonValue): Plugin {
  const defaults = defaultsOf(panel);
  const custom = at(defaults, "custom");
  const opacity = numberAt(custom, "fillOpacity");
  const stacking = textAt(custom, "stacking", "mode");
  const areThresholdsShown = (textAt(custom, "thresholdsStyle", "mode") ?? "off") !== "off";
  return {
    kind: "TimeSeriesChart",
    spec: compact({
      legend: legend(panel),
      yAxis: someOf({
        label: textAt(custom, "axisLabel"),
        format: fieldFormat(panel),
        min: numberAt(defaults, "min") ?? numberAt(custom, "axisSoftMin"),
        max: numberAt(defaults, "max") ?? numberAt(custom, "axisSoftMax"),
        logBase: textAt(custom, "scaleDistribution", "type") === "log"
          ? logBase(numberAt(custom, "scaleDistribution", "log"))
          : undefined,
        show: textAt(custom, "axisPlacement") === "hidden" ? false : undefined,
      }),
      thresholds: areThresholdsShown ? thresholds(panel) : undefined,
      visual: someOf({
        display: textAt(custom, "drawStyle") === "bars" ? "bar" : undefined,
        lineWidth: within(numberAt(custom, "lineWidth"), 0.25, 3),
        lineStyle: lineStyle(textAt(custom, "lineStyle", "fill")),
        areaOpacity: within(opacity === undefined ? undefined : opacity / 100, 0, 1),
        showPoints: textAt(custom, "showPoints") === "always" ? "always" : undefined,
        stack: stacking === "normal" ? "all" : stacking === "percent" ? "percent" : undefined,
        connectNulls: flagAt(custom, "spanNulls"),
      }),
      querySettings: querySettings(panel),
    }),
  };
}

/** What overrides say of a query's series: by the query's letter, or by a name that is the query's whole legend. */
function querySettings(panel: JsonValue): JsonObject[] | undefined {
  const settings = listAt(panel, "targets").flatMap((target, queryIndex) => {
    const found = listAt(panel, "fieldConfig", "overrides")
      .filter((override) => isOverrideOf(override, target))
      .flatMap((override) => listAt(override, "properties"))
      .map(overriddenSettings);
    const merged = Object.assign({}, ...found) as JsonObject;
    return Object.keys(merged).length === 0 ? [] : [{ queryIndex, ...merged }];
  });
  return settings.length === 0 ? undefined : settings;
}

function isOverrideOf(override: JsonValue, target: JsonValue): boolean {
  const options = textAt(override, "matcher", "options");
  if (options === undefined) return false;
  switch (textAt(override, "matcher", "id")) {
    case "byFrameRefID":
      return options === textAt(target, "refId");
    case "byName":
      return options === textAt(target, "legendFormat");
    default:
      return false;
  }
}

function overriddenSettings(property: JsonValue): JsonObject {
  const value = at(property, "value");
  switch (textAt(property, "id")) {
    case "color": {
      const fixed = color(textAt(value, "fixedColor"));
      return fixed === undefined ? {} : { colorMode: "fixed", colorValue: fixed };
    }
    case "custom.lineStyle":
      return compact({ lineStyle: lineStyle(textAt(value, "fill")) });
    case "custom.fillOpacity": {
      const opacity = numberAt(property, "value");
      return compact({ areaOpacity: within(opacity === undefined ? undefined : opacity / 100, 0, 1) });
    }
    case "unit":
      return compact({ format: format(textAt(property, "value"), undefined) });
    case "custom.transform":
      return value === "negative-Y" ? { negativeY: true } : {};
    default:
      return {};
  }
}

/** The panel type before `timeseries`. */
function oldGraph(panel: JsonValue): Plugin {
  if (listAt(panel, "yaxes").length === 0) return timeSeries(panel);
  const axis = listAt(panel, "yaxes")[0];
  const shown = at(panel, "legend");
  const values = ["min", "max", "avg", "current", "total"].filter((name) => flagAt(shown, name) === true);
  const fill = numberAt(panel, "fill");
  const lines = listAt(panel, "thresholds").filter((line) => numberAt(line, "value") !== undefined);
  return {
    kind: "TimeSeriesChart",
    spec: compact({
      legend: flagAt(shown, "show") === false ? undefined : compact({
        position: flagAt(shown, "rightSide") === true ? "right" : "bottom",
        mode: flagAt(shown, "alignAsTable") === true ? "table" : "list",
        values: values.length === 0 ? undefined : values.flatMap((name) => calculation(name) ?? []),
      }),
      yAxis: someOf({
        label: textAt(axis, "label"),
        format: format(textAt(axis, "format"), numberAt(axis, "decimals") ?? numberAt(panel, "decimals")),
        min: numberAt(axis, "min"),
        max: numberAt(axis, "max"),
        logBase: logBase(numberAt(axis, "logBase")),
        show: flagAt(axis, "show") === false ? false : undefined,
      }),
      thresholds: lines.length === 0 ? undefined : {
        steps: lines.map((line) =>
          compact({ value: numberAt(line, "value"), color: color(textAt(line, "lineColor")) })
        ),
      },
      visual: someOf({
        display: flagAt(panel, "bars") === true ? "bar" : undefined,
        lineWidth: within(numberAt(panel, "linewidth"), 0.25, 3),
        // Grafana counted from 0 to 10.
        areaOpacity: within(fill === undefined ? undefined : fill / 10, 0, 1),
        stack: flagAt(panel, "stack") !== true ? undefined : flagAt(panel, "percentage") === true ? "percent" : "all",
        connectNulls: textAt(panel, "nullPointMode") === "connected" ? true : undefined,
      }),
    }),
  };
}

/** How several values become one; today's panels say it here. */
function reduceCalculation(panel: JsonValue): string {
  return calculation(textAtIndex(panel, "options", "reduceOptions", "calcs")) ?? "last-number";
}

function textAtIndex(panel: JsonValue, ...path: readonly string[]): string | undefined {
  const first = listAt(panel, ...path)[0];
  return typeof first === "string" ? first : undefined;
}

const statColorModes: Readonly<Record<string, string>> = {
  value: "value",
  background: "background_solid",
  background_solid: "background_solid",
  none: "none",
};

function stat(panel: JsonValue): Plugin {
  const colorMode = textAt(panel, "options", "colorMode") ?? "";
  return {
    kind: "StatChart",
    spec: compact({
      calculation: reduceCalculation(panel),
      format: fieldFormat(panel),
      thresholds: thresholds(panel),
      sparkline: textAt(panel, "options", "graphMode") === "area" ? {} : undefined,
      colorMode: Object.hasOwn(statColorModes, colorMode) ? statColorModes[colorMode] : undefined,
      mappings: mappings(panel),
    }),
  };
}

function oldSinglestat(panel: JsonValue): Plugin {
  if (flagAt(panel, "gauge", "show") === true) {
    return {
      kind: "GaugeChart",
      spec: compact({
        calculation: calculation(textAt(panel, "valueName")) ?? "mean",
        format: format(textAt(panel, "format"), numberAt(panel, "decimals")),
        thresholds: oldThresholds(textAt(panel, "thresholds"), listAt(panel, "colors")),
        max: numberAt(panel, "gauge", "maxValue"),
      }),
    };
  }
  const colorMode = flagAt(panel, "colorBackground") === true
    ? "background_solid"
    : flagAt(panel, "colorValue") === true
    ? "value"
    : undefined;
  return {
    kind: "StatChart",
    spec: compact({
      calculation: calculation(textAt(panel, "valueName")) ?? "mean",
      format: format(textAt(panel, "format"), numberAt(panel, "decimals")),
      thresholds: oldThresholds(textAt(panel, "thresholds"), listAt(panel, "colors")),
      sparkline: flagAt(panel, "sparkline", "show") === true ? {} : undefined,
      colorMode,
      mappings: mappings(panel),
    }),
  };
}

function gauge(panel: JsonValue): Plugin {
  return {
    kind: "GaugeChart",
    spec: compact({
      calculation: reduceCalculation(panel),
      format: fieldFormat(panel),
      thresholds: thresholds(panel),
      max: numberAt(defaultsOf(panel), "max"),
    }),
  };
}

function barGauge(panel: JsonValue): Plugin {
  const orientation = textAt(panel, "options", "orientation");
  return {
    kind: "BarChart",
    spec: compact({
      calculation: reduceCalculation(panel),
      format: fieldFormat(panel),
      // Grafana speaks of the bars, and puts a name beside each.
      orientation: orientation === "horizontal" || orientation === "vertical" ? orientation : undefined,
    }),
  };
}

function barChart(panel: JsonValue): Plugin {
  const orientation = textAt(panel, "options", "orientation");
  const stacking = textAt(panel, "options", "stacking") ?? "none";
  return {
    kind: "BarChart",
    spec: compact({
      calculation: "last-number",
      format: fieldFormat(panel),
      orientation: orientation === "horizontal" || orientation === "vertical" ? orientation : undefined,
      isStacked: stacking === "none" ? undefined : true,
      mode: stacking === "percent" ? "percentage" : undefined,
    }),
  };
}

function pieChart(panel: JsonValue): Plugin {
  const labels = listAt(panel, "options", "displayLabels");
  return {
    kind: "PieChart",
    spec: compact({
      calculation: calculation(textAt(panel, "valueName")) ?? reduceCalculation(panel),
      radius: 50,
      legend: legend(panel),
      format: fieldFormat(panel) ?? format(textAt(panel, "format"), undefined),
      showLabels: labels.length > 0 ? true : undefined,
      mode: labels.includes("percent") ? "percentage" : undefined,
    }),
  };
}

function table(panel: JsonValue): Plugin {
  const organize = listAt(panel, "transformations").find((one) => textAt(one, "id") === "organize");
  const renamed = Object.entries(at(organize, "options", "renameByName") ?? {})
    .filter(([, header]) => typeof header === "string" && header !== "");
  const excluded = Object.entries(at(organize, "options", "excludeByName") ?? {}).filter(([, hide]) => hide === true);
  const columns = new Map<string, JsonObject>();
  const column = (name: string, settings: JsonObject) => columns.set(name, { name, ...columns.get(name), ...settings });
  for (const [name, header] of renamed) column(name, { header: header as string });
  for (const [name] of excluded) column(name, { hide: true });
  for (const override of listAt(panel, "fieldConfig", "overrides")) {
    const name = textAt(override, "matcher", "options");
    if (textAt(override, "matcher", "id") !== "byName" || name === undefined) continue;
    column(name, Object.assign({}, ...listAt(override, "properties").map(columnSettings)) as JsonObject);
  }
  const settings = [...columns.values()].filter((one) => Object.keys(one).length > 1);
  return { kind: "Table", spec: settings.length === 0 ? {} : { columnSettings: settings } };
}

function columnSettings(property: JsonValue): JsonObject {
  switch (textAt(property, "id")) {
    case "displayName":
      return compact({ header: textAt(property, "value") });
    case "custom.hidden":
    case "custom.hideFrom.viz":
      return at(property, "value") === true ? { hide: true } : {};
    case "custom.width":
      return compact({ width: numberAt(property, "value") });
    case "custom.align": {
      const align = textAt(property, "value");
      return align === "left" || align === "center" || align === "right" ? { align } : {};
    }
    case "unit":
      return compact({ format: format(textAt(property, "value"), undefined) });
    default:
      return {};
  }
}

function markdown(panel: JsonValue): Plugin {
  const content = textAt(panel, "options", "content") ?? textAt(panel, "content") ?? "";
  const mode = textAt(panel, "options", "mode") ?? textAt(panel, "mode") ?? "markdown";
  const language = textAt(panel, "options", "code", "language") ?? "";
  const text = mode === "code"
    ? "```" + (language === "plaintext" ? "" : language) + `\n${content}\n` + "```"
    : content;
  return { kind: "Markdown", spec: { text } };
}

function heatMap(panel: JsonValue): Plugin {
  const axis = at(panel, "options", "yAxis") ?? at(panel, "yAxis");
  return {
    kind: "HeatMapChart",
    spec: compact({
      yAxisFormat: format(textAt(axis, "unit") ?? textAt(axis, "format"), numberAt(axis, "decimals")),
      countFormat: format(textAt(panel, "options", "cellValues", "unit"), undefined),
      showVisualMap: flagAt(panel, "options", "legend", "show") === true ? true : undefined,
      min: numberAt(axis, "min"),
      max: numberAt(axis, "max"),
      logBase: logBase(numberAt(axis, "logBase")),
    }),
  };
}

function histogram(panel: JsonValue): Plugin {
  return {
    kind: "HistogramChart",
    spec: compact({
      format: fieldFormat(panel),
      min: numberAt(defaultsOf(panel), "min"),
      max: numberAt(defaultsOf(panel), "max"),
      thresholds: thresholds(panel),
    }),
  };
}

function statusHistory(panel: JsonValue): Plugin {
  return { kind: "StatusHistoryChart", spec: compact({ legend: legend(panel), mappings: mappings(panel) }) };
}
