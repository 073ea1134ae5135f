/** Routes of a workspace's open PostgreSQL sessions. */
import { createRoute, z } from "@hono/zod-openapi";
import { AppError } from "../../errors/app_error.ts";
import { pageOf } from "../../storage/page.ts";
import type { WorkspaceService } from "../../workspaces/service.ts";
import type { SessionInfo } from "../../workspaces/sessions.ts";
import { jsonAnswer, problemAnswer, type RouteModule } from "../app.ts";
import { pageAnswer, pageQuerySchema, pageRequest, pageSchema } from "../pagination.ts";
import { referenceOf } from "./workspaces.ts";
import { renderSession, sessionSchema } from "./workspaces_schemas.ts";

const tags = ["sessions"];
const workspacePath = "/projects/{project_id}/workspaces/{ws_id}";
const workspaceParameters = z.object({ project_id: z.string(), ws_id: z.string() });
const sessionParameters = workspaceParameters.extend({ session_id: z.string() });
/** As PostgreSQL words it after pg_terminate_backend. */
const terminationDetail = "terminating connection due to administrator command";

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
        const { limit, after } = pageRequest(context.req.valid("query"));
        const remaining = sessions.list(workspace.id)
          .toSorted((left, right) => positionOf(left) < positionOf(right) ? -1 : 1)
          .filter((session) => after === null || positionOf(session) > after);
        return context.json(pageAnswer(pageOf(remaining, limit, positionOf), renderSession), 200);
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
          200: jsonAnswer(z.object({ message: z.string(), count: z.number().int() }), "Disconnected"),
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
        summary: "Note that a session is in use",
        request: { params: sessionParameters },
        responses: { 200: jsonAnswer(sessionSchema, "The session"), ...problemAnswer },
      }),
      async (context) => {
        const session = sessions.heartbeat((await findSession(context.req.valid("param"))).id);
        if (session === undefined) throw sessionNotFound(context.req.valid("param").session_id);
        return context.json(renderSession(session), 200);
      },
    );
  };
}

/** Sorts as the sessions were opened. */
function positionOf(session: SessionInfo): string {
  return `${String(session.startedAtMs).padStart(16, "0")} ${session.id}`;
}

function sessionNotFound(sessionId: string): AppError {
  return new AppError("not_found", `session: "${sessionId}" is not open in this workspace`);
}
