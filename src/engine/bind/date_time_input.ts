/**
 * Dates and times as text: the ISO 8601 forms that drivers send, `YYYYMMDD`, `MM/DD/YYYY` (DateStyle MDY), ` BC`,
 * zone offsets and zone names, AM/PM, and the special values. PostgreSQL documentation, "Date/Time Input".
 */
import { AppError } from "../../errors/app_error.ts";
import { daysFromCivil } from "../encode/calendar.ts";
import { type TimeZone, timeZone } from "../encode/time_zone.ts";
import { dateTimeOverflow, invalidDateTime } from "./input_errors.ts";

export type Infinite = "infinity" | "-infinity";

const microsPerSecond = 1_000_000;
export const microsPerDay = 86_400_000_000;

interface Clock {
  /** Since midnight, up to 24:00:00. */
  readonly micros: number;
  /** Seconds east of Greenwich, a zone name, or null when none is given. */
  readonly zone: number | string | null;
}

const datePattern =
  /^(?:(\d{4,7})-(\d{1,2})-(\d{1,2})|(\d{4,7})\/(\d{1,2})\/(\d{1,2})|(\d{4})(\d{2})(\d{2})|(\d{1,2})\/(\d{1,2})\/(\d{4,7}))/;
const clockPattern = /^(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d*))?)?(?:\s*([ap]m))?/i;
const compactClockPattern = /^(\d{2})(\d{2})(\d{2})(?:\.(\d*))?/;
const offsetPattern = /^([+-])(\d{1,2})(?::?(\d{2})(?::?(\d{2}))?)?$/;

/** Days since 1970-01-01. A time behind the date is checked and dropped, as in PostgreSQL. */
export function parseDate(typeOid: number, text: string): number | Infinite {
  const trimmed = text.trim();
  const special = parseSpecial(trimmed);
  if (special === "epoch") return 0;
  if (special !== null) return special;
  const { days, rest, beforeChrist } = takeDate(typeOid, trimmed, text);
  if (rest !== "") parseClock(typeOid, rest, text);
  return days(beforeChrist);
}

/** Microseconds since midnight and the zone offset in seconds east, 0 without one. */
export function parseTime(typeOid: number, text: string): { micros: number; offsetSeconds: number } {
  const clock = parseClock(typeOid, text.trim(), text);
  if (typeof clock.zone === "string") {
    const zone = namedZone(clock.zone);
    return { micros: clock.micros, offsetSeconds: zone.offsetAt(0) };
  }
  return { micros: clock.micros, offsetSeconds: clock.zone ?? 0 };
}

/**
 * Microseconds since 1970-01-01. For timestamp (`sessionZone` null) a zone in the text is ignored, as in PostgreSQL;
 * for timestamptz the result is UTC, and a text without a zone is in `sessionZone`.
 */
export function parseTimestamp(typeOid: number, text: string, sessionZone: string | null): bigint | Infinite {
  const trimmed = text.trim();
  const special = parseSpecial(trimmed);
  if (special === "epoch") return 0n;
  if (special !== null) return special;
  const { days, rest, beforeChrist } = takeDate(typeOid, trimmed, text);
  const clock: Clock = rest === "" ? { micros: 0, zone: null } : parseClock(typeOid, rest, text);
  const local = BigInt(days(beforeChrist)) * BigInt(microsPerDay) + BigInt(clock.micros);
  if (sessionZone === null) {
    if (typeof clock.zone === "string") namedZone(clock.zone);
    return local;
  }
  if (typeof clock.zone === "number") return local - BigInt(clock.zone * microsPerSecond);
  const zone = clock.zone === null ? timeZone(sessionZone) : namedZone(clock.zone);
  const localSecond = Number(local / BigInt(microsPerSecond));
  // The offset in force is that of the moment itself: ask with the first guess, then with its result.
  const guess = zone.offsetAt(localSecond - zone.offsetAt(localSecond));
  const offset = zone.offsetAt(localSecond - guess);
  return local - BigInt((offset === guess ? guess : Math.min(offset, guess)) * microsPerSecond);
}

function parseSpecial(trimmed: string): Infinite | "epoch" | null {
  switch (trimmed.toLowerCase()) {
    case "infinity":
    case "+infinity":
      return "infinity";
    case "-infinity":
      return "-infinity";
    case "epoch":
      return "epoch";
    default:
      return null;
  }
}

function takeDate(
  typeOid: number,
  trimmed: string,
  text: string,
): { days: (beforeChrist: boolean) => number; rest: string; beforeChrist: boolean } {
  const era = /\s+(BC|AD)$/i.exec(trimmed);
  const body = era === null ? trimmed : trimmed.slice(0, era.index);
  const match = datePattern.exec(body);
  if (match === null) throw invalidDateTime(typeOid, text);
  const monthFirst = match[10] !== undefined;
  const year = Number(match[1] ?? match[4] ?? match[7] ?? match[12]);
  const month = Number(match[2] ?? match[5] ?? match[8] ?? match[10]);
  const day = Number(match[3] ?? match[6] ?? match[9] ?? match[11]);
  if (monthFirst && (month > 12 || day > 31)) throw dateTimeOverflow(text);
  const tail = body.slice(match[0].length);
  if (tail !== "" && !/^[T\s]/i.test(tail)) throw invalidDateTime(typeOid, text);
  return {
    rest: tail.replace(/^[T\s]\s*/i, ""),
    beforeChrist: era !== null && era[1]!.toUpperCase() === "BC",
    days: (beforeChrist) => {
      if (year === 0) throw dateTimeOverflow(text);
      const astronomical = beforeChrist ? 1 - year : year;
      if (month < 1 || month > 12 || day < 1 || day > daysInMonth(astronomical, month)) throw dateTimeOverflow(text);
      return daysFromCivil(astronomical, month, day);
    },
  };
}

function daysInMonth(year: number, month: number): number {
  return daysFromCivil(month === 12 ? year + 1 : year, month === 12 ? 1 : month + 1, 1) - daysFromCivil(year, month, 1);
}

function parseClock(typeOid: number, body: string, text: string): Clock {
  const match = clockPattern.exec(body) ?? compactClockPattern.exec(body);
  if (match === null) throw invalidDateTime(typeOid, text);
  let hours = Number(match[1]);
  const minutes = Number(match[2]);
  const seconds = Number(match[3] ?? 0);
  const half = match[5]?.toLowerCase();
  if (half !== undefined) {
    if (hours < 1 || hours > 12) throw dateTimeOverflow(text);
    hours = (hours % 12) + (half === "pm" ? 12 : 0);
  }
  const fraction = Math.round(Number(`0.${match[4] === undefined || match[4] === "" ? "0" : match[4]}`) * 1e6);
  const micros = ((hours * 60 + minutes) * 60 + seconds) * microsPerSecond + fraction;
  if (hours > 24 || minutes > 59 || seconds > 60 || micros > microsPerDay) throw dateTimeOverflow(text);
  return { micros, zone: parseZone(typeOid, body.slice(match[0].length).trim(), text) };
}

function parseZone(typeOid: number, zone: string, text: string): number | string | null {
  if (zone === "") return null;
  if (/^(?:z|zulu|utc|gmt)$/i.test(zone)) return 0;
  const match = offsetPattern.exec(zone);
  if (match === null) {
    if (/^[A-Za-z][A-Za-z0-9_+\-/]*$/.test(zone)) return zone;
    throw invalidDateTime(typeOid, text);
  }
  const hours = Number(match[2]);
  const minutes = Number(match[3] ?? 0);
  const seconds = Number(match[4] ?? 0);
  if (hours > 15 || minutes > 59 || seconds > 59) {
    throw new AppError("datetime_overflow", `time zone displacement out of range: "${text}"`);
  }
  return (match[1] === "-" ? -1 : 1) * (hours * 3600 + minutes * 60 + seconds);
}

function namedZone(name: string): TimeZone {
  try {
    return timeZone(name);
  } catch (cause) {
    throw new AppError("invalid_parameter_value", `time zone "${name}" not recognized`, { cause });
  }
}
