/** PieChart: the series' values as parts of their sum. */
/// <reference lib="dom" />
import { useMemo, useState } from "preact/hooks";
import { calculate, readCalculation, safeColor } from "../calculation.ts";
import { seriesOf } from "../data.ts";
import { formatValue, readFormat } from "../format.ts";
import { palette, useThemeColors } from "../hooks.ts";
import { list, number } from "../model.ts";
import type { PanelProperties } from "../view_context.ts";
import { Chart, tooltipContent, tooltipStyle } from "./chart.tsx";
import { Legend } from "./legend.tsx";
import { readLegend } from "./series_lines.ts";

const partsMax = 60;

export function PiePanel({ title, spec, answers, context }: PanelProperties) {
  const theme = useThemeColors();
  const [chosen, setChosen] = useState<ReadonlySet<string> | null>(null);
  const format = readFormat(spec["format"]);
  const legend = readLegend(spec["legend"]);
  const parts = useMemo(() => {
    const own = list(spec["colorPalette"]).flatMap((color) => safeColor(color) ?? []);
    const colors = own.length > 0 ? own : palette(theme);
    const found = seriesOf(answers).slice(0, partsMax).map((series, index) => ({
      id: String(index),
      name: series.name,
      value: calculate(series.values, readCalculation(spec["calculation"])) ?? 0,
      values: series.values,
      color: colors[index % colors.length]!,
      format,
    }));
    const direction = spec["sort"] === "asc" ? 1 : spec["sort"] === "desc" ? -1 : 0;
    return found.sort((a, b) => direction * (a.value - b.value));
  }, [answers, spec, theme]);
  const option = useMemo(() => {
    const shown = parts.filter(({ id }) => chosen === null || chosen.has(id));
    const total = shown.reduce((sum, { value }) => sum + value, 0);
    const percent = (value: number) => formatValue(total === 0 ? 0 : value / total * 100, { unit: "percent" });
    const textOf = (value: number) =>
      spec["mode"] === "percentage" ? percent(value) : formatValue(value, format, context.timeZone);
    return {
      animation: false,
      tooltip: {
        trigger: "item",
        ...tooltipStyle(theme),
        formatter: ({ name, value, color }: { name: string; value: number; color: string }) =>
          tooltipContent(name, [{ color, name: percent(value), value: formatValue(value, format, context.timeZone) }]),
      },
      series: [{
        type: "pie",
        radius: ["0%", `${Math.min(Math.max(number(spec["radius"], 70), 10), 95)}%`],
        data: shown.map(({ name, value, color }) => ({ name, value, itemStyle: { color } })),
        itemStyle: { borderColor: theme.surface, borderWidth: 1 },
        label: {
          show: spec["showLabels"] === true || legend === null,
          color: theme.text,
          fontSize: 11,
          formatter: ({ name, value }: { name: string; value: number }) => `${name} ${textOf(value)}`,
        },
        labelLine: { lineStyle: { color: theme.line } },
      }],
    };
  }, [parts, chosen, theme, spec, context.timeZone]);
  return (
    <div class={`with-legend ${legend?.isRight === true ? "legend-right" : "legend-bottom"}`}>
      <div class="chart-box">
        <Chart label={title} option={option} />
      </div>
      {legend !== null && (
        <Legend
          lines={parts}
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
