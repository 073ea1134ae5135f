/**
 * The server's metrics: every series of the contract, with exactly its names, labels and buckets, beside prom-client's
 * process metrics. This is the only file that knows prom-client; everybody else calls the methods of `Metrics`.
 *
 * Series with a workspace label live as long as the workspace: `removeWorkspace` drops them, and what is still reported
 * about it afterwards (a query that was running, a closing session) does not bring them back.
 */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry, Summary } from "prom-client";

export const connectionStatuses = ["success", "auth_failed", "expired", "limit_reached"] as const;
export type ConnectionStatus = (typeof connectionStatuses)[number];
export const queryStatuses = ["success", "error", "timeout", "cancelled"] as const;
export type QueryStatus = (typeof queryStatuses)[number];

/** The part of the metadata pool's statistics that is shown; `metadata/types.ts` has the whole. */
export interface PoolFigures {
  readonly idle: number;
  readonly inUse: number;
  readonly waiters: number;
  readonly waitSecondsTotal: number;
  readonly waitCount: number;
}

/** Figures that are asked for when somebody reads the metrics, not reported as they change. */
export interface MetricsSources {
  readonly pool?: () => PoolFigures;
  readonly workers?: () => { readonly active: number; readonly spare: number };
}

/** One series at one moment. */
export interface MetricSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
}

export interface MetricsOptions {
  /** prom-client's process metrics; off in tests that compare the whole text. */
  readonly processMetrics?: boolean;
}

/** Query times go from cached dashboards to long analyses; the contract gives the bounds. */
const queryBuckets = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
/** A SCRAM exchange takes milliseconds; a slow network and the wait after failures take seconds. */
const authBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
/** From a lookup to the import of a large file. */
const httpBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
/** Gauges of prom-client that are named like counters, which `promtool check metrics` refuses; each repeats another one. */
const misnamedMetrics = [
  "nodejs_active_handles_total",
  "nodejs_active_requests_total",
  "nodejs_active_resources_total",
];
/** Removed workspaces whose late reports are dropped; later ones push out the oldest, whose reports came long ago. */
const removedWorkspacesMax = 10_000;

export class Metrics {
  readonly #registry = new Registry();
  readonly #removed = new Set<string>();
  #sources: MetricsSources = {};
  /** Called when a workspace's series end, for what else is kept of it. */
  onWorkspaceRemoved: (workspaceId: string) => void = () => {};
  /** Waits already passed on to the summary, which can only count up. */
  #waits = { count: 0, seconds: 0 };

  readonly #connections = this.#counter("pgwire_connections_total", "Connection attempts by outcome.", ["status"]);
  readonly #connectionsActive = this.#gauge("pgwire_connections_active", "Open sessions.", ["workspace_id"]);
  readonly #queries = this.#counter("pgwire_queries_total", "Finished statements by outcome.", [
    "workspace_id",
    "status",
  ]);
  readonly #queryDuration = this.#histogram(
    "pgwire_query_duration_seconds",
    "Time from a statement's start to its last row.",
    ["workspace_id"],
    queryBuckets,
  );
  readonly #slowQueries = this.#counter("pgwire_slow_queries_total", "Statements over the slow query threshold.", [
    "workspace_id",
  ]);
  readonly #sessions = this.#counter("pgwire_sessions_total", "Sessions opened since the server's start.", []);
  readonly #authDuration = this.#histogram(
    "pgwire_auth_duration_seconds",
    "Time from the startup message to the outcome of authentication.",
    [],
    authBuckets,
  );
  readonly #bytes = this.#counter("pgwire_bytes_total", "Bytes of sessions, as seen from the server.", ["direction"]);
  readonly #workspaceSize = this.#gauge("workspace_size_bytes", "Size of the workspace's file.", ["workspace_id"]);
  readonly #workspaceSizeLimit = this.#gauge("workspace_size_limit_bytes", "What its file may grow to.", [
    "workspace_id",
  ]);
  readonly #workspaceMemory = this.#gauge("workspace_memory_bytes", "Resident memory of the workspace's process.", [
    "workspace_id",
  ]);
  readonly #workersActive = this.#gauge("workers_active", "Running workspace processes.", []);
  readonly #workersSpare = this.#gauge("workers_spare", "Started processes without a workspace.", []);
  readonly #workerRestarts = this.#counter(
    "worker_restarts_total",
    "Worker processes that ended without having been asked to.",
    ["reason"],
  );
  readonly #httpRequests = this.#counter("http_requests_total", "HTTP requests.", ["route", "method", "status"]);
  readonly #httpDuration = this.#histogram(
    "http_request_duration_seconds",
    "Time from an HTTP request to the head of its answer.",
    ["route", "method"],
    httpBuckets,
  );
  readonly #poolConnections = this.#gauge(
    "metadata_pool_connections",
    "Connections of the metadata pool, and callers that wait for one (state waiting).",
    ["state"],
  );
  readonly #poolWait = new Summary({
    name: "metadata_pool_wait_seconds",
    help: "Time spent waiting for a connection of the metadata pool.",
    percentiles: [],
    registers: [this.#registry],
  });
  readonly #jobSuccess = this.#gauge("background_job_last_success_timestamp_seconds", "When the job last succeeded.", [
    "job",
  ]);
  readonly #jobDuration = this.#gauge("background_job_last_duration_seconds", "How long the job's last run took.", [
    "job",
  ]);
  readonly #jobRuns = this.#counter("background_job_runs_total", "Runs of the job by outcome.", ["job", "status"]);
  readonly #alerts = this.#counter("alerts_sent_total", "Alerts by outcome.", ["alert", "status"]);
  readonly #dashboardViews = this.#counter("dashboard_views_total", "Dashboards that somebody has opened.", []);

  readonly #queryLogDropped = this.#counter(
    "query_log_dropped_total",
    "Statements that the query log has lost, by the place where there was no room for them.",
    ["reason"],
  );

  constructor(options: MetricsOptions = {}) {
    // A series that exists from the start shows its first increase; one that appears with it does not.
    for (const status of connectionStatuses) this.#connections.inc({ status }, 0);
    for (const direction of ["received", "sent"]) this.#bytes.inc({ direction }, 0);
    if (options.processMetrics === false) return;
    collectDefaultMetrics({ register: this.#registry });
    for (const name of misnamedMetrics) this.#registry.removeSingleMetric(name);
  }

  /** Says where figures that are only read come from; can be called once their owners exist. */
  readFrom(sources: MetricsSources): void {
    this.#sources = { ...this.#sources, ...sources };
  }

  /** A connection attempt is over, one way or another. */
  connection(status: ConnectionStatus): void {
    this.#connections.inc({ status });
  }

  /** An authenticated session has begun. */
  sessionOpened(workspaceId: string): void {
    this.#sessions.inc();
    if (!this.#isKnown(workspaceId)) return;
    const labels = { workspace_id: workspaceId };
    this.#connectionsActive.inc(labels);
    for (const status of queryStatuses) this.#queries.inc({ ...labels, status }, 0);
    this.#slowQueries.inc(labels, 0);
  }

  sessionClosed(workspaceId: string): void {
    if (this.#isKnown(workspaceId)) this.#connectionsActive.dec({ workspace_id: workspaceId });
  }

  query(workspaceId: string, status: QueryStatus, seconds: number): void {
    if (!this.#isKnown(workspaceId)) return;
    this.#queries.inc({ workspace_id: workspaceId, status });
    this.#queryDuration.observe({ workspace_id: workspaceId }, seconds);
  }

  slowQuery(workspaceId: string): void {
    if (this.#isKnown(workspaceId)) this.#slowQueries.inc({ workspace_id: workspaceId });
  }

  authentication(seconds: number): void {
    this.#authDuration.observe(seconds);
  }

  /** Session bytes since the last call: received from clients and sent to them. */
  bytes(received: number, sent: number): void {
    if (received > 0) this.#bytes.inc({ direction: "received" }, received);
    if (sent > 0) this.#bytes.inc({ direction: "sent" }, sent);
  }

  setSizeBytes(workspaceId: string, sizeBytes: number): void {
    if (this.#isKnown(workspaceId)) this.#workspaceSize.set({ workspace_id: workspaceId }, sizeBytes);
  }

  setSizeLimitBytes(workspaceId: string, limitBytes: number): void {
    if (this.#isKnown(workspaceId)) this.#workspaceSizeLimit.set({ workspace_id: workspaceId }, limitBytes);
  }

  setMemoryBytes(workspaceId: string, memoryBytes: number): void {
    if (this.#isKnown(workspaceId)) this.#workspaceMemory.set({ workspace_id: workspaceId }, memoryBytes);
  }

  /** A process has ended; `workspaceId` null for one without a workspace. Only unwanted ends are restarts. */
  workerEnded(exit: { readonly workspaceId: string | null; readonly reason: string; readonly wanted: boolean }): void {
    if (exit.workspaceId !== null) this.#workspaceMemory.remove({ workspace_id: exit.workspaceId });
    if (!exit.wanted) this.#workerRestarts.inc({ reason: exit.reason });
  }

  /** A finished HTTP request; `route` is the pattern, never the path, so that the number of series stays bounded. */
  request(route: string, method: string, status: number, seconds: number): void {
    this.#httpRequests.inc({ route, method, status: String(status) });
    this.#httpDuration.observe({ route, method }, seconds);
  }

  /** There is such a job: its series exist from now on. */
  jobRegistered(job: string): void {
    for (const status of ["succeeded", "failed"]) this.#jobRuns.inc({ job, status }, 0);
  }

  /** A run of a background job is over. */
  jobRun(
    run: { readonly job: string; readonly status: string; readonly startedAtMs: number; readonly durationMs: number },
  ) {
    this.#jobRuns.inc({ job: run.job, status: run.status });
    this.#jobDuration.set({ job: run.job }, run.durationMs / 1000);
    if (run.status === "succeeded") {
      this.#jobSuccess.set({ job: run.job }, (run.startedAtMs + run.durationMs) / 1000);
    }
  }

  alert(alert: string, status: string): void {
    this.#alerts.inc({ alert, status });
  }

  /** Lets the series of these alerts exist before the first is sent. */
  declareAlerts(alerts: readonly string[], statuses: readonly string[]): void {
    for (const alert of alerts) for (const status of statuses) this.#alerts.inc({ alert, status }, 0);
  }

  /** Lets the series of these reasons exist before the first process ends. */
  declareWorkerEnds(reasons: readonly string[]): void {
    for (const reason of reasons) this.#workerRestarts.inc({ reason }, 0);
  }

  dashboardViewed(): void {
    this.#dashboardViews.inc();
  }

  /** Statements that did not come into the query log. */
  queryLogDropped(reason: string, count: number): void {
    this.#queryLogDropped.inc({ reason }, count);
  }

  /** The workspace is deleted: its series end. */
  removeWorkspace(workspaceId: string): void {
    this.#removed.add(workspaceId);
    if (this.#removed.size > removedWorkspacesMax) {
      const [oldest] = this.#removed;
      if (oldest !== undefined) this.#removed.delete(oldest);
    }
    const labels = { workspace_id: workspaceId };
    for (const status of queryStatuses) this.#queries.remove({ ...labels, status });
    this.#connectionsActive.remove(labels);
    this.#queryDuration.remove(labels);
    this.#slowQueries.remove(labels);
    this.#workspaceSize.remove(labels);
    this.#workspaceSizeLimit.remove(labels);
    this.#workspaceMemory.remove(labels);
    this.onWorkspaceRemoved(workspaceId);
  }

  /** The media type of `render`'s text. */
  get contentType(): string {
    return this.#registry.contentType;
  }

  /** All metrics in Prometheus' text format. */
  async render(): Promise<string> {
    this.#readSources();
    return await this.#registry.metrics();
  }

  /** The present value of every series; of histograms and summaries their sums and counts, without buckets and quantiles. */
  async samples(): Promise<MetricSample[]> {
    this.#readSources();
    const samples: MetricSample[] = [];
    for (const metric of await this.#registry.getMetricsAsJSON()) {
      for (const value of metric.values) {
        const name = "metricName" in value ? String(value.metricName) : metric.name;
        const labels = value.labels as Readonly<Record<string, string | number>>;
        const isPart = "le" in labels || "quantile" in labels;
        if (!isPart && Number.isFinite(value.value)) samples.push({ name, labels, value: value.value });
      }
    }
    return samples;
  }

  #readSources(): void {
    const workers = this.#sources.workers?.();
    if (workers !== undefined) {
      this.#workersActive.set(workers.active);
      this.#workersSpare.set(workers.spare);
    }
    const pool = this.#sources.pool?.();
    if (pool === undefined) return;
    this.#poolConnections.set({ state: "idle" }, pool.idle);
    this.#poolConnections.set({ state: "in_use" }, pool.inUse);
    this.#poolConnections.set({ state: "waiting" }, pool.waiters);
    // A summary without quantiles is a count and a sum. The waits since the last reading enter it one by one, the first
    // with all of their time, since only their sum is known.
    let seconds = pool.waitSecondsTotal - this.#waits.seconds;
    for (let count = this.#waits.count; count < pool.waitCount; count++) {
      this.#poolWait.observe(seconds);
      seconds = 0;
    }
    this.#waits = { count: pool.waitCount, seconds: pool.waitSecondsTotal };
  }

  #isKnown(workspaceId: string): boolean {
    return !this.#removed.has(workspaceId);
  }

  #counter<Label extends string>(name: string, help: string, labelNames: readonly Label[]): Counter<Label> {
    return new Counter({ name, help, labelNames, registers: [this.#registry] });
  }

  #gauge<Label extends string>(name: string, help: string, labelNames: readonly Label[]): Gauge<Label> {
    return new Gauge({ name, help, labelNames, registers: [this.#registry] });
  }

  #histogram<Label extends string>(
    name: string,
    help: string,
    labelNames: readonly Label[],
    buckets: readonly number[],
  ): Histogram<Label> {
    return new Histogram({ name, help, labelNames, buckets: [...buckets], registers: [this.#registry] });
  }
}
