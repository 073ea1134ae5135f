/**
 * Who asks: `Authorization: Bearer KEY`. The administrator's key may do everything; a project key belongs to one
 * project and has the role `admin` or `read`. Another project's things answer 404, so that their names stay unknown.
 * Keys are compared by their SHA-256, which is all that is stored.
 */
import { createHash, timingSafeEqual } from "node:crypto";
import { Buffer } from "node:buffer";
import type { Context, MiddlewareHandler } from "hono";
import { AppError } from "../errors/app_error.ts";
import type { AuditNote } from "./audit_entry.ts";

export type KeyRole = "admin" | "read";

export type Principal =
  | { readonly kind: "administrator" }
  | {
    readonly kind: "project_key";
    readonly projectId: string;
    readonly keyId: string;
    readonly keyName: string;
    readonly role: KeyRole;
  };

/** What the composition root gives: the stored hashes. */
export interface AuthenticationPort {
  /** SHA-256 (hex) of the administrator's key. */
  adminKeyHash(): string | Promise<string>;
  /** SHA-256 (hex) of the key of this server's own command line on the same machine, if there is one. */
  localKeyHash?(): string | null;
  /** The project key with this SHA-256 (hex), or null. */
  findKey(sha256Hex: string): Promise<{ id: string; project_id: string; name?: string; role: KeyRole } | null>;
}

/** What handlers find in the context: `context.get("principal")`. */
export interface AppEnvironment {
  Variables: {
    principal: Principal;
    /** Whom the request came from, as far as it is known (`client_address.ts`). */
    clientAddress?: string;
    /** See `noteForAudit`. */
    auditNote?: AuditNote;
  };
}

/** SHA-256 of a key as hex, the form in which keys are stored. */
export function hashKey(key: string): string {
  return createHash("sha256").update(key, "utf8").digest("hex");
}

/** Puts the principal into the context, or throws `unauthorized`. */
export function authenticate(port: AuthenticationPort): MiddlewareHandler<AppEnvironment> {
  return async (context, next) => {
    context.set("principal", await resolvePrincipal(port, context.req.header("authorization")));
    await next();
  };
}

/** The principal of an Authorization header. Throws `unauthorized`, with the same text for every wrong key. */
export async function resolvePrincipal(port: AuthenticationPort, header: string | undefined): Promise<Principal> {
  if (header === undefined) {
    throw new AppError("unauthorized", "Authorization: missing; send Authorization: Bearer KEY");
  }
  const match = /^Bearer +([\x21-\x7e]{1,512}) *$/i.exec(header);
  if (match === null) throw new AppError("unauthorized", "Authorization: not of the form Bearer KEY");
  const hash = hashKey(match[1] ?? "");
  if (equalHashes(hash, await port.adminKeyHash())) return { kind: "administrator" };
  const localHash = port.localKeyHash?.() ?? null;
  if (localHash !== null && equalHashes(hash, localHash)) return { kind: "administrator" };
  const key = await port.findKey(hash);
  if (key === null) throw new AppError("unauthorized", "Authorization: the key is not valid");
  return {
    kind: "project_key",
    projectId: key.project_id,
    keyId: key.id,
    keyName: key.name ?? key.id,
    role: key.role,
  };
}

function equalHashes(left: string, right: string): boolean {
  const a = Buffer.from(left, "utf8");
  const b = Buffer.from(right, "utf8");
  return a.length === b.length && timingSafeEqual(a, b);
}

/** Who somebody is in histories and preferences: `admin`, or `<project>/<key name>`. */
export function authorOf(principal: Principal): string {
  return principal.kind === "administrator" ? "admin" : `${principal.projectId}/${principal.keyName}`;
}

/** Throws `forbidden` unless the administrator's key was used. */
export function requireAdministrator(context: Context<AppEnvironment>): void {
  if (context.get("principal").kind !== "administrator") {
    throw new AppError("forbidden", "this needs the server administrator's key: a project key was sent");
  }
}

/** A question that is sent with POST because it does not fit into a URL. SQL of a key that reads runs in a session that may only read. */
const readingPath =
  /\/dashboards\/[^/]+\/(query|variables)$|\/panel-query$|\/workspaces\/[^/]+\/query(\/[^/]+\/cancel)?$/;

/**
 * For everything below `/projects/:project_id`: throws `not_found` for another project's key, and `forbidden` when a
 * key with the role `read` sends something else than GET or HEAD.
 */
export function guardProject(): MiddlewareHandler<AppEnvironment> {
  return async (context, next) => {
    const principal = context.get("principal");
    const projectId = context.req.param("project_id") ?? "";
    if (principal.kind === "project_key") {
      if (principal.projectId !== projectId) throw projectNotFound(projectId);
      const reads = ["GET", "HEAD"].includes(context.req.method) || readingPath.test(context.req.path);
      if (principal.role === "read" && !reads) {
        throw new AppError("forbidden", "the key's role is read: this needs a key with the role admin");
      }
    }
    await next();
  };
}

/** The same answer for a project that does not exist and for one that the key may not see. */
export function projectNotFound(projectId: string): AppError {
  return new AppError("not_found", `project: "${projectId}" does not exist`);
}
