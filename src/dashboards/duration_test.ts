import assert from "node:assert/strict";
import { parseDurationMs } from "./duration.ts";

Deno.test("parseDurationMs reads Perses' durations and nothing else", () => {
  const table: readonly [string, number | null][] = [
    ["0", 0],
    ["5ms", 5],
    ["1h30m", 5_400_000],
    ["1y2w3d4h5m6s7ms", 365 * 86_400_000 + 17 * 86_400_000 + 4 * 3_600_000 + 306_007],
    ["", null],
    ["1", null],
    ["30m1h", null],
    ["1h 30m", null],
    ["-1h", null],
    ["1.5h", null],
    ["9".repeat(30) + "y", null],
  ];
  for (const [text, expected] of table) assert.equal(parseDurationMs(text), expected, text);
});
