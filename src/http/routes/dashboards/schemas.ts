/** The shapes that the routes of dashboards take and give, and how summaries become them. */
import { z } from "@hono/zod-openapi";
import type { Difference } from "../../../dashboards/compare.ts";
import { dashboardStates, listedStates, versionOrigins } from "../../../dashboards/states.ts";
import type { DashboardHistoryEntry, DashboardSummary, DashboardVersion } from "../../../dashboards/summary.ts";

export const timeSchema = z.string().openapi({ format: "date-time", example: "2026-01-02T03:04:05.678000000Z" });
export const projectParams = z.object({ project_id: z.string() });
export const dashboardParams = projectParams.extend({ name: z.string() });
export const messageQuery = z.string().optional().openapi({
  param: { name: "message", in: "query" },
  description: "What the change is about, for the history; or the header X-Change-Message.",
});
export const ifMatchHeader = z.object({
  "if-match": z.string().optional().openapi({
    description:
      'The version that must be the present one, as GET gave it in ETag: "v7". Without it nothing is checked.',
  }),
});
/** A document as Perses writes it. */
export const documentSchema = z.looseObject({}).openapi("PersesDocument", {
  description: '{"kind", "metadata", "spec"}',
});

export const summarySchema = z.object({
  id: z.number().int(),
  project_id: z.string(),
  name: z.string(),
  title: z.string().nullable(),
  description: z.string().nullable(),
  tags: z.array(z.string()),
  state: z.enum(dashboardStates),
  state_changed_at: timeSchema,
  state_changed_by: z.string(),
  version: z.number().int(),
  created_at: timeSchema,
  created_by: z.string(),
  updated_at: timeSchema,
  updated_by: z.string(),
  provisioned_from: z.string().nullable().openapi({ description: "The file that owns it." }),
  template: z.string().nullable().openapi({ description: "The template it was made from." }),
}).openapi("DashboardSummary");

export const versionSchema = z.object({
  version: z.number().int(),
  created_at: timeSchema,
  created_by: z.string(),
  origin: z.enum(versionOrigins),
  message: z.string().nullable(),
  size_bytes: z.number().int(),
}).openapi("DashboardVersion");

export const historyEntrySchema = versionSchema.extend({
  state_changes: z.array(z.object({
    at: timeSchema,
    by: z.string(),
    message: z.string().nullable(),
    from: z.enum(dashboardStates),
    to: z.enum(dashboardStates),
  })).openapi({ description: "Changes of state while this version was the present one, the newest first." }),
}).openapi("DashboardHistoryEntry");

export const versionDocumentSchema = versionSchema.extend({
  tags: z.array(z.string()),
  spec: z.looseObject({}),
}).openapi("DashboardVersionDocument");

export const differenceSchema = z.object({
  op: z.enum(["add", "remove", "replace"]),
  path: z.string().openapi({ description: 'A JSON pointer into {"tags", "spec"}.', example: "/spec/display/name" }),
  value: z.unknown().optional(),
  former: z.unknown().optional().openapi({ description: "What was there." }),
}).openapi("Difference");

export const filterQuery = {
  state: z.string().optional().openapi({
    param: { name: "state", in: "query" },
    description: `States, separated by commas: ${listedStates.join(",")} by default.`,
  }),
  tag: z.string().optional().openapi({
    param: { name: "tag", in: "query" },
    description: "Tags, separated by commas; each is needed.",
  }),
};

export function renderSummary(summary: DashboardSummary) {
  return {
    id: summary.id,
    project_id: summary.project,
    name: summary.name,
    title: summary.title,
    description: summary.description,
    tags: [...summary.tags],
    state: summary.state,
    state_changed_at: summary.stateChangedAt,
    state_changed_by: summary.stateChangedBy,
    version: summary.version,
    created_at: summary.createdAt,
    created_by: summary.createdBy,
    updated_at: summary.updatedAt,
    updated_by: summary.updatedBy,
    provisioned_from: summary.provisionedFrom,
    template: summary.templateKey,
  };
}

export function renderVersion(version: DashboardVersion) {
  return {
    version: version.version,
    created_at: version.createdAt,
    created_by: version.createdBy,
    origin: version.origin,
    message: version.message,
    size_bytes: version.sizeBytes,
  };
}

export function renderHistoryEntry(entry: DashboardHistoryEntry) {
  return { ...renderVersion(entry), state_changes: entry.stateChanges.map((change) => ({ ...change })) };
}

export function renderDifference({ op, path, value, former }: Difference) {
  return { op, path, ...(value === undefined ? {} : { value }), ...(former === undefined ? {} : { former }) };
}
