/**
 * Who may do what with Perses' resources. The administrator may do everything; a project's key what its role allows in
 * that project, and reads what belongs to the whole server. Whether another project exists stays unknown: the
 * answer is the same for one that does not.
 */
import { AppError } from "../../../errors/app_error.ts";
import type { Principal } from "../../auth.ts";

export type Action = "create" | "read" | "update" | "delete";

/** Throws `forbidden` with Perses' words. `project` is the true id. */
export function requireProjectAccess(principal: Principal, action: Action, kind: string, project: string): void {
  if (mayInProject(principal, action, project)) return;
  throw new AppError("forbidden", `missing '${action}' permission in '${project}' project for '${kind}' kind`);
}

/** The same for what belongs to the whole server. */
export function requireGlobalAccess(principal: Principal, action: Action, kind: string): void {
  if (principal.kind === "administrator" || action === "read") return;
  throw new AppError("forbidden", `missing '${action}' global permission for '${kind}' kind`);
}

export function mayInProject(principal: Principal, action: Action, project: string): boolean {
  if (principal.kind === "administrator") return true;
  return principal.projectId.toLowerCase() === project.toLowerCase() &&
    (action === "read" || principal.role === "admin");
}
