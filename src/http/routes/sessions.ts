/** Routes of open PostgreSQL sessions: of a workspace, of a project, and of the server for its administrator. */
import { createRoute, z } from "@hono/zod-openapi";
import { AppError } from "../../errors/app_error.ts";
import { pageOf } from "../../storage/page.ts";
import type { WorkspaceService } from "../../workspaces/service.ts";
import type { SessionInfo } from "../../workspaces/sessions.ts";
import { jsonAnswer, problemAnswer, type RouteModule } from "../app.ts";
import { requireAdministrator } from "../auth.ts";
import { pageAnswer, pageQuerySchema, pageRequest, pageSchema } from "../pagination.ts";
import { referenceOf } from "./workspaces.ts";
import { renderSession, sessionSchema } from "./workspaces_schemas.ts";

const tags = ["sessions"];
const workspacePath = "/projects/{project_id}/workspaces/{ws_id}";
const workspaceParameters = z.object({ project_id: z.string(), ws_id: z.string() });
const projectParameters = z.object({ project_id: z.string() });
const sessionParameters = workspaceParameters.extend({ session_id: z.string() });
/** As PostgreSQL words it after pg_terminate_backend. */
const terminationDetail = "terminating connection due to administrator command";
const disconnectedSchema = z.object({ message: z.string(), count: z.number().int() });

export function sessionRoutes(service: WorkspaceService): RouteModule {
  const { sessions } = service;

  async function findSession(parameters: z.infer<typeof sessionParameters>): Promise<SessionInfo> {
    const workspace = await service.findActive(referenceOf(parameters));
    const session = sessions.get(parameters.session_id);
    if (session === undefined || session.workspaceId !== workspace.id) throw sessionNotFound(parameters.session_id);
    return session;
  }

  return (app) => {
    app.openapi(
      createRoute({
        method: "get",
        path: `${workspacePath}/sessions`,
        tags,
        summary: "List open sessions",
        request: { params: workspaceParameters, query: pageQuerySchema },
        responses: { 200: jsonAnswer(pageSchema(sessionSchema), "A page"), ...problemAnswer },
      }),
      async (context) => {
        const workspace = await service.findActive(referenceOf(context.req.valid("param")));
        return context.json(sessionPage(sessions.list(workspace.id), context.req.valid("query")), 200);
      },
    );
    app.openapi(
      createRoute({
        method: "get",
        path: "/projects/{project_id}/sessions",
        tags,
        summary: "List open sessions of all workspaces of the project",
        request: { params: projectParameters, query: pageQuerySchema },
        responses: { 200: jsonAnswer(pageSchema(sessionSchema), "A page"), ...problemAnswer },
      }),
      async (context) => {
        const { project_id } = context.req.valid("param");
        await service.assertProject(project_id);
        return context.json(sessionPage(sessions.listAll(project_id), context.req.valid("query")), 200);
      },
    );
    app.openapi(
      createRoute({
        method: "post",
        path: "/projects/{project_id}/disconnect-all",
        tags,
        summary: "Disconnect every session of the project",
        request: { params: projectParameters },
        responses: { 200: jsonAnswer(disconnectedSchema, "Disconnected"), ...problemAnswer },
      }),
      async (context) => {
        const { project_id } = context.req.valid("param");
        await service.assertProject(project_id);
        const count = sessions.terminateEverywhere("admin_shutdown", terminationDetail, project_id);
        return context.json({ message: "All sessions disconnected", count }, 200);
      },
    );
    app.openapi(
      createRoute({
        method: "get",
        path: "/internal/sessions",
        tags: ["internal"],
        summary: "List open sessions of the server; for its administrator",
        request: { query: pageQuerySchema },
        responses: { 200: jsonAnswer(pageSchema(sessionSchema), "A page"), ...problemAnswer },
      }),
      (context) => {
        requireAdministrator(context);
        return context.json(sessionPage(sessions.listAll(), context.req.valid("query")), 200);
      },
    );
    app.openapi(
      createRoute({
        method: "post",
        path: "/internal/disconnect-all",
        tags: ["internal"],
        summary: "Disconnect every session of the server; for its administrator",
        responses: { 200: jsonAnswer(disconnectedSchema, "Disconnected"), ...problemAnswer },
      }),
      (context) => {
        requireAdministrator(context);
        const count = sessions.terminateEverywhere("admin_shutdown", terminationDetail);
        return context.json({ message: "All sessions disconnected", count }, 200);
      },
    );
    app.openapi(
      createRoute({
        method: "delete",
        path: `${workspacePath}/sessions/{session_id}`,
        tags,
        summary: "Disconnect a session; its client gets FATAL 57P01",
        request: { params: sessionParameters },
        responses: {
          200: jsonAnswer(z.object({ message: z.string(), session_id: z.string() }), "Disconnected"),
          ...problemAnswer,
        },
      }),
      async (context) => {
        const session = await findSession(context.req.valid("param"));
        if (!sessions.terminate(session.id, "admin_shutdown", terminationDetail)) throw sessionNotFound(session.id);
        return context.json({ message: "Session disconnected", session_id: session.id }, 200);
      },
    );
    app.openapi(
      createRoute({
        method: "post",
        path: `${workspacePath}/disconnect-all`,
        tags,
        summary: "Disconnect every session of the workspace",
        request: { params: workspaceParameters },
        responses: {
          200: jsonAnswer(disconnectedSchema, "Disconnected"),
          ...problemAnswer,
        },
      }),
      async (context) => {
        const workspace = await service.findActive(referenceOf(context.req.valid("param")));
        const count = sessions.terminateAll(workspace.id, "admin_shutdown", terminationDetail);
        return context.json({ message: "All sessions disconnected", count }, 200);
      },
    );
    app.openapi(
      createRoute({
        method: "post",
        path: `${workspacePath}/sessions/{session_id}/heartbeat`,
        tags,
        summary: "Note that a session is in use: its idle time begins anew",
        request: { params: sessionParameters },
        responses: { 200: jsonAnswer(sessionSchema, "The session"), ...problemAnswer },
      }),
      async (context) => {
        const session = sessions.heartbeat((await findSession(context.req.valid("param"))).id);
        if (session === undefined) throw sessionNotFound(context.req.valid("param").session_id);
        await service.workers.callRunning(session.workspaceId, {
          command: "session_activity",
          session_id: session.id,
        });
        return context.json(renderSession(session), 200);
      },
    );
  };
}

/** A page of sessions, oldest first. */
function sessionPage(open: readonly SessionInfo[], query: z.infer<typeof pageQuerySchema>) {
  const { limit, after } = pageRequest(query);
  const remaining = open
    .toSorted((left, right) => positionOf(left) < positionOf(right) ? -1 : 1)
    .filter((session) => after === null || positionOf(session) > after);
  return pageAnswer(pageOf(remaining, limit, positionOf), renderSession);
}

/** Sorts as the sessions were opened. */
function positionOf(session: SessionInfo): string {
  return `${String(session.startedAtMs).padStart(16, "0")} ${session.id}`;
}

function sessionNotFound(sessionId: string): AppError {
  return new AppError("not_found", `session: "${sessionId}" is not open in this workspace`);
}
