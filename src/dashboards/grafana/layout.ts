/**
 * Where panels stand. Perses has no panel outside of a group: what stands before Grafana's first row becomes a group of its
 * own, each row becomes one with its panels. Keys are the place in Grafana's list, of the row and inside of it.
 */
import type { JsonObject, JsonValue } from "../types.ts";
import { compact, flagAt, listAt, numberAt, textAt } from "./read.ts";

export interface PlacedPanel {
  readonly key: string;
  readonly panel: JsonValue;
}

export interface Arrangement {
  readonly panels: readonly PlacedPanel[];
  readonly layouts: readonly JsonObject[];
}

/** Columns of both grids. The oldest model had rows of 12. */
const gridColumns = 24;
const oldColumns = 12;
/** Pixels of one unit of height, with the space between panels: what Grafana's own upgrade counts with. */
const unitPixels = 38;
const oldHeightPixels = 250;

export function arrange(dashboard: JsonValue): Arrangement {
  const rows = listAt(dashboard, "rows");
  return rows.length > 0 ? arrangeRows(rows) : arrangePanels(listAt(dashboard, "panels"));
}

function arrangePanels(list: readonly JsonValue[]): Arrangement {
  const panels: PlacedPanel[] = [];
  const layouts: JsonObject[] = [];
  const place = (key: string, panel: JsonValue): JsonObject => {
    panels.push({ key, panel });
    return gridItem(key, panel);
  };
  const first = list.findIndex((panel) => textAt(panel, "type") === "row");
  const orphans = first === -1 ? list : list.slice(0, first);
  if (orphans.length > 0) {
    const items = orphans.map((panel, index) => place(String(index), panel));
    layouts.push({ kind: "Grid", spec: { display: { title: "Panel Group 1" }, items } });
  }
  for (let index = orphans.length; index < list.length;) {
    const row = list[index]!;
    let end = index + 1;
    while (end < list.length && textAt(list[end], "type") !== "row") end++;
    // A closed row has its panels inside, an open one before the next row.
    const inside = [...listAt(row, "panels"), ...list.slice(index + 1, end)];
    const items = inside.map((panel, panelIndex) => place(`${index}_${panelIndex}`, panel));
    layouts.push(group(textAt(row, "title"), flagAt(row, "collapsed") !== true, textAt(row, "repeat"), items));
    index = end;
  }
  return { panels, layouts };
}

function group(
  title: string | undefined,
  open: boolean,
  repeatVariable: string | undefined,
  items: readonly JsonObject[],
): JsonObject {
  return {
    kind: "Grid",
    spec: compact({ display: { title: title ?? "", collapse: { open } }, repeatVariable, items }),
  };
}

function gridItem(key: string, panel: JsonValue): JsonObject {
  const position = (name: string) => Math.round(numberAt(panel, "gridPos", name) ?? 0);
  return compact({
    x: Math.min(Math.max(0, position("x")), gridColumns - 1),
    y: Math.max(0, position("y")),
    width: Math.min(position("w") || oldColumns, gridColumns),
    height: position("h") || 8,
    content: reference(key),
    repeatVariable: repeatOf(panel),
  });
}

function reference(key: string): JsonObject {
  return { $ref: `#/spec/panels/${key}` };
}

function repeatOf(panel: JsonValue): JsonObject | undefined {
  const value = textAt(panel, "repeat");
  if (value === undefined) return undefined;
  const isVertical = textAt(panel, "repeatDirection") === "v";
  return compact({
    value,
    maxPer: isVertical ? undefined : numberAt(panel, "maxPerRow"),
    alignment: isVertical ? "vertical" : "horizontal",
  });
}

/** The model before `gridPos`: panels flow from the left, each with a span of twelve columns. */
function arrangeRows(rows: readonly JsonValue[]): Arrangement {
  const panels: PlacedPanel[] = [];
  const layouts = rows.map((row, rowIndex) => {
    let x = 0;
    let y = 0;
    let lineHeight = 0;
    const items = listAt(row, "panels").map((panel, panelIndex) => {
      const key = `${rowIndex}_${panelIndex}`;
      panels.push({ key, panel });
      const width = Math.min(gridColumns, Math.max(1, Math.round((numberAt(panel, "span") ?? oldColumns / 2) * 2)));
      const height = heightUnits(panel, row);
      if (x + width > gridColumns) {
        x = 0;
        y += lineHeight;
        lineHeight = 0;
      }
      const item = compact({ x, y, width, height, content: reference(key), repeatVariable: repeatOf(panel) });
      x += width;
      lineHeight = Math.max(lineHeight, height);
      return item;
    });
    return group(textAt(row, "title"), flagAt(row, "collapse") !== true, textAt(row, "repeat"), items);
  });
  return { panels, layouts };
}

/** A panel's or its row's height: a number of pixels, or "250px". */
function heightUnits(panel: JsonValue, row: JsonValue): number {
  const pixels = [panel, row].map((one) => numberAt(one, "height") ?? Number.parseFloat(textAt(one, "height") ?? ""))
    .find((height) => Number.isFinite(height) && height > 0);
  return Math.max(1, Math.ceil((pixels ?? oldHeightPixels) / unitPixels));
}
