/** Templates without a server: the system's own pass the model, parameters are checked, documents filled as values. */
import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { AppError } from "../../errors/app_error.ts";
import { pluginSchemas } from "../model/plugin_schemas.ts";
import { decodeRequest } from "../resources.ts";
import { nothingAround, validateDocument } from "../model/documents.ts";
import type { JsonObject, JsonValue } from "../types.ts";
import {
  fillDocument,
  parameterProblems,
  type ParameterReferences,
  parameterValues,
  sampleValues,
  type TemplateParameter,
} from "./parameters.ts";
import { systemTemplates } from "./system/templates.ts";

const anything: ParameterReferences = {
  workspace: () => Promise.resolve(null),
  datasource: () => Promise.resolve(null),
};

Deno.test("every system template is a valid dashboard whose panels are all placed and of kinds with a schema", async () => {
  deepEqual(systemTemplates.map(({ name }) => name).sort(), [
    "data-pipeline",
    "model-serving",
    "notebook-server",
    "server-health",
    "slow-queries",
    "training-job",
    "workspaces-pgwire",
  ]);
  for (const { name, title, parameters, spec } of systemTemplates) {
    deepEqual(parameterProblems(parameters), [], name);
    const values = await parameterValues(parameters, {}, anything);
    for (const filled of [values, sampleValues(parameters)]) {
      const document = { kind: "Dashboard", metadata: { name }, spec: fillDocument(spec, parameters, filled) };
      const decoded = decodeRequest("Dashboard", document as JsonObject, { project: "p", name: null });
      deepEqual(validateDocument(decoded, nothingAround), [], name);
      const left = [...JSON.stringify(decoded.spec).matchAll(/\{\{(\w+)\}\}/g)].map(([, one]) => one!);
      const declared: readonly string[] = parameters.map((parameter) => parameter.name);
      deepEqual(left.filter((one) => declared.includes(one)), [], name);
    }
    const panels = Object.entries(spec["panels"] as JsonObject);
    ok(panels.length >= 10, `${title} has ${panels.length} panels`);
    const text = JSON.stringify(spec["layouts"]);
    for (const [key, panel] of panels) {
      ok(text.includes(`"#/spec/panels/${key}"`), `${name}: ${key} is not placed`);
      const { plugin, display } = (panel as { spec: { plugin: { kind: string }; display: { name: string } } }).spec;
      ok(Object.hasOwn(pluginSchemas.panel, plugin.kind) && display.name !== "", `${name}: ${key}`);
    }
    const placed = [...text.matchAll(/"#\/spec\/panels\/(\w+)"/g)].map(([, key]) => key);
    equal(new Set(placed).size, placed.length, `${name}: a panel is placed twice, so two panels share a key`);
  }
});

const parameters: readonly TemplateParameter[] = [
  { name: "metric", title: "Metric", type: "text", required: true, pattern: "[a-z_]+" },
  { name: "limit", title: "Limit", type: "number", required: false, default: 5 },
  { name: "color", title: "Color", type: "choice", required: false, choices: ["red", "blue"] },
  { name: "ws", title: "Workspace", type: "workspace", required: false },
];

Deno.test("placeholders are filled in texts only, keep a number's type and cannot change the document's shape", async () => {
  const document = {
    query: 'sum({{metric}}{job="{{job}}"}) > {{limit}}',
    value: "{{limit}}",
    color: "{{color}}",
    list: ["{{color}}", "{{metric}}"],
    "{{metric}}": { deep: "[{{metric}}]", number: 1, nothing: null },
  };
  const values = await parameterValues(parameters, { metric: "up_time" }, anything);
  deepEqual(fillDocument(document, parameters, values), {
    query: 'sum(up_time{job="{{job}}"}) > 5',
    value: 5,
    list: ["up_time"],
    "{{metric}}": { deep: "[up_time]", number: 1, nothing: null },
  });
  const evil = new Map([["metric", '","kind":"x"'], ["limit", "{{metric}}"]]);
  const filled = fillDocument({ query: "{{metric}} {{limit}}" }, parameters, evil);
  deepEqual(filled, { query: '","kind":"x" {{metric}}' });
});

Deno.test("each wrong value is refused with its pointer", async () => {
  const references = { ...anything, workspace: () => Promise.resolve("is none of the project") };
  const attempts: readonly (readonly [Record<string, JsonValue>, string])[] = [
    [{}, "/parameters/metric"],
    [{ metric: "" }, "/parameters/metric"],
    [{ metric: "UP" }, "/parameters/metric"],
    [{ metric: ["up"] }, "/parameters/metric"],
    [{ metric: "up", limit: "5" }, "/parameters/limit"],
    [{ metric: "up", color: "green" }, "/parameters/color"],
    [{ metric: "up", ws: "ws_1" }, "/parameters/ws"],
    [{ metric: "up", "a/b": 1 }, "/parameters/a~1b"],
    [{ metric: "x".repeat(1001) }, "/parameters/metric"],
  ];
  for (const [given, pointer] of attempts) {
    await rejects(parameterValues(parameters, given, references), (error) => {
      ok(error instanceof AppError && error.kind === "invalid_request");
      deepEqual(error.fields.map((field) => field.pointer), [pointer], JSON.stringify(given).slice(0, 100));
      return true;
    });
  }
});

Deno.test("a template's own mistakes in its parameters are named", () => {
  const wrong = [
    { name: "A b", title: "t", type: "text", required: false },
    { name: "a", title: "t", type: "choice", required: false },
    { name: "a", title: "t", type: "text", required: false, choices: ["x"], pattern: "(" },
    { name: "n", title: "t", type: "number", required: false, default: "five", pattern: "x", datasourceKind: "y" },
  ] as readonly TemplateParameter[];
  deepEqual(parameterProblems(wrong).map(({ pointer }) => pointer), [
    "/parameters/0/name",
    "/parameters/1/choices",
    "/parameters/2/name",
    "/parameters/2/choices",
    "/parameters/2/pattern",
    "/parameters/3/pattern",
    "/parameters/3/datasource_kind",
    "/parameters/3/default",
  ]);
});
