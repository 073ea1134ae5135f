/**
 * Puts every changing REST call, every reading of the audit log and every refused access into the audit log: the one place
 * for all routes. A changing call takes its place in the queue before it runs, so when the log cannot be written any more it
 * is refused (503, `audit_unavailable`) and changes nothing; and it is answered when its entry is on disk.
 */
import type { Context, MiddlewareHandler } from "hono";
import { AppError } from "../errors/app_error.ts";
import type { AuditEntry, AuditLog } from "../audit/types.ts";
import { auditEntryOf, type AuditNote, isAudited, isRefusal, type ObservedCall } from "./audit_entry.ts";
import type { AppEnvironment } from "./auth.ts";
import { handlerPath } from "./route_pattern.ts";

export interface RequestAudit {
  readonly log: AuditLog;
  /** Where refused accesses are counted, so that guessing does not fill the log. */
  readonly refusals: { note(entry: AuditEntry): void };
}

/** Answers are objects of a few kB; a larger one is no single thing that was made. */
const answerBytesMax = 2 * 1024 * 1024;

/** Tells the audit log what only the handler knows: who logged in, which versions a change was between. */
export function noteForAudit(context: Context<AppEnvironment>, note: AuditNote): void {
  context.set("auditNote", { ...context.get("auditNote"), ...note });
}

/** `routes` gives the application's routes when they are all there. */
export function auditRequests(
  audit: RequestAudit,
  routes: () => readonly { readonly path: string }[],
): MiddlewareHandler<AppEnvironment> {
  let collections: ReadonlySet<string> | null = null;
  return async (context, next) => {
    const pattern = handlerPath(context);
    const { method } = context.req;
    if (pattern === null) return await next();
    const audited = isAudited(method, pattern);
    const place = audited ? await audit.log.reserve() : null;
    let call: ObservedCall;
    try {
      await next();
      call = await observe(context, method, pattern, audited);
    } catch (error) {
      place?.release();
      throw error;
    }
    const refused = isRefusal(call) || (call.status >= 400 && pattern.endsWith("/login"));
    if (!audited && !refused) return;
    const entry = auditEntryOf(call, collections ??= collectionsOf(routes()));
    if (refused) {
      place?.release();
      audit.refusals.note(entry.action === "login" ? { ...entry, action: "login_failed", result: "refused" } : entry);
    } else await place?.record(entry);
  };
}

async function observe(
  context: Context<AppEnvironment>,
  method: string,
  pattern: string,
  audited: boolean,
): Promise<ObservedCall> {
  const { res: response, error } = context;
  return {
    method,
    pattern,
    params: paramsOf(pattern, context.req.path),
    principal: context.get("principal") ?? null,
    status: response.status,
    errorKind: error instanceof AppError ? error.kind : null,
    answer: audited && response.ok ? await answerOf(response) : null,
    note: context.get("auditNote") ?? {},
    address: context.get("clientAddress") ?? "",
    userAgent: context.req.header("user-agent") ?? null,
  };
}

async function answerOf(response: Response): Promise<Record<string, unknown> | null> {
  if (!/^application\/([\w.-]+\+)?json\b/.test(response.headers.get("content-type") ?? "")) return null;
  if (Number(response.headers.get("content-length") ?? 0) > answerBytesMax) return null;
  try {
    const value: unknown = await response.clone().json();
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? value as Record<string, unknown>
      : null;
  } catch {
    return null;
  }
}

/** Hono's own parameters are those of the middleware's pattern, which has none. */
function paramsOf(pattern: string, path: string): Record<string, string> {
  const values = path.split("/");
  const params: Record<string, string> = {};
  for (const [index, part] of pattern.split("/").entries()) {
    const name = /^:([\w-]+)/.exec(part)?.[1];
    if (name !== undefined) params[name] = decoded(values[index] ?? "");
  }
  return params;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function collectionsOf(routes: readonly { readonly path: string }[]): ReadonlySet<string> {
  const found = new Set<string>();
  for (const { path } of routes) for (const [, segment] of path.matchAll(/\/([^/:*]+)\/:/g)) found.add(segment ?? "");
  return found;
}
