/**
 * SQL over the server's own history (`src/history/metric_history.ts`): `metrics(at, name, labels, value)` has a sample every 15 s,
 * `increases(at, name, labels, increase, seconds)` how much a counter grew between two. `labels` is JSON as text.
 */

/** Samples come every 15 s: shorter steps would show gaps. */
const step = "greatest($__interval, interval '30 seconds')";
const bucket = `time_bucket(${step}, at) AS bucket`;
const inRange = "at >= $__start AND at < $__end";

export interface Wanted {
  /** A label that tells series apart. */
  readonly by?: string;
  /** Only series that the dashboard's variable `workspace` means. */
  readonly ofWorkspace?: boolean;
  /** Further conditions. */
  readonly where?: string;
}

export function label(name: string): string {
  return `labels->>'${name}'`;
}

/** `*` is all workspaces. */
export const ofWorkspace = "('*' IN ($workspace) OR labels->>'workspace_id' IN ($workspace))";

/** Growth of a counter per second. */
export function rate(name: string, wanted: Wanted = {}): string {
  return `
    SELECT ${bucket}${column(wanted)}, sum(increase) / extract(epoch FROM ${step}) AS value
    FROM increases
    WHERE name = '${name}' AND ${conditions(wanted)}
    GROUP BY ${groups(wanted)} ORDER BY bucket`;
}

/** Growth of a counter in the whole range, as one row. */
export function total(name: string, wanted: Wanted = {}): string {
  return `
    SELECT $__end AS at, coalesce(sum(increase), 0) AS value
    FROM increases
    WHERE name = '${name}' AND ${conditions(wanted)}`;
}

/** The mean of what a histogram has seen in each step. */
export function mean(name: string, wanted: Wanted = {}): string {
  return `
    SELECT ${bucket}${column(wanted)},
      sum(increase) FILTER (WHERE name = '${name}_sum') / nullif(sum(increase) FILTER (WHERE name = '${name}_count'), 0) AS value
    FROM increases
    WHERE name IN ('${name}_sum', '${name}_count') AND ${conditions(wanted)}
    GROUP BY ${groups(wanted)} ORDER BY bucket`;
}

/** A gauge: the highest value of each step, added up over what `by` does not tell apart. */
export function level(name: string, wanted: Wanted = {}): string {
  return `
    SELECT time_bucket(${step}, at) AS bucket${wanted.by === undefined ? "" : `, "${wanted.by}"`}, max(value) AS value
    FROM (
      SELECT at${column(wanted)}, sum(value) AS value
      FROM metrics
      WHERE name = '${name}' AND ${conditions(wanted)}
      GROUP BY ${groups(wanted)}
    ) AS samples
    GROUP BY ${groups(wanted)} ORDER BY bucket`;
}

/** `part` of `whole`, both counters, in percent. */
export function share(part: string, whole: string, wanted: Wanted = {}): string {
  return `
    SELECT ${bucket}${column(wanted)},
      100 * sum(increase) FILTER (WHERE name = '${part}') / nullif(sum(increase) FILTER (WHERE name = '${whole}'), 0) AS value
    FROM increases
    WHERE name IN ('${part}', '${whole}') AND ${conditions(wanted)}
    GROUP BY ${groups(wanted)} ORDER BY bucket`;
}

function column({ by }: Wanted): string {
  return by === undefined ? "" : `, ${label(by)} AS "${by}"`;
}

function groups({ by }: Wanted): string {
  return by === undefined ? "1" : "1, 2";
}

function conditions({ ofWorkspace: isOfWorkspace, where }: Wanted): string {
  return [inRange, ...(isOfWorkspace ? [ofWorkspace] : []), ...(where === undefined ? [] : [where])].join(" AND ");
}
