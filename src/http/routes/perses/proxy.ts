/**
 * Perses' datasource proxy: `/proxy/…/datasources/{name}/<path>` is passed on to an HTTP datasource; a DuckDBDatasource answers POST
 * {"query"} as Perses' SQL proxy does. Reading a place is the right that is needed.
 *
 * `POST /proxy/unsaved/…/datasources/<path>` does the same for a datasource in the body, which is not stored; for that one needs the
 * right to create it there.
 */
import { z } from "@hono/zod-openapi";
import type { ProjectDocuments } from "../../../dashboards/project_documents.ts";
import type { DatasourceProxy, DatasourceScope } from "../../../dashboards/panels/datasource_proxy.ts";
import type { FoundDatasource } from "../../../dashboards/panels/datasources.ts";
import type { ResourceService } from "../../../dashboards/resources.ts";
import type { JsonValue } from "../../../dashboards/types.ts";
import { AppError } from "../../../errors/app_error.ts";
import type { RouteModule } from "../../app.ts";
import { readerOf } from "../dashboards/panel_queries.ts";
import { type Action, requireGlobalAccess, requireProjectAccess } from "./access.ts";
import { missingProject } from "./resources.ts";
import { answerAsPerses, parameter, type PersesContext, persesProblems, readDocument } from "./routes.ts";
import { readUnsavedRequest } from "./unsaved_request.ts";

export interface ProxyRoutesDependencies {
  readonly proxy: DatasourceProxy;
  readonly projects: ProjectDocuments;
  readonly resources: ResourceService;
}

const methods = ["get", "post", "put", "patch", "delete"] as const;
const places = [
  "/proxy/globaldatasources/{name}",
  "/proxy/projects/{project}/datasources/{name}",
  "/proxy/projects/{project}/dashboards/{dashboard}/datasources/{name}",
] as const;
const unsavedPlaces = [
  "/proxy/unsaved/globaldatasources",
  "/proxy/unsaved/projects/{project}/datasources",
  "/proxy/unsaved/projects/{project}/dashboards/{dashboard}/datasources",
] as const;

/** Problems of the proxy look like Perses'; goes among the public routes, before the key is asked for. */
export const proxyProblems: RouteModule = (app) => app.use("/proxy/*", persesProblems());

export function proxyRoutes(dependencies: ProxyRoutesDependencies): RouteModule {
  return (app) => {
    for (const place of unsavedPlaces) {
      const pattern = `${place.replaceAll(/\{(\w+)\}/g, ":$1")}/:path{.*}`;
      answerAsPerses(pattern);
      app.on("POST", pattern, (context) => askUnsaved(context, dependencies));
      app.openAPIRegistry.registerPath({
        method: "post",
        path: `${place}/{path}`,
        tags: ["Perses"],
        summary: "Ask a datasource that is not stored",
        description:
          "Body: {method, body? as base64, spec of the datasource}. Who may create a datasource there may ask.",
        request: {
          params: z.object({ ...namesIn(place), path: z.string() }),
          body: { content: { "application/json": { schema: z.record(z.string(), z.unknown()) } } },
        },
        responses: { default: { description: "What the datasource answers" } },
      });
    }
    for (const place of places) {
      const whole = place.replaceAll(/\{(\w+)\}/g, ":$1");
      for (const pattern of [whole, `${whole}/:path{.*}`]) {
        answerAsPerses(pattern);
        for (const method of methods) app.on(method.toUpperCase(), pattern, (context) => ask(context, dependencies));
      }
      for (const method of methods) {
        app.openAPIRegistry.registerPath({
          method,
          path: `${place}/{path}`,
          tags: ["Perses"],
          summary: "Ask a datasource",
          description: "Passed on to an HTTPProxy as it allows. A DuckDBDatasource takes POST {query} and no path.",
          request: { params: z.object({ ...namesIn(place), path: z.string() }) },
          responses: { default: { description: "What the datasource answers" } },
        });
      }
    }
  };
}

function namesIn(place: string) {
  return Object.fromEntries([...place.matchAll(/\{(\w+)\}/g)].map(([, name]) => [name!, z.string()] as const));
}

/** A request to a datasource, however it came. */
interface Asked {
  readonly place: DatasourceScope;
  readonly datasource: FoundDatasource;
  readonly method: string;
  /** The body of a SQL query. */
  readonly json: () => Promise<JsonValue>;
  /** The body of a request that is passed on. */
  readonly bytes: () => Promise<Uint8Array<ArrayBuffer> | null>;
}

async function ask(context: PersesContext, dependencies: ProxyRoutesDependencies): Promise<Response> {
  const place = await enter(context, dependencies.projects, "read");
  const { method } = context.req;
  return await answer(context, dependencies.proxy, {
    place,
    datasource: await dependencies.proxy.find(place, parameter(context, "name")),
    method,
    json: () => readDocument(context),
    bytes: async () =>
      context.req.raw.body === null || method === "GET" ? null : new Uint8Array(await context.req.arrayBuffer()),
  });
}

async function askUnsaved(context: PersesContext, dependencies: ProxyRoutesDependencies): Promise<Response> {
  const place = await enter(context, dependencies.projects, "create");
  const { datasource, method, body } = readUnsavedRequest(
    await readDocument(context),
    place.scope,
    dependencies.resources,
  );
  return await answer(context, dependencies.proxy, {
    place,
    datasource,
    method,
    json: () => Promise.resolve(parsed(body)),
    bytes: () => Promise.resolve(method === "GET" ? null : body),
  });
}

async function answer(
  context: PersesContext,
  proxy: DatasourceProxy,
  { place, datasource, method, json, bytes }: Asked,
): Promise<Response> {
  if (datasource.kind === "DuckDBDatasource") {
    if (method !== "POST") {
      throw new AppError("method_not_allowed", `method: ${method} is not POST, which a SQL datasource is asked with`);
    }
    const project = place.scope === "server" ? null : place.project;
    const data = await proxy.query(datasource, project, await json(), readerOf(context.get("principal")));
    if (data.type !== "table") throw new AppError("internal", "a SQL datasource gave no table");
    const { columns, rows, truncated } = data;
    return context.json({ columns, rows, ...(truncated ? { truncated } : {}) }, 200);
  }
  const { pathname, search } = new URL(context.req.url);
  return await proxy.forward(datasource, {
    method,
    path: pathBelow(pathname, place),
    query: search,
    headers: context.req.raw.headers,
    body: await bytes(),
  });
}

/** Throws `invalid_json`. */
function parsed(body: Uint8Array | null): JsonValue {
  try {
    return JSON.parse(new TextDecoder().decode(body ?? new Uint8Array())) as JsonValue;
  } catch (error) {
    throw new AppError("invalid_json", "body: not valid JSON in base64", { cause: error });
  }
}

/**
 * What stands behind the datasource's name, as the client has encoded it. A datasource that is not stored has `unsaved` in front
 * in place of its name.
 */
function pathBelow(pathname: string, { scope }: DatasourceScope): string {
  const prefixLength = { server: 4, project: 6, dashboard: 8 }[scope];
  const rest = pathname.split("/").slice(prefixLength);
  return rest.length === 0 ? "" : `/${rest.join("/")}`;
}

/** The place, once the caller may do this there. */
async function enter(
  context: PersesContext,
  projects: ProjectDocuments,
  action: Action,
): Promise<DatasourceScope> {
  const principal = context.get("principal");
  const named = parameter(context, "project");
  if (named === "") {
    requireGlobalAccess(principal, action, "GlobalDatasource");
    return { scope: "server" };
  }
  requireProjectAccess(principal, action, "Datasource", named.toLowerCase());
  const project = await projects.resolve(named);
  if (project === null) throw missingProject(named);
  const dashboard = parameter(context, "dashboard").toLowerCase();
  return dashboard === "" ? { scope: "project", project } : { scope: "dashboard", project, dashboard };
}
