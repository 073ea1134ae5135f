/**
 * Offsets of a time zone from UTC, through Intl, kept by quarter of an hour: looking one up costs microseconds, and all
 * of today's zones change theirs at a quarter.
 */
import { AppError } from "../../errors/app_error.ts";
import { fixedOffsetSeconds } from "../../sql/fixed_offset.ts";
import { daysFromCivil } from "./calendar.ts";

export interface TimeZone {
  /** Whether the offset is always zero. */
  readonly isUtc: boolean;
  /** Seconds east of Greenwich at this moment, seconds since 1970-01-01 UTC. */
  offsetAt(epochSecond: number): number;
}

const quarterSeconds = 900;
/** Beyond these years the rules are taken as they are there: local mean time before, the last known rule after. */
const firstSecond = daysFromCivil(1000, 1, 1) * 86_400;
const lastSecond = daysFromCivil(9000, 1, 1) * 86_400;
/** Quarters of an hour remembered: direct-mapped, 2^14 of them span 170 days, 130 kB a zone. */
const slots = 16_384;

const zones = new Map<string, TimeZone>();
/** Zones remembered: clients use a handful; a client that sets hundreds only loses the warm cache. */
const zonesMax = 64;

/** `name` as SHOW TimeZone prints it. Throws `invalid_parameter_value` for one that is no IANA zone and no fixed offset. */
export function timeZone(name: string): TimeZone {
  const known = zones.get(name);
  if (known !== undefined) return known;
  const zone = createTimeZone(name);
  if (zones.size >= zonesMax) zones.clear();
  zones.set(name, zone);
  return zone;
}

const utcNames: ReadonlySet<string> = new Set(["utc", "etc/utc", "gmt", "etc/gmt", "zulu", "z", "greenwich", "uct"]);

function createTimeZone(name: string): TimeZone {
  if (utcNames.has(name.toLowerCase())) return { isUtc: true, offsetAt: () => 0 };
  const fixed = fixedOffsetSeconds(name);
  if (fixed !== null) return { isUtc: fixed === 0, offsetAt: () => fixed };
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat("en-US", {
      timeZone: name,
      calendar: "gregory",
      numberingSystem: "latn",
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
  } catch (cause) {
    throw new AppError("invalid_parameter_value", `invalid value for parameter "TimeZone": "${name}"`, { cause });
  }
  const quarters = new Float64Array(slots).fill(NaN);
  const offsets = new Int32Array(slots);
  return {
    isUtc: false,
    offsetAt(epochSecond) {
      const second = epochSecond < firstSecond ? firstSecond : epochSecond > lastSecond ? lastSecond : epochSecond;
      const quarter = Math.floor(second / quarterSeconds);
      const slot = quarter & (slots - 1);
      if (quarters[slot] === quarter) return offsets[slot]!;
      const start = offsetThrough(format, quarter * quarterSeconds);
      // Historic changes may fall inside a quarter; such a quarter is not remembered.
      if (start !== offsetThrough(format, quarter * quarterSeconds + quarterSeconds - 1)) {
        return offsetThrough(format, second);
      }
      quarters[slot] = quarter;
      offsets[slot] = start;
      return start;
    },
  };
}

function offsetThrough(format: Intl.DateTimeFormat, epochSecond: number): number {
  const fields: Record<string, number> = {};
  for (const part of format.formatToParts(epochSecond * 1000)) fields[part.type] = Number(part.value);
  const days = daysFromCivil(fields["year"]!, fields["month"]!, fields["day"]!);
  return days * 86_400 + fields["hour"]! * 3600 + fields["minute"]! * 60 + fields["second"]! - epochSecond;
}
