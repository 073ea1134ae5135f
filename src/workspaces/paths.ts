/** Where the files of a workspace lie. The layout is that of docs/ARCHITECTURE.md, "Data on disk". */
import { join } from "node:path";

interface Scope {
  readonly projectId: string;
  readonly branchId: string | null;
}

/** The project's own folder, or the branch's. */
export function scopeDirectory(dataDirectory: string, scope: Scope): string {
  const suffix = scope.branchId === null ? "" : `_branch_${scope.branchId}`;
  return join(dataDirectory, `project_${scope.projectId}${suffix}`);
}

/** Holds `<workspace id>.duckdb` and, while it is open, `<workspace id>.duckdb.wal`. */
export function workspacesDirectory(dataDirectory: string, scope: Scope): string {
  return join(scopeDirectory(dataDirectory, scope), "_workspaces");
}

export function workspaceFilePath(dataDirectory: string, workspace: Scope & { readonly id: string }): string {
  return join(workspacesDirectory(dataDirectory, workspace), `${workspace.id}.duckdb`);
}

/** Spill files of the workspace's worker. */
export function workspaceTempDirectory(dataDirectory: string, workspace: Scope & { readonly id: string }): string {
  return join(scopeDirectory(dataDirectory, workspace), "_tmp", workspace.id);
}

/** Folders whose version files the workspace may attach: the project's, and the branch's where there is one. */
export function allowedDirectories(dataDirectory: string, scope: Scope): string[] {
  const project = scopeDirectory(dataDirectory, { projectId: scope.projectId, branchId: null });
  return scope.branchId === null ? [project] : [project, scopeDirectory(dataDirectory, scope)];
}
