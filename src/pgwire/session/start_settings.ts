/** A session's settings as its StartupMessage wants them. */
import type { WorkspaceEngine } from "../../engine/workspace_engine.ts";
import type { SessionHeader } from "../../ipc/messages.ts";
import { SessionSettings } from "../../sql/settings.ts";
import type { SessionObjects } from "./session_objects.ts";

/** Throws for a setting in the StartupMessage that does not exist or cannot have its value. */
export function startSettings(
  header: SessionHeader,
  engine: WorkspaceEngine,
  objects: SessionObjects,
): SessionSettings {
  return new SessionSettings({
    database: engine.spec.database,
    username: header.username,
    projectSchemas: () => engine.projectTables.schemas,
    ownSchemas: () => objects.withSchemas(engine.ownSchemas),
    readOnly: header.read_only === true,
  }, header.startup_parameters);
}
