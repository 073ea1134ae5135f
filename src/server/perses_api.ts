/** The Perses API as part of the server: its services over the metadata store, and the server's projects as its projects. */
import type { ProjectDirectory, ProjectRecord } from "../dashboards/project_documents.ts";
import type { DatasourceProxy } from "../dashboards/panels/datasource_proxy.ts";
import type { ViewRecorder } from "../dashboards/preferences/view_recorder.ts";
import { ProjectDocuments } from "../dashboards/project_documents.ts";
import { ResourceService } from "../dashboards/resources.ts";
import { listedStates } from "../dashboards/states.ts";
import { type SearchHit as ServiceHit, searchLimitMax } from "../dashboards/service.ts";
import type { AuthenticationPort } from "../http/auth.ts";
import { persesRoutes } from "../http/routes/perses/perses.ts";
import type { SearchHit } from "../http/routes/perses/tools.ts";
import { MetadataProjectDetails } from "../metadata/storage/project_details.ts";
import type { ProjectChanges } from "../metadata/storage/shared.ts";
import type { MetadataPool } from "../metadata/types.ts";
import type { Logger } from "../observability/log.ts";
import type { ProjectService } from "../storage/projects.ts";
import type { DashboardParts } from "./dashboards.ts";

export interface PersesApiDependencies {
  readonly pool: MetadataPool;
  readonly changes: ProjectChanges;
  readonly dashboards: Pick<DashboardParts, "store" | "service">;
  readonly projects: ProjectService;
  readonly authentication: AuthenticationPort;
  readonly version: string;
  readonly logger: Logger;
  readonly proxy: DatasourceProxy;
  readonly views: ViewRecorder;
  /** Somebody says that a dashboard was opened. */
  readonly onView: () => void;
}

export function createPersesApi(dependencies: PersesApiDependencies) {
  const { pool, changes, logger, dashboards } = dependencies;
  const resources = new ResourceService(dashboards.store, logger);
  const projects = new ProjectDocuments(
    projectDirectory(dependencies.projects),
    new MetadataProjectDetails(pool, changes),
    Date.now,
  );
  return persesRoutes({
    resources,
    projects,
    authentication: dependencies.authentication,
    version: dependencies.version,
    search: {
      search: async (query, project) => {
        const filter = { project, states: listedStates, tags: [] };
        return (await dashboards.service.search(query, filter, searchLimitMax)).map(toHit);
      },
    },
    proxy: dependencies.proxy,
    onView: async (view) => {
      dependencies.onView();
      await dependencies.views.record(view);
    },
    onRead: (view) => dependencies.views.record(view),
  });
}

function toHit({ dashboard, score }: ServiceHit): SearchHit {
  const { name, project, createdAt, updatedAt, version } = dashboard;
  return { metadata: { name, project, createdAt, updatedAt, version }, displayName: dashboard.title ?? name, score };
}

/** The most projects that one page of the store gives. */
const pageLimit = 1000;

function projectDirectory(projects: ProjectService): ProjectDirectory {
  return {
    find: (id) => projects.findProject(id),
    list: async () => {
      const all: ProjectRecord[] = [];
      for (let after: string | null = null;;) {
        const page: { items: readonly ProjectRecord[]; next: string | null } = await projects.listProjects({
          limit: pageLimit,
          after,
        });
        all.push(...page.items);
        if (page.next === null) return all;
        after = page.next;
      }
    },
    create: (project) => projects.createProject(project),
    rename: async (id, name) => void await projects.renameProject(id, name),
    delete: (id) => projects.deleteProject(id),
  };
}
