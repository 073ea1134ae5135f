/**
 * Time zones that are a fixed offset, as PostgreSQL writes and reads them: the POSIX form of a TZ variable without daylight saving time (`GMT-2`, `<+02>-02`,
 * `+02:00`), whose sign counts westward, and intervals, which count eastward.
 */

const posixForm = /^(?:<[^<>]+>|[A-Za-z]{3,})?([+-]?)(\d{1,2})(?::?([0-5]\d))?$/;
const intervalForm = /^([+-]?)(\d{1,2})(?::([0-5]\d)(?::00)?)?(?:\s*hours?)?$/;
/** PostgreSQL's own bound is a week; no place on Earth is further. */
const hoursMax = 14;

/** Seconds east of Greenwich of a zone as SHOW prints it; null when the text is no fixed offset. */
export function fixedOffsetSeconds(zone: string): number | null {
  const seconds = eastward(posixForm.exec(zone));
  return seconds === null ? null : 0 - seconds;
}

/** As SHOW prints what SET TIME ZONE INTERVAL set, such as `<+05:30>-05:30`; null when the text is no offset. */
export function zoneOfInterval(interval: string): string | null {
  const seconds = eastward(intervalForm.exec(interval.trim()));
  return seconds === null ? null : zoneOfSeconds(seconds);
}

export function zoneOfSeconds(east: number): string {
  const minutes = Math.abs(east) / 60;
  const digits = [Math.floor(minutes / 60), minutes % 60].map((part) => String(part).padStart(2, "0"));
  const text = digits[1] === "00" ? digits[0] : digits.join(":");
  return east < 0 ? `<-${text}>+${text}` : `<+${text}>-${text}`;
}

function eastward(match: RegExpExecArray | null): number | null {
  if (match === null) return null;
  const [hours, minutes] = [Number(match[2]), Number(match[3] ?? 0)];
  if (hours > hoursMax) return null;
  const seconds = hours * 3600 + minutes * 60;
  return match[1] === "-" ? 0 - seconds : seconds;
}
