/**
 * What an alert is. A *condition* is something that holds now (`rules.ts` finds them), a *notification* is what the webhook
 * is told about one: that it began, that it goes on or grew worse, that it is over. Names are those of the Prometheus rules
 * in packaging/prometheus/alerts.yml, so that one page (docs/monitoring.md) says what to do for both.
 */
export const alertNames = [
  "PGWireHighErrorRate",
  "PGWireAuthFailures",
  "PGWireSlowQueries",
  "PGWireServerDown",
  "WorkspaceSizeExceeded",
  "WorkerRestarts",
  "MetadataPoolPressure",
] as const;
export type AlertName = (typeof alertNames)[number];
/** Sent by the test endpoint only. */
export const testAlertName = "AlertTest";

export const severities = ["info", "warning", "critical"] as const;
export type AlertSeverity = (typeof severities)[number];

/** Where it happened, in the words of the alert's type: project and workspace, client_ip, … */
export type AlertContext = Readonly<Record<string, string | number | null>>;

export interface Condition {
  readonly alert: AlertName;
  /** What it is about: a workspace, an address, the server. An alert and a subject have one state. */
  readonly subject: string;
  readonly severity: AlertSeverity;
  /** One line with the figure that broke the rule. */
  readonly summary: string;
  /** What it means and what to do. */
  readonly description: string;
  /** What is said once it no longer holds. */
  readonly resolution: string;
  readonly context: AlertContext;
  /** For routing and grouping; only text. */
  readonly labels: Readonly<Record<string, string>>;
  /** The figure that broke the rule, in the unit that `summary` names. */
  readonly value: number;
  /** Grows when it happens once more; a condition that only lasts keeps it. */
  readonly occurrences: number;
}

/** The body that the webhook gets, in the format `json` as it is. */
export interface AlertPayload {
  readonly alert: AlertName | typeof testAlertName;
  readonly status: "firing" | "resolved";
  readonly severity: AlertSeverity;
  /** RFC 3339, UTC: when this was said. */
  readonly timestamp: string;
  readonly summary: string;
  readonly description: string;
  readonly context: AlertContext;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A webhook's last word on a notification, as `alerts_sent_total{status}` counts it. */
export const deliveryStatuses = ["sent", "failed", "dropped"] as const;
export type DeliveryStatus = (typeof deliveryStatuses)[number];
