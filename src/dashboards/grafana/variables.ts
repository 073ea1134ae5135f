/** Grafana's template variables as Perses' variables. */
import type { JsonObject, JsonValue } from "../types.ts";
import { checkVariableName } from "../model/names.ts";
import { datasourceKind, datasourceReference, type MigrationContext } from "./queries.ts";
import { at, compact, flagAt, listAt, numberAt, textAt } from "./read.ts";

const sorts = [
  undefined,
  "alphabetical-asc",
  "alphabetical-desc",
  "numerical-asc",
  "numerical-desc",
  "alphabetical-ci-asc",
  "alphabetical-ci-desc",
] as const;

/** Types that choose nothing a query could name: filters and groupings that Grafana adds to queries itself. */
const droppedTypes = ["adhoc", "groupby", "snapshot"];

/** The names that the dashboard's variables have afterwards. */
export function variableNames(dashboard: JsonValue): Set<string> {
  return new Set(
    listAt(dashboard, "templating", "list").filter(isKept).map((variable) => textAt(variable, "name") ?? ""),
  );
}

function isKept(variable: JsonValue): boolean {
  const name = textAt(variable, "name") ?? "";
  return checkVariableName(name) === null && !droppedTypes.includes(textAt(variable, "type") ?? "");
}

/** All variables, each name once. */
export function convertVariables(dashboard: JsonValue, context: MigrationContext): JsonObject[] {
  const converted = new Map<string, JsonObject>();
  for (const variable of listAt(dashboard, "templating", "list").filter(isKept)) {
    const name = textAt(variable, "name")!;
    if (!converted.has(name)) converted.set(name, convertVariable(variable, name, context));
  }
  return [...converted.values()];
}

function convertVariable(variable: JsonValue, name: string, context: MigrationContext): JsonObject {
  const display = compact({
    name: textAt(variable, "label"),
    description: textAt(variable, "description"),
    hidden: numberAt(variable, "hide") === 2 || at(variable, "hide") === "hideVariable",
  });
  const type = textAt(variable, "type");
  if (type === "constant" || type === "textbox") {
    const value = textAt(variable, "current", "value") ?? textAt(variable, "query") ?? "";
    // A constant without a value is a text that is not set yet.
    const constant = type === "constant" && value !== "" ? true : undefined;
    return { kind: "TextVariable", spec: compact({ display, value, constant, name }) };
  }
  const allowMultiple = flagAt(variable, "multi") === true;
  const allowAllValue = flagAt(variable, "includeAll") === true;
  return {
    kind: "ListVariable",
    spec: compact({
      display,
      defaultValue: defaultValue(at(variable, "current", "value"), allowMultiple),
      allowAllValue,
      allowMultiple,
      customAllValue: allowAllValue ? textAt(variable, "allValue") : undefined,
      capturingRegexp: type === "query" ? regularExpression(textAt(variable, "regex")) : undefined,
      sort: sorts[numberAt(variable, "sort") ?? 0],
      plugin: pluginOf(variable, type, context),
      name,
    }),
  };
}

function defaultValue(current: JsonValue | undefined, allowMultiple: boolean): JsonValue | undefined {
  const values = (Array.isArray(current) ? current : [current]).filter((value) =>
    (typeof value === "string" && value !== "") || typeof value === "number"
  ).map(String);
  if (values.length === 0) return undefined;
  return allowMultiple && Array.isArray(current) ? values : values[0];
}

/** Grafana writes `/…/` or leaves the slashes out. */
function regularExpression(regex: string | undefined): string | undefined {
  return regex === undefined ? undefined : /^\/(.*)\/[a-z]*$/s.exec(regex)?.[1] ?? regex;
}

function pluginOf(variable: JsonValue, type: string | undefined, context: MigrationContext): JsonObject {
  switch (type) {
    case "query":
      return queryPlugin(variable, context);
    case "datasource": {
      const kind = datasourceKind(textAt(variable, "query")) ?? textAt(variable, "query") ?? "";
      return { kind: "DatasourceVariable", spec: { datasourcePluginKind: kind } };
    }
    default:
      return staticValues(variable);
  }
}

/** `custom` and `interval` list their values, perhaps as `label : value`; anything else keeps what it shows now. */
function staticValues(variable: JsonValue): JsonObject {
  const query = textAt(variable, "query") ?? "";
  const type = textAt(variable, "type");
  const options = listAt(variable, "options")
    .map((option) => ({ value: textOf(at(option, "value")), label: textOf(at(option, "text")) }))
    .filter(({ value }) => value !== "" && !value.startsWith("$__"));
  const listed = type === "custom" || type === "interval" ? splitValues(query) : [];
  const current = at(variable, "current", "value");
  const shown = (Array.isArray(current) ? current : [current]).map((value) => textOf(value as JsonValue | undefined))
    .filter((value) => value !== "" && !value.startsWith("$__")).map((value) => ({ value, label: value }));
  const values = listed.length > 0 ? listed : options.length > 0 ? options : shown;
  return {
    kind: "StaticListVariable",
    spec: { values: values.map(({ value, label }) => label === value || label === "" ? value : { value, label }) },
  };
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === "string" ? value : typeof value === "number" ? String(value) : "";
}

/** `a,b,label : c`; a comma inside of a value is written `\,`. */
function splitValues(query: string): { value: string; label: string }[] {
  return query.split(/(?<!\\),/).map((part) => part.replaceAll("\\,", ",").trim()).filter((part) => part !== "")
    .map((part) => {
      const colon = part.indexOf(" : ");
      if (colon === -1) return { value: part, label: part };
      return { value: part.slice(colon + 3).trim(), label: part.slice(0, colon).trim() };
    });
}

function queryPlugin(variable: JsonValue, context: MigrationContext): JsonObject {
  const source = at(variable, "datasource");
  const kind = datasourceKind(textAt(source, "type"));
  const query =
    (textAt(variable, "query") ?? textAt(variable, "query", "query") ?? textAt(variable, "query", "rawSql") ??
      textAt(variable, "definition") ?? "").trim();
  const datasource = kind === undefined ? undefined : datasourceReference(source, kind, context);
  if (kind === "DuckDBDatasource" && query !== "") {
    return { kind: "DuckDBValuesVariable", spec: compact({ query, datasource }) };
  }
  if (kind !== "PrometheusDatasource") return staticValues(variable);
  return prometheusPlugin(query, datasource, variable) ?? staticValues(variable);
}

/** The functions of Grafana's Prometheus variables: `label_values(metric, label)` and its like. */
function prometheusPlugin(
  query: string,
  datasource: JsonValue | undefined,
  variable: JsonValue,
): JsonObject | undefined {
  const open = query.indexOf("(");
  if (open === -1 || !query.endsWith(")")) return undefined;
  const argument = query.slice(open + 1, -1).trim();
  switch (query.slice(0, open)) {
    case "label_values": {
      const comma = argument.lastIndexOf(",");
      const labelName = argument.slice(comma + 1).trim();
      if (!/^(?:[a-zA-Z_]|\$\{?\w)\w*\}?$/.test(labelName)) return undefined;
      const matchers = comma === -1 ? undefined : [argument.slice(0, comma).trim()];
      return { kind: "PrometheusLabelValuesVariable", spec: compact({ labelName, matchers, datasource }) };
    }
    case "label_names": {
      const matchers = argument === "" ? undefined : [argument];
      return { kind: "PrometheusLabelNamesVariable", spec: compact({ matchers, datasource }) };
    }
    case "metrics": {
      const matchers = [`{__name__=~${JSON.stringify(argument || ".+")}}`];
      return { kind: "PrometheusLabelValuesVariable", spec: compact({ labelName: "__name__", matchers, datasource }) };
    }
    case "query_result": {
      if (argument === "") return undefined;
      const labelName = shownLabel(textAt(variable, "regex") ?? "", argument);
      return { kind: "PrometheusPromQLVariable", spec: compact({ expr: argument, labelName, datasource }) };
    }
    default:
      return undefined;
  }
}

/** Grafana shows whole series and takes the label out with the regular expression; else it is what the series differ by. */
function shownLabel(regex: string, expr: string): string {
  return /\b([a-zA-Z_]\w*)="/.exec(regex)?.[1] ?? /\bby\s*\(\s*([a-zA-Z_]\w*)\s*\)/.exec(expr)?.[1] ?? "__name__";
}
