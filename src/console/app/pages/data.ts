/** What the data pages ask the server for: shapes of its answers, and addresses below a project or a branch. */
import { listAll } from "../api.ts";

export interface Project {
  readonly id: string;
  readonly name: string;
  readonly created_at: string;
}

export interface Branch {
  readonly id: string;
  readonly name: string;
  readonly created_at: string;
}

export interface Key {
  readonly id: string;
  readonly name: string;
  readonly role: "admin" | "read";
  readonly created_at: string;
}

export interface Bucket {
  readonly id: string;
  readonly schema: string;
  readonly description: string | null;
  readonly created_at: string;
}

export interface Column {
  readonly name: string;
  readonly type: string;
  readonly nullable: boolean;
}

export interface Table {
  readonly id: string;
  readonly bucket_id: string;
  readonly name: string;
  readonly schema: string;
  readonly columns: readonly Column[];
  readonly primary_key: readonly string[];
  readonly version: number;
  readonly rows: number;
  readonly size_bytes: number;
  readonly created_at: string;
  readonly updated_at: string;
}

export interface TableVersion {
  readonly version: number;
  readonly current: boolean;
  readonly origin: string;
  readonly rows: number;
  readonly size_bytes: number;
  readonly columns: readonly Column[];
  readonly created_at: string;
}

export interface Connection {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly username: string;
  readonly password?: string;
  readonly ssl_mode: "disable" | "require";
  readonly connection_string: string;
}

export interface Workspace {
  readonly id: string;
  readonly name: string;
  readonly project_id: string;
  readonly branch_id: string | null;
  readonly status: "active" | "expired";
  readonly created_at: string;
  readonly expires_at: string;
  readonly size_limit_gb: number;
  readonly memory_limit: string;
  readonly memory_limit_now: string | null;
  readonly max_result_rows: number;
  readonly max_result_bytes: number;
  readonly threads: number;
  readonly max_connections: number;
  readonly size_bytes: number;
  readonly active_sessions: number;
  readonly connection: Connection;
}

export interface WorkspaceDetail extends Workspace {
  readonly attached_tables: readonly { readonly schema: string; readonly table: string; readonly rows: number }[];
  readonly workspace_objects: readonly {
    readonly name: string;
    readonly type: "table" | "view";
    readonly rows: number | null;
  }[];
}

/** The server gives it once: when the workspace is made, and when its password is reset. */
export interface WorkspaceWithPassword extends Workspace {
  readonly connection: Connection & { readonly password: string };
}

/** Of a list that is shown whole. */
export const listMax = 5_000;

export function projectPath(projectId: string, branchId: string | null = null): string {
  const path = `/projects/${encodeURIComponent(projectId)}`;
  return branchId === null ? path : `${path}/branches/${encodeURIComponent(branchId)}`;
}

export function tablePath(projectId: string, branchId: string | null, tableId: string): string {
  return `${projectPath(projectId, branchId)}/tables/${encodeURIComponent(tableId)}`;
}

export function workspacePath(projectId: string, workspaceId: string): string {
  return `${projectPath(projectId)}/workspaces/${encodeURIComponent(workspaceId)}`;
}

export async function loadTables(projectId: string, branchId: string | null, signal?: AbortSignal): Promise<Table[]> {
  return await listAll<Table>(`${projectPath(projectId, branchId)}/tables`, listMax, signal);
}

export async function loadWorkspaces(projectId: string, signal?: AbortSignal): Promise<Workspace[]> {
  return await listAll<Workspace>(`${projectPath(projectId)}/workspaces`, listMax, signal);
}
