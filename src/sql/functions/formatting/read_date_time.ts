/**
 * to_date and to_timestamp of a text (PostgreSQL documentation, "Data Type Formatting Functions", usage notes). Reading is lenient: spaces
 * and punctuation stand for each other, a field may be shorter than its pattern where a separator ends it, and what is behind the
 * template is ignored.
 */
import { sqlError } from "../errors.ts";
import {
  dateFromDays,
  dayNames,
  daysFromDate,
  daysInMonth,
  isoYearStart,
  julianOfEpoch,
  monthNames,
  romanMonths,
} from "./calendar.ts";
import { type DateField, parseDateTemplate, type TemplateField, type TemplateItem } from "./date_template.ts";

/** Fields as they were read; what the template lacks is absent. */
interface Found {
  values: Map<FoundName, number>;
  /** Digits of the year that were read, which decides how a century counts. */
  yearDigits: number;
  /** ISO week dates and calendar dates cannot be mixed. */
  calendar: "iso" | "gregorian" | null;
  offsetSign: 1 | -1;
}

type FoundName =
  | "year"
  | "century"
  | "month"
  | "day"
  | "dayOfYear"
  | "dayOfWeek"
  | "week"
  | "weekOfMonth"
  | "julian"
  | "hour"
  | "minute"
  | "second"
  | "millis"
  | "micros"
  | "secondOfDay"
  | "afternoon"
  | "beforeChrist"
  | "twelveHours"
  | "offsetHours"
  | "offsetMinutes";

/** Days since 1970-01-01. */
export function readDate(text: string, template: string): bigint {
  return BigInt(dateOf(read(text, template)));
}

/**
 * Microseconds since 1970-01-01 as text: of local time, or with `Z` behind them of UTC, when the text tells its offset. Hours, minutes
 * and seconds out of range are refused.
 */
export function readTimestamp(text: string, template: string): string {
  const found = read(text, template);
  const days = dateOf(found);
  const local = BigInt(days) * 86_400_000_000n + BigInt(clockOf(found, text));
  const hours = found.values.get("offsetHours");
  if (hours === undefined && !found.values.has("offsetMinutes")) return String(local);
  if ((hours ?? 0) > offsetHoursMax) throw sqlError("22009", `time zone displacement out of range: "${text}"`);
  const seconds = found.offsetSign * ((hours ?? 0) * 3600 + (found.values.get("offsetMinutes") ?? 0) * 60);
  return `${local - BigInt(seconds) * 1_000_000n}Z`;
}

const offsetHoursMax = 15;

function invalidText(message: string): Error {
  return sqlError("22007", message);
}

function outOfRange(text: string): Error {
  return sqlError("22008", `date/time field value out of range: "${text}"`);
}

/** Reads along the template until either ends. */
function read(text: string, template: string): Found {
  const items = parseDateTemplate(template);
  const found: Found = { values: new Map(), yearDigits: 4, calendar: null, offsetSign: 1 };
  let position = 0;
  let exact = false;
  /** Characters of the text skipped beyond those that the template has skipped: the template's own text catches up with them. */
  let ahead = 0;
  const skipSpaces = (): void => {
    while (/\s/.test(text[position] ?? "")) {
      position++;
      ahead++;
    }
  };
  for (const [index, item] of items.entries()) {
    if (position >= text.length) break;
    if (!exact && (item.kind === "field" || index === 0)) skipSpaces();
    if (item.kind === "text") {
      if (exact) position += characterLength(text, position);
      else if (item.role === "character") {
        if (ahead > 0) ahead--;
        else position += characterLength(text, position);
      } else {
        ahead--;
        if (/[\s!-/:-@[-`{-~]/.test(text[position] ?? "")) {
          position++;
          ahead++;
        }
      }
      continue;
    }
    if (item.field === "FX") {
      exact = true;
      continue;
    }
    position = readField(item, items[index + 1], text, position, found, ahead);
    if (!exact) {
      ahead = 0;
      skipSpaces();
    }
  }
  return found;
}

function characterLength(text: string, position: number): number {
  return (text.codePointAt(position) ?? 0) > 0xffff ? 2 : 1;
}

/** Fields that are numbers: what they are, and the most digits that are read when no separator follows. */
const numberFields: Readonly<Partial<Record<DateField, readonly [FoundName | null, number]>>> = {
  HH: ["hour", 2],
  HH12: ["hour", 2],
  HH24: ["hour", 2],
  MI: ["minute", 2],
  SS: ["second", 2],
  SSSS: ["secondOfDay", 4],
  SSSSS: ["secondOfDay", 5],
  MM: ["month", 2],
  DDD: ["dayOfYear", 3],
  IDDD: ["dayOfYear", 3],
  DD: ["day", 2],
  D: ["dayOfWeek", 1],
  ID: ["dayOfWeek", 1],
  WW: ["week", 2],
  IW: ["week", 2],
  W: ["weekOfMonth", 1],
  Q: [null, 1],
  CC: ["century", 2],
  J: ["julian", 1],
  TZM: ["offsetMinutes", 2],
};

/** Returns the position behind the field. `ahead`: characters skipped before it that the template does not have. */
function readField(
  item: TemplateField,
  next: TemplateItem | undefined,
  text: string,
  position: number,
  found: Found,
  ahead: number,
): number {
  const { field } = item;
  if (/^I/.test(field)) requireCalendar(found, "iso");
  else if (
    /^(?:Y|CC|BC|AD|B\.C\.|A\.D\.|MON|MM|RM|D|DD|DDD|W|WW|J|Q)/.test(field) && field !== "DAY" && field !== "DY"
  ) {
    requireCalendar(found, "gregorian");
  }
  const number = (digitsMax: number) => readNumber(item, next, text, position, digitsMax);
  const behind = (end: number) => item.ordinal === null ? end : Math.min(text.length, end + 2);
  const known = numberFields[field];
  if (known !== undefined) {
    const [name, digitsMax] = known;
    const { value, end } = number(digitsMax);
    if (name !== null) set(found, name, field === "D" ? (value + 5) % 7 + 1 : value, field);
    if (field === "HH" || field === "HH12") found.values.set("twelveHours", 1);
    return behind(end);
  }
  switch (field) {
    case "A.M.":
    case "P.M.":
    case "AM":
    case "PM": {
      const dotted = field.includes(".");
      const { index, end } = readName(dotted ? ["A.M.", "P.M."] : ["AM", "PM"], text, position, field);
      set(found, "afternoon", index, field);
      found.values.set("twelveHours", 1);
      return end;
    }
    case "A.D.":
    case "B.C.":
    case "AD":
    case "BC": {
      const { index, end } = readName(field.includes(".") ? ["A.D.", "B.C."] : ["AD", "BC"], text, position, field);
      set(found, "beforeChrist", index, field);
      return end;
    }
    case "MONTH":
    case "MON": {
      const length = field === "MON" ? 3 : undefined;
      const { index, end } = readName(monthNames.map((name) => name.slice(0, length)), text, position, field);
      set(found, "month", index + 1, field);
      return end;
    }
    case "DAY":
    case "DY":
      // The day of the week is checked to be one, and not used.
      return readName(dayNames.map((name) => name.slice(0, field === "DY" ? 3 : undefined)), text, position, field).end;
    case "RM": {
      const { index, end } = readName([...romanMonths].reverse(), text, position, field);
      set(found, "month", 12 - index, field);
      return end;
    }
    case "MS": {
      const { value, digits, end } = number(3);
      set(found, "millis", value * (digits === 1 ? 100 : digits === 2 ? 10 : 1), field);
      return behind(end);
    }
    case "US":
    case "FF1":
    case "FF2":
    case "FF3":
    case "FF4":
    case "FF5":
    case "FF6": {
      const { value, digits, end } = number(field === "US" ? 6 : Number(field[2]));
      set(found, "micros", value * 10 ** Math.max(0, 6 - digits), field);
      return behind(end);
    }
    case "Y,YYY": {
      const match = /^\s*(-?\d+),\s*(\d{1,3})/.exec(text.slice(position));
      if (match === null) throw invalidText('invalid input string for "Y,YYY"');
      set(found, "year", Number(match[1]) * 1000 + Number(match[2]), field);
      return behind(position + match[0].length);
    }
    case "YYYY":
    case "YYY":
    case "YY":
    case "Y":
    case "IYYY":
    case "IYY":
    case "IY":
    case "I": {
      const patternDigits = field.length;
      const { value, digits, end } = number(patternDigits);
      set(found, "year", patternDigits < 4 && digits < 4 ? nearest2020(value) : value, field);
      found.yearDigits = patternDigits;
      return behind(end);
    }
    case "TZH": {
      const sign = text[position] ?? "";
      const isSign = /[-+ ]/.test(sign);
      const from = isSign ? position + 1 : position;
      // The template's separator may have taken the sign.
      found.offsetSign = sign === "-" || (!isSign && ahead > 0 && text[position - 1] === "-") ? -1 : 1;
      const { value, end } = readNumber(item, next, text, from, 2);
      set(found, "offsetHours", value, field);
      return end;
    }
    case "TZ":
    case "OF":
      throw sqlError("0A000", `formatting field "${field}" is only supported in to_char`);
    default:
      return position;
  }
}

function requireCalendar(found: Found, calendar: "iso" | "gregorian"): void {
  if (found.calendar !== null && found.calendar !== calendar) {
    throw invalidText(
      "invalid combination of date conventions: do not mix Gregorian and ISO week date conventions in a template",
    );
  }
  found.calendar = calendar;
}

function set(found: Found, name: FoundName, value: number, field: string): void {
  const before = found.values.get(name) ?? 0;
  if (before !== 0 && before !== value) {
    throw invalidText(`conflicting values for "${field}" field in formatting string`);
  }
  found.values.set(name, value);
}

function readName(
  names: readonly string[],
  text: string,
  position: number,
  field: string,
): { index: number; end: number } {
  const rest = text.slice(position, position + 12).toLowerCase();
  const index = names.findIndex((name) => rest.startsWith(name.toLowerCase()));
  if (index < 0) throw invalidText(`invalid value "${text.slice(position).split(/\s/)[0]}" for "${field}"`);
  return { index, end: position + names[index]!.length };
}

/** As many digits as there are when a separator must follow or with FM, otherwise exactly `digitsMax` characters. */
function readNumber(
  item: TemplateField,
  next: TemplateItem | undefined,
  text: string,
  position: number,
  digitsMax: number,
): { value: number; digits: number; end: number } {
  const open = item.fillMode || item.ordinal !== null || next === undefined ||
    (next.kind === "text" ? !/\d/.test(next.text) : !beginsWithDigit(next.field));
  const start = position + /^\s*/.exec(text.slice(position))![0].length;
  const source = open ? text.slice(start) : text.slice(start, start + digitsMax);
  const match = /^[+-]?\d+/.exec(source);
  if (match === null) {
    throw invalidText(`invalid value "${source.slice(0, digitsMax)}" for "${item.field}": it must be an integer`);
  }
  if (!open && match[0].length < digitsMax) {
    throw invalidText(`source string too short for "${item.field}" formatting field: it needs ${digitsMax} characters`);
  }
  const value = Number(match[0]);
  if (Math.abs(value) > 2_147_483_647) {
    throw sqlError("22008", `value for "${item.field}" in source string is out of range`);
  }
  return { value, digits: match[0].length, end: start + match[0].length };
}

function beginsWithDigit(field: DateField): boolean {
  return !/^(?:A\.?[DM]|B\.?C|P\.?M|DAY|DY|FX|MON|OF|RM|TZ$|TZH)/.test(field);
}

/** A year of fewer than four digits is the one nearest to 2020 that ends in them. */
function nearest2020(year: number): number {
  if (year < 70) return year + 2000;
  if (year < 100) return year + 1900;
  if (year < 520) return year + 2000;
  return year < 1000 ? year + 1000 : year;
}

/** PostgreSQL's timestamps end in 294276. */
const yearMax = 294_276;

function dateOf(found: Found): number {
  const value = (name: FoundName) => found.values.get(name) ?? 0;
  const year = yearOf(found);
  if (Math.abs(year) > yearMax) throw outOfRange(String(year));
  if (value("julian") !== 0) return value("julian") - julianOfEpoch;
  const iso = found.calendar === "iso";
  let dayOfYear = value("dayOfYear");
  if (value("week") !== 0) {
    if (iso) return isoYearStart(year) + (value("week") - 1) * 7 + isoDayOfWeek(found.values.get("dayOfWeek")) - 1;
    dayOfYear = (value("week") - 1) * 7 + 1;
  }
  const month = value("month") || 1;
  const day = value("weekOfMonth") !== 0 ? (value("weekOfMonth") - 1) * 7 + 1 : value("day") || 1;
  if (dayOfYear !== 0 && (month <= 1 || day <= 1)) {
    if (year === 0 && value("beforeChrist") === 0) {
      throw invalidText("cannot calculate day of year without year information");
    }
    if (iso) return isoYearStart(year) + dayOfYear - 1;
    const days = daysFromDate(year, 1, 1) + dayOfYear - 1;
    if (dayOfYear < 1 || dateFromDays(days).year !== year) throw outOfRange(String(dayOfYear));
    return days;
  }
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) throw outOfRange(`${year}-${month}-${day}`);
  return daysFromDate(year, month, day);
}

/** Monday without one; whatever is no day from Monday to Saturday is Sunday. */
function isoDayOfWeek(value: number | undefined): number {
  if (value === undefined) return 1;
  return value >= 1 && value <= 6 ? value : 7;
}

/** Astronomical. */
function yearOf(found: Found): number {
  const value = (name: FoundName) => found.values.get(name) ?? 0;
  const sign = value("beforeChrist") === 1 ? -1 : 1;
  const century = value("century") * sign;
  const year = value("year");
  if (year !== 0 && (century === 0 || found.yearDigits > 2)) {
    const signed = year * sign;
    return signed < 0 ? signed + 1 : signed;
  }
  if (year !== 0) {
    const inCentury = year % 100;
    if (inCentury === 0) return century * 100 + (century >= 0 ? 0 : 1);
    return inCentury + (century < 0 ? century + 1 : century - 1) * 100;
  }
  if (century === 0) return 0;
  return century > 0 ? (century - 1) * 100 + 1 : century * 100 + 1;
}

/** Microseconds since midnight. */
function clockOf(found: Found, text: string): number {
  const value = (name: FoundName) => found.values.get(name) ?? 0;
  const ofDay = value("secondOfDay");
  let hour = ofDay !== 0 ? Math.floor(ofDay / 3600) : value("hour");
  const minute = ofDay !== 0 ? Math.floor(ofDay / 60) % 60 : value("minute");
  const second = ofDay !== 0 ? ofDay % 60 : value("second");
  if (value("twelveHours") === 1) {
    if (hour < 1 || hour > 12) throw invalidText(`hour "${hour}" is invalid for the 12-hour clock`);
    hour = hour % 12 + (value("afternoon") === 1 ? 12 : 0);
  }
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) throw outOfRange(text);
  return ((hour * 60 + minute) * 60 + second) * 1_000_000 + value("millis") * 1000 + value("micros");
}
