/**
 * `GET /console/`: the web console, one page for people. It holds no secret and needs no key; what it shows, it asks for with the
 * key that its user types in.
 */
import type { MiddlewareHandler } from "hono";
import type { RouteModule } from "../app.ts";
import { problemResponse } from "../problem.ts";

export interface ConsoleFilesPort {
  file(name: string): Promise<
    { readonly bytes: Uint8Array<ArrayBuffer>; readonly contentType: string; readonly etag: string } | null
  >;
}

/** Scripts come from this server only. Libraries set styles, so those may stand in the page. */
export function pageSecurityPolicy(frameAncestors: string): string {
  return "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
    `object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors ${frameAncestors}`;
}

const securityHeaders: MiddlewareHandler = async (context, next) => {
  await next();
  context.header("content-security-policy", pageSecurityPolicy("'none'"));
  context.header("x-content-type-options", "nosniff");
  context.header("referrer-policy", "no-referrer");
};

export function consoleRoutes(files: ConsoleFilesPort): RouteModule {
  return (app) => {
    app.get("/", (context) => context.redirect("/console/"));
    app.get("/console", (context) => context.redirect("/console/"));
    app.get("/console/:file{.*}", securityHeaders, async (context) => {
      const name = context.req.param("file") || "index.html";
      const found = await files.file(name);
      if (found === null) return problemResponse("not_found", `console: it has no file ${name}`);
      const headers = { etag: found.etag, "cache-control": "no-cache", "content-type": found.contentType };
      if (context.req.header("if-none-match") === found.etag) return context.body(null, 304, headers);
      return context.body(found.bytes, 200, headers);
    });
  };
}
