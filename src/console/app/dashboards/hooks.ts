/** What components of dashboards watch: their size, whether they are on the screen, the theme's colours. */
/// <reference lib="dom" />
import type { RefObject } from "preact";
import { useEffect, useState } from "preact/hooks";

/** Width and height in pixels, 0 until the element is laid out. */
export function useSize(ref: RefObject<HTMLElement | null>): { readonly width: number; readonly height: number } {
  const [size, setSize] = useState({ width: 0, height: 0 });
  useEffect(() => {
    if (ref.current === null) return;
    const observer = new ResizeObserver(([entry]) => {
      if (entry === undefined) return;
      const { width, height } = entry.contentRect;
      setSize({ width: Math.round(width), height: Math.round(height) });
    });
    observer.observe(ref.current);
    return () => observer.disconnect();
  }, []);
  return size;
}

/** True from the first time that the element comes near the screen. */
export function useSeen(ref: RefObject<HTMLElement | null>): boolean {
  const [isSeen, setSeen] = useState(false);
  useEffect(() => {
    if (isSeen || ref.current === null) return;
    const observer = new IntersectionObserver((entries) => {
      if (entries.some(({ isIntersecting }) => isIntersecting)) setSeen(true);
    }, { rootMargin: "200px" });
    observer.observe(ref.current);
    return () => observer.disconnect();
  }, [isSeen]);
  return isSeen;
}

export interface ThemeColors {
  readonly isDark: boolean;
  readonly text: string;
  readonly weak: string;
  readonly line: string;
  readonly surface: string;
  readonly accent: string;
}

/** The theme's colours as values, for what is drawn on a canvas. */
export function useThemeColors(): ThemeColors {
  const [colors, setColors] = useState(presentColors);
  useEffect(() => {
    const observer = new MutationObserver(() => setColors(presentColors()));
    observer.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
    return () => observer.disconnect();
  }, []);
  return colors;
}

function presentColors(): ThemeColors {
  const style = getComputedStyle(document.documentElement);
  const color = (name: string) => style.getPropertyValue(name).trim();
  return {
    isDark: document.documentElement.dataset["theme"] === "dark",
    text: color("--text"),
    weak: color("--text-weak"),
    line: color("--line"),
    surface: color("--surface"),
    accent: color("--accent"),
  };
}

const lightPalette = [
  ...["#1f77b4", "#e07b00", "#2a9d5c", "#c43c4b", "#7a5cc0", "#8a5a44", "#c959a8", "#5d6b7a", "#a08a00", "#008c99"],
  ...["#4a4fb5", "#b5651d"],
];
const darkPalette = [
  ...["#5aaeea", "#ffa94d", "#57c98a", "#f2777f", "#a98ee8", "#c49a83", "#eb8fce", "#a3b1c0", "#d6c04a", "#45c6d2"],
  ...["#8f94f0", "#e0a06a"],
];

export function palette({ isDark }: Pick<ThemeColors, "isDark">): readonly string[] {
  return isDark ? darkPalette : lightPalette;
}

/** A colour for each name, the same as long as the names are. */
export function colorsOfNames(names: readonly string[], theme: Pick<ThemeColors, "isDark">): Map<string, string> {
  const colors = palette(theme);
  const sorted = [...new Set(names)].sort();
  return new Map(sorted.map((name, index) => [name, colors[index % colors.length]!]));
}
