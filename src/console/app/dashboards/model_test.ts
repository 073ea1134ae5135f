import { deepEqual, equal } from "node:assert/strict";
import { compacted, filledText, placeGroup, readDashboard, withoutRepeats } from "./model.ts";

const item = (panel: string, x: number, y: number, width: number, height: number, more: object = {}) => ({
  ...{ x, y, width, height, content: { $ref: `#/spec/panels/${panel}` } },
  ...more,
});

const dashboard = readDashboard({
  metadata: { name: "d" },
  spec: {
    variables: [{ kind: "ListVariable", spec: { name: "host", allowMultiple: true } }, { kind: "Odd" }],
    panels: { a: { spec: { display: { name: "A" }, plugin: { kind: "StatChart" } } }, b: null },
    layouts: [
      {
        kind: "Grid",
        spec: { display: { title: "of $host" }, repeatVariable: "host", items: [item("a", 0, 0, 6, 4)] },
      },
      {
        kind: "Grid",
        spec: { items: [item("a", 0, 7, 12, 4, { repeatVariable: { value: "host", maxPer: 2 } }), { x: 1 }] },
      },
      { kind: "Tabs", spec: { tabs: [{ name: "One", items: [item("b", 0, 0, 99, 4)] }], defaultTab: 0 } },
    ],
  },
});

Deno.test("readDashboard takes what is there and gives the rest a default", () => {
  deepEqual([dashboard.title, dashboard.duration, dashboard.variables.length], ["d", "1h", 1]);
  deepEqual([...dashboard.panels.values()].map(({ key, title, plugin }) => [key, title, plugin.kind]), [
    ["a", "A", "StatChart"],
    ["b", "", ""],
  ]);
  equal(dashboard.layouts[2]?.kind === "tabs" && dashboard.layouts[2].tabs[0]?.items[0]?.width, 24);
  deepEqual(readDashboard(null).layouts, []);
});

Deno.test("groups and panels are repeated for each value of their variable", () => {
  const values = { host: ["x", "y", "z"] };
  const [byGroup, byPanel] = dashboard.layouts;
  if (byGroup?.kind !== "grid" || byPanel?.kind !== "grid") throw new Error("grids expected");
  deepEqual(placeGroup("0", byGroup.group, values).map(({ title, placed }) => [title, placed[0]?.fixed]), [
    ["of x", { host: "x" }],
    ["of y", { host: "y" }],
    ["of z", { host: "z" }],
  ]);
  deepEqual(
    placeGroup("1", byPanel.group, values)[0]?.placed.map(({ x, y, width, fixed }) => [x, y, width, fixed["host"]]),
    [[0, 0, 12, "x"], [12, 0, 12, "y"], [0, 4, 12, "z"]],
  );
  const once = withoutRepeats(dashboard).layouts[1];
  equal(once?.kind === "grid" && placeGroup("1", once.group, values)[0]?.placed.length, 1);
});

Deno.test("compacted moves panels up as far as others let them", () => {
  const place = (id: string, x: number, y: number, width: number, height: number) => ({
    ...{ id, x, y, width, height, panelKey: id, repeat: null, fixed: {} },
  });
  const placed = compacted([place("a", 0, 5, 12, 4), place("b", 12, 5, 12, 8), place("c", 0, 30, 24, 2)]);
  deepEqual(placed.map(({ id, y }) => [id, y]), [["a", 0], ["b", 0], ["c", 8]]);
});

Deno.test("filledText fills in variables and leaves the rest alone", () => {
  const values = { host: ["a", "b"], one: "1" };
  equal(
    filledText("$one ${one} ${host} ${host:pipe} $other $1 ${host:json}", values),
    '1 1 a, b a|b $other $1 ["a","b"]',
  );
});
