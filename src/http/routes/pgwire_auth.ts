/** Password check for an external PostgreSQL proxy; needs the server administrator's key. */
import { createRoute, z } from "@hono/zod-openapi";
import { formatByteSize } from "../../config/byte_size.ts";
import type { WorkspaceService } from "../../workspaces/service.ts";
import { jsonAnswer, jsonBody, problemAnswer, type RouteModule } from "../app.ts";
import { requireAdministrator } from "../auth.ts";
import { renderTime } from "./workspaces_schemas.ts";

/** Longer than any password or username that is made here. */
const credentialCharactersMax = 1024;

const authenticatedSchema = z.object({
  workspace_id: z.string(),
  project_id: z.string(),
  branch_id: z.string().nullable(),
  username: z.string(),
  database: z.string(),
  host: z.string(),
  port: z.number().int(),
  ssl_mode: z.enum(["disable", "require"]),
  expires_at: z.string(),
  memory_limit: z.string(),
  max_result_rows: z.number().int(),
  max_result_bytes: z.number().int(),
});

export function pgwireAuthRoutes(service: WorkspaceService): RouteModule {
  return (app) => {
    app.use("/internal/pgwire/auth", async (context, next) => {
      // Before the body is looked at: who may not ask learns nothing about its form.
      requireAdministrator(context);
      await next();
    });
    app.openapi(
      createRoute({
        method: "post",
        path: "/internal/pgwire/auth",
        tags: ["internal"],
        summary: "Check a username and password of a workspace",
        request: {
          body: jsonBody(z.strictObject({
            username: z.string().min(1).max(credentialCharactersMax),
            password: z.string().max(credentialCharactersMax),
          })),
        },
        responses: { 200: jsonAnswer(authenticatedSchema, "Right; where to send the session"), ...problemAnswer },
      }),
      async (context) => {
        const { username, password } = context.req.valid("json");
        const workspace = await service.authenticate(username, password);
        const connection = service.connection(workspace);
        const limits = service.effectiveLimits(workspace);
        return context.json({
          workspace_id: workspace.id,
          project_id: workspace.projectId,
          branch_id: workspace.branchId,
          username: workspace.username,
          database: connection.database,
          host: connection.host,
          port: connection.port,
          ssl_mode: connection.sslMode,
          expires_at: renderTime(workspace.expiresAtMs),
          memory_limit: formatByteSize(limits.memoryLimitBytes),
          max_result_rows: limits.maxResultRows,
          max_result_bytes: limits.maxResultBytes,
        }, 200);
      },
    );
  };
}
