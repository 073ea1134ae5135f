/**
 * The page of a share link: one dashboard, without signing in. The page's own address is the link; asking it for JSON opens the dashboard, and
 * that is done once. No key is sent, and nothing is kept in the browser: in another site's frame it may not have any storage.
 */
/// <reference lib="dom" />
import { render } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import { problemOf } from "./api.ts";
import { readAddress, writeAddress } from "./dashboards/address.ts";
import { DashboardView } from "./dashboards/dashboard_view.tsx";
import type { DashboardSource, PanelData } from "./dashboards/data.ts";
import { readDashboard, type Values, withoutRepeats } from "./dashboards/model.ts";
import type { ShownVariable } from "./dashboards/variables_bar.tsx";
import { asError } from "./ui/loading.tsx";

interface Opened {
  readonly dashboard: unknown;
  readonly variables: Values;
  readonly expires_at: string | null;
  /** Must come with each query when openings are counted. */
  readonly view: string | null;
}

/** The path of the page: `/share/<token>`. */
const link = location.pathname.replace(/\/$/, "");

async function ask<Answer>(path: string, init: RequestInit): Promise<Answer> {
  const response = await fetch(path, { ...init, credentials: "omit", cache: "no-store" });
  if (!response.ok) throw await problemOf(response);
  return await response.json() as Answer;
}

function sharedSource(view: string | null): DashboardSource {
  return {
    query: ({ panel, query, fromMs, toMs, intervalMs, signal }) =>
      ask<PanelData>(`${link}/query`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({
          panel,
          query,
          from: new Date(fromMs).toISOString(),
          to: new Date(toMs).toISOString(),
          step_seconds: intervalMs / 1000,
          ...(view === null ? {} : { view }),
        }),
        signal,
      }),
  };
}

function SharePage() {
  const [opened, setOpened] = useState<Opened | null>(null);
  const [error, setError] = useState<Error | null>(null);
  useEffect(() => {
    ask<Opened>(link, { headers: { accept: "application/json" } })
      .then(setOpened, (reason: unknown) => setError(asError(reason)));
  }, []);
  if (error !== null) return <p class="share-closed" role="alert">{sentence(error)}</p>;
  if (opened === null) return <p class="share-closed weak" role="status">Loading …</p>;
  return <SharedDashboard opened={opened} />;
}

function SharedDashboard({ opened }: { opened: Opened }) {
  const dashboard = useMemo(() => withoutRepeats(readDashboard(opened.dashboard)), [opened]);
  const source = useMemo(() => sharedSource(opened.view), [opened]);
  const [address, setAddress] = useState(() => readAddress(new URLSearchParams(location.hash.slice(1))));
  useEffect(() => {
    document.title = dashboard.title;
  }, [dashboard.title]);
  useEffect(() => {
    const onChange = () => setAddress(readAddress(new URLSearchParams(location.hash.slice(1))));
    addEventListener("hashchange", onChange);
    return () => removeEventListener("hashchange", onChange);
  }, []);
  const variables = useMemo(() =>
    dashboard.variables.map(({ name, title, isHidden }): ShownVariable => ({
      name,
      title,
      kind: "TextVariable",
      options: null,
      value: opened.variables[name] ?? null,
      query_value: opened.variables[name] ?? null,
      error: null,
      allow_all: false,
      allow_multiple: false,
      hidden: isHidden,
      isFixed: true,
    })), [dashboard, opened]);
  return (
    <main>
      <header class="board-header">
        <div>
          <h1>{dashboard.title}</h1>
          {dashboard.description !== "" && <p class="weak">{dashboard.description}</p>}
        </div>
        <p class="weak">
          {opened.expires_at !== null && `This link ends on ${new Date(opened.expires_at).toLocaleString()}`}
        </p>
      </header>
      <DashboardView
        dashboard={dashboard}
        source={source}
        address={address}
        onAddress={(next) => {
          location.hash = writeAddress({ ...next, values: {} }).toString();
        }}
        variables={variables}
        preferredTimeZone={null}
      />
    </main>
  );
}

function sentence(error: Error): string {
  const message = error.message.replace(/^share link: /, "");
  return error.message.startsWith("share link: it does not open")
    ? "This link does not open anything, or not any more, or not from here."
    : message;
}

const wantsDark = matchMedia("(prefers-color-scheme: dark)");
const followSystem = () => document.documentElement.dataset["theme"] = wantsDark.matches ? "dark" : "light";
followSystem();
wantsDark.addEventListener("change", followSystem);
const container = document.getElementById("app");
if (container !== null) render(<SharePage />, container);
