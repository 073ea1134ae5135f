import assert from "node:assert/strict";
import { intervalText } from "./interval_literal.ts";

const [year, month, day, hour, minute, second] = [4, 2, 8, 1024, 2048, 4096];

/** Source, the type's fields, and the text for DuckDB; null where it reads the source itself. */
const samples: readonly (readonly [string, number, string | null])[] = [
  ["1 day", 0, null],
  ["2 years 3 mons 4 days", 0, null],
  ["1 day 02:03:04.5", 0, null],
  ["-1 day", 0, null],
  ["1-2", 0, "14 months"],
  ["-1-2", 0, "-14 months"],
  ["1 12:59:10", 0, "1 days 46750000000 microseconds"],
  ["-1 days +02:03", 0, "-1 days 7380000000 microseconds"],
  ["@ 1 minute ago", 0, "-60000000 microseconds"],
  ["1.5 years", 0, "18 months"],
  ["1.5 months", 0, "1 months 15 days"],
  ["1.5 days", 0, "1 days 43200000000 microseconds"],
  ["0.1 seconds", 0, "100000 microseconds"],
  ["1y2mon3d", 0, "14 months 3 days"],
  ["10", 0, "10000000 microseconds"],
  ["0", 0, "0 days"],
  ["1 decade 1 century", 0, "1320 months"],
  ["1 week 2 ms", 0, "7 days 2000 microseconds"],
  ["P1Y2M", 0, "14 months"],
  ["P1W", 0, "7 days"],
  ["PT1.5H", 0, "5400000000 microseconds"],
  ["P-1DT-1M", 0, "-1 days -60000000 microseconds"],
  ["P0001-02-03T04:05:06", 0, "14 months 3 days 14706000000 microseconds"],
  ["90", minute, "5400000000 microseconds"],
  ["2", year, "24 months"],
  ["1-2", year | month, "14 months"],
  ["1 10", day | hour, "1 days 36000000000 microseconds"],
  ["10:20", minute | second, "620000000 microseconds"],
  ["10:20", hour | minute, "37200000000 microseconds"],
  ["1 day 10:20:30", day, "1 days"],
  ["nonsense", 0, null],
  ["1 parsec", 0, null],
  ["", 0, null],
  ["P", 0, null],
];

for (const [source, fields, text] of samples) {
  const type = fields === 0 ? "interval" : `interval of fields ${fields}`;
  Deno.test(`${type} '${source}' is written as ${text ?? "it is"}`, () => {
    assert.equal(intervalText(source, fields), text);
  });
}
