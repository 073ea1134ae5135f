import { deepEqual, equal } from "node:assert/strict";
import {
  axisLabel,
  axisTimes,
  durationMs,
  localText,
  niceStepMs,
  offsetMs,
  relativeRange,
  resolveRange,
  shifted,
  timeMs,
  timeOfLocal,
  widened,
} from "./time_range.ts";

const now = Date.parse("2026-03-01T12:00:00Z");

Deno.test("timeMs and durationMs read relative and absolute times, and nothing else", () => {
  equal(durationMs("1h30m"), 5_400_000);
  equal(durationMs("0"), 0);
  equal(durationMs("1 hour"), null);
  equal(timeMs("now", now), now);
  equal(timeMs("now-6h", now), now - 21_600_000);
  equal(timeMs("now-x", now), null);
  equal(timeMs("2026-03-01T00:00:00Z", now), now - 43_200_000);
  equal(timeMs(String(now), 0), now);
  equal(timeMs("yesterday", now), null);
});

Deno.test("a range that makes no sense gives way to the dashboard's", () => {
  const preset = relativeRange("6h");
  const sixHours = { fromMs: now - 21_600_000, toMs: now };
  deepEqual(resolveRange({ from: "now-15m", to: "now" }, preset, now), { fromMs: now - 900_000, toMs: now });
  deepEqual(resolveRange({ from: "now", to: "now-15m" }, preset, now), sixHours);
  deepEqual(resolveRange({ from: "x", to: "now" }, preset, now), sixHours);
  deepEqual(resolveRange(relativeRange("x"), relativeRange("x"), now), { fromMs: now - 3_600_000, toMs: now });
});

Deno.test("shifted goes half a range, widened doubles it around its middle", () => {
  const range = { fromMs: now - 7_200_000, toMs: now };
  deepEqual(shifted(range, -1), { from: "2026-03-01T09:00:00.000Z", to: "2026-03-01T11:00:00.000Z" });
  deepEqual(widened(range), { from: "2026-03-01T09:00:00.000Z", to: "2026-03-01T13:00:00.000Z" });
});

Deno.test("an axis has round times of its time zone's clock, also across a change to summer time", () => {
  equal(niceStepMs({ fromMs: 0, toMs: 3_600_000 }, 8), 600_000);
  equal(offsetMs(now, "Europe/Prague"), 3_600_000);
  const day = { fromMs: Date.parse("2026-03-28T18:00:00Z"), toMs: Date.parse("2026-03-29T18:00:00Z") };
  const times = axisTimes(day, 8, "Europe/Prague");
  const step = niceStepMs(day, 8);
  deepEqual(times.map((at) => axisLabel(at, step, "Europe/Prague")), [
    "21:00",
    "03-29",
    "03:00",
    "06:00",
    "09:00",
    "12:00",
    "15:00",
    "18:00",
  ]);
  equal(times.every((at) => at >= day.fromMs && at <= day.toMs), true);
});

Deno.test("a local text and its time are each other's", () => {
  equal(localText(now, "Asia/Kolkata"), "2026-03-01 17:30:00");
  equal(timeOfLocal("2026-03-01 17:30", "Asia/Kolkata"), now);
  equal(timeOfLocal("17:30", "UTC"), null);
});
