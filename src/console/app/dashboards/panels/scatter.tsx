/** ScatterChart: points over time, or one number of a table over another. */
/// <reference lib="dom" />
import { useMemo } from "preact/hooks";
import { isNumberType, numberOf, type PanelData, seriesOf } from "../data.ts";
import { formatValue, plainFormat } from "../format.ts";
import { palette, useThemeColors } from "../hooks.ts";
import { list } from "../model.ts";
import { axisLabel, axisTimes, localText, niceStepMs } from "../time_range.ts";
import type { PanelProperties } from "../view_context.ts";
import { Chart, tooltipContent, tooltipStyle } from "./chart.tsx";

interface Cloud {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number, size: number])[];
}

const [sizeMin, sizeMax] = [4, 24];

export function ScatterPanel({ title, spec, answers, context }: PanelProperties) {
  const theme = useThemeColors();
  const option = useMemo(() => {
    const table = answers.find((answer) => answer.type === "table" && numbersOf(answer).length >= 2);
    const clouds = table?.type === "table" ? [cloudOf(table)] : cloudsOverTime(answers);
    const numbers = table?.type === "table" ? numbersOf(table) : [];
    const sizes = clouds.flatMap(({ points }) => points.map(([, , size]) => size));
    const most = Math.max(...sizes.slice(0, 50_000), 1);
    const range = list(spec["sizeRange"]).filter((one): one is number => typeof one === "number");
    const [least, greatest] = range.length === 2 ? [range[0]!, range[1]!] : [sizeMin, sizeMax];
    const isSized = numbers.length > 2;
    const stepMs = niceStepMs(context.range, 8);
    const xText = (x: number) => table === undefined ? localText(x, context.timeZone) : formatValue(x, plainFormat);
    const times = axisTimes(context.range, 8, context.timeZone);
    const colors = palette(theme);
    return {
      animation: false,
      grid: { left: 6, right: 16, top: 12, bottom: 4, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
      xAxis: {
        type: "value",
        ...(table === undefined ? { min: context.range.fromMs, max: context.range.toMs } : { scale: true }),
        axisLine: { lineStyle: { color: theme.line } },
        splitLine: { show: false },
        axisLabel: {
          color: theme.weak,
          fontSize: 11,
          hideOverlap: true,
          ...(table === undefined
            ? { customValues: times, formatter: (at: number) => axisLabel(at, stepMs, context.timeZone) }
            : {}),
        },
      },
      yAxis: {
        type: "value",
        scale: true,
        axisLabel: { color: theme.weak, fontSize: 11, formatter: (value: number) => formatValue(value, plainFormat) },
        axisLine: { show: false },
        splitLine: { lineStyle: { color: theme.line, opacity: 0.6 } },
      },
      tooltip: {
        ...tooltipStyle(theme),
        formatter: ({ seriesName, value, color }: { seriesName: string; value: number[]; color: string }) =>
          tooltipContent(xText(value[0]!), [{ color, name: seriesName, value: formatValue(value[1]!, plainFormat) }]),
      },
      series: clouds.map(({ name, points }, index) => ({
        type: "scatter",
        name,
        data: points,
        itemStyle: { color: colors[index % colors.length], opacity: 0.75 },
        symbolSize: isSized ? (value: number[]) => least + (value[2] ?? 0) / most * (greatest - least) : 6,
      })),
    };
  }, [answers, spec, theme, context.range, context.timeZone]);
  return (
    <Chart
      label={title}
      option={option}
      {...(answers.every(({ type }) => type === "time_series")
        ? { onMark: (fromMs: number, toMs: number) => context.onZoom({ fromMs, toMs }) }
        : {})}
    />
  );
}

type Table = Extract<PanelData, { type: "table" }>;

function numbersOf({ columns }: Table): string[] {
  return columns.filter(({ type }) => isNumberType(type)).map(({ name }) => name);
}

/** The first number is across, the second up, a third the size. */
function cloudOf(table: Table): Cloud {
  const [x = "", y = "", size] = numbersOf(table);
  return {
    name: y,
    points: table.rows.flatMap((row) => {
      const [across, up] = [numberOf(row[x]), numberOf(row[y])];
      return across === null || up === null
        ? []
        : [[across, up, size === undefined ? 0 : numberOf(row[size]) ?? 0] as const];
    }),
  };
}

function cloudsOverTime(answers: readonly PanelData[]): Cloud[] {
  return seriesOf(answers).map(({ name, values }) => ({
    name,
    points: values.flatMap(([at, value]) => value === null ? [] : [[at, value, 0] as const]),
  }));
}
