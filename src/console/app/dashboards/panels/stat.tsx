/** StatChart: one large value of each series, with its course below it, coloured by thresholds and mappings. */
/// <reference lib="dom" />
import { calculate, mapped, readCalculation, readThresholds, safeColor, thresholdColor } from "../calculation.ts";
import { type Point, type Series, seriesOf } from "../data.ts";
import { formatValue, readFormat } from "../format.ts";
import { fields, number, optionalNumber, text } from "../model.ts";
import type { ResolvedRange } from "../time_range.ts";
import type { PanelProperties } from "../view_context.ts";

const tilesMax = 60;

export function StatPanel({ spec, answers, context }: PanelProperties) {
  const series = seriesOf(answers).slice(0, tilesMax);
  const legend = text(spec["legendMode"]);
  const showsName = legend === "on" || (legend !== "off" && series.length > 1);
  return (
    <div class="stats">
      {series.map((one, index) => (
        <Stat
          key={index}
          spec={spec}
          series={one}
          showsName={showsName}
          context={context}
        />
      ))}
    </div>
  );
}

interface StatProperties extends Pick<PanelProperties, "spec" | "context"> {
  readonly series: Series;
  readonly showsName: boolean;
}

function Stat({ spec, series, showsName, context }: StatProperties) {
  const value = calculate(series.values, readCalculation(spec["calculation"]));
  const mapping = mapped(spec["mappings"], value);
  const max = calculate(series.values, "max");
  const color = mapping?.color ?? thresholdColor(readThresholds(spec["thresholds"]), value, max);
  const mode = text(spec["colorMode"]) || "value";
  const label = text(spec["metricLabel"]);
  const shown = label !== "" && series.labels[label] !== undefined
    ? series.labels[label]
    : mapping?.text ?? formatValue(value, readFormat(spec["format"]), context.timeZone);
  const isFilled = mode === "background_solid" && color !== null;
  const sparkline = spec["sparkline"];
  const size = optionalNumber(spec["valueFontSize"]);
  return (
    <div class={`stat${isFilled ? " stat-filled" : ""}`} style={isFilled ? { background: color } : {}}>
      {showsName && <div class="stat-name" title={series.name}>{series.name}</div>}
      <div
        class="stat-value"
        style={{
          ...(mode === "value" && color !== null ? { color } : {}),
          ...(size === undefined ? { "--characters": String(Math.max(shown.length, 4)) } : { fontSize: `${size}px` }),
        }}
      >
        {shown}
      </div>
      {sparkline !== undefined && sparkline !== null && (
        <Sparkline
          points={series.values}
          range={context.range}
          color={safeColor(fields(sparkline)["color"]) ?? (isFilled ? "#ffffff" : color ?? "var(--accent)")}
          width={number(fields(sparkline)["width"], 2)}
        />
      )}
    </div>
  );
}

interface SparklineProperties {
  readonly points: readonly Point[];
  readonly range: ResolvedRange;
  readonly color: string;
  readonly width: number;
}

const [boxWidth, boxHeight] = [200, 40];

export function Sparkline({ points, range, color, width }: SparklineProperties) {
  const known = points.flatMap(([at, value]): [number, number][] => value === null ? [] : [[at, value]]);
  if (known.length < 2) return <div class="sparkline"></div>;
  const values = known.map(([, value]) => value);
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const place = ([at, value]: [number, number]) => {
    const x = (at - range.fromMs) / (range.toMs - range.fromMs) * boxWidth;
    const y = most === least ? boxHeight / 2 : boxHeight - 2 - (value - least) / (most - least) * (boxHeight - 4);
    return `${x.toFixed(1)},${y.toFixed(1)}`;
  };
  const line = known.map(place);
  const [first, last] = [line[0]!, line.at(-1)!];
  const area = [`${first.split(",")[0]},${boxHeight}`, ...line, `${last.split(",")[0]},${boxHeight}`];
  return (
    <svg class="sparkline" viewBox={`0 0 ${boxWidth} ${boxHeight}`} preserveAspectRatio="none" aria-hidden="true">
      <polygon points={area.join(" ")} fill={color} opacity="0.15" />
      <polyline
        points={line.join(" ")}
        fill="none"
        stroke={color}
        stroke-width={width}
        vector-effect="non-scaling-stroke"
      />
    </svg>
  );
}
