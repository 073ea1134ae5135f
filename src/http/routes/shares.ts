/** Routes of share links: for those who make them (`/projects/…/shares`) and, without a key, for visitors (`/share/…`). */
import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { ShareAccess, Visitor } from "../../dashboards/sharing/share_access.ts";
import type { ShareService, ShareWishes } from "../../dashboards/sharing/share_service.ts";
import type { Share } from "../../dashboards/sharing/types.ts";
import { AppError } from "../../errors/app_error.ts";
import { pageOf } from "../../storage/page.ts";
import { jsonAnswer, jsonBody, limitJsonBody, problemAnswer, type RouteModule } from "../app.ts";
import { noteForAudit } from "../audit_requests.ts";
import { type AppEnvironment, authorOf } from "../auth.ts";
import { pageAnswer, pageQuerySchema, pageRequest, pageSchema } from "../pagination.ts";
import { invalidRequest } from "../problem.ts";
import type { ConsoleFilesPort } from "./console.ts";
import { sharePage } from "./share_page.ts";

const tags = ["sharing"];
const dashboardParams = z.object({ project_id: z.string(), name: z.string() });
const shareParams = dashboardParams.extend({ share_id: z.string() });
const variablesSchema = z.record(
  z.string().min(1).max(75),
  z.union([z.string().max(10_000), z.array(z.string().max(10_000)).max(1_000)]),
);
const secondsMax = 100 * 365 * 86_400;
const wishFields = {
  label: z.string().trim().max(200).optional(),
  expires_at: z.union([z.iso.datetime({ offset: true }), z.literal("never")]).optional().openapi({
    description: "A time, or never where share_token_allow_never is set. This or expires_in_seconds.",
  }),
  expires_in_seconds: z.number().positive().max(secondsMax).optional(),
  uses_max: z.number().int().min(1).max(1e12).nullable().optional().openapi({
    description: "Openings; null: any number.",
  }),
  allowed_cidrs: z.array(z.string()).max(100).optional().openapi({
    description: "Addresses from which the link opens; none: from everywhere.",
    example: ["192.0.2.0/24", "2001:db8::/32"],
  }),
  variables: variablesSchema.optional().openapi({
    description: "Fixed values; the others keep the dashboard's default.",
  }),
};
const bothExpiries = "say expires_at or expires_in_seconds, not both";
const changeSchema = z.strictObject(wishFields)
  .refine((body) => body.expires_at === undefined || body.expires_in_seconds === undefined, {
    path: ["expires_in_seconds"],
    message: bothExpiries,
  });
const createSchema = changeSchema.refine(
  (body) => body.expires_at !== undefined || body.expires_in_seconds !== undefined,
  { path: ["expires_at"], message: "is required, or expires_in_seconds: a link says when it ends" },
);
type Wishes = z.infer<typeof changeSchema>;

const shareSchema = z.object({
  id: z.string(),
  project_id: z.string(),
  dashboard: z.string(),
  label: z.string(),
  status: z.enum(["active", "expired", "revoked", "used_up"]),
  created_at: z.string(),
  created_by: z.string(),
  expires_at: z.string().nullable().openapi({ description: "null: never" }),
  uses_max: z.number().int().nullable(),
  use_count: z.number().int(),
  allowed_cidrs: z.array(z.string()),
  variables: z.record(z.string(), z.union([z.string(), z.array(z.string())])),
  last_used_at: z.string().nullable(),
  revoked_at: z.string().nullable(),
}).openapi("Share");
const createdSchema = shareSchema.extend({
  token: z.string().openapi({ description: "Shown only here." }),
  path: z.string().openapi({ description: "What opens the dashboard: /share/<token>." }),
}).openapi("CreatedShare");

const openedSchema = z.object({
  dashboard: z.record(z.string(), z.unknown()),
  variables: z.record(z.string(), z.union([z.string(), z.array(z.string())])),
  expires_at: z.string().nullable(),
  view: z.string().nullable().openapi({ description: "Send it with each query; null: not needed." }),
}).openapi("OpenedShare");

const querySchema = z.strictObject({
  panel: z.string().max(75),
  query: z.number().int().min(0).max(999),
  from: z.iso.datetime({ offset: true }),
  to: z.iso.datetime({ offset: true }),
  step_seconds: z.number().positive().max(1e9).optional(),
  variables: variablesSchema.optional(),
  view: z.string().max(200).nullable().optional(),
}).refine((body) => Date.parse(body.from) <= Date.parse(body.to), { path: ["to"], message: "is before from" });

/** `POST, GET …/dashboards/{name}/shares` and `GET, PATCH, DELETE …/shares/{share_id}`. */
export function shareRoutes(shares: ShareService, now: () => number): RouteModule {
  const collection = "/projects/{project_id}/dashboards/{name}/shares";
  return (app) => {
    app.openapi(
      createRoute({
        method: "post",
        path: collection,
        tags,
        summary: "Make a share link; its token is shown only here",
        request: { params: dashboardParams, body: jsonBody(createSchema) },
        responses: { 201: jsonAnswer(createdSchema, "The link"), ...problemAnswer },
      }),
      async (context) => {
        const { project_id: project, name } = context.req.valid("param");
        const wishes = wishesOf(context.req.valid("json"), now());
        const { share, token } = await shares.create(
          project,
          name,
          { ...wishes, expiresAtMs: wishes.expiresAtMs ?? null },
          authorOf(context.get("principal")),
        );
        noteShare(context, share);
        context.header("cache-control", "no-store");
        return context.json({ ...render(share, now()), token, path: `/share/${token}` }, 201);
      },
    );
    app.openapi(
      createRoute({
        method: "get",
        path: collection,
        tags,
        summary: "List a dashboard's share links, without their tokens",
        request: { params: dashboardParams, query: pageQuerySchema },
        responses: { 200: jsonAnswer(pageSchema(shareSchema), "A page"), ...problemAnswer },
      }),
      async (context) => {
        const { project_id: project, name } = context.req.valid("param");
        const { limit, after } = pageRequest(context.req.valid("query"));
        const found = await shares.list(project, name, limit + 1, after);
        return context.json(pageAnswer(pageOf(found, limit, ({ id }) => id), (share) => render(share, now())), 200);
      },
    );
    app.openapi(
      createRoute({
        method: "get",
        path: `${collection}/{share_id}`,
        tags,
        summary: "A share link, without its token",
        request: { params: shareParams },
        responses: { 200: jsonAnswer(shareSchema, "The link"), ...problemAnswer },
      }),
      async (context) => {
        const { project_id: project, name, share_id: id } = context.req.valid("param");
        return context.json(render(await shares.require(project, name, id), now()), 200);
      },
    );
    app.openapi(
      createRoute({
        method: "patch",
        path: `${collection}/{share_id}`,
        tags,
        summary: "Renew a share link or change its limits; the link stays the same",
        request: { params: shareParams, body: jsonBody(changeSchema) },
        responses: { 200: jsonAnswer(shareSchema, "The link"), ...problemAnswer },
      }),
      async (context) => {
        const { project_id: project, name, share_id: id } = context.req.valid("param");
        const share = await shares.change(project, name, id, wishesOf(context.req.valid("json"), now()));
        noteShare(context, share);
        return context.json(render(share, now()), 200);
      },
    );
    app.openapi(
      createRoute({
        method: "delete",
        path: `${collection}/{share_id}`,
        tags,
        summary: "Revoke a share link for good",
        request: { params: shareParams },
        responses: { 204: { description: "Revoked" }, ...problemAnswer },
      }),
      async (context) => {
        const { project_id: project, name, share_id: id } = context.req.valid("param");
        await shares.revoke(project, name, id);
        return context.body(null, 204);
      },
    );
  };
}

/** `GET /share/{token}` and `POST /share/{token}/query`, without a key. */
export function sharedDashboardRoutes(
  access: ShareAccess,
  frameAncestors: string,
  pages: ConsoleFilesPort,
): RouteModule {
  const tokenParams = z.object({ token: z.string() });
  return (app) => {
    app.use("/share/*", limitJsonBody());
    app.use("/share/*", async (context, next) => {
      await next();
      const { headers } = context.res;
      headers.set("cache-control", "no-store");
      headers.set("referrer-policy", "no-referrer");
      headers.set("x-robots-tag", "noindex, nofollow");
      headers.set("x-content-type-options", "nosniff");
      if (!headers.has("content-security-policy")) {
        headers.set("content-security-policy", `default-src 'none'; frame-ancestors ${frameAncestors}`);
      }
      if (frameAncestors === "'none'") headers.set("x-frame-options", "DENY");
    });
    app.get("/share/:token", sharePage(pages, frameAncestors));
    app.openapi(
      createRoute({
        method: "get",
        path: "/share/{token}",
        tags,
        security: [],
        summary: "Open a shared dashboard; counts as one use",
        request: { params: tokenParams },
        responses: { 200: jsonAnswer(openedSchema, "The dashboard, with its variables fixed"), ...problemAnswer },
      }),
      async (context) => {
        const opened = await access.open(context.req.valid("param").token, visitorOf(context));
        return context.json({
          dashboard: { ...opened.dashboard },
          variables: mutable(opened.variables),
          expires_at: timeText(opened.expiresAtMs),
          view: opened.view,
        }, 200);
      },
    );
    app.openapi(
      createRoute({
        method: "post",
        path: "/share/{token}/query",
        tags,
        security: [],
        summary: "Run one of the shared dashboard's own queries",
        description:
          "The body is checked as `SharedQuery`: panel, query (its index in the panel), from, to, step_seconds?, " +
          "variables? (which must have the fixed values) and view (from the opening, when that gave one).",
        request: { params: tokenParams },
        responses: { 200: jsonAnswer(z.record(z.string(), z.unknown()), "The query's data"), ...problemAnswer },
      }),
      async (context) => {
        const { token } = context.req.valid("param");
        const visitor = visitorOf(context);
        const checked = querySchema.safeParse(await readJson(context));
        if (!checked.success) {
          await access.noteBadRequest(token, visitor);
          throw invalidRequest("json", checked.error.issues);
        }
        const body = checked.data;
        const data = await access.query(token, {
          panel: body.panel,
          queryIndex: body.query,
          fromMs: Date.parse(body.from),
          toMs: Date.parse(body.to),
          stepMs: body.step_seconds === undefined ? null : body.step_seconds * 1000,
          variables: body.variables ?? {},
          view: body.view ?? null,
          signal: context.req.raw.signal,
        }, visitor);
        return context.json(data as Record<string, never>, 200);
      },
    );
  };
}

async function readJson(context: Context<AppEnvironment>): Promise<unknown> {
  if (!/\bjson\b/.test(context.req.header("content-type") ?? "")) {
    throw new AppError("unsupported_media_type", "request body: Content-Type must be application/json");
  }
  try {
    return await context.req.json();
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw new AppError("invalid_json", "request body: not valid JSON", { cause });
  }
}

function visitorOf(context: Context<AppEnvironment>): Visitor {
  return { address: context.get("clientAddress") ?? "", userAgent: context.req.header("user-agent") ?? null };
}

function noteShare(context: Context<AppEnvironment>, share: Share): void {
  noteForAudit(context, {
    objectKind: "share",
    objectId: share.id,
    details: {
      dashboard: share.dashboard,
      expires_at: timeText(share.expiresAtMs),
      uses_max: share.usesMax,
      allowed_cidrs: [...share.allowedCidrs],
      variables: Object.keys(share.variables),
    },
  });
}

function wishesOf(body: Wishes, nowMs: number): ShareWishes {
  const expiresAtMs = body.expires_in_seconds !== undefined
    ? nowMs + body.expires_in_seconds * 1000
    : body.expires_at === undefined
    ? undefined
    : body.expires_at === "never"
    ? null
    : Date.parse(body.expires_at);
  return {
    ...(body.label === undefined ? {} : { label: body.label }),
    ...(expiresAtMs === undefined ? {} : { expiresAtMs }),
    ...(body.uses_max === undefined ? {} : { usesMax: body.uses_max }),
    ...(body.allowed_cidrs === undefined ? {} : { allowedCidrs: body.allowed_cidrs }),
    ...(body.variables === undefined ? {} : { variables: body.variables }),
  };
}

function render(share: Share, nowMs: number): z.infer<typeof shareSchema> {
  return {
    id: share.id,
    project_id: share.project,
    dashboard: share.dashboard,
    label: share.label,
    status: statusOf(share, nowMs),
    created_at: new Date(share.createdAtMs).toISOString(),
    created_by: share.createdBy,
    expires_at: timeText(share.expiresAtMs),
    uses_max: share.usesMax,
    use_count: share.useCount,
    allowed_cidrs: [...share.allowedCidrs],
    variables: mutable(share.variables),
    last_used_at: timeText(share.lastUsedAtMs),
    revoked_at: timeText(share.revokedAtMs),
  };
}

function statusOf(share: Share, nowMs: number): z.infer<typeof shareSchema>["status"] {
  if (share.revokedAtMs !== null) return "revoked";
  if (share.expiresAtMs !== null && share.expiresAtMs <= nowMs) return "expired";
  return share.usesMax !== null && share.useCount >= share.usesMax ? "used_up" : "active";
}

function timeText(timeMs: number | null): string | null {
  return timeMs === null ? null : new Date(timeMs).toISOString();
}

function mutable(variables: Share["variables"]): Record<string, string | string[]> {
  return Object.fromEntries(
    Object.entries(variables).map(([name, value]) => [name, typeof value === "string" ? value : [...value]]),
  );
}
