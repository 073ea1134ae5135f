import { equal } from "node:assert/strict";
import { type Format, formatValue, readFormat } from "./format.ts";

Deno.test("formatValue goes to the unit in which a value is easy to read", () => {
  const samples: readonly (readonly [number | null, Format, string])[] = [
    [null, { unit: "bytes" }, "–"],
    [0, { unit: "bytes" }, "0 B"],
    [1536, { unit: "bytes" }, "1.5 KiB"],
    [1_500_000, { unit: "decbytes" }, "1.5 MB"],
    [1536, { unit: "bytes", shortValues: false }, "1,536 B"],
    [2_048, { unit: "bytes/sec" }, "2 KiB/s"],
    [-2_048, { unit: "bytes" }, "-2 KiB"],
    [0.0005, { unit: "seconds" }, "500 µs"],
    [0.25, { unit: "seconds" }, "250 ms"],
    [90, { unit: "seconds" }, "1.5 min"],
    [7_200_000, { unit: "milliseconds" }, "2 h"],
    [0, { unit: "seconds" }, "0 s"],
    [172_800, { unit: "seconds", decimalPlaces: 0 }, "2 d"],
    [12.345, { unit: "percent" }, "12.35%"],
    [0.12345, { unit: "percent-decimal", decimalPlaces: 1 }, "12.3%"],
    [1234.5, { unit: "decimal" }, "1,234.5"],
    [1_234_567, { unit: "decimal", shortValues: true }, "1.23M"],
    [0.000123, { unit: "decimal" }, "0.00012"],
    [-0.001, { unit: "decimal", decimalPlaces: 1 }, "0.0"],
    [12_500, { unit: "requests/sec" }, "12.5K req/s"],
    [12.5, { unit: "eur" }, "€12.50"],
    [21.5, { unit: "celsius" }, "21.5 °C"],
    [0, { unit: "datetime-iso" }, "1970-01-01T00:00:00.000Z"],
    [Infinity, { unit: "decimal" }, "∞"],
    [5, { unit: "no-such-unit" }, "5"],
  ];
  for (const [value, format, shown] of samples) equal(formatValue(value, format), shown, `${value} ${format.unit}`);
});

Deno.test("readFormat takes what the document says, else the preset", () => {
  equal(readFormat(undefined, { unit: "percent" }).unit, "percent");
  equal(readFormat({ unit: "bytes", decimalPlaces: 3 }).decimalPlaces, 3);
  equal(readFormat("nonsense").unit, "decimal");
});
