/** Templates of dashboards: those of the system and the project's own, and dashboards made from them. */
import { createRoute, z } from "@hono/zod-openapi";
import { etagOf } from "../../../dashboards/etag.ts";
import { parameterTypes, type TemplateParameter } from "../../../dashboards/templates/parameters.ts";
import type { NewTemplate, TemplateService, TemplateSource } from "../../../dashboards/templates/service.ts";
import type { DashboardTemplate } from "../../../dashboards/templates/store.ts";
import type { JsonObject, JsonValue } from "../../../dashboards/types.ts";
import { AppError } from "../../../errors/app_error.ts";
import { type EiderApp, jsonAnswer, jsonBody, problemAnswer, type RouteModule } from "../../app.ts";
import { pageAnswer, pageQuerySchema, pageRequest, pageSchema } from "../../pagination.ts";
import { changeOf } from "./change.ts";
import { documentSchema, ifMatchHeader, projectParams, timeSchema } from "./schemas.ts";

export interface TemplateRoutesDependencies {
  readonly templates: TemplateService;
  /** Throws `not_found`. */
  readonly requireProject: (projectId: string) => Promise<unknown>;
}

const tags = ["dashboard templates"];
const path = "/projects/{project_id}/dashboard-templates";
const templateParams = projectParams.extend({ name: z.string() });

const parameterSchema = z.strictObject({
  name: z.string().openapi({ description: "Stands in the document as {{name}}." }),
  title: z.string().trim().min(1).max(200),
  description: z.string().max(1000).optional(),
  type: z.enum(parameterTypes).openapi({
    description: "workspace: the id of one of the project's. datasource: the name of one of the project or the server.",
  }),
  required: z.boolean().default(false),
  default: z.union([z.string(), z.number()]).optional(),
  choices: z.array(z.string().min(1)).min(1).max(200).optional(),
  pattern: z.string().max(500).optional().openapi({ description: "A regular expression for the whole of a text." }),
  datasource_kind: z.string().optional().openapi({ description: "The kind of plugin that a datasource must have." }),
}).openapi("TemplateParameter");
const describedFields = {
  title: z.string().trim().min(1).max(200).optional(),
  description: z.string().max(2000).optional(),
  category: z.string().trim().min(1).max(100).optional(),
  parameters: z.array(parameterSchema).optional(),
  spec: z.looseObject({}).optional().openapi({ description: "A dashboard's spec, with {{name}} in its texts." }),
  from_dashboard: z.string().optional().openapi({ description: "A dashboard of the project, instead of spec." }),
  from_template: z.string().optional().openapi({ description: "Another template, also of the system." }),
};
const templateSchema = z.object({
  name: z.string(),
  title: z.string(),
  description: z.string().nullable(),
  category: z.string().nullable(),
  system: z.boolean().openapi({ description: "Part of the program: it cannot be changed." }),
  parameters: z.array(parameterSchema),
  version: z.number().int(),
  created_at: timeSchema,
  created_by: z.string(),
  updated_at: timeSchema,
  updated_by: z.string(),
  usage_count: z.number().int().openapi({ description: "Dashboards made from it, counted every hour." }),
  last_used_at: timeSchema.nullable(),
}).openapi("DashboardTemplate");
const templateDocumentSchema = templateSchema.extend({ spec: z.looseObject({}) }).openapi("DashboardTemplateDocument");
const sources = ["spec", "from_dashboard", "from_template"] as const;

type ParameterBody = z.infer<typeof parameterSchema>;

export function dashboardTemplateRoutes(dependencies: TemplateRoutesDependencies): RouteModule {
  return (app) => {
    addReadingRoutes(app, dependencies);
    addChangingRoutes(app, dependencies);
    addInstantiation(app, dependencies);
  };
}

function addReadingRoutes(app: EiderApp, { templates, requireProject }: TemplateRoutesDependencies): void {
  app.openapi(
    createRoute({
      method: "get",
      path,
      tags,
      summary: "List the templates of the system and of the project, the most used first",
      request: { params: projectParams, query: pageQuerySchema },
      responses: { 200: jsonAnswer(pageSchema(templateSchema), "Templates"), ...problemAnswer },
    }),
    async (context) => {
      const { project_id: project } = context.req.valid("param");
      await requireProject(project);
      const page = await templates.list(project, pageRequest(context.req.valid("query")));
      return context.json(pageAnswer(page, render), 200);
    },
  );
  app.openapi(
    createRoute({
      method: "get",
      path: `${path}/{name}`,
      tags,
      summary: "A template with its document",
      request: { params: templateParams },
      responses: { 200: jsonAnswer(templateDocumentSchema, "The template; its version is in ETag"), ...problemAnswer },
    }),
    async (context) => {
      const { project_id: project, name } = context.req.valid("param");
      await requireProject(project);
      const { template, spec } = await templates.find(project, name);
      context.header("etag", etagOf(template.version));
      return context.json({ ...render(template), spec }, 200) as never;
    },
  );
}

function addChangingRoutes(app: EiderApp, { templates, requireProject }: TemplateRoutesDependencies): void {
  app.openapi(
    createRoute({
      method: "post",
      path,
      tags,
      summary: "Keep a template: a document, a dashboard or another template, with parameters",
      request: {
        params: projectParams,
        body: jsonBody(z.strictObject({ name: z.string(), ...describedFields })),
      },
      responses: { 201: jsonAnswer(templateSchema, "The new template"), ...problemAnswer },
    }),
    async (context) => {
      const { project_id: project } = context.req.valid("param");
      await requireProject(project);
      const { name, ...body } = context.req.valid("json");
      const template = await templates.create(project, wanted(name, body), changeOf(context));
      context.header("etag", etagOf(template.version));
      return context.json(render(template), 201);
    },
  );
  app.openapi(
    createRoute({
      method: "put",
      path: `${path}/{name}`,
      tags,
      summary: "Replace one of the project's templates; a system one answers 409",
      request: { params: templateParams, headers: ifMatchHeader, body: jsonBody(z.strictObject(describedFields)) },
      responses: { 200: jsonAnswer(templateSchema, "The changed template"), ...problemAnswer },
    }),
    async (context) => {
      const { project_id: project, name } = context.req.valid("param");
      await requireProject(project);
      const template = await templates.update(
        project,
        wanted(name, context.req.valid("json")),
        changeOf(context),
      );
      context.header("etag", etagOf(template.version));
      return context.json(render(template), 200);
    },
  );
  app.openapi(
    createRoute({
      method: "delete",
      path: `${path}/{name}`,
      tags,
      summary: "Delete one of the project's templates; its dashboards stay",
      request: { params: templateParams, headers: ifMatchHeader },
      responses: { 204: { description: "Done" }, ...problemAnswer },
    }),
    async (context) => {
      const { project_id: project, name } = context.req.valid("param");
      await requireProject(project);
      await templates.delete(project, name, changeOf(context));
      return context.body(null, 204);
    },
  );
}

function addInstantiation(app: EiderApp, { templates, requireProject }: TemplateRoutesDependencies): void {
  app.openapi(
    createRoute({
      method: "post",
      path: `${path}/{name}/instantiate`,
      tags,
      summary: "Make a dashboard from a template",
      request: {
        params: templateParams,
        body: jsonBody(z.strictObject({
          name: z.string().openapi({ description: "Of the new dashboard." }),
          title: z.string().trim().min(1).max(200).optional(),
          parameters: z.record(z.string(), z.unknown()).default({}),
        })),
      },
      responses: { 201: jsonAnswer(documentSchema, "The new dashboard"), ...problemAnswer },
    }),
    async (context) => {
      const { project_id: project, name } = context.req.valid("param");
      await requireProject(project);
      const body = context.req.valid("json");
      const made = await templates.instantiate(project, name, {
        name: body.name,
        title: body.title ?? null,
        parameters: body.parameters as Readonly<Record<string, JsonValue>>,
      }, changeOf(context));
      context.header("etag", etagOf(made.metadata.version));
      return context.json({ ...made }, 201);
    },
  );
}

interface DescribedBody {
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  readonly category?: string | undefined;
  readonly parameters?: readonly ParameterBody[] | undefined;
  readonly spec?: unknown;
  readonly from_dashboard?: string | undefined;
  readonly from_template?: string | undefined;
}

function wanted(name: string, body: DescribedBody): NewTemplate {
  return {
    name,
    title: body.title ?? null,
    description: body.description ?? null,
    category: body.category ?? null,
    parameters: body.parameters?.map(readParameter) ?? null,
    source: sourceOf(body),
  };
}

/** Throws `invalid_request` unless exactly one source is named. */
function sourceOf(body: DescribedBody): TemplateSource {
  const named = sources.filter((source) => body[source] !== undefined);
  if (named.length !== 1) {
    const detail = `exactly one of ${sources.join(", ")} is needed`;
    throw new AppError("invalid_request", `template: ${named.join(" and ") || "no source"} given: ${detail}`, {
      fields: [{ pointer: `/${named[1] ?? "spec"}`, detail }],
    });
  }
  if (body.from_dashboard !== undefined) return { kind: "dashboard", name: body.from_dashboard };
  if (body.from_template !== undefined) return { kind: "template", name: body.from_template };
  return { kind: "spec", spec: body.spec as JsonObject };
}

function readParameter({ datasource_kind: datasourceKind, ...parameter }: ParameterBody): TemplateParameter {
  const { description, default: preset, choices, pattern, name, title, type, required } = parameter;
  return {
    name,
    title,
    type,
    required,
    ...(description === undefined ? {} : { description }),
    ...(preset === undefined ? {} : { default: preset }),
    ...(choices === undefined ? {} : { choices }),
    ...(pattern === undefined ? {} : { pattern }),
    ...(datasourceKind === undefined ? {} : { datasourceKind }),
  };
}

function render(template: DashboardTemplate) {
  return {
    name: template.name,
    title: template.title,
    description: template.description,
    category: template.category,
    system: template.project === null,
    parameters: template.parameters.map(renderParameter),
    version: template.version,
    created_at: template.createdAt,
    created_by: template.createdBy,
    updated_at: template.updatedAt,
    updated_by: template.updatedBy,
    usage_count: template.usageCount,
    last_used_at: template.lastUsedAt,
  };
}

function renderParameter(stored: JsonValue): ParameterBody {
  const { datasourceKind, ...parameter } = stored as unknown as TemplateParameter;
  const { choices, ...rest } = parameter;
  return {
    ...rest,
    ...(choices === undefined ? {} : { choices: [...choices] }),
    ...(datasourceKind === undefined ? {} : { datasource_kind: datasourceKind }),
  };
}
