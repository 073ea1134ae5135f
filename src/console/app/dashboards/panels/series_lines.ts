/**
 * The lines of a TimeSeriesChart, made ready to draw: colours and styles by query, stacked lines brought to the same times, gaps where
 * nothing was measured. Pure.
 */
import { type Calculation, calculations, readThresholds, safeColor, type Thresholds } from "../calculation.ts";
import type { PanelData, Point } from "../data.ts";
import { seriesOf } from "../data.ts";
import { type Format, readFormat } from "../format.ts";
import { type Fields, fields, list, number, optionalNumber, text } from "../model.ts";

export interface Line {
  readonly id: string;
  readonly name: string;
  readonly color: string;
  readonly values: readonly Point[];
  /** Lines with the same one are put on top of each other. */
  readonly stack: string | null;
  readonly areaOpacity: number;
  readonly style: "solid" | "dashed" | "dotted";
  readonly format: Format;
}

export interface ChartSettings {
  readonly isBar: boolean;
  readonly lineWidth: number;
  readonly areaOpacity: number;
  readonly style: Line["style"];
  readonly showsPoints: boolean;
  readonly pointRadius: number;
  readonly stack: "all" | "percent" | null;
  readonly connectsNulls: boolean;
  readonly format: Format;
  readonly axis: {
    readonly isShown: boolean;
    readonly label: string;
    readonly min: number | undefined;
    readonly max: number | undefined;
    readonly logBase: number | null;
  };
  readonly thresholds: Thresholds;
  readonly legend: LegendSettings | null;
  readonly querySettings: readonly Fields[];
}

export interface LegendSettings {
  readonly isRight: boolean;
  readonly isTable: boolean;
  readonly values: readonly Calculation[];
}

/** More lines than this cannot be told apart, and would make the browser slow. */
export const linesMax = 300;

export function readChartSettings(spec: Fields): ChartSettings {
  const visual = fields(spec["visual"]);
  const axis = fields(spec["yAxis"]);
  const stack = visual["stack"];
  return {
    isBar: visual["display"] === "bar",
    lineWidth: number(visual["lineWidth"], 1.25),
    areaOpacity: number(visual["areaOpacity"], 0),
    style: readStyle(visual["lineStyle"]) ?? "solid",
    showsPoints: visual["showPoints"] === "always",
    pointRadius: number(visual["pointRadius"], 2.75),
    stack: stack === "all" || stack === "percent" ? stack : null,
    connectsNulls: visual["connectNulls"] === true,
    format: readFormat(axis["format"], { unit: "decimal", shortValues: true }),
    axis: {
      isShown: axis["show"] !== false,
      label: text(axis["label"]),
      min: optionalNumber(axis["min"]),
      max: optionalNumber(axis["max"]),
      logBase: axis["logBase"] === 2 || axis["logBase"] === 10 ? axis["logBase"] : null,
    },
    thresholds: readThresholds(spec["thresholds"]),
    legend: readLegend(spec["legend"]),
    querySettings: list(spec["querySettings"]).map(fields),
  };
}

export function readLegend(value: unknown): LegendSettings | null {
  const legend = fields(value);
  if (Object.keys(legend).length === 0) return null;
  return {
    isRight: legend["position"] === "right",
    isTable: legend["mode"] === "table",
    values: list(legend["values"]).flatMap((name) => calculations.filter((known) => known === name)),
  };
}

export function linesOf(
  answers: readonly (PanelData | null)[],
  settings: ChartSettings,
  colors: readonly string[],
): Line[] {
  const found = answers.flatMap((answer, queryIndex) =>
    answer === null ? [] : seriesOf([answer]).map((series) => ({ series, queryIndex, answer }))
  ).slice(0, linesMax);
  const names = [...new Set(found.map(({ series, queryIndex }) => `${series.name} ${queryIndex}`))].sort();
  const lines = found.map(({ series, queryIndex, answer }, index): Line => {
    const own = settings.querySettings.find((one) => one["queryIndex"] === queryIndex) ?? {};
    const fixed = own["colorMode"] === undefined ? null : safeColor(own["colorValue"]);
    const stack = own["stack"] === "all" || own["stack"] === "percent" ? own["stack"] : settings.stack;
    const isNegative = own["negativeY"] === true;
    const values = isNegative
      ? series.values.map(([at, value]): Point => [at, value === null ? null : -value])
      : series.values;
    return {
      id: `${queryIndex}-${index}`,
      name: series.name,
      color: fixed ?? outcomeColor(series.name) ??
        colors[names.indexOf(`${series.name} ${queryIndex}`) % colors.length]!,
      values: settings.isBar || settings.connectsNulls || stack !== null
        ? values
        : withGaps(values, answer.type === "time_series" ? answer.step_ms : 0),
      stack,
      areaOpacity: number(own["areaOpacity"], settings.areaOpacity),
      style: readStyle(own["lineStyle"]) ?? settings.style,
      format: readFormat(own["format"], settings.format),
    };
  });
  return stacked(lines);
}

const good = "#2a9d5c";
const doubtful = "#e07b00";
const bad = "#d62828";
/** Outcomes have colours that everybody expects: red is what went wrong. */
const outcomeColors: Readonly<Record<string, string>> = {
  success: good,
  ok: good,
  succeeded: good,
  timeout: doubtful,
  warning: doubtful,
  error: bad,
  failed: bad,
  failure: bad,
};
const statusColors: Readonly<Record<string, string>> = { "2": good, "3": "#3f8fce", "4": doubtful, "5": bad };

function outcomeColor(name: string): string | null {
  if (/^[1-5](?:\d\d|xx)$/.test(name)) return statusColors[name[0]!] ?? null;
  const word = name.toLowerCase();
  return Object.hasOwn(outcomeColors, word) ? outcomeColors[word]! : null;
}

function readStyle(value: unknown): Line["style"] | null {
  return value === "solid" || value === "dashed" || value === "dotted" ? value : null;
}

/** A null between two points that are much farther apart than the others are. */
export function withGaps(values: readonly Point[], stepMs: number): Point[] {
  if (values.length < 3) return [...values];
  const distances = values.slice(1).map(([at], index) => at - values[index]![0]).sort((a, b) => a - b);
  const usual = Math.max(distances[Math.floor(distances.length / 2)]!, stepMs);
  return values.flatMap((point, index): Point[] => {
    const before = values[index - 1];
    return before !== undefined && point[0] - before[0] > usual * 2.5 ? [[before[0] + usual, null], point] : [point];
  });
}

/** Stacked lines with a value at each time that any of them has: 0 where nothing was counted. In percent, of all of them. */
function stacked(lines: readonly Line[]): Line[] {
  const together = lines.filter(({ stack }) => stack !== null);
  if (together.length === 0) return [...lines];
  const times = [...new Set(together.flatMap(({ values }) => values.map(([at]) => at)))].sort((a, b) => a - b);
  const aligned = new Map(together.map((line) => {
    const byTime = new Map(line.values);
    return [line, times.map((at): Point => [at, byTime.get(at) ?? 0])];
  }));
  const sums = times.map((_at, index) =>
    together.reduce((sum, line) => sum + Math.abs(aligned.get(line)![index]![1] ?? 0), 0)
  );
  return lines.map((line) => {
    const values = aligned.get(line);
    if (values === undefined) return line;
    if (line.stack !== "percent") return { ...line, values };
    const shares = values.map((
      [at, value],
      index,
    ): Point => [at, sums[index] === 0 ? 0 : (value ?? 0) / sums[index]! * 100]);
    return { ...line, values: shares, format: { unit: "percent", decimalPlaces: line.format.decimalPlaces } };
  });
}
