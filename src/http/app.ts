/**
 * The HTTP application: everything that all routes share. In this order a request meets the metrics hook, the public
 * routes, the body limit, authentication, the project guard and the routes that need a key; whatever is thrown becomes
 * problem+json. A path that no route has is 404 (also without a key), a wrong method 405 with Allow; OPTIONS is 204 with it.
 */
import { OpenAPIHono, z } from "@hono/zod-openapi";
import type { MiddlewareHandler } from "hono";
import type { Cidr } from "../addresses/addresses.ts";
import { AppError } from "../errors/app_error.ts";
import { nameCreatedResource, optionsAnswer, pathMatches } from "./answer_conventions.ts";
import { auditRequests, type RequestAudit } from "./audit_requests.ts";
import { type AppEnvironment, authenticate, type AuthenticationPort, guardProject } from "./auth.ts";
import { noteClientAddress } from "./client_address.ts";
import { docsPage } from "./docs_page.ts";
import { invalidRequest, type LogPort, problemFromError, problemResponse, problemSchema } from "./problem.ts";
import { handlerPath } from "./route_pattern.ts";

export type EiderApp = OpenAPIHono<AppEnvironment>;

/** Adds its routes to the application; each area has one (`routes/*.ts`). */
export type RouteModule = (app: EiderApp) => void;

/** A finished request; `route` is the pattern (`/projects/:project_id`), or "unmatched". */
export interface RequestObservation {
  readonly route: string;
  readonly method: string;
  readonly status: number;
  readonly seconds: number;
}

export interface AppDependencies {
  readonly log: LogPort;
  readonly authentication: AuthenticationPort;
  readonly version: string;
  /** Routes behind a key. Below `/projects/{project_id}` the project is already checked when a handler runs. */
  readonly routes: readonly RouteModule[];
  /** Routes without a key: metrics, health. */
  readonly publicRoutes?: readonly RouteModule[];
  /** The server is stopping: what needs a key is refused, health and metrics still answer. */
  readonly isDraining?: () => boolean;
  readonly onRequest?: (observation: RequestObservation) => void;
  /** Without it nothing is audited (tests of single routes). */
  readonly audit?: RequestAudit;
  readonly trustedProxies?: readonly Cidr[];
}

/** JSON bodies are small; files go through the import, whose body is streamed to disk. */
export const jsonBodyBytesMax = 1024 * 1024;
/** Their handlers read the body, after authentication and with a limit of their own. */
const streamedBodyPath = /\/tables\/[^/]+\/import$|\/dashboard-import$/;
const knownMethods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];

/** Builds the application. It owns no socket: serve `app.fetch`, or test with `app.request()`. */
export function createApp(dependencies: AppDependencies): EiderApp {
  const { log } = dependencies;
  const app: EiderApp = new OpenAPIHono<AppEnvironment>({
    defaultHook: (result) => {
      if (!result.success) throw invalidRequest(result.target, result.error.issues);
    },
  });
  app.onError((error, context) =>
    problemFromError(error, log, { method: context.req.method, path: loggedPath(context.req.path) })
  );
  app.use("*", observe(dependencies.onRequest));
  app.use("*", noteClientAddress(dependencies.trustedProxies ?? []));
  app.use("*", nameCreatedResource(() => app.routes));
  if (dependencies.audit !== undefined) app.use("*", auditRequests(dependencies.audit, () => app.routes));

  app.openAPIRegistry.registerComponent("securitySchemes", "bearer", { type: "http", scheme: "bearer" });
  app.openAPIRegistry.register("Problem", problemSchema);
  app.get("/openapi.json", (context) => context.json(openApiDocument(app, dependencies.version)));
  app.get("/docs", (context) => context.html(docsPage(openApiDocument(app, dependencies.version))));
  for (const addRoutes of dependencies.publicRoutes ?? []) addRoutes(app);

  app.use("*", refuseUnmatched(app));
  app.use("*", refuseWhenDraining(dependencies.isDraining));
  app.use("*", limitJsonBody());
  app.use("*", authenticate(dependencies.authentication));
  app.use("/projects/:project_id/*", guardProject());
  for (const addRoutes of dependencies.routes) addRoutes(app);
  app.notFound((context) => unmatched(app, context.req.method, context.req.path));
  return app;
}

function openApiDocument(app: EiderApp, version: string): Record<string, unknown> {
  const document = app.getOpenAPI31Document({
    openapi: "3.1.0",
    info: {
      title: "Eider",
      version,
      description: "Projects, tables and isolated SQL workspaces. Errors are application/problem+json (RFC 9457).",
    },
    security: [{ bearer: [] }],
  });
  return document as unknown as Record<string, unknown>;
}

/** Reports every request once its answer's head is ready. */
function observe(onRequest: AppDependencies["onRequest"]): MiddlewareHandler<AppEnvironment> {
  return async (context, next) => {
    const startedAtMs = performance.now();
    await next();
    onRequest?.({
      route: handlerPath(context) ?? "unmatched",
      method: knownMethods.includes(context.req.method) ? context.req.method : "OTHER",
      status: context.res.status,
      seconds: (performance.now() - startedAtMs) / 1000,
    });
  };
}

/** A share link's token is a secret; it must not get into the log. */
function loggedPath(path: string): string {
  return path.replace(/^\/share\/[^/]+/, "/share/(token)");
}

/** Answers 404 and 405 before authentication: what paths exist is public (openapi.json). */
function refuseUnmatched(app: EiderApp): MiddlewareHandler<AppEnvironment> {
  return async (context, next) => {
    if (handlerPath(context) === null) return unmatched(app, context.req.method, context.req.path);
    await next();
  };
}

function refuseWhenDraining(isDraining: AppDependencies["isDraining"]): MiddlewareHandler<AppEnvironment> {
  return async (_context, next) => {
    if (isDraining?.() === true) throw new AppError("shutting_down", "the server is shutting down");
    await next();
  };
}

function unmatched(app: EiderApp, method: string, path: string): Response {
  const allowed = new Set<string>();
  for (const route of app.routes) {
    if (route.method !== "ALL" && pathMatches(route.path, path)) allowed.add(route.method);
  }
  if (allowed.size === 0) return problemResponse("not_found", `route: ${path} does not exist`);
  if (allowed.has("GET")) allowed.add("HEAD");
  const allow = [...allowed, "OPTIONS"].sort().join(", ");
  if (method === "OPTIONS") return optionsAnswer(allow);
  return problemResponse("method_not_allowed", `method: ${method} is not one of ${allow}`, { headers: { allow } });
}

/**
 * Refuses JSON bodies over the limit. A body without Content-Length is read here, up to the limit, so that a sender
 * that never ends is cut off.
 */
export function limitJsonBody(): MiddlewareHandler<AppEnvironment> {
  return async (context, next) => {
    const request = context.req.raw;
    if (request.body !== null && !streamedBodyPath.test(context.req.path)) {
      const declared = context.req.header("content-length");
      if (declared !== undefined && !("transfer-encoding" in context.req.header())) {
        if (Number(declared) > jsonBodyBytesMax) throw bodyTooLarge(jsonBodyBytesMax);
      } else {
        // Not `new Request(request, …)`: that takes over the signal, which Deno warns of on stderr.
        context.req.raw = new Request(request.url, {
          method: request.method,
          headers: request.headers,
          body: await readLimited(request.body, jsonBodyBytesMax),
        });
      }
    }
    await next();
  };
}

/** The whole body. Throws `body_too_large` as soon as it is longer. */
export async function readLimited(
  body: ReadableStream<Uint8Array>,
  bytesMax: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let byteCount = 0;
  for await (const chunk of body) {
    byteCount += chunk.byteLength;
    if (byteCount > bytesMax) throw bodyTooLarge(bytesMax);
    chunks.push(chunk);
  }
  const bytes = new Uint8Array(byteCount);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return bytes;
}

function bodyTooLarge(bytesMax: number): AppError {
  return new AppError("body_too_large", `request body: larger than ${bytesMax} bytes`);
}

/** A JSON request body for `createRoute`. */
export function jsonBody<Schema extends z.ZodType>(schema: Schema) {
  return { content: { "application/json": { schema } }, required: true as const };
}

/** A JSON answer for `createRoute`. */
export function jsonAnswer<Schema extends z.ZodType>(schema: Schema, description: string) {
  return { content: { "application/json": { schema } }, description };
}

/** The answer that every route can give when something is wrong; its statuses stand in the problem itself. */
export const problemAnswer = {
  default: { content: { "application/problem+json": { schema: problemSchema } }, description: "A problem" },
} as const;
