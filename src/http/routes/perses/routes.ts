/**
 * What every route of the Perses API shares: reading a request, and answering as Perses does. The routes stand among the
 * server's others, behind the same body limit and keys; only how a problem looks differs: `{"message": …}`, and the
 * statuses that percli knows (docs/adr/0007-perses-api.md).
 */
import type { Context, MiddlewareHandler } from "hono";
import { matchedRoutes } from "hono/route";
import { z } from "@hono/zod-openapi";
import type { JsonValue } from "../../../dashboards/types.ts";
import { AppError, type FieldError } from "../../../errors/app_error.ts";
import type { EiderApp } from "../../app.ts";
import type { AppEnvironment } from "../../auth.ts";

export type PersesContext = Context<AppEnvironment>;

export interface PersesRoute {
  readonly method: "get" | "post" | "put" | "delete";
  /** With parameters as `{name}`. */
  readonly path: string;
  readonly summary: string;
  readonly query?: readonly string[];
  readonly hasBody?: boolean;
  readonly anonymous?: boolean;
  readonly status?: 200 | 204 | 302;
  handle(context: PersesContext): Promise<Response>;
}

/** Every pattern whose problems look like Perses'. */
const persesPatterns = new Set<string>();

/** Lets a route that is registered elsewhere answer its problems as Perses does. */
export function answerAsPerses(pattern: string): void {
  persesPatterns.add(pattern);
}

const messageSchema = z.object({
  message: z.string().openapi({ example: "bad request: spec cannot be empty" }),
  code: z.string().openapi({ description: "The stable name of the kind of error." }),
  problems: z.array(z.object({ pointer: z.string(), message: z.string() })).optional().openapi({
    description: "Everything that is wrong with the document, with JSON pointers into it.",
  }),
}).openapi("PersesMessage");
const anyDocument = z.record(z.string(), z.unknown());

/** Adds routes to the application and to its OpenAPI document. */
export function addPersesRoutes(app: EiderApp, routes: readonly PersesRoute[]): void {
  for (const route of routes) {
    const pattern = route.path.replaceAll(/\{(\w+)\}/g, ":$1");
    persesPatterns.add(pattern);
    app.on(route.method.toUpperCase(), pattern, (context) => route.handle(context));
    app.openAPIRegistry.registerPath(describe(route));
  }
}

function describe(route: PersesRoute): Parameters<EiderApp["openAPIRegistry"]["registerPath"]>[0] {
  const parameters = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => [name!, z.string()] as const);
  const query = (route.query ?? []).map((name) => [name, z.string().optional()] as const);
  const status = route.status ?? 200;
  return {
    method: route.method,
    path: route.path,
    summary: route.summary,
    tags: ["Perses"],
    ...(route.anonymous ? { security: [] } : {}),
    request: {
      ...(parameters.length === 0 ? {} : { params: z.object(Object.fromEntries(parameters)) }),
      ...(query.length === 0 ? {} : { query: z.object(Object.fromEntries(query)) }),
      ...(route.hasBody ? { body: { content: { "application/json": { schema: anyDocument } } } } : {}),
    },
    responses: {
      [status]: status === 200
        ? { content: { "application/json": { schema: z.unknown() } }, description: "As Perses answers" }
        : { description: status === 204 ? "Done" : "To the start page" },
      default: { content: { "application/json": { schema: messageSchema } }, description: "What is wrong" },
    },
  };
}

/** What of a problem document (`http/problem.ts`) is told to a Perses client. */
interface ProblemDocument {
  readonly code: string;
  readonly status: number;
  readonly detail: string;
  readonly hint?: string;
  readonly errors?: readonly FieldError[];
}

/** Turns problem documents into Perses' messages where a route of Perses' API was asked. Goes before those routes. */
export function persesProblems(): MiddlewareHandler<AppEnvironment> {
  return async (context, next) => {
    await next();
    const isProblem = context.res.headers.get("content-type") === "application/problem+json";
    if (!isProblem || !matchedRoutes(context).some(({ path }) => persesPatterns.has(path))) return;
    const problem = await context.res.clone().json() as ProblemDocument;
    const { status, message } = persesMessage(problem, context.req.method);
    const headers = new Headers(context.res.headers);
    headers.set("content-type", "application/json");
    // Hono takes over the headers of the answer that is there, so it has to go first.
    context.res = undefined;
    context.res = new Response(
      JSON.stringify({
        message,
        code: problem.code,
        ...(problem.errors === undefined ? {} : { problems: problem.errors.map(toPersesProblem) }),
      }),
      { status, headers },
    );
  };
}

function toPersesProblem({ pointer, detail }: FieldError): { pointer: string; message: string } {
  return { pointer, message: detail };
}

/** Status and text by the kind of error; a kind that Perses does not have keeps its own. */
function persesMessage(problem: ProblemDocument, method: string): { status: number; message: string } {
  const hint = problem.hint === undefined ? "" : `. ${problem.hint}`;
  switch (problem.code) {
    case "invalid_request":
    case "invalid_json":
      return { status: 400, message: `bad request: ${problem.detail}` };
    case "not_found":
      return { status: 404, message: "document not found" };
    case "conflict":
      return { status: 409, message: method === "POST" ? "document already exists" : problem.detail + hint };
    case "unsupported_media_type":
      return { status: 415, message: "unsupported media type" };
    case "unauthorized":
      return { status: 401, message: `unauthorized: ${problem.detail}` };
    case "forbidden":
      return { status: 403, message: `forbidden access: ${problem.detail}${hint}` };
    case "internal":
      return { status: 500, message: `internal server error: ${problem.detail}` };
    default:
      return { status: problem.status, message: problem.detail + hint };
  }
}

/** The request's JSON. Throws `unsupported_media_type` and `invalid_json`. */
export async function readDocument(context: PersesContext): Promise<JsonValue> {
  if (!(context.req.header("content-type") ?? "").includes("application/json")) {
    throw new AppError("unsupported_media_type", "request body: Content-Type must be application/json");
  }
  try {
    return await context.req.json() as JsonValue;
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError("invalid_json", `request body: not valid JSON`, { cause: error });
  }
}

/** A parameter of the path. */
export function parameter(context: PersesContext, name: string): string {
  return context.req.param(name) ?? "";
}

/** A boolean of the query as Go reads one; undefined when it is not there or empty. Throws `invalid_request`. */
export function queryFlag(context: PersesContext, name: string): boolean | undefined {
  const text = context.req.query(name) ?? "";
  if (text === "") return undefined;
  if (["1", "t", "T", "true", "TRUE", "True"].includes(text)) return true;
  if (["0", "f", "F", "false", "FALSE", "False"].includes(text)) return false;
  const detail = `strconv.ParseBool: parsing ${JSON.stringify(text)}: invalid syntax`;
  throw new AppError("invalid_request", detail, { fields: [{ pointer: `/${name}`, detail: "true or false" }] });
}
