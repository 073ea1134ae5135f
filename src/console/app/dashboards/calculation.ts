/** From the values of a series to one: Perses' calculations. And colours by thresholds and mappings. Pure. */
import { type Fields, fields, list, optionalNumber, text } from "./model.ts";
import type { Point } from "./data.ts";

export const calculations = [
  "first",
  "last",
  "first-number",
  "last-number",
  "mean",
  "sum",
  "min",
  "max",
  "abs",
] as const;
export type Calculation = typeof calculations[number];

export function readCalculation(value: unknown): Calculation {
  return calculations.find((known) => known === value) ?? "last-number";
}

/** Null where there is no value. */
export function calculate(points: readonly Point[], calculation: Calculation): number | null {
  const numbers = points.flatMap(([, value]) => value === null ? [] : [value]);
  switch (calculation) {
    case "first":
      return points[0]?.[1] ?? null;
    case "last":
      return points.at(-1)?.[1] ?? null;
    case "first-number":
      return numbers[0] ?? null;
    case "last-number":
      return numbers.at(-1) ?? null;
    case "mean":
      return numbers.length === 0 ? null : numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
    case "sum":
      return numbers.length === 0 ? null : numbers.reduce((sum, value) => sum + value, 0);
    case "min":
      return numbers.length === 0 ? null : numbers.reduce((least, value) => Math.min(least, value));
    case "max":
      return numbers.length === 0 ? null : numbers.reduce((most, value) => Math.max(most, value));
    case "abs": {
      const last = numbers.at(-1);
      return last === undefined ? null : Math.abs(last);
    }
    default: {
      const never: never = calculation;
      throw new Error(`unknown calculation: ${String(never)}`);
    }
  }
}

export interface ThresholdStep {
  readonly value: number;
  readonly color: string;
}

export interface Thresholds {
  readonly isPercent: boolean;
  readonly defaultColor: string | null;
  /** Ascending. */
  readonly steps: readonly ThresholdStep[];
}

const stepColors = ["#EE9B00", "#D62828", "#9B2226"];

export function readThresholds(value: unknown): Thresholds {
  const given = fields(value);
  const steps = list(given["steps"]).flatMap((step, index): ThresholdStep[] => {
    const at = optionalNumber(fields(step)["value"]);
    return at === undefined ? [] : [{ value: at, color: safeColor(fields(step)["color"]) ?? stepColors[index % 3]! }];
  });
  return {
    isPercent: given["mode"] === "percent",
    defaultColor: safeColor(given["defaultColor"]),
    steps: steps.sort((a, b) => a.value - b.value),
  };
}

/** Steps in percent are of `max`. Null below the first step. */
export function thresholdColor(thresholds: Thresholds, value: number | null, max: number | null): string | null {
  if (value === null) return null;
  const reached = thresholds.steps.findLast(({ value: at }) => value >= absolute(thresholds, at, max));
  return reached?.color ?? thresholds.defaultColor;
}

export function absolute({ isPercent }: Thresholds, value: number, max: number | null): number {
  return isPercent && max !== null ? value / 100 * max : value;
}

/** Only `#rgb` to `#rrggbbaa` and plain words: a document's text goes into styles. */
export function safeColor(value: unknown): string | null {
  const color = text(value);
  return /^#[0-9a-fA-F]{3,8}$/.test(color) || /^[a-zA-Z]{1,30}$/.test(color) ? color : null;
}

export interface Mapped {
  readonly text: string;
  readonly color: string | null;
}

/** What a value is called: the first mapping that fits. `value` is a number, or a text of a table. */
export function mapped(mappings: unknown, value: unknown): Mapped | null {
  for (const mapping of list(mappings)) {
    const { kind, spec: given } = fields(mapping);
    const spec = fields(given);
    if (!fits(text(kind), spec, value)) continue;
    const result = fields(spec["result"]);
    return { text: text(result["value"]), color: safeColor(result["color"]) };
  }
  return null;
}

/** Perses' conditions of mappings and table cells: Value, Range, Regex, Misc. */
export function fits(kind: string, spec: Fields, value: unknown): boolean {
  switch (kind) {
    case "Value":
      return String(spec["value"]) === String(value);
    case "Range": {
      const from = optionalNumber(spec["from"] ?? spec["min"]) ?? -Infinity;
      const to = optionalNumber(spec["to"] ?? spec["max"]) ?? Infinity;
      const given = typeof value === "number" ? value : typeof value === "string" && value !== "" ? Number(value) : NaN;
      return given >= from && given <= to;
    }
    case "Regex":
      try {
        return new RegExp(text(spec["pattern"]) || text(spec["expr"])).test(String(value));
      } catch {
        return false;
      }
    case "Misc":
      switch (spec["value"]) {
        case "empty":
          return value === "";
        case "null":
          return value === null || value === undefined;
        case "NaN":
          return Number.isNaN(value);
        case "true":
          return value === true;
        case "false":
          return value === false;
        default:
          return false;
      }
    default:
      return false;
  }
}
