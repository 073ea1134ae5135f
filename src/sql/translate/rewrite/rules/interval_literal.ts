/**
 * Interval constants in the forms that PostgreSQL reads and DuckDB does not: `1-2`, `1 12:59:10`, `P1Y2M`, `-1 days
 * +02:03`, and numbers whose unit stands in the type (`interval '1-2' year to month`).
 */

interface Interval {
  months: number;
  days: number;
  microseconds: number;
}

/** The fields that a type's modifier allows, as bits. */
const fieldBits: readonly (readonly [bit: number, unit: string])[] = [
  [4, "year"],
  [2, "month"],
  [8, "day"],
  [1024, "hour"],
  [2048, "minute"],
  [4096, "second"],
];

const units: ReadonlyMap<string, keyof typeof unitSizes> = new Map(
  (Object.entries({
    microsecond: "us usec usecs usecond useconds microsecond microseconds microsecon",
    millisecond: "ms msec msecs msecond mseconds millisecond milliseconds millisecon",
    second: "s sec secs second seconds",
    minute: "m min mins minute minutes",
    hour: "h hr hrs hour hours",
    day: "d day days",
    week: "w week weeks",
    month: "mon mons month months",
    year: "y yr yrs year years",
    decade: "dec decs decade decades",
    century: "c cent century centuries",
    millennium: "mil mils millennium millennia",
  }) as [keyof typeof unitSizes, string][]).flatMap(([unit, names]) => names.split(" ").map((name) => [name, unit])),
);

const hourMicroseconds = 3_600_000_000;

const unitSizes = {
  microsecond: { field: "microseconds", size: 1 },
  millisecond: { field: "microseconds", size: 1_000 },
  second: { field: "microseconds", size: 1_000_000 },
  minute: { field: "microseconds", size: 60_000_000 },
  hour: { field: "microseconds", size: hourMicroseconds },
  day: { field: "days", size: 1 },
  week: { field: "days", size: 7 },
  month: { field: "months", size: 1 },
  year: { field: "months", size: 12 },
  decade: { field: "months", size: 120 },
  century: { field: "months", size: 1_200 },
  millennium: { field: "months", size: 12_000 },
} as const;

/** Texts that DuckDB reads as PostgreSQL does: whole numbers with full unit names, then perhaps a time. */
const plain = new RegExp(
  "^\\s*(?:[-+]?\\d+ (?:years?|mons?|months?|weeks?|days?|hours?|minutes?|seconds?)(?: |$))+" +
    "(?:\\d{1,2}:\\d{2}(?::\\d{2}(?:\\.\\d{1,6})?)?)?$",
);

/**
 * The text for DuckDB; null when it reads the text itself, or neither knows it. `modifier` are the type's field bits, 0
 * for all.
 */
export function intervalText(source: string, modifier: number): string | null {
  if (modifier === 0 && plain.test(source)) return null;
  const parsed = /^\s*[-+]?P/i.test(source) ? parseIso(source.trim()) : parseFields(source, modifier);
  return parsed === null ? null : written(limited(parsed, modifier));
}

/** `interval '1 day 10:20' hour to minute` drops what is smaller than a minute. */
function limited(value: Interval, modifier: number): Interval {
  const smallest = fieldBits.findLast(([bit]) => (modifier & bit) !== 0)?.[1];
  if (smallest === undefined || smallest === "second") return value;
  if (smallest === "year") return { months: value.months - value.months % 12, days: 0, microseconds: 0 };
  if (smallest === "month") return { months: value.months, days: 0, microseconds: 0 };
  if (smallest === "day") return { ...value, microseconds: 0 };
  const size = unitSizes[smallest as "hour" | "minute"].size;
  return { ...value, microseconds: value.microseconds - value.microseconds % size };
}

function parseFields(source: string, modifier: number): Interval | null {
  const result: Interval = { months: 0, days: 0, microseconds: 0 };
  let rest = source.trim().toLowerCase();
  const ago = /\bago$/.test(rest);
  if (ago) rest = rest.slice(0, -3).trimEnd();
  if (rest.startsWith("@")) rest = rest.slice(1).trimStart();
  if (rest === "") return null;
  while (rest !== "") {
    const taken = takeTime(rest, result, modifier) ?? takeYearMonth(rest, result) ?? takeNumber(rest, result, modifier);
    if (taken === null) return null;
    rest = rest.slice(taken).trimStart();
  }
  if (ago) {
    result.months = -result.months;
    result.days = -result.days;
    result.microseconds = -result.microseconds;
  }
  return result;
}

/** `12:59:10.5`, `-02:03`; with fields `minute to second` two parts are minutes and seconds. */
function takeTime(rest: string, result: Interval, modifier: number): number | null {
  const match = /^([-+]?)(\d+):(\d{1,2})(?::(\d{1,2}(?:\.\d*)?)|(\.\d+))?(?=\s|$)/.exec(rest);
  if (match === null) return null;
  const sign = match[1] === "-" ? -1 : 1;
  const minutesFirst = match[4] === undefined && (modifier === (2048 | 4096) || match[5] !== undefined);
  const [hours, minutes, seconds] = minutesFirst
    ? [0, Number(match[2]), Number(match[3] + (match[5] ?? ""))]
    : [Number(match[2]), Number(match[3]), Number(match[4] ?? 0)];
  result.microseconds += sign * Math.round((hours * 3600 + minutes * 60 + seconds) * 1_000_000);
  return match[0].length;
}

/** `1-2`: years and months. */
function takeYearMonth(rest: string, result: Interval): number | null {
  const match = /^([-+]?)(\d+)-(\d{1,2})(?=\s|$)/.exec(rest);
  if (match === null) return null;
  const months = Number(match[2]) * 12 + Number(match[3]);
  result.months += match[1] === "-" ? -months : months;
  return match[0].length;
}

function takeNumber(rest: string, result: Interval, modifier: number): number | null {
  const match = /^([-+]?(?:\d+(?:\.\d*)?|\.\d+))\s*([a-z]*)/.exec(rest);
  if (match === null) return null;
  const value = Number(match[1]);
  let unit = units.get(match[2]!);
  if (match[2] === "") {
    // Before a time or another number, a bare number counts days.
    const timeFollows = /^\s*[-+]?\d/.test(rest.slice(match[0].length));
    const smallest = fieldBits.findLast(([bit]) => (modifier & bit) !== 0)?.[1] ?? "second";
    unit = timeFollows ? "day" : smallest as keyof typeof unitSizes;
  }
  if (unit === undefined) return null;
  addUnits(result, value, unit);
  return match[0].length;
}

/** Fractions of years go to months, of months to days of 30 a month, of days to time. */
function addUnits(result: Interval, value: number, unit: keyof typeof unitSizes): void {
  const { field, size } = unitSizes[unit];
  const total = exact(value * size);
  if (field === "microseconds") {
    result.microseconds += Math.round(total);
    return;
  }
  if (field === "months" && unit !== "month") {
    result.months += Math.round(total);
    return;
  }
  const whole = Math.trunc(total);
  const fraction = exact(total - whole);
  if (field === "days") {
    result.days += whole;
    result.microseconds += Math.round(fraction * 24 * hourMicroseconds);
    return;
  }
  result.months += whole;
  const days = exact(fraction * 30);
  result.days += Math.trunc(days);
  result.microseconds += Math.round(exact(days - Math.trunc(days)) * 24 * hourMicroseconds);
}

/** Without the last digits in which binary fractions differ from decimal ones. */
function exact(value: number): number {
  return Number(value.toPrecision(15));
}

/** `P1Y2M3DT4H5M6S`, and `P0001-02-03T04:05:06`. */
function parseIso(source: string): Interval | null {
  const result: Interval = { months: 0, days: 0, microseconds: 0 };
  const alternative = /^P(-?\d{1,6})-(\d{1,2})-(\d{1,2})(?:T(\d{1,2}):(\d{2}):(\d{2}(?:\.\d+)?))?$/i.exec(source);
  if (alternative !== null) {
    const [years, months, days, hours, minutes, seconds] = alternative.slice(1).map((part) => Number(part ?? 0));
    result.months = years! * 12 + months!;
    result.days = days!;
    result.microseconds = Math.round((hours! * 3600 + minutes! * 60 + seconds!) * 1_000_000);
    return result;
  }
  const parts = /^P((?:-?[\d.]+[YMWD])*)(?:T((?:-?[\d.]+[HMS])+))?$/i.exec(source);
  if (parts === null || (parts[1] === "" && parts[2] === undefined)) return null;
  const dateUnits = { Y: "year", M: "month", W: "week", D: "day" } as const;
  const timeUnits = { H: "hour", M: "minute", S: "second" } as const;
  for (const [text, names] of [[parts[1] ?? "", dateUnits], [parts[2] ?? "", timeUnits]] as const) {
    for (const match of text.matchAll(/(-?[\d.]+)([A-Z])/gi)) {
      const value = Number(match[1]);
      const unit = (names as Record<string, keyof typeof unitSizes>)[match[2]!.toUpperCase()];
      if (unit === undefined || Number.isNaN(value)) return null;
      addUnits(result, value, unit);
    }
  }
  return result;
}

/**
 * The form that DuckDB reads: `14 months 3 days 3723.5 seconds` would lose digits, so the time stands in microseconds.
 */
function written({ months, days, microseconds }: Interval): string {
  const parts = [
    months === 0 ? "" : `${months} months`,
    days === 0 ? "" : `${days} days`,
    microseconds === 0 ? "" : `${microseconds} microseconds`,
  ].filter((part) => part !== "");
  return parts.length === 0 ? "0 days" : parts.join(" ");
}
