/** What can be chosen of a list variable: the values of its plugin, which may ask a workspace, the history or a Prometheus. */
import { AppError } from "../../errors/app_error.ts";
import type { JsonObject, JsonValue } from "../types.ts";
import { checkEndpoint, datasourceNames, findDatasource, httpTarget, isObject, sqlTarget } from "./datasources.ts";
import { fillPromql } from "./prometheus.ts";
import type { PanelContext, PanelEngines } from "./types.ts";

export interface VariableOption {
  readonly value: string;
  readonly label: string;
}

/** More than a person scrolls through, and than a Prometheus takes in one matcher. */
export const variableOptionsMax = 5_000;

export const variableKinds = [
  "StaticListVariable",
  "DuckDBValuesVariable",
  "PrometheusLabelValuesVariable",
  "PrometheusLabelNamesVariable",
  "DatasourceVariable",
] as const;

/** In the order of the plugin, each value once. Throws what the datasource says, `invalid_request` for an unknown kind. */
export async function optionsOf(
  kind: string,
  spec: JsonObject,
  context: PanelContext,
  engines: PanelEngines,
): Promise<VariableOption[]> {
  switch (kind) {
    case "StaticListVariable":
      return bounded(elements(spec["values"]).flatMap(staticOption));
    case "DuckDBValuesVariable":
      return bounded(await valuesOfSql(spec, context, engines));
    case "PrometheusLabelValuesVariable": {
      const label = fillPromql(String(spec["labelName"] ?? ""), context.range, context.variables);
      return bounded((await labels(`label/${encodeURIComponent(label)}/values`, spec, context, engines)).map(same));
    }
    case "PrometheusLabelNamesVariable":
      return bounded((await labels("labels", spec, context, engines)).map(same));
    case "DatasourceVariable": {
      const place = { project: context.project, local: localDatasources(context), store: engines.store };
      return bounded((await datasourceNames(place, String(spec["datasourcePluginKind"] ?? ""))).map(same));
    }
    default:
      throw new AppError(
        "invalid_request",
        `this server cannot list the values of a ${kind}: it knows ${variableKinds.join(", ")}`,
      );
  }
}

/** The first column is the value and the second, where there is one, its label, unless the plugin names them. */
async function valuesOfSql(spec: JsonObject, context: PanelContext, engines: PanelEngines): Promise<VariableOption[]> {
  const place = { project: context.project, local: localDatasources(context), store: engines.store };
  const datasource = await findDatasource(place, "DuckDBDatasource", spec["datasource"], context.variables);
  const { columns, rows } = await engines.runSql({
    target: sqlTarget(datasource, context),
    text: String(spec["query"] ?? ""),
    range: context.range,
    variables: context.variables,
    reader: context.reader.name,
    rowsMax: variableOptionsMax,
    timeoutMs: engines.timeoutMs,
    ...(context.signal === undefined ? {} : { signal: context.signal }),
  });
  const indexOf = (field: "valueColumn" | "labelColumn", preset: number) => {
    const name = spec[field];
    if (typeof name !== "string") return preset;
    const index = columns.findIndex((column) => column.name === name);
    if (index >= 0) return index;
    const known = columns.map((column) => `"${column.name}"`).join(", ");
    throw new AppError("invalid_request", `${field} is no column of the query: "${name}"; it gives ${known}`);
  };
  const valueIndex = indexOf("valueColumn", 0);
  const labelIndex = indexOf("labelColumn", columns.length > 1 && valueIndex === 0 ? 1 : valueIndex);
  return rows.flatMap((row) => {
    const value = row[valueIndex];
    return value === null || value === undefined ? [] : [{ value, label: row[labelIndex] ?? value }];
  });
}

async function labels(path: string, spec: JsonObject, context: PanelContext, engines: PanelEngines): Promise<string[]> {
  const place = { project: context.project, local: localDatasources(context), store: engines.store };
  const datasource = await findDatasource(place, "PrometheusDatasource", spec["datasource"], context.variables);
  const target = httpTarget(datasource);
  const fullPath = `/api/v1/${path}`;
  checkEndpoint(target, "GET", fullPath);
  const { fromMs, toMs } = context.range;
  const parameters = new URLSearchParams({ start: String(fromMs / 1000), end: String(toMs / 1000) });
  for (const matcher of elements(spec["matchers"])) {
    parameters.append("match[]", fillPromql(String(matcher), context.range, context.variables));
  }
  const answer = await engines.fetchJson(target, fullPath, parameters, context.signal) as {
    readonly status?: string;
    readonly error?: string;
    readonly data?: readonly unknown[];
  };
  if (answer?.status === "success" && Array.isArray(answer.data)) return answer.data.map(String);
  throw new AppError(
    "upstream_failed",
    `the Prometheus refused the question for labels: ${answer?.error ?? "its answer has no status"}`,
  );
}

export function localDatasources({ dashboard }: Pick<PanelContext, "dashboard">): JsonObject {
  const local = dashboard["datasources"];
  return isObject(local) ? local : {};
}

function staticOption(value: JsonValue): VariableOption[] {
  if (typeof value === "string") return [same(value)];
  if (!isObject(value) || typeof value["value"] !== "string") return [];
  return [{ value: value["value"], label: typeof value["label"] === "string" ? value["label"] : value["value"] }];
}

function same(value: string): VariableOption {
  return { value, label: value };
}

function bounded(options: readonly VariableOption[]): VariableOption[] {
  return [...new Map(options.map((option) => [option.value, option])).values()].slice(0, variableOptionsMax);
}

function elements(value: JsonValue | undefined): readonly JsonValue[] {
  return Array.isArray(value) ? value : [];
}
