/**
 * Perses' datasource proxy: `/proxy/…/datasources/{name}/<path>` is passed on to an HTTP datasource; a DuckDBDatasource answers POST
 * {"query"} as Perses' SQL proxy does. Reading a place is the right that is needed.
 */
import { z } from "@hono/zod-openapi";
import type { ProjectDocuments } from "../../../dashboards/project_documents.ts";
import type { DatasourceProxy, DatasourceScope } from "../../../dashboards/panels/datasource_proxy.ts";
import { AppError } from "../../../errors/app_error.ts";
import type { RouteModule } from "../../app.ts";
import { readerOf } from "../dashboards/panel_queries.ts";
import { requireGlobalAccess, requireProjectAccess } from "./access.ts";
import { answerAsPerses, parameter, type PersesContext, persesProblems, readDocument } from "./routes.ts";

export interface ProxyRoutesDependencies {
  readonly proxy: DatasourceProxy;
  readonly projects: ProjectDocuments;
}

const methods = ["get", "post", "put", "patch", "delete"] as const;
const places = [
  "/proxy/globaldatasources/{name}",
  "/proxy/projects/{project}/datasources/{name}",
  "/proxy/projects/{project}/dashboards/{dashboard}/datasources/{name}",
] as const;

/** Problems of the proxy look like Perses'; goes among the public routes, before the key is asked for. */
export const proxyProblems: RouteModule = (app) => app.use("/proxy/*", persesProblems());

export function proxyRoutes(dependencies: ProxyRoutesDependencies): RouteModule {
  return (app) => {
    for (const place of places) {
      const whole = place.replaceAll(/\{(\w+)\}/g, ":$1");
      for (const pattern of [whole, `${whole}/:path{.*}`]) {
        answerAsPerses(pattern);
        for (const method of methods) app.on(method.toUpperCase(), pattern, (context) => ask(context, dependencies));
      }
      const names = [...place.matchAll(/\{(\w+)\}/g)].map(([, name]) => [name!, z.string()] as const);
      for (const method of methods) {
        app.openAPIRegistry.registerPath({
          method,
          path: `${place}/{path}`,
          tags: ["Perses"],
          summary: "Ask a datasource",
          description: "Passed on to an HTTPProxy as it allows. A DuckDBDatasource takes POST {query} and no path.",
          request: { params: z.object({ ...Object.fromEntries(names), path: z.string() }) },
          responses: { default: { description: "What the datasource answers" } },
        });
      }
    }
  };
}

async function ask(context: PersesContext, { proxy, projects }: ProxyRoutesDependencies): Promise<Response> {
  const place = await enter(context, projects);
  const datasource = await proxy.find(place, parameter(context, "name"));
  const { method } = context.req;
  if (datasource.kind === "DuckDBDatasource") {
    if (method !== "POST") {
      throw new AppError("method_not_allowed", `method: ${method} is not POST, which a SQL datasource is asked with`);
    }
    const project = place.scope === "server" ? null : place.project;
    const data = await proxy.query(
      datasource,
      project,
      await readDocument(context),
      readerOf(context.get("principal")),
    );
    if (data.type !== "table") throw new AppError("internal", "a SQL datasource gave no table");
    const { columns, rows, truncated } = data;
    return context.json({ columns, rows, ...(truncated ? { truncated } : {}) }, 200);
  }
  const { pathname, search } = new URL(context.req.url);
  const hasBody = context.req.raw.body !== null && method !== "GET";
  return await proxy.forward(datasource, {
    method,
    path: pathBelow(pathname, place),
    query: search,
    headers: context.req.raw.headers,
    body: hasBody ? new Uint8Array(await context.req.arrayBuffer()) : null,
  });
}

/** What stands behind the datasource's name, as the client has encoded it. */
function pathBelow(pathname: string, { scope }: DatasourceScope): string {
  const prefixLength = { server: 4, project: 6, dashboard: 8 }[scope];
  const rest = pathname.split("/").slice(prefixLength);
  return rest.length === 0 ? "" : `/${rest.join("/")}`;
}

/** The place, once the caller may read there. */
async function enter(context: PersesContext, projects: ProjectDocuments): Promise<DatasourceScope> {
  const principal = context.get("principal");
  const named = parameter(context, "project");
  if (named === "") {
    requireGlobalAccess(principal, "read", "GlobalDatasource");
    return { scope: "server" };
  }
  requireProjectAccess(principal, "read", "Datasource", named.toLowerCase());
  const project = await projects.resolve(named) ?? named.toLowerCase();
  const dashboard = parameter(context, "dashboard").toLowerCase();
  return dashboard === "" ? { scope: "project", project } : { scope: "dashboard", project, dashboard };
}
