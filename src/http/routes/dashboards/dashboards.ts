/**
 * Dashboards beyond Perses' API: summaries, search, saving with If-Match, states, deleting and copying. History, trash and
 * files have modules of their own beside this one.
 */
import { createRoute, z } from "@hono/zod-openapi";
import { etagOf } from "../../../dashboards/etag.ts";
import type { DashboardFilter } from "../../../dashboards/repository.ts";
import { type DashboardService, searchLimitMax } from "../../../dashboards/service.ts";
import { type DashboardState, dashboardStates, listedStates } from "../../../dashboards/states.ts";
import type { JsonObject } from "../../../dashboards/types.ts";
import { AppError } from "../../../errors/app_error.ts";
import { type EiderApp, jsonAnswer, jsonBody, problemAnswer, type RouteModule } from "../../app.ts";
import { projectNotFound } from "../../auth.ts";
import { pageAnswer, pageQuerySchema, pageRequest, pageSchema } from "../../pagination.ts";
import { changeOf } from "./change.ts";
import { addHistoryRoutes } from "./history.ts";
import {
  dashboardParams,
  documentSchema,
  filterQuery,
  ifMatchHeader,
  messageQuery,
  projectParams,
  renderSummary,
  summarySchema,
} from "./schemas.ts";
import { addTransferRoutes } from "./transfer.ts";
import { addTrashRoutes } from "./trash.ts";

export interface DashboardRoutesDependencies {
  readonly dashboards: DashboardService;
  /** Throws `not_found`. */
  readonly requireProject: (projectId: string) => Promise<unknown>;
}

/** Everything below `/projects/{project_id}` that is about dashboards. */
export function dashboardRoutes(dependencies: DashboardRoutesDependencies): RouteModule {
  return (app) => {
    addListRoutes(app, dependencies);
    addDocumentRoutes(app, dependencies);
    addStateRoutes(app, dependencies);
    addHistoryRoutes(app, dependencies);
    addTrashRoutes(app, dependencies);
    addTransferRoutes(app, dependencies);
  };
}

const tags = ["dashboards"];

function addListRoutes(app: EiderApp, { dashboards, requireProject }: DashboardRoutesDependencies): void {
  app.openapi(
    createRoute({
      method: "get",
      path: "/projects/{project_id}/dashboards",
      tags,
      summary: "List dashboards, by name or the last changed first",
      request: {
        params: projectParams,
        query: pageQuerySchema.extend({ ...filterQuery, order: z.enum(["name", "updated"]).default("name") }),
      },
      responses: { 200: jsonAnswer(pageSchema(summarySchema), "Dashboards"), ...problemAnswer },
    }),
    async (context) => {
      const { project_id: project } = context.req.valid("param");
      const { order, ...query } = context.req.valid("query");
      await requireProject(project);
      const page = await dashboards.list(filterOf(project, query), order, pageRequest(query));
      return context.json(pageAnswer(page, renderSummary), 200);
    },
  );
  app.openapi(
    createRoute({
      method: "get",
      path: "/projects/{project_id}/dashboard-search",
      tags,
      summary: "Search dashboards by name, title, tags and description, with typing errors",
      request: {
        params: projectParams,
        query: z.object({
          q: z.string().trim().min(1).max(500),
          limit: z.coerce.number().int().min(1).max(searchLimitMax).default(20),
          ...filterQuery,
        }),
      },
      responses: {
        200: jsonAnswer(
          z.object({ items: z.array(summarySchema.extend({ score: z.number() })) }),
          "The best first; a score is above 0 and at most 1",
        ),
        ...problemAnswer,
      },
    }),
    async (context) => {
      const { project_id: project } = context.req.valid("param");
      const { q, limit, ...query } = context.req.valid("query");
      await requireProject(project);
      const hits = await dashboards.search(q, filterOf(project, query), limit);
      const items = hits.map(({ dashboard, score }) => ({ ...renderSummary(dashboard), score }));
      return context.json({ items }, 200);
    },
  );
}

function addDocumentRoutes(app: EiderApp, { dashboards }: DashboardRoutesDependencies): void {
  const path = "/projects/{project_id}/dashboards/{name}";
  app.openapi(
    createRoute({
      method: "get",
      path,
      tags,
      summary: "What is known of a dashboard, without its document",
      request: { params: dashboardParams },
      responses: { 200: jsonAnswer(summarySchema, "The dashboard; its version is in ETag"), ...problemAnswer },
    }),
    async (context) => {
      const { project_id: project, name } = context.req.valid("param");
      const summary = await dashboards.summary({ project, name });
      context.header("etag", etagOf(summary.version));
      return context.json(renderSummary(summary), 200);
    },
  );
  app.openapi(
    createRoute({
      method: "put",
      path,
      tags,
      summary: "Save a dashboard's document: create it, or make it the next version",
      description: "With If-Match only on top of that version (412 otherwise), with If-None-Match: * only a new one.",
      request: {
        params: dashboardParams,
        headers: ifMatchHeader.extend({ "if-none-match": z.literal("*").optional() }),
        query: z.object({ message: messageQuery }),
        body: jsonBody(documentSchema),
      },
      responses: {
        200: jsonAnswer(documentSchema, "The changed dashboard"),
        201: jsonAnswer(documentSchema, "The new dashboard"),
        ...problemAnswer,
      },
    }),
    async (context) => {
      const { project_id: project, name } = context.req.valid("param");
      const document = context.req.valid("json") as JsonObject;
      const createOnly = context.req.valid("header")["if-none-match"] === "*";
      const saved = await dashboards.save({ project, name }, document, changeOf(context), createOnly);
      context.header("etag", etagOf(saved.resource.metadata.version));
      const body = { ...saved.resource };
      return saved.created ? context.json(body, 201) : context.json(body, 200);
    },
  );
  app.openapi(
    createRoute({
      method: "delete",
      path,
      tags,
      summary: "Delete a dashboard: it goes to the trash, and its name is free",
      request: { params: dashboardParams, headers: ifMatchHeader, query: z.object({ message: messageQuery }) },
      responses: { 204: { description: "Done" }, ...problemAnswer },
    }),
    async (context) => {
      const { project_id: project, name } = context.req.valid("param");
      await dashboards.delete({ project, name }, changeOf(context));
      return context.body(null, 204);
    },
  );
}

function addStateRoutes(app: EiderApp, { dashboards, requireProject }: DashboardRoutesDependencies): void {
  app.openapi(
    createRoute({
      method: "put",
      path: "/projects/{project_id}/dashboards/{name}/state",
      tags,
      summary: "Make it a draft, active or archived",
      description: "An archived dashboard is in no list and cannot be changed.",
      request: {
        params: dashboardParams,
        headers: ifMatchHeader,
        query: z.object({ message: messageQuery }),
        body: jsonBody(z.strictObject({ state: z.enum(["draft", "active", "archived"]) })),
      },
      responses: { 200: jsonAnswer(summarySchema, "The dashboard"), ...problemAnswer },
    }),
    async (context) => {
      const { project_id: project, name } = context.req.valid("param");
      const { state } = context.req.valid("json");
      const summary = await dashboards.setState({ project, name }, state, changeOf(context));
      context.header("etag", etagOf(summary.version));
      return context.json(renderSummary(summary), 200);
    },
  );
  app.openapi(
    createRoute({
      method: "post",
      path: "/projects/{project_id}/dashboards/{name}/copy",
      tags,
      summary: "Save a copy under another name, also of a provisioned or archived dashboard",
      description: "Into another project only with the administrator's key.",
      request: {
        params: dashboardParams,
        query: z.object({ message: messageQuery }),
        body: jsonBody(z.strictObject({
          name: z.string(),
          project_id: z.string().optional(),
          title: z.string().trim().min(1).max(200).optional(),
        })),
      },
      responses: { 201: jsonAnswer(summarySchema, "The copy"), ...problemAnswer },
    }),
    async (context) => {
      const { project_id: project, name } = context.req.valid("param");
      const target = context.req.valid("json");
      const targetProject = target.project_id ?? project;
      const principal = context.get("principal");
      if (principal.kind === "project_key" && principal.projectId !== targetProject) {
        throw projectNotFound(targetProject);
      }
      await requireProject(targetProject);
      const to = { project: targetProject, name: target.name, title: target.title ?? null };
      const copy = await dashboards.copy({ project, name }, to, { ...changeOf(context), expectedVersion: null });
      context.header("etag", etagOf(copy.version));
      return context.json(renderSummary(copy), 201);
    },
  );
}

/** Throws `invalid_request` for a state that there is not. */
function filterOf(
  project: string,
  query: { state?: string | undefined; tag?: string | undefined },
): DashboardFilter {
  const states = words(query.state).map((text) => {
    const state = dashboardStates.find((known) => known === text && known !== "deleted");
    if (state !== undefined) return state;
    throw new AppError("invalid_request", `state: "${text}" is not one of draft, active, archived`, {
      fields: [{ pointer: "/state", detail: "not a state" }],
    });
  });
  const wanted: readonly DashboardState[] = states.length === 0 ? listedStates : states;
  return { project, states: wanted, tags: words(query.tag) };
}

function words(text: string | undefined): string[] {
  return (text ?? "").split(",").map((word) => word.trim()).filter((word) => word !== "");
}
