import { deepEqual, equal, throws } from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { AppError } from "../../errors/app_error.ts";
import type { JsonObject, JsonValue } from "../types.ts";
import { migrateGrafana } from "./migrate.ts";
import { migrate } from "./migrate_testing.ts";
import { at } from "./read.ts";

const folder = fileURLToPath(new URL("../../../../shared/data/perses/", import.meta.url));
const isThere = await Deno.stat(folder).then(() => true, () => false);
const remark = isThere ? "" : " (skipped: shared/data/perses not here)";

Deno.test({
  name: `grafana-basic.json: as Perses migrates it, but for what Perses' own test has other plugins for${remark}`,
  ignore: !isThere,
  fn: async () => {
    const read = async (file: string) => JSON.parse(await Deno.readTextFile(folder + file)) as JsonObject;
    const migrated = migrate(await read("grafana-basic.json"));
    const expected = await read("perses-migrated-basic.json");
    deepEqual(migrated["metadata"], expected["metadata"]);
    const spec = migrated["spec"] as JsonObject;
    const expectedSpec = expected["spec"] as JsonObject;
    for (const field of ["display", "layouts", "duration"]) deepEqual(spec[field], expectedSpec[field], field);
    // Perses' test installs a variable plugin SomeVariable; here the values have the plugin that Perses really ships.
    const variables = structuredClone(expectedSpec["variables"]) as { spec: { plugin?: { kind: string } } }[];
    variables[2]!.spec.plugin!.kind = "StaticListVariable";
    deepEqual(spec["variables"], variables);
    // The same panels with the same names; their charts and queries come from test plugins there.
    const display = (panels: JsonValue | undefined) =>
      Object.entries(panels as JsonObject).map(([key, panel]) => [key, at(panel, "spec", "display")]);
    deepEqual(display(spec["panels"]), display(expectedSpec["panels"]));
    const kinds = Object.values(spec["panels"] as JsonObject).map((panel) => at(panel, "spec", "plugin", "kind"));
    deepEqual(kinds, ["GaugeChart", "BarChart", "StatChart", "TimeSeriesChart"]);
    // Newer than that test: the refresh interval is taken over.
    equal(spec["refreshInterval"], "1m");
    deepEqual(Object.keys(spec).filter((key) => !(key in expectedSpec)), ["refreshInterval"]);
  },
});

Deno.test("rows become groups, closed or open, repeated or not; what stands before the first is a group too", () => {
  const panel = (more: JsonObject) => ({ type: "text", gridPos: { x: 0, y: 1.4, w: 12, h: 8 }, ...more });
  const migrated = migrate({
    title: "t",
    panels: [
      panel({ repeat: "v", repeatDirection: "v" }),
      { type: "row", title: "Open", collapsed: false, panels: [] },
      panel({ repeat: "v", repeatDirection: "h", maxPerRow: 3 }),
      { type: "row", title: "Closed", collapsed: true, repeat: "v", panels: [panel({})] },
    ],
  });
  const item = (key: string, more: JsonObject = {}) => ({
    x: 0,
    y: 1,
    width: 12,
    height: 8,
    content: { $ref: `#/spec/panels/${key}` },
    ...more,
  });
  deepEqual(at(migrated, "spec", "layouts"), [
    {
      kind: "Grid",
      spec: {
        display: { title: "Panel Group 1" },
        items: [item("0", { repeatVariable: { value: "v", alignment: "vertical" } })],
      },
    },
    {
      kind: "Grid",
      spec: {
        display: { title: "Open", collapse: { open: true } },
        items: [item("1_0", { repeatVariable: { value: "v", maxPer: 3, alignment: "horizontal" } })],
      },
    },
    {
      kind: "Grid",
      spec: { display: { title: "Closed", collapse: { open: false } }, repeatVariable: "v", items: [item("3_0")] },
    },
  ]);
});

Deno.test("the oldest model's rows flow from the left in spans of twelve", () => {
  const migrated = migrate({
    title: "Old",
    rows: [{
      title: "R",
      height: "190px",
      panels: [{ type: "text", span: 8 }, { type: "text", span: 4 }, { type: "text", span: 6, height: 380 }],
    }],
  });
  const [layout] = at(migrated, "spec", "layouts") as JsonObject[];
  deepEqual((at(layout, "spec", "items") as JsonObject[]).map(({ x, y, width, height }) => [x, y, width, height]), [
    [0, 0, 16, 5],
    [16, 0, 8, 5],
    [0, 5, 12, 10],
  ]);
});

Deno.test("inputs are put in: given ones, and constants of the export; [[x]] becomes ${x}", () => {
  const migrated = migrate(
    {
      title: "On ${VAR_ENV} and ${VAR_SITE}",
      __inputs: [
        { name: "VAR_ENV", type: "constant", value: "test" },
        { name: "VAR_SITE", type: "constant", value: "home" },
        { name: "DS_X", type: "datasource" },
      ],
      panels: [{ type: "stat", targets: [{ expr: 'up{a="[[job:regex]]"}', datasource: { uid: "${DS_X}" } }] }],
    },
    { input: { VAR_SITE: "work $& ${VAR_ENV}", DS_X: "main" } },
  );
  equal(at(migrated, "spec", "display", "name"), "On test and work $& ${VAR_ENV}");
  const [query] = at(migrated, "spec", "panels", "0", "spec", "queries") as JsonObject[];
  deepEqual(at(query, "spec", "plugin", "spec"), {
    query: 'up{a="${job:regex}"}',
    datasource: { kind: "PrometheusDatasource", name: "main" },
  });
});

Deno.test("name, tags, time, zone and links of the dashboard", () => {
  const migrated = migrate({
    dashboard: {
      title: "Übersicht / Ärger: 100%",
      uid: "not a name!",
      tags: ["a", "a", " b"],
      time: { from: "now-2d", to: "now" },
      timezone: "utc",
      refresh: false,
      links: [
        { type: "link", title: "Runbook", url: "https://example.com", targetBlank: true, includeVars: true },
        { type: "dashboards", title: "All", tags: ["x"] },
      ],
    },
  });
  deepEqual(migrated["metadata"], {
    name: "ubersicht-arger-100",
    createdAt: "0001-01-01T00:00:00Z",
    updatedAt: "0001-01-01T00:00:00Z",
    version: 0,
    tags: ["a"],
    project: "",
  });
  deepEqual(migrated["spec"], {
    display: { name: "Übersicht / Ärger: 100%" },
    panels: {},
    layouts: [],
    duration: "2d",
    timezone: "UTC",
    links: [{ name: "Runbook", url: "https://example.com", renderVariables: true, targetBlank: true }],
  });
});

Deno.test("what is no dashboard of the classic model is refused with the reason", () => {
  const deep = JSON.parse("[".repeat(5_000) + "]".repeat(5_000)) as JsonValue;
  const cases: readonly (readonly [JsonValue, RegExp])[] = [
    [null, /must be an object/],
    [[], /must be an object/],
    [{}, /neither a title nor panels/],
    [{ title: "t", panels: {} }, /must be arrays/],
    [{ apiVersion: "dashboard.grafana.app/v2beta1", spec: { title: "t", elements: {} } }, /schema v2 is not supported/],
    [{ title: "t", panels: deep }, /nested deeper/],
  ];
  for (const [dashboard, text] of cases) {
    throws(
      () => migrateGrafana({ dashboard, input: {}, useDefaultDatasource: false }),
      (error) => error instanceof AppError && error.kind === "invalid_request" && text.test(error.message),
      String(text),
    );
  }
});
