/** How long something is still there, counted down where one looks. */
/// <reference lib="dom" />
import { useEffect, useState } from "preact/hooks";
import { formatSpan, formatTime } from "./format.ts";

const soonMs = 2 * 60 * 60 * 1000;

/** The present time, again every second. */
export function useNow(): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  return now;
}

export function TimeLeft({ until }: { until: string }) {
  const leftMs = Date.parse(until) - useNow();
  const tone = leftMs <= 0 ? "bad-text" : leftMs < soonMs ? "warning-text" : "";
  return (
    <time class={tone} dateTime={until} title={formatTime(until)}>
      {leftMs <= 0 ? "expired" : `in ${formatSpan(leftMs)}`}
    </time>
  );
}
