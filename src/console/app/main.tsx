/** The web console: signs in, then shows the page that the address names. Pages that bring large libraries are loaded when they are opened. */
/// <reference lib="dom" />
import { render } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Problem, storedKey, storeKey } from "./api.ts";
import { LazyDashboards, LazyPreferences, useStart } from "./dashboards/lazy.tsx";
import { ProjectArea } from "./pages/project.tsx";
import { ProjectsPage } from "./pages/projects.tsx";
import { ServerPage } from "./pages/server.tsx";
import { LazySql } from "./pages/sql/lazy.tsx";
import { type Place, usePlace } from "./router.ts";
import { openSession, type Session } from "./session.ts";
import { type Area, presentTheme, Shell } from "./shell.tsx";
import { SignIn, whoIs } from "./sign_in.tsx";
import { asError, ProblemNote } from "./ui/loading.tsx";

const areas: readonly Area[] = [
  { name: "projects", label: "Projects" },
  { name: "sql", label: "SQL" },
  { name: "dashboards", label: "Dashboards" },
  { name: "server", label: "Server", isForAdministrator: true },
  { name: "preferences", label: "Preferences" },
];

function Console() {
  const place = usePlace();
  const [session, setSession] = useState<Session | null>(null);
  const [error, setError] = useState<Error | null>(null);
  const [isKnown, setKnown] = useState(storedKey() === null);
  useEffect(() => {
    if (isKnown) return;
    whoIs().then(openSession).then(setSession, (reason: unknown) => {
      // The key was deleted meanwhile; anything else may pass.
      if (reason instanceof Problem && reason.status === 401) storeKey(null);
      else setError(asError(reason));
    }).finally(() => setKnown(true));
  }, [isKnown]);
  useStart(session?.user ?? null);
  if (!isKnown) return <p class="page weak" role="status">Loading …</p>;
  if (error !== null) return <ProblemNote error={error} retry={() => location.reload()} />;
  if (session === null) return <SignIn onSignedIn={setSession} />;
  const signOut = () => {
    storeKey(null);
    setSession(null);
  };
  return (
    <Shell
      areas={areas.filter(({ isForAdministrator }) => isForAdministrator !== true || session.projectId === null)}
      place={place}
      session={session}
      onSignOut={signOut}
    >
      <CurrentPage place={place} session={session} />
    </Shell>
  );
}

function CurrentPage({ place, session }: { place: Place; session: Session }) {
  switch (place.path[0] ?? "projects") {
    case "projects":
      if (place.path[1] !== undefined) return <ProjectArea place={place} session={session} />;
      return <ProjectsPage session={session} />;
    case "dashboards":
      return <LazyDashboards place={place} session={session} />;
    case "preferences":
      return <LazyPreferences />;
    case "sql":
      return <LazySql place={place} session={session} />;
    case "server":
      return <ServerPage place={place} />;
    default:
      return <p>There is no page {place.path.join("/")} in this console.</p>;
  }
}

document.documentElement.dataset["theme"] = presentTheme();
const container = document.getElementById("app");
if (container !== null) render(<Console />, container);
