/** What the statement policy must know of a workspace. */
import type { WorkspaceEngine } from "../../engine/workspace_engine.ts";
import type { PolicyContext } from "../../sql/policy/mod.ts";

/** `searchPath` as DuckDB has it: own schemas and all buckets, in the order in which names are looked up. */
export function policyContext(engine: WorkspaceEngine, searchPath: readonly string[]): PolicyContext {
  const tables = engine.projectTables;
  return {
    database: engine.spec.database,
    projectSchemas: tables.schemas,
    searchPath,
    isProjectTable: (schema, name) => schema === null ? tables.hasName(name) : tables.has(schema, name),
  };
}
