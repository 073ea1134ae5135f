/**
 * What a visitor sees of a dashboard: how it looks, and the names of its queries' kinds. Not the queries' texts, datasources,
 * annotations or links, as these name tables, addresses and other dashboards; the server runs the queries by panel and index.
 */
import type { JsonObject, JsonValue, Resource } from "../types.ts";
import type { VariableValue, VariableValues } from "./types.ts";
import { definedVariables, isObject } from "./variables.ts";

export interface SharedDashboard {
  readonly kind: "Dashboard";
  readonly metadata: { readonly name: string; readonly version: number; readonly updatedAt: string };
  readonly spec: JsonObject;
}

/** Fields of the document's spec that say how it looks. */
const specFields = ["display", "layouts", "duration", "refreshInterval", "timezone"] as const;

export function sharedDocument(dashboard: Resource, values: VariableValues): SharedDashboard {
  const { name, version, updatedAt } = dashboard.metadata;
  const spec: Record<string, JsonValue> = {};
  for (const field of specFields) {
    const value = dashboard.spec[field];
    if (value !== undefined) spec[field] = value;
  }
  const panels = dashboard.spec["panels"];
  spec["panels"] = isObject(panels)
    ? Object.fromEntries(Object.entries(panels).map(([key, panel]) => [key, sharedPanel(panel)]))
    : {};
  spec["variables"] = definedVariables(dashboard.spec).map(({ name, spec: own }) =>
    fixedVariable(name, own["display"], values[name])
  );
  return { kind: "Dashboard", metadata: { name, version, updatedAt }, spec };
}

/** The query of a panel as it stands in the document; null when there is none there. */
export function findQuery(dashboard: Resource, panel: string, queryIndex: number): JsonObject | null {
  const panels = dashboard.spec["panels"];
  if (!isObject(panels) || !Object.hasOwn(panels, panel)) return null;
  const queries = queriesOf(panels[panel]);
  const query = queries[queryIndex];
  return isObject(query) ? query : null;
}

export function hasPanel(dashboard: Resource, panel: string): boolean {
  const panels = dashboard.spec["panels"];
  return isObject(panels) && Object.hasOwn(panels, panel);
}

function queriesOf(panel: JsonValue | undefined): readonly JsonValue[] {
  const spec = isObject(panel) ? panel["spec"] : undefined;
  const queries = isObject(spec) ? spec["queries"] : undefined;
  return Array.isArray(queries) ? queries : [];
}

function sharedPanel(panel: JsonValue): JsonValue {
  const spec = isObject(panel) && isObject(panel["spec"]) ? panel["spec"] : {};
  return {
    kind: "Panel",
    spec: {
      ...(spec["display"] === undefined ? {} : { display: spec["display"] }),
      ...(spec["plugin"] === undefined ? {} : { plugin: spec["plugin"] }),
      queries: queriesOf(panel).map(sharedQuery),
    },
  };
}

function sharedQuery(query: JsonValue): JsonValue {
  const spec = isObject(query) && isObject(query["spec"]) ? query["spec"] : {};
  const plugin = isObject(spec["plugin"]) ? spec["plugin"] : {};
  return {
    kind: isObject(query) ? query["kind"] ?? "" : "",
    spec: {
      ...(spec["name"] === undefined ? {} : { name: spec["name"] }),
      plugin: { kind: plugin["kind"] ?? "", spec: {} },
    },
  };
}

/** Perses has no fixed list, so a list becomes one whose only values are the fixed ones. */
function fixedVariable(name: string, display: JsonValue | undefined, value: VariableValue | undefined): JsonValue {
  const shown = display === undefined ? {} : { display };
  if (typeof value === "string" || value === undefined) {
    return { kind: "TextVariable", spec: { name, ...shown, value: value ?? "", constant: true } };
  }
  return {
    kind: "ListVariable",
    spec: {
      name,
      ...shown,
      defaultValue: [...value],
      allowAllValue: false,
      allowMultiple: true,
      plugin: { kind: "StaticListVariable", spec: { values: [...value] } },
    },
  };
}
