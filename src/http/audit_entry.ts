/**
 * What the audit log says of a REST call, read from its route's pattern, its answer and its status: never from its body, and
 * never a secret. `POST …/keys` makes a key, `DELETE …/keys/:key_id` removes one; a POST to something that is no collection
 * is an action of its own (`subActions`) or, when it is not known here, a `call`. docs/audit.md explains the names.
 */
import type { AuditAction, AuditDetails, AuditEntry, AuditOutcome } from "../audit/types.ts";
import { authorOf, type Principal } from "./auth.ts";

/** What a handler knows better than the pattern; see `noteForAudit`. */
export interface AuditNote {
  readonly actor?: string;
  readonly action?: AuditAction;
  readonly objectKind?: string;
  readonly objectId?: string;
  readonly project?: string;
  readonly versionBefore?: number | null;
  readonly versionAfter?: number | null;
  readonly details?: AuditDetails;
}

export interface ObservedCall {
  readonly method: string;
  /** `/projects/:project_id/keys` */
  readonly pattern: string;
  readonly params: Readonly<Record<string, string>>;
  /** null: nobody was recognised. */
  readonly principal: Principal | null;
  readonly status: number;
  /** The kind of the error that was answered, when there was one. */
  readonly errorKind: string | null;
  /** The answer's JSON, if it is an object. */
  readonly answer: Readonly<Record<string, unknown>> | null;
  readonly note: AuditNote;
  readonly address: string;
  readonly userAgent: string | null;
}

/** Last segments of patterns that are no collections. */
const subActions: Readonly<Record<string, AuditAction>> = {
  "import": "import",
  "dashboard-import": "import",
  restore: "restore",
  undelete: "restore",
  load: "load",
  clear: "clear",
  reset: "reset_credentials",
  "disconnect-all": "disconnect",
  run: "run",
  copy: "create",
  state: "change",
  login: "login",
  query: "query",
};

/** These end in a name under which nothing is looked up. */
const collectionActions: Readonly<Record<string, { POST?: AuditAction; PATCH?: AuditAction; DELETE?: AuditAction }>> = {
  shares: { POST: "share", PATCH: "change_share", DELETE: "revoke_share" },
  sessions: { DELETE: "disconnect" },
};

const methodActions: Readonly<Record<string, AuditAction>> = { PUT: "change", PATCH: "change", DELETE: "delete" };

/** These change nothing that matters: checks, queries, signs of life, what somebody looked at last. `/share/` records its openings itself, with the reason. */
const unchanging =
  /\/heartbeat$|^\/api\/validate\/|^\/api\/migrate$|^\/api\/v1\/view$|^\/api\/auth\/refresh$|^\/proxy\/|(?<!\/workspaces\/[^/]+)\/query$|\/dashboards\/[^/]+\/variables$|^\/share\/|\/recently-viewed\//;
const changingMethods = ["POST", "PUT", "PATCH", "DELETE"];

/** Reading the audit log is noted, too. */
const notedReads: Readonly<Record<string, AuditAction>> = {
  "/internal/audit": "read_audit",
  "/internal/audit/export": "export_audit",
  "/internal/audit/verify": "verify_audit",
  "/projects/:project_id/audit": "read_audit",
  "/projects/:project_id/audit/export": "export_audit",
};

/** Whether a call to this route is in the audit log when it is allowed. */
export function isAudited(method: string, pattern: string): boolean {
  if (pattern in notedReads) return true;
  return changingMethods.includes(method) && !unchanging.test(pattern);
}

/** Whether the call was an attempt at something that the caller may not do or see. */
export function isRefusal(
  { status, principal, params }: Pick<ObservedCall, "status" | "principal" | "params">,
): boolean {
  if (status === 401 || status === 403) return true;
  const project = projectParam(params);
  return status === 404 && principal?.kind === "project_key" && project !== null && project !== principal.projectId;
}

/** `collections` are the segments below which the application looks something up by name (`/keys/:key_id`). */
export function auditEntryOf(call: ObservedCall, collections: ReadonlySet<string>): AuditEntry {
  const { method, pattern, params, principal, answer, note } = call;
  const object = pattern in notedReads ? { kind: "audit_log", id: null, segment: null } : objectOf(pattern, params);
  const refused = isRefusal(call);
  const action = refused && note.action === undefined
    ? "access_refused"
    : note.action ?? actionOf(method, pattern, object.segment, collections);
  const made = action === "create" || action === "share" || action === "import";
  const version = versionOf(answer);
  const objectId = note.objectId ?? (made && object.id === null ? nameOf(answer) : object.id);
  const isProject = object.kind === "project";
  return {
    actor: note.actor ?? (principal === null ? "anonymous" : authorOf(principal)),
    action,
    objectKind: note.objectKind ?? object.kind,
    objectId,
    project: note.project ?? projectParam(params) ?? (isProject ? objectId : null) ?? projectOf(answer) ??
      (principal?.kind === "project_key" ? principal.projectId : null),
    versionBefore: note.versionBefore !== undefined
      ? note.versionBefore
      : action === "change" && version !== null && version > 0
      ? version - 1
      : null,
    versionAfter: note.versionAfter !== undefined ? note.versionAfter : version,
    address: call.address === "" ? null : call.address,
    userAgent: call.userAgent,
    result: refused ? "refused" : outcomeOf(call.status),
    code: call.status < 400 ? null : call.errorKind ?? `http_${call.status}`,
    details: {
      route: `${method} ${pattern}`,
      status: call.status,
      ...otherParams(params, objectId),
      ...(principal?.kind === "project_key" ? { key_id: principal.keyId } : {}),
      ...note.details,
    },
  };
}

function actionOf(
  method: string,
  pattern: string,
  segment: string | null,
  collections: ReadonlySet<string>,
): AuditAction {
  const read = notedReads[pattern];
  if (read !== undefined) return read;
  const last = pattern.split("/").at(-1) ?? "";
  const ofCollection = segment === null ? undefined : collectionActions[segment]?.[method as "POST"];
  if (ofCollection !== undefined && (last === segment || last.startsWith(":"))) return ofCollection;
  const sub = subActions[last];
  if (sub !== undefined && !last.startsWith(":")) return sub;
  if (method === "POST") return collections.has(last) ? "create" : "call";
  return methodActions[method] ?? "call";
}

/** The last collection of the pattern with the name below it: what the call is about. */
function objectOf(
  pattern: string,
  params: Readonly<Record<string, string>>,
): { kind: string | null; id: string | null; segment: string | null } {
  const segments = pattern.split("/").filter((segment) => segment !== "");
  const last = segments.at(-1);
  if (last === undefined) return { kind: null, id: null, segment: null };
  // …/versions/:n/restore and …/credentials/reset are about what comes before
  let end = last in subActions ? segments.slice(0, -1) : segments;
  if (end !== segments && end.at(-2) === "versions") end = end.slice(0, -2);
  for (let index = end.length - 1; index >= 0; index--) {
    const segment = end[index] ?? "";
    if (!segment.startsWith(":")) {
      if (index < end.length - 1 || last === segment) return { kind: singular(segment), id: null, segment };
      continue;
    }
    const collection = end[index - 1] ?? "";
    const id = params[segment.slice(1).replace(/\{.*$/, "")] ?? null;
    return { kind: singular(collection), id, segment: collection };
  }
  return { kind: singular(last), id: null, segment: last };
}

function singular(word: string): string {
  if (word.endsWith("ies")) return `${word.slice(0, -3)}y`;
  if (/(ch|sh|x|ss)es$/.test(word)) return word.slice(0, -2);
  return word.replace(/s$/, "").replaceAll("-", "_");
}

function outcomeOf(status: number): AuditOutcome {
  if (status < 400) return "ok";
  return status === 429 ? "refused" : "failed";
}

function projectParam(params: Readonly<Record<string, string>>): string | null {
  return params["project_id"] ?? params["project"] ?? null;
}

function otherParams(params: Readonly<Record<string, string>>, objectId: string | null): AuditDetails {
  const others = Object.entries(params).filter(([name, value]) =>
    value !== objectId && name !== "project_id" && name !== "project"
  );
  return others.length === 0 ? {} : { params: Object.fromEntries(others) };
}

function metadataOf(answer: ObservedCall["answer"]): Readonly<Record<string, unknown>> | null {
  const metadata = answer?.["metadata"];
  return typeof metadata === "object" && metadata !== null ? metadata as Record<string, unknown> : null;
}

function nameOf(answer: ObservedCall["answer"]): string | null {
  const name = answer?.["id"] ?? metadataOf(answer)?.["name"] ?? answer?.["name"];
  return typeof name === "string" ? name : null;
}

function projectOf(answer: ObservedCall["answer"]): string | null {
  const project = metadataOf(answer)?.["project"] ?? answer?.["project_id"];
  return typeof project === "string" ? project : null;
}

function versionOf(answer: ObservedCall["answer"]): number | null {
  const version = metadataOf(answer)?.["version"];
  return typeof version === "number" && Number.isSafeInteger(version) ? version : null;
}
