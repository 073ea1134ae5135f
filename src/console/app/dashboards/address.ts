/**
 * What somebody has chosen while looking at a dashboard, as it stands in the address, so that a link shows the same picture:
 * `from`, `to`, `refresh`, `tz`, and `var-NAME`, once for each value. What is the dashboard's own choice is left out. Pure.
 */
import type { Values, VariableValue } from "./model.ts";
import type { TimeRange } from "./time_range.ts";

export interface ViewAddress {
  readonly range: TimeRange | null;
  readonly refresh: string | null;
  readonly timeZone: string | null;
  readonly values: Values;
  /** The one panel that is shown, large. */
  readonly panel: string | null;
}

const prefix = "var-";

export function readAddress(query: URLSearchParams): ViewAddress {
  const from = query.get("from");
  const values: Record<string, VariableValue> = {};
  for (const key of new Set(query.keys())) {
    if (!key.startsWith(prefix)) continue;
    const found = query.getAll(key);
    values[key.slice(prefix.length)] = found.length === 1 ? found[0]! : found;
  }
  return {
    range: from === null ? null : { from, to: query.get("to") ?? "now" },
    refresh: query.get("refresh"),
    timeZone: query.get("tz"),
    values,
    panel: query.get("panel"),
  };
}

export function writeAddress(address: ViewAddress): URLSearchParams {
  const query = new URLSearchParams();
  if (address.range !== null) {
    query.set("from", address.range.from);
    query.set("to", address.range.to);
  }
  if (address.refresh !== null) query.set("refresh", address.refresh);
  if (address.timeZone !== null) query.set("tz", address.timeZone);
  for (const [name, value] of Object.entries(address.values)) {
    for (const one of typeof value === "string" ? [value] : value) query.append(`${prefix}${name}`, one);
  }
  if (address.panel !== null) query.set("panel", address.panel);
  return query;
}
