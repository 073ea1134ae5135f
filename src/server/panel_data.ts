/** Panel data as a part of the server: SQL through workers, PromQL through HTTP, the server's own history. */
import { PanelQueries } from "../dashboards/panels/panel_queries.ts";
import type { HttpTarget } from "../dashboards/panels/datasources.ts";
import { defaultIntervalMs, shownData } from "../dashboards/panels/shown_data.ts";
import type { PanelQueryRunner } from "../dashboards/sharing/types.ts";
import type { ResourceStore } from "../dashboards/types.ts";
import { AppError } from "../errors/app_error.ts";
import { panelQueryRoutes } from "../http/routes/dashboards/panel_queries.ts";
import type { RouteModule } from "../http/app.ts";
import type { JobRunner } from "../jobs/job_runner.ts";
import type { Logger } from "../observability/log.ts";
import type { Metrics } from "../observability/metrics.ts";
import type { Supervisor } from "../supervisor/supervisor.ts";
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
/** An answer of a Prometheus is read into memory. */
const answerBytesMax = 32 * 1024 * 1024;

export interface PanelDataParts {
  readonly logger: Pick<Logger, "warn">;
  readonly metrics: Metrics;
  readonly supervisor: () => Supervisor;
  readonly store: ResourceStore;
  /** Throws `not_found` unless the workspace is the project's. */
  readonly databaseOf: (projectId: string, workspaceId: string) => Promise<string>;
}

export interface PanelData {
  /** For share links: a visitor has no rights of his own, and the server's history stays closed to him. */
  readonly sharedQueries: PanelQueryRunner;
  readonly queries: PanelQueries;
  readonly routes: readonly RouteModule[];
  register(jobs: JobRunner): void;
  /** Writes what the history has not written yet. */
  stop(): Promise<void>;
}

export function makePanelData(parts: PanelDataParts): PanelData {
  const history = metricHistory(parts);
  const queries = new PanelQueries({
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
  });
  return {
    queries,
    sharedQueries: {
      async run({ project, dashboard, panel, queryIndex, variables, fromMs, toMs, stepMs, actor }) {
        const range = { fromMs, toMs, intervalMs: stepMs ?? defaultIntervalMs(fromMs, toMs) };
        const reader = { name: actor, readsHistory: false };
        const values = new Map(Object.entries(variables));
        const context = { project, dashboard: dashboard.spec, range, variables: values, reader };
        try {
          return shownData(await queries.ofPanel(context, panel, queryIndex));
        } catch (error) {
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
    routes: [panelQueryRoutes({ queries, store: parts.store })],
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

/** The datasource's own redirects are not followed: its headers may hold a secret. */
async function fetchJson(target: HttpTarget, path: string, parameters: URLSearchParams): Promise<unknown> {
  const url = `${target.url}${path}?${parameters}`;
  const where = new URL(target.url).host;
  let response: Response;
  try {
    response = await fetch(url, {
      headers: { accept: "application/json", ...target.headers },
      redirect: "manual",
      signal: AbortSignal.timeout(target.timeoutMs),
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new AppError("upstream_failed", `no answer from the datasource at ${where}: ${reason}`);
  }
  const text = await boundedText(response, where);
  try {
    return JSON.parse(text);
  } catch {
    throw new AppError(
      "upstream_failed",
      `the datasource at ${where} answered ${response.status} without JSON: ${text.slice(0, 200)}`,
    );
  }
}

async function boundedText(response: Response, where: string): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let byteCount = 0;
  for await (const chunk of response.body ?? []) {
    byteCount += chunk.length;
    if (byteCount > answerBytesMax) {
      await response.body?.cancel().catch(() => undefined);
      throw new AppError("upstream_failed", `the answer of the datasource at ${where} is over ${answerBytesMax} bytes`);
    }
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
