/** Projects, their keys and their branches. */
import { createRoute, z } from "@hono/zod-openapi";
import type { ProjectService } from "../../storage/projects.ts";
import type { Branch, Project, ProjectKey } from "../../storage/types.ts";
import { jsonAnswer, jsonBody, problemAnswer, type RouteModule } from "../app.ts";
import { requireAdministrator } from "../auth.ts";
import { pageAnswer, pageQuerySchema, pageRequest, pageSchema } from "../pagination.ts";

const nameSchema = z.string().trim().min(1).max(200)
  .refine((text) => /^\P{Cc}*$/u.test(text), "must not contain control characters");
const timeSchema = z.string().openapi({ format: "date-time", example: "2026-01-02T03:04:05.678Z" });
const projectParams = z.object({ project_id: z.string() });
const noContent = { description: "Done" };

const projectSchema = z.object({ id: z.string(), name: z.string(), created_at: timeSchema }).openapi("Project");
const createdProjectSchema = projectSchema.extend({
  api_key: z.string().openapi({ description: "A key with the role admin, shown only here." }),
}).openapi("CreatedProject");
const roleSchema = z.enum(["admin", "read"]);
const keySchema = z.object({ id: z.string(), name: z.string(), role: roleSchema, created_at: timeSchema }).openapi(
  "Key",
);
const createdKeySchema = keySchema.extend({
  key: z.string().openapi({ description: "The key itself, shown only here." }),
}).openapi("CreatedKey");
const branchSchema = z.object({ id: z.string(), name: z.string(), project_id: z.string(), created_at: timeSchema })
  .openapi("Branch");

/** Routes of projects, keys and branches. */
export function projectRoutes(projects: ProjectService): RouteModule {
  return (app) => {
    app.openapi(
      createRoute({
        method: "post",
        path: "/projects",
        tags: ["projects"],
        summary: "Create a project (administrator)",
        request: { body: jsonBody(z.strictObject({ id: z.string().optional(), name: nameSchema })) },
        responses: { 201: jsonAnswer(createdProjectSchema, "The project and its first key"), ...problemAnswer },
      }),
      async (context) => {
        requireAdministrator(context);
        const { project, apiKey } = await projects.createProject(context.req.valid("json"));
        return context.json({ ...renderProject(project), api_key: apiKey }, 201);
      },
    );
    app.openapi(
      createRoute({
        method: "get",
        path: "/projects",
        tags: ["projects"],
        summary: "List the projects that the key may see",
        request: { query: pageQuerySchema },
        responses: { 200: jsonAnswer(pageSchema(projectSchema), "Projects by id"), ...problemAnswer },
      }),
      async (context) => {
        const request = pageRequest(context.req.valid("query"));
        const principal = context.get("principal");
        if (principal.kind === "project_key") {
          const project = await projects.requireProject(principal.projectId);
          return context.json(pageAnswer({ items: [project], next: null }, renderProject), 200);
        }
        return context.json(pageAnswer(await projects.listProjects(request), renderProject), 200);
      },
    );
    app.openapi(
      createRoute({
        method: "get",
        path: "/projects/{project_id}",
        tags: ["projects"],
        summary: "A project",
        request: { params: projectParams },
        responses: { 200: jsonAnswer(projectSchema, "The project"), ...problemAnswer },
      }),
      async (context) =>
        context.json(renderProject(await projects.requireProject(context.req.valid("param").project_id)), 200),
    );
    app.openapi(
      createRoute({
        method: "patch",
        path: "/projects/{project_id}",
        tags: ["projects"],
        summary: "Rename a project",
        request: { params: projectParams, body: jsonBody(z.strictObject({ name: nameSchema })) },
        responses: { 200: jsonAnswer(projectSchema, "The project"), ...problemAnswer },
      }),
      async (context) => {
        const { project_id: id } = context.req.valid("param");
        return context.json(renderProject(await projects.renameProject(id, context.req.valid("json").name)), 200);
      },
    );
    app.openapi(
      createRoute({
        method: "delete",
        path: "/projects/{project_id}",
        tags: ["projects"],
        summary: "Delete a project with everything in it",
        request: { params: projectParams },
        responses: { 204: noContent, ...problemAnswer },
      }),
      async (context) => {
        await projects.deleteProject(context.req.valid("param").project_id);
        return context.body(null, 204);
      },
    );
    addKeyRoutes(projects)(app);
    addBranchRoutes(projects)(app);
  };
}

function addKeyRoutes(projects: ProjectService): RouteModule {
  return (app) => {
    app.openapi(
      createRoute({
        method: "post",
        path: "/projects/{project_id}/keys",
        tags: ["keys"],
        summary: "Create a key",
        request: { params: projectParams, body: jsonBody(z.strictObject({ name: nameSchema, role: roleSchema })) },
        responses: { 201: jsonAnswer(createdKeySchema, "The key, shown once"), ...problemAnswer },
      }),
      async (context) => {
        const { name, role } = context.req.valid("json");
        const { key, text } = await projects.createKey(context.req.valid("param").project_id, name, role);
        return context.json({ ...renderKey(key), key: text }, 201);
      },
    );
    app.openapi(
      createRoute({
        method: "get",
        path: "/projects/{project_id}/keys",
        tags: ["keys"],
        summary: "List keys, without their text",
        request: { params: projectParams, query: pageQuerySchema },
        responses: { 200: jsonAnswer(pageSchema(keySchema), "Keys by id"), ...problemAnswer },
      }),
      async (context) => {
        const page = pageRequest(context.req.valid("query"));
        const keys = await projects.listKeys(context.req.valid("param").project_id, page);
        return context.json(pageAnswer(keys, renderKey), 200);
      },
    );
    app.openapi(
      createRoute({
        method: "delete",
        path: "/projects/{project_id}/keys/{key_id}",
        tags: ["keys"],
        summary: "Delete a key",
        description: "The last key with the role admin can be deleted with the administrator's key only.",
        request: { params: projectParams.extend({ key_id: z.string() }) },
        responses: { 204: noContent, ...problemAnswer },
      }),
      async (context) => {
        const { project_id: projectId, key_id: keyId } = context.req.valid("param");
        await projects.deleteKey(projectId, keyId, {
          keepLastAdmin: context.get("principal").kind !== "administrator",
        });
        return context.body(null, 204);
      },
    );
  };
}

function addBranchRoutes(projects: ProjectService): RouteModule {
  const branchParams = projectParams.extend({ branch_id: z.string() });
  return (app) => {
    app.openapi(
      createRoute({
        method: "post",
        path: "/projects/{project_id}/branches",
        tags: ["branches"],
        summary: "Create a branch, which starts with the project's present tables",
        request: { params: projectParams, body: jsonBody(z.strictObject({ name: nameSchema })) },
        responses: { 201: jsonAnswer(branchSchema, "The branch"), ...problemAnswer },
      }),
      async (context) => {
        const { project_id: projectId } = context.req.valid("param");
        return context.json(renderBranch(await projects.createBranch(projectId, context.req.valid("json").name)), 201);
      },
    );
    app.openapi(
      createRoute({
        method: "get",
        path: "/projects/{project_id}/branches",
        tags: ["branches"],
        summary: "List branches",
        request: { params: projectParams, query: pageQuerySchema },
        responses: { 200: jsonAnswer(pageSchema(branchSchema), "Branches by id"), ...problemAnswer },
      }),
      async (context) => {
        const page = pageRequest(context.req.valid("query"));
        const branches = await projects.listBranches(context.req.valid("param").project_id, page);
        return context.json(pageAnswer(branches, renderBranch), 200);
      },
    );
    app.openapi(
      createRoute({
        method: "get",
        path: "/projects/{project_id}/branches/{branch_id}",
        tags: ["branches"],
        summary: "A branch",
        request: { params: branchParams },
        responses: { 200: jsonAnswer(branchSchema, "The branch"), ...problemAnswer },
      }),
      async (context) => {
        const { project_id: projectId, branch_id: branchId } = context.req.valid("param");
        return context.json(renderBranch(await projects.requireBranch(projectId, branchId)), 200);
      },
    );
    app.openapi(
      createRoute({
        method: "delete",
        path: "/projects/{project_id}/branches/{branch_id}",
        tags: ["branches"],
        summary: "Delete a branch with its own tables and workspaces",
        request: { params: branchParams },
        responses: { 204: noContent, ...problemAnswer },
      }),
      async (context) => {
        const { project_id: projectId, branch_id: branchId } = context.req.valid("param");
        await projects.deleteBranch(projectId, branchId);
        return context.body(null, 204);
      },
    );
  };
}

function renderProject(project: Project) {
  return { id: project.id, name: project.name, created_at: project.createdAt };
}

function renderKey(key: ProjectKey) {
  return { id: key.id, name: key.name, role: key.role, created_at: key.createdAt };
}

function renderBranch(branch: Branch) {
  return { id: branch.id, name: branch.name, project_id: branch.projectId, created_at: branch.createdAt };
}
