/**
 * to_char, to_date, to_timestamp and to_number.
 *
 * `__to_char` is to_char for a template that is a constant: most templates of dates can then be written by DuckDB's strftime, some
 * twenty times faster. (`__eider_strftime_format` is evaluated while the statement is planned.) strftime takes no other template.
 */
import { readDate, readTimestamp } from "./formatting/read_date_time.ts";
import { readNumber } from "./formatting/read_number.ts";
import { strftimeFormat } from "./formatting/strftime.ts";
import { writeInterval, writeTimestamp } from "./formatting/write_date_time.ts";
import { writeNumber } from "./formatting/write_number.ts";
import { zoneName } from "./formatting/zone_name.ts";
import { checkedWhenCalled, javaScript, macro } from "./macro.ts";
import type { SqlFunction } from "./types.ts";

/** `local` is SQL for the local time, `slow` for the answer where strftime cannot write it. Infinite times give NULL. */
function written(local: string, slow: string, isConstant: boolean): string {
  if (!isConstant) return `CASE WHEN isfinite(${local}) THEN ${slow} END`;
  return checkedWhenCalled(
    "format",
    `CASE WHEN __eider_strftime_format(format) IS NOT NULL
      AND ${local} >= TIMESTAMP '1000-01-01' AND ${local} < TIMESTAMP '10000-01-01'
    THEN strftime(${local}, __eider_strftime_format(format))
    WHEN isfinite(${local}) THEN ${slow} END`,
  );
}

/** Of a time with zone: local time, zone and offset in seconds. */
function writtenInZone(value: string): string {
  return `__eider_write_timestamptz(epoch_us(${value}::TIMESTAMP), format, current_setting('TimeZone'),
    (epoch_us(${value}::TIMESTAMP) - epoch_us(${value})) // 1000000)`;
}

/** `months`, `days` and microseconds of an interval, in SQL. */
const intervalParts = `datepart('year', value) * 12 + datepart('month', value), datepart('day', value),
  (datepart('hour', value) * 60 + datepart('minute', value)) * 60000000 + datepart('microsecond', value)`;

function writing(isConstant: boolean): string[] {
  const template = isConstant ? "format" : "format VARCHAR";
  return [
    `(value TIMESTAMP, ${template}) AS ${
      written("value", "__eider_write_timestamp(epoch_us(value), format)", isConstant)
    }`,
    `(value DATE, ${template}) AS ${
      written("value::TIMESTAMP", writtenInZone("(value::TIMESTAMP::TIMESTAMPTZ)"), isConstant)
    }`,
    `(value TIMESTAMPTZ, ${template}) AS ${written("value::TIMESTAMP", writtenInZone("value"), isConstant)}`,
    `(value TIME, ${template}) AS __eider_write_interval(0, 0, epoch_us(value), format)`,
    `(value INTERVAL, ${template}) AS __eider_write_interval(${intervalParts}, format)`,
    "(value, format) AS __eider_write_number(value::VARCHAR, typeof(value), format::VARCHAR)",
  ];
}

export const formattingFunctions: readonly SqlFunction[] = [
  javaScript("__eider_strftime_format", ["VARCHAR"], "VARCHAR", strftimeFormat),
  javaScript(
    "__eider_write_timestamp",
    ["BIGINT", "VARCHAR"],
    "VARCHAR",
    (micros, format) => writeTimestamp(micros, format, "", 0n),
  ),
  javaScript(
    "__eider_write_timestamptz",
    ["BIGINT", "VARCHAR", "VARCHAR", "BIGINT"],
    "VARCHAR",
    (micros, format, zone, offset) => {
      const shownZone = /TZ/i.test(format)
        ? zoneName(zone, Number(micros / 1000n) - Number(offset) * 1000, Number(offset))
        : "";
      return writeTimestamp(micros, format, shownZone, offset);
    },
  ),
  javaScript("__eider_write_interval", ["BIGINT", "BIGINT", "BIGINT", "VARCHAR"], "VARCHAR", writeInterval),
  javaScript("__eider_write_number", ["VARCHAR", "VARCHAR", "VARCHAR"], "VARCHAR", writeNumber),
  javaScript("__eider_read_number", ["VARCHAR", "VARCHAR"], "VARCHAR", readNumber),
  javaScript("__eider_read_date", ["VARCHAR", "VARCHAR"], "BIGINT", readDate),
  javaScript("__eider_read_timestamp", ["VARCHAR", "VARCHAR"], "VARCHAR", readTimestamp),

  macro("to_char", ...writing(false)),
  macro("__to_char", ...writing(true)),
  macro("to_date", "(value VARCHAR, format VARCHAR) AS DATE '1970-01-01' + __eider_read_date(value, format)::INTEGER"),
  macro(
    "to_timestamp",
    `(value DOUBLE) AS CASE WHEN value = 'Infinity'::DOUBLE THEN 'infinity'::TIMESTAMPTZ
      WHEN value = '-Infinity'::DOUBLE THEN '-infinity'::TIMESTAMPTZ ELSE to_timestamp(value) END`,
    `(value VARCHAR, format VARCHAR) AS CASE WHEN ends_with(__eider_read_timestamp(value, format), 'Z')
      THEN make_timestamptz(rtrim(__eider_read_timestamp(value, format), 'Z')::BIGINT)
      ELSE make_timestamp(__eider_read_timestamp(value, format)::BIGINT)::TIMESTAMPTZ END`,
  ),
  macro("to_number", "(value VARCHAR, format VARCHAR) AS __eider_read_number(value, format)::DECIMAL(38,10)"),
];
