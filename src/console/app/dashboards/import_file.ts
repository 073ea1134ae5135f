/** What somebody brings to import: a Perses dashboard, a Grafana one, or a file of a whole project; as JSON or YAML. */
import { asError } from "../ui/loading.tsx";
import { type Fields, fields, text } from "./model.ts";

export type Imported =
  | { readonly kind: "dashboard"; readonly document: Fields; readonly name: string }
  | { readonly kind: "grafana"; readonly document: Fields }
  | { readonly kind: "file"; readonly file: unknown; readonly count: number };

/** Throws in words for people when it is nothing of that. */
export async function readImport(source: string): Promise<Imported> {
  const value = await parse(source);
  if (Array.isArray(value)) return { kind: "file", file: value, count: value.length };
  const document = fields(value);
  if (Array.isArray(document["documents"])) {
    return { kind: "file", file: document, count: document["documents"].length };
  }
  if (text(document["kind"]).toLowerCase() === "dashboard") {
    return { kind: "dashboard", document, name: text(fields(document["metadata"])["name"]) };
  }
  const isGrafana = (one: Fields) =>
    Array.isArray(one["panels"]) || Array.isArray(one["rows"]) || "schemaVersion" in one;
  if (isGrafana(document) || isGrafana(fields(document["dashboard"]))) return { kind: "grafana", document };
  throw new Error(
    "This is no dashboard of Perses (kind: Dashboard), none of Grafana (panels), and no exported file (documents).",
  );
}

async function parse(source: string): Promise<unknown> {
  try {
    return JSON.parse(source);
  } catch (error) {
    if (/^\s*[[{]/.test(source)) throw new Error(`This is no JSON: ${asError(error).message}`);
  }
  const { parse: parseYaml } = await import("yaml");
  try {
    return parseYaml(source);
  } catch (error) {
    throw new Error(`This is neither JSON nor YAML: ${asError(error).message}`);
  }
}

/** A name as the server takes it, from a title. */
export function nameOf(title: string): string {
  const name = title.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").toLowerCase().replace(/[^a-z0-9_-]+/g, "-");
  return name.replace(/^-+|-+$/g, "").slice(0, 75) || "dashboard";
}
