/** What the tests of the alerts share. */
import type { AlertPayload, Condition } from "./alert_types.ts";
import type { AlertThresholds, Figures } from "./rules.ts";

export const thresholds: AlertThresholds = {
  windowMs: 300_000,
  errorRatePercent: 5,
  errorRateQueriesMin: 10,
  authFailuresMin: 10,
  slowQueriesMin: 1,
};

export const quiet: Figures = {
  instance: "db.example:5432",
  queries: [],
  authFailures: [],
  authFailuresTotal: 0,
  authFailuresSinceStart: 0,
  slowQueries: [],
  restarts: [],
  sizes: [],
  poolWaiters: 0,
  server: "up",
};

export function condition(changes: Partial<Condition> = {}): Condition {
  return {
    alert: "PGWireSlowQueries",
    subject: "ws_a",
    severity: "warning",
    summary: "slow",
    description: "look",
    resolution: "fast again",
    context: { workspace: "ws_a" },
    labels: { workspace_id: "ws_a" },
    value: 2,
    occurrences: 1,
    ...changes,
  };
}

export const payload: AlertPayload = {
  alert: "PGWireAuthFailures",
  status: "firing",
  severity: "warning",
  timestamp: "2026-03-04T05:06:07.000Z",
  summary: '12 failed logins from 192.0.2.1 in the last 5 minutes, the last one as "<!channel> & *b*"',
  description: "A client with an old password.",
  context: { client_ip: "192.0.2.1", attempted_username: "@everyone", project: null },
  labels: { instance: "db.example:5432", client_ip: "192.0.2.1" },
  value: 12,
};
