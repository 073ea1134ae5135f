/**
 * Dates by arithmetic (proleptic Gregorian calendar, as in PostgreSQL) and their text in DateStyle ISO. Algorithm:
 * Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", civil_from_days and days_from_civil.
 */
import { fourDigits, twoDigits } from "./digits.ts";

export interface CivilDate {
  /** Astronomical: 0 is 1 BC. */
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

/** The date that is `days` after 1970-01-01. */
export function civilFromDays(days: number): CivilDate {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1;
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day };
}

/** Days from 1970-01-01 to this date; `year` is astronomical. */
export function daysFromCivil(year: number, month: number, day: number): number {
  const shiftedYear = month <= 2 ? year - 1 : year;
  const era = Math.floor(shiftedYear / 400);
  const yearOfEra = shiftedYear - era * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

/** 0001-01-01 and 9999-12-31: between them a date is ten characters. */
export const firstPlainDay = daysFromCivil(1, 1, 1);
export const lastPlainDay = daysFromCivil(9999, 12, 31);

/** 2000-01-01, PostgreSQL's epoch, in days since 1970-01-01. */
export const postgresEpochDays = 10_957;

/** Days kept ready as text: 2^12 days cover eleven years, 48 kB for all encoders together. */
const cacheSlots = 4096;
const cachedDay = new Int32Array(cacheSlots).fill(-0x80000000);
const cachedWords = new Int32Array(cacheSlots * 3);

/** Writes `YYYY-MM-DD`; the day must lie between `firstPlainDay` and `lastPlainDay`. */
export function writeDay(view: DataView, position: number, day: number): void {
  const slot = day & (cacheSlots - 1);
  if (cachedDay[slot] !== day) fillSlot(slot, day);
  const at = slot * 3;
  view.setInt32(position, cachedWords[at]!, true);
  view.setInt32(position + 4, cachedWords[at + 1]!, true);
  view.setInt16(position + 8, cachedWords[at + 2]!, true);
}

function fillSlot(slot: number, day: number): void {
  const date = civilFromDays(day);
  cachedWords[slot * 3] = fourDigits[date.year]!;
  cachedWords[slot * 3 + 1] = 45 | (twoDigits[date.month]! << 8) | (45 << 24);
  cachedWords[slot * 3 + 2] = twoDigits[date.day]!;
  cachedDay[slot] = day;
}

/** A date before year 1 or after 9999: the year is wider, or ` BC` goes to the very end of the text. */
export function wideDayText(day: number): { readonly text: string; readonly suffix: "" | " BC" } {
  const { year, month, day: dayOfMonth } = civilFromDays(day);
  const shownYear = year > 0 ? year : 1 - year;
  const text = `${String(shownYear).padStart(4, "0")}-${pad(month)}-${pad(dayOfMonth)}`;
  return { text, suffix: year > 0 ? "" : " BC" };
}

/** Writes `HH:MM:SS`. */
export function writeClock(bytes: Uint8Array, view: DataView, position: number, secondOfDay: number): void {
  const second = secondOfDay | 0;
  const minutes = (second / 60) | 0;
  const hours = (minutes / 60) | 0;
  view.setInt16(position, twoDigits[hours]!, true);
  bytes[position + 2] = 58;
  view.setInt16(position + 3, twoDigits[minutes - hours * 60]!, true);
  bytes[position + 5] = 58;
  view.setInt16(position + 6, twoDigits[second - minutes * 60]!, true);
}

/** Characters of the fraction of a second, its point included: 0 for none, up to 7. */
export function fractionLength(micros: number): number {
  const value = micros | 0;
  if (value === 0) return 0;
  const thousands = (value / 1000) | 0;
  if (thousands * 1000 === value) {
    const hundredth = (thousands / 10) | 0;
    if (hundredth * 10 !== thousands) return 4;
    return ((hundredth / 10) | 0) * 10 === hundredth ? 2 : 3;
  }
  const tenth = (value / 10) | 0;
  if (tenth * 10 !== value) return 7;
  return ((tenth / 10) | 0) * 10 === tenth ? 5 : 6;
}

/** Writes the first `length` characters of `.ffffff`; `length` comes from `fractionLength`. */
export function writeFraction(bytes: Uint8Array, position: number, micros: number, length: number): void {
  if (length === 0) return;
  bytes[position] = 46;
  let rest = micros | 0;
  for (let place = 6; place > 0; place--) {
    const quotient = (rest / 10) | 0;
    if (place < length) bytes[position + place] = 48 + rest - quotient * 10;
    rest = quotient;
  }
}

/** `HH:MM:SS[.ffffff]` as a string. */
export function clockText(secondOfDay: number, micros: number): string {
  const hours = Math.floor(secondOfDay / 3600);
  const minutes = Math.floor(secondOfDay / 60) % 60;
  const fraction = micros === 0 ? "" : `.${String(micros).padStart(6, "0").replace(/0+$/, "")}`;
  return `${pad(hours)}:${pad(minutes)}:${pad(secondOfDay % 60)}${fraction}`;
}

/** A zone offset as PostgreSQL shows it: `+02`, `-03:30`, `+00:57:44`. Seconds east of Greenwich. */
export function offsetText(offsetSeconds: number): string {
  const magnitude = Math.abs(offsetSeconds);
  const minutes = Math.floor(magnitude / 60) % 60;
  const seconds = magnitude % 60;
  const rest = seconds !== 0 ? `:${pad(minutes)}:${pad(seconds)}` : minutes !== 0 ? `:${pad(minutes)}` : "";
  return `${offsetSeconds < 0 ? "-" : "+"}${pad(Math.floor(magnitude / 3600))}${rest}`;
}

function pad(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}
