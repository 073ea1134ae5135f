/** Panel data as REST shows it. */
import type { JsonObject } from "../types.ts";
import type { PanelData } from "./types.ts";

/** Points of a series when the reader does not say how far apart they may be. */
const defaultPointCount = 250;
const intervalMsMin = 1_000;

export function defaultIntervalMs(fromMs: number, toMs: number): number {
  return Math.max(intervalMsMin, Math.round((toMs - fromMs) / defaultPointCount));
}

export function shownData(data: PanelData): JsonObject {
  if (data.type === "table") return { ...data };
  const { stepMs, series, ...rest } = data;
  return { ...rest, series: series.map((one) => ({ ...one })), step_ms: stepMs };
}
