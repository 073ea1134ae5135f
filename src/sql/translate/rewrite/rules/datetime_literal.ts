/**
 * Date and time constants in forms that PostgreSQL reads (with DateStyle ISO, MDY) and DuckDB does not: `Jan 31 2025`,
 * `20250131`, `1/31/2025`, `10:00 PM`, `2025-01-31 10:00 UTC`, years BC.
 */

export interface DateTimeParts {
  readonly date: { readonly year: number; readonly month: number; readonly day: number } | null;
  readonly time: string | null;
  /** As DuckDB reads it: `+02:00`, `Europe/Prague`. */
  readonly zone: string | null;
}

const months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const weekdays = /^(?:sun|mon|tues?|wed|wednes|thu|thurs?|fri|sat|satur)(?:day)?\.?,?$/i;

/** Abbreviations as PostgreSQL's default list has them, in hours. */
const zoneHours: Readonly<Record<string, number>> = {
  z: 0,
  zulu: 0,
  utc: 0,
  gmt: 0,
  ut: 0,
  wet: 0,
  west: 1,
  bst: 1,
  cet: 1,
  met: 1,
  cest: 2,
  mest: 2,
  eet: 2,
  eest: 3,
  msk: 3,
  est: -5,
  edt: -4,
  cst: -6,
  cdt: -5,
  mst: -7,
  mdt: -6,
  pst: -8,
  pdt: -7,
  akst: -9,
  akdt: -8,
  hst: -10,
  jst: 9,
  kst: 9,
  aest: 10,
  aedt: 11,
  nzst: 12,
  nzdt: 13,
};

/** What DuckDB reads exactly as PostgreSQL does. */
const plainForms: Readonly<Record<string, RegExp>> = {
  date: /^\d{4}-\d{2}-\d{2}$/,
  time: /^\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?$/,
  timestamp: /^\d{4}-\d{2}-\d{2}(?:[ T]\d{2}:\d{2}:\d{2}(?:\.\d{1,6})?)?$/,
  timestamptz: /^\d{4}-\d{2}-\d{2}(?:[ T]\d{2}:\d{2}:\d{2}(?:\.\d{1,6})?(?:[-+]\d{2}(?::\d{2})?|Z)?)?$/,
};

/** The text for DuckDB; null when it reads the text itself, or the form is not known here. */
export function dateTimeText(source: string, type: string): string | null {
  const form = type === "timetz" ? undefined : plainForms[type];
  if (form === undefined || form.test(source)) return null;
  const parts = parseDateTime(source);
  if (parts === null) return null;
  const { date, zone } = parts;
  const time = parts.time === null ? null : roundedTime(parts.time);
  if (type === "time") return time;
  if (date === null) return null;
  const shownDate = dateText(date);
  switch (type) {
    case "date":
      return shownDate;
    case "timestamp":
      return time === null ? shownDate : `${shownDate} ${time}`;
    default: {
      if (zone === null) return time === null ? shownDate : `${shownDate} ${time}`;
      return `${shownDate} ${time ?? "00:00:00"}${/^[-+]/.test(zone) ? "" : " "}${zone}`;
    }
  }
}

function roundedHalfEven(value: number): number {
  const up = Math.floor(value + 0.5);
  return value % 1 === 0.5 && up % 2 === 1 ? up - 1 : up;
}

/** To microseconds, where DuckDB cuts; a text that would be tomorrow's stays. */
function roundedTime(time: string): string {
  const match = /^(\d{2}):(\d{2}):(\d{2})(\.\d{7,})$/.exec(time);
  if (match === null) return time;
  const [, hours, minutes, seconds, fraction] = match;
  const micros = (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1_000_000 +
    roundedHalfEven(Number(fraction) * 1_000_000);
  if (micros >= 86_400_000_000) return time;
  const two = (value: number) => String(Math.floor(value) % 60).padStart(2, "0");
  const clock = `${String(Math.floor(micros / 3_600_000_000)).padStart(2, "0")}:${two(micros / 60_000_000)}`;
  return `${clock}:${two(micros / 1_000_000)}.${String(micros % 1_000_000).padStart(6, "0")}`;
}

function dateText({ year, month, day }: NonNullable<DateTimeParts["date"]>): string {
  const two = (value: number) => String(value).padStart(2, "0");
  const shown = `${String(Math.abs(year)).padStart(4, "0")}-${two(month)}-${two(day)}`;
  return year < 0 ? `${shown} (BC)` : shown;
}

/** A year BC is negative. */
export function parseDateTime(source: string): DateTimeParts | null {
  let text = source.trim().replace(/^(\d{4}-\d{1,2}-\d{1,2}|\d{8})T(?=\d)/i, "$1 ");
  let beforeChrist = false;
  text = text.replace(/\s*\b(BC|AD)$/i, (_match, era: string) => {
    beforeChrist = era.toUpperCase() === "BC";
    return "";
  });
  let time: string | null = null;
  let zone: string | null = null;
  let date: { year: number; month: number; day: number } | null = null;
  const words: string[] = [];
  for (const word of text.split(/\s+/)) {
    if (/^\d{1,2}:\d/.test(word)) {
      const read = readTime(word);
      if (read === null || time !== null) return null;
      time = read.time;
      zone = read.zone ?? zone;
    } else if (/^(am|pm)$/i.test(word)) {
      time = time === null ? null : twelveHours(time, word);
      if (time === null) return null;
    } else if (time !== null && readZone(word) !== null) zone = readZone(word);
    else if (/^\d{6}$/.test(word) && (date !== null || words.length > 0)) {
      time = `${word.replace(/(..)(..)(..)/, "$1:$2:$3")}`;
    } else if (weekdays.test(word)) continue;
    else words.push(word);
  }
  if (words.length === 1 && /^\d{6}$/.test(words[0]!) && time === null) {
    return { date: null, time: words[0]!.replace(/(..)(..)(..)/, "$1:$2:$3"), zone };
  }
  if (words.length > 0) {
    date = readDate(words);
    if (date === null) return null;
    if (beforeChrist) date = { ...date, year: -date.year };
  }
  return { date, time, zone };
}

function readTime(word: string): { time: string; zone: string | null } | null {
  const match = /^(\d{1,2}):(\d{2})(?::(\d{2})(\.\d+)?)?(am|pm)?(z|[-+]\d{1,2}(?::?\d{2})?(?::\d{2})?)?$/i.exec(word);
  if (match === null) return null;
  const [, hours, minutes, seconds, fraction, half, zone] = match;
  const time = `${hours!.padStart(2, "0")}:${minutes}:${seconds ?? "00"}${fraction ?? ""}`;
  const shown = half === undefined ? time : twelveHours(time, half);
  return shown === null ? null : { time: shown, zone: zone === undefined ? null : readZone(zone) };
}

function twelveHours(time: string, half: string): string | null {
  const hours = Number(time.slice(0, 2));
  if (hours < 1 || hours > 12) return null;
  const full = hours % 12 + (half.toLowerCase() === "pm" ? 12 : 0);
  return String(full).padStart(2, "0") + time.slice(2);
}

function readZone(word: string): string | null {
  const offset = /^([-+])(\d{1,2}):?(\d{2})?$/.exec(word);
  if (offset !== null) return `${offset[1]}${offset[2]!.padStart(2, "0")}:${offset[3] ?? "00"}`;
  if (/^[A-Za-z_]+\/[A-Za-z_/+\-0-9]+$/.test(word)) return word;
  const hours = zoneHours[word.toLowerCase()];
  if (hours === undefined) return null;
  return `${hours < 0 ? "-" : "+"}${String(Math.abs(hours)).padStart(2, "0")}:00`;
}

function readDate(words: readonly string[]): { year: number; month: number; day: number } | null {
  const text = words.join(" ").replaceAll(",", " ").trim();
  const numeric = /^(\d{4,6})[-/](\d{1,2})[-/](\d{1,2})$/.exec(text) ?? /^(\d{4})(\d{2})(\d{2})$/.exec(text);
  if (numeric !== null) return valid(Number(numeric[1]), Number(numeric[2]), Number(numeric[3]));
  const american = /^(\d{1,2})[/-](\d{1,2})[/-](\d{4})$/.exec(text);
  if (american !== null) return valid(Number(american[3]), Number(american[1]), Number(american[2]));
  const parts = text.split(/[-\s./]+/);
  if (parts.length !== 3) return null;
  const monthAt = parts.findIndex((part) => monthOf(part) > 0);
  if (monthAt < 0) return null;
  const numbers = parts.filter((_, at) => at !== monthAt);
  if (!numbers.every((part) => /^\d+$/.test(part))) return null;
  const yearAt = numbers.findIndex((part) => part.length >= 3);
  if (yearAt < 0) return null;
  return valid(Number(numbers[yearAt]), monthOf(parts[monthAt]!), Number(numbers[1 - yearAt]));
}

function monthOf(word: string): number {
  const name = word.toLowerCase().replace(/\.$/, "");
  if (name.length < 3) return 0;
  const full = ["uary", "ruary", "ch", "il", "", "e", "y", "ust", "tember", "ober", "ember", "ember"];
  const at = months.findIndex((month, index) => name === month || name === month + full[index]);
  return name === "sept" ? 9 : at + 1;
}

function valid(year: number, month: number, day: number): { year: number; month: number; day: number } | null {
  return month >= 1 && month <= 12 && day >= 1 && day <= 31 ? { year, month, day } : null;
}
