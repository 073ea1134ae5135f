/**
 * Runs the queries of panels: SQL against a workspace or the server's own history, PromQL against a Prometheus. It finds the datasource,
 * checks the reader's rights and shapes the answer; the engines are ports.
 *
 * Perses' own query kinds and Eider's: PrometheusTimeSeriesQuery, DuckDBTimeSeriesQuery (series), DuckDBQuery (a table).
 */
import { AppError } from "../../errors/app_error.ts";
import type { JsonObject, JsonValue } from "../types.ts";
import { checkEndpoint, findDatasource, type FoundDatasource, httpTarget, isObject, sqlTarget } from "./datasources.ts";
import { fillPromql, prometheusRequest, prometheusSeries } from "./prometheus.ts";
import { tableOf, timeSeriesOf } from "./sql_answer.ts";
import type { PanelContext, PanelData, PanelEngines, QueryPlugin } from "./types.ts";
import { withAllValues } from "./variables.ts";

export type PanelQueriesOptions = PanelEngines;

export const panelQueryKinds = ["PrometheusTimeSeriesQuery", "DuckDBTimeSeriesQuery", "DuckDBQuery"] as const;

export class PanelQueries {
  readonly #options: PanelQueriesOptions;

  constructor(options: PanelQueriesOptions) {
    this.#options = options;
  }

  /**
   * Query `index` of a panel of the context's dashboard: only what the dashboard itself says is run. Throws `not_found` for a panel or
   * query that it does not have.
   */
  async ofPanel(context: PanelContext, panelKey: string, index: number): Promise<PanelData> {
    const plugin = queryOfPanel(context.dashboard, panelKey, index);
    return await this.run(await withAllValues(context, plugin.spec, this.#options), plugin);
  }

  /** Throws `invalid_request` for an unknown kind of query, and what datasource and engine say. */
  async run(context: PanelContext, plugin: QueryPlugin): Promise<PanelData> {
    const text = plugin.spec["query"];
    if (typeof text !== "string" || text.trim() === "") {
      throw new AppError("invalid_request", `a ${plugin.kind} needs its text in spec.query`);
    }
    switch (plugin.kind) {
      case "DuckDBTimeSeriesQuery":
      case "DuckDBQuery":
        return await this.#sql(context, plugin, text);
      case "PrometheusTimeSeriesQuery":
        return await this.#prometheus(context, plugin.spec, text);
      default:
        throw new AppError(
          "invalid_request",
          `this server cannot run a ${plugin.kind}: it runs ${panelQueryKinds.join(", ")}`,
        );
    }
  }

  async #sql(context: PanelContext, { kind, spec }: QueryPlugin, text: string): Promise<PanelData> {
    const datasource = await this.#datasource(context, "DuckDBDatasource", spec["datasource"]);
    const answer = await this.#options.runSql({
      target: sqlTarget(datasource, context),
      text,
      range: context.range,
      variables: context.variables,
      reader: context.reader.name,
      rowsMax: this.#options.rowsMax,
      timeoutMs: this.#options.timeoutMs,
      ...(context.signal === undefined ? {} : { signal: context.signal }),
    });
    if (kind === "DuckDBQuery") return tableOf(answer);
    const timeColumn = text1(spec["timeColumn"]);
    const valueColumns = texts(spec["valueColumn"]);
    const seriesColumns = texts(spec["seriesColumn"]);
    const seriesNameFormat = text1(spec["seriesNameFormat"]);
    return timeSeriesOf(answer, {
      ...(timeColumn === undefined ? {} : { timeColumn }),
      ...(valueColumns === undefined ? {} : { valueColumns }),
      ...(seriesColumns === undefined ? {} : { seriesColumns }),
      ...(seriesNameFormat === undefined ? {} : { seriesNameFormat }),
    }, context.range.intervalMs);
  }

  async #prometheus(context: PanelContext, spec: JsonObject, text: string): Promise<PanelData> {
    const datasource = await this.#datasource(context, "PrometheusDatasource", spec["datasource"]);
    const target = httpTarget(datasource);
    const query = fillPromql(text, context.range, context.variables);
    const { path, parameters, stepMs } = prometheusRequest(query, context.range, { instant: spec["instant"] === true });
    checkEndpoint(target, "GET", path);
    const answer = await this.#options.fetchJson(target, path, parameters, context.signal);
    return prometheusSeries(answer, stepMs, text1(spec["seriesNameFormat"]));
  }

  #datasource(context: PanelContext, kind: string, reference: JsonValue | undefined): Promise<FoundDatasource> {
    const local = context.dashboard["datasources"];
    const place = { project: context.project, local: isObject(local) ? local : {}, store: this.#options.store };
    return findDatasource(place, kind, reference, context.variables);
  }
}

/** Throws `not_found` naming the panels that there are. */
export function queryOfPanel(dashboard: JsonObject, panelKey: string, index: number): QueryPlugin {
  const panels = isObject(dashboard["panels"]) ? dashboard["panels"] : {};
  const panel = panels[panelKey];
  if (!isObject(panel)) {
    throw new AppError(
      "not_found",
      `panel not found: "${panelKey}"; the dashboard has ${Object.keys(panels).join(", ") || "none"}`,
    );
  }
  const spec = isObject(panel["spec"]) ? panel["spec"] : {};
  const queries = Array.isArray(spec["queries"]) ? spec["queries"] as JsonValue[] : [];
  const query = queries[index];
  const plugin = isObject(query) && isObject(query["spec"]) ? query["spec"]["plugin"] : undefined;
  if (!isObject(plugin) || typeof plugin["kind"] !== "string") {
    throw new AppError(
      "not_found",
      `query not found: panel "${panelKey}" has ${queries.length} queries, asked was ${index}`,
    );
  }
  return { kind: plugin["kind"], spec: isObject(plugin["spec"]) ? plugin["spec"] : {} };
}

function text1(value: JsonValue | undefined): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function texts(value: JsonValue | undefined): readonly string[] | undefined {
  if (typeof value === "string") return value === "" ? undefined : [value];
  return Array.isArray(value) ? value.map(String) : undefined;
}
