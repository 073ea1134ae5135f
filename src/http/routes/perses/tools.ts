/** What Perses offers around its documents: validation, migration from Grafana, search, plugins, views. */
import type { DashboardView } from "../../../dashboards/preferences/view_recorder.ts";
import type { ProjectDocuments } from "../../../dashboards/project_documents.ts";
import { migrateGrafana } from "../../../dashboards/grafana/migrate.ts";
import { pluginSchemas, type PluginUse, queryKindOf } from "../../../dashboards/model/plugin_schemas.ts";
import type { ResourceService } from "../../../dashboards/resources.ts";
import type { JsonObject, JsonValue, ResourceKind, ResourceMetadata } from "../../../dashboards/types.ts";
import { AppError } from "../../../errors/app_error.ts";
import { authorOf } from "../../auth.ts";
import { mayInProject, requireProjectAccess } from "./access.ts";
import { type PersesContext, type PersesRoute, readDocument } from "./routes.ts";

/** A dashboard that a search found. */
export interface SearchHit {
  readonly metadata: ResourceMetadata;
  readonly displayName: string;
  /** Higher fits better. */
  readonly score: number;
}

/** Finds dashboards by name, title, description and tags; the best first. `project` null = in every project. */
export interface DashboardSearchPort {
  search(query: string, project: string | null): Promise<readonly SearchHit[]>;
}

export interface ToolRouteDependencies {
  readonly resources: ResourceService;
  readonly projects: ProjectDocuments;
  readonly search: DashboardSearchPort;
  readonly version: string;
  /** Somebody has opened this dashboard, which exists. */
  readonly onView: (view: DashboardView) => Promise<void>;
}

const validatedKinds: readonly (readonly [string, ResourceKind])[] = [
  ["dashboards", "Dashboard"],
  ["datasources", "Datasource"],
  ["globaldatasources", "GlobalDatasource"],
  ["variables", "Variable"],
  ["globalvariables", "GlobalVariable"],
];

/** Routes that need no key: they look at nothing but what is sent. */
export function publicToolRoutes(dependencies: Pick<ToolRouteDependencies, "resources" | "version">): PersesRoute[] {
  return [
    ...validatedKinds.map(([plural, kind]): PersesRoute => ({
      method: "post",
      path: `/api/validate/${plural}`,
      summary: `Check a ${kind} without keeping it`,
      hasBody: true,
      anonymous: true,
      handle: async (context) => {
        dependencies.resources.validate(kind, await readDocument(context));
        return context.body(null, 200);
      },
    })),
    {
      method: "post",
      path: "/api/migrate",
      summary: "Make a Perses dashboard of a Grafana one",
      hasBody: true,
      anonymous: true,
      handle: async (context) => context.json(migrateGrafana(migrationRequest(await readDocument(context))), 200),
    },
    {
      method: "get",
      path: "/api/v1/plugins",
      summary: "The plugins that the server has a schema of",
      anonymous: true,
      handle: (context) => Promise.resolve(context.json(pluginModules(dependencies.version), 200)),
    },
  ];
}

export function toolRoutes(dependencies: ToolRouteDependencies): PersesRoute[] {
  return [
    {
      method: "get",
      path: "/api/v1/search/dashboards",
      summary: "Dashboards whose name, title, description or tags fit, the best first",
      query: ["query", "project"],
      handle: async (context) => context.json(await search(context, dependencies), 200),
    },
    {
      method: "post",
      path: "/api/v1/view",
      summary: "Tell that a dashboard was opened",
      hasBody: true,
      handle: async (context) => {
        await view(context, await readDocument(context), dependencies);
        return context.body(null, 200);
      },
    },
  ];
}

function migrationRequest(body: JsonValue) {
  const fields = (typeof body === "object" && body !== null && !Array.isArray(body) ? body : {}) as JsonObject;
  const input = fields["input"] ?? {};
  if (typeof input !== "object" || input === null || Array.isArray(input)) {
    throw new AppError("invalid_request", "input must be an object of texts", {
      fields: [{ pointer: "/input", detail: "an object of texts" }],
    });
  }
  return {
    dashboard: fields["grafanaDashboard"] ?? missingDashboard(),
    input: Object.fromEntries(Object.entries(input).map(([name, value]) => [name, String(value)])),
    useDefaultDatasource: fields["useDefaultDatasource"] === true,
  };
}

function missingDashboard(): never {
  const detail = "grafanaDashboard cannot be empty";
  throw new AppError("invalid_request", detail, { fields: [{ pointer: "/grafanaDashboard", detail }] });
}

async function search(context: PersesContext, { projects, search }: ToolRouteDependencies) {
  const principal = context.get("principal");
  const named = context.req.query("project") ?? "";
  if (named !== "") requireProjectAccess(principal, "read", "Dashboard", named.toLowerCase());
  const own = principal.kind === "administrator" ? null : principal.projectId;
  const project = named === "" ? own : await projects.resolve(named);
  if (named !== "" && project === null) return [];
  return await search.search(context.req.query("query") ?? "", project);
}

async function view(
  context: PersesContext,
  body: JsonValue,
  { resources, projects, onView }: ToolRouteDependencies,
): Promise<void> {
  const [named, dashboard] = [textOf(body, "project"), textOf(body, "dashboard").toLowerCase()];
  const project = await projects.resolve(named);
  const principal = context.get("principal");
  if (project === null || !mayInProject(principal, "read", project)) {
    throw new AppError("not_found", "document not found");
  }
  await resources.find({ kind: "Dashboard", project, name: dashboard });
  await onView({ viewer: authorOf(principal), project, dashboard });
}

/** A text that must be there. Throws `invalid_request`. */
function textOf(body: JsonValue, name: string): string {
  const value = typeof body === "object" && body !== null ? (body as JsonObject)[name] : undefined;
  if (typeof value === "string" && value !== "") return value;
  const detail = `${name} cannot be empty`;
  throw new AppError("invalid_request", detail, { fields: [{ pointer: `/${name}`, detail }] });
}

const pluginKinds: Readonly<Record<PluginUse, string>> = {
  panel: "Panel",
  query: "TimeSeriesQuery",
  variable: "Variable",
  datasource: "Datasource",
};

/** One module for each plugin that the server knows; all of them are part of the server. */
function pluginModules(version: string) {
  return (Object.keys(pluginKinds) as PluginUse[]).flatMap((use) =>
    Object.keys(pluginSchemas[use]).map((name) => ({
      kind: "PluginModule",
      metadata: { name, version, registry: name.startsWith("DuckDB") ? "eider" : "perses.dev" },
      spec: {
        schemasPath: "schemas",
        plugins: [{ kind: queryKindOf[name] ?? pluginKinds[use], spec: { name, display: { name: spaced(name) } } }],
      },
      status: { isLoaded: true, inDev: false },
    }))
  );
}

/** `TimeSeriesChart` gives "Time Series Chart". */
function spaced(name: string): string {
  return name.replaceAll(/(?<=[a-z])(?=[A-Z])/g, " ");
}
