/**
 * The time that a dashboard shows: `from` and `to` as they stand in the address (`now-6h`, or a time of RFC 3339), presets, shifting,
 * and round times for an axis in any time zone. Pure.
 */

export interface TimeRange {
  readonly from: string;
  readonly to: string;
}

export interface ResolvedRange {
  readonly fromMs: number;
  readonly toMs: number;
}

export const presets: readonly (readonly [duration: string, label: string])[] = [
  ["5m", "Last 5 minutes"],
  ["15m", "Last 15 minutes"],
  ["30m", "Last 30 minutes"],
  ["1h", "Last hour"],
  ["3h", "Last 3 hours"],
  ["6h", "Last 6 hours"],
  ["12h", "Last 12 hours"],
  ["1d", "Last day"],
  ["2d", "Last 2 days"],
  ["7d", "Last 7 days"],
  ["30d", "Last 30 days"],
  ["90d", "Last 90 days"],
];
export const refreshIntervals = ["0s", "5s", "15s", "30s", "1m", "5m", "15m", "1h"];

const unitMs: Readonly<Record<string, number>> = {
  y: 31_536_000_000,
  w: 604_800_000,
  d: 86_400_000,
  h: 3_600_000,
  m: 60_000,
  s: 1_000,
  ms: 1,
};

/** Of `1h30m`; null for what is no duration. */
export function durationMs(text: string): number | null {
  if (!/^(?:\d+(?:ms|[ywdhms]))+$/.test(text)) return text === "0" ? 0 : null;
  return [...text.matchAll(/(\d+)(ms|[ywdhms])/g)]
    .reduce((sum, [, count, unit]) => sum + Number(count) * (unitMs[unit ?? ""] ?? 0), 0);
}

/** Null when it can not be understood. */
export function timeMs(text: string, nowMs: number): number | null {
  const match = /^now(?:([+-])(.+))?$/.exec(text.trim());
  if (match !== null) {
    if (match[2] === undefined) return nowMs;
    const distance = durationMs(match[2]);
    return distance === null ? null : nowMs + (match[1] === "-" ? -distance : distance);
  }
  if (/^\d{9,}$/.test(text)) return Number(text);
  const parsed = Date.parse(text);
  return Number.isNaN(parsed) ? null : parsed;
}

/** A range that makes no sense gives way to the preset one. */
export function resolveRange(range: TimeRange, preset: TimeRange, nowMs: number): ResolvedRange {
  const [fromMs, toMs] = [timeMs(range.from, nowMs), timeMs(range.to, nowMs)];
  if (fromMs !== null && toMs !== null && fromMs < toMs) return { fromMs, toMs };
  return range === preset ? { fromMs: nowMs - 3_600_000, toMs: nowMs } : resolveRange(preset, preset, nowMs);
}

export function relativeRange(duration: string): TimeRange {
  return { from: `now-${duration}`, to: "now" };
}

export function absoluteRange(fromMs: number, toMs: number): TimeRange {
  return { from: new Date(Math.round(fromMs)).toISOString(), to: new Date(Math.round(toMs)).toISOString() };
}

/** Half of its length earlier (-1) or later (1). */
export function shifted({ fromMs, toMs }: ResolvedRange, direction: -1 | 1): TimeRange {
  const distance = direction * (toMs - fromMs) / 2;
  return absoluteRange(fromMs + distance, toMs + distance);
}

/** Twice as long, around the same middle. */
export function widened({ fromMs, toMs }: ResolvedRange): TimeRange {
  const quarter = (toMs - fromMs) / 2;
  return absoluteRange(fromMs - quarter, toMs + quarter);
}

const niceStepsMs = [
  ...[1, 2, 5, 10, 15, 30].map((count) => count * 1_000),
  ...[1, 2, 5, 10, 15, 30].map((count) => count * 60_000),
  ...[1, 2, 3, 6, 12].map((count) => count * 3_600_000),
  ...[1, 2, 7, 14, 30, 90, 180, 365].map((count) => count * 86_400_000),
];

/** A round step of which at most `countMax` fit into the range. */
export function niceStepMs({ fromMs, toMs }: ResolvedRange, countMax: number): number {
  const least = (toMs - fromMs) / Math.max(countMax, 1);
  return niceStepsMs.find((step) => step >= least) ?? Math.ceil(least / unitMs["y"]!) * unitMs["y"]!;
}

/** Round times in the range, as the clock of the time zone shows them. */
export function axisTimes(range: ResolvedRange, countMax: number, timeZone: string | undefined): number[] {
  const step = niceStepMs(range, countMax);
  const times: number[] = [];
  const firstLocal = Math.ceil((range.fromMs + offsetMs(range.fromMs, timeZone)) / step) * step;
  for (let local = firstLocal; times.length <= countMax + 2; local += step) {
    const at = utcOfLocal(local, timeZone);
    if (at > range.toMs) break;
    if (at >= range.fromMs) times.push(at);
  }
  return times;
}

/** What an axis says at a time: the clock, and the day where one begins. */
export function axisLabel(atMs: number, stepMs: number, timeZone: string | undefined): string {
  const local = new Date(atMs + offsetMs(atMs, timeZone));
  const clock = local.toISOString().slice(11, stepMs < 60_000 ? 19 : 16);
  const day = `${local.toISOString().slice(5, 10)}`;
  if (stepMs >= 86_400_000) return stepMs >= 86_400_000 * 90 ? local.toISOString().slice(0, 10) : day;
  return clock === "00:00" || clock === "00:00:00" ? day : clock;
}

/** `2026-01-02 03:04:05` on the clock of the time zone. */
export function localText(atMs: number, timeZone: string | undefined): string {
  return new Date(atMs + offsetMs(atMs, timeZone)).toISOString().slice(0, 19).replace("T", " ");
}

/** A clock's text of the time zone (`2026-01-02T03:04`) as a time; null when it is none. */
export function timeOfLocal(text: string, timeZone: string | undefined): number | null {
  const match = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(:\d\d)?$/.exec(text.trim());
  if (match === null) return null;
  const local = Date.parse(`${match[1]}T${match[2]}${match[3] ?? ":00"}Z`);
  return Number.isNaN(local) ? null : utcOfLocal(local, timeZone);
}

function utcOfLocal(local: number, timeZone: string | undefined): number {
  const guess = local - offsetMs(local, timeZone);
  return local - offsetMs(guess, timeZone);
}

const formatters = new Map<string, Intl.DateTimeFormat>();

/** How far the time zone's clock is ahead of UTC. Undefined is the browser's own zone. */
export function offsetMs(atMs: number, timeZone: string | undefined): number {
  if (timeZone === undefined) return -new Date(atMs).getTimezoneOffset() * 60_000;
  let formatter = formatters.get(timeZone);
  if (formatter === undefined) {
    formatter = new Intl.DateTimeFormat("en-US", {
      timeZone,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
    formatters.set(timeZone, formatter);
  }
  const part: Record<string, number> = {};
  for (const { type, value } of formatter.formatToParts(atMs)) part[type] = Number(value);
  const local = Date.UTC(
    part["year"]!,
    part["month"]! - 1,
    part["day"]!,
    part["hour"]!,
    part["minute"]!,
    part["second"]!,
  );
  return local - Math.floor(atMs / 1000) * 1000;
}

/** Whether the browser knows it. */
export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en-US", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
