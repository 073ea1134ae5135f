/** How the console looks and begins for the key that is signed in. */
/// <reference lib="dom" />
import { useState } from "preact/hooks";
import { showTheme } from "../shell.tsx";
import { asError, ProblemNote, useLoaded, Waiting } from "../ui/loading.tsx";
import { changePreferences, loadPreferences, type Preferences } from "./preferences.ts";
import { isTimeZone } from "./time_range.ts";

export function PreferencesPage() {
  const preferences = useLoaded((signal) => loadPreferences(signal), []);
  return (
    <>
      <h1>Preferences</h1>
      <Waiting of={preferences}>{(loaded) => <PreferencesForm preferences={loaded} />}</Waiting>
    </>
  );
}

const none = "";

function PreferencesForm({ preferences }: { preferences: Preferences }) {
  const [theme, setTheme] = useState(preferences.theme);
  const [timeZone, setTimeZone] = useState(preferences.time_zone ?? "");
  const preset = preferences.default_dashboard;
  const [start, setStart] = useState(preset === null ? none : `${preset.project}/${preset.name}`);
  const [error, setError] = useState<Error | null>(null);
  const [isSaved, setSaved] = useState(false);
  const known = [...preferences.favourites, ...preferences.recently_viewed].filter(({ exists }) => exists);
  const choices = [
    ...new Set([...(preset === null ? [] : [preset]), ...known].map(({ project, name }) => `${project}/${name}`)),
  ];
  const submit = async (event: Event) => {
    event.preventDefault();
    setSaved(false);
    setError(null);
    const zone = timeZone.trim();
    if (zone !== "" && !isTimeZone(zone)) return setError(new Error(`${zone}: no time zone that is known here`));
    const [project = "", name = ""] = start.split("/");
    try {
      await changePreferences({
        theme,
        time_zone: zone === "" ? null : zone,
        default_dashboard: start === none ? null : { project, name },
      });
      showTheme(theme);
      setSaved(true);
    } catch (reason) {
      setError(asError(reason));
    }
  };
  return (
    <form class="card form-grid" onSubmit={submit}>
      <label class="field">
        Theme
        <select
          name="theme"
          value={theme}
          onChange={(event) => setTheme(event.currentTarget.value as Preferences["theme"])}
        >
          <option value="system">the system's</option>
          <option value="light">light</option>
          <option value="dark">dark</option>
        </select>
      </label>
      <label class="field">
        Time zone of dashboards
        <input
          name="time_zone"
          placeholder={Intl.DateTimeFormat().resolvedOptions().timeZone}
          value={timeZone}
          onInput={(event) => setTimeZone(event.currentTarget.value)}
        />
      </label>
      <label class="field">
        Begin with
        <select name="default_dashboard" value={start} onChange={(event) => setStart(event.currentTarget.value)}>
          <option value={none}>the projects</option>
          {choices.map((choice) => <option key={choice} value={choice}>{choice}</option>)}
        </select>
        <span class="weak">Favourites and dashboards that you have looked at can be chosen.</span>
      </label>
      {error !== null && <ProblemNote error={error} />}
      {isSaved && <p class="notice" role="status">Saved.</p>}
      <button type="submit" class="primary">Save</button>
    </form>
  );
}
