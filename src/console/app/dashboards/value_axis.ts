/** Round values for a vertical axis, in the steps that suit its unit. Pure. */
import type { Format } from "./format.ts";

export interface ValueAxis {
  readonly min: number;
  readonly max: number;
  readonly interval: number;
}

export interface Extent {
  readonly min: number;
  readonly max: number;
}

const timeSteps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400];
const secondsOfUnit: Readonly<Record<string, number>> = { seconds: 1, milliseconds: 1e-3, minutes: 60, hours: 3_600 };

/** `wanted` are ends that the document sets; they hold whatever the data are. Null where nothing is drawn. */
export function valueAxis(
  data: Extent | null,
  wanted: { readonly min?: number | undefined; readonly max?: number | undefined },
  format: Format,
  stepCountMax: number,
): ValueAxis | null {
  if (data === null && (wanted.min === undefined || wanted.max === undefined)) return null;
  let min = wanted.min ?? data?.min ?? 0;
  let max = wanted.max ?? data?.max ?? 1;
  if (min >= max) {
    // One value only, or data beyond the end that was set.
    if (wanted.max === undefined) max = min + (min === 0 ? 1 : Math.abs(min) * 0.5);
    else if (wanted.min === undefined) min = max - (max === 0 ? 1 : Math.abs(max) * 0.5);
    else return null;
    if (wanted.min === undefined && min > 0) min = 0;
  }
  // Lines of one sign stand on zero unless they are far from it.
  if (wanted.min === undefined && min > 0 && min < (max - min) * 2) min = 0;
  const interval = niceStep((max - min) / Math.max(stepCountMax, 1), format);
  return {
    min: wanted.min ?? rounded(Math.floor(min / interval) * interval),
    max: wanted.max ?? rounded(Math.ceil(max / interval) * interval),
    interval,
  };
}

/** The smallest round step that is not below. */
export function niceStep(least: number, { unit }: Pick<Format, "unit">): number {
  if (/^(?:bytes|bits)(?:\/sec)?$/.test(unit) && least > 1) {
    const power = Math.floor(Math.log(least) / Math.log(1024));
    const scaled = least / 1024 ** power;
    return 2 ** Math.ceil(Math.log2(scaled)) * 1024 ** power;
  }
  const seconds = secondsOfUnit[unit];
  if (seconds !== undefined && least * seconds > 1) {
    const found = timeSteps.find((step) => step >= least * seconds);
    if (found !== undefined) return found / seconds;
    return decimalStep(least * seconds / 86_400) * 86_400 / seconds;
  }
  return decimalStep(least);
}

function decimalStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  const found = [1, 2, 2.5, 5, 10].find((step) => step * power >= least * 0.999999) ?? 10;
  return found * power;
}

/** Without the last digits of binary fractions: 0.30000000000000004. */
function rounded(value: number): number {
  return Number(value.toPrecision(12));
}

/** The least and the greatest value; of stacked ones of their sums. Null without any value. */
export function extentOf(
  series: readonly { readonly values: readonly (readonly [number, number | null])[]; readonly stack: string | null }[],
): Extent | null {
  let [min, max] = [Infinity, -Infinity];
  const see = (value: number) => [min, max] = [Math.min(min, value), Math.max(max, value)];
  const sums = new Map<string, number>();
  for (const { values, stack } of series) {
    for (const [at, value] of values) {
      if (value === null) continue;
      if (stack === null) {
        see(value);
        continue;
      }
      const key = `${stack} ${value < 0 ? "-" : "+"} ${at}`;
      const sum = (sums.get(key) ?? 0) + value;
      sums.set(key, sum);
      see(sum);
      see(0);
    }
  }
  return min > max ? null : { min, max };
}
