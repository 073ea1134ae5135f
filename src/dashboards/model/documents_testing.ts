/** What tests of the document rules begin with: small documents, and what is wrong with one. */
import type { JsonObject, JsonValue } from "../types.ts";
import { decodeDocument, type DocumentKind, nothingAround, type Surroundings, validateDocument } from "./documents.ts";

export function problemsOf(
  kind: DocumentKind,
  body: JsonValue,
  around: Surroundings = nothingAround,
): [string, string][] {
  const { document, problems } = decodeDocument(kind, body);
  const all = problems.length > 0 ? problems : validateDocument(document, around);
  return all.map(({ pointer, message }) => [pointer, message]);
}

export const markdown = { kind: "Markdown", spec: { text: "hello" } };
export const panel = { kind: "Panel", spec: { plugin: markdown } };

export function dashboard(spec: JsonObject): JsonObject {
  return { kind: "Dashboard", metadata: { name: "d" }, spec: { panels: {}, layouts: [], ...spec } };
}

export function withVariables(...variables: JsonObject[]): JsonObject {
  return dashboard({ variables });
}

export function textVariable(name: string, value: string, more: JsonObject = {}): JsonObject {
  return { kind: "TextVariable", spec: { name, value, ...more } };
}

export function listVariable(name: string, more: JsonObject = {}): JsonObject {
  return {
    kind: "ListVariable",
    spec: { name, plugin: { kind: "StaticListVariable", spec: { values: [] } }, ...more },
  };
}

export function withPlugin(plugin: JsonObject): JsonObject {
  return dashboard({ panels: { p: { kind: "Panel", spec: { plugin } } } });
}

export function withQuery(plugin: JsonObject): JsonObject {
  const query = { kind: "TimeSeriesQuery", spec: { plugin } };
  return dashboard({ panels: { p: { kind: "Panel", spec: { plugin: markdown, queries: [query] } } } });
}

export function withItem(item: JsonObject): JsonObject {
  return dashboard({ panels: { p: panel }, layouts: [{ kind: "Grid", spec: { items: [item] } }] });
}

export function datasource(pluginSpec: JsonObject, kind = "PrometheusDatasource"): JsonObject {
  return { kind: "Datasource", metadata: { name: "s" }, spec: { default: true, plugin: { kind, spec: pluginSpec } } };
}

export const proxy = (kind: string, spec: JsonObject) => datasource({ proxy: { kind, spec } }, "Other");
export const url = "http://localhost:9090";

/** Rule, kind, document, pointer, message. */
export type RefusedDocument = readonly [string, DocumentKind, JsonValue, string, string];

/** Each document has exactly this one problem. */
export function testRefused(
  documents: readonly RefusedDocument[],
  equal: (actual: unknown, expected: unknown) => void,
) {
  for (const [rule, kind, body, pointer, message] of documents) {
    Deno.test(`${rule}: ${message.slice(0, 80)}`, () => equal(problemsOf(kind, body), [[pointer, message]]));
  }
}
