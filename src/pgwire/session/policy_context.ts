/** What the statement policy must know of a workspace. */
import type { WorkspaceEngine } from "../../engine/workspace_engine.ts";
import { catalogRelations } from "../../sql/catalog/relations/mod.ts";
import type { PolicyContext } from "../../sql/policy/mod.ts";

/** Names of pg_catalog, which mean the emulated relation also without their schema. */
export const emulatedRelations: ReadonlySet<string> = new Set(
  catalogRelations.filter((relation) => relation.schema === "pg_catalog").map((relation) => relation.name),
);

/** `searchPath` as DuckDB has it: own schemas and all buckets, in the order in which names are looked up. */
export function policyContext(engine: WorkspaceEngine, searchPath: readonly string[]): PolicyContext {
  const tables = engine.projectTables;
  return {
    database: engine.spec.database,
    projectSchemas: tables.schemas,
    searchPath,
    emulatedRelations,
    isProjectTable: (schema, name) => schema === null ? tables.hasName(name) : tables.has(schema, name),
  };
}
