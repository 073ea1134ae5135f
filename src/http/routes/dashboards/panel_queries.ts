/** Data for panels: a query of a stored dashboard, or one that stands alone while somebody writes it. */
import { createRoute, z } from "@hono/zod-openapi";
import type { PanelQueries } from "../../../dashboards/panels/panel_queries.ts";
import { defaultIntervalMs, shownData } from "../../../dashboards/panels/shown_data.ts";
import type { PanelContext, PanelReader } from "../../../dashboards/panels/types.ts";
import type { JsonObject, ResourceStore } from "../../../dashboards/types.ts";
import { AppError } from "../../../errors/app_error.ts";
import { jsonAnswer, problemAnswer, type RouteModule } from "../../app.ts";
import { authorOf, type Principal } from "../../auth.ts";

export interface PanelQueryDependencies {
  readonly queries: Pick<PanelQueries, "run" | "ofPanel">;
  readonly store: Pick<ResourceStore, "find">;
}

const tags = ["dashboard data"];

const instant = z.union([z.number().int(), z.iso.datetime({ offset: true }).transform((text) => Date.parse(text))])
  .openapi({ type: "string", format: "date-time", description: "RFC 3339, or milliseconds since 1970." });
export const rangeFields = {
  from: instant,
  to: instant,
  interval_ms: z.number().int().min(1).max(86_400_000 * 366).optional()
    .openapi({ description: "Distance of two points; by default a 250th of the range." }),
  variables: z.record(z.string(), z.union([z.string(), z.array(z.string())])).default({}),
};
const panelQuerySchema = z.object({
  panel: z.string().openapi({ description: "Key of the panel in spec.panels." }),
  query: z.number().int().min(0).default(0),
  ...rangeFields,
});
const freeQuerySchema = z.object({
  plugin: z.object({ kind: z.string(), spec: z.record(z.string(), z.unknown()) })
    .openapi({ description: "The query's plugin, such as {kind: DuckDBQuery, spec: {query: SELECT …}}." }),
  datasources: z.record(z.string(), z.unknown()).default({})
    .openapi({ description: "The dashboard's own datasources, as in its spec." }),
  ...rangeFields,
});
const dataSchema = z.object({
  type: z.enum(["time_series", "table"]),
  series: z.array(
    z.object({
      name: z.string(),
      labels: z.record(z.string(), z.string()),
      values: z.array(z.array(z.number().nullable())).openapi({ description: "Pairs of milliseconds and value." }),
    }),
  ).optional(),
  step_ms: z.number().optional(),
  columns: z.array(z.object({ name: z.string(), type: z.string() })).optional(),
  rows: z.array(z.record(z.string(), z.unknown())).optional(),
  truncated: z.boolean().openapi({ description: "There were more rows than the limit." }),
});

export function panelQueryRoutes({ queries, store }: PanelQueryDependencies): RouteModule {
  return (app) => {
    app.openapi(
      createRoute({
        method: "post",
        path: "/projects/{project_id}/dashboards/{name}/query",
        tags,
        summary: "Run a query of a dashboard's panel",
        description: "Runs only what the stored dashboard says, read-only, with the variables bound as values.",
        request: {
          params: z.object({ project_id: z.string(), name: z.string() }),
          body: { content: { "application/json": { schema: panelQuerySchema } }, required: true },
        },
        responses: { 200: jsonAnswer(dataSchema, "The data"), ...problemAnswer },
      }),
      async (context) => {
        const { project_id: project, name } = context.req.valid("param");
        const body = context.req.valid("json");
        const dashboard = await store.find({ kind: "Dashboard", project, name });
        if (dashboard === null) {
          throw new AppError("not_found", `dashboard not found: "${name}" in project "${project}"`);
        }
        const asked = contextOf(project, dashboard.spec, body, context.get("principal"), context.req.raw.signal);
        return context.json(shownData(await queries.ofPanel(asked, body.panel, body.query)), 200) as never;
      },
    );
    app.openapi(
      createRoute({
        method: "post",
        path: "/projects/{project_id}/panel-query",
        tags,
        summary: "Run a query that is not stored in a dashboard",
        request: {
          params: z.object({ project_id: z.string() }),
          body: { content: { "application/json": { schema: freeQuerySchema } }, required: true },
        },
        responses: { 200: jsonAnswer(dataSchema, "The data"), ...problemAnswer },
      }),
      async (context) => {
        const { project_id: project } = context.req.valid("param");
        const body = context.req.valid("json");
        const dashboard = { datasources: body.datasources as JsonObject };
        const asked = contextOf(project, dashboard, body, context.get("principal"), context.req.raw.signal);
        const plugin = { kind: body.plugin.kind, spec: body.plugin.spec as JsonObject };
        return context.json(shownData(await queries.run(asked, plugin)), 200) as never;
      },
    );
  };
}

interface RangeFields {
  readonly from: number;
  readonly to: number;
  readonly interval_ms?: number | undefined;
  readonly variables: Readonly<Record<string, string | string[]>>;
}

/** Throws `invalid_request` for an empty range. */
export function contextOf(
  project: string,
  dashboard: JsonObject,
  body: RangeFields,
  principal: Principal,
  signal: AbortSignal,
): PanelContext {
  if (body.from >= body.to) {
    const detail = `from is ${new Date(body.from).toISOString()}, to is ${new Date(body.to).toISOString()}`;
    throw new AppError("invalid_request", `the time range is empty: ${detail}`, {
      fields: [{ pointer: "/from", detail: "must be before to" }],
    });
  }
  return {
    project,
    dashboard,
    range: {
      fromMs: body.from,
      toMs: body.to,
      intervalMs: body.interval_ms ?? defaultIntervalMs(body.from, body.to),
    },
    variables: new Map(Object.entries(body.variables)),
    reader: readerOf(principal),
    signal,
  };
}

export function readerOf(principal: Principal): PanelReader {
  return { name: authorOf(principal), readsHistory: principal.kind === "administrator" };
}
