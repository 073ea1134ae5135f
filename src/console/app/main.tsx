/** The web console: signs in, then shows the page that the address names. Pages that bring large libraries are loaded when they are opened. */
/// <reference lib="dom" />
import { render } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Problem, storedKey, storeKey } from "./api.ts";
import { LazyDashboards, LazyPreferences, useStart } from "./dashboards/lazy.tsx";
import { ProjectsPage } from "./pages/projects.tsx";
import { type Place, usePlace } from "./router.ts";
import { type Session, sessionOf } from "./session.ts";
import { type Area, presentTheme, Shell } from "./shell.tsx";
import { SignIn, whoIs } from "./sign_in.tsx";
import { asError, ProblemNote } from "./ui/loading.tsx";

const areas: readonly Area[] = [
  { name: "projects", label: "Projects" },
  { name: "dashboards", label: "Dashboards" },
  { name: "preferences", label: "Preferences" },
];

function Console() {
  const place = usePlace();
  const [session, setSession] = useState<Session | null>(null);
  const [error, setError] = useState<Error | null>(null);
  const [isKnown, setKnown] = useState(storedKey() === null);
  useEffect(() => {
    if (isKnown) return;
    whoIs().then((user) => setSession(sessionOf(user)), (reason: unknown) => {
      // The key was deleted meanwhile; anything else may pass.
      if (reason instanceof Problem && reason.status === 401) storeKey(null);
      else setError(asError(reason));
    }).finally(() => setKnown(true));
  }, [isKnown]);
  useStart(session?.user ?? null);
  if (!isKnown) return <p class="page weak" role="status">Loading …</p>;
  if (error !== null) return <ProblemNote error={error} retry={() => location.reload()} />;
  if (session === null) return <SignIn onSignedIn={(user) => setSession(sessionOf(user))} />;
  const signOut = () => {
    storeKey(null);
    setSession(null);
  };
  return (
    <Shell areas={areas} place={place} session={session} onSignOut={signOut}>
      <CurrentPage place={place} session={session} />
    </Shell>
  );
}

function CurrentPage({ place, session }: { place: Place; session: Session }) {
  switch (place.path[0] ?? "projects") {
    case "projects":
      return <ProjectsPage session={session} />;
    case "dashboards":
      return <LazyDashboards place={place} session={session} />;
    case "preferences":
      return <LazyPreferences />;
    default:
      return <p>There is no page {place.path.join("/")} in this console.</p>;
  }
}

document.documentElement.dataset["theme"] = presentTheme();
const container = document.getElementById("app");
if (container !== null) render(<Console />, container);
