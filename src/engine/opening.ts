/** How a workspace's instance begins: the settings that close its doors, and the workspace's file under the database's name. */
import type { LaunchSpec } from "../ipc/messages.ts";
import type { CatalogEmulation } from "./catalog_emulation.ts";
import { type Connection, quoteIdentifier, quoteLiteral, run } from "./duckdb.ts";
import { tempSizeSetting } from "./limits.ts";

export async function attachWorkspace(control: Connection, catalog: CatalogEmulation, spec: LaunchSpec): Promise<void> {
  const attach = `ATTACH ${quoteLiteral(spec.file_path)} AS ${quoteIdentifier(spec.database)}`;
  try {
    await run(control, attach);
  } catch (error) {
    // A crash left definitions in the log that are bound again as it is replayed; DuckDB names the function without its database.
    if (!/replaying WAL/i.test(String(error))) throw error;
    await catalog.installAll();
    await run(control, attach);
  }
}

/** The same for every workspace. */
export const fixedSettings = [
  "SET GLOBAL autoinstall_known_extensions=false",
  "SET GLOBAL autoload_known_extensions=false",
  "SET GLOBAL allow_community_extensions=false",
  "SET GLOBAL errors_as_json=true",
  // As PostgreSQL: whole division of whole numbers; NULLs are larger than everything.
  "SET GLOBAL integer_division=true",
  "SET GLOBAL default_null_order='nulls_last_on_asc_first_on_desc'",
  "SET GLOBAL TimeZone='UTC'",
].join("; ");

export function openingSettings(spec: LaunchSpec): string {
  const directories = spec.allowed_directories.map(quoteLiteral).join(", ");
  return [
    `SET GLOBAL memory_limit='${Math.floor(spec.memory_bytes_max / 1e6)}MB'`,
    `SET GLOBAL threads=${spec.threads}`,
    `SET GLOBAL temp_directory=${quoteLiteral(spec.temp_directory)}`,
    tempSizeSetting(spec.temp_bytes_max),
    `SET GLOBAL allowed_directories=[${directories}]`,
  ].join("; ");
}
