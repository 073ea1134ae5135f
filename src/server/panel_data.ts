/** Panel data as a part of the server: SQL through workers, PromQL through HTTP, the server's own history. */
import { PanelQueries } from "../dashboards/panels/panel_queries.ts";
import { DatasourceProxy } from "../dashboards/panels/datasource_proxy.ts";
import type { PanelEngines } from "../dashboards/panels/types.ts";
import { resolveVariables } from "../dashboards/panels/variables.ts";
import { defaultIntervalMs, shownData } from "../dashboards/panels/shown_data.ts";
import type { PanelQueryRunner } from "../dashboards/sharing/types.ts";
import type { Resource, ResourceStore } from "../dashboards/types.ts";
import { AppError } from "../errors/app_error.ts";
import { panelQueryRoutes } from "../http/routes/dashboards/panel_queries.ts";
import { variableRoutes } from "../http/routes/dashboards/variables.ts";
import type { RouteModule } from "../http/app.ts";
import type { JobRunner } from "../jobs/job_runner.ts";
import type { Logger } from "../observability/log.ts";
import type { Metrics } from "../observability/metrics.ts";
import type { Supervisor } from "../supervisor/supervisor.ts";
import { type DatasourceAddresses, resolveBySystem } from "./datasource_addresses.ts";
import { datasourceRequests } from "./datasource_requests.ts";
import {
  historyDatabase,
  historyFlushIntervalMs,
  historySampleIntervalMs,
  historyWorkspaceId,
  metricHistory,
} from "./metric_history.ts";
import { panelSql } from "./panel_sql.ts";

/** A panel shows a few thousand points; more rows than these are no picture. */
const panelRowsMax = 50_000;
const panelTimeoutMs = 30_000;
const roundsWorthWriting = 5;
/** As `authorOf` names the administrator; a project key's name has a slash. */
const administratorName = "admin";
/** Files of the provisioning folder are the administrator's, too. */
const administratorNames: readonly string[] = [administratorName, "provisioning"];

export interface PanelDataParts {
  readonly logger: Pick<Logger, "warn">;
  readonly metrics: Metrics;
  readonly supervisor: () => Supervisor;
  readonly store: ResourceStore;
  /** Where datasources may be. */
  readonly addresses: Pick<DatasourceAddresses, "denied" | "allowed">;
  /** Throws `not_found` unless the workspace is the project's. */
  readonly databaseOf: (projectId: string, workspaceId: string) => Promise<string>;
  /** Who wrote this version of a dashboard. Throws `not_found`. */
  readonly authorOf: (place: { project: string; name: string }, version: number) => Promise<string>;
}

export interface PanelData {
  /** For share links: a visitor reads the server's history only when the administrator wrote and shared it. */
  readonly sharedQueries: PanelQueryRunner;
  readonly queries: PanelQueries;
  readonly proxy: DatasourceProxy;
  readonly routes: readonly RouteModule[];
  register(jobs: JobRunner): void;
  /** Writes what the history has not written yet. */
  stop(): Promise<void>;
}

export function makePanelData(parts: PanelDataParts): PanelData {
  const history = metricHistory(parts);
  const { fetchJson, passOn } = datasourceRequests({ ...parts.addresses, resolve: resolveBySystem });
  const engines: PanelEngines = {
    store: parts.store,
    runSql: panelSql({
      supervisor: parts.supervisor,
      databaseOf: parts.databaseOf,
      history: {
        workspaceId: historyWorkspaceId,
        database: historyDatabase,
        flush: () => history.flush({ release: false }),
      },
    }),
    fetchJson,
    rowsMax: panelRowsMax,
    timeoutMs: panelTimeoutMs,
  };
  const queries = new PanelQueries(engines);
  return {
    queries,
    proxy: new DatasourceProxy({ ...engines, store: parts.store, send: passOn, now: Date.now }),
    sharedQueries: {
      async run({ project, dashboard, panel, queryIndex, variables, fromMs, toMs, stepMs, actor, sharedBy, signal }) {
        const range = { fromMs, toMs, intervalMs: stepMs ?? defaultIntervalMs(fromMs, toMs) };
        const values = new Map(Object.entries(variables));
        try {
          const readsHistory = sharedBy === administratorName && await isOwnWork(parts, project, dashboard);
          const reader = { name: actor, readsHistory };
          const context = {
            project,
            dashboard: dashboard.spec,
            range,
            variables: values,
            ownVariablesOnly: true,
            reader,
            signal,
          };
          return shownData(await queries.ofPanel(context, panel, queryIndex));
        } catch (error) {
          if (signal.aborted) throw error;
          // What is wrong may name tables and addresses that are none of a visitor's business.
          parts.logger.warn("a shared panel's query failed", {
            project_id: project,
            actor,
            panel,
            error: String(error),
          });
          throw new AppError("upstream_failed", "this panel's query failed: who keeps the dashboard can see why");
        }
      },
    },
    routes: [
      panelQueryRoutes({ queries, store: parts.store }),
      variableRoutes({ resolve: (context) => resolveVariables(context, engines), store: parts.store }),
    ],
    register(jobs) {
      jobs.register({
        name: "metric_sampling",
        description: "notes the present value of every metric for the server's own history",
        intervalMs: historySampleIntervalMs,
        run: () => history.record(),
      });
      jobs.register({
        name: "metric_history",
        description: "writes the noted metrics into the history and drops those older than 7 days",
        intervalMs: historyFlushIntervalMs,
        run: async () => {
          await history.flush({ release: true });
          return { samples_lost: history.lostCount };
        },
      });
    },
    stop: async () => {
      // A start of the history's process is worth it only for more than the last minute.
      if (history.waitingRounds >= roundsWorthWriting) await history.flush({ release: true });
    },
  };
}

/** Whether the administrator wrote what would run: a project's key may change a dashboard after he has shared it. */
async function isOwnWork({ authorOf }: PanelDataParts, project: string, { metadata }: Resource): Promise<boolean> {
  return administratorNames.includes(await authorOf({ project, name: metadata.name }, metadata.version));
}
