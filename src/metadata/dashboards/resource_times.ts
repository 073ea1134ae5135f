/** Times of dashboards and their like: RFC 3339 UTC with nine digits, so that their text sorts as they do. */

/** Gives a time later than every one before it, also when the system's clock is set back a little or stands still. */
export function makeResourceClock(nowMs: () => number = Date.now): () => string {
  let lastMicros = 0;
  return () => {
    lastMicros = Math.max(lastMicros + 1, Math.floor(nowMs() * 1000));
    return formatMicros(lastMicros);
  };
}

/** The same form for a time in milliseconds since 1970. */
export function formatResourceTime(timeMs: number): string {
  return formatMicros(Math.floor(timeMs * 1000));
}

/** Milliseconds since 1970 of such a time, without what is below. */
export function resourceTimeMs(time: string): number {
  return Date.parse(time.slice(0, 23) + "Z");
}

function formatMicros(micros: number): string {
  const text = new Date(Math.floor(micros / 1000)).toISOString();
  return `${text.slice(0, -1)}${String(micros % 1000).padStart(3, "0")}000Z`;
}

/** A change's time, never before the creation: the clock may have been set back between two starts of the server. */
export function notBefore(time: string, earliest: string): string {
  return time < earliest ? earliest : time;
}
