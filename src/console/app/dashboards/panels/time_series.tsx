/** TimeSeriesChart: lines, areas or bars over time, with thresholds and a legend. */
/// <reference lib="dom" />
import { useMemo, useRef, useState } from "preact/hooks";
import { absolute } from "../calculation.ts";
import { formatValue } from "../format.ts";
import { palette, type ThemeColors, useSize, useThemeColors } from "../hooks.ts";
import { axisLabel, axisTimes, localText, niceStepMs } from "../time_range.ts";
import { extentOf, valueAxis } from "../value_axis.ts";
import type { PanelProperties, ViewContext } from "../view_context.ts";
import { Chart, tooltipContent, tooltipStyle } from "./chart.tsx";
import type { EChartsCoreOption } from "./echarts.ts";
import { Legend } from "./legend.tsx";
import { type ChartSettings, type Line, linesMax, linesOf, readChartSettings } from "./series_lines.ts";
import { seriesOf } from "../data.ts";

/** Pixels that a label of the time axis and a step of the value axis need. */
const timeLabelWidth = 70;
const valueStepHeight = 34;

export function TimeSeriesPanel({ title, spec, answers, context }: PanelProperties) {
  const colors = useThemeColors();
  const box = useRef<HTMLDivElement>(null);
  const { width, height } = useSize(box);
  const [chosen, setChosen] = useState<ReadonlySet<string> | null>(null);
  const settings = useMemo(() => readChartSettings(spec), [spec]);
  const lines = useMemo(() => linesOf(answers, settings, palette(colors)), [answers, settings, colors]);
  const shown = useMemo(
    () => chosen === null ? lines : lines.filter(({ id }) => chosen.has(id)),
    [lines, chosen],
  );
  const option = useMemo(
    () => optionOf(shown, settings, context, colors, Math.max(width, 100), Math.max(height, 60)),
    [shown, settings, context.range, context.timeZone, colors, width, height],
  );
  const omitted = seriesOf(answers).length - linesMax;
  const { legend } = settings;
  return (
    <div class={`with-legend ${legend?.isRight === true ? "legend-right" : "legend-bottom"}`}>
      <div class="chart-box" ref={box}>
        <Chart label={title} option={option} onMark={(fromMs, toMs) => context.onZoom({ fromMs, toMs })} />
      </div>
      {omitted > 0 && <p class="weak panel-note">{omitted} more series are not drawn.</p>}
      {legend !== null && (
        <Legend
          lines={lines}
          isTable={legend.isTable}
          columns={legend.values}
          timeZone={context.timeZone}
          chosen={chosen}
          onChoose={setChosen}
        />
      )}
    </div>
  );
}

function optionOf(
  lines: readonly Line[],
  settings: ChartSettings,
  { range, timeZone }: ViewContext,
  colors: ThemeColors,
  width: number,
  height: number,
): EChartsCoreOption {
  const timeCountMax = Math.max(2, Math.floor((width - 60) / timeLabelWidth));
  const times = axisTimes(range, timeCountMax, timeZone);
  const stepMs = niceStepMs(range, timeCountMax);
  const { axis } = settings;
  const format = lines[0]?.format.unit === "percent" && settings.stack === "percent"
    ? lines[0].format
    : settings.format;
  const extent = extentOf(lines);
  const values = axis.logBase === null
    ? valueAxis(
      extent,
      { min: axis.min, max: axis.max ?? (settings.stack === "percent" ? 100 : undefined) },
      format,
      Math.max(2, Math.floor((height - 30) / valueStepHeight)),
    )
    : null;
  return {
    animation: false,
    grid: {
      left: 6,
      right: 12,
      top: 10,
      bottom: 4,
      outerBoundsMode: "same",
      outerBoundsContain: axis.label === "" ? "axisLabel" : "all",
    },
    xAxis: {
      type: "value",
      min: range.fromMs,
      max: range.toMs,
      axisLine: { lineStyle: { color: colors.line } },
      splitLine: { show: false },
      axisTick: { show: true, customValues: times, lineStyle: { color: colors.line } },
      axisLabel: {
        customValues: times,
        color: colors.weak,
        fontSize: 11,
        hideOverlap: true,
        formatter: (at: number) => axisLabel(at, stepMs, timeZone),
      },
    },
    yAxis: {
      ...(axis.logBase === null ? { type: "value" } : { type: "log", logBase: axis.logBase }),
      ...(values ?? {
        ...(axis.min === undefined ? {} : { min: axis.min }),
        ...(axis.max === undefined ? {} : { max: axis.max }),
      }),
      show: axis.isShown,
      axisLine: { show: false },
      axisTick: { show: false },
      name: axis.label,
      nameLocation: "middle",
      nameTextStyle: { color: colors.weak },
      axisLabel: {
        color: colors.weak,
        fontSize: 11,
        formatter: (value: number) => formatValue(value, format, timeZone),
      },
      splitLine: { lineStyle: { color: colors.line, opacity: 0.6 } },
    },
    tooltip: {
      trigger: "axis",
      ...tooltipStyle(colors),
      axisPointer: { type: "line", lineStyle: { color: colors.weak }, label: { show: false } },
      formatter: (points: unknown) => tooltipOf(points, lines, timeZone),
    },
    series: lines.map((line, index) => seriesOption(line, settings, index === 0 ? extent?.max ?? null : undefined)),
  };
}

/** `max` is given for the first line, which carries the thresholds. */
function seriesOption(line: Line, settings: ChartSettings, max: number | null | undefined) {
  const marks = max === undefined ? [] : settings.thresholds.steps.map(({ value, color }) => ({
    yAxis: absolute(settings.thresholds, value, settings.axis.max ?? max),
    lineStyle: { color, type: "dashed" as const, width: 1 },
  }));
  const common = {
    id: line.id,
    name: line.name,
    data: line.values,
    ...(line.stack === null ? {} : { stack: line.stack }),
    itemStyle: { color: line.color },
    emphasis: { disabled: true },
    markLine: { silent: true, symbol: "none", animation: false, label: { show: false }, data: marks },
  };
  if (settings.isBar) {
    return { ...common, type: "bar", barMaxWidth: 24, barMinWidth: 2, itemStyle: { color: line.color, opacity: 0.85 } };
  }
  // A line of zeros on top of others would draw over the uppermost of them in its own colour.
  const isInvisible = line.stack !== null && line.values.every(([, value]) => value === null || value === 0);
  const lonely = lonelyPoints(line);
  return {
    ...common,
    type: "line",
    connectNulls: settings.connectsNulls,
    showSymbol: settings.showsPoints || lonely.size > 0,
    symbol: "circle",
    symbolSize: settings.showsPoints
      ? settings.pointRadius * 2
      : (_value: unknown, { dataIndex }: { dataIndex: number }) => lonely.has(dataIndex) ? 5 : 0,
    lineStyle: { color: line.color, width: isInvisible ? 0 : settings.lineWidth, type: line.style },
    ...(line.areaOpacity > 0 ? { areaStyle: { color: line.color, opacity: line.areaOpacity } } : {}),
    ...(line.values.length > 2_000 ? { sampling: "lttb" } : {}),
  };
}

/** Points with a gap on both sides: no line would show them. */
function lonelyPoints({ values }: Line): Set<number> {
  const isGap = (index: number) => (values[index]?.[1] ?? null) === null;
  return new Set(
    values.flatMap((_point, index) => !isGap(index) && isGap(index - 1) && isGap(index + 1) ? [index] : []),
  );
}

function tooltipOf(points: unknown, lines: readonly Line[], timeZone: string | undefined): HTMLElement {
  const found = points as readonly { readonly seriesId: string; readonly value: readonly [number, number | null] }[];
  const byId = new Map(lines.map((line) => [line.id, line]));
  const shown = found.flatMap(({ seriesId, value: [, value] }) => {
    const line = byId.get(seriesId);
    return line === undefined || value === null || value === undefined ? [] : [{ line, value }];
  }).sort((a, b) => b.value - a.value);
  const at = found[0]?.value[0];
  return tooltipContent(
    at === undefined ? "" : localText(at, timeZone),
    shown.map(({ line, value }) => ({
      color: line.color,
      name: line.name,
      value: formatValue(value, line.format, timeZone),
    })),
  );
}
