/** Addresses that stand in dashboards. They are anybody's text: only those that open a page are links. */
import { filledText, type Values } from "./model.ts";

/** The address with variables filled in, or null for one that is no page: `javascript:`, `data:`, nonsense. */
export function pageUrl(url: string, values: Values, base: string): string | null {
  const encoded = Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      typeof value === "string" ? encodeURIComponent(value) : value.map(encodeURIComponent),
    ]),
  );
  try {
    const filled = new URL(filledText(url.trim(), encoded), base);
    return ["http:", "https:", "mailto:"].includes(filled.protocol) ? filled.href : null;
  } catch {
    return null;
  }
}
