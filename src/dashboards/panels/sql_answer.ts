/** From the rows of a SQL answer to what a panel draws: series over time, or a table. Pure. */
import { AppError } from "../../errors/app_error.ts";
import type { JsonObject, JsonValue } from "../types.ts";
import type { PanelData, SqlAnswer, SqlColumn, TimeSeries } from "./types.ts";

/** Columns of a DuckDBTimeSeriesQuery, where the query's author names them. */
export interface TimeSeriesColumns {
  readonly timeColumn?: string;
  readonly valueColumns?: readonly string[];
  readonly seriesColumns?: readonly string[];
  /** `{{country}}: {{value}}`; `value` is the value column's name. */
  readonly seriesNameFormat?: string;
}

/**
 * One series for each value column and each combination of the series columns. Without names the first time column is the time, numbers are
 * values and everything else tells series apart. Throws `invalid_request` when there is no time or no number.
 */
export function timeSeriesOf(answer: SqlAnswer, chosen: TimeSeriesColumns, stepMs: number): PanelData {
  const { columns } = answer;
  const timeIndex = chosen.timeColumn === undefined
    ? columns.findIndex((column) => column.type === "time")
    : indexOf(columns, chosen.timeColumn, "timeColumn");
  if (timeIndex < 0) {
    throw new AppError("invalid_request", `a time series needs a column of times: the query gives ${shown(columns)}`, {
      hint: "Select a timestamp or date, or name the column of milliseconds with timeColumn.",
    });
  }
  const valueIndexes = chosen.valueColumns === undefined
    ? indexesWhere(columns, (column, index) => index !== timeIndex && column.type === "number")
    : chosen.valueColumns.map((name) => indexOf(columns, name, "valueColumn"));
  if (valueIndexes.length === 0) {
    throw new AppError("invalid_request", `a time series needs a column of numbers: the query gives ${shown(columns)}`);
  }
  const labelIndexes = chosen.seriesColumns === undefined
    ? indexesWhere(
      columns,
      (column, index) => index !== timeIndex && column.type !== "number" && column.type !== "time",
    )
    : chosen.seriesColumns.map((name) => indexOf(columns, name, "seriesColumn"));
  const found = new Map<
    string,
    { labels: Record<string, string>; column: string; values: [number, number | null][] }
  >();
  for (const row of answer.rows) {
    const atMs = timeMs(row[timeIndex] ?? null);
    if (atMs === null) continue;
    const labels = Object.fromEntries(labelIndexes.map((index) => [columns[index]!.name, row[index] ?? ""]));
    for (const index of valueIndexes) {
      const column = columns[index]!.name;
      const key = JSON.stringify([column, labels]);
      let series = found.get(key);
      if (series === undefined) found.set(key, series = { labels, column, values: [] });
      series.values.push([atMs, numberOf(row[index] ?? null)]);
    }
  }
  const series = [...found.values()].map(({ labels, column, values }): TimeSeries => ({
    name: seriesName(labels, column, valueIndexes.length > 1, chosen.seriesNameFormat),
    labels,
    values: values.sort(([a], [b]) => a - b),
  }));
  return { type: "time_series", series, stepMs, truncated: answer.truncated };
}

/** The rows as objects; a column's name that comes twice gets a number. */
export function tableOf(answer: SqlAnswer): PanelData {
  const names = uniqueNames(answer.columns);
  return {
    type: "table",
    columns: answer.columns.map((column, index) => ({ name: names[index]!, type: column.typeName })),
    rows: answer.rows.map((row): JsonObject =>
      Object.fromEntries(answer.columns.map((column, index) => [names[index]!, jsonOf(column, row[index] ?? null)]))
    ),
    truncated: answer.truncated,
  };
}

function seriesName(
  labels: Readonly<Record<string, string>>,
  column: string,
  severalColumns: boolean,
  format: string | undefined,
): string {
  if (format !== undefined) {
    return format.replace(
      /\{\{\s*([^{}\s]+)\s*\}\}/g,
      (_whole, name: string) => labels[name] ?? (name === "value" ? column : ""),
    );
  }
  const parts = Object.values(labels);
  if (severalColumns || parts.length === 0) parts.push(column);
  return parts.join(" ");
}

function indexOf(columns: readonly SqlColumn[], name: string, field: string): number {
  const index = columns.findIndex((column) => column.name === name);
  if (index >= 0) return index;
  throw new AppError("invalid_request", `${field} is no column of the query: "${name}"; it gives ${shown(columns)}`);
}

function indexesWhere(
  columns: readonly SqlColumn[],
  test: (column: SqlColumn, index: number) => boolean,
): readonly number[] {
  return columns.flatMap((column, index) => test(column, index) ? [index] : []);
}

function shown(columns: readonly SqlColumn[]): string {
  return columns.map((column) => `"${column.name}" (${column.typeName})`).join(", ") || "no columns";
}

/** PostgreSQL's text of a timestamp or date (taken as UTC where it has no zone), or a number of milliseconds. */
export function timeMs(text: string | null): number | null {
  if (text === null) return null;
  if (/^-?\d+(\.\d+)?$/.test(text)) return Math.round(Number(text));
  const match = /^(\d{4,}-\d\d-\d\d)(?:[ T](\d\d:\d\d:\d\d(?:\.\d+)?)(Z|[+-]\d\d(?::?\d\d)?)?)?$/.exec(text);
  if (match === null) return null;
  const [, day, time = "00:00:00", zone = "Z"] = match;
  const offset = /^[+-]\d\d$/.test(zone) ? `${zone}:00` : zone;
  const parsed = Date.parse(`${day}T${time.slice(0, 12)}${offset}`);
  return Number.isNaN(parsed) ? null : parsed;
}

function numberOf(text: string | null): number | null {
  if (text === null) return null;
  const value = Number(text);
  return Number.isFinite(value) ? value : null;
}

function jsonOf(column: SqlColumn, text: string | null): JsonValue {
  if (text === null) return null;
  switch (column.type) {
    case "number": {
      const value = Number(text);
      return Number.isFinite(value) && (String(value) === text || Math.abs(value) <= Number.MAX_SAFE_INTEGER)
        ? value
        : text;
    }
    case "boolean":
      return text === "t";
    case "json":
      return parseJson(text);
    case "time":
    case "text":
      return text;
    default: {
      const never: never = column.type;
      throw new AppError("internal", `unknown column type: ${String(never)}`);
    }
  }
}

function parseJson(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return text;
  }
}

function uniqueNames(columns: readonly SqlColumn[]): string[] {
  const seen = new Map<string, number>();
  return columns.map(({ name }) => {
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    return count === 1 ? name : `${name}_${count}`;
  });
}
