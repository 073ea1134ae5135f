/** A dashboard to look at: time, variables, groups of panels. Used by the console and by the page of a share link. */
/// <reference lib="dom" />
import { useEffect, useMemo, useState } from "preact/hooks";
import type { ViewAddress } from "./address.ts";
import { type DashboardSource, Slots } from "./data.ts";
import {
  type Dashboard,
  filledText,
  type Layout,
  type PlacedGroup,
  placeGroup,
  type Values,
  type VariableValue,
} from "./model.ts";
import { PanelFrame } from "./panel_frame.tsx";
import { TimeControls } from "./time_controls.tsx";
import { absoluteRange, durationMs, isTimeZone, relativeRange, resolveRange } from "./time_range.ts";
import { type ShownVariable, VariablesBar } from "./variables_bar.tsx";
import type { ViewContext } from "./view_context.ts";

interface DashboardProperties {
  readonly dashboard: Dashboard;
  readonly source: DashboardSource;
  readonly address: ViewAddress;
  readonly onAddress: (address: ViewAddress) => void;
  /** Null while the first ones are on their way: panels wait for them. */
  readonly variables: readonly ShownVariable[] | null;
  /** Of the reader's preferences; the dashboard's own and the address come first. */
  readonly preferredTimeZone: string | null;
}

/** The server runs them one after another where they meet in a workspace; more would only wait there. */
const queriesAtOnce = 4;
const refreshMsMin = 5_000;

export function DashboardView(properties: DashboardProperties) {
  const { dashboard, source, address, onAddress, variables, preferredTimeZone } = properties;
  const [nowMs, setNowMs] = useState(Date.now);
  const slots = useMemo(() => new Slots(queriesAtOnce), [source]);
  const preset = useMemo(() => relativeRange(dashboard.duration), [dashboard.duration]);
  const range = address.range ?? preset;
  const resolved = useMemo(() => resolveRange(range, preset, nowMs), [range.from, range.to, preset, nowMs]);
  const refresh = address.refresh ?? dashboard.refreshInterval;
  const wantedZone = address.timeZone ?? dashboard.timeZone ?? preferredTimeZone;
  const timeZone = wantedZone !== null && isTimeZone(wantedZone) ? wantedZone : undefined;
  const isMoving = range.from.includes("now") || range.to.includes("now");

  useEffect(() => {
    const everyMs = durationMs(refresh) ?? 0;
    if (everyMs === 0 || !isMoving) return;
    const timer = setInterval(() => {
      if (document.visibilityState === "visible") setNowMs(Date.now());
    }, Math.max(everyMs, refreshMsMin));
    return () => clearInterval(timer);
  }, [refresh, isMoving]);

  const valuesKey = JSON.stringify(
    variables?.map(({ name, value, query_value }) => [name, value, query_value]) ?? null,
  );
  const context = useMemo((): ViewContext => ({
    source,
    slots,
    range: resolved,
    timeZone,
    queryValues: valuesBy(variables ?? [], "query_value"),
    shownValues: valuesBy(variables ?? [], "value"),
    onZoom: ({ fromMs, toMs }) => onAddress({ ...address, range: absoluteRange(fromMs, toMs) }),
  }), [source, slots, resolved, timeZone, valuesKey, address]);
  const changeVariable = (name: string, value: VariableValue) => {
    const { [name]: _before, ...others } = address.values;
    const isNone = typeof value !== "string" && value.length === 0;
    onAddress({ ...address, values: isNone ? others : { ...others, [name]: value } });
  };
  const enlarge = (panel: string) => onAddress({ ...address, panel: address.panel === null ? panel : null });
  const large = address.panel === null ? undefined : dashboard.panels.get(address.panel);
  return (
    <div class="board">
      <div class="board-controls">
        <VariablesBar variables={variables ?? []} onChange={changeVariable} />
        <TimeControls
          key={timeZone ?? ""}
          range={range}
          resolved={resolved}
          refresh={refresh}
          timeZone={timeZone}
          onRange={(next) => {
            setNowMs(Date.now());
            onAddress({ ...address, range: next });
          }}
          onRefresh={(next) => onAddress({ ...address, refresh: next })}
          onTimeZone={(next) => onAddress({ ...address, timeZone: next === "" ? null : next })}
          onReload={() => setNowMs(Date.now())}
        />
      </div>
      {variables === null ? <p class="weak" role="status">Loading …</p> : large !== undefined
        ? (
          <div class="board-large">
            <PanelFrame panel={large} fixed={{}} context={context} isLarge onEnlarge={() => enlarge(large.key)} />
          </div>
        )
        : dashboard.layouts.map((layout, index) => (
          <LayoutView
            key={index}
            id={String(index)}
            layout={layout}
            dashboard={dashboard}
            context={context}
            enlarge={enlarge}
          />
        ))}
      {dashboard.layouts.length === 0 && <p class="weak">This dashboard places no panels yet.</p>}
    </div>
  );
}

interface LayoutProperties {
  readonly id: string;
  readonly layout: Layout;
  readonly dashboard: Dashboard;
  readonly context: ViewContext;
  readonly enlarge: (panel: string) => void;
}

function LayoutView({ id, layout, ...shared }: LayoutProperties) {
  const { shownValues, queryValues } = shared.context;
  const [tab, setTab] = useState(layout.kind === "tabs" ? layout.first : 0);
  // A repetition for "all" is one for every value.
  const values = useMemo(() => ({ ...shownValues, ...listsOf(queryValues) }), [shownValues, queryValues]);
  if (layout.kind === "grid") {
    return (
      <>
        {placeGroup(id, layout.group, values).map((group) => <GroupView key={group.id} group={group} {...shared} />)}
      </>
    );
  }
  const present = layout.tabs[tab] ?? layout.tabs[0];
  return (
    <section class="board-tabs">
      {layout.title !== "" && <h2>{filledText(layout.title, shownValues)}</h2>}
      <div role="tablist" class="row">
        {layout.tabs.map(({ title }, index) => (
          <button
            key={index}
            type="button"
            role="tab"
            aria-selected={index === tab}
            onClick={() => setTab(index)}
          >
            {filledText(title, shownValues)}
          </button>
        ))}
      </div>
      {present !== undefined &&
        placeGroup(`${id}-${tab}`, { ...present, title: "" }, values).map((group) => (
          <GroupView key={group.id} group={group} {...shared} />
        ))}
    </section>
  );
}

interface GroupProperties extends Omit<LayoutProperties, "id" | "layout"> {
  readonly group: PlacedGroup;
}

function GroupView({ group, dashboard, context, enlarge }: GroupProperties) {
  const [isOpen, setOpen] = useState(group.isOpen);
  const title = filledText(group.title, context.shownValues);
  return (
    <section class="board-group">
      {(title !== "" || group.isCollapsible) && (
        <h2>
          {group.isCollapsible
            ? (
              <button type="button" class="board-fold" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
                <span aria-hidden="true">{isOpen ? "▾" : "▸"}</span> {title}
              </button>
            )
            : title}
        </h2>
      )}
      {isOpen && (
        <div class="board-grid">
          {group.placed.map(({ id, panelKey, x, y, width, height, fixed }) => {
            const panel = dashboard.panels.get(panelKey);
            return panel !== undefined && (
              <div
                key={id}
                class={`board-item${width <= 8 ? " board-item-narrow" : ""}`}
                style={{
                  gridColumn: `${x + 1} / span ${width}`,
                  gridRow: `${y + 1} / span ${height}`,
                  "--rows": String(height),
                }}
              >
                <PanelFrame
                  panel={panel}
                  fixed={fixed}
                  context={context}
                  isLarge={false}
                  onEnlarge={() => enlarge(panelKey)}
                />
              </div>
            );
          })}
        </div>
      )}
    </section>
  );
}

function valuesBy(variables: readonly ShownVariable[], field: "value" | "query_value"): Values {
  return Object.fromEntries(
    variables.flatMap((variable): [string, VariableValue][] => {
      const value = variable[field];
      return value === null ? [] : [[variable.name, value]];
    }),
  );
}

function listsOf(values: Values): Values {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => typeof value !== "string"));
}
