/**
 * Errors as `application/problem+json` (RFC 9457). Status and title come from the error catalogue, `code` is the
 * error's kind. An error that is no `AppError` is a defect: the client gets the kind `internal` with an incident id, the
 * log gets the cause under the same id.
 */
import { HTTPException } from "hono/http-exception";
import { z } from "@hono/zod-openapi";
import { AppError, type FieldError } from "../errors/app_error.ts";
import { catalogue, type ErrorKind } from "../errors/catalogue.ts";

/** What the HTTP side writes to; `observability/log.ts`'s logger fits. */
export interface LogPort {
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
}

/** The problem document, for OpenAPI. */
export const problemSchema = z.object({
  type: z.string().openapi({ example: "urn:eider:error:not_found" }),
  title: z.string().openapi({ example: "Not found" }),
  status: z.number().int().openapi({ example: 404 }),
  detail: z.string().openapi({ example: 'project: "p_1" does not exist' }),
  code: z.string().openapi({ description: "The stable name of the kind of error.", example: "not_found" }),
  hint: z.string().optional().openapi({ description: "What to do about it." }),
  incident_id: z.string().optional().openapi({ description: "With the code internal: what to look for in the log." }),
  errors: z.array(z.object({ pointer: z.string(), detail: z.string() })).optional().openapi({
    description: "The bad fields, with their JSON pointers into the request body.",
  }),
}).openapi("Problem");

/** Renders any thrown value; what is not the client's doing is logged. */
export function problemFromError(thrown: unknown, log: LogPort, request: { method: string; path: string }): Response {
  if (thrown instanceof AppError) {
    if (catalogue[thrown.kind].httpStatus >= 500) {
      log.warn("request failed", {
        ...request,
        code: thrown.kind,
        detail: thrown.message,
        cause: describe(thrown.cause),
      });
    }
    return problemResponse(thrown.kind, thrown.message, { hint: thrown.hint, fields: thrown.fields });
  }
  if (thrown instanceof HTTPException) {
    const kind = kindOfFrameworkStatus(thrown.status);
    if (kind !== null) return problemResponse(kind.kind, kind.detail);
  }
  const incidentId = crypto.randomUUID();
  log.error("internal error", { ...request, incident_id: incidentId, cause: describe(thrown) });
  return problemResponse("internal", `something went wrong inside the server: incident ${incidentId}`, { incidentId });
}

interface ProblemExtras {
  readonly hint?: string | undefined;
  readonly fields?: readonly FieldError[] | undefined;
  readonly incidentId?: string;
  readonly headers?: Record<string, string>;
  /** Members of the route's own. */
  readonly members?: Readonly<Record<string, unknown>>;
}

/** One problem document as a response. */
export function problemResponse(kind: ErrorKind, detail: string, extras: ProblemExtras = {}): Response {
  const { httpStatus, title, retryable } = catalogue[kind];
  const headers = new Headers({ "content-type": "application/problem+json", ...extras.headers });
  if (httpStatus === 401) headers.set("www-authenticate", 'Bearer realm="eider"');
  if (retryable && (httpStatus === 429 || httpStatus === 503)) headers.set("retry-after", "1");
  const body = {
    type: `urn:eider:error:${kind}`,
    title,
    status: httpStatus,
    detail,
    code: kind,
    ...(extras.hint === undefined ? {} : { hint: extras.hint }),
    ...(extras.incidentId === undefined ? {} : { incident_id: extras.incidentId }),
    ...(extras.fields === undefined || extras.fields.length === 0 ? {} : { errors: extras.fields }),
    ...extras.members,
  };
  return new Response(JSON.stringify(body), { status: httpStatus, headers });
}

/** The two statuses that hono's validators throw by themselves. */
function kindOfFrameworkStatus(status: number): { kind: ErrorKind; detail: string } | null {
  if (status === 400) return { kind: "invalid_json", detail: "request body: not valid JSON" };
  if (status === 415) {
    return { kind: "unsupported_media_type", detail: "request body: Content-Type must be application/json" };
  }
  return null;
}

function describe(thrown: unknown): string | undefined {
  if (thrown === undefined) return undefined;
  return thrown instanceof Error ? thrown.stack ?? thrown.message : String(thrown);
}

/** What of a `z.ZodError`'s issue is needed here. */
interface IssueLike {
  readonly code?: string | undefined;
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly keys?: readonly string[];
}

/** A failed zod check as the catalogue's `invalid_request`, every issue with its JSON pointer (RFC 6901). */
export function invalidRequest(target: string, issues: readonly IssueLike[]): AppError {
  const fields = issues.flatMap((issue): FieldError[] =>
    issue.code === "unrecognized_keys" && issue.keys !== undefined
      ? issue.keys.map((key) => ({ pointer: jsonPointer([...issue.path, key]), detail: "unknown field" }))
      : [{ pointer: jsonPointer(issue.path), detail: issueText(issue) }]
  );
  const place = target === "json" ? "request body" : target === "query" ? "query parameters" : `request ${target}`;
  const text = fields.map((field) => `${field.pointer === "" ? "(whole)" : field.pointer} ${field.detail}`).join("; ");
  return new AppError("invalid_request", `${place}: ${text}`, { fields });
}

/** Two of zod's texts tell how JavaScript sees the value, where a user wants to know what is wrong with it. */
function issueText(issue: IssueLike): string {
  const [, expected, received] = /^Invalid input: expected (\w+), received (undefined|NaN)$/.exec(issue.message) ?? [];
  if (received === "undefined") return `missing: a value of type ${expected} is required`;
  return received === "NaN" ? "not a number" : issue.message;
}

function jsonPointer(path: readonly PropertyKey[]): string {
  return path.map((part) => "/" + String(part).replaceAll("~", "~0").replaceAll("/", "~1")).join("");
}
