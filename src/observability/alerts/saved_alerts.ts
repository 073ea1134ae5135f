/**
 * What is kept of the alerts over a restart: whether the server was running, and which alerts the webhook believes to be
 * firing. Only so can an alert resolve that a restart has ended, and only so does a start know that the end before was none.
 */
import { z } from "zod";
import type { AlertStates, Moment } from "./alert_states.ts";
import { alertNames, severities } from "./alert_types.ts";

/** More than this is not worth its place in the metadata store. */
const savedAlertsMax = 200;

const conditionSchema = z.object({
  alert: z.enum(alertNames),
  subject: z.string(),
  severity: z.enum(severities),
  summary: z.string(),
  description: z.string(),
  resolution: z.string(),
  context: z.record(z.string(), z.union([z.string(), z.number(), z.null()])),
  labels: z.record(z.string(), z.string()),
  value: z.number(),
  occurrences: z.number(),
});

const savedSchema = z.object({
  /** False when the server stopped in order. */
  running: z.boolean(),
  told: z.array(z.object({
    condition: conditionSchema,
    /** Milliseconds since the epoch, as the wall clock was then. */
    toldAtMs: z.number(),
    firingSinceMs: z.number(),
  })),
});
export type SavedAlerts = z.infer<typeof savedSchema>;

export function savedAlerts(states: AlertStates, running: boolean, now: Moment): SavedAlerts {
  const told: SavedAlerts["told"][number][] = [];
  for (const { told: last, firingSinceMs } of states.values()) {
    if (last?.status !== "firing" || told.length >= savedAlertsMax) continue;
    const toldAtMs = Number.isFinite(last.atMs) ? Math.round(now.epochMs - (now.monotonicMs - last.atMs)) : 0;
    told.push({ condition: { ...last.condition }, toldAtMs, firingSinceMs });
  }
  return { running, told };
}

/** null for no text, or one that another version wrote differently. */
export function parseSavedAlerts(text: string | null): SavedAlerts | null {
  if (text === null) return null;
  try {
    return savedSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}
