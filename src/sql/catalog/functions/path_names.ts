/** Schemas as a search path names them. */
import { temporarySchema } from "../relations/objects.ts";

/** The schemas that a setting names, in its order: a name in quotes as it is, others in lower case, DuckDB's main as public. */
export function namesOnPath(path: string, user: string): string[] {
  return (path.match(/"(?:[^"]|"")*"|[^",\s]+/g) ?? []).map((entry) => {
    const name = entry.startsWith('"') ? entry.slice(1, -1).replaceAll('""', '"') : entry.toLowerCase();
    return name === "$user" ? user : shownSchema(name);
  });
}

/** Where a bare name is looked for: the temporary schema, pg_catalog unless the path names it, the path. */
export function namesSearched(path: string, user: string): string[] {
  const named = namesOnPath(path, user);
  return [temporarySchema, ...(named.includes("pg_catalog") ? [] : ["pg_catalog"]), ...named];
}

/** A schema as it is shown, of the name that somebody wrote. */
export function shownSchema(name: string): string {
  return name === "main" ? "public" : name === "pg_temp" ? temporarySchema : name;
}
