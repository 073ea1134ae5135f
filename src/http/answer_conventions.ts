/**
 * What clients expect of any REST API without a word in its documentation: `Location` on what was created (RFC 9110, section
 * 10.2.2), an answer to OPTIONS, and a way from the address itself to the documentation.
 */
import type { MiddlewareHandler } from "hono";
import type { RouterRoute } from "hono/types";
import type { AppEnvironment } from "./auth.ts";

/**
 * Names the new resource of a 201 in `Location`, where the collection's path with the answer's `id` behind it is a path
 * that can be read. The answer stays as it is; one that names its place itself keeps that.
 */
export function nameCreatedResource(routes: () => readonly RouterRoute[]): MiddlewareHandler<AppEnvironment> {
  return async (context, next) => {
    await next();
    const response = context.res;
    if (context.req.method !== "POST" || response.status !== 201 || response.headers.has("location")) return;
    if (!response.headers.get("content-type")?.startsWith("application/json")) return;
    const body: unknown = await response.clone().json();
    const id = typeof body === "object" && body !== null && "id" in body ? body.id : null;
    if (typeof id !== "string") return;
    const location = `${context.req.path}/${encodeURIComponent(id)}`;
    const isReadable = routes().some((route) => route.method === "GET" && pathMatches(route.path, location));
    if (isReadable) context.header("location", location);
  };
}

/** The answer to OPTIONS for a path that exists; no body, as a request for it has none. */
export function optionsAnswer(allow: string): Response {
  return new Response(null, { status: 204, headers: { allow } });
}

/** Whether a path is one of a route's pattern (`/projects/:project_id`). */
export function pathMatches(pattern: string, path: string): boolean {
  const patternParts = pattern.split("/");
  const parts = path.split("/");
  // The last part of `/proxy/…/:path{.*}` takes whatever follows.
  if (patternParts.at(-1)?.endsWith("{.*}")) {
    patternParts.pop();
    if (parts.length <= patternParts.length) return false;
    parts.length = patternParts.length;
  }
  return patternParts.length === parts.length &&
    patternParts.every((part, index) => part.startsWith(":") ? parts[index] !== "" : part === parts[index]);
}
