/** Which time a dashboard shows, how often it is asked anew, and on whose clock. */
/// <reference lib="dom" />
import { useState } from "preact/hooks";
import { Popover } from "./popover.tsx";
import {
  absoluteRange,
  isTimeZone,
  localText,
  presets,
  refreshIntervals,
  relativeRange,
  type ResolvedRange,
  shifted,
  timeMs,
  timeOfLocal,
  type TimeRange,
  widened,
} from "./time_range.ts";

interface TimeControlsProperties {
  readonly range: TimeRange;
  readonly resolved: ResolvedRange;
  readonly refresh: string;
  readonly timeZone: string | undefined;
  readonly onRange: (range: TimeRange) => void;
  readonly onRefresh: (interval: string) => void;
  readonly onTimeZone: (timeZone: string) => void;
  /** Asks for everything once more. */
  readonly onReload: () => void;
}

export function TimeControls(properties: TimeControlsProperties) {
  const { range, resolved, refresh, timeZone, onRange, onRefresh, onReload } = properties;
  const intervals = refreshIntervals.includes(refresh) ? refreshIntervals : [...refreshIntervals, refresh];
  return (
    <div class="row time-controls">
      <button type="button" title="Earlier" onClick={() => onRange(shifted(resolved, -1))}>◀</button>
      <Popover label={rangeText(range, resolved, timeZone)} title="Time range">
        {(close) => <RangeForm {...properties} close={close} />}
      </Popover>
      <button type="button" title="Later" onClick={() => onRange(shifted(resolved, 1))}>▶</button>
      <button type="button" title="A longer time" onClick={() => onRange(widened(resolved))}>−</button>
      <button type="button" title="Refresh" onClick={onReload}>↻</button>
      <label title="Refresh every">
        <select
          aria-label="Refresh every"
          value={refresh}
          onChange={(event) => onRefresh(event.currentTarget.value)}
        >
          {intervals.map((interval) => (
            <option key={interval} value={interval}>{interval === "0s" ? "Off" : interval}</option>
          ))}
        </select>
      </label>
    </div>
  );
}

function RangeForm(
  { resolved, timeZone, onRange, onTimeZone, close }: TimeControlsProperties & { close: () => void },
) {
  const [from, setFrom] = useState(localText(resolved.fromMs, timeZone));
  const [to, setTo] = useState(localText(resolved.toMs, timeZone));
  const [zone, setZone] = useState(timeZone ?? "");
  const [wrong, setWrong] = useState("");
  const apply = (event: Event) => {
    event.preventDefault();
    const now = Date.now();
    const ends = [from, to].map((text) => timeOfLocal(text, timeZone) ?? timeMs(text.trim(), now));
    const [start, end] = ends;
    if (start === null || start === undefined) return setWrong(`${from}: write 2026-01-31 12:00, or now-6h`);
    if (end === null || end === undefined) return setWrong(`${to}: write 2026-01-31 12:00, or now`);
    if (start >= end) return setWrong("The end must be after the beginning.");
    const isRelative = from.trim().startsWith("now") || to.trim().startsWith("now");
    onRange(isRelative ? { from: from.trim(), to: to.trim() } : absoluteRange(start, end));
    close();
  };
  const applyZone = (event: Event) => {
    event.preventDefault();
    if (zone.trim() !== "" && !isTimeZone(zone.trim())) return setWrong(`${zone}: no time zone that is known here`);
    onTimeZone(zone.trim());
    close();
  };
  return (
    <div class="range-form">
      <div class="range-presets">
        {presets.map(([duration, label]) => (
          <button
            key={duration}
            type="button"
            onClick={() => {
              onRange(relativeRange(duration));
              close();
            }}
          >
            {label}
          </button>
        ))}
      </div>
      <div>
        <form onSubmit={apply}>
          <label class="field">
            From
            <input name="from" value={from} onInput={(event) => setFrom(event.currentTarget.value)} />
          </label>
          <label class="field">
            To
            <input name="to" value={to} onInput={(event) => setTo(event.currentTarget.value)} />
          </label>
          <button type="submit" class="primary">Show</button>
        </form>
        <form onSubmit={applyZone}>
          <label class="field">
            Time zone
            <input
              name="zone"
              value={zone}
              placeholder={Intl.DateTimeFormat().resolvedOptions().timeZone}
              onInput={(event) => setZone(event.currentTarget.value)}
            />
          </label>
          <button type="submit">Use</button>
        </form>
        {wrong !== "" && <div class="problem" role="alert">{wrong}</div>}
      </div>
    </div>
  );
}

function rangeText(range: TimeRange, { fromMs, toMs }: ResolvedRange, timeZone: string | undefined): string {
  const preset = range.to === "now" && presets.find(([duration]) => range.from === `now-${duration}`);
  if (preset) return preset[1];
  if (range.to === "now" && range.from.startsWith("now-")) return `Last ${range.from.slice(4)}`;
  return `${localText(fromMs, timeZone)} – ${localText(toMs, timeZone)}`;
}
