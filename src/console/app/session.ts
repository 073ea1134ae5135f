/** Who is signed in, and what the key opens. */

export interface Session {
  /** `admin`, or `<project>/<key name>`. */
  readonly user: string;
  /** The one project of a project's key; null for the administrator, who has all. */
  readonly projectId: string | null;
}

export function sessionOf(user: string): Session {
  const slash = user.indexOf("/");
  return { user, projectId: slash < 0 ? null : user.slice(0, slash) };
}
