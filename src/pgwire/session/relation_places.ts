/** Where DuckDB looks for a relation that a statement names. */
import type { WorkspaceEngine } from "../../engine/workspace_engine.ts";
import { temporarySchema } from "../../sql/catalog/relations/objects.ts";
import type { SessionSettings } from "../../sql/settings.ts";
import { emulatedRelations } from "./policy_context.ts";

/** `database.schema` in the order in which DuckDB looks; none for what is emulated. */
export function relationPlaces(
  engine: WorkspaceEngine,
  settings: SessionSettings,
  schema: string | null,
  name: string,
): readonly string[] {
  const { database } = engine.spec;
  // Emulated relations are views over macros: nobody updates them through a result.
  if (schema === "pg_catalog" || schema === "information_schema") return [];
  if (schema === null) return emulatedRelations.has(name) ? [] : ["temp.main", ...settings.searchPathEntries()];
  if (schema === "pg_temp" || schema === temporarySchema) return ["temp.main"];
  if (engine.projectTables.schemas.has(schema)) return [`project.${schema}`];
  return [`${database}.${schema === "public" ? "main" : schema}`];
}
