/**
 * The page behind a share link for whoever opens it in a browser. It is the same page for every link, good or bad: its script asks for
 * the dashboard as JSON, which is the opening that counts. So the page itself says nothing about a link and costs it nothing.
 */
import type { MiddlewareHandler } from "hono";
import type { AppEnvironment } from "../auth.ts";
import { type ConsoleFilesPort, pageSecurityPolicy } from "./console.ts";

/** Answers browsers with the page, and leaves every other request to the next handler. */
export function sharePage(pages: ConsoleFilesPort, frameAncestors: string): MiddlewareHandler<AppEnvironment> {
  return async (context, next) => {
    context.header("vary", "Accept");
    if (!prefersHtml(context.req.header("accept"))) return await next();
    const page = await pages.file("share.html");
    if (page === null) return await next();
    return context.body(page.bytes, 200, {
      "content-type": page.contentType,
      "content-security-policy": pageSecurityPolicy(frameAncestors),
    });
  };
}

/**
 * Whether an `Accept` header names HTML, and JSON not as much (RFC 9110, section 12.5.1). Ranges with a star name neither: a script
 * that takes anything gets JSON.
 */
export function prefersHtml(accept: string | undefined): boolean {
  const weightOf = (type: string) => {
    for (const range of (accept ?? "").split(",")) {
      const [name = "", ...parameters] = range.split(";").map((part) => part.trim().toLowerCase());
      if (name !== type) continue;
      const weight = parameters.find((parameter) => parameter.startsWith("q="));
      return weight === undefined ? 1 : Number(weight.slice(2)) || 0;
    }
    return 0;
  };
  return weightOf("text/html") > weightOf("application/json");
}
