/** GaugeChart: a value on an arc from zero to its greatest, with the thresholds around it. */
import { absolute, calculate, readCalculation, readThresholds, thresholdColor } from "../calculation.ts";
import { seriesOf } from "../data.ts";
import { formatValue, readFormat } from "../format.ts";
import { fields, optionalNumber } from "../model.ts";
import type { PanelProperties } from "../view_context.ts";

const gaugesMax = 40;
/** The arc goes from lower left to lower right. */
const [startDegrees, endDegrees] = [210, -30];

export function GaugePanel({ spec, answers, context }: PanelProperties) {
  const format = readFormat(spec["format"], { unit: "percent-decimal" });
  const series = seriesOf(answers).slice(0, gaugesMax);
  const values = series.map((one) => calculate(one.values, readCalculation(spec["calculation"])));
  const max = optionalNumber(spec["max"]) ??
    (format.unit === "percent" ? 100 : format.unit === "percent-decimal" ? 1 : greatest(values));
  const thresholds = readThresholds(spec["thresholds"]);
  const showsName = fields(spec["legend"])["show"] !== false && series.length > 1;
  const share = (value: number) => Math.min(Math.max(value / max, 0), 1);
  const steps = thresholds.steps.map(({ value, color }) => ({ from: share(absolute(thresholds, value, max)), color }));
  return (
    <div class="gauges">
      {series.map(({ name }, index) => {
        const value = values[index] ?? null;
        const color = thresholdColor(thresholds, value, max) ?? "var(--accent)";
        return (
          <div class="gauge" key={index}>
            <svg viewBox="0 0 200 140" role="img" aria-label={`${name} ${formatValue(value, format)}`}>
              <path d={arc(0, 1, 78)} class="gauge-track" stroke-width="16" />
              {value !== null && share(value) > 0 && (
                <path d={arc(0, share(value), 78)} fill="none" stroke={color} stroke-width="16" />
              )}
              {steps.map(({ from, color: own }, step) => (
                <path
                  key={step}
                  d={arc(from, steps[step + 1]?.from ?? 1, 91)}
                  fill="none"
                  stroke={own}
                  stroke-width="4"
                />
              ))}
              <text x="100" y="102" text-anchor="middle" class="gauge-value" fill="currentColor">
                {formatValue(value, format, context.timeZone)}
              </text>
            </svg>
            {showsName && <div class="stat-name" title={name}>{name}</div>}
          </div>
        );
      })}
    </div>
  );
}

/** A part of the arc, by shares of it. */
function arc(from: number, to: number, radius: number): string {
  const place = (share: number) => {
    const angle = (startDegrees + (endDegrees - startDegrees) * share) * Math.PI / 180;
    return `${(100 + radius * Math.cos(angle)).toFixed(2)} ${(95 - radius * Math.sin(angle)).toFixed(2)}`;
  };
  const isLong = (to - from) * (startDegrees - endDegrees) > 180 ? 1 : 0;
  return `M ${place(from)} A ${radius} ${radius} 0 ${isLong} 1 ${place(to)}`;
}

function greatest(values: readonly (number | null)[]): number {
  const most = Math.max(0, ...values.flatMap((value) => value === null ? [] : [value]));
  return most === 0 ? 1 : most;
}
