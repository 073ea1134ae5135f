/**
 * Dashboards as a part of the server: their stores, service, routes, provisioning and periodic jobs, put together here so
 * that the composition root has one thing to start.
 */
import type { Config } from "../config/config.ts";
import { type DocumentModel } from "../dashboards/model_port.ts";
import { Provisioner } from "../dashboards/provisioning/provisioner.ts";
import { DashboardService } from "../dashboards/service.ts";
import { datasourceNames } from "../dashboards/panels/datasources.ts";
import { TemplateService } from "../dashboards/templates/service.ts";
import type { TemplateStore } from "../dashboards/templates/store.ts";
import { systemTemplates } from "../dashboards/templates/system/templates.ts";
import type { ResourceStore } from "../dashboards/types.ts";
import { AppError } from "../errors/app_error.ts";
import type { RouteModule } from "../http/app.ts";
import type { JobRunner } from "../jobs/job_runner.ts";
import { dashboardRoutes } from "../http/routes/dashboards/dashboards.ts";
import { provisioningRoutes } from "../http/routes/dashboards/provisioning.ts";
import { dashboardTemplateRoutes } from "../http/routes/dashboards/templates.ts";
import { MetadataDashboardRepository } from "../metadata/dashboards/repository.ts";
import { MetadataTemplateStore } from "../metadata/dashboards/templates.ts";
import { MetadataResourceStore } from "../metadata/dashboards/resource_store.ts";
import { makeResourceClock } from "../metadata/dashboards/resource_times.ts";
import type { ProjectChanges } from "../metadata/storage/shared.ts";
import type { MetadataPool } from "../metadata/types.ts";
import type { Logger } from "../observability/log.ts";

const hourMs = 3_600_000;
/** A large folder is provisioned while the server already answers. */
const firstProvisioningWaitMs = 5_000;

export interface DashboardParts {
  readonly store: ResourceStore;
  readonly service: DashboardService;
  readonly templates: TemplateStore;
  readonly routes: readonly RouteModule[];
  /** Before the first request: brings the system's templates up to date. */
  prepare(): Promise<void>;
  /** Registers the jobs and provisions for the first time. Resolves soon, also when the folder is large or wrong. */
  start(jobs: JobRunner): Promise<void>;
}

export interface DashboardOptions {
  readonly config: Config;
  readonly pool: MetadataPool;
  /** The one that the project repository uses. */
  readonly changes: ProjectChanges;
  readonly logger: Logger;
  /** Checks documents before they are stored. */
  readonly model: (store: ResourceStore) => DocumentModel;
  /** Throws `not_found`. */
  readonly requireProject: (projectId: string) => Promise<unknown>;
  /** Throws `not_found` unless the workspace is the project's. */
  readonly requireWorkspace: (projectId: string, workspaceId: string) => Promise<unknown>;
}

export function makeDashboards(options: DashboardOptions): DashboardParts {
  const { config, pool, changes, logger, requireProject } = options;
  // One clock, so that times of one dashboard never go back.
  const clock = makeResourceClock();
  const store = new MetadataResourceStore(pool, changes, logger, clock);
  const repository = new MetadataDashboardRepository(pool, changes, clock);
  const templates = new MetadataTemplateStore(pool, changes, clock);
  const model = options.model(store);
  const service = new DashboardService({
    repository,
    store,
    model,
    now: Date.now,
    retentionDays: config.dashboardsDeletedRetentionDays,
  });
  const templateService = new TemplateService({
    templates,
    system: systemTemplates,
    store,
    repository,
    model,
    references: (project) => ({
      workspace: (id) =>
        options.requireWorkspace(project, id).then(() => null, (error) => {
          if (error instanceof AppError) return `"${id}" is not a workspace of the project that can be used`;
          throw error;
        }),
      datasource: async (name, kind) => {
        const names = await datasourceNames({ project, local: {}, store }, kind);
        if (names.includes(name)) return null;
        const known = names.length === 0 ? "there is none" : `there are ${names.join(", ")}`;
        return `"${name}" is not a ${kind ?? "datasource"} of the project or the server: ${known}`;
      },
    }),
  });
  const folder = config.dashboardsProvisioningDir;
  const provisioner = folder === null
    ? null
    : new Provisioner({ folder, prune: config.dashboardsProvisioningPrune, repository, model, log: logger });
  return {
    store,
    service,
    templates,
    routes: [
      dashboardRoutes({ dashboards: service, requireProject }),
      dashboardTemplateRoutes({ templates: templateService, requireProject }),
      provisioningRoutes(folder, provisioner),
    ],
    prepare: () => templateService.start(),
    start: async (jobs) => {
      jobs.register({
        name: "dashboard_cleanup",
        description:
          "forgets deleted dashboards after dashboards_deleted_retention_days, and ephemeral ones whose time is over",
        intervalMs: config.sessionCleanupIntervalSeconds * 1000,
        run: async () => {
          const { purged, expired } = await service.cleanUp();
          return { dashboards_purged: purged, ephemeral_expired: expired };
        },
      });
      jobs.register({
        name: "template_usage",
        description: "counts how often each dashboard template was used",
        intervalMs: hourMs,
        run: async () => ({ templates_counted: await templates.countUses() }),
      });
      if (provisioner === null) return;
      jobs.register({
        name: "dashboard_provisioning",
        description: "brings the dashboards of dashboards_provisioning_dir up to date",
        intervalMs: config.dashboardsProvisioningIntervalSeconds * 1000,
        run: async () => {
          await provisioner.run();
        },
      });
      await settledWithin(jobs.runNow("dashboard_provisioning"), firstProvisioningWaitMs);
    },
  };
}

async function settledWithin(promise: Promise<unknown>, timeoutMs: number): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  await Promise.race([promise, new Promise((resolve) => timer = setTimeout(resolve, timeoutMs))]);
  clearTimeout(timer);
}
