/** The refusals of the workspaces domain, in one place so that their texts agree. */
import { AppError } from "../errors/app_error.ts";
import type { WorkspaceRecord } from "./types.ts";

export function isNotFound(error: unknown): boolean {
  return error instanceof AppError && error.kind === "not_found";
}

export function workspaceNotFound(workspaceId: string): AppError {
  return new AppError("not_found", `workspace: "${workspaceId}" does not exist`);
}

export function workspaceExpired(workspace: WorkspaceRecord): AppError {
  const expiredAt = new Date(workspace.expiresAtMs).toISOString();
  return new AppError("workspace_expired", `workspace expired: "${workspace.id}" ended at ${expiredAt}`, {
    hint: "While its file is kept, a PATCH of ttl_hours revives it.",
  });
}

export function workspaceLimitReached(projectId: string, count: number, limit: number): AppError {
  return new AppError(
    "workspace_limit_reached",
    `project "${projectId}" has ${count} workspaces: at most ${limit} are allowed (max_workspaces_per_project)`,
    { hint: "Delete a workspace that is no longer needed." },
  );
}

export function tooManyTables(projectId: string, count: number, limit: number): AppError {
  return new AppError(
    "program_limit",
    `project "${projectId}" has ${count} tables: a workspace attaches at most ${limit}`,
    { hint: "Raise workspace_max_attached_tables." },
  );
}

export function badCursor(): AppError {
  return new AppError("invalid_request", "cursor: not one of this list; take next_cursor of the page before", {
    fields: [{ pointer: "/cursor", detail: "not a cursor" }],
  });
}
