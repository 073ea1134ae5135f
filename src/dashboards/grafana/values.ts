/** What panels share: units, calculations, colours, thresholds, value mappings, in Perses' words. */
import type { JsonObject, JsonValue } from "../types.ts";
import { at, compact, listAt, numberAt, someOf, textAt } from "./read.ts";
import { isObject } from "../model/decode.ts";

/** Grafana's unit ids whose values mean the same in Perses. A unit with another scale is not here: its numbers would lie. */
const units: Readonly<Record<string, JsonObject>> = {
  none: { unit: "decimal" },
  short: { unit: "decimal", shortValues: true },
  percent: { unit: "percent" },
  percentunit: { unit: "percent-decimal" },
  ns: { unit: "nanoseconds" },
  "µs": { unit: "microseconds" },
  ms: { unit: "milliseconds" },
  s: { unit: "seconds" },
  m: { unit: "minutes" },
  h: { unit: "hours" },
  d: { unit: "days" },
  dtdurations: { unit: "seconds" },
  dtdurationms: { unit: "milliseconds" },
  clocks: { unit: "seconds" },
  clockms: { unit: "milliseconds" },
  bytes: { unit: "bytes" },
  decbytes: { unit: "decbytes" },
  bits: { unit: "bits" },
  decbits: { unit: "decbits" },
  binBps: { unit: "bytes/sec" },
  Bps: { unit: "decbytes/sec" },
  binbps: { unit: "bits/sec" },
  bps: { unit: "decbits/sec" },
  cps: { unit: "counts/sec" },
  eps: { unit: "events/sec" },
  mps: { unit: "messages/sec" },
  ops: { unit: "ops/sec" },
  iops: { unit: "ops/sec" },
  pps: { unit: "packets/sec" },
  rps: { unit: "reads/sec" },
  wps: { unit: "writes/sec" },
  recps: { unit: "records/sec" },
  reqps: { unit: "requests/sec" },
  rowsps: { unit: "rows/sec" },
  celsius: { unit: "celsius" },
  fahrenheit: { unit: "fahrenheit" },
  currencyUSD: { unit: "usd" },
  currencyEUR: { unit: "eur" },
  currencyGBP: { unit: "gbp" },
  currencyJPY: { unit: "jpy" },
  currencyCHF: { unit: "chf" },
  dateTimeAsIso: { unit: "datetime-iso" },
  dateTimeAsUS: { unit: "datetime-us" },
  dateTimeAsLocal: { unit: "datetime-local" },
  dateTimeFromNow: { unit: "relative-time" },
};

/** Also the names that singlestat's and graph's legends had. */
const calculations: Readonly<Record<string, string>> = {
  first: "first",
  firstNotNull: "first-number",
  last: "last",
  lastNotNull: "last-number",
  current: "last-number",
  mean: "mean",
  avg: "mean",
  sum: "sum",
  total: "sum",
  min: "min",
  max: "max",
};

const namedColors: Readonly<Record<string, string>> = {
  green: "#73bf69",
  yellow: "#fade2a",
  red: "#f2495c",
  blue: "#5794f2",
  orange: "#ff9830",
  purple: "#b877d9",
  "dark-green": "#37872d",
  "dark-yellow": "#e0b400",
  "dark-red": "#c4162a",
  "dark-blue": "#1f60c4",
  "dark-orange": "#fa6400",
  "dark-purple": "#8f3bb8",
  "semi-dark-green": "#56a64b",
  "semi-dark-yellow": "#f2cc0c",
  "semi-dark-red": "#e02f44",
  "semi-dark-blue": "#3274d9",
  "semi-dark-orange": "#ff780a",
  "semi-dark-purple": "#a352cc",
  "light-green": "#96d98d",
  "light-yellow": "#ffee52",
  "light-red": "#ff7383",
  "light-blue": "#8ab8ff",
  "light-orange": "#ffb357",
  "light-purple": "#ca95e5",
  "super-light-green": "#c8f2c2",
  "super-light-yellow": "#fff899",
  "super-light-red": "#ffa6b0",
  "super-light-blue": "#c0d8ff",
  "super-light-orange": "#ffcb7d",
  "super-light-purple": "#deb6f2",
  white: "#ffffff",
  black: "#000000",
  text: "#808080",
  transparent: "#00000000",
};

export function calculation(name: string | undefined): string | undefined {
  return name !== undefined && Object.hasOwn(calculations, name) ? calculations[name] : undefined;
}

/** How numbers are shown. Decimals without a known unit are decimals of a plain number. */
export function format(unit: string | undefined, decimals: number | undefined): JsonObject | undefined {
  const known = unit !== undefined && Object.hasOwn(units, unit) ? units[unit] : undefined;
  if (decimals === undefined) return known;
  return { ...(known ?? { unit: "decimal" }), decimalPlaces: decimals };
}

/** The format of a panel of today's model. */
export function fieldFormat(panel: JsonValue): JsonObject | undefined {
  const defaults = at(panel, "fieldConfig", "defaults");
  return format(textAt(defaults, "unit"), numberAt(defaults, "decimals"));
}

/** A colour as #rrggbb or #rrggbbaa; undefined for what is none, such as a palette's name. */
export function color(value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  if (/^#(?:[0-9a-fA-F]{3,4}){1,2}$/.test(value)) return value;
  if (Object.hasOwn(namedColors, value)) return namedColors[value];
  const match = /^rgba?\(\s*(\d+)\s*,\s*(\d+)\s*,\s*(\d+)\s*(?:,\s*([\d.]+)\s*)?\)$/.exec(value);
  if (match === null) return undefined;
  const hex = (number: number) => Math.max(0, Math.min(255, Math.round(number))).toString(16).padStart(2, "0");
  const opaque = "#" + match.slice(1, 4).map((part) => hex(Number(part))).join("");
  return match[4] === undefined || Number(match[4]) === 1 ? opaque : opaque + hex(Number(match[4]) * 255);
}

/** Today's thresholds: the step without a value colours everything below the others. */
export function thresholds(panel: JsonValue): JsonObject | undefined {
  const found = at(panel, "fieldConfig", "defaults", "thresholds");
  const steps = listAt(found, "steps");
  const base = steps.find((step) => numberAt(step, "value") === undefined);
  const others = steps.filter((step) => numberAt(step, "value") !== undefined);
  if (others.length === 0) return undefined;
  return compact({
    mode: textAt(found, "mode") === "percentage" ? "percent" : undefined,
    defaultColor: color(textAt(base, "color")),
    steps: others.map((step) => compact({ value: numberAt(step, "value"), color: color(textAt(step, "color")) })),
  });
}

/** Singlestat's: values as "50,80", and a colour more than values. */
export function oldThresholds(values: string | undefined, colors: readonly JsonValue[]): JsonObject | undefined {
  const steps = (values ?? "").split(",").map((text) => text.trim()).filter((text) => text !== "").map(Number);
  if (steps.length === 0 || steps.some((step) => !Number.isFinite(step))) return undefined;
  const colorAt = (index: number) => color(typeof colors[index] === "string" ? colors[index] as string : undefined);
  return compact({
    defaultColor: colorAt(0),
    steps: steps.map((value, index) => compact({ value, color: colorAt(index + 1) })),
  });
}

/** Value mappings of any age. */
export function mappings(panel: JsonValue): JsonObject[] | undefined {
  const found = [
    ...listAt(panel, "fieldConfig", "defaults", "mappings").flatMap(mapping),
    ...listAt(panel, "valueMaps").flatMap((map) =>
      valueMapping(textAt(map, "value") ?? String(numberAt(map, "value") ?? ""), textAt(map, "text"), undefined)
    ),
    ...listAt(panel, "rangeMaps").flatMap((map) =>
      rangeMapping(numberAt(map, "from"), numberAt(map, "to"), textAt(map, "text"), undefined)
    ),
  ];
  return found.length === 0 ? undefined : found;
}

function mapping(one: JsonValue): JsonObject[] {
  const options = at(one, "options");
  const shown = at(options, "result");
  const result = () => compact({ value: textAt(shown, "text") ?? "", color: mappingColor(shown) });
  switch (textAt(one, "type")) {
    case "value":
      return Object.entries(isObject(options) ? options : {}).flatMap(([value, of]) =>
        valueMapping(value, textAt(of, "text"), mappingColor(of))
      );
    case "range":
      return rangeMapping(
        numberAt(options, "from"),
        numberAt(options, "to"),
        textAt(shown, "text"),
        mappingColor(shown),
      );
    case "regex": {
      const pattern = textAt(options, "pattern");
      return pattern === undefined ? [] : [{ kind: "Regex", spec: { pattern, result: result() } }];
    }
    case "special": {
      const names: Readonly<Record<string, readonly string[]>> = {
        null: ["null"],
        nan: ["NaN"],
        "null+nan": ["null", "NaN"],
        empty: ["empty"],
        true: ["true"],
        false: ["false"],
      };
      const match = textAt(options, "match") ?? "";
      const values = Object.hasOwn(names, match) ? names[match]! : [];
      return values.map((value) => ({ kind: "Misc", spec: { value, result: result() } }));
    }
    default:
      return [];
  }
}

/** Perses takes opaque #rgb and #rrggbb here. */
function mappingColor(value: JsonValue | undefined): string | undefined {
  return color(textAt(value, "color"))?.slice(0, 7);
}

function valueMapping(value: string, text: string | undefined, shown: string | undefined): JsonObject[] {
  if (value === "") return [];
  return [{ kind: "Value", spec: { value, result: compact({ value: text ?? "", color: shown }) } }];
}

function rangeMapping(
  from: number | undefined,
  to: number | undefined,
  text: string | undefined,
  shown: string | undefined,
): JsonObject[] {
  if (from === undefined && to === undefined) return [];
  return [{ kind: "Range", spec: compact({ from, to, result: compact({ value: text ?? "", color: shown }) }) }];
}

/** The legend of today's panels; undefined when there is none to show. */
export function legend(panel: JsonValue): JsonObject | undefined {
  const found = at(panel, "options", "legend");
  if (found === undefined || at(found, "showLegend") === false || textAt(found, "displayMode") === "hidden") {
    return undefined;
  }
  const values = listAt(found, "calcs").flatMap((name) => calculation(String(name)) ?? []);
  return someOf({
    position: textAt(found, "placement") === "right" ? "right" : "bottom",
    mode: textAt(found, "displayMode") === "table" ? "table" : "list",
    values: values.length === 0 ? undefined : values,
  });
}
