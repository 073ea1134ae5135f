/** Deleted dashboards: list, undelete, purge. They have no name of their own any more, so they go by their id. */
import { createRoute, z } from "@hono/zod-openapi";
import { etagOf } from "../../../dashboards/etag.ts";
import { type EiderApp, jsonAnswer, jsonBody, problemAnswer } from "../../app.ts";
import { pageAnswer, pageQuerySchema, pageRequest, pageSchema } from "../../pagination.ts";
import { changeOf } from "./change.ts";
import type { DashboardRoutesDependencies } from "./dashboards.ts";
import { messageQuery, projectParams, renderSummary, summarySchema } from "./schemas.ts";

const tags = ["deleted dashboards"];
const path = "/projects/{project_id}/deleted-dashboards";
const trashParams = projectParams.extend({ id: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER) });

export function addTrashRoutes(app: EiderApp, { dashboards, requireProject }: DashboardRoutesDependencies): void {
  app.openapi(
    createRoute({
      method: "get",
      path,
      tags,
      summary: "List deleted dashboards, the last deleted first",
      description: "state_changed_at and state_changed_by tell when and by whom.",
      request: { params: projectParams, query: pageQuerySchema },
      responses: { 200: jsonAnswer(pageSchema(summarySchema), "Deleted dashboards"), ...problemAnswer },
    }),
    async (context) => {
      const { project_id: project } = context.req.valid("param");
      await requireProject(project);
      const page = await dashboards.trash(project, pageRequest(context.req.valid("query")));
      return context.json(pageAnswer(page, renderSummary), 200);
    },
  );
  app.openapi(
    createRoute({
      method: "post",
      path: `${path}/{id}/undelete`,
      tags,
      summary: "Bring a deleted dashboard back, with its history and state",
      description: "Under another name when its own is taken: 409 without one.",
      request: {
        params: trashParams,
        query: z.object({ message: messageQuery }),
        body: { ...jsonBody(z.strictObject({ name: z.string().optional() })), required: false },
      },
      responses: { 200: jsonAnswer(summarySchema, "The dashboard"), ...problemAnswer },
    }),
    async (context) => {
      const { project_id: project, id } = context.req.valid("param");
      const name = (context.req.valid("json") as { name?: string | undefined } | undefined)?.name ?? null;
      const summary = await dashboards.undelete(project, id, name, changeOf(context));
      context.header("etag", etagOf(summary.version));
      return context.json(renderSummary(summary), 200);
    },
  );
  app.openapi(
    createRoute({
      method: "delete",
      path: `${path}/{id}`,
      tags,
      summary: "Delete a dashboard for good, with its history",
      request: { params: trashParams },
      responses: { 204: { description: "Done" }, ...problemAnswer },
    }),
    async (context) => {
      const { project_id: project, id } = context.req.valid("param");
      await dashboards.purge(project, id);
      return context.body(null, 204);
    },
  );
}
