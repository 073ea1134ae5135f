/** The pattern of the route that answers a request, as the metrics and the audit log name it. */
import type { Context } from "hono";
import { matchedRoutes } from "hono/route";

/** Such as `/projects/:project_id`; null when only middleware matches. */
export function handlerPath(context: Context): string | null {
  return matchedRoutes(context).findLast((route) => route.method !== "ALL")?.path ?? null;
}
