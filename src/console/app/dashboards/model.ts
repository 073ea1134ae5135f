/**
 * A Perses dashboard as the console draws it, read leniently from its document: whatever is missing or odd gets a default, since
 * the server has checked the document when it was saved and one strange panel must not hide the others.
 */

export type Fields = Readonly<Record<string, unknown>>;
export type VariableValue = string | readonly string[];
export type Values = Readonly<Record<string, VariableValue>>;

export interface Plugin {
  readonly kind: string;
  readonly spec: Fields;
}

export interface Panel {
  readonly key: string;
  readonly title: string;
  readonly description: string;
  readonly plugin: Plugin;
  /** The plugin of each query; its spec is empty in a shared dashboard. */
  readonly queries: readonly Plugin[];
  readonly links: readonly PanelLink[];
}

export interface PanelLink {
  readonly name: string;
  readonly url: string;
  readonly tooltip: string;
}

/** Where a panel stands in the grid of 24 columns. */
export interface Item {
  readonly panelKey: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** The item stands once for each value of this variable. */
  readonly repeat: Repeat | null;
}

export interface Repeat {
  readonly variable: string;
  readonly isVertical: boolean;
  readonly maxPerLine: number | null;
}

/** A row of panels that may be folded away, or one of several behind tabs. */
export interface Group {
  readonly title: string;
  readonly isCollapsible: boolean;
  readonly isOpen: boolean;
  readonly items: readonly Item[];
  readonly repeatVariable: string | null;
}

export type Layout =
  | { readonly kind: "grid"; readonly group: Group }
  | { readonly kind: "tabs"; readonly title: string; readonly tabs: readonly Group[]; readonly first: number };

export interface Variable {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly isHidden: boolean;
  readonly isConstant: boolean;
  readonly allowsMultiple: boolean;
  readonly allowsAll: boolean;
}

export interface Dashboard {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** As the document says it: `6h`. */
  readonly duration: string;
  readonly refreshInterval: string;
  readonly timeZone: string | null;
  readonly variables: readonly Variable[];
  readonly panels: ReadonlyMap<string, Panel>;
  readonly layouts: readonly Layout[];
  readonly links: readonly PanelLink[];
}

export const gridColumns = 24;

export function readDashboard(document: unknown): Dashboard {
  const metadata = fields(fields(document)["metadata"]);
  const spec = fields(fields(document)["spec"]);
  const display = fields(spec["display"]);
  const name = text(metadata["name"]);
  const timeZone = text(spec["timezone"]);
  return {
    name,
    title: text(display["name"]) || name,
    description: text(display["description"]),
    duration: text(spec["duration"]) || "1h",
    refreshInterval: text(spec["refreshInterval"]) || "0s",
    timeZone: timeZone === "" || timeZone === "local" ? null : timeZone,
    variables: list(spec["variables"]).map(readVariable).filter((variable) => variable.name !== ""),
    panels: new Map(Object.entries(fields(spec["panels"])).map(([key, panel]) => [key, readPanel(key, panel)])),
    layouts: list(spec["layouts"]).map(readLayout),
    links: list(spec["links"]).map(readLink),
  };
}

function readVariable(document: unknown): Variable {
  const { kind, spec: given } = fields(document);
  const spec = fields(given);
  const display = fields(spec["display"]);
  const name = text(spec["name"]);
  return {
    name,
    title: text(display["name"]) || name,
    description: text(display["description"]),
    isHidden: display["hidden"] === true,
    isConstant: kind === "TextVariable" && spec["constant"] === true,
    allowsMultiple: kind === "ListVariable" && spec["allowMultiple"] === true,
    allowsAll: kind === "ListVariable" && spec["allowAllValue"] === true,
  };
}

function readPanel(key: string, document: unknown): Panel {
  const spec = fields(fields(document)["spec"]);
  const display = fields(spec["display"]);
  return {
    key,
    title: text(display["name"]),
    description: text(display["description"]),
    plugin: readPlugin(spec["plugin"]),
    queries: list(spec["queries"]).map((query) => readPlugin(fields(fields(query)["spec"])["plugin"])),
    links: list(spec["links"]).map(readLink),
  };
}

function readPlugin(document: unknown): Plugin {
  const plugin = fields(document);
  return { kind: text(plugin["kind"]), spec: fields(plugin["spec"]) };
}

function readLink(document: unknown): PanelLink {
  const link = fields(document);
  return { name: text(link["name"]) || text(link["url"]), url: text(link["url"]), tooltip: text(link["tooltip"]) };
}

function readLayout(document: unknown): Layout {
  const { kind, spec: given } = fields(document);
  const spec = fields(given);
  const display = fields(spec["display"]);
  if (kind === "Tabs") {
    const tabs = list(spec["tabs"]).map((tab): Group => ({
      title: text(fields(tab)["name"]),
      isCollapsible: false,
      isOpen: true,
      items: list(fields(tab)["items"]).flatMap(readItem),
      repeatVariable: null,
    }));
    return { kind: "tabs", title: text(display["title"]), tabs, first: number(spec["defaultTab"], 0) };
  }
  const isCollapsible = display["collapse"] !== undefined && display["collapse"] !== null;
  return {
    kind: "grid",
    group: {
      title: text(display["title"]),
      isCollapsible,
      isOpen: !isCollapsible || fields(display["collapse"])["open"] !== false,
      items: list(spec["items"]).flatMap(readItem),
      repeatVariable: text(spec["repeatVariable"]) || null,
    },
  };
}

function readItem(document: unknown): Item[] {
  const item = fields(document);
  const panelKey = /^#?\/spec\/panels\/(.+)$/.exec(text(fields(item["content"])["$ref"]))?.[1];
  if (panelKey === undefined) return [];
  const repeat = fields(item["repeatVariable"]);
  const width = Math.min(Math.max(Math.round(number(item["width"], 12)), 1), gridColumns);
  return [{
    panelKey,
    x: Math.min(Math.max(Math.round(number(item["x"], 0)), 0), gridColumns - width),
    y: Math.max(Math.round(number(item["y"], 0)), 0),
    width,
    height: Math.max(Math.round(number(item["height"], 6)), 1),
    repeat: text(repeat["value"]) === "" ? null : {
      variable: text(repeat["value"]),
      isVertical: repeat["alignment"] === "vertical",
      maxPerLine: typeof repeat["maxPer"] === "number" && repeat["maxPer"] >= 1 ? repeat["maxPer"] : null,
    },
  }];
}

/** Each panel once: in a shared dashboard every copy would show the same, as its reader changes no variable. */
export function withoutRepeats(dashboard: Dashboard): Dashboard {
  const once = (group: Group): Group => ({
    ...group,
    repeatVariable: null,
    items: group.items.map((item) => ({ ...item, repeat: null })),
  });
  return {
    ...dashboard,
    layouts: dashboard.layouts.map((layout) =>
      layout.kind === "grid" ? { ...layout, group: once(layout.group) } : { ...layout, tabs: layout.tabs.map(once) }
    ),
  };
}

/** An item as it is drawn: with the values that its repetition fixes. */
export interface PlacedItem extends Item {
  readonly id: string;
  readonly fixed: Values;
}

export interface PlacedGroup extends Group {
  readonly id: string;
  readonly placed: readonly PlacedItem[];
}

/** Panels moved up as far as others let them: as Perses draws them, without empty lines and none over another. */
export function compacted(items: readonly PlacedItem[]): PlacedItem[] {
  const heights = new Array<number>(gridColumns).fill(0);
  return [...items].sort((a, b) => a.y - b.y || a.x - b.x).map((item) => {
    const columns = heights.slice(item.x, item.x + item.width);
    const y = Math.max(0, ...columns);
    heights.fill(y + item.height, item.x, item.x + item.width);
    return { ...item, y };
  });
}

/** More copies of a panel than this are not drawn. */
const copiesMax = 50;

/** A group once for each value of its variable, and in it each panel once for each value of its own. */
export function placeGroup(id: string, group: Group, values: Values): PlacedGroup[] {
  const variable = group.repeatVariable;
  const repeated = variable === null ? null : chosenValues(values[variable]);
  if (variable === null || repeated === null) {
    return [{ ...group, id, placed: compacted(placeItems(group.items, values, {})) }];
  }
  return repeated.map((value) => ({
    ...group,
    id: `${id}/${value}`,
    title: filledText(group.title, { ...values, [variable]: value }),
    placed: compacted(placeItems(group.items, values, { [variable]: value })),
  }));
}

function placeItems(items: readonly Item[], values: Values, fixed: Values): PlacedItem[] {
  const placed: PlacedItem[] = [];
  let shift = 0;
  for (const [index, item] of [...items].sort((a, b) => a.y - b.y || a.x - b.x).entries()) {
    const repeated = item.repeat === null ? null : chosenValues({ ...values, ...fixed }[item.repeat.variable]);
    if (item.repeat === null || repeated === null) {
      placed.push({ ...item, y: item.y + shift, id: `${index}`, fixed });
      continue;
    }
    const { variable, isVertical, maxPerLine } = item.repeat;
    const perLine = isVertical ? 1 : Math.max(1, Math.min(maxPerLine ?? 4, repeated.length, gridColumns));
    const width = isVertical ? item.width : Math.floor(gridColumns / perLine);
    for (const [copy, value] of repeated.entries()) {
      placed.push({
        ...item,
        id: `${index}/${value}`,
        fixed: { ...fixed, [variable]: value },
        width,
        x: isVertical ? item.x : (copy % perLine) * width,
        y: item.y + shift + Math.floor(copy / perLine) * item.height,
      });
    }
    shift += (Math.ceil(repeated.length / perLine) - 1) * item.height;
  }
  return placed;
}

/** Null when there is nothing to repeat for. */
function chosenValues(value: VariableValue | undefined): readonly string[] | null {
  if (value === undefined) return null;
  const values = (typeof value === "string" ? [value] : value).slice(0, copiesMax);
  return values.length === 0 ? null : values;
}

/** `$name`, `${name}` and `${name:format}` in titles and texts; what is no variable stays. */
export function filledText(source: string, values: Values): string {
  return source.replace(
    /\$\{(\w+)(?::(\w+))?\}|\$(\w+)/g,
    (whole, braced?: string, format?: string, plain?: string) => {
      const name = braced ?? plain ?? "";
      if (!Object.hasOwn(values, name)) return whole;
      const value = values[name] ?? "";
      if (typeof value === "string") return value === "$__all" ? "all" : value;
      switch (format) {
        case "pipe":
          return value.join("|");
        case "json":
          return JSON.stringify(value);
        case "raw":
        case "csv":
          return value.join(",");
        default:
          return value.join(", ");
      }
    },
  );
}

export function fields(value: unknown): Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value as Fields : {};
}

export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

export function number(value: unknown, preset: number): number {
  return typeof value === "number" && Number.isFinite(value) ? value : preset;
}

/** A number, or undefined where the document has none. */
export function optionalNumber(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}
