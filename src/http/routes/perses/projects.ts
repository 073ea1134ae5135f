/** Projects by Perses' routes. They are the server's own projects (`dashboards/project_documents.ts`). */
import { etagOf } from "../../../dashboards/etag.ts";
import type { ProjectDocuments, ProjectResource } from "../../../dashboards/project_documents.ts";
import { changeOf } from "../dashboards/change.ts";
import { requireGlobalAccess, requireProjectAccess } from "./access.ts";
import { parameter, type PersesContext, type PersesRoute, queryFlag, readDocument } from "./routes.ts";

/** A new project's first key, which has the role admin. It is shown here once; percli's users make one with POST …/keys. */
export const projectKeyHeader = "x-eider-api-key";

export function projectDocumentRoutes(projects: ProjectDocuments): PersesRoute[] {
  const path = "/api/v1/projects";
  const one = `${path}/{name}`;
  const idOf = async (context: PersesContext, action: "read" | "update" | "delete"): Promise<string> => {
    const name = parameter(context, "name");
    requireProjectAccess(context.get("principal"), action, "Project", name.toLowerCase());
    return await projects.resolve(name) ?? name.toLowerCase();
  };
  const answer = (context: PersesContext, project: ProjectResource, headers: Record<string, string> = {}): Response =>
    context.json(project, 200, { etag: etagOf(project.metadata.version), ...headers });
  return [
    {
      method: "post",
      path,
      summary: `Create a project (administrator); its first key is in the header ${projectKeyHeader}`,
      hasBody: true,
      handle: async (context) => {
        const body = await readDocument(context);
        requireGlobalAccess(context.get("principal"), "create", "Project");
        const { project, apiKey } = await projects.create(body);
        return answer(context, project, { [projectKeyHeader]: apiKey, "cache-control": "no-store" });
      },
    },
    {
      method: "get",
      path,
      summary: "List the projects that the key may see",
      query: ["name", "metadata_only"],
      handle: async (context) => {
        const principal = context.get("principal");
        const found = await projects.list({
          namePrefix: (context.req.query("name") ?? "").toLowerCase(),
          only: principal.kind === "administrator" ? null : principal.projectId,
        });
        const isMetadataOnly = queryFlag(context, "metadata_only") === true;
        return context.json(isMetadataOnly ? found.map((project) => ({ ...project, spec: {} })) : found, 200);
      },
    },
    {
      method: "get",
      path: one,
      summary: "A project",
      handle: async (context) => answer(context, await projects.find(await idOf(context, "read"))),
    },
    {
      method: "put",
      path: one,
      summary: "Replace a project's name, description and tags",
      hasBody: true,
      handle: async (context) => {
        const body = await readDocument(context);
        const id = await idOf(context, "update");
        return answer(context, await projects.update(id, body, changeOf(context).expectedVersion));
      },
    },
    {
      method: "delete",
      path: one,
      summary: "Delete a project with everything in it",
      status: 204,
      handle: async (context) => {
        await projects.delete(await idOf(context, "delete"));
        return context.body(null, 204);
      },
    },
  ];
}
