/**
 * Settings that the administrator can change while the server runs. A change holds until the server's next start, which reads its
 * configuration again.
 */
import { createRoute, z } from "@hono/zod-openapi";
import type { StatementLogSettings } from "../../ipc/messages.ts";
import { jsonAnswer, jsonBody, problemAnswer, type RouteModule } from "../app.ts";
import { requireAdministrator } from "../auth.ts";

/** What the routes change; implemented in `server/query_log.ts`. */
export interface RuntimeSettings {
  current(): StatementLogSettings;
  /** Resolves when every running workspace process follows the new settings. */
  change(settings: StatementLogSettings): Promise<void>;
}

const settingsSchema = z.object({
  query_audit_enabled: z.boolean(),
  query_audit_mode: z.enum(["full", "structure", "hash_only"]),
  query_audit_max_length: z.number().int().min(1).max(10_000_000),
  slow_query_threshold_ms: z.number().min(0).max(1e9),
  slow_query_explain: z.boolean(),
  slow_query_log_full: z.boolean(),
}).openapi("Settings");
const changeSchema = z.strictObject(settingsSchema.partial().shape);

export function settingsRoutes(settings: RuntimeSettings): RouteModule {
  return (app) => {
    app.use("/internal/settings", async (context, next) => {
      requireAdministrator(context);
      await next();
    });
    app.openapi(
      createRoute({
        method: "get",
        path: "/internal/settings",
        tags: ["internal"],
        summary: "Settings that can be changed while the server runs",
        responses: { 200: jsonAnswer(settingsSchema, "As they are now"), ...problemAnswer },
      }),
      (context) => context.json(render(settings.current()), 200),
    );
    app.openapi(
      createRoute({
        method: "patch",
        path: "/internal/settings",
        tags: ["internal"],
        summary: "Change settings until the next start of the server",
        request: { body: jsonBody(changeSchema) },
        responses: { 200: jsonAnswer(settingsSchema, "In force in every running workspace"), ...problemAnswer },
      }),
      async (context) => {
        const change = context.req.valid("json");
        const before = settings.current();
        await settings.change({
          enabled: change.query_audit_enabled ?? before.enabled,
          mode: change.query_audit_mode ?? before.mode,
          text_length_max: change.query_audit_max_length ?? before.text_length_max,
          slow_ms: change.slow_query_threshold_ms ?? before.slow_ms,
          slow_explain: change.slow_query_explain ?? before.slow_explain,
          slow_full_text: change.slow_query_log_full ?? before.slow_full_text,
        });
        return context.json(render(settings.current()), 200);
      },
    );
  };
}

function render(settings: StatementLogSettings): z.infer<typeof settingsSchema> {
  return {
    query_audit_enabled: settings.enabled,
    query_audit_mode: settings.mode,
    query_audit_max_length: settings.text_length_max,
    slow_query_threshold_ms: settings.slow_ms,
    slow_query_explain: settings.slow_explain,
    slow_query_log_full: settings.slow_full_text,
  };
}
