/**
 * The rules of the built-in alerts: which figures break which, and what is said about it. Pure functions over figures
 * (`observations.ts` keeps them); no clock, no state.
 */
import type { AlertSeverity, Condition } from "./alert_types.ts";

/** From when on a figure breaks its rule. Those that an administrator sets are configuration keys. */
export interface AlertThresholds {
  /** The time over which queries, logins, restarts and waits are counted. */
  readonly windowMs: number;
  /** Above this share of failed statements; 5 = 5 %. */
  readonly errorRatePercent: number;
  /** Fewer statements than this in the window say nothing about a rate. */
  readonly errorRateQueriesMin: number;
  /** From this many failed logins of one address. */
  readonly authFailuresMin: number;
  /** From this many slow statements in one workspace. */
  readonly slowQueriesMin: number;
}

/** An attacker with many addresses stays below the limit of each; together they may not have this many times the limit. */
const spreadAuthFailuresFactor = 10;
/** Shares of a workspace's size limit: a warning while there is time, critical when writes are refused. */
const sizeWarningShare = 0.9;
const sizeCriticalShare = 1;
/** So many callers waiting for a metadata connection, on average over the window. */
const poolWaitersMin = 0.5;

export interface QueryFigures {
  readonly workspaceId: string;
  readonly projectId: string | null;
  readonly total: number;
  /** Errors and timeouts; a statement that its user cancelled has not failed. */
  readonly failed: number;
  readonly failedSinceStart: number;
}

export interface AuthFailureFigures {
  readonly clientIp: string;
  /** The name tried last. */
  readonly username: string;
  readonly failures: number;
  readonly failuresSinceStart: number;
}

export interface SlowQueryFigures {
  readonly workspaceId: string;
  readonly projectId: string | null;
  readonly count: number;
  readonly countSinceStart: number;
  /** The latest one. */
  readonly sessionId: string;
  readonly queryHash: string;
  readonly durationMs: number;
}

export interface RestartFigures {
  /** A workspace's id, or the kind of a process without one: spare, storage. */
  readonly subject: string;
  readonly workspaceId: string | null;
  readonly projectId: string | null;
  readonly count: number;
  readonly countSinceStart: number;
  /** Of the latest one. */
  readonly reason: string;
  readonly sessionsLost: number;
}

export interface SizeFigures {
  readonly workspaceId: string;
  readonly projectId: string;
  readonly sizeBytes: number;
  readonly limitBytes: number;
}

/** Everything that the rules look at, as of one moment. */
export interface Figures {
  readonly instance: string;
  readonly queries: readonly QueryFigures[];
  readonly authFailures: readonly AuthFailureFigures[];
  /** All failed logins of the window, also of addresses that were forgotten since. */
  readonly authFailuresTotal: number;
  readonly authFailuresSinceStart: number;
  readonly slowQueries: readonly SlowQueryFigures[];
  readonly restarts: readonly RestartFigures[];
  readonly sizes: readonly SizeFigures[];
  /** Callers waiting for a metadata connection, on average over the window. */
  readonly poolWaiters: number;
  /** Whether this server is stopping, or has come up after one that ended without stopping. */
  readonly server: "up" | "stopping" | "recovered";
}

/** All conditions that hold. */
export function findConditions(figures: Figures, thresholds: AlertThresholds): Condition[] {
  const minutes = describeWindow(thresholds.windowMs);
  return [
    ...figures.queries.flatMap((one) => errorRate(one, figures.instance, thresholds, minutes)),
    ...authFailures(figures, thresholds, minutes),
    ...figures.slowQueries.flatMap((one) => slowQueries(one, figures.instance, thresholds, minutes)),
    ...figures.restarts.flatMap((one) => restarts(one, figures.instance, minutes)),
    ...figures.sizes.flatMap((one) => size(one, figures.instance)),
    ...poolPressure(figures, minutes),
    ...serverDown(figures),
  ];
}

function errorRate(
  figures: QueryFigures,
  instance: string,
  thresholds: AlertThresholds,
  minutes: string,
): Condition[] {
  const { workspaceId, projectId, total, failed } = figures;
  if (total < thresholds.errorRateQueriesMin || failed * 100 <= total * thresholds.errorRatePercent) return [];
  return [{
    alert: "PGWireHighErrorRate",
    subject: workspaceId,
    severity: "critical",
    summary: `${percent(failed / total)} of the statements in workspace ${workspaceId} failed in the last ${minutes} ` +
      `(${failed} of ${total})`,
    description: `More than ${thresholds.errorRatePercent} % of the workspace's statements end with an error or a ` +
      "timeout. Read GET /projects/{id}/workspaces/{id}/queries?status=error: the SQLSTATE says whether it is the " +
      "client's SQL (42…), a limit (53…, 54…, 57014) or the server (58…, XX000).",
    resolution:
      `At most ${thresholds.errorRatePercent} % of the workspace's statements failed in the last ${minutes}, ` +
      `or there were fewer than ${thresholds.errorRateQueriesMin}.`,
    context: { project: projectId, workspace: workspaceId },
    labels: workspaceLabels(instance, projectId, workspaceId),
    value: rounded(failed / total),
    occurrences: figures.failedSinceStart,
  }];
}

function authFailures(figures: Figures, thresholds: AlertThresholds, minutes: string): Condition[] {
  const loud = figures.authFailures.filter((one) => one.failures >= thresholds.authFailuresMin);
  const conditions = loud.map((one) =>
    authFailureCondition(figures.instance, minutes, {
      subject: one.clientIp,
      clientIp: one.clientIp,
      username: one.username,
      failures: one.failures,
      summary: `${one.failures} failed logins from ${one.clientIp} in the last ${minutes}, ` +
        `the last one as "${one.username}"`,
      occurrences: one.failuresSinceStart,
    })
  );
  const spread = figures.authFailuresTotal - loud.reduce((sum, one) => sum + one.failures, 0);
  const latest = figures.authFailures.filter((one) => !loud.includes(one)).at(-1);
  if (latest !== undefined && spread >= spreadAuthFailuresFactor * thresholds.authFailuresMin) {
    conditions.push(authFailureCondition(figures.instance, minutes, {
      subject: "many addresses",
      clientIp: latest.clientIp,
      username: latest.username,
      failures: spread,
      summary: `${spread} failed logins from many addresses in the last ${minutes}, the last one from ` +
        `${latest.clientIp} as "${latest.username}"`,
      occurrences: figures.authFailuresSinceStart,
    }));
  }
  return conditions;
}

function authFailureCondition(
  instance: string,
  minutes: string,
  found: {
    readonly subject: string;
    readonly clientIp: string;
    readonly username: string;
    readonly failures: number;
    readonly summary: string;
    readonly occurrences: number;
  },
): Condition {
  return {
    alert: "PGWireAuthFailures",
    subject: found.subject,
    severity: "warning",
    summary: found.summary,
    description: "A client with an old password, or somebody who guesses. Each address and user waits after " +
      "auth_failures_per_minute failures. Find the client by its address; reset the workspace's credentials if the " +
      "user is real and the client is not; block the address in front of the server if it guesses.",
    resolution: `Fewer failed logins in the last ${minutes} than the alert's limit.`,
    context: { client_ip: found.clientIp, attempted_username: found.username },
    labels: { instance, client_ip: found.clientIp },
    value: found.failures,
    occurrences: found.occurrences,
  };
}

function slowQueries(
  figures: SlowQueryFigures,
  instance: string,
  thresholds: AlertThresholds,
  minutes: string,
): Condition[] {
  if (figures.count < thresholds.slowQueriesMin) return [];
  const { workspaceId, projectId, count } = figures;
  return [{
    alert: "PGWireSlowQueries",
    subject: workspaceId,
    severity: "warning",
    summary: `${count} slow ${count === 1 ? "statement" : "statements"} in workspace ${workspaceId} in the last ` +
      `${minutes}, the last one took ${seconds(figures.durationMs)}`,
    description: "Statements took longer than slow_query_threshold_ms. Find the statement by its hash in " +
      "GET /projects/{id}/workspaces/{id}/queries and look at its plan. Where long statements are normal, raise " +
      "slow_query_threshold_ms or alert_slow_queries.",
    resolution: `Fewer slow statements in the last ${minutes} than the alert's limit.`,
    context: {
      project: projectId,
      workspace: workspaceId,
      session: figures.sessionId,
      query_hash: figures.queryHash,
    },
    labels: workspaceLabels(instance, projectId, workspaceId),
    value: rounded(figures.durationMs / 1000),
    occurrences: figures.countSinceStart,
  }];
}

function restarts(figures: RestartFigures, instance: string, minutes: string): Condition[] {
  if (figures.count === 0) return [];
  const { workspaceId, projectId, subject, count, reason } = figures;
  const whose = workspaceId === null ? `A ${subject} process` : `The process of workspace ${workspaceId}`;
  return [{
    alert: "WorkerRestarts",
    subject,
    severity: "warning",
    summary: `${whose} ended unexpectedly ${count === 1 ? "once" : `${count} times`} in the last ${minutes}, ` +
      `reason: ${reason}`,
    description: "Its sessions were cut off; the next connection starts another process. memory_exceeded: give the " +
      'workspace a lower memory_limit or the machine more memory. crashed: the log line "worker ended" has the exit ' +
      "code or signal (SIGKILL from outside is mostly the system out of memory). unresponsive: the machine is " +
      "overloaded, or the process hangs.",
    resolution: `No process of it ended unexpectedly in the last ${minutes}.`,
    context: { project: projectId, workspace: workspaceId, reason, sessions_lost: figures.sessionsLost },
    labels: { ...workspaceLabels(instance, projectId, workspaceId), reason },
    value: count,
    occurrences: figures.countSinceStart,
  }];
}

function size(figures: SizeFigures, instance: string): Condition[] {
  const share = figures.limitBytes > 0 ? figures.sizeBytes / figures.limitBytes : 0;
  if (share < sizeWarningShare) return [];
  const isFull = share >= sizeCriticalShare;
  const { workspaceId, projectId } = figures;
  const severity: AlertSeverity = isFull ? "critical" : "warning";
  return [{
    alert: "WorkspaceSizeExceeded",
    subject: workspaceId,
    severity,
    summary: `Workspace ${workspaceId} uses ${percent(share)} of its size limit (${figures.sizeBytes} of ` +
      `${figures.limitBytes} bytes)`,
    description: isFull
      ? "The workspace is full: statements that add data are refused with 53100; reading and dropping still work. " +
        "Drop tables in it, or raise size_limit_gb with PATCH /projects/{id}/workspaces/{id}."
      : "The workspace is nearly full; at 100 % statements that add data are refused with 53100. Drop tables in it, " +
        "or raise size_limit_gb with PATCH /projects/{id}/workspaces/{id}.",
    resolution: `The workspace uses less than ${percent(sizeWarningShare)} of its size limit, or is deleted.`,
    context: { project: projectId, workspace: workspaceId, current: figures.sizeBytes, limit: figures.limitBytes },
    labels: workspaceLabels(instance, projectId, workspaceId),
    value: rounded(share),
    occurrences: 1,
  }];
}

function poolPressure(figures: Figures, minutes: string): Condition[] {
  if (figures.poolWaiters < poolWaitersMin) return [];
  const { instance } = figures;
  return [{
    alert: "MetadataPoolPressure",
    subject: instance,
    severity: "warning",
    summary: `${figures.poolWaiters.toFixed(1)} callers waited for a metadata connection on average in the last ` +
      minutes,
    description: "Logins and REST requests queue for the metadata store. Look at metadata_pool_connections and " +
      "http_requests_total for who asks so often; raise db_max_open_conns if the machine has room; slow disks show as " +
      "long db queries in the log.",
    resolution: `Callers of the metadata store no longer wait (less than ${poolWaitersMin} on average).`,
    context: { instance },
    labels: { instance },
    value: rounded(figures.poolWaiters),
    occurrences: 1,
  }];
}

function serverDown(figures: Figures): Condition[] {
  if (figures.server === "up") return [];
  const { instance } = figures;
  const isStopping = figures.server === "stopping";
  return [{
    alert: "PGWireServerDown",
    subject: instance,
    severity: isStopping ? "info" : "critical",
    summary: isStopping
      ? `Eider on ${instance} is stopping`
      : `Eider on ${instance} had ended without stopping in order and is up again`,
    description: isStopping
      ? "It was asked to stop: no new connections are taken, and running statements get shutdown_timeout_seconds. " +
        "This alert resolves when it is up again."
      : "The process was killed, crashed or lost its power; all sessions of before are gone, acknowledged changes are " +
        "not. Look at the end of the earlier log, at the system's log for an out-of-memory kill, and at the disk.",
    resolution: `Eider on ${instance} is up.`,
    context: { instance },
    labels: { instance },
    value: 0, // as Prometheus says it: up == 0
    occurrences: 1,
  }];
}

function workspaceLabels(instance: string, projectId: string | null, workspaceId: string | null) {
  return {
    instance,
    ...(projectId === null ? {} : { project_id: projectId }),
    ...(workspaceId === null ? {} : { workspace_id: workspaceId }),
  };
}

/** As exact as a reader can use it. */
function rounded(value: number): number {
  return Math.round(value * 1e4) / 1e4;
}

function percent(share: number): string {
  return `${Math.round(share * 1000) / 10} %`;
}

function seconds(durationMs: number): string {
  return `${(durationMs / 1000).toFixed(durationMs < 10_000 ? 2 : 0)} s`;
}

function describeWindow(windowMs: number): string {
  if (windowMs % 60_000 !== 0) return `${windowMs / 1000} seconds`;
  return windowMs === 60_000 ? "minute" : `${windowMs / 60_000} minutes`;
}
