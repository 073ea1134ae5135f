/** Perses' resource routes: every kind's create, list, read, update and delete, in its project or in the whole server. */
import { etagOf } from "../../../dashboards/etag.ts";
import { type RequestPlace, type ResourceService } from "../../../dashboards/resources.ts";
import { checkId } from "../../../dashboards/model/names.ts";
import type { ProjectDocuments } from "../../../dashboards/project_documents.ts";
import type { DashboardView } from "../../../dashboards/preferences/view_recorder.ts";
import { matching } from "../../../dashboards/resources.ts";
import type { Change, JsonObject, JsonValue, Resource, ResourceKind } from "../../../dashboards/types.ts";
import { AppError } from "../../../errors/app_error.ts";
import { authorOf } from "../../auth.ts";
import { changeOf } from "../dashboards/change.ts";
import { type Action, requireGlobalAccess, requireProjectAccess } from "./access.ts";
import { parameter, type PersesContext, type PersesRoute, queryFlag, readDocument } from "./routes.ts";

interface KindRoutes {
  readonly kind: ResourceKind;
  readonly plural: string;
}

const projectKinds: readonly KindRoutes[] = [
  { kind: "Dashboard", plural: "dashboards" },
  { kind: "EphemeralDashboard", plural: "ephemeraldashboards" },
  { kind: "Datasource", plural: "datasources" },
  { kind: "Variable", plural: "variables" },
  { kind: "Folder", plural: "folders" },
];
const globalKinds: readonly KindRoutes[] = [
  { kind: "GlobalDatasource", plural: "globaldatasources" },
  { kind: "GlobalVariable", plural: "globalvariables" },
];

export interface ResourceRouteDependencies {
  readonly resources: ResourceService;
  readonly projects: ProjectDocuments;
  /** Somebody has read this dashboard's document. */
  readonly onRead: (view: DashboardView) => Promise<void>;
}

/** How many documents a list left out because they do not decode any more. */
export const skippedHeader = "x-eider-skipped-documents";

export function resourceRoutes(dependencies: ResourceRouteDependencies): PersesRoute[] {
  return [
    ...projectKinds.flatMap((one) => projectKindRoutes(one, dependencies)),
    ...globalKinds.flatMap((one) => globalKindRoutes(one, dependencies)),
  ];
}

function projectKindRoutes({ kind, plural }: KindRoutes, dependencies: ResourceRouteDependencies): PersesRoute[] {
  const { resources } = dependencies;
  const inProject = `/api/v1/projects/{project}/${plural}`;
  const one = `${inProject}/{name}`;
  /** The true id of the path's project, once the caller may do this there; what is not there is as good as empty. */
  const enter = async (context: PersesContext, action: Action): Promise<string> => {
    const named = parameter(context, "project").toLowerCase();
    requireProjectAccess(context.get("principal"), action, kind, named);
    return await dependencies.projects.resolve(parameter(context, "project")) ?? named;
  };
  const create = async (context: PersesContext): Promise<Response> => {
    const body = await readDocument(context);
    const project = await projectOfNew(context, kind, body, dependencies.projects);
    return answer(context, await resources.create(kind, body, { project, name: null }, creationOf(context)));
  };
  const list = async (context: PersesContext): Promise<Response> =>
    await answerList(context, kind, await projectOfList(context, kind, dependencies.projects), resources);
  return [
    { method: "post", path: `/api/v1/${plural}`, summary: `Create a ${kind}`, hasBody: true, handle: create },
    {
      method: "get",
      path: `/api/v1/${plural}`,
      summary: `List every ${kind} that the key may see`,
      query: listQuery(kind),
      handle: list,
    },
    { method: "post", path: inProject, summary: `Create a ${kind} in a project`, hasBody: true, handle: create },
    { method: "get", path: inProject, summary: `List a project's ${plural}`, query: listQuery(kind), handle: list },
    {
      method: "get",
      path: one,
      summary: `A ${kind}`,
      handle: async (context) => {
        const project = await enter(context, "read");
        await requireProject(context, project, dependencies.projects);
        const resource = await resources.find({ kind, project, name: nameOf(context) });
        if (kind === "Dashboard") {
          const viewer = authorOf(context.get("principal"));
          await dependencies.onRead({ viewer, project, dashboard: resource.metadata.name });
        }
        return answer(context, resource);
      },
    },
    {
      method: "put",
      path: one,
      summary: `Replace a ${kind}; with If-Match only when its version is that one`,
      query: ["message"],
      hasBody: true,
      handle: async (context) => {
        const body = await readDocument(context);
        const project = await enter(context, "update");
        const place = placeInPath(context, body, project);
        return answer(context, await resources.update(kind, body, place, changeOf(context)));
      },
    },
    {
      method: "delete",
      path: one,
      summary: `Delete a ${kind}`,
      status: 204,
      handle: async (context) => {
        const project = await enter(context, "delete");
        await resources.delete({ kind, project, name: nameOf(context) }, changeOf(context));
        return context.body(null, 204);
      },
    },
  ];
}

function globalKindRoutes({ kind, plural }: KindRoutes, dependencies: ResourceRouteDependencies): PersesRoute[] {
  const { resources } = dependencies;
  const path = `/api/v1/${plural}`;
  const one = `${path}/{name}`;
  const enter = (context: PersesContext, action: Action) => requireGlobalAccess(context.get("principal"), action, kind);
  return [
    {
      method: "post",
      path,
      summary: `Create a ${kind} (administrator)`,
      hasBody: true,
      handle: async (context) => {
        const body = await readDocument(context);
        enter(context, "create");
        const place = { project: null, name: null };
        return answer(context, await resources.create(kind, body, place, creationOf(context)));
      },
    },
    {
      method: "get",
      path,
      summary: `List every ${kind}`,
      query: listQuery(kind).filter((name) => name !== "project"),
      handle: async (context) => {
        enter(context, "read");
        return await answerList(context, kind, null, resources);
      },
    },
    {
      method: "get",
      path: one,
      summary: `A ${kind}`,
      handle: async (context) => {
        enter(context, "read");
        return answer(context, await resources.find({ kind, project: null, name: nameOf(context) }));
      },
    },
    {
      method: "put",
      path: one,
      summary: `Replace a ${kind} (administrator)`,
      query: ["message"],
      hasBody: true,
      handle: async (context) => {
        const body = await readDocument(context);
        enter(context, "update");
        const place = { project: null, name: nameOf(context) };
        return answer(context, await resources.update(kind, body, place, changeOf(context)));
      },
    },
    {
      method: "delete",
      path: one,
      summary: `Delete a ${kind} (administrator)`,
      status: 204,
      handle: async (context) => {
        enter(context, "delete");
        await resources.delete({ kind, project: null, name: nameOf(context) }, changeOf(context));
        return context.body(null, 204);
      },
    },
  ];
}

function isDatasource(kind: ResourceKind): boolean {
  return kind === "Datasource" || kind === "GlobalDatasource";
}

function listQuery(kind: ResourceKind): string[] {
  return ["name", "project", ...(isDatasource(kind) ? ["kind", "default"] : ["metadata_only"])];
}

function nameOf(context: PersesContext): string {
  return parameter(context, "name").toLowerCase();
}

/** What the document says of its project, as a client wrote it. */
function projectInDocument(body: JsonValue): string {
  const metadata = (body as JsonObject | null)?.["metadata"] as JsonObject | null | undefined;
  const project = metadata?.["project"];
  return typeof project === "string" ? project : "";
}

/** The project of the path, which the document must not contradict. */
function placeInPath(context: PersesContext, body: JsonValue, project: string): RequestPlace {
  matching("project", parameter(context, "project").toLowerCase(), projectInDocument(body).toLowerCase());
  return { project, name: nameOf(context) };
}

/** The project that a new document goes to: of the path, else of the document. It must exist. */
async function projectOfNew(
  context: PersesContext,
  kind: ResourceKind,
  body: JsonValue,
  projects: ProjectDocuments,
): Promise<string> {
  const inPath = parameter(context, "project");
  const inDocument = projectInDocument(body);
  if (inPath === "" && inDocument === "") throw invalidProject("metadata.project cannot be empty");
  const named = inPath === "" ? inDocument : inPath;
  requireProjectAccess(context.get("principal"), "create", kind, named.toLowerCase());
  const project = await projects.resolve(named);
  if (project === null) throw missingProject(named);
  if (inPath !== "") matching("project", inPath.toLowerCase(), inDocument.toLowerCase());
  return project;
}

/** Throws what Perses says of reading in a project that is not there; writing there finds no document. */
async function requireProject(context: PersesContext, project: string, projects: ProjectDocuments): Promise<void> {
  if (await projects.resolve(project) === null) throw missingProject(parameter(context, "project"));
}

/** The project of a list, null for all of them. A project's key sees its own only. */
async function projectOfList(
  context: PersesContext,
  kind: ResourceKind,
  projects: ProjectDocuments,
): Promise<string | null> {
  const principal = context.get("principal");
  const inPath = parameter(context, "project");
  const inQuery = context.req.query("project") ?? "";
  const wrong = inQuery === "" ? null : checkId(inQuery);
  if (wrong !== null) throw invalidProject(`the project name in the query parameter is invalid: ${wrong}`);
  if (inPath !== "" && inQuery !== "" && inPath.toLowerCase() !== inQuery.toLowerCase()) {
    throw invalidProject(
      `the project name in the path (${inPath}) and the project name in the query parameter (${inQuery}) are different`,
    );
  }
  const named = inPath === "" ? inQuery : inPath;
  if (named === "") return principal.kind === "administrator" ? null : principal.projectId;
  requireProjectAccess(principal, "read", kind, named.toLowerCase());
  const project = await projects.resolve(named);
  // A filter by a project that is not there finds nothing; a path through it is wrong.
  if (project === null && inPath !== "") throw missingProject(named);
  return project ?? named.toLowerCase();
}

export function missingProject(named: string): AppError {
  return invalidProject(`metadata.project ${JSON.stringify(named)} doesn't exist`);
}

function invalidProject(message: string): AppError {
  return new AppError("invalid_request", message, { fields: [{ pointer: "/metadata/project", detail: message }] });
}

/** A creation meets no version: only a change looks at If-Match. */
function creationOf(context: PersesContext): Change {
  return { ...changeOf(context), expectedVersion: null };
}

function answer(context: PersesContext, resource: Resource): Response {
  return context.json(resource, 200, { etag: etagOf(resource.metadata.version) });
}

async function answerList(
  context: PersesContext,
  kind: ResourceKind,
  project: string | null,
  resources: ResourceService,
): Promise<Response> {
  const namePrefix = (context.req.query("name") ?? "").toLowerCase();
  const metadataOnly = !isDatasource(kind) && queryFlag(context, "metadata_only") === true;
  const filter = { kind, project, namePrefix, metadataOnly };
  const headers = (skippedCount: number): Record<string, string> =>
    skippedCount === 0 ? {} : { [skippedHeader]: String(skippedCount) };
  if (isDatasource(kind)) {
    const { resources: found, skippedCount } = await resources.list(filter);
    return context.json(found.filter(datasourceFilter(context)), 200, headers(skippedCount));
  }
  const { texts, skippedCount } = await resources.listTexts(filter);
  return context.body(`[${texts.join(",")}]`, 200, { "content-type": "application/json", ...headers(skippedCount) });
}

function datasourceFilter(context: PersesContext): (resource: Resource) => boolean {
  const pluginKind = context.req.query("kind") ?? "";
  const isDefault = queryFlag(context, "default");
  return ({ spec }) => {
    const plugin = spec["plugin"] as JsonObject | undefined;
    return (pluginKind === "" || plugin?.["kind"] === pluginKind) &&
      (isDefault === undefined || (spec["default"] === true) === isDefault);
  };
}
