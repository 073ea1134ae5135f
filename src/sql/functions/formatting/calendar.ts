/** Dates by arithmetic, in the proleptic Gregorian calendar; a year is astronomical, 0 is 1 BC. */

export interface CivilDate {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

export const monthNames = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
] as const;
export const dayNames = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"] as const;
export const romanMonths = ["I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII"] as const;

/** Days from 0000-03-01 to 1970-01-01. */
const epochShift = 719_468;
const daysOfEra = 146_097;
/** Julian day number of 1970-01-01. */
export const julianOfEpoch = 2_440_588;

/** Days from 1970-01-01; months outside 1 to 12 and days outside the month are carried over. */
export function daysFromDate(year: number, month: number, day: number): number {
  const wholeYear = year + Math.floor((month - 1) / 12);
  const monthOfYear = ((month - 1) % 12 + 12) % 12 + 1;
  const marchYear = monthOfYear <= 2 ? wholeYear - 1 : wholeYear;
  const era = Math.floor(marchYear / 400);
  const yearOfEra = marchYear - era * 400;
  const dayOfYear = Math.floor((153 * ((monthOfYear + 9) % 12) + 2) / 5) + day - 1;
  return era * daysOfEra + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear -
    epochShift;
}

export function dateFromDays(days: number): CivilDate {
  const shifted = days + epochShift;
  const era = Math.floor(shifted / daysOfEra);
  const dayOfEra = shifted - era * daysOfEra;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  return {
    year: era * 400 + yearOfEra + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1,
  };
}

export function daysInMonth(year: number, month: number): number {
  return daysFromDate(year, month + 1, 1) - daysFromDate(year, month, 1);
}

/** 0 is Sunday. */
export function dayOfWeek(days: number): number {
  return ((days + 4) % 7 + 7) % 7;
}

export interface IsoWeek {
  readonly year: number;
  readonly week: number;
}

/** ISO 8601: a week belongs to the year of its Thursday. */
export function isoWeekOf(days: number): IsoWeek {
  const monday = days - (dayOfWeek(days) + 6) % 7;
  const { year } = dateFromDays(monday + 3);
  return { year, week: Math.floor((monday - isoYearStart(year)) / 7) + 1 };
}

/** The Monday of week 1: that of January 4. */
export function isoYearStart(year: number): number {
  const january4 = daysFromDate(year, 1, 4);
  return january4 - (dayOfWeek(january4) + 6) % 7;
}
