/** A stored dashboard for somebody signed in: the picture, and what can be done with it. */
/// <reference lib="dom" />
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { href } from "../router.ts";
import { useLoaded, Waiting } from "../ui/loading.tsx";
import { readAddress, type ViewAddress, writeAddress } from "./address.ts";
import { DashboardView } from "./dashboard_view.tsx";
import { pageUrl } from "./links.ts";
import { type Dashboard, readDashboard, type Values } from "./model.ts";
import { isFavourite, loadPreferences, type Preferences, setFavourite } from "./preferences.ts";
import { loadDocument, loadVariables, storedSource } from "./server.ts";
import { ShareDialog } from "./share_dialog.tsx";
import { relativeRange, resolveRange } from "./time_range.ts";
import { allValue, type ShownVariable, valuesOf } from "./variables_bar.tsx";

interface PageProperties {
  readonly project: string;
  readonly name: string;
  readonly query: URLSearchParams;
}

export function DashboardPage({ project, name, query }: PageProperties) {
  const stored = useLoaded((signal) => loadDocument(project, name, signal), [project, name]);
  const preferences = useLoaded((signal) => loadPreferences(signal), []);
  return (
    <Waiting of={stored}>
      {({ document: text }) => (
        <Waiting of={preferences}>
          {(loaded) => <StoredDashboard {...{ project, name, query }} text={text} preferences={loaded} />}
        </Waiting>
      )}
    </Waiting>
  );
}

function StoredDashboard(
  { project, name, query, text, preferences }: PageProperties & {
    readonly text: Readonly<Record<string, unknown>>;
    readonly preferences: Preferences;
  },
) {
  const dashboard = useMemo(() => readDashboard(text), [text]);
  const source = useMemo(() => storedSource(project, name), [project, name]);
  const address = useMemo(() => readAddress(query), [query.toString()]);
  const show = (next: ViewAddress) => {
    const parameters = writeAddress(next).toString();
    location.hash = `${href({}, "dashboards", project, name)}${parameters === "" ? "" : `?${parameters}`}`;
  };
  const variables = useVariables({ project, name, dashboard, document: text, address, show });
  const [isShared, setShared] = useState(false);
  useEffect(() => {
    const before = document.title;
    document.title = `${dashboard.title} · Eider`;
    return () => {
      document.title = before;
    };
  }, [dashboard.title]);
  const values = Object.fromEntries(
    (variables ?? []).flatMap((one) => one.value === null ? [] : [[one.name, one.value]]),
  );
  return (
    <>
      <header class="board-header">
        <div>
          <nav class="weak" aria-label="Place">
            <a href={href({}, "dashboards", project)}>{project}</a> /
          </nav>
          <h1>
            {dashboard.title} <FavouriteButton project={project} name={name} preferences={preferences} />
          </h1>
          {dashboard.description !== "" && <p class="weak">{dashboard.description}</p>}
        </div>
        <div class="row">
          {dashboard.links.map(({ name: label, url, tooltip }, index) => {
            const target = pageUrl(url, values, location.href);
            return target !== null &&
              <a key={index} href={target} target="_blank" rel="noopener noreferrer" title={tooltip}>{label}</a>;
          })}
          <button type="button" onClick={() => setShared(true)}>Share</button>
          <a class="button" href={href({}, "dashboards", project, name, "edit")}>Edit</a>
          <a class="button" href={href({}, "dashboards", project, name, "history")}>History</a>
        </div>
      </header>
      <DashboardView
        dashboard={dashboard}
        source={source}
        address={address}
        onAddress={show}
        variables={variables}
        preferredTimeZone={preferences.time_zone}
      />
      {isShared && (
        <ShareDialog
          project={project}
          name={name}
          variables={variables ?? []}
          onClose={() => setShared(false)}
        />
      )}
    </>
  );
}

interface VariablesProperties {
  readonly project: string;
  readonly name: string;
  readonly dashboard: Dashboard;
  readonly document: Readonly<Record<string, unknown>>;
  readonly address: ViewAddress;
  readonly show: (address: ViewAddress) => void;
}

/**
 * The dashboard's variables in its own order, then those of project and server that it names. A value that its list does not have any more,
 * because another variable was changed here, is let go; one that came with a link stays, and is shown as it is.
 */
function useVariables(
  { project, name, dashboard, document: text, address, show }: VariablesProperties,
): readonly ShownVariable[] | null {
  const preset = relativeRange(dashboard.duration);
  const range = address.range ?? preset;
  const valuesKey = JSON.stringify(address.values);
  const before = useRef(valuesKey);
  const loaded = useLoaded(
    async (signal) => ({
      valuesKey,
      items: await loadVariables(project, name, address.values, resolveRange(range, preset, Date.now()), signal),
    }),
    [project, name, valuesKey, range.from, range.to, text],
  );
  useEffect(() => {
    if (loaded.value?.valuesKey !== valuesKey || before.current === valuesKey) return;
    before.current = valuesKey;
    const kept = keptValues(address.values, loaded.value.items);
    if (JSON.stringify(kept) !== valuesKey) show({ ...address, values: kept });
  }, [loaded.value, valuesKey]);
  const mentioned = useMemo(() => JSON.stringify(text["spec"] ?? null), [text]);
  return useMemo(() => {
    if (loaded.error !== null) {
      // The panels say what they miss.
      return [{
        name: "variables",
        title: "Variables",
        kind: "TextVariable",
        options: null,
        value: null,
        query_value: null,
        error: loaded.error.message,
        allow_all: false,
        allow_multiple: false,
        hidden: false,
        isFixed: true,
      }];
    }
    if (loaded.value === undefined) return null;
    const own = new Map(dashboard.variables.map((variable, index) => [variable.name, { variable, index }]));
    return loaded.value.items
      .filter((one) => own.has(one.name) || new RegExp(`\\$\\{?${one.name}\\b`).test(mentioned))
      .map((one): ShownVariable => ({ ...one, isFixed: own.get(one.name)?.variable.isConstant ?? false }))
      .sort((a, b) => (own.get(a.name)?.index ?? Infinity) - (own.get(b.name)?.index ?? Infinity) || 0);
  }, [loaded.value, loaded.error, dashboard, mentioned]);
}

function keptValues(values: Values, variables: readonly Omit<ShownVariable, "isFixed">[]): Values {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => {
      const variable = variables.find((one) => one.name === name);
      if (variable?.options == null || variable.error !== null) return [[name, value]];
      const known = valuesOf(value).filter((one) =>
        one === allValue || variable.options?.some((option) => option.value === one)
      );
      if (known.length === valuesOf(value).length) return [[name, value]];
      return known.length === 0 ? [] : [[name, known]];
    }),
  );
}

function FavouriteButton({ project, name, preferences }: Omit<PageProperties, "query"> & { preferences: Preferences }) {
  const [isOne, setOne] = useState(isFavourite(preferences, { project, name }));
  const change = () => {
    setOne(!isOne);
    setFavourite({ project, name }, !isOne).catch(() => setOne(isOne));
  };
  return (
    <button
      type="button"
      class="star"
      aria-pressed={isOne}
      title={isOne ? "No favourite any more" : "Favourite"}
      onClick={change}
    >
      {isOne ? "★" : "☆"}
    </button>
  );
}
