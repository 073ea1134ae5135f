/** Rules of reading, as a table of documents and Perses' messages. */
import { deepEqual, equal, ok } from "node:assert/strict";
import type { JsonValue } from "../types.ts";
import { decodeDocument } from "./documents.ts";
import {
  dashboard,
  listVariable,
  panel,
  problemsOf,
  testRefused,
  textVariable,
  withItem,
  withPlugin,
  withVariables,
} from "./documents_testing.ts";

testRefused([
  ["a document is an object", "Dashboard", [], "", "Unmarshal type error: expected=object, got=array"],
  ["a kind is needed", "Dashboard", { metadata: { name: "d" } }, "/kind", 'invalid kind: "" for a Dashboard type'],
  ["a kind is not empty", "Dashboard", { kind: "", metadata: { name: "d" } }, "/kind", "kind cannot be empty"],
  [
    "a variable's kind is not empty",
    "Dashboard",
    withVariables({ kind: "", spec: { name: "a" } }),
    "/spec/variables/0/kind",
    "variable.kind cannot be empty",
  ],
  [
    "a time is one of RFC 3339",
    "Dashboard",
    { kind: "Dashboard", metadata: { name: "d", createdAt: "rubbish" }, spec: { panels: {} } },
    "/metadata/createdAt",
    'parsing time "rubbish" as "2006-01-02T15:04:05Z07:00": not a time of RFC 3339',
  ],
  [
    "a version is a number",
    "Dashboard",
    { kind: "Dashboard", metadata: { name: "d", version: "x" }, spec: { panels: {} } },
    "/metadata/version",
    "Unmarshal type error: expected=int, got=string, field=metadata.version",
  ],
  [
    "a version is not negative",
    "Dashboard",
    { kind: "Dashboard", metadata: { name: "d", version: -1 }, spec: { panels: {} } },
    "/metadata/version",
    "Unmarshal type error: expected=uint64, got=number -1",
  ],
  ["the kind is known", "Dashboard", { kind: "game" }, "/kind", 'unknown kind "game" used'],
  ["the kind is the route's", "Dashboard", { kind: "Folder" }, "/kind", 'invalid kind: "Folder" for a Dashboard type'],
  [
    "an ephemeral dashboard's kind",
    "EphemeralDashboard",
    { kind: "Dashboard" },
    "/kind",
    'invalid kind: "Dashboard" for an EphemeralDashboard type',
  ],
  ["a spec is needed", "Dashboard", { kind: "Dashboard", metadata: { name: "d" } }, "/spec", "spec cannot be empty"],
  [
    "a datasource's spec is needed",
    "Datasource",
    { kind: "Datasource", metadata: { name: "d" }, spec: {} },
    "/spec",
    "spec cannot be empty",
  ],
  [
    "a field's type",
    "Dashboard",
    dashboard({ display: { name: 3 } }),
    "/spec/display/name",
    "Unmarshal type error: expected=string, got=number, field=spec.display.name",
  ],
  [
    "whole coordinates",
    "Dashboard",
    withItem({ x: 0.5, content: { $ref: "#/spec/panels/p" } }),
    "/spec/layouts/0/spec/items/0/x",
    "Unmarshal type error: expected=int, got=number, field=spec.layouts.0.spec.items.0.x",
  ],
  [
    "panel keys are names",
    "Dashboard",
    dashboard({ panels: { "a b": panel } }),
    "/spec/panels/a b",
    '"a b" is not a correct name. It should match the regexp: ^[a-zA-Z0-9_.-]+$',
  ],
  [
    "panel keys are short",
    "Dashboard",
    dashboard({ panels: { ["a".repeat(76)]: panel } }),
    `/spec/panels/${"a".repeat(76)}`,
    "cannot contain more than 75 characters",
  ],
  [
    "no two dots in a name",
    "Dashboard",
    dashboard({ panels: { "a..b": panel } }),
    "/spec/panels/a..b",
    `"a..b" is not a correct name. It should not contain '..'`,
  ],
  [
    "no dot at a name's end",
    "Dashboard",
    withVariables(textVariable("a.", "x")),
    "/spec/variables/0/spec/name",
    `"a." is not a correct name. It should not start or end with '.'`,
  ],
  [
    "a variable's kind is needed",
    "Dashboard",
    withVariables({ spec: { name: "a" } }),
    "/spec/variables/0/kind",
    'unknown variable.kind "" used',
  ],
  [
    "a variable's kind is known",
    "Dashboard",
    withVariables({ kind: "X", spec: { name: "a" } }),
    "/spec/variables/0/kind",
    'unknown variable.kind "X" used',
  ],
  [
    "a text variable's name is no number",
    "Dashboard",
    withVariables(textVariable("12", "x")),
    "/spec/variables/0/spec/name",
    "variable name cannot contain only digits. That's not a meaningful name for a variable",
  ],
  [
    "a constant has a value",
    "Dashboard",
    withVariables(textVariable("a", "", { constant: true })),
    "/spec/variables/0/spec/value",
    "value for a constant text variable cannot be empty",
  ],
  [
    "a variable's name is taken once",
    "Dashboard",
    withVariables(textVariable("a", "x"), listVariable("b"), textVariable("a", "y")),
    "/spec/variables/2/spec/name",
    'variable "a" (index 2) already exists',
  ],
  [
    "customAllValue needs allowAllValue",
    "Dashboard",
    withVariables(listVariable("a", { customAllValue: ".*" })),
    "/spec/variables/0/spec/customAllValue",
    "customAllValue cannot be set if allowAllValue is not set to true",
  ],
  [
    "several defaults need allowMultiple",
    "Dashboard",
    withVariables(listVariable("a", { defaultValue: ["x", "y"] })),
    "/spec/variables/0/spec/defaultValue",
    "you can not use a list of default values if allowMultiple is set to false",
  ],
  [
    "a default is text",
    "Dashboard",
    withVariables(listVariable("a", { defaultValue: 3 })),
    "/spec/variables/0/spec/defaultValue",
    "unable to unmarshal defaultValue. Only string or array of string can be used",
  ],
  [
    "sort is known",
    "Dashboard",
    withVariables(listVariable("a", { sort: "random" })),
    "/spec/variables/0/spec/sort",
    'unknown sort method "random" used',
  ],
  [
    "a layout's kind is needed",
    "Dashboard",
    dashboard({ layouts: [{ spec: { items: [] } }] }),
    "/spec/layouts/0/kind",
    "layout.kind cannot be empty",
  ],
  [
    "a layout's kind is known",
    "Dashboard",
    dashboard({ layouts: [{ kind: "Circle", spec: {} }] }),
    "/spec/layouts/0/kind",
    'unknown layout.kind "Circle" used',
  ],
  [
    "a reference has a form",
    "Dashboard",
    withItem({ content: { $ref: "spec.panels.p" } }),
    "/spec/layouts/0/spec/items/0/content/$ref",
    'ref "spec.panels.p" is not accepted',
  ],
  [
    "a reference has three parts",
    "Dashboard",
    withItem({ content: { $ref: "#/spec/panels" } }),
    "/spec/layouts/0/spec/items/0/content/$ref",
    'reference "#/spec/panels" is pointing to the void',
  ],
  [
    "a reference leads to panels",
    "Dashboard",
    withItem({ content: { $ref: "#/spec/variables/p" } }),
    "/spec/layouts/0/spec/items/0/content/$ref",
    'reference "#/spec/variables/p" at position 1 doesn\'t have the expected element "panels"',
  ],
  [
    "a reference leads to a panel",
    "Dashboard",
    withItem({ content: { $ref: "#/spec/panels/q" } }),
    "/spec/layouts/0/spec/items/0/content/$ref",
    'no panel found for ref "q"',
  ],
  [
    "what every object has is no panel",
    "Dashboard",
    withItem({ content: { $ref: "#/spec/panels/constructor" } }),
    "/spec/layouts/0/spec/items/0/content/$ref",
    'no panel found for ref "constructor"',
  ],
  [
    "durations go down",
    "Dashboard",
    dashboard({ duration: "1m1h" }),
    "/spec/duration",
    'not a valid duration string: "1m1h"',
  ],
  [
    "the time zone exists",
    "Dashboard",
    dashboard({ timezone: "Europe/Nowhere" }),
    "/spec/timezone",
    '"Europe/Nowhere" is not a valid timezone: unknown time zone Europe/Nowhere',
  ],
  [
    "time zones have their case",
    "Dashboard",
    dashboard({ timezone: "europe/prague" }),
    "/spec/timezone",
    '"europe/prague" is not a valid timezone: unknown time zone europe/prague',
  ],
  [
    "repetition goes one of two ways",
    "Dashboard",
    dashboard({
      panels: { p: { kind: "Panel", spec: { plugin: { kind: "X", spec: {} } } } },
      layouts: [{
        kind: "Grid",
        spec: {
          items: [{ content: { $ref: "#/spec/panels/p" }, repeatVariable: { value: "v", alignment: "diagonal" } }],
        },
      }],
    }),
    "/spec/layouts/0/spec/items/0/repeatVariable/alignment",
    'unknown repeatVariable.alignment "diagonal" used',
  ],
  [
    "batching modes",
    "Dashboard",
    dashboard({ queryBatching: { mode: "all" } }),
    "/spec/queryBatching/mode",
    'queryBatching.mode "all" is invalid (want off|panel|viewport|dashboard)',
  ],
  [
    "batches are not negative",
    "Dashboard",
    dashboard({ queryBatching: { maxPerRequest: -1 } }),
    "/spec/queryBatching/maxPerRequest",
    "queryBatching.maxPerRequest must be >= 0",
  ],
  [
    "annotations have names",
    "Dashboard",
    dashboard({ annotations: [{ plugin: { kind: "X" } }] }),
    "/spec/annotations/0/display/name",
    "annotation name cannot be empty",
  ],
  [
    "plugins have kinds",
    "Dashboard",
    withPlugin({ spec: {} }),
    "/spec/panels/p/spec/plugin/kind",
    "kind cannot be empty",
  ],
  [
    "an ephemeral dashboard ends",
    "EphemeralDashboard",
    { kind: "EphemeralDashboard", metadata: { name: "d" }, spec: { panels: {}, layouts: [] } },
    "/spec/ttl",
    "empty duration string",
  ],
  [
    "an ephemeral dashboard lives",
    "EphemeralDashboard",
    { kind: "EphemeralDashboard", metadata: { name: "d" }, spec: { ttl: "0s", panels: {}, layouts: [] } },
    "/spec/ttl",
    "ttl must be greater than 0",
  ],
], deepEqual);

Deno.test("a kind is known whatever its case, and stored in Perses' form", () => {
  const { document, problems } = decodeDocument("Dashboard", {
    ...dashboard({ panels: { p: panel } }),
    kind: "dashBOARD",
  });
  deepEqual(problems, []);
  equal(document.kind, "Dashboard");
});

Deno.test("names are folded to lower case, unknown fields are dropped outside of plugins and kept inside", () => {
  const plugin = { kind: "TheirChart", spec: { deep: { unknown: [1, null, { a: 1 }] } }, other: 1 };
  const { document, problems } = decodeDocument("Dashboard", {
    kind: "Dashboard",
    metadata: {
      name: "MyBoard",
      project: "MyProject",
      owner: "me",
      version: 3,
      createdAt: "2026-01-02T03:04:05.123456789+01:00",
      tags: ["b", "a", "b"],
    },
    spec: { panels: { K: { kind: "Panel", spec: { plugin, extra: 1 } } }, layouts: null, color: "red" },
  });
  deepEqual(problems, []);
  deepEqual(document, {
    kind: "Dashboard",
    name: "myboard",
    project: "myproject",
    tags: ["a", "b"],
    spec: {
      panels: {
        K: {
          kind: "Panel",
          spec: { plugin: { kind: "TheirChart", spec: { deep: { unknown: [1, null, { a: 1 }] } } } },
        },
      },
      layouts: [],
      duration: "1h",
    },
  });
});

Deno.test("defaults: duration 1h, a list of one default value becomes it, a plugin without a spec gets {}", () => {
  const variable = listVariable("a", { defaultValue: ["x"], plugin: { kind: "Other", spec: null } });
  const { document, problems } = decodeDocument("Dashboard", withVariables(variable));
  deepEqual(problems, []);
  equal(document.spec["duration"], "1h");
  deepEqual(document.spec["variables"], [{
    kind: "ListVariable",
    spec: {
      defaultValue: "x",
      allowAllValue: false,
      allowMultiple: false,
      plugin: { kind: "Other", spec: {} },
      name: "a",
    },
  }]);
});

Deno.test("a panel whose key is __proto__ is a panel like any other", () => {
  const body = JSON.parse(`{"kind":"Dashboard","metadata":{"name":"d"},"spec":{"panels":{"__proto__":
    {"kind":"Panel","spec":{"plugin":{"kind":"Markdown","spec":{"text":"x"}}}}},
    "layouts":[{"kind":"Grid","spec":{"items":[{"content":{"$ref":"#/spec/panels/__proto__"}}]}}]}}`);
  const { document, problems } = decodeDocument("Dashboard", body);
  deepEqual(problems, []);
  ok(JSON.stringify(document.spec).includes('"__proto__":{"kind":"Panel"'));
});

Deno.test("a document nested without end is refused, not followed", () => {
  const deep = JSON.parse("[".repeat(5_000) + "]".repeat(5_000)) as JsonValue;
  const [[pointer, message]] = problemsOf("Dashboard", withPlugin({ kind: "X", spec: { deep } })) as [[string, string]];
  deepEqual([pointer, message], ["", "the document is nested deeper than 100 levels"]);
});

Deno.test("tabs may refer to panels that do not exist, as in Perses", () => {
  const tabs = [{ name: "t", items: [{ x: 0, y: 0, width: 1, height: 1, content: { $ref: "#/spec/panels/none" } }] }];
  deepEqual(problemsOf("Dashboard", dashboard({ layouts: [{ kind: "Tabs", spec: { tabs } }] })), []);
});

Deno.test("the kinds of a folder's items are written in any case", () => {
  const items = [{ kind: "folder", name: "f", items: [{ kind: "DASHBOARD", name: "d" }] }];
  const { document, problems } = decodeDocument("Folder", { kind: "Folder", metadata: { name: "x" }, spec: { items } });
  deepEqual(problems, []);
  deepEqual(document.spec["items"], [{ kind: "Folder", name: "f", items: [{ kind: "Dashboard", name: "d" }] }]);
});
