/** Routes of workspaces, under a project and (create, list, get, delete) under one of its branches. */
import { createRoute, z } from "@hono/zod-openapi";
import { clearWorkspace, dropWorkspaceObject, loadIntoWorkspace } from "../../workspaces/contents.ts";
import type { WorkspaceReference, WorkspaceService } from "../../workspaces/service.ts";
import { type EiderApp, jsonAnswer, jsonBody, problemAnswer, type RouteModule } from "../app.ts";
import { pageAnswer, pageQuerySchema, pageRequest, pageSchema } from "../pagination.ts";
import {
  clearAnswerSchema,
  createBodySchema,
  limitChanges,
  loadAnswerSchema,
  loadBodySchema,
  renderDetail,
  renderWithPassword,
  renderWorkspace,
  updateBodySchema,
  workspaceDetailSchema,
  workspaceSchema,
  workspaceWithTablesSchema,
} from "./workspaces_schemas.ts";

const tags = ["workspaces"];
const projectPrefix = "/projects/{project_id}";
const workspacePath = `${projectPrefix}/workspaces/{ws_id}`;
const scopeParameters = z.object({ project_id: z.string(), branch_id: z.string().optional() });
const workspaceParameters = z.object({ project_id: z.string(), ws_id: z.string() });
const objectParameters = workspaceParameters.extend({ name: z.string() });
const emptyAnswer = (description: string) => ({ 204: { description }, ...problemAnswer });

/** The parameters of a project's or a branch's path: documented exactly, and of one type for the handlers. */
function scopeSchema(hasBranch: boolean): typeof scopeParameters {
  const project = z.object({ project_id: z.string() });
  return (hasBranch ? project.extend({ branch_id: z.string() }) : project) as unknown as typeof scopeParameters;
}

/** Which workspace the path names. */
export function referenceOf(
  parameters: { project_id: string; branch_id?: string | undefined; ws_id: string },
): WorkspaceReference {
  return { projectId: parameters.project_id, branchId: parameters.branch_id, workspaceId: parameters.ws_id };
}

export function workspaceRoutes(service: WorkspaceService): RouteModule {
  return (app) => {
    addScopedRoutes(app, service, projectPrefix, scopeSchema(false));
    addScopedRoutes(app, service, `${projectPrefix}/branches/{branch_id}`, scopeSchema(true));
    addChangeRoutes(app, service);
    addContentRoutes(app, service);
  };
}

function addScopedRoutes(
  app: EiderApp,
  service: WorkspaceService,
  prefix: string,
  scope: typeof scopeParameters,
): void {
  app.openapi(
    createRoute({
      method: "post",
      path: `${prefix}/workspaces`,
      tags,
      summary: "Create a workspace",
      request: { params: scope, body: jsonBody(createBodySchema) },
      responses: { 201: jsonAnswer(workspaceWithTablesSchema, "Made; the password is only here"), ...problemAnswer },
    }),
    async (context) => {
      const { project_id, branch_id } = context.req.valid("param");
      const body = context.req.valid("json");
      const made = await service.create(project_id, branch_id ?? null, {
        name: body.name,
        ttlHours: body.ttl_hours,
        sizeLimitGb: body.size_limit_gb,
        ...limitChanges(body),
        preloadTables: body.preload_tables,
      });
      return context.json(renderWithPassword(service, made), 201);
    },
  );
  app.openapi(
    createRoute({
      method: "get",
      path: `${prefix}/workspaces`,
      tags,
      summary: "List workspaces, expired ones included",
      request: { params: scope, query: pageQuerySchema },
      responses: { 200: jsonAnswer(pageSchema(workspaceSchema), "A page"), ...problemAnswer },
    }),
    async (context) => {
      const { project_id, branch_id } = context.req.valid("param");
      const page = await service.list(project_id, branch_id, pageRequest(context.req.valid("query")));
      return context.json(pageAnswer(page, (view) => renderWorkspace(service, view)), 200);
    },
  );
  app.openapi(
    createRoute({
      method: "get",
      path: `${prefix}/workspaces/{ws_id}`,
      tags,
      summary: "A workspace with its size, tables and objects",
      request: { params: scope.extend({ ws_id: z.string() }) },
      responses: { 200: jsonAnswer(workspaceDetailSchema, "The workspace"), ...problemAnswer },
    }),
    async (context) => {
      const detail = await service.get(referenceOf(context.req.valid("param")));
      return context.json(renderDetail(service, detail), 200);
    },
  );
  app.openapi(
    createRoute({
      method: "delete",
      path: `${prefix}/workspaces/{ws_id}`,
      tags,
      summary: "Delete a workspace, its sessions and its file",
      request: { params: scope.extend({ ws_id: z.string() }) },
      responses: emptyAnswer("Deleted"),
    }),
    async (context) => {
      await service.delete(referenceOf(context.req.valid("param")));
      return context.body(null, 204);
    },
  );
}

function addChangeRoutes(app: EiderApp, service: WorkspaceService): void {
  app.openapi(
    createRoute({
      method: "patch",
      path: workspacePath,
      tags,
      summary: "Change a workspace; ttl_hours counts from now, and revives an expired one whose file is kept",
      request: { params: workspaceParameters, body: jsonBody(updateBodySchema) },
      responses: { 200: jsonAnswer(workspaceSchema, "The workspace"), ...problemAnswer },
    }),
    async (context) => {
      const body = context.req.valid("json");
      const view = await service.update(referenceOf(context.req.valid("param")), {
        name: body.name,
        ttlHours: body.ttl_hours,
        sizeLimitGb: body.size_limit_gb,
        ...limitChanges(body),
      });
      return context.json(renderWorkspace(service, view), 200);
    },
  );
  app.openapi(
    createRoute({
      method: "post",
      path: `${workspacePath}/credentials/reset`,
      tags,
      summary: "Make a new password; the old one is dead at once, open sessions stay",
      request: { params: workspaceParameters },
      responses: { 200: jsonAnswer(workspaceWithTablesSchema, "With the new password"), ...problemAnswer },
    }),
    async (context) => {
      const made = await service.resetCredentials(referenceOf(context.req.valid("param")));
      return context.json(renderWithPassword(service, made), 200);
    },
  );
}

function addContentRoutes(app: EiderApp, service: WorkspaceService): void {
  app.openapi(
    createRoute({
      method: "post",
      path: `${workspacePath}/load`,
      tags,
      summary: "Copy project tables into the workspace, all or nothing",
      request: { params: workspaceParameters, body: jsonBody(loadBodySchema) },
      responses: { 200: jsonAnswer(loadAnswerSchema, "Loaded"), ...problemAnswer },
    }),
    async (context) => {
      const reference = referenceOf(context.req.valid("param"));
      return context.json(await loadIntoWorkspace(service, reference, context.req.valid("json").tables), 200);
    },
  );
  app.openapi(
    createRoute({
      method: "post",
      path: `${workspacePath}/clear`,
      tags,
      summary: "Drop everything that was made in the workspace",
      request: { params: workspaceParameters },
      responses: { 200: jsonAnswer(clearAnswerSchema, "Cleared"), ...problemAnswer },
    }),
    async (context) => {
      const reference = referenceOf(context.req.valid("param"));
      const dropped = await clearWorkspace(service, reference);
      return context.json({ message: "Workspace cleared", workspace_id: reference.workspaceId, dropped }, 200);
    },
  );
  app.openapi(
    createRoute({
      method: "delete",
      path: `${workspacePath}/objects/{name}`,
      tags,
      summary: "Drop a table or view of the workspace",
      request: { params: objectParameters },
      responses: emptyAnswer("Dropped"),
    }),
    async (context) => {
      const parameters = context.req.valid("param");
      await dropWorkspaceObject(service, referenceOf(parameters), parameters.name);
      return context.body(null, 204);
    },
  );
}
