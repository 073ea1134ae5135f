/** The variables of a dashboard: what can be chosen, and what is chosen when nobody has said anything. */
import { createRoute, z } from "@hono/zod-openapi";
import type { PanelContext } from "../../../dashboards/panels/types.ts";
import type { ResolvedVariable } from "../../../dashboards/panels/variables.ts";
import type { ResourceStore } from "../../../dashboards/types.ts";
import { AppError } from "../../../errors/app_error.ts";
import { jsonAnswer, jsonBody, problemAnswer, type RouteModule } from "../../app.ts";
import { contextOf, rangeFields } from "./panel_queries.ts";
import { dashboardParams } from "./schemas.ts";

export interface VariableRoutesDependencies {
  readonly resolve: (context: PanelContext) => Promise<readonly ResolvedVariable[]>;
  readonly store: Pick<ResourceStore, "find">;
}

const valueSchema = z.union([z.string(), z.array(z.string())]).nullable();
const variableSchema = z.object({
  name: z.string(),
  kind: z.enum(["TextVariable", "ListVariable"]),
  title: z.string(),
  options: z.array(z.object({ value: z.string(), label: z.string() })).nullable().openapi({
    description: "null: a text, into which anything can be written.",
  }),
  value: valueSchema.openapi({ description: 'What is chosen; "$__all" is everything.' }),
  query_value: valueSchema.openapi({ description: "What queries get for it." }),
  error: z.string().nullable().openapi({ description: "Why there are no options." }),
  allow_all: z.boolean().openapi({ description: '"$__all" can be chosen.' }),
  allow_multiple: z.boolean().openapi({ description: "A list can be chosen." }),
  hidden: z.boolean().openapi({ description: "Not to be shown to readers." }),
}).openapi("DashboardVariable");
const hourMs = 3_600_000;

export function variableRoutes({ resolve, store }: VariableRoutesDependencies): RouteModule {
  return (app) => {
    app.openapi(
      createRoute({
        method: "post",
        path: "/projects/{project_id}/dashboards/{name}/variables",
        tags: ["dashboard data"],
        summary: "What a dashboard's variables can be, and what they begin with",
        description:
          "Those that depend on others take the values given, else the defaults. Without a range the last hour is asked.",
        request: {
          params: dashboardParams,
          body: jsonBody(z.strictObject({
            ...rangeFields,
            from: rangeFields.from.optional(),
            to: rangeFields.to.optional(),
          })),
        },
        responses: {
          200: jsonAnswer(
            z.object({ items: z.array(variableSchema) }),
            "In the order in which they depend on each other",
          ),
          ...problemAnswer,
        },
      }),
      async (context) => {
        const { project_id: project, name } = context.req.valid("param");
        const body = context.req.valid("json");
        const dashboard = await store.find({ kind: "Dashboard", project, name });
        if (dashboard === null) {
          throw new AppError("not_found", `dashboard not found: "${name}" in project "${project}"`);
        }
        const to = body.to ?? Date.now();
        const range = { ...body, to, from: body.from ?? to - hourMs };
        const resolved = await resolve(
          contextOf(project, dashboard.spec, range, context.get("principal"), context.req.raw.signal),
        );
        return context.json({ items: resolved.map(render) }, 200);
      },
    );
  };
}

function render({ queryValue, options, value, allowAll, allowMultiple, ...variable }: ResolvedVariable) {
  const mutable = (one: string | readonly string[] | null) => one === null || typeof one === "string" ? one : [...one];
  return {
    ...variable,
    options: options === null ? null : options.map((option) => ({ ...option })),
    value: mutable(value),
    query_value: mutable(queryValue),
    allow_all: allowAll,
    allow_multiple: allowMultiple,
  };
}
