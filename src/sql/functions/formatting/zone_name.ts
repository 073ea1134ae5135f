/** Short names of time zones, as to_char's TZ writes them: CET, EDT. */

/** Between them they know most of the names; each only those of its own part of the world. */
const locales = ["en-US", "en-GB", "en-AU", "en-NZ", "en-IN", "en-ZA", "ja-JP"] as const;
/** Names of the time zone database that no locale knows, for zones without daylight saving time. */
const names: Readonly<Record<string, string>> = {
  "Africa/Cairo": "EET",
  "Africa/Lagos": "WAT",
  "Africa/Nairobi": "EAT",
  "Asia/Hong_Kong": "HKT",
  "Asia/Jakarta": "WIB",
  "Asia/Karachi": "PKT",
  "Asia/Manila": "PST",
  "Asia/Seoul": "KST",
  "Asia/Shanghai": "CST",
  "Asia/Taipei": "CST",
  "Europe/Moscow": "MSK",
};

const formats = new Map<string, readonly Intl.DateTimeFormat[]>();

/** At a moment in milliseconds since 1970-01-01 UTC; a zone without a name has its offset, such as `+03` or `+0545`. */
export function zoneName(zone: string, epochMs: number, offsetSeconds: number): string {
  if (/^(?:etc\/)?(?:utc|uct|zulu|universal)$/i.test(zone)) return "UTC";
  if (/^(?:etc\/)?(?:gmt|greenwich)$/i.test(zone)) return "GMT";
  const known = names[zone];
  if (known !== undefined) return known;
  for (const format of formatsOf(zone)) {
    const shown = format.formatToParts(epochMs).find((part) => part.type === "timeZoneName")?.value ?? "";
    if (/^[A-Z]{3,5}$/.test(shown)) return shown;
  }
  const minutes = Math.floor(Math.abs(offsetSeconds) / 60);
  const digits = String(Math.floor(minutes / 60)).padStart(2, "0") +
    (minutes % 60 === 0 ? "" : String(minutes % 60).padStart(2, "0"));
  return (offsetSeconds < 0 ? "-" : "+") + digits;
}

/** Zones that are remembered: a session has one. */
const zonesMax = 64;

function formatsOf(zone: string): readonly Intl.DateTimeFormat[] {
  const known = formats.get(zone);
  if (known !== undefined) return known;
  let made: readonly Intl.DateTimeFormat[];
  try {
    made = locales.map((locale) => new Intl.DateTimeFormat(locale, { timeZone: zone, timeZoneName: "short" }));
  } catch {
    // A zone that only DuckDB knows.
    made = [];
  }
  if (formats.size >= zonesMax) formats.clear();
  formats.set(zone, made);
  return made;
}
