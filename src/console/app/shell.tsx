/** The frame around every page: where one can go, who is signed in, light or dark. */
/// <reference lib="dom" />
import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { href, type Place } from "./router.ts";
import type { Session } from "./session.ts";

export interface Area {
  /** The first part of the path. */
  readonly name: string;
  readonly label: string;
  readonly isForAdministrator?: boolean;
}

interface ShellProperties {
  readonly areas: readonly Area[];
  readonly place: Place;
  readonly session: Session;
  readonly onSignOut: () => void;
  readonly children: ComponentChildren;
}

export function Shell({ areas, place, session, onSignOut, children }: ShellProperties) {
  return (
    <div class="shell">
      <nav class="sidebar" aria-label="Console">
        <a class="brand" href="#/">
          <img src="/console/eider.svg" alt="" /> Eider
        </a>
        {areas.map(({ name, label }) => (
          <a
            key={name}
            class="entry"
            href={href({}, name)}
            {...(place.path[0] === name ? { "aria-current": "page" as const } : {})}
          >
            {label}
          </a>
        ))}
        <div class="foot">
          <span>{session.user}</span>
          <ThemeButton />
          <button type="button" onClick={onSignOut}>Sign out</button>
          <a href="/docs">REST API</a>
        </div>
      </nav>
      <main class="page">{children}</main>
    </div>
  );
}

const themeName = "eider.theme";

/** The theme that was chosen on this computer, else the system's. */
export function presentTheme(): "light" | "dark" {
  const chosen = localStorage.getItem(themeName);
  if (chosen === "light" || chosen === "dark") return chosen;
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

/** Whether somebody has chosen a theme on this computer. */
export function isThemeChosen(): boolean {
  return localStorage.getItem(themeName) !== null;
}

/** Chooses a theme for this computer, from now on; `system` goes back to the system's. */
export function showTheme(theme: "light" | "dark" | "system"): void {
  if (theme === "system") localStorage.removeItem(themeName);
  else localStorage.setItem(themeName, theme);
  document.documentElement.dataset["theme"] = presentTheme();
}

function ThemeButton() {
  const [theme, setTheme] = useState(presentTheme);
  useEffect(() => {
    const observer = new MutationObserver(() => setTheme(presentTheme()));
    observer.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
    return () => observer.disconnect();
  }, []);
  const other = theme === "dark" ? "light" : "dark";
  const change = () => showTheme(other);
  return <button type="button" onClick={change}>{other === "dark" ? "Dark" : "Light"} theme</button>;
}
