/** Share links and preferences as a part of the server: stores, services and routes, put together in one place. */
import type { Config } from "../config/config.ts";
import { PreferenceService } from "../dashboards/preferences/preference_service.ts";
import { ViewRecorder } from "../dashboards/preferences/view_recorder.ts";
import { FailureThrottle } from "../dashboards/sharing/failure_throttle.ts";
import { ShareAccess } from "../dashboards/sharing/share_access.ts";
import { ShareService } from "../dashboards/sharing/share_service.ts";
import type { PanelQueryRunner } from "../dashboards/sharing/types.ts";
import type { ResourceStore } from "../dashboards/types.ts";
import type { RouteModule } from "../http/app.ts";
import type { Job } from "../jobs/job_runner.ts";
import type { ConsoleFilesPort } from "../http/routes/console.ts";
import { preferenceRoutes } from "../http/routes/preferences.ts";
import { sharedDashboardRoutes, shareRoutes } from "../http/routes/shares.ts";
import { MetadataPreferenceRepository } from "../metadata/dashboards/preference_repository.ts";
import { MetadataShareRepository } from "../metadata/dashboards/share_repository.ts";
import type { MetadataPool } from "../metadata/types.ts";
import type { Logger } from "../observability/log.ts";
import type { ServerAudit } from "./server_audit.ts";
import { ensureServerSecret } from "./server_secret.ts";

export interface SharingParts {
  readonly shares: ShareService;
  readonly preferences: PreferenceService;
  readonly views: ViewRecorder;
  readonly routes: readonly RouteModule[];
  readonly publicRoutes: readonly RouteModule[];
}

export interface SharingOptions {
  readonly config: Config;
  readonly pool: MetadataPool;
  readonly logger: Logger;
  readonly store: ResourceStore;
  readonly audit: ServerAudit;
  readonly runner: PanelQueryRunner;
  readonly consoleFiles: ConsoleFilesPort;
}

const cleanUpIntervalMs = 86_400_000;

export function shareCleanUpJob(shares: ShareService): Job {
  return {
    name: "share_cleanup",
    description: "forgets share links that ended long ago",
    intervalMs: cleanUpIntervalMs,
    run: async () => ({ links_removed: await shares.cleanUp(Date.now()) }),
  };
}

export async function makeSharing(options: SharingOptions): Promise<SharingParts> {
  const { config, pool, store, audit, runner } = options;
  const now = Date.now;
  const repository = new MetadataShareRepository(pool);
  const shares = new ShareService({ repository, store, allowNever: config.shareTokenAllowNever, now });
  const access = new ShareAccess({
    repository,
    store,
    runner,
    throttle: new FailureThrottle(config.shareFailuresPerMinute, now),
    audit: audit.log,
    refusals: audit.refusals,
    viewSecret: await ensureServerSecret(pool, "share_view_secret"),
    now,
  });
  const preferences = new PreferenceService({ repository: new MetadataPreferenceRepository(pool), store, now });
  return {
    shares,
    preferences,
    views: new ViewRecorder({ preferences, log: options.logger, now }),
    routes: [shareRoutes(shares, now), preferenceRoutes(preferences)],
    publicRoutes: [sharedDashboardRoutes(access, config.shareFrameAncestors, options.consoleFiles)],
  };
}
