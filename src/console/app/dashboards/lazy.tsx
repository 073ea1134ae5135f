/** Pages of dashboards for the console's frame: loaded when they are opened. And what the preferences say about its beginning. */
/// <reference lib="dom" />
import type { ComponentType } from "preact";
import { useEffect } from "preact/hooks";
import { href, type Place } from "../router.ts";
import type { Session } from "../session.ts";
import { isThemeChosen, showTheme } from "../shell.tsx";
import { useLoaded, Waiting } from "../ui/loading.tsx";
import { loadPreferences } from "./preferences.ts";

interface PageProperties {
  readonly place: Place;
  readonly session: Session;
}

export function LazyDashboards(properties: PageProperties) {
  return <Lazy load={async () => (await import("./area.tsx")).DashboardsArea} properties={properties} />;
}

export function LazyPreferences() {
  return <Lazy load={async () => (await import("./preferences_page.tsx")).PreferencesPage} properties={{}} />;
}

interface LazyProperties<Properties> {
  readonly load: () => Promise<ComponentType<Properties>>;
  readonly properties: Properties;
}

function Lazy<Properties extends object>({ load, properties }: LazyProperties<Properties>) {
  const loaded = useLoaded(async () => ({ Page: await load() }), []);
  return <Waiting of={loaded}>{({ Page }) => <Page {...properties} />}</Waiting>;
}

/** After signing in: the theme of the preferences, and from the console's bare address on to the default dashboard. */
export function useStart(user: string | null): void {
  useEffect(() => {
    if (user === null) return;
    loadPreferences().then(({ theme, default_dashboard: start }) => {
      if (theme !== "system" && !isThemeChosen()) showTheme(theme);
      if (/^#?\/?$/.test(location.hash) && start?.exists === true) {
        location.hash = href({}, "dashboards", start.project, start.name);
      }
    }, () => {
      // Without preferences the console begins as it does for everybody.
    });
  }, [user]);
}
