/** Durations as Perses writes them: `1h`, `30m`, `1d12h`, units in descending order (model/api/v1 Duration). */

const unitMs = {
  y: 365 * 86_400_000,
  w: 7 * 86_400_000,
  d: 86_400_000,
  h: 3_600_000,
  m: 60_000,
  s: 1000,
  ms: 1,
} as const;
const form = /^(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?$/;

/** Milliseconds; 0 for "0". Null for what is no duration. */
export function parseDurationMs(text: string): number | null {
  if (text === "0") return 0;
  const match = form.exec(text);
  if (match === null || text === "") return null;
  const units = Object.values(unitMs);
  const totalMs = match.slice(1).reduce((sum, count, index) => sum + Number(count ?? 0) * (units[index] ?? 0), 0);
  return Number.isSafeInteger(totalMs) ? totalMs : null;
}
