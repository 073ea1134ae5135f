/** Grafana's targets as Perses' queries, and datasources as Perses names them. */
import type { JsonObject, JsonValue } from "../types.ts";
import { checkId } from "../model/names.ts";
import { at, compact, flagAt, textAt } from "./read.ts";

/** What the conversion of one dashboard knows beside the piece at hand. */
export interface MigrationContext {
  /** Leave datasources out, so that the default one of each kind is used. */
  readonly useDefaultDatasource: boolean;
  readonly variableNames: ReadonlySet<string>;
}

const sqlTypes = [
  "postgres",
  "grafana-postgresql-datasource",
  "mysql",
  "mssql",
  "duckdb",
  "motherduck-duckdb-datasource",
];
const otherTypes = ["loki", "tempo", "jaeger", "zipkin", "pyroscope", "influxdb", "graphite", "elasticsearch"];

/** The plugin kind of a datasource by Grafana's type; undefined for what no query can be converted of. */
export function datasourceKind(type: string | undefined): string | undefined {
  if (type === "loki") return "LokiDatasource";
  if (type !== undefined && sqlTypes.includes(type)) return "DuckDBDatasource";
  return type !== undefined && otherTypes.includes(type) ? undefined : "PrometheusDatasource";
}

/** A datasource of Grafana: `{type, uid}`, or its name alone. */
interface Source {
  readonly type: string | undefined;
  readonly uid: string | undefined;
}

function sourceOf(value: JsonValue | undefined): Source {
  if (typeof value === "string") return { type: undefined, uid: value };
  return { type: textAt(value, "type"), uid: textAt(value, "uid") };
}

/** `"$variable"`, `{kind, name}`, or undefined for the default one. */
export function datasourceReference(
  value: JsonValue | undefined,
  kind: string,
  context: MigrationContext,
): JsonValue | undefined {
  const { uid } = sourceOf(value);
  if (context.useDefaultDatasource || uid === undefined || uid === "default" || uid.startsWith("-- ")) return undefined;
  const variable = /^\$\{?(\w+)(?::\w+)?\}?$/.exec(uid)?.[1];
  if (variable !== undefined) return context.variableNames.has(variable) ? `$${variable}` : undefined;
  return checkId(uid) === null ? { kind, name: uid.toLowerCase() } : undefined;
}

/** A query, or null for a target of a datasource that Perses' queries cannot ask. */
export function convertTarget(target: JsonValue, panel: JsonValue, context: MigrationContext): JsonObject | null {
  const ownSource = at(target, "datasource") ?? undefined;
  const source = ownSource ?? at(panel, "datasource");
  const kind = datasourceKind(sourceOf(source).type);
  if (kind === undefined || flagAt(target, "hide") === true) return null;
  const datasource = datasourceReference(source, kind, context);
  const plugin = pluginOf(target, panel, kind, datasource);
  if (plugin === null) return null;
  return { kind: queryKind(String(plugin["kind"])), spec: { plugin } };
}

function queryKind(plugin: string): string {
  return plugin === "DuckDBQuery" ? "Query" : plugin === "LokiLogQuery" ? "LogQuery" : "TimeSeriesQuery";
}

function pluginOf(
  target: JsonValue,
  panel: JsonValue,
  kind: string,
  datasource: JsonValue | undefined,
): JsonObject | null {
  const sql = textAt(target, "rawSql") ?? textAt(target, "rawQuery");
  if (kind === "DuckDBDatasource") {
    if (sql === undefined) return null;
    const plugin = textAt(target, "format") === "table" ? "DuckDBQuery" : "DuckDBTimeSeriesQuery";
    return { kind: plugin, spec: compact({ query: sql, datasource }) };
  }
  const query = textAt(target, "expr");
  if (query === undefined) return null;
  if (kind === "LokiDatasource") {
    const plugin = textAt(panel, "type") === "logs" ? "LokiLogQuery" : "LokiTimeSeriesQuery";
    return { kind: plugin, spec: compact({ query, datasource }) };
  }
  const legendFormat = textAt(target, "legendFormat");
  return {
    kind: "PrometheusTimeSeriesQuery",
    spec: compact({
      query,
      datasource,
      seriesNameFormat: legendFormat === "__auto" ? undefined : legendFormat,
      minStep: textAt(target, "interval"),
      instant: flagAt(target, "instant") === true && flagAt(target, "range") !== true ? true : undefined,
    }),
  };
}

/** What a person calls a target that was not converted. */
export function describeTarget(target: JsonValue, panel: JsonValue): string {
  const { type, uid } = sourceOf(at(target, "datasource") ?? at(panel, "datasource"));
  return type ?? uid ?? "unknown";
}
