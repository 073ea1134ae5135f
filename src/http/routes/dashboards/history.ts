/** A dashboard's versions: list, read, compare, restore. */
import { createRoute, z } from "@hono/zod-openapi";
import { etagOf } from "../../../dashboards/etag.ts";
import { type EiderApp, jsonAnswer, problemAnswer } from "../../app.ts";
import { pageAnswer, pageQuerySchema, pageRequest, pageSchema } from "../../pagination.ts";
import { changeOf } from "./change.ts";
import type { DashboardRoutesDependencies } from "./dashboards.ts";
import {
  dashboardParams,
  differenceSchema,
  historyEntrySchema,
  ifMatchHeader,
  messageQuery,
  renderDifference,
  renderHistoryEntry,
  renderSummary,
  renderVersion,
  summarySchema,
  versionDocumentSchema,
  versionSchema,
} from "./schemas.ts";

const tags = ["dashboard history"];
const path = "/projects/{project_id}/dashboards/{name}";
const versionNumber = z.coerce.number().int().min(0).max(2 ** 31 - 1);
const versionParams = dashboardParams.extend({ version: versionNumber });

export function addHistoryRoutes(app: EiderApp, { dashboards }: DashboardRoutesDependencies): void {
  app.openapi(
    createRoute({
      method: "get",
      path: `${path}/versions`,
      tags,
      summary: "List the versions that are kept, the newest first",
      description: "The last 50 are kept, the present one among them, each with the changes of state in its time.",
      request: { params: dashboardParams, query: pageQuerySchema },
      responses: { 200: jsonAnswer(pageSchema(historyEntrySchema), "Versions"), ...problemAnswer },
    }),
    async (context) => {
      const { project_id: project, name } = context.req.valid("param");
      const page = await dashboards.versions({ project, name }, pageRequest(context.req.valid("query")));
      return context.json(pageAnswer(page, renderHistoryEntry), 200);
    },
  );
  app.openapi(
    createRoute({
      method: "get",
      path: `${path}/versions/{version}`,
      tags,
      summary: "A version with its document",
      request: { params: versionParams },
      responses: { 200: jsonAnswer(versionDocumentSchema, "The version"), ...problemAnswer },
    }),
    async (context) => {
      const { project_id: project, name, version } = context.req.valid("param");
      const found = await dashboards.version({ project, name }, version);
      // A document's type is read-only all the way down, which the framework's is not.
      return context.json({ ...renderVersion(found), tags: found.tags ?? [], spec: found.spec }, 200) as never;
    },
  );
  app.openapi(
    createRoute({
      method: "get",
      path: `${path}/compare`,
      tags,
      summary: "What makes one version of another",
      description: "Operations in the manner of RFC 6902, with the former values.",
      request: { params: dashboardParams, query: z.object({ from: versionNumber, to: versionNumber.optional() }) },
      responses: {
        200: jsonAnswer(
          z.object({ from: versionSchema, to: versionSchema, differences: z.array(differenceSchema) }),
          "The differences, in the order in which they can be applied; `to` is the present version by default",
        ),
        ...problemAnswer,
      },
    }),
    async (context) => {
      const { project_id: project, name } = context.req.valid("param");
      const { from, to } = context.req.valid("query");
      const place = { project, name };
      const found = await dashboards.compare(place, from, to ?? (await dashboards.summary(place)).version);
      const differences = found.differences.map(renderDifference);
      return context.json({ from: renderVersion(found.from), to: renderVersion(found.to), differences }, 200) as never;
    },
  );
  app.openapi(
    createRoute({
      method: "post",
      path: `${path}/versions/{version}/restore`,
      tags,
      summary: "Make a version's document the next version",
      request: { params: versionParams, headers: ifMatchHeader, query: z.object({ message: messageQuery }) },
      responses: { 200: jsonAnswer(summarySchema, "The dashboard"), ...problemAnswer },
    }),
    async (context) => {
      const { project_id: project, name, version } = context.req.valid("param");
      const summary = await dashboards.restore({ project, name }, version, changeOf(context));
      context.header("etag", etagOf(summary.version));
      return context.json(renderSummary(summary), 200);
    },
  );
}
