/**
 * Intervals as text: PostgreSQL's verbose and `postgres` styles (`1 year 2 mons -3 days +04:05:06.7`, `@ 1 hour ago`),
 * and ISO 8601 (`P1Y2M3DT4H5M6.7S`). Fractions of a unit spread to the smaller ones as in PostgreSQL: a month has 30
 * days, a day 24 hours.
 */
import type duckdb from "@duckdb/node-bindings";
import { AppError } from "../../errors/app_error.ts";
import { postgresTypes } from "../../pgwire/types.ts";
import { invalidDateTime } from "./input_errors.ts";

const microsPerSecond = 1_000_000;
const microsPerDay = 86_400_000_000;

type Unit = "month" | "day" | "microsecond";

/** How many of its base unit a unit is. */
const units: ReadonlyMap<string, readonly [Unit, number]> = new Map<string, readonly [Unit, number]>([
  ...names(["microsecond", "microseconds", "us", "usec", "usecs", "microsecon"], "microsecond", 1),
  ...names(["millisecond", "milliseconds", "ms", "msec", "msecs"], "microsecond", 1000),
  ...names(["second", "seconds", "s", "sec", "secs"], "microsecond", microsPerSecond),
  ...names(["minute", "minutes", "m", "min", "mins"], "microsecond", 60 * microsPerSecond),
  ...names(["hour", "hours", "h", "hr", "hrs"], "microsecond", 3600 * microsPerSecond),
  ...names(["day", "days", "d"], "day", 1),
  ...names(["week", "weeks", "w"], "day", 7),
  ...names(["month", "months", "mon", "mons"], "month", 1),
  ...names(["year", "years", "y", "yr", "yrs"], "month", 12),
  ...names(["decade", "decades", "dec", "decs"], "month", 120),
  ...names(["century", "centuries", "cent", "c"], "month", 1200),
  ...names(["millennium", "millennia", "mil", "mils"], "month", 12_000),
]);

function names(list: readonly string[], unit: Unit, factor: number): (readonly [string, readonly [Unit, number]])[] {
  return list.map((name) => [name, [unit, factor]] as const);
}

class Sum {
  months = 0;
  days = 0;
  micros = 0;

  add(unit: Unit, amount: number): void {
    if (unit === "microsecond") {
      this.micros += Math.round(amount);
    } else if (unit === "day") {
      const whole = Math.trunc(amount);
      this.days += whole;
      this.micros += Math.round((amount - whole) * microsPerDay);
    } else {
      const whole = Math.trunc(amount);
      this.months += whole;
      // Nine decimals of a month are far below a microsecond; this hides the error of the subtraction.
      this.add("day", Math.round((amount - whole) * 30 * 1e9) / 1e9);
    }
  }

  negate(): void {
    this.months = -this.months;
    this.days = -this.days;
    this.micros = -this.micros;
  }
}

const tokenPattern = /([+-]?)(\d+):(\d{1,2})(?::(\d{1,2}(?:\.\d*)?))?|([+-]?(?:\d+\.?\d*|\.\d+))\s*([a-z]+)?|(ago)|@/iy;

/** Throws `invalid_datetime_format`, or `datetime_overflow` for what DuckDB's INTERVAL cannot hold. */
export function parseInterval(text: string): duckdb.Interval {
  const trimmed = text.trim();
  const sum = /^[+-]?P/i.test(trimmed) ? parseIso(trimmed, text) : parseVerbose(trimmed, text);
  const limit = 0x7fffffff;
  if (Math.abs(sum.months) > limit || Math.abs(sum.days) > limit || Math.abs(sum.micros) > 9.2e18) {
    throw new AppError("datetime_overflow", `interval field value out of range: "${text}"`);
  }
  return { months: sum.months + 0, days: sum.days + 0, micros: BigInt(sum.micros) };
}

function parseVerbose(trimmed: string, text: string): Sum {
  const sum = new Sum();
  let position = 0;
  let found = false;
  let ago = false;
  while (position < trimmed.length) {
    tokenPattern.lastIndex = position;
    const match = tokenPattern.exec(trimmed);
    if (match === null || match[0] === "" || ago) throw invalid(text);
    position = tokenPattern.lastIndex;
    while (/[\s,]/.test(trimmed[position] ?? "")) position++;
    if (match[2] !== undefined) {
      const minutes = Number(match[2]) * 60 + Number(match[3]);
      if (Number(match[3]) > 59 || Number(match[4] ?? 0) >= 60) throw invalid(text);
      const micros = minutes * 60 * microsPerSecond + Math.round(Number(match[4] ?? 0) * microsPerSecond);
      sum.add("microsecond", match[1] === "-" ? -micros : micros);
      found = true;
    } else if (match[5] !== undefined) {
      const name = match[6]?.toLowerCase();
      // A bare number at the end counts seconds.
      if (name === undefined && position < trimmed.length) throw invalid(text);
      const unit = units.get(name ?? "second");
      if (unit === undefined) throw invalid(text);
      sum.add(unit[0], Number(match[5]) * unit[1]);
      found = true;
    } else if (match[7] !== undefined) {
      ago = true;
    }
  }
  if (!found) throw invalid(text);
  if (ago) sum.negate();
  return sum;
}

const isoPattern =
  /^([+-])?P(?:([+-]?[\d.]+)Y)?(?:([+-]?[\d.]+)M)?(?:([+-]?[\d.]+)W)?(?:([+-]?[\d.]+)D)?(?:T(?:([+-]?[\d.]+)H)?(?:([+-]?[\d.]+)M)?(?:([+-]?[\d.]+)S)?)?$/i;

function parseIso(trimmed: string, text: string): Sum {
  const match = isoPattern.exec(trimmed);
  if (match === null || match.slice(2).every((part) => part === undefined)) throw invalid(text);
  const sum = new Sum();
  const order = ["year", "month", "week", "day", "hour", "minute", "second"];
  order.forEach((name, index) => {
    const amount = Number(match[index + 2] ?? 0);
    if (Number.isNaN(amount)) throw invalid(text);
    const [unit, factor] = units.get(name)!;
    sum.add(unit, amount * factor);
  });
  if (match[1] === "-") sum.negate();
  return sum;
}

function invalid(text: string): AppError {
  return invalidDateTime(postgresTypes.interval.oid, text);
}
