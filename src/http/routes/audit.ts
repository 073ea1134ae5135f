/**
 * Routes of the audit log: reading, exporting and verifying. There is none that writes. The administrator sees everything, a
 * project's admin key what concerns its project.
 */
import { createRoute, z } from "@hono/zod-openapi";
import { exportText, showEntry } from "../../audit/export_text.ts";
import { auditActions, type AuditFilter, auditOutcomes, type AuditStore, type ChainHead } from "../../audit/types.ts";
import { type AuditVerification, verifyChain } from "../../audit/verify.ts";
import { AppError } from "../../errors/app_error.ts";
import { jsonAnswer, problemAnswer, type RouteModule } from "../app.ts";
import { type AppEnvironment, requireAdministrator } from "../auth.ts";
import { decodeCursor, encodeCursor, pageQuerySchema, pageSchema } from "../pagination.ts";
import type { Context } from "hono";

const tags = ["audit"];
const nullableText = z.string().nullable();
const nullableNumber = z.number().int().nullable();

const entrySchema = z.object({
  seq: z.number().int(),
  time: z.string().openapi({ format: "date-time" }),
  actor: z.string().openapi({
    description: "admin, <project>/<key name>, a SQL user, share:<id>, anonymous or server.",
  }),
  action: z.string().openapi({ description: `One of ${auditActions.join(", ")}.` }),
  object_kind: nullableText,
  object_id: nullableText,
  project: nullableText,
  version_before: nullableNumber,
  version_after: nullableNumber,
  address: nullableText,
  user_agent: nullableText,
  result: z.string().openapi({ description: `One of ${auditOutcomes.join(", ")}.` }),
  code: nullableText,
  details: z.record(z.string(), z.unknown()),
  hash: z.string(),
}).openapi("AuditEntry");

const timeFilter = z.iso.datetime({ offset: true });
const filterSchema = z.object({
  from: timeFilter.optional().openapi({ description: "At or after this time." }),
  to: timeFilter.optional().openapi({ description: "Before this time." }),
  actor: z.string().optional(),
  action: z.enum(auditActions).optional(),
  object_kind: z.string().optional(),
  object: z.string().optional().openapi({ description: "The object's id." }),
  result: z.enum(auditOutcomes).optional(),
});
const serverFilterSchema = filterSchema.extend({ project: z.string().optional() });
const formatSchema = z.object({ format: z.enum(["jsonl", "csv", "parquet"]).default("jsonl") });
const projectParams = z.object({ project_id: z.string() });

const verificationSchema = z.object({
  ok: z.boolean(),
  entries: z.number().int(),
  first_seq: nullableNumber,
  last_seq: nullableNumber,
  head_hash: nullableText,
  pruned_through: z.number().int(),
  finding_count: z.number().int(),
  findings: z.array(z.object({
    kind: z.enum(["missing", "altered", "reordered", "unreadable"]),
    from_seq: nullableNumber,
    to_seq: nullableNumber,
    file: nullableText,
    detail: z.string(),
  })),
  seconds: z.number(),
}).openapi("AuditVerification");

const knownHash = z.string().regex(/^\d{1,15}:[0-9a-f]{64}$/, "not of the form seq:hash");
const expectSchema = z.object({
  expect: z.union([knownHash, z.array(knownHash).max(1000)]).optional().openapi({
    description: "seq:hash of an entry as it is known from elsewhere, such as the server's own log; may be repeated.",
  }),
});

const mediaTypes = {
  jsonl: "application/x-ndjson",
  csv: "text/csv; charset=utf-8",
  parquet: "application/vnd.apache.parquet",
} as const;

export type AuditReading = Pick<AuditStore, "list" | "stream" | "exportParquet"> & Parameters<typeof verifyChain>[0];

/** Adds `GET /internal/audit`, `…/export`, `…/verify` and `GET /projects/{project_id}/audit`, `…/export`. */
export function auditRoutes(store: AuditReading): RouteModule {
  let verifying: Promise<z.infer<typeof verificationSchema>> | null = null;

  return (app) => {
    const pages = { 200: jsonAnswer(pageSchema(entrySchema), "Entries, newest first"), ...problemAnswer };
    const files = {
      200: {
        content: Object.fromEntries(Object.values(mediaTypes).map((type) => [type, { schema: z.string() }])),
        description: "Entries, oldest first, as a file",
      },
      ...problemAnswer,
    };
    app.openapi(
      createRoute({
        method: "get",
        path: "/internal/audit",
        tags,
        summary: "Read the server's audit log (administrator)",
        request: { query: pageQuerySchema.extend(serverFilterSchema.shape) },
        responses: pages,
      }),
      async (context) => {
        requireAdministrator(context);
        const query = context.req.valid("query");
        return context.json(await page(store, filterOf(query, query.project), query), 200);
      },
    );
    app.openapi(
      createRoute({
        method: "get",
        path: "/internal/audit/export",
        tags,
        summary: "Export the server's audit log as JSON lines, CSV or Parquet (administrator)",
        request: { query: serverFilterSchema.extend(formatSchema.shape) },
        responses: files,
      }),
      async (context) => {
        requireAdministrator(context);
        const query = context.req.valid("query");
        return await exported(store, filterOf(query, query.project), query.format);
      },
    );
    app.openapi(
      createRoute({
        method: "get",
        path: "/internal/audit/verify",
        tags,
        summary: "Verify the chain of the audit log (administrator)",
        description: "Reads every entry; what is missing, altered or out of order is named. One at a time: a second " +
          "caller gets the answer of the run that is under way.",
        request: { query: expectSchema },
        responses: { 200: jsonAnswer(verificationSchema, "What was found"), ...problemAnswer },
      }),
      async (context) => {
        requireAdministrator(context);
        const expected = knownHashes(context.req.valid("query").expect);
        if (expected.length > 0) return context.json(await verify(store, expected), 200);
        verifying ??= verify(store, []).finally(() => verifying = null);
        return context.json(await verifying, 200);
      },
    );
    app.openapi(
      createRoute({
        method: "get",
        path: "/projects/{project_id}/audit",
        tags,
        summary: "Read a project's audit log (admin key)",
        request: { params: projectParams, query: pageQuerySchema.extend(filterSchema.shape) },
        responses: pages,
      }),
      async (context) => {
        requireProjectAdmin(context);
        const query = context.req.valid("query");
        return context.json(await page(store, filterOf(query, context.req.valid("param").project_id), query), 200);
      },
    );
    app.openapi(
      createRoute({
        method: "get",
        path: "/projects/{project_id}/audit/export",
        tags,
        summary: "Export a project's audit log as JSON lines, CSV or Parquet (admin key)",
        request: { params: projectParams, query: filterSchema.extend(formatSchema.shape) },
        responses: files,
      }),
      async (context) => {
        requireProjectAdmin(context);
        const query = context.req.valid("query");
        return await exported(store, filterOf(query, context.req.valid("param").project_id), query.format);
      },
    );
  };
}

function requireProjectAdmin(context: Context<AppEnvironment>): void {
  const principal = context.get("principal");
  if (principal.kind === "project_key" && principal.role !== "admin") {
    throw new AppError("forbidden", "the key's role is read: the audit log needs a key with the role admin");
  }
}

function filterOf(query: z.infer<typeof filterSchema>, project: string | undefined): AuditFilter {
  return {
    ...(query.from === undefined ? {} : { fromMs: Date.parse(query.from) }),
    ...(query.to === undefined ? {} : { toMs: Date.parse(query.to) }),
    ...(query.actor === undefined ? {} : { actor: query.actor }),
    ...(query.action === undefined ? {} : { action: query.action }),
    ...(query.object_kind === undefined ? {} : { objectKind: query.object_kind }),
    ...(query.object === undefined ? {} : { objectId: query.object }),
    ...(project === undefined ? {} : { project }),
    ...(query.result === undefined ? {} : { result: query.result }),
  };
}

async function page(store: AuditReading, filter: AuditFilter, query: { limit: number; cursor?: string | undefined }) {
  const before = query.cursor === undefined ? null : Number(decodeCursor(query.cursor));
  if (before !== null && !Number.isSafeInteger(before)) {
    throw new AppError("invalid_request", "cursor: not one of this list; take next_cursor of the page before", {
      fields: [{ pointer: "/cursor", detail: "not a cursor of this list" }],
    });
  }
  const found = await store.list(filter, query.limit, before);
  return {
    items: found.items.map(showEntry),
    next_cursor: found.nextSequence === null ? null : encodeCursor(String(found.nextSequence)),
  };
}

async function exported(store: AuditReading, filter: AuditFilter, format: keyof typeof mediaTypes): Promise<Response> {
  const body = format === "parquet"
    ? await store.exportParquet(filter)
    : ReadableStream.from(exportText(store.stream(filter), format)).pipeThrough(new TextEncoderStream());
  return new Response(body, {
    headers: {
      "content-type": mediaTypes[format],
      "content-disposition": `attachment; filename="audit.${format}"`,
      "cache-control": "no-store",
    },
  });
}

function knownHashes(given: string | readonly string[] | undefined): ChainHead[] {
  const texts = given === undefined ? [] : typeof given === "string" ? [given] : given;
  return texts.map((text) => ({ sequence: Number(text.split(":")[0]), hash: text.split(":")[1] ?? "" }));
}

async function verify(
  store: AuditReading,
  expected: readonly ChainHead[],
): Promise<z.infer<typeof verificationSchema>> {
  const startedAtMs = performance.now();
  // Between two blocks everything else that waits gets its turn.
  const pause = () => new Promise<void>((resolve) => setTimeout(resolve, 0));
  return renderVerification(await verifyChain(store, { pause, expected }), (performance.now() - startedAtMs) / 1000);
}

function renderVerification(found: AuditVerification, seconds: number): z.infer<typeof verificationSchema> {
  return {
    ok: found.ok,
    entries: found.entryCount,
    first_seq: found.firstSequence,
    last_seq: found.lastSequence,
    head_hash: found.headHash,
    pruned_through: found.prunedThrough,
    finding_count: found.findingCount,
    findings: found.findings.map((finding) => ({
      kind: finding.kind,
      from_seq: finding.fromSequence,
      to_seq: finding.toSequence,
      file: finding.partition,
      detail: finding.detail,
    })),
    seconds,
  };
}
