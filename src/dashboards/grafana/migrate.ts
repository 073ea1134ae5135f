/**
 * A Grafana dashboard as a Perses one: a pure function. It takes the model with `panels` (schema version 16 and later) and the
 * older one with `rows`; what Perses has nothing for becomes a text that names what was there. Grafana's v2 schema is refused.
 */
import { AppError } from "../../errors/app_error.ts";
import { isNestedTooDeep, isObject, nestingMax } from "../model/decode.ts";
import { checkDuration, checkId, checkTag, checkTimezone, tagsMax } from "../model/names.ts";
import type { JsonObject, JsonValue } from "../types.ts";
import { arrange, type PlacedPanel } from "./layout.ts";
import { convertPanel, needsQueries, notConverted } from "./panels.ts";
import { convertTarget, describeTarget, type MigrationContext } from "./queries.ts";
import { at, compact, flagAt, listAt, mapTexts, textAt } from "./read.ts";
import { convertVariables, variableNames } from "./variables.ts";

export interface MigrationRequest {
  /** As Grafana exports it; also inside of `{"dashboard": …}`, as its API answers. */
  readonly dashboard: JsonValue;
  /** Values for the export's inputs (`__inputs`), by name. */
  readonly input: Readonly<Record<string, string>>;
  /** Name no datasource in queries. */
  readonly useDefaultDatasource: boolean;
}

/** No document yet: the client stores it under a project of its choice. */
const noTime = "0001-01-01T00:00:00Z";
const nameLengthMax = 75;
/** What of a title can end up in a name. */
const titleLengthMax = 200;

/** The dashboard, with an empty project. Throws `invalid_request` for what is no Grafana dashboard. */
export function migrateGrafana(request: MigrationRequest): JsonObject {
  const dashboard = withInputs(requireDashboard(request.dashboard), request.input);
  const context: MigrationContext = {
    useDefaultDatasource: request.useDefaultDatasource,
    variableNames: variableNames(dashboard),
  };
  const { panels, layouts } = arrange(dashboard);
  const variables = convertVariables(dashboard, context);
  const links = listAt(dashboard, "links").flatMap(dashboardLink);
  const tags = [...new Set(listAt(dashboard, "tags").filter(isTag))].slice(0, tagsMax);
  const title = textAt(dashboard, "title");
  return {
    kind: "Dashboard",
    metadata: compact({
      name: documentName(textAt(dashboard, "uid"), title),
      createdAt: noTime,
      updatedAt: noTime,
      version: 0,
      tags: tags.length === 0 ? undefined : tags,
      project: "",
    }),
    spec: compact({
      display: compact({ name: title ?? "Grafana dashboard", description: textAt(dashboard, "description") }),
      variables: variables.length === 0 ? undefined : variables,
      panels: Object.fromEntries(panels.map((placed) => [placed.key, convertPlaced(placed, context)])),
      layouts,
      duration: duration(dashboard),
      refreshInterval: refreshInterval(dashboard),
      timezone: timezone(dashboard),
      links: links.length === 0 ? undefined : links,
    }),
  };
}

function requireDashboard(value: JsonValue): JsonObject {
  if (isNestedTooDeep(value)) throw refused(`grafanaDashboard is nested deeper than ${nestingMax} levels`);
  const dashboard = at(value, "dashboard") ?? value;
  const isV2 = at(dashboard, "elements") !== undefined || at(dashboard, "spec", "elements") !== undefined;
  const wrong = !isObject(dashboard)
    ? "grafanaDashboard must be an object: the JSON of a Grafana dashboard"
    : isV2
    ? "Grafana's dashboard schema v2 is not supported: export the dashboard in the classic model"
    : !Array.isArray(dashboard["panels"] ?? []) || !Array.isArray(dashboard["rows"] ?? [])
    ? "grafanaDashboard: panels and rows must be arrays"
    : textAt(dashboard, "title") === undefined && dashboard["panels"] === undefined && dashboard["rows"] === undefined
    ? "grafanaDashboard is no Grafana dashboard: it has neither a title nor panels"
    : null;
  if (wrong !== null) throw refused(wrong);
  return dashboard as JsonObject;
}

function refused(wrong: string): AppError {
  return new AppError("invalid_request", wrong, { fields: [{ pointer: "/grafanaDashboard", detail: wrong }] });
}

/** Puts the inputs' values in, and writes the variables' oldest form `[[name]]` as `${name}`. */
function withInputs(dashboard: JsonObject, input: Readonly<Record<string, string>>): JsonValue {
  const values = new Map<string, string>();
  for (const declared of listAt(dashboard, "__inputs")) {
    const name = textAt(declared, "name");
    const value = textAt(declared, "value");
    if (name !== undefined && value !== undefined && textAt(declared, "type") === "constant") values.set(name, value);
  }
  for (const [name, value] of Object.entries(input)) values.set(name, value);
  const replace = (text: string) =>
    text
      .replaceAll(/\[\[(\w+)(:\w+)?\]\]/g, (_, name: string, shape: string | undefined) =>
        "${" + name + (shape ?? "") + "}")
      .replaceAll(/\$\{(\w+)\}|\$(\w+)/g, (whole, braced?: string, plain?: string) =>
        values.get(braced ?? plain ?? "") ?? whole);
  return mapTexts(dashboard, replace);
}

function convertPlaced({ panel }: PlacedPanel, context: MigrationContext): JsonObject {
  const targets = listAt(panel, "targets");
  const queries = targets.flatMap((target) => convertTarget(target, panel, context) ?? []);
  const converted = convertPanel(panel);
  const shownTargets = targets.filter((target) => flagAt(target, "hide") !== true);
  const hasLostAll = needsQueries(converted) && queries.length === 0 && shownTargets.length > 0;
  const sources = [...new Set(shownTargets.map((target) => `"${describeTarget(target, panel)}"`))].join(", ");
  const plugin = hasLostAll
    ? notConverted(`a panel of the type "${textAt(panel, "type")}" with queries to ${sources}`)
    : converted;
  const links = listAt(panel, "links").flatMap(panelLink);
  return {
    kind: "Panel",
    spec: compact({
      display: compact({ name: textAt(panel, "title"), description: textAt(panel, "description") }),
      plugin,
      queries: queries.length === 0 || !needsQueries(plugin) ? undefined : queries,
      links: links.length === 0 ? undefined : links,
    }),
  };
}

function panelLink(link: JsonValue): JsonObject[] {
  const url = textAt(link, "url") ?? textAt(link, "dashUri");
  if (url === undefined) return [];
  return [compact({
    name: textAt(link, "title"),
    url,
    renderVariables: true,
    targetBlank: flagAt(link, "targetBlank") === true ? true : undefined,
  })];
}

/** Links to "all dashboards with these tags" name nothing that could be opened. */
function dashboardLink(link: JsonValue): JsonObject[] {
  const url = textAt(link, "url");
  if (url === undefined || textAt(link, "type") === "dashboards") return [];
  return [compact({
    name: textAt(link, "title"),
    url,
    tooltip: textAt(link, "tooltip"),
    renderVariables: flagAt(link, "includeVars") === true ? true : undefined,
    targetBlank: flagAt(link, "targetBlank") === true ? true : undefined,
  })];
}

function isTag(tag: JsonValue): tag is string {
  return typeof tag === "string" && checkTag(tag) === null;
}

/** The uid, which Grafana's links have too; else the title as a name. */
function documentName(uid: string | undefined, title: string | undefined): string {
  if (uid !== undefined && checkId(uid) === null) return uid;
  const slug = (title ?? "").slice(0, titleLengthMax).normalize("NFKD").replaceAll(/\p{M}/gu, "").replaceAll(
    /[^\w.-]+/g,
    "-",
  ).replaceAll(
    /\.\.+/g,
    ".",
  )
    .replaceAll(/^[.-]+|[.-]+$/g, "").slice(0, nameLengthMax).replace(/[.-]+$/, "").toLowerCase();
  return slug === "" ? "grafana-dashboard" : slug;
}

/** `now-6h` to `now` is 6h. A range between two dates is no time to look back. */
function duration(dashboard: JsonValue): string {
  const back = /^now-(\d+[yMwdhms])$/.exec(textAt(dashboard, "time", "from") ?? "")?.[1];
  if (back === undefined || (textAt(dashboard, "time", "to") ?? "now") !== "now") return "1h";
  // Grafana's M is a month, which Perses has no unit for.
  return back.endsWith("M") ? `${Number(back.slice(0, -1)) * 30}d` : back;
}

function refreshInterval(dashboard: JsonValue): string | undefined {
  const refresh = textAt(dashboard, "refresh");
  return refresh !== undefined && checkDuration(refresh) === null ? refresh : undefined;
}

/** "" and "browser" are the reader's own. */
function timezone(dashboard: JsonValue): string | undefined {
  const found = textAt(dashboard, "timezone");
  if (found === undefined || found === "browser") return undefined;
  const name = found === "utc" ? "UTC" : found;
  return checkTimezone(name) === null ? name : undefined;
}
