/**
 * What `eider backup` asks of a running server: to hold new writes to one file for the moment that it is copied. The copying is
 * done by the command line, which sees by itself whether the file changed meanwhile.
 */
import { createRoute, z } from "@hono/zod-openapi";
import { jsonAnswer, jsonBody, problemAnswer, type RouteModule } from "../app.ts";
import { requireAdministrator } from "../auth.ts";

/** Longer than copying a workspace takes; the hold ends earlier when the backup says so. */
const pauseMsMax = 600_000;

export interface BackupPort {
  /** `metadata`, or a workspace's id. Gives whether a process writes to it at all. */
  pauseWrites(target: string, timeMs: number): Promise<boolean>;
  resumeWrites(target: string): Promise<void>;
}

const target = z.string().regex(/^(metadata|ws_[0-9a-f]+)$/).openapi({ description: "metadata, or a workspace's id" });
const answer = z.object({ target: z.string(), paused: z.boolean() });

export function backupRoutes(port: BackupPort): RouteModule {
  return (app) => {
    app.openapi(
      createRoute({
        method: "post",
        path: "/internal/backup/pause",
        tags: ["internal"],
        summary: "Hold new writes to one file for a moment; used by eider backup",
        request: {
          body: jsonBody(z.strictObject({ target, milliseconds: z.number().int().min(1).max(pauseMsMax) })),
        },
        responses: { 200: jsonAnswer(answer, "Held, or nobody writes to it"), ...problemAnswer },
      }),
      async (context) => {
        requireAdministrator(context);
        const body = context.req.valid("json");
        return context.json(
          { target: body.target, paused: await port.pauseWrites(body.target, body.milliseconds) },
          200,
        );
      },
    );
    app.openapi(
      createRoute({
        method: "post",
        path: "/internal/backup/resume",
        tags: ["internal"],
        summary: "End such a hold",
        request: { body: jsonBody(z.strictObject({ target })) },
        responses: { 200: jsonAnswer(answer, "Writes go on"), ...problemAnswer },
      }),
      async (context) => {
        requireAdministrator(context);
        const body = context.req.valid("json");
        await port.resumeWrites(body.target);
        return context.json({ target: body.target, paused: false }, 200);
      },
    );
  };
}
