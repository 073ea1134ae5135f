/** BarChart: one value of each series as a bar, grouped by labels where the panel says so. */
/// <reference lib="dom" />
import { useMemo } from "preact/hooks";
import { calculate, readCalculation, safeColor } from "../calculation.ts";
import { type PanelData, seriesOf } from "../data.ts";
import { type Format, formatValue, readFormat } from "../format.ts";
import { palette, type ThemeColors, useThemeColors } from "../hooks.ts";
import { type Fields, fields, list, text } from "../model.ts";
import type { PanelProperties } from "../view_context.ts";
import { Chart, tooltipContent, tooltipStyle } from "./chart.tsx";
import type { EChartsCoreOption } from "./echarts.ts";

interface Bars {
  readonly categories: readonly string[];
  readonly groups: readonly { readonly name: string; readonly values: readonly (number | null)[] }[];
}

const categoriesMax = 100;

export function BarPanel({ title, spec, answers, context }: PanelProperties) {
  const colors = useThemeColors();
  const option = useMemo(
    () => optionOf(barsOf(answers, spec), spec, colors, context.timeZone),
    [answers, spec, colors, context.timeZone],
  );
  return <Chart label={title} option={option} />;
}

/** Without `groupBy` each series is a bar of its own; with it, the labels' values are the places and the rest of the name the group. */
export function barsOf(answers: readonly PanelData[], spec: Fields): Bars {
  const calculation = readCalculation(spec["calculation"]);
  const groupBy = list(spec["groupBy"]).map(text).filter((name) => name !== "");
  const found = seriesOf(answers).map(({ name, labels, values }) => ({
    category: groupBy.length === 0 ? name : groupBy.map((label) => labels[label] ?? "").join(" "),
    group: groupBy.length === 0
      ? ""
      : Object.entries(labels).filter(([label]) => !groupBy.includes(label)).map(([, value]) => value).join(" "),
    value: calculate(values, calculation),
  }));
  const sums = new Map<string, number>();
  for (const { category, value } of found) sums.set(category, (sums.get(category) ?? 0) + (value ?? 0));
  const total = [...sums.values()].reduce((sum, value) => sum + value, 0);
  const scale = (value: number | null) =>
    value === null || spec["mode"] !== "percentage" ? value : total === 0 ? 0 : value / total * 100;
  const sort = spec["sort"];
  const ordered = [...sums.keys()].sort((a, b) =>
    sort === "asc" ? sums.get(a)! - sums.get(b)! : sort === "desc" ? sums.get(b)! - sums.get(a)! : 0
  );
  const categories = ordered.slice(0, categoriesMax);
  const groups = [...new Set(found.map(({ group }) => group))];
  return {
    categories,
    groups: groups.map((name) => ({
      name,
      values: categories.map((category) =>
        scale(found.find((one) => one.category === category && one.group === name)?.value ?? null)
      ),
    })),
  };
}

function optionOf(
  { categories, groups }: Bars,
  spec: Fields,
  theme: ThemeColors,
  timeZone: string | undefined,
): EChartsCoreOption {
  const format: Format = spec["mode"] === "percentage" ? { unit: "percent" } : readFormat(spec["format"]);
  const isVertical = spec["orientation"] === "vertical";
  const colors = palette(theme);
  const shown = (value: number | null) => formatValue(value, format, timeZone);
  const names = {
    type: "category",
    data: categories,
    inverse: !isVertical,
    axisTick: { show: false },
    axisLine: { lineStyle: { color: theme.line } },
    axisLabel: { color: theme.weak, fontSize: 11, width: 160, overflow: "truncate" },
  };
  const values = {
    type: "value",
    axisLabel: { color: theme.weak, fontSize: 11, formatter: shown, hideOverlap: true },
    axisLine: { show: false },
    splitLine: { lineStyle: { color: theme.line, opacity: 0.6 } },
  };
  return {
    animation: false,
    grid: { left: 6, right: 50, top: 14, bottom: 4, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
    xAxis: isVertical ? names : values,
    yAxis: isVertical ? values : names,
    tooltip: {
      trigger: "axis",
      axisPointer: { type: "shadow" },
      ...tooltipStyle(theme),
      formatter: (points: unknown) => {
        const found = points as readonly { name: string; seriesName: string; value: number | null; color: string }[];
        return tooltipContent(
          found[0]?.name ?? "",
          found.map(({ seriesName, value, color }) => ({ color, name: seriesName, value: shown(value) })),
        );
      },
    },
    series: groups.map(({ name, values: data }, index) => ({
      type: "bar",
      name,
      ...(spec["isStacked"] === true ? { stack: "all" } : {}),
      barMaxWidth: 28,
      data: data.map((value, place) => ({
        value,
        itemStyle: {
          color: overridden(spec, groups.length > 1 ? name : categories[place] ?? "") ?? colors[index % colors.length],
        },
      })),
      label: {
        show: groups.length === 1 && categories.length <= 30,
        position: isVertical ? "top" : "right",
        color: theme.text,
        fontSize: 11,
        formatter: ({ value }: { value: number | null }) => shown(value),
      },
    })),
  };
}

function overridden(spec: Fields, name: string): string | null {
  for (const override of list(fields(spec["visual"])["colorOverrides"]).map(fields)) {
    try {
      if (new RegExp(text(override["regex"])).test(name)) return safeColor(override["color"]);
    } catch {
      // An expression that is none overrides nothing.
    }
  }
  return null;
}
