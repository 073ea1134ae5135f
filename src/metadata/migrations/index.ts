/**
 * The numbered migrations, in order, as text inside of the program, so that a bundled executable has them too. A new
 * one is two files, their two imports and one line in `migrations`; a test compares the list with the folder.
 *
 * An applied migration is never edited: its checksum stands in `schema_version`, and the server does not start on
 * another one. Each runs in one transaction, unless the first line of its file is `-- eider: no transaction`.
 */
import up001 from "./001_settings.up.sql" with { type: "text" };
import down001 from "./001_settings.down.sql" with { type: "text" };
import up002 from "./002_storage.up.sql" with { type: "text" };
import down002 from "./002_storage.down.sql" with { type: "text" };
import up003 from "./003_workspaces.up.sql" with { type: "text" };
import down003 from "./003_workspaces.down.sql" with { type: "text" };
import up004 from "./004_dashboards.up.sql" with { type: "text" };
import down004 from "./004_dashboards.down.sql" with { type: "text" };
import up005 from "./005_sharing.up.sql" with { type: "text" };
import down005 from "./005_sharing.down.sql" with { type: "text" };
import up006 from "./006_workspace_limits.up.sql" with { type: "text" };
import down006 from "./006_workspace_limits.down.sql" with { type: "text" };
import up007 from "./007_project_details.up.sql" with { type: "text" };
import down007 from "./007_project_details.down.sql" with { type: "text" };
import up008 from "./008_dashboard_history.up.sql" with { type: "text" };
import down008 from "./008_dashboard_history.down.sql" with { type: "text" };

export interface Migration {
  /** 1, 2, 3, … without a gap. */
  readonly version: number;
  /** Of the files `NNN_name.up.sql` and `NNN_name.down.sql`. */
  readonly name: string;
  readonly up: string;
  readonly down: string;
}

export const migrations: readonly Migration[] = [
  { version: 1, name: "settings", up: up001, down: down001 },
  { version: 2, name: "storage", up: up002, down: down002 },
  { version: 3, name: "workspaces", up: up003, down: down003 },
  { version: 4, name: "dashboards", up: up004, down: down004 },
  { version: 5, name: "sharing", up: up005, down: down005 },
  { version: 6, name: "workspace_limits", up: up006, down: down006 },
  { version: 7, name: "project_details", up: up007, down: down007 },
  { version: 8, name: "dashboard_history", up: up008, down: down008 },
];
