/**
 * Dates, times and intervals. The name of a field is mostly a constant: then a CASE over it disappears while the statement is planned,
 * and what is left is DuckDB's own function.
 */
import { clockMicros, justified } from "./intervals.ts";
import { javaScript, macro, macroOfResults, raise } from "./macro.ts";
import type { SqlFunction } from "./types.ts";

const seconds = "('second', 'seconds', 'sec', 'secs', 's')";
/** PostgreSQL has no year 0: what DuckDB calls so is 1 BC, -1. */
const years = "('year', 'years', 'yr', 'yrs', 'y', 'isoyear')";
const milliseconds = "('millisecond', 'milliseconds', 'msec', 'msecs', 'ms')";
/** Fields that DuckDB's date_part and date_trunc know; another name is PostgreSQL's error. */
const knownFields =
  `('microsecond', 'microseconds', 'usec', 'usecs', 'us', 'millisecond', 'milliseconds', 'msec', 'msecs', 'ms',
  'second', 'seconds', 'sec', 'secs', 's', 'minute', 'minutes', 'min', 'mins', 'm', 'hour', 'hours', 'hr', 'hrs', 'h', 'day', 'days',
  'd', 'week', 'weeks', 'w', 'month', 'months', 'mon', 'mons', 'quarter', 'quarters', 'qtr', 'year', 'years', 'yr', 'yrs', 'y', 'decade',
  'decades', 'dec', 'decs', 'century', 'centuries', 'cent', 'c', 'millennium', 'millennia', 'mil', 'mils', 'epoch', 'dow', 'isodow',
  'doy', 'isoyear', 'julian', 'timezone', 'timezone_hour', 'timezone_minute', 'era', 'yearweek', 'weekday', 'dayofweek', 'dayofyear',
  'weekofyear', 'dayofmonth', 'nanosecond', 'nanoseconds')`;
const unknownField = raise("22023", "unit not recognized for this type");

/** Any name where the error has been raised before: DuckDB judges a constant while it plans. */
const knownField = `CASE WHEN lower(field) = 'qtr' THEN 'quarter' WHEN lower(field) IN ${knownFields} THEN field
  WHEN field IS NOT NULL THEN 'day' END`;

/** DuckDB's date_part leaves out the fraction of a second. `type` is that of the result. */
function datePart(type: string): string {
  return `(field, value) AS CASE WHEN lower(field) NOT IN ${knownFields} THEN ${unknownField}
    WHEN lower(field) IN ${seconds} THEN (date_part('microseconds', value) / 1e6)::${type}
    WHEN lower(field) IN ${milliseconds} THEN (date_part('microseconds', value) / 1e3)::${type}
    WHEN lower(field) = 'epoch' THEN ${
    type === "DOUBLE" ? "date_part('epoch', value)" : "date_part('epoch', value)::DECIMAL(18,6)"
  }::${type}
    WHEN lower(field) IN ${years} AND typeof(value) <> 'INTERVAL'
      THEN (date_part(${knownField}, value) - (date_part(${knownField}, value) <= 0)::BIGINT)::${type}
    ELSE date_part(${knownField}, value)::${type} END`;
}

/** Centuries begin with the year 1, DuckDB's with the year 0. */
function dateTrunc(value: string): string {
  return `CASE WHEN lower(field) NOT IN ${knownFields} THEN ${unknownField}
  WHEN typeof(value) <> 'INTERVAL' AND lower(field) IN ('century', 'centuries', 'cent', 'c', 'millennium', 'millennia', 'mil', 'mils')
    THEN date_trunc(${knownField}, ${value} - INTERVAL '1 year') + INTERVAL '1 year'
  ELSE date_trunc(${knownField}, ${value}) END`;
}

/** The start of the bin of `stride` that `value` lies in, counted from `origin`; `type` is that of the two times. */
function dateBin(valueType: string, type: string): string {
  const distance = `(epoch_us(value::${type}) - epoch_us(origin::${type}))`;
  const width = "epoch_us(stride::INTERVAL)";
  return `(stride, value ${valueType}, origin) AS CASE
    WHEN datepart('year', stride::INTERVAL) <> 0 OR datepart('month', stride::INTERVAL) <> 0
      THEN ${raise("0A000", "timestamps cannot be binned into intervals containing months or years")}
    WHEN ${width} <= 0 THEN ${raise("22008", "stride must be greater than zero")}
    ELSE value::${type} - to_microseconds((${distance} % ${width} + ${width}) % ${width}) END`;
}

/** A period's first moment, NULL where both ends are, and its last one, NULL where one of them is. */
const [first, second] = [1, 2].map((at) => ({
  start: `least(start${at}, end${at})`,
  end: `CASE WHEN start${at} > end${at} THEN start${at} WHEN start${at} <= end${at} THEN end${at} END`,
})) as [Period, Period];

interface Period {
  readonly start: string;
  readonly end: string;
}

/** The later period begins before the earlier one ends. Where it does not, the answer is NULL if its own end is. */
const beginsWithin = (later: Period, earlier: Period) =>
  `${later.start} < (${earlier.end}) OR (${later.end}) < (${later.end})`;

/** A period of no length is a moment, and belongs to one that begins there. */
const overlaps = `(start1, end1, start2, end2) AS CASE
  WHEN ${first.start} < ${second.start} THEN ${beginsWithin(second, first)}
  WHEN ${first.start} > ${second.start} THEN ${beginsWithin(first, second)}
  WHEN ${first.start} = ${second.start} THEN (${first.end}) = (${first.end}) AND (${second.end}) = (${second.end}) END`;

const intervalMonths = "datepart('year', value) * 12 + datepart('month', value)";
const intervalMicros =
  "(datepart('hour', value) * 60 + datepart('minute', value)) * 60000000 + datepart('microsecond', value)";

/** An offset such as -08 or +05:30, which counts to the west (POSIX). */
const isOffset = "regexp_full_match(zone, '[+-]?\\d{1,2}(:\\d\\d)?')";
const offsetInterval = `(CASE WHEN starts_with(zone, '-') THEN -1 ELSE 1 END *
  to_minutes(abs(TRY_CAST(split_part(zone, ':', 1) AS INTEGER)) * 60 + coalesce(TRY_CAST(split_part(zone, ':', 2) AS INTEGER), 0)))`;

function zoned(type: "TIMESTAMP" | "TIMESTAMPTZ"): string[] {
  const moved = (sign: "+" | "-", interval: string) =>
    type === "TIMESTAMPTZ"
      ? `timezone('UTC', value) ${sign} ${interval}`
      : `timezone('UTC', value ${sign === "+" ? "-" : "+"} ${interval})`;
  return [
    `(zone VARCHAR, value ${type}) AS CASE WHEN ${isOffset} THEN ${
      moved("-", offsetInterval)
    } ELSE timezone(zone, value) END`,
    `(zone INTERVAL, value ${type}) AS ${moved("+", "zone")}`,
  ];
}

/** Year -1 is 1 BC, and there is no year 0. */
function withYear(parameters: string, body: string): string {
  return `(${parameters}) AS CASE WHEN year = 0 THEN ${raise("22008", "date field value out of range: year 0")} ELSE ${
    body.replace("YEAR", "CASE WHEN year < 0 THEN year + 1 ELSE year END")
  } END`;
}

const clockParameters = "hour INTEGER, min INTEGER, sec DOUBLE";
const timestampParameters = `year INTEGER, month INTEGER, mday INTEGER, ${clockParameters}`;
const now = "make_timestamptz(__eider_clock())";

export const dateFunctions: readonly SqlFunction[] = [
  javaScript("__eider_justify", ["VARCHAR", "BIGINT", "BIGINT", "BIGINT"], "VARCHAR", justified),
  { ...javaScript("__eider_clock", [], "BIGINT", clockMicros), volatile: true },

  macro("date_part", datePart("DOUBLE")),
  macro("extract", datePart("DECIMAL(38,10)")),
  macro(
    "date_trunc",
    `(field, value) AS ${dateTrunc("value")}`,
    `(field VARCHAR, value TIMESTAMPTZ, zone VARCHAR) AS timezone(zone, ${dateTrunc("timezone(zone, value)")})`,
  ),
  macroOfResults(
    "date_bin",
    dateBin("TIMESTAMP", "TIMESTAMP"),
    dateBin("TIMESTAMPTZ", "TIMESTAMPTZ"),
    dateBin("VARCHAR", "TIMESTAMPTZ"),
  ),
  macro(
    "age",
    "(later TIMESTAMP, earlier TIMESTAMP) AS age(later, earlier)",
    "(later TIMESTAMPTZ, earlier TIMESTAMPTZ) AS age(later, earlier)",
    "(later VARCHAR, earlier VARCHAR) AS age(later::TIMESTAMPTZ, earlier::TIMESTAMPTZ)",
    "(later VARCHAR, earlier TIMESTAMP) AS age(later::TIMESTAMP, earlier)",
    "(later VARCHAR, earlier TIMESTAMPTZ) AS age(later::TIMESTAMPTZ, earlier)",
    "(later TIMESTAMP, earlier VARCHAR) AS age(later, earlier::TIMESTAMP)",
    "(later TIMESTAMPTZ, earlier VARCHAR) AS age(later, earlier::TIMESTAMPTZ)",
    "(earlier TIMESTAMP) AS age(current_date::TIMESTAMP, earlier)",
    "(earlier TIMESTAMPTZ) AS age(current_date::TIMESTAMPTZ, earlier)",
    "(earlier VARCHAR) AS age(current_date::TIMESTAMPTZ, earlier::TIMESTAMPTZ)",
  ),
  macro(
    "make_date",
    "(value) AS make_date(value)",
    withYear("year INTEGER, month INTEGER, day INTEGER", "make_date(YEAR, month, day)"),
  ),
  macro("make_time", `(${clockParameters}) AS make_time(hour, min, sec)`),
  macro(
    "make_timestamp",
    "(micros) AS make_timestamp(micros)",
    withYear(timestampParameters, "make_timestamp(YEAR, month, mday, hour, min, sec)"),
  ),
  macro(
    "make_timestamptz",
    "(micros) AS make_timestamptz(micros)",
    withYear(timestampParameters, "make_timestamptz(YEAR, month, mday, hour, min, sec)"),
    withYear(
      `${timestampParameters}, timezone VARCHAR`,
      "make_timestamptz(YEAR, month, mday, hour, min, sec, timezone)",
    ),
  ),
  macro(
    "make_interval",
    `(years INTEGER := 0, months INTEGER := 0, weeks INTEGER := 0, days INTEGER := 0, hours INTEGER := 0, mins INTEGER := 0,
      secs DOUBLE := 0) AS to_years(years) + to_months(months) + to_days(weeks * 7 + days) + to_hours(hours) + to_minutes(mins) +
      to_microseconds(round(secs * 1000000)::BIGINT)`,
  ),
  ...["days", "hours", "interval"].map((name) =>
    macro(
      `justify_${name}`,
      `(value INTERVAL) AS __eider_justify('${name}', ${intervalMonths}, datepart('day', value), ${intervalMicros})::INTERVAL`,
    )
  ),
  // sum(interval), which DuckDB does not have.
  macro(
    "__sum_interval",
    `(value) AS to_months(sum(${intervalMonths})::INTEGER) + to_days(sum(datepart('day', value))::INTEGER) +
      to_microseconds(sum(${intervalMicros})::BIGINT)`,
  ),
  macro(
    "isfinite",
    "(value INTERVAL) AS CASE WHEN value IS NOT NULL THEN true END",
    ...["DATE", "TIMESTAMP", "TIMESTAMPTZ", "DOUBLE"].map((type) => `(value ${type}) AS isfinite(value)`),
  ),
  macro("clock_timestamp", `() AS ${now}`),
  macro("statement_timestamp", `() AS (SELECT ${now})`),
  macro("transaction_timestamp", "() AS now()"),
  macro(
    "timeofday",
    `() AS (SELECT __eider_write_timestamptz(epoch_us(moment::TIMESTAMP), 'Dy Mon DD HH24:MI:SS.US YYYY TZ',
      current_setting('TimeZone'), (epoch_us(moment::TIMESTAMP) - epoch_us(moment)) // 1000000) FROM (SELECT ${now} AS moment))`,
  ),
  macroOfResults(
    "timezone",
    ...zoned("TIMESTAMP"),
    ...zoned("TIMESTAMPTZ"),
    "(zone VARCHAR, value TIMETZ) AS timezone(zone, value)",
    "(zone INTERVAL, value TIMETZ) AS timezone(zone, value)",
  ),
  macro("__overlaps", overlaps),
  macroOfResults("__period_end", "(start, last INTERVAL) AS start + last", "(start, last) AS last"),
  macro(
    "overlaps",
    `(start1, end1, start2, end2) AS __eider.pg."__overlaps"(start1, __eider.pg."__period_end"(start1, end1),
      start2, __eider.pg."__period_end"(start2, end2))`,
  ),
];
