/**
 * Whole documents: what a client sends, decoded into what is stored, with everything that is wrong with it. `decode`
 * holds the rules that Perses (and percli, before it sends anything) enforces on reading; `validate` those of create, update
 * and POST /api/validate/*. Both give problems as data, in the document's order.
 */
import type { JsonObject, JsonValue, ResourceKind } from "../types.ts";
import { dashboardSpec, datasourceSpec, ephemeralDashboardSpec } from "./dashboard_spec.ts";
import {
  below,
  type Decoder,
  integer,
  isNestedTooDeep,
  isObject,
  nestingMax,
  optional,
  optionalText,
  ownField,
  type Place,
  type Problem,
  quoted,
  report,
  struct,
  text,
} from "./decode.ts";
import { checkFolder, folderSpec } from "./folder_spec.ts";
import { checkId, checkTag, checkVariableName, tagsMax } from "./names.ts";
import { checkDashboardPlugins, checkPlugin, checkVariablePlugin } from "./plugins.ts";
import { checkProxies } from "./proxies.ts";
import { checkVariableGraph, dashboardNodes, type VariableNode } from "./variable_graph.ts";
import { variableSpec } from "./variables.ts";

export type DocumentKind = ResourceKind | "Project";

/** A decoded document. Times and version, which the server gives, are not of it. */
export interface Document {
  readonly kind: DocumentKind;
  readonly name: string;
  /** "" where the document names none. */
  readonly project: string;
  readonly tags: readonly string[] | null;
  readonly spec: JsonObject;
}

export interface Decoded {
  readonly document: Document;
  readonly problems: readonly Problem[];
}

const projectSpec: Decoder = struct({
  display: optional(struct({ name: optionalText, description: optionalText })),
});

const specs: Readonly<Record<DocumentKind, Decoder>> = {
  Project: projectSpec,
  Dashboard: dashboardSpec,
  EphemeralDashboard: ephemeralDashboardSpec,
  Datasource: datasourceDocumentSpec,
  GlobalDatasource: datasourceDocumentSpec,
  Variable: variableSpec,
  GlobalVariable: variableSpec,
  Folder: folderSpec,
};

/** Perses' other kinds, which this server does not keep; a document of one is of a known kind all the same. */
const otherPersesKinds = ["GlobalRole", "GlobalRoleBinding", "GlobalSecret", "Role", "RoleBinding", "Secret", "User"];
const knownKinds = new Map(
  [...Object.keys(specs), ...otherPersesKinds].map((kind) => [kind.toLowerCase(), kind]),
);

/** Decodes a document that must be of this kind. Names are folded to lower case, as Perses does by default. */
export function decodeDocument(kind: DocumentKind, value: JsonValue): Decoded {
  const problems: Problem[] = [];
  const root: Place = { pointer: "", problems };
  if (!isObject(value)) {
    report(root, `Unmarshal type error: expected=object, got=${Array.isArray(value) ? "array" : typeof value}`);
    return { document: emptyDocument(kind), problems };
  }
  if (isNestedTooDeep(value)) {
    report(root, `the document is nested deeper than ${nestingMax} levels`);
    return { document: emptyDocument(kind), problems };
  }
  checkKind(kind, ownField(value, "kind"), root);
  if (problems.length > 0) return { document: emptyDocument(kind), problems };
  const metadata = decodeMetadata(ownField(value, "metadata"), below(root, "metadata"));
  const specPlace = below(root, "spec");
  const spec = specs[kind](ownField(value, "spec"), specPlace);
  const document = { kind, ...metadata, spec: isObject(spec) ? spec : {} };
  if (kind === "Folder" && problems.length === 0) checkFolder(document.spec, document.name, specPlace);
  return { document, problems };
}

function emptyDocument(kind: DocumentKind): Document {
  return { kind, name: "", project: "", tags: null, spec: {} };
}

function checkKind(expected: DocumentKind, value: JsonValue | undefined, root: Place): void {
  const place = below(root, "kind");
  const article = /^[AEIOU]/.test(expected) ? "an" : "a";
  if (value === "") return report(place, "kind cannot be empty");
  if (value === undefined || value === null) {
    return report(place, `invalid kind: "" for ${article} ${expected} type`);
  }
  const kind = knownKinds.get(String(value).toLowerCase());
  if (kind === undefined) {
    const hint = value === "PersesDashboard"
      ? ": a custom resource of perses-operator (apiVersion perses.dev/*), not a document of this API"
      : "";
    report(place, `unknown kind ${quoted(String(value))} used${hint}`);
  } else if (kind !== expected) {
    report(place, `invalid kind: ${quoted(kind)} for ${article} ${expected} type`);
  }
}

function decodeMetadata(value: JsonValue | undefined, place: Place): Pick<Document, "name" | "project" | "tags"> {
  const decoded = struct({ name: text, project: text, createdAt: time, updatedAt: time, version: count })(value, place);
  const name = String(ownField(decoded, "name") ?? "");
  return {
    name: name.toLowerCase(),
    project: String(ownField(decoded, "project") ?? "").toLowerCase(),
    tags: decodeTags(ownField(value, "tags"), below(place, "tags")),
  };
}

/** What the server gives itself. It is dropped, but a client that sends something else here means something else. */
const time: Decoder = (value, place) => {
  const text = optionalText(value, place);
  if (typeof text === "string" && (!timePattern.test(text) || Number.isNaN(Date.parse(text)))) {
    report(place, `parsing time ${quoted(text)} as "2006-01-02T15:04:05Z07:00": not a time of RFC 3339`);
  }
  return undefined;
};
const timePattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;
const count: Decoder = (value, place) => {
  if (Number(integer(value, place)) < 0) report(place, `Unmarshal type error: expected=uint64, got=number ${value}`);
  return undefined;
};

/** What a document says about its own name; an empty one may still come from the path. */
export function checkDocumentName(name: string): Problem[] {
  const wrong = checkId(name);
  return wrong === null ? [] : [{ message: wrong, pointer: "/metadata/name" }];
}

function decodeTags(value: JsonValue | undefined, place: Place): readonly string[] | null {
  if (value === undefined || value === null) return null;
  if (!Array.isArray(value) || !value.every((tag) => typeof tag === "string")) {
    report(place, "Unmarshal type error: expected=array of strings, field=metadata.tags");
    return null;
  }
  value.forEach((tag: string, index: number) => {
    const wrong = checkTag(tag);
    if (wrong !== null) report(below(place, index), wrong);
  });
  // A set, in the order in which Perses writes it.
  const tags = [...new Set(value as string[])].sort();
  if (tags.length > tagsMax) report(place, `cannot contain more than ${tagsMax} tags`);
  return tags.length === 0 ? null : tags;
}

function datasourceDocumentSpec(value: JsonValue | undefined, place: Place): JsonValue | undefined {
  if (!isObject(value) || Object.keys(value).length === 0) {
    report(place, "spec cannot be empty");
    return {};
  }
  return datasourceSpec(value, place);
}

/** What a document meets in the place where it is to be kept. */
export interface Surroundings {
  /** `{name, spec}` of variables that a dashboard sees from outside. */
  readonly projectVariables: readonly NamedSpec[];
  readonly globalVariables: readonly NamedSpec[];
  /** The other datasources of the same scope. */
  readonly datasources: readonly NamedSpec[];
}

export interface NamedSpec {
  readonly name: string;
  readonly spec: JsonObject;
}

export const nothingAround: Surroundings = { projectVariables: [], globalVariables: [], datasources: [] };

/** The rules of creating and updating; the document has been decoded without problems. */
export function validateDocument(document: Document, around: Surroundings): readonly Problem[] {
  const problems: Problem[] = [];
  const root: Place = { pointer: "", problems };
  const place = below(root, "spec");
  switch (document.kind) {
    case "Dashboard":
    case "EphemeralDashboard":
      validateDashboard(document.spec, around, place);
      return problems;
    case "Datasource":
    case "GlobalDatasource":
      validateDatasource(document.spec, place);
      checkOnlyDefault(document, around.datasources, place);
      return problems;
    case "Variable":
    case "GlobalVariable": {
      const wrong = checkVariableName(document.name);
      if (wrong !== null) report(below(below(root, "metadata"), "name"), wrong);
      checkVariablePlugin(document.spec, place);
      return problems;
    }
    case "Folder":
    case "Project":
      return problems;
    default: {
      const never: never = document.kind;
      throw new Error(`unknown kind ${String(never)}`);
    }
  }
}

function validateDashboard(spec: JsonObject, around: Surroundings, place: Place): void {
  const dashboard = dashboardNodes(spec, place);
  checkVariableGraph({
    global: around.globalVariables.map(outsideNode(place)),
    project: around.projectVariables.map(outsideNode(place)),
    dashboard,
  });
  for (const node of dashboard) {
    const wrong = checkVariableName(node.name);
    if (wrong !== null) report(below(node.place, "name"), wrong);
  }
  checkDashboardPlugins(spec, place);
  const datasources = Object.entries(ownField(spec, "datasources") ?? {}) as [string, JsonValue][];
  const defaults = new Set<string>();
  for (const [name, datasource] of datasources) {
    const datasourcePlace = below(below(place, "datasources"), name);
    const plugin = ownField(datasource, "plugin");
    checkProxies(ownField(plugin, "spec"), below(below(datasourcePlace, "plugin"), "spec"));
    if (ownField(datasource, "default") !== true) continue;
    const kind = String(ownField(plugin, "kind"));
    if (defaults.has(kind)) {
      report(
        below(datasourcePlace, "default"),
        `${name} can not be defined as default datasource: there is already a default defined for kind ${quoted(kind)}`,
      );
    }
    defaults.add(kind);
  }
}

/** A variable of the project or the server: what is wrong with it is wrong with this dashboard's place for variables. */
function outsideNode(place: Place): (variable: NamedSpec) => VariableNode {
  return ({ name, spec }) => ({ name, variable: spec, place: below(place, "variables") });
}

function validateDatasource(spec: JsonObject, place: Place): void {
  const pluginPlace = below(place, "plugin");
  const plugin = ownField(spec, "plugin");
  checkProxies(ownField(plugin, "spec"), below(pluginPlace, "spec"));
  checkPlugin("datasource", plugin, pluginPlace);
}

function checkOnlyDefault(document: Document, others: readonly NamedSpec[], place: Place): void {
  if (ownField(document.spec, "default") !== true) return;
  const kind = ownField(ownField(document.spec, "plugin"), "kind");
  const other = others.find(({ name, spec }) =>
    name !== document.name && ownField(spec, "default") === true && ownField(ownField(spec, "plugin"), "kind") === kind
  );
  if (other === undefined) return;
  report(
    below(place, "default"),
    `datasource ${quoted(document.name)} cannot be a default ${
      quoted(String(kind))
    } because there is already one defined ` +
      `named ${quoted(other.name)}`,
  );
}
