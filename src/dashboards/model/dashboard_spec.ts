/** The spec of Dashboard and EphemeralDashboard: panels, layouts, variables, datasources. */
import { parseDurationMs } from "../duration.ts";
import type { JsonObject, JsonValue } from "../types.ts";
import {
  below,
  checkedText,
  type Decoder,
  flag,
  integer,
  isObject,
  list,
  map,
  optional,
  optionalFlag,
  optionalInteger,
  optionalList,
  optionalMap,
  optionalText,
  ownField,
  type Place,
  quoted,
  report,
  struct,
  text,
} from "./decode.ts";
import { checkDuration, checkId, checkTimezone } from "./names.ts";
import { plugin } from "./plugin.ts";
import { dashboardVariable } from "./variables.ts";

const display = optional(struct({ name: optionalText, description: optionalText }));
const duration = checkedText(checkDuration, { optional: true });

/** Of Datasource, GlobalDatasource and a dashboard's own ones. */
export const datasourceSpec: Decoder = struct({ display, default: flag, plugin });

const link = struct({
  name: optionalText,
  url: text,
  tooltip: optionalText,
  renderVariables: optionalFlag,
  targetBlank: optionalFlag,
});
const annotation = struct({
  display: struct(
    { name: text, description: optionalText, hidden: optionalFlag, color: optionalText },
    (value, place) => {
      if (value["name"] === "") report(below(place, "name"), "annotation name cannot be empty");
    },
  ),
  plugin,
});
const query = struct({ kind: text, spec: struct({ name: optionalText, plugin }) });
const panel = struct({
  kind: text,
  spec: struct({
    display,
    plugin,
    queries: optionalList(query),
    links: optionalList(link),
    annotations: optionalList(annotation),
  }),
});

const referencePattern = /^#?\/([a-zA-Z0-9_-]+)(?:\/([a-zA-Z0-9_-]+))*$/;
const reference = struct({ $ref: text }, (value, place) => {
  const target = String(value["$ref"]);
  if (!referencePattern.test(target)) report(below(place, "$ref"), `ref ${quoted(target)} is not accepted`);
});
const alignments = ["horizontal", "vertical"];
const alignment = checkedText(
  (value) => alignments.includes(value) ? null : `unknown repeatVariable.alignment ${quoted(value)} used`,
  { optional: true },
);
const gridItem = struct({
  x: integer,
  y: integer,
  width: integer,
  height: integer,
  content: reference,
  repeatVariable: optional(struct({ value: text, maxPer: optionalInteger, alignment })),
});
const layoutDisplay = optional(struct({ title: text, collapse: optional(struct({ open: flag })) }));
const layoutSpecs: Readonly<Record<string, Decoder>> = {
  Grid: struct({ display: layoutDisplay, items: list(gridItem), repeatVariable: optionalText }),
  Tabs: struct({
    display: layoutDisplay,
    tabs: list(struct({ name: text, items: list(gridItem) })),
    defaultTab: optionalInteger,
  }),
};

const layout: Decoder = (value, place) => {
  const kind = ownField(value, "kind") ?? "";
  const decodeSpec = typeof kind === "string" && Object.hasOwn(layoutSpecs, kind) ? layoutSpecs[kind] : undefined;
  if (kind === "") report(below(place, "kind"), "layout.kind cannot be empty");
  else if (decodeSpec === undefined) report(below(place, "kind"), `unknown layout.kind ${quoted(String(kind))} used`);
  else return { kind, spec: decodeSpec(ownField(value, "spec"), below(place, "spec")) ?? {} };
  return {};
};

const batchingModes = ["", "off", "panel", "viewport", "dashboard"];
const queryBatching = optional(struct({ mode: optionalText, maxPerRequest: optionalInteger }, (value, place) => {
  const mode = String(ownField(value, "mode") ?? "");
  if (!batchingModes.includes(mode)) {
    report(
      below(place, "mode"),
      `queryBatching.mode ${quoted(mode)} is invalid (want off|panel|viewport|dashboard)`,
    );
  }
  if (Number(ownField(value, "maxPerRequest") ?? 0) < 0) {
    report(below(place, "maxPerRequest"), "queryBatching.maxPerRequest must be >= 0");
  }
}));

const fields: Readonly<Record<string, Decoder>> = {
  display,
  datasources: optionalMap(datasourceSpec),
  variables: optionalList(dashboardVariable),
  annotations: optionalList(annotation),
  panels: map(panel, checkId),
  layouts: list(layout),
  duration: (value, place) => duration(value, place) ?? "1h",
  refreshInterval: duration,
  timezone: checkedText(checkTimezone, { optional: true }),
  links: optionalList(link),
  queryBatching,
};

export const dashboardSpec: Decoder = nonEmpty(struct(fields, checkDashboard));

/** A dashboard that is deleted once `ttl` has passed since its last change. */
export const ephemeralDashboardSpec: Decoder = nonEmpty(struct({
  ttl: (value, place) => {
    const decoded = duration(value, place);
    if (decoded === undefined) report(place, checkDuration("")!);
    else if (parseDurationMs(String(decoded)) === 0) report(place, "ttl must be greater than 0");
    return decoded;
  },
  ...fields,
}, checkDashboard));

function nonEmpty(decode: Decoder): Decoder {
  return (value, place) => {
    if (value === undefined || value === null || (isObject(value) && Object.keys(value).length === 0)) {
      report(place, "spec cannot be empty");
      return {};
    }
    return decode(value, place);
  };
}

function checkDashboard(spec: JsonObject, place: Place): void {
  checkVariableNames(spec, place);
  const panels = ownField(spec, "panels");
  const layouts = ownField(spec, "layouts");
  if (!Array.isArray(layouts)) return;
  layouts.forEach((one: JsonValue, index: number) => {
    // Perses does not look into tabs.
    if (ownField(one, "kind") !== "Grid") return;
    const items = ownField(ownField(one, "spec"), "items");
    if (!Array.isArray(items)) return;
    const itemsPlace = below(below(below(below(place, "layouts"), index), "spec"), "items");
    items.forEach((item: JsonValue, itemIndex: number) => {
      const target = ownField(ownField(item, "content"), "$ref");
      const wrong = checkReference(String(target), panels);
      if (wrong !== null) report(below(below(below(itemsPlace, itemIndex), "content"), "$ref"), wrong);
    });
  });
}

function checkReference(target: string, panels: JsonValue | undefined): string | null {
  const path = target.replace(/^#/, "").slice(1).split("/");
  if (path.length !== 3) return `reference ${quoted(target)} is pointing to the void`;
  for (const [index, expected] of ["spec", "panels"].entries()) {
    if (path[index] !== expected) {
      return `reference ${quoted(target)} at position ${index} doesn't have the expected element "${expected}"`;
    }
  }
  return ownField(panels, path[2]!) === undefined ? `no panel found for ref ${quoted(path[2]!)}` : null;
}

function checkVariableNames(spec: JsonObject, place: Place): void {
  const seen = new Set<string>();
  const variables = ownField(spec, "variables");
  if (!Array.isArray(variables)) return;
  variables.forEach((variable: JsonValue, index: number) => {
    const name = String(ownField(ownField(variable, "spec"), "name"));
    if (seen.has(name)) {
      const namePlace = below(below(below(below(place, "variables"), index), "spec"), "name");
      report(namePlace, `variable ${quoted(name)} (index ${index}) already exists`);
    }
    seen.add(name);
  });
}
