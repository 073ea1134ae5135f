/** HeatMapChart and HistogramChart: how often values were in which bucket, over time or in all. */
/// <reference lib="dom" />
import { useMemo } from "preact/hooks";
import { bucketsOf, countedBuckets } from "../buckets.ts";
import { calculate } from "../calculation.ts";
import { seriesOf } from "../data.ts";
import { formatValue, readFormat } from "../format.ts";
import { palette, useThemeColors } from "../hooks.ts";
import { optionalNumber } from "../model.ts";
import { axisLabel, localText, niceStepMs } from "../time_range.ts";
import type { PanelProperties } from "../view_context.ts";
import { Chart, tooltipContent, tooltipStyle } from "./chart.tsx";

const histogramBuckets = 20;
const heatColors = {
  light: ["#e8f1f8", "#9ecae1", "#4292c6", "#14507d", "#062a47"],
  dark: ["#1e2a36", "#1d4e75", "#2f86c0", "#7cc4f2", "#e6f4ff"],
};

export function HeatMapPanel({ title, spec, answers, context }: PanelProperties) {
  const theme = useThemeColors();
  const option = useMemo(() => {
    const buckets = bucketsOf(seriesOf(answers));
    const times = [...new Set(buckets.flatMap(({ values }) => values.map(([at]) => at)))].sort((a, b) => a - b);
    const placeOf = new Map(times.map((at, place) => [at, place]));
    const cells = buckets.flatMap(({ values }, row) =>
      values.flatMap(([at, value]) => value === null || value === 0 ? [] : [[placeOf.get(at)!, row, value]])
    );
    const counts = cells.map(([, , value]) => value!);
    const countFormat = readFormat(spec["countFormat"]);
    const stepMs = niceStepMs(context.range, 8);
    return {
      animation: false,
      grid: { left: 6, right: 12, top: 10, bottom: spec["showVisualMap"] === true ? 44 : 4, outerBoundsMode: "same" },
      xAxis: {
        type: "category",
        data: times,
        axisLine: { lineStyle: { color: theme.line } },
        axisLabel: {
          color: theme.weak,
          fontSize: 11,
          hideOverlap: true,
          formatter: (at: string) => axisLabel(Number(at), stepMs, context.timeZone),
        },
      },
      yAxis: {
        type: "category",
        data: buckets.map(({ name }) => name),
        axisLine: { lineStyle: { color: theme.line } },
        axisLabel: { color: theme.weak, fontSize: 11 },
      },
      visualMap: {
        show: spec["showVisualMap"] === true,
        min: optionalNumber(spec["min"]) ?? 0,
        max: optionalNumber(spec["max"]) ?? Math.max(1, ...counts.slice(0, 100_000)),
        orient: "horizontal",
        left: "center",
        bottom: 0,
        itemHeight: 120,
        itemWidth: 12,
        textStyle: { color: theme.weak },
        inRange: { color: theme.isDark ? heatColors.dark : heatColors.light },
      },
      tooltip: {
        ...tooltipStyle(theme),
        formatter: ({ value: [place, row, count], color }: { value: number[]; color: string }) =>
          tooltipContent(localText(times[place!] ?? 0, context.timeZone), [
            { color, name: buckets[row!]?.name ?? "", value: formatValue(count ?? null, countFormat) },
          ]),
      },
      series: [{ type: "heatmap", data: cells, progressive: 2_000 }],
    };
  }, [answers, spec, theme, context.range, context.timeZone]);
  return <Chart label={title} option={option} />;
}

export function HistogramPanel({ title, spec, answers, context }: PanelProperties) {
  const theme = useThemeColors();
  const option = useMemo(() => {
    const format = readFormat(spec["format"]);
    const shown = (value: number) => formatValue(value, format, context.timeZone);
    const series = seriesOf(answers);
    const isBucketed = series.length > 0 && series.every(({ labels }) => labels["le"] !== undefined);
    const buckets = isBucketed
      ? bucketsOf(series).map(({ name, values }) => ({ name, count: calculate(values, "sum") ?? 0 }))
      : countedBuckets(
        series.flatMap(({ values }) => values.flatMap(([, value]) => value === null ? [] : [value])),
        { min: optionalNumber(spec["min"]), max: optionalNumber(spec["max"]) },
        histogramBuckets,
        shown,
      );
    const color = palette(theme)[0]!;
    return {
      animation: false,
      grid: { left: 6, right: 12, top: 10, bottom: 4, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
      xAxis: {
        type: "category",
        data: buckets.map(({ name }) => name),
        axisLine: { lineStyle: { color: theme.line } },
        axisLabel: { color: theme.weak, fontSize: 11, hideOverlap: true },
      },
      yAxis: {
        ...(spec["logBase"] === 2 || spec["logBase"] === 10
          ? { type: "log", logBase: spec["logBase"] }
          : { type: "value" }),
        axisLabel: { color: theme.weak, fontSize: 11 },
        axisLine: { show: false },
        splitLine: { lineStyle: { color: theme.line, opacity: 0.6 } },
      },
      tooltip: {
        trigger: "axis",
        axisPointer: { type: "shadow" },
        ...tooltipStyle(theme),
        formatter: (points: unknown) => {
          const [point] = points as readonly { name: string; value: number }[];
          return tooltipContent(point?.name ?? "", [{ color, name: "count", value: String(point?.value ?? "") }]);
        },
      },
      series: [{ type: "bar", barCategoryGap: "4%", itemStyle: { color }, data: buckets.map(({ count }) => count) }],
    };
  }, [answers, spec, theme, context.timeZone]);
  return <Chart label={title} option={option} />;
}
