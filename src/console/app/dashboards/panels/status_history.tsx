/** StatusHistoryChart: one line of coloured fields for each series, a colour for each value. */
/// <reference lib="dom" />
import { useRef } from "preact/hooks";
import { mapped, readThresholds, thresholdColor } from "../calculation.ts";
import { type Point, seriesOf } from "../data.ts";
import { formatValue, plainFormat } from "../format.ts";
import { palette, useSize, useThemeColors } from "../hooks.ts";
import type { Fields } from "../model.ts";
import { axisLabel, axisTimes, localText, niceStepMs } from "../time_range.ts";
import type { PanelProperties } from "../view_context.ts";
import { Legend } from "./legend.tsx";
import { readLegend } from "./series_lines.ts";

const rowsMax = 100;

/** Times between which a series had one and the same value. */
interface Stretch {
  readonly fromMs: number;
  readonly toMs: number;
  readonly value: number;
}

export function StatusHistoryPanel({ spec, answers, context }: PanelProperties) {
  const box = useRef<HTMLDivElement>(null);
  const { width } = useSize(box);
  const colors = palette(useThemeColors());
  const direction = spec["sorting"] === "desc" ? -1 : 1;
  const series = seriesOf(answers).slice(0, rowsMax);
  if (spec["sorting"] !== undefined) series.sort((a, b) => direction * (a.name < b.name ? -1 : 1));
  const stretches = series.map(({ values }) => stretchesOf(values, context.range.toMs));
  const values = [...new Set(stretches.flat().map(({ value }) => value))].sort((a, b) => a - b);
  const shown = (value: number) => mapped(spec["mappings"], value)?.text ?? formatValue(value, plainFormat);
  const colorOf = (value: number) => statusColor(spec, value) ?? colors[values.indexOf(value) % colors.length]!;
  const legend = readLegend(spec["legend"]);
  const { fromMs, toMs } = context.range;
  const percent = (at: number) => Math.min(Math.max((at - fromMs) / (toMs - fromMs), 0), 1) * 100;
  const timeCount = Math.max(2, Math.floor(width / 90));
  const stepMs = niceStepMs(context.range, timeCount);
  return (
    <div class="with-legend legend-bottom">
      <div class="status-rows">
        {series.map(({ name }, index) => (
          <div class="status-row" key={index}>
            <span class="status-name" title={name}>{name}</span>
            <div class="status-line">
              {stretches[index]!.map((stretch, place) => (
                <span
                  key={place}
                  title={`${localText(stretch.fromMs, context.timeZone)} – ${
                    localText(stretch.toMs, context.timeZone)
                  }\n${shown(stretch.value)}`}
                  style={{
                    left: `${percent(stretch.fromMs)}%`,
                    width: `${percent(stretch.toMs) - percent(stretch.fromMs)}%`,
                    background: colorOf(stretch.value),
                  }}
                >
                </span>
              ))}
            </div>
          </div>
        ))}
        <div class="status-row">
          <span class="status-name"></span>
          <div class="status-times" ref={box}>
            {axisTimes(context.range, timeCount, context.timeZone).map((at) => (
              <span key={at} style={{ left: `${percent(at)}%` }}>{axisLabel(at, stepMs, context.timeZone)}</span>
            ))}
          </div>
        </div>
      </div>
      {legend !== null && (
        <Legend
          lines={values.slice(0, 30).map((value) => ({
            id: String(value),
            name: shown(value),
            color: colorOf(value),
            values: [],
            format: plainFormat,
          }))}
          isTable={false}
          columns={[]}
          timeZone={context.timeZone}
          chosen={null}
          onChoose={() => {}}
        />
      )}
    </div>
  );
}

function statusColor(spec: Fields, value: number): string | null {
  return mapped(spec["mappings"], value)?.color ?? thresholdColor(readThresholds(spec["thresholds"]), value, null);
}

/** A value lasts until the next point; a gap ends it. */
export function stretchesOf(points: readonly Point[], endMs: number): Stretch[] {
  const stretches: { fromMs: number; toMs: number; value: number }[] = [];
  const distances = points.slice(1).map(([at], index) => at - points[index]![0]).sort((a, b) => a - b);
  const usualMs = distances[Math.floor(distances.length / 2)] ?? endMs - (points[0]?.[0] ?? endMs);
  for (const [index, [at, value]] of points.entries()) {
    if (value === null) continue;
    const toMs = Math.min(points[index + 1]?.[0] ?? endMs, at + usualMs * 2.5);
    const before = stretches.at(-1);
    if (before !== undefined && before.value === value && before.toMs >= at) before.toMs = toMs;
    else stretches.push({ fromMs: at, toMs, value });
  }
  return stretches;
}
