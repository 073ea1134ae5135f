/**
 * Queries to a Prometheus: the text with its variables filled in, the requests of its HTTP API (v1: query and query_range), and its
 * answers as series. Pure; the request is sent by whoever has the datasource's address.
 */
import { AppError } from "../../errors/app_error.ts";
import type { PanelData, TimeRange, TimeSeries, VariableValues } from "./types.ts";

const variablePattern = /\$\{(\w+)(?::(\w+))?\}|\$(\w+)/g;
/** Prometheus refuses more points a series; the step grows until they fit. */
const pointsMax = 11_000;

/** `$name` and `${name:format}` in PromQL; a list becomes a regular expression, as Prometheus' `=~` wants it. */
export function fillPromql(text: string, range: TimeRange, variables: VariableValues): string {
  const builtIns = new Map<string, string>([
    ["__interval", `${seconds(range.intervalMs)}s`],
    ["__interval_ms", String(range.intervalMs)],
    // Four scrapes of 15 s at least, so that rate() always has two points.
    ["__rate_interval", `${Math.max(seconds(range.intervalMs) + 15, 60)}s`],
    ["__range", `${seconds(range.toMs - range.fromMs)}s`],
    ["__range_s", String(seconds(range.toMs - range.fromMs))],
    ["__range_ms", String(range.toMs - range.fromMs)],
    ["__from", String(range.fromMs)],
    ["__to", String(range.toMs)],
  ]);
  return text.replace(variablePattern, (whole, braced?: string, format?: string, plain?: string) => {
    const name = braced ?? plain ?? "";
    const builtIn = builtIns.get(name);
    if (builtIn !== undefined) return builtIn;
    const value = variables.get(name);
    // `$1` in label_replace() is Prometheus' own.
    if (value === undefined) return whole;
    if (typeof value === "string") return format === "regex" ? escapeRegex(value) : escapeString(value);
    if (format === "csv") return value.join(",");
    if (format === "pipe") return value.join("|");
    return value.length === 1 ? escapeRegex(value[0]!) : `(${value.map(escapeRegex).join("|")})`;
  });
}

/** Path and parameters of the request below the datasource's URL. */
export function prometheusRequest(
  query: string,
  range: TimeRange,
  options: { readonly instant: boolean },
): { readonly path: string; readonly parameters: URLSearchParams; readonly stepMs: number } {
  if (options.instant) {
    const parameters = new URLSearchParams({ query, time: String(range.toMs / 1000) });
    return { path: "/api/v1/query", parameters, stepMs: range.intervalMs };
  }
  const stepMs = Math.max(range.intervalMs, 1000, Math.ceil((range.toMs - range.fromMs) / pointsMax / 1000) * 1000);
  const parameters = new URLSearchParams({
    query,
    start: String(Math.floor(range.fromMs / stepMs) * stepMs / 1000),
    end: String(Math.floor(range.toMs / stepMs) * stepMs / 1000),
    step: String(stepMs / 1000),
  });
  return { path: "/api/v1/query_range", parameters, stepMs };
}

interface PrometheusSeries {
  readonly metric: Readonly<Record<string, string>>;
  readonly values?: readonly (readonly [number, string])[];
  readonly value?: readonly [number, string];
}

/** The series of an answer. Throws `upstream_failed` with Prometheus' own words for an error. */
export function prometheusSeries(answer: unknown, stepMs: number, nameFormat: string | undefined): PanelData {
  const body = answer as {
    readonly status?: string;
    readonly error?: string;
    readonly data?: { readonly resultType?: string; readonly result?: unknown };
  };
  if (body?.status !== "success") {
    throw new AppError(
      "upstream_failed",
      `the Prometheus refused the query: ${body?.error ?? "its answer has no status"}`,
    );
  }
  const { resultType, result } = body.data ?? {};
  const found: readonly PrometheusSeries[] = resultType === "scalar"
    ? [{ metric: {}, value: result as [number, string] }]
    : (result ?? []) as readonly PrometheusSeries[];
  const series = found.map(({ metric, values, value }): TimeSeries => ({
    name: nameFormat === undefined ? metricName(metric) : formatted(nameFormat, metric),
    labels: metric,
    values: (values ?? (value === undefined ? [] : [value])).map(([at, text]) => [at * 1000, finite(text)]),
  }));
  return { type: "time_series", series, stepMs, truncated: false };
}

/** `up{job="eider"}` */
function metricName(metric: Readonly<Record<string, string>>): string {
  const { __name__: name = "", ...labels } = metric;
  const pairs = Object.entries(labels).map(([label, value]) => `${label}=${JSON.stringify(value)}`);
  return pairs.length === 0 && name !== "" ? name : `${name}{${pairs.join(", ")}}`;
}

function formatted(format: string, metric: Readonly<Record<string, string>>): string {
  return format.replace(/\{\{\s*([^{}\s]+)\s*\}\}/g, (_whole, label: string) => metric[label] ?? "");
}

function finite(text: string): number | null {
  const value = Number(text);
  return Number.isFinite(value) ? value : null;
}

function seconds(milliseconds: number): number {
  return Math.max(1, Math.round(milliseconds / 1000));
}

/** Variables stand inside of PromQL's double quotes. */
function escapeString(value: string): string {
  return value.replace(/[\\"]/g, "\\$&").replaceAll("\n", "\\n");
}

function escapeRegex(value: string): string {
  return escapeString(value.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
}
