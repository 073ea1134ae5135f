/**
 * Numbers as Perses' `format` says: a unit, decimal places, short values. Large and small values go to a unit in which they are
 * easy to read (bytes in steps of 1,024, decbytes of 1,000, times from nanoseconds to years). Pure; English, as the console is.
 */
import { type Fields, fields, optionalNumber, text } from "./model.ts";

export interface Format {
  readonly unit: string;
  readonly decimalPlaces?: number | undefined;
  /** Undefined where the document says nothing. */
  readonly shortValues?: boolean | undefined;
}

export const plainFormat: Format = { unit: "decimal" };

export function readFormat(value: unknown, preset: Format = plainFormat): Format {
  const given: Fields = fields(value);
  if (Object.keys(given).length === 0) return preset;
  const shortValues = given["shortValues"];
  return {
    unit: text(given["unit"]) || "decimal",
    decimalPlaces: optionalNumber(given["decimalPlaces"]),
    shortValues: typeof shortValues === "boolean" ? shortValues : undefined,
  };
}

/** Seconds of each, with its short name; the largest first. */
const times: readonly (readonly [unit: string, seconds: number, shown: string])[] = [
  ["years", 31_536_000, "y"],
  ["months", 2_628_000, "mo"],
  ["weeks", 604_800, "w"],
  ["days", 86_400, "d"],
  ["hours", 3_600, "h"],
  ["minutes", 60, "min"],
  ["seconds", 1, "s"],
  ["milliseconds", 1e-3, "ms"],
  ["microseconds", 1e-6, "µs"],
  ["nanoseconds", 1e-9, "ns"],
];
/** Into which a time is turned; weeks and months only when they are the unit itself. */
const shownTimes: readonly string[] = [
  "years",
  "days",
  "hours",
  "minutes",
  "seconds",
  "milliseconds",
  "microseconds",
  "nanoseconds",
];
const binarySteps = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
const decimalSteps = ["", "k", "M", "G", "T", "P", "E"];
const rates: Readonly<Record<string, string>> = {
  "counts/sec": "/s",
  "events/sec": "events/s",
  "messages/sec": "msg/s",
  "ops/sec": "ops/s",
  "packets/sec": "packets/s",
  "reads/sec": "reads/s",
  "records/sec": "rec/s",
  "requests/sec": "req/s",
  "rows/sec": "rows/s",
  "writes/sec": "writes/s",
};
const currencies = "aud cad chf cny eur gbp hkd inr jpy krw nok nzd sek sgd usd".split(" ");

/** `timeZone` matters for units that are dates. */
export function formatValue(value: number | null, format: Format, timeZone?: string): string {
  if (value === null || Number.isNaN(value)) return "–";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "-∞";
  const { unit, decimalPlaces, shortValues } = format;
  if (times.some(([name]) => name === unit)) return formatTime(value, unit, decimalPlaces);
  if (unit === "percent") return `${digits(value, decimalPlaces)}%`;
  if (unit === "percent-decimal") return `${digits(value * 100, decimalPlaces)}%`;
  if (/^(?:dec)?(?:bytes|bits)(?:\/sec)?$/.test(unit)) {
    const isDecimal = unit.startsWith("dec");
    const letter = `${unit.includes("bits") ? "bit" : "B"}${unit.endsWith("/sec") ? "/s" : ""}`;
    if (shortValues === false) return `${digits(value, decimalPlaces)} ${letter}`;
    return stepped(value, isDecimal ? 1000 : 1024, isDecimal ? decimalSteps : binarySteps, letter, decimalPlaces);
  }
  const rate = rates[unit];
  if (rate !== undefined) return `${number(value, decimalPlaces, shortValues ?? true)} ${rate}`;
  if (currencies.includes(unit)) {
    return value.toLocaleString("en-US", {
      style: "currency",
      currency: unit.toUpperCase(),
      ...(decimalPlaces === undefined ? {} : places(decimalPlaces)),
      ...(shortValues === true ? { notation: "compact" as const } : {}),
    });
  }
  if (unit === "celsius") return `${digits(value, decimalPlaces)} °C`;
  if (unit === "fahrenheit") return `${digits(value, decimalPlaces)} °F`;
  return formatDate(value, unit, timeZone) ?? number(value, decimalPlaces, shortValues ?? false);
}

function formatTime(value: number, unit: string, decimalPlaces: number | undefined): string {
  const seconds = value * secondsOf(unit);
  const size = Math.abs(seconds);
  const best = size === 0
    ? unit
    : shownTimes.find((name) => size >= secondsOf(name) * 0.9999) ?? (unit === "weeks" ? unit : "nanoseconds");
  const [, unitSeconds, shown] = times.find(([name]) => name === best) ?? ["seconds", 1, "s"];
  return `${digits(seconds / unitSeconds, decimalPlaces)} ${shown}`;
}

function secondsOf(unit: string): number {
  return times.find(([name]) => name === unit)?.[1] ?? 1;
}

function stepped(
  value: number,
  base: number,
  steps: readonly string[],
  letter: string,
  decimalPlaces: number | undefined,
): string {
  const step = value === 0
    ? 0
    : Math.min(Math.max(Math.floor(Math.log(Math.abs(value)) / Math.log(base)), 0), steps.length - 1);
  return `${digits(value / base ** step, decimalPlaces)} ${steps[step] ?? ""}${letter}`;
}

function number(value: number, decimalPlaces: number | undefined, isShort: boolean): string {
  if (!isShort || Math.abs(value) < 1000) return digits(value, decimalPlaces);
  const options = decimalPlaces === undefined ? { maximumFractionDigits: 2 } : places(decimalPlaces);
  return value.toLocaleString("en-US", { notation: "compact", ...options });
}

/** Two decimals, and more for what would be zero with them. */
function digits(value: number, decimalPlaces: number | undefined): string {
  if (decimalPlaces !== undefined) return withoutMinusZero(value.toLocaleString("en-US", places(decimalPlaces)));
  if (value !== 0 && Math.abs(value) < 0.1) return value.toLocaleString("en-US", { maximumSignificantDigits: 2 });
  return withoutMinusZero(value.toLocaleString("en-US", { maximumFractionDigits: 2 }));
}

function withoutMinusZero(shown: string): string {
  return /^-0(\.0+)?$/.test(shown) ? shown.slice(1) : shown;
}

function places(count: number): { minimumFractionDigits: number; maximumFractionDigits: number } {
  const whole = Math.min(Math.max(Math.round(count), 0), 20);
  return { minimumFractionDigits: whole, maximumFractionDigits: whole };
}

/** Null for a unit that is no date. Values are milliseconds since 1970, for `unix-timestamp` seconds. */
function formatDate(value: number, unit: string, timeZone: string | undefined): string | null {
  const at = new Date(unit === "unix-timestamp" ? value * 1000 : value);
  if (unit !== "relative-time" && Number.isNaN(at.getTime())) return String(value);
  const zone = timeZone === undefined ? {} : { timeZone };
  switch (unit) {
    case "datetime-iso":
      return at.toISOString();
    case "date-iso":
      return at.toISOString().slice(0, 10);
    case "time-iso":
      return at.toISOString().slice(11);
    case "datetime-us":
      return at.toLocaleString("en-US", zone);
    case "date-us":
      return at.toLocaleDateString("en-US", zone);
    case "time-us":
      return at.toLocaleTimeString("en-US", zone);
    case "datetime-local":
    case "unix-timestamp":
    case "unix-timestamp-ms":
      return at.toLocaleString(undefined, zone);
    case "date-local":
      return at.toLocaleDateString(undefined, zone);
    case "time-local":
      return at.toLocaleTimeString(undefined, zone);
    case "relative-time":
      return relative(value - Date.now());
    default:
      return null;
  }
}

/** `3 hours ago`, from milliseconds. */
export function relative(differenceMs: number): string {
  const seconds = differenceMs / 1000;
  const steps: readonly (readonly [number, Intl.RelativeTimeFormatUnit])[] = [
    [31_536_000, "year"],
    [2_628_000, "month"],
    [86_400, "day"],
    [3_600, "hour"],
    [60, "minute"],
  ];
  const [size, unit] = steps.find(([step]) => Math.abs(seconds) >= step) ?? [1, "second"];
  return new Intl.RelativeTimeFormat("en", { numeric: "auto" }).format(Math.round(seconds / size), unit);
}
