/** Who is signed in, and what the key opens. */
/// <reference lib="dom" />
import { listAll } from "./api.ts";

export interface Session {
  /** `admin`, or `<project>/<key name>`. */
  readonly user: string;
  /** The one project of a project's key; null for the administrator, who has all. */
  readonly projectId: string | null;
  /** Whether anything may be changed: not with a key of the role `read`. The server decides; this is for what is offered. */
  readonly mayWrite: boolean;
}

/** Finds out what the key of a user may do. */
export async function openSession(user: string): Promise<Session> {
  const slash = user.indexOf("/");
  if (slash < 0) return { user, projectId: null, mayWrite: true };
  const projectId = user.slice(0, slash);
  const keys = await listAll<{ name: string; role: string }>(`/projects/${encodeURIComponent(projectId)}/keys`);
  const own = keys.filter(({ name }) => name === user.slice(slash + 1));
  return { user, projectId, mayWrite: own.length === 0 || own.some(({ role }) => role === "admin") };
}
