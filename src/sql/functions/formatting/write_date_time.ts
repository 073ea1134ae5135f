/** to_char of timestamps and intervals (PostgreSQL documentation, "Data Type Formatting Functions"). */
import { sqlError } from "../errors.ts";
import {
  dateFromDays,
  dayNames,
  dayOfWeek,
  daysFromDate,
  isoWeekOf,
  julianOfEpoch,
  monthNames,
  romanMonths,
} from "./calendar.ts";
import { capital, type LetterCase, parseDateTemplate, type TemplateField } from "./date_template.ts";

const microsPerDay = 86_400_000_000n;

/** What the fields are written from; of an interval its parts, which may be negative or larger than in a date. */
interface Moment {
  readonly isInterval: boolean;
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly micros: number;
  /** Days since 1970-01-01; of an interval, of what its parts would be as a date. */
  readonly days: number;
  readonly dayOfYear: number;
  /** Seconds east of Greenwich and the zone's short name, empty without a zone. */
  readonly offset: number;
  readonly zone: string;
}

/** `micros` since 1970-01-01 in local time. */
export function writeTimestamp(micros: bigint, template: string, zone: string, offset: bigint): string | null {
  const rest = (micros % microsPerDay + microsPerDay) % microsPerDay;
  const days = Number((micros - rest) / microsPerDay);
  const second = Number(rest / 1_000_000n);
  const date = dateFromDays(days);
  return write({
    isInterval: false,
    ...date,
    hour: Math.floor(second / 3600),
    minute: Math.floor(second / 60) % 60,
    second: second % 60,
    micros: Number(rest % 1_000_000n),
    days,
    dayOfYear: days - daysFromDate(date.year, 1, 1) + 1,
    offset: Number(offset),
    zone,
  }, template);
}

export function writeInterval(months: bigint, days: bigint, micros: bigint, template: string): string | null {
  const seconds = Number(micros / 1_000_000n);
  const [year, month, day] = [Number(months / 12n), Number(months % 12n), Number(days)];
  return write({
    isInterval: true,
    year,
    month,
    day,
    hour: Math.trunc(seconds / 3600),
    minute: Math.trunc(seconds / 60) % 60,
    second: seconds % 60,
    micros: Number(micros % 1_000_000n),
    days: daysFromDate(year, month, day),
    dayOfYear: Number(months) * 30 + day,
    offset: 0,
    zone: "",
  }, template);
}

/** An empty template gives NULL. */
function write(moment: Moment, template: string): string | null {
  if (template === "") return null;
  let text = "";
  for (const item of parseDateTemplate(template)) text += item.kind === "text" ? item.text : fieldText(item, moment);
  return text;
}

function fieldText(item: TemplateField, moment: Moment): string {
  const { field, fillMode } = item;
  if (moment.isInterval && onlyOfDates.has(field)) {
    throw sqlError("22007", "invalid format specification for an interval value");
  }
  /** The sign of a negative value takes up one of the `width` characters. */
  const unwidened = (value: number, width: number): string =>
    withOrdinal(fillMode ? String(value) : zeroPadded(value, width), item.ordinal);
  /** It stands before them. */
  const padded = (value: number, width: number): string =>
    withOrdinal(fillMode ? String(value) : zeroPadded(value, value < 0 ? width + 1 : width), item.ordinal);
  const name = (text: string, width: number): string => {
    const shown = inCase(text, item.letterCase);
    return fillMode || (item.translated && field !== "RM") ? shown : shown.padEnd(width);
  };
  const year = shownYear(moment.year, moment.isInterval);
  const isoYear = () => moment.isInterval ? moment.year : shownYear(isoWeekOf(moment.days).year, false);
  switch (field) {
    case "FX":
      return "";
    case "A.M.":
    case "P.M.":
      return inCase(isAfternoon(moment) ? "P.M." : "A.M.", item.letterCase);
    case "AM":
    case "PM":
      return inCase(isAfternoon(moment) ? "PM" : "AM", item.letterCase);
    case "HH":
    case "HH12": {
      const hour = moment.hour % 12 === 0 ? 12 : moment.hour % 12;
      return withOrdinal(fillMode ? String(hour) : zeroPadded(hour, moment.hour < 0 ? 3 : 2), item.ordinal);
    }
    case "HH24":
      return padded(moment.hour, 2);
    case "MI":
      return padded(moment.minute, 2);
    case "SS":
      return padded(moment.second, 2);
    case "MS":
      return withOrdinal(zeroPadded(Math.trunc(moment.micros / 1000), 3), item.ordinal);
    case "US":
      return withOrdinal(zeroPadded(moment.micros, 6), item.ordinal);
    case "FF1":
    case "FF2":
    case "FF3":
    case "FF4":
    case "FF5":
    case "FF6": {
      const digits = Number(field[2]);
      return withOrdinal(zeroPadded(Math.trunc(moment.micros / 10 ** (6 - digits)), digits), item.ordinal);
    }
    case "SSSS":
    case "SSSSS":
      return withOrdinal(String((moment.hour * 60 + moment.minute) * 60 + moment.second), item.ordinal);
    case "TZ":
      return inCase(moment.zone, item.letterCase);
    case "TZH":
      return `${moment.offset < 0 ? "-" : "+"}${twoDigits(Math.abs(moment.offset) / 3600)}`;
    case "TZM":
      return twoDigits(Math.abs(moment.offset) / 60 % 60);
    case "OF": {
      const minutes = Math.floor(Math.abs(moment.offset) / 60) % 60;
      const hours = Math.floor(Math.abs(moment.offset) / 3600);
      return (moment.offset < 0 ? "-" : "+") + (fillMode ? String(hours) : twoDigits(hours)) +
        (minutes === 0 ? "" : `:${twoDigits(minutes)}`);
    }
    case "A.D.":
    case "B.C.":
      return inCase(moment.year <= 0 ? "B.C." : "A.D.", item.letterCase);
    case "AD":
    case "BC":
      return inCase(moment.year <= 0 ? "BC" : "AD", item.letterCase);
    case "MONTH":
      return name(monthNames[moment.month - 1]!, 9);
    case "MON":
      return name(monthNames[moment.month - 1]!.slice(0, 3), 3);
    case "MM":
      return padded(moment.month, 2);
    case "DAY":
      return name(dayNames[dayOfWeek(moment.days)]!, 9);
    case "DY":
      return name(dayNames[dayOfWeek(moment.days)]!.slice(0, 3), 3);
    case "DDD":
      return unwidened(moment.dayOfYear, 3);
    case "IDDD":
      return padded((isoWeekOf(moment.days).week - 1) * 7 + isoDay(moment.days), 3);
    case "DD":
      return unwidened(moment.day, 2);
    case "D":
      return padded(dayOfWeek(moment.days) + 1, 1);
    case "ID":
      return padded(isoDay(moment.days), 1);
    case "WW":
      return unwidened(Math.trunc((moment.dayOfYear - 1) / 7) + 1, 2);
    case "IW":
      return padded(isoWeekOf(moment.days).week, 2);
    case "W":
      return padded(Math.trunc((moment.day - 1) / 7) + 1, 1);
    case "Q":
      return moment.month === 0 ? "" : padded(Math.trunc((moment.month - 1) / 3) + 1, 1);
    case "CC":
      return padded(century(moment), 2);
    case "Y,YYY": {
      const thousands = Math.trunc(year / 1000);
      return withOrdinal(`${thousands},${zeroPadded(year - thousands * 1000, 3)}`, item.ordinal);
    }
    case "YYYY":
      return padded(year, 4);
    case "YYY":
      return padded(year % 1000, 3);
    case "YY":
      return padded(year % 100, 2);
    case "Y":
      return padded(year % 10, 1);
    case "IYYY":
      return padded(isoYear(), 4);
    case "IYY":
      return padded(isoYear() % 1000, 3);
    case "IY":
      return padded(isoYear() % 100, 2);
    case "I":
      return padded(isoYear() % 10, 1);
    case "RM":
      return moment.month === 0 && moment.year === 0 ? "" : name(romanMonth(moment), 4);
    case "J":
      return withOrdinal(String(moment.days + julianOfEpoch), item.ordinal);
    default: {
      const unknown: never = field;
      throw new TypeError(`unknown field ${String(unknown)}`);
    }
  }
}

/** Without meaning for a length of time. */
const onlyOfDates: ReadonlySet<string> = new Set(
  "TZ TZH TZM OF A.D. B.C. AD BC MONTH MON DAY DY D ID".split(" "),
);

function isAfternoon(moment: Moment): boolean {
  return moment.hour % 24 >= 12;
}

function shownYear(year: number, isInterval: boolean): number {
  return isInterval || year > 0 ? year : 1 - year;
}

/** 1 is Monday. */
function isoDay(days: number): number {
  return dayOfWeek(days) === 0 ? 7 : dayOfWeek(days);
}

function century(moment: Moment): number {
  if (moment.isInterval) return Math.trunc(moment.year / 100);
  return moment.year > 0 ? Math.floor((moment.year - 1) / 100) + 1 : Math.trunc(moment.year / 100) - 1;
}

/** No months, but years: the last one. Negative months count from the end. */
function romanMonth({ month, year }: Moment): string {
  if (month === 0) return year >= 0 ? "XII" : "I";
  return romanMonths[month > 0 ? month - 1 : 12 + month]!;
}

function inCase(text: string, letterCase: LetterCase): string {
  return letterCase === "upper" ? text.toUpperCase() : letterCase === "lower" ? text.toLowerCase() : capital(text);
}

/** Of at least `width` characters, the sign of a negative one included. */
function zeroPadded(value: number, width: number): string {
  return value < 0 ? `-${String(-value).padStart(width - 1, "0")}` : String(value).padStart(width, "0");
}

function twoDigits(value: number): string {
  return String(Math.floor(value)).padStart(2, "0");
}

/** `1st`, `2nd`, `3rd`, `11th`, by the last digits of a number's text. */
export function withOrdinal(text: string, letterCase: LetterCase | null): string {
  if (letterCase === null) return text;
  const last = /1\d$/.test(text) ? "" : text.slice(-1);
  const ending = last === "1" ? "st" : last === "2" ? "nd" : last === "3" ? "rd" : "th";
  return text + (letterCase === "upper" ? ending.toUpperCase() : ending);
}
