/**
 * The query log over REST: of a workspace (also under its branch), of a project, and for the administrator of the server. Newest first,
 * as pages of JSON or, filtered the same way, as one Parquet file.
 */
import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { AppError } from "../../errors/app_error.ts";
import type { PlanNode } from "../../ipc/messages.ts";
import {
  type KeptQuery,
  type QueryLogFilter,
  queryLogStatuses,
  type QueryLogStore,
} from "../../observability/query_log_types.ts";
import { pageOf } from "../../storage/page.ts";
import type { WorkspaceReference } from "../../workspaces/service.ts";
import { type EiderApp, problemAnswer, type RouteModule } from "../app.ts";
import { type AppEnvironment, requireAdministrator } from "../auth.ts";
import { pageAnswer, pageQuerySchema, pageRequest, pageSchema } from "../pagination.ts";
import { referenceOf } from "./workspaces.ts";

export interface QueryRoutesDependencies {
  /** null: no table is kept. */
  readonly store: QueryLogStore | null;
  /** Throws `not_found`. */
  readonly findWorkspace: (reference: WorkspaceReference) => Promise<unknown>;
  /** Brings what waits to be written into the table, so that a list has what was just run. */
  readonly flush: () => Promise<void>;
}

const parquetType = "application/vnd.apache.parquet";
const tags = ["query log"];
const textCharactersMax = 1_000;

const planNodeSchema: z.ZodType<PlanNode> = z.lazy(() =>
  z.object({
    operator: z.string(),
    timing_ms: z.number().nullable(),
    rows: z.number().nullable(),
    estimated_rows: z.number().nullable(),
    details: z.record(z.string(), z.string()),
    children: z.array(planNodeSchema),
  })
).openapi("PlanNode", {
  type: "object",
  description: "One operator; timing_ms and rows where this very run was measured.",
});

const querySchema = z.object({
  id: z.number().int(),
  timestamp: z.string().openapi({ format: "date-time", description: "When the statement began." }),
  project_id: z.string(),
  branch_id: z.string().nullable(),
  workspace_id: z.string(),
  session_id: z.string(),
  username: z.string(),
  client_ip: z.string(),
  application_name: z.string(),
  mode: z.enum(["full", "structure", "hash_only"]),
  query: z.string().nullable(),
  query_truncated: z.boolean(),
  query_length: z.number().int(),
  query_hash: z.string().openapi({ description: "SHA-256 of the statement without its values." }),
  duration_ms: z.number(),
  rows_returned: z.number().int(),
  bytes_returned: z.number().int(),
  status: z.enum(queryLogStatuses),
  error: z.string().nullable(),
  sqlstate: z.string().nullable(),
  slow: z.boolean(),
  plan: z.object({ source: z.enum(["profile", "explain"]), text: z.string(), tree: planNodeSchema }).nullable(),
}).openapi("LoggedQuery");

const timeParameter = (description: string) =>
  z.iso.datetime({ offset: true, error: "not a time such as 2026-01-31T12:00:00Z" }).optional().openapi({
    description,
  });

const filterSchema = pageQuerySchema.extend({
  from: timeParameter("Statements that began at this time or later (RFC 3339)."),
  to: timeParameter("Statements that began before this time."),
  status: z.enum(queryLogStatuses).optional(),
  user: z.string().min(1).optional(),
  min_duration_ms: z.coerce.number().min(0).optional(),
  text: z.string().min(1).max(textCharactersMax).optional().openapi({
    description: "Part of the statement's text, in upper or lower case.",
  }),
  slow: z.enum(["true", "false"]).optional(),
  format: z.enum(["json", "parquet"]).optional().openapi({
    description: `parquet (or Accept: ${parquetType}) gives all rows as one file, without limit and cursor.`,
  }),
});

const responses = {
  200: {
    content: {
      "application/json": { schema: pageSchema(querySchema) },
      [parquetType]: { schema: z.string().openapi({ format: "binary" }) },
    },
    description: "Statements, newest first",
  },
  ...problemAnswer,
};

type Scope = Pick<QueryLogFilter, "projectId" | "branchId" | "workspaceId">;

export function queryRoutes(dependencies: QueryRoutesDependencies): RouteModule {
  return (app) => {
    addWorkspaceRoutes(app, dependencies, false);
    addWorkspaceRoutes(app, dependencies, true);
    app.openapi(
      createRoute({
        method: "get",
        path: "/projects/{project_id}/queries",
        tags,
        summary: "Statements run in any workspace of the project, deleted ones included",
        request: { params: z.object({ project_id: z.string() }), query: filterSchema },
        responses,
      }),
      (context) => {
        const { project_id } = context.req.valid("param");
        return answer(context, dependencies, { projectId: project_id }, context.req.valid("query"));
      },
    );
    app.openapi(
      createRoute({
        method: "get",
        path: "/internal/queries",
        tags: [...tags, "internal"],
        summary: "Statements of the whole server; needs the administrator's key",
        request: { query: filterSchema },
        responses,
      }),
      (context) => {
        requireAdministrator(context);
        return answer(context, dependencies, { projectId: null }, context.req.valid("query"));
      },
    );
  };
}

function addWorkspaceRoutes(app: EiderApp, dependencies: QueryRoutesDependencies, inBranch: boolean): void {
  const parameters = z.object({ project_id: z.string(), branch_id: z.string().optional(), ws_id: z.string() });
  const shown = inBranch ? parameters.extend({ branch_id: z.string() }) : parameters.omit({ branch_id: true });
  const prefix = `/projects/{project_id}${inBranch ? "/branches/{branch_id}" : ""}`;
  app.openapi(
    createRoute({
      method: "get",
      path: `${prefix}/workspaces/{ws_id}/queries`,
      tags,
      summary: "Statements run in the workspace, newest first; with slow=true the slow ones and their plans",
      request: { params: shown as unknown as typeof parameters, query: filterSchema },
      responses,
    }),
    async (context) => {
      const reference = referenceOf(context.req.valid("param"));
      const scope: Scope = {
        projectId: reference.projectId,
        workspaceId: reference.workspaceId,
        ...(reference.branchId === undefined ? {} : { branchId: reference.branchId }),
      };
      await requireKnown(dependencies, reference, scope);
      return await answer(context, dependencies, scope, context.req.valid("query"));
    },
  );
}

/** A workspace that is gone has a log as long as its rows are kept. */
async function requireKnown(
  { store, findWorkspace }: QueryRoutesDependencies,
  reference: WorkspaceReference,
  scope: Scope,
): Promise<void> {
  try {
    await findWorkspace(reference);
  } catch (error) {
    const rows = error instanceof AppError && error.kind === "not_found" && store !== null
      ? await store.list(scope, { limit: 1, beforeId: null })
      : [];
    if (rows.length === 0) throw error;
  }
}

async function answer(
  context: Context<AppEnvironment>,
  { store, flush }: QueryRoutesDependencies,
  scope: Scope,
  query: z.infer<typeof filterSchema>,
) {
  if (store === null) {
    throw new AppError("not_found", "query log: this server keeps no table of it, query_audit_table is false");
  }
  const filter: QueryLogFilter = {
    ...scope,
    fromMs: query.from === undefined ? undefined : Date.parse(query.from),
    toMs: query.to === undefined ? undefined : Date.parse(query.to),
    status: query.status,
    username: query.user,
    minDurationMs: query.min_duration_ms,
    text: query.text,
    slow: query.slow === undefined ? undefined : query.slow === "true",
  };
  const { limit, after } = pageRequest(query);
  await flush();
  const accepts = context.req.header("accept") ?? "";
  if (query.format === "parquet" || query.format === undefined && accepts.includes(parquetType)) {
    const file = await store.exportParquet(filter);
    const isHead = context.req.method === "HEAD";
    if (isHead) await file.body.cancel();
    return new Response(isHead ? null : file.body, {
      headers: {
        "content-type": parquetType,
        "content-length": String(file.sizeBytes),
        "content-disposition": `attachment; filename="queries.parquet"`,
      },
    }) as never;
  }
  const rows = await store.list(filter, { limit: limit + 1, beforeId: after === null ? null : Number(after) });
  return context.json(pageAnswer(pageOf(rows, limit, (row) => String(row.id)), renderQuery), 200);
}

function renderQuery({ plan, ...row }: KeptQuery) {
  return { ...row, plan: plan === null ? null : { source: plan.source, text: plan.text, tree: plan.root } };
}
