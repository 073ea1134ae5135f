/** Checks the plugins of a document against the schemas that the server has (rule 12 of Perses' validation). */
import type { JsonObject, JsonValue } from "../types.ts";
import { below, isObject, ownField, type Place, quoted, report } from "./decode.ts";
import { checkSchema, type Schema } from "./plugin_schema.ts";
import { pluginSchemas, type PluginUse, sharedPluginNames } from "./plugin_schemas.ts";

/** A plugin as it stands in a document: `{kind, metadata?, spec}`. */
export function checkPlugin(use: PluginUse, plugin: JsonValue | undefined, place: Place): void {
  const kind = ownField(plugin, "kind");
  const spec = ownField(plugin, "spec") ?? {};
  if (typeof kind !== "string" || kind === "") return;
  const schemas = pluginSchemas[use];
  const schema = Object.hasOwn(schemas, kind) ? schemas[kind] : undefined;
  if (schema === undefined || isNamesake(kind, spec, schema)) return;
  const specPlace = below(place, "spec");
  const before = place.problems.length;
  checkSchema(schema, spec, specPlace, "spec");
  if (use === "datasource" && isObject(spec)) checkDatasource(kind, spec, specPlace);
  for (let index = before; index < place.problems.length; index++) {
    const problem = place.problems[index]!;
    place.problems[index] = { ...problem, message: `invalid ${use} plugin ${quoted(kind)}: ${problem.message}` };
  }
}

function isNamesake(kind: string, spec: JsonValue, schema: Schema): boolean {
  if (!sharedPluginNames.has(kind) || schema.is !== "object" || !isObject(spec)) return false;
  const names = Object.keys(spec);
  return names.length > 0 && !names.some((name) => Object.hasOwn(schema.fields, name));
}

function checkDatasource(kind: string, spec: JsonObject, place: Place): void {
  if (Object.hasOwn(spec, "directUrl") && Object.hasOwn(spec, "proxy")) {
    report(below(place, "directUrl"), "spec.directUrl: field not allowed beside spec.proxy; one of them is enough");
  }
  if (kind === "DuckDBDatasource" && (ownField(spec, "source") === "workspace") !== Object.hasOwn(spec, "workspace")) {
    report(below(place, "workspace"), 'spec.workspace: goes together with source "workspace", and only with it');
  }
}

/** Every plugin of a dashboard: variables, panels with their queries, and its own datasources. */
export function checkDashboardPlugins(spec: JsonObject, place: Place): void {
  checkVariablePlugins(spec, place);
  const panelsPlace = below(place, "panels");
  for (const [key, panel] of entries(ownField(spec, "panels"))) {
    const panelPlace = below(below(panelsPlace, key), "spec");
    const panelSpec = ownField(panel, "spec");
    checkPlugin("panel", ownField(panelSpec, "plugin"), below(panelPlace, "plugin"));
    const queriesPlace = below(panelPlace, "queries");
    elements(ownField(panelSpec, "queries")).forEach((query, index) =>
      checkPlugin(
        "query",
        ownField(ownField(query, "spec"), "plugin"),
        below(below(below(queriesPlace, index), "spec"), "plugin"),
      )
    );
  }
  const datasourcesPlace = below(place, "datasources");
  for (const [name, datasource] of entries(ownField(spec, "datasources"))) {
    checkPlugin("datasource", ownField(datasource, "plugin"), below(below(datasourcesPlace, name), "plugin"));
  }
}

function checkVariablePlugins(spec: JsonObject, place: Place): void {
  const variablesPlace = below(place, "variables");
  elements(ownField(spec, "variables")).forEach((variable, index) =>
    checkVariablePlugin(variable, below(variablesPlace, index))
  );
}

/** `{kind: "ListVariable", spec: {plugin}}`: of a dashboard, or a document's spec. */
export function checkVariablePlugin(variable: JsonValue, place: Place): void {
  if (ownField(variable, "kind") !== "ListVariable") return;
  checkPlugin("variable", ownField(ownField(variable, "spec"), "plugin"), below(below(place, "spec"), "plugin"));
}

function entries(value: JsonValue | undefined): [string, JsonValue][] {
  return isObject(value) ? Object.entries(value) : [];
}

function elements(value: JsonValue | undefined): readonly JsonValue[] {
  return Array.isArray(value) ? value : [];
}
