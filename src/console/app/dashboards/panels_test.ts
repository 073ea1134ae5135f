/** What panels work out before they draw: calculations, colours, lines, axes, tables, buckets. */
import { deepEqual, equal } from "node:assert/strict";
import { bucketsOf, countedBuckets } from "./buckets.ts";
import { calculate, mapped, readThresholds, safeColor, thresholdColor } from "./calculation.ts";
import type { PanelData, Point } from "./data.ts";
import { linesOf, readChartSettings, withGaps } from "./panels/series_lines.ts";
import { stretchesOf } from "./panels/status_history.tsx";
import { cellOf, sortedRows, tableOf } from "./table_data.ts";
import { extentOf, niceStep, valueAxis } from "./value_axis.ts";

const points: readonly Point[] = [[0, null], [1, 4], [2, 2], [3, null]];
const timeSeries = (
  ...series: readonly (readonly [string, readonly Point[], Record<string, string>?])[]
): PanelData => ({
  type: "time_series",
  series: series.map(([name, values, labels = {}]) => ({ name, labels, values })),
  step_ms: 1,
  truncated: false,
});

Deno.test("calculate takes gaps into account as its name says", () => {
  deepEqual(
    (["first", "last", "first-number", "last-number", "mean", "sum", "min", "max"] as const)
      .map((calculation) => calculate(points, calculation)),
    [null, null, 4, 2, 3, 6, 2, 4],
  );
  equal(calculate([], "sum"), null);
});

Deno.test("thresholds and mappings colour a value, with colours only", () => {
  const thresholds = readThresholds({ steps: [{ value: 80, color: "#d00" }, { value: 50, color: "orange" }] });
  deepEqual([10, 50, 99].map((value) => thresholdColor(thresholds, value, null)), [null, "orange", "#d00"]);
  equal(thresholdColor({ ...thresholds, isPercent: true }, 5, 8), "orange");
  equal(safeColor("red;background:url(x)"), null);
  const mappings = [
    { kind: "Range", spec: { to: 0, result: { value: "down", color: "#f00" } } },
    { kind: "Value", spec: { value: "1", result: { value: "up" } } },
    { kind: "Regex", spec: { pattern: "(", result: { value: "broken" } } },
    { kind: "Misc", spec: { value: "null", result: { value: "unknown" } } },
  ];
  deepEqual([0, 1, null, 7].map((value) => mapped(mappings, value)?.text), ["down", "up", "unknown", undefined]);
});

Deno.test("stacked lines have the same times, a share of the whole in percent, and gaps elsewhere", () => {
  const answers = [timeSeries(["a", [[0, 1], [10, 3]]], ["b", [[10, 1]]])];
  const stacked = linesOf(answers, readChartSettings({ visual: { stack: "all" } }), ["#1", "#2"]);
  deepEqual(stacked.map(({ values }) => values), [[[0, 1], [10, 3]], [[0, 0], [10, 1]]]);
  deepEqual(extentOf(stacked), { min: 0, max: 4 });
  const shares = linesOf(answers, readChartSettings({ visual: { stack: "percent" } }), ["#1", "#2"]);
  deepEqual(shares.map(({ values }) => values.map(([, value]) => value)), [[100, 75], [0, 25]]);
  deepEqual(withGaps([[0, 1], [10, 1], [20, 1], [90, 1]], 0), [[0, 1], [10, 1], [20, 1], [30, null], [90, 1]]);
});

Deno.test("a query's own settings turn, colour and stack its lines", () => {
  const settings = readChartSettings({
    querySettings: [{ queryIndex: 1, colorMode: "fixed", colorValue: "#123456", negativeY: true, lineStyle: "dotted" }],
  });
  const [first, second] = linesOf([timeSeries(["a", [[0, 1]]]), timeSeries(["200", [[0, 2]]])], settings, ["#1"]);
  deepEqual([first?.color, second?.color, second?.values, second?.style], ["#1", "#123456", [[0, -2]], "dotted"]);
});

Deno.test("a value axis has round steps of its unit", () => {
  equal(niceStep(200_000, { unit: "bytes" }), 262_144);
  equal(niceStep(40, { unit: "seconds" }), 60);
  equal(niceStep(0.03, { unit: "seconds" }), 0.05);
  deepEqual(valueAxis({ min: 3, max: 97 }, {}, { unit: "percent" }, 5), { min: 0, max: 100, interval: 20 });
  deepEqual(valueAxis({ min: 0, max: 0 }, { min: 0 }, { unit: "decimal" }, 4), { min: 0, max: 1, interval: 0.25 });
  deepEqual(valueAxis({ min: 5, max: 9 }, { max: 4 }, { unit: "decimal" }, 4)?.max, 4);
  equal(valueAxis(null, {}, { unit: "decimal" }, 4), null);
});

Deno.test("a table joins queries, orders, hides and formats columns, and sorts numbers as numbers", () => {
  const answers = [
    timeSeries(["x", [[0, 9]], { pod: "x" }], ["y", [[0, 10]], { pod: "y" }]),
    timeSeries(["x", [[0, 1]], { pod: "x" }]),
  ];
  const { columns, rows, sort } = tableOf(answers, {
    transforms: [{ kind: "JoinByColumnValue", spec: { columns: ["pod"] } }],
    columnSettings: [
      { name: "pod", header: "Pod" },
      {
        name: "value #1",
        format: { unit: "percent" },
        sort: "desc",
        cellSettings: [
          { condition: { kind: "Range", spec: { min: 10 } }, textColor: "#f00", prefix: "> " },
        ],
      },
      { name: "timestamp #1", hide: true },
      { name: "timestamp #2", hide: true },
    ],
  });
  deepEqual(columns.map(({ name, header, align }) => [name, header, align]), [
    ["pod", "Pod", "left"],
    ["value #1", "value #1", "right"],
    ["value #2", "value #2", "right"],
  ]);
  const sorted = sortedRows(rows, sort);
  deepEqual(sorted.map((row) => [row["pod"], row["value #1"], row["value #2"]]), [["y", 10, undefined], ["x", 9, 1]]);
  deepEqual(cellOf(10, columns[1]!, "UTC"), { text: "> 10%", textColor: "#f00", backgroundColor: null });
});

Deno.test("buckets are counted one by one, and a status lasts until the next point", () => {
  const buckets = bucketsOf([
    { name: "all", labels: { le: "+Inf" }, values: [[0, 9]] },
    { name: "half", labels: { le: "0.5" }, values: [[0, 4]] },
  ]);
  deepEqual(buckets.map(({ name, values }) => [name, values[0]?.[1]]), [["≤ 0.5", 4], ["+Inf", 5]]);
  deepEqual(countedBuckets([0, 1, 2, 10], {}, 2, String).map(({ count }) => count), [3, 1]);
  deepEqual(countedBuckets([3, 3], {}, 2, String), [{ name: "3", count: 2 }]);
  deepEqual(stretchesOf([[0, 1], [10, 1], [20, 0], [30, null]], 40), [
    { fromMs: 0, toMs: 20, value: 1 },
    { fromMs: 20, toMs: 30, value: 0 },
  ]);
});
