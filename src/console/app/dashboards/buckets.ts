/** Values in buckets, for heat maps and histograms: from series with the label `le` (Prometheus' cumulative buckets), or counted here. Pure. */
import type { Point, Series } from "./data.ts";

export interface Bucket {
  /** `≤ 0.5`, or the series' name. */
  readonly name: string;
  readonly values: readonly Point[];
}

/** Series with `le` become buckets of their own counts, the lowest first; others are taken as they are. */
export function bucketsOf(series: readonly Series[]): Bucket[] {
  const bounded = series.flatMap((one) => {
    const bound = boundOf(one);
    return bound === null ? [] : [{ bound, values: one.values }];
  }).sort((a, b) => a.bound - b.bound);
  if (bounded.length === 0 || bounded.length < series.length) {
    return series.map(({ name, values }) => ({ name, values }));
  }
  return bounded.map(({ bound, values }, index) => {
    const below = new Map(bounded[index - 1]?.values ?? []);
    return {
      name: bound === Infinity ? "+Inf" : `≤ ${bound}`,
      values: values.map(([at, value]): Point => [
        at,
        value === null ? null : Math.max(0, value - (below.get(at) ?? 0)),
      ]),
    };
  });
}

function boundOf({ labels }: Series): number | null {
  const text = labels["le"];
  if (text === undefined) return null;
  const bound = text === "+Inf" ? Infinity : Number(text);
  return Number.isNaN(bound) ? null : bound;
}

export interface CountedBucket {
  readonly name: string;
  readonly count: number;
}

/** How often values fall between equal bounds. `countMax` bounds; one bucket when all values are the same. */
export function countedBuckets(
  values: readonly number[],
  wanted: { readonly min?: number | undefined; readonly max?: number | undefined },
  countMax: number,
  shown: (value: number) => string,
): CountedBucket[] {
  const min = wanted.min ?? values.reduce((least, value) => Math.min(least, value), Infinity);
  const max = wanted.max ?? values.reduce((most, value) => Math.max(most, value), -Infinity);
  if (!(min < max)) return values.length === 0 ? [] : [{ name: shown(min), count: values.length }];
  const width = (max - min) / countMax;
  const counts = new Array<number>(countMax).fill(0);
  for (const value of values) {
    if (value < min || value > max) continue;
    counts[Math.min(Math.floor((value - min) / width), countMax - 1)]!++;
  }
  return counts.map((count, index) => ({
    name: `${shown(min + index * width)} – ${shown(min + (index + 1) * width)}`,
    count,
  }));
}
