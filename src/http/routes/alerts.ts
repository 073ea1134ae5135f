/** The built-in alerts for the administrator: what fires now, and a test of the webhook. */
import { createRoute, z } from "@hono/zod-openapi";
import { AppError } from "../../errors/app_error.ts";
import type { Alerts } from "../../observability/alerts/alerts.ts";
import type { AlertState } from "../../observability/alerts/alert_states.ts";
import { alertNames, severities } from "../../observability/alerts/alert_types.ts";
import { jsonAnswer, problemAnswer, type RouteModule } from "../app.ts";
import { requireAdministrator } from "../auth.ts";

const firingSchema = z.object({
  alert: z.enum(alertNames),
  status: z.literal("firing"),
  severity: z.enum(severities),
  firing_since: z.string(),
  summary: z.string(),
  description: z.string(),
  context: z.record(z.string(), z.union([z.string(), z.number(), z.null()])),
  labels: z.record(z.string(), z.string()),
  value: z.number(),
}).openapi("FiringAlert");

const firingListSchema = z.object({
  items: z.array(firingSchema),
  next_cursor: z.null(),
  webhook: z.object({
    configured: z.boolean(),
    waiting: z.number().int().openapi({ description: "Notifications that wait to be sent." }),
  }),
}).openapi("FiringAlerts");

const testedSchema = z.object({
  delivered: z.boolean(),
  webhook_status: z.number().int().nullable().openapi({ description: "The HTTP status that the webhook answered." }),
  webhook_body: z.string().nullable().openapi({ description: "The beginning of its answer, secrets hidden." }),
  duration_ms: z.number().nullable(),
  error: z.string().nullable().openapi({ description: "Why it was not delivered." }),
}).openapi("AlertTest");

/** Adds `GET /internal/alerts` and `POST /internal/alerts/test`; both need the administrator's key. */
export function alertRoutes(alerts: Alerts): RouteModule {
  return (app) => {
    for (const path of ["/internal/alerts", "/internal/alerts/test"]) {
      app.use(path, async (context, next) => {
        requireAdministrator(context);
        await next();
      });
    }
    app.openapi(
      createRoute({
        method: "get",
        path: "/internal/alerts",
        tags: ["internal"],
        summary: "List the alerts that fire now",
        responses: { 200: jsonAnswer(firingListSchema, "Longest first"), ...problemAnswer },
      }),
      (context) =>
        context.json({
          items: alerts.firing().map(renderFiring),
          next_cursor: null,
          webhook: { configured: alerts.hasWebhook, waiting: alerts.waitingCount },
        }, 200),
    );
    app.openapi(
      createRoute({
        method: "post",
        path: "/internal/alerts/test",
        tags: ["internal"],
        summary: "Send a test alert to the webhook and show its answer",
        responses: { 200: jsonAnswer(testedSchema, "It was tried; `delivered` says how it went"), ...problemAnswer },
      }),
      async (context) => {
        if (!alerts.hasWebhook) {
          throw new AppError("conflict", "alert_webhook_url: not set; set it and start the server again");
        }
        const { delivered, answer, error } = await alerts.test();
        return context.json({
          delivered,
          webhook_status: answer?.status ?? null,
          webhook_body: answer?.body ?? null,
          duration_ms: answer === null ? null : Math.round(answer.durationMs),
          error,
        }, 200);
      },
    );
  };
}

function renderFiring({ condition, firingSinceMs }: AlertState): z.infer<typeof firingSchema> {
  const { alert, severity, summary, description, context, labels, value } = condition;
  return {
    alert,
    status: "firing",
    severity,
    firing_since: new Date(firingSinceMs).toISOString(),
    summary,
    description,
    context: { ...context },
    labels: { ...labels },
    value,
  };
}
