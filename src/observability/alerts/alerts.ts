/**
 * The built-in alerts, for those who run no Prometheus: takes in what the server sees, looks at the rules every moment,
 * and tells a webhook. Without a webhook the alerts are still found, logged and listed.
 *
 * Two clocks: windows and intervals are measured on a monotonic one, so a wall clock that jumps neither fires nor silences
 * anything; the wall clock is only shown. What fires is saved, so that an alert that a restart has ended still resolves.
 */
import type { Logger } from "../log.ts";
import { advance, type AlertState, type AlertStates, markUndelivered, type Moment, stateKey } from "./alert_states.ts";
import { alertNames, type AlertPayload, type DeliveryStatus, deliveryStatuses, testAlertName } from "./alert_types.ts";
import { alertBody, type AlertFormat } from "./body_formats.ts";
import { Delivery, type Outgoing } from "./delivery.ts";
import { Observations, type PoolObservation } from "./observations.ts";
import type { QueryObservation, RestartObservation, SlowQueryObservation } from "./observations.ts";
import { type AlertThresholds, findConditions, type SizeFigures } from "./rules.ts";
import { parseSavedAlerts, type SavedAlerts, savedAlerts } from "./saved_alerts.ts";
import { postWebhook, type WebhookAnswer, WebhookError, type WebhookTarget } from "./webhook.ts";

export interface AlertsOptions {
  /** Which server speaks: host and port of the SQL endpoint. */
  readonly instance: () => string;
  readonly thresholds: AlertThresholds;
  readonly minIntervalMs: number;
  /** null: no webhook is configured. */
  readonly webhook: WebhookTarget | null;
  readonly format: AlertFormat;
  readonly metrics: {
    alert(alert: string, status: string): void;
    declareAlerts(alerts: readonly string[], statuses: readonly string[]): void;
  };
  readonly logger: Logger;
  /** Keeps one text over restarts. */
  readonly store: { load(): Promise<string | null>; save(text: string): Promise<void> };
  /** Asked before each look at the rules. */
  readonly pool?: () => PoolObservation;
  readonly monotonicMs: () => number;
  readonly epochMs: () => number;
}

/** What the webhook said to a test. */
export interface AlertTestResult {
  readonly delivered: boolean;
  readonly answer: WebhookAnswer | null;
  /** Why it was not delivered. */
  readonly error: string | null;
}

/** How often the rules are looked at. */
const tickMsMax = 1_000;
const tickMsMin = 100;
const ticksPerWindow = 20;
/** What a stop waits for a webhook at most. */
const stopTimeoutMs = 3_000;

export class Alerts {
  readonly #options: AlertsOptions;
  readonly #observations: Observations;
  readonly #delivery: Delivery | null;
  #states: AlertStates = new Map();
  #timer: ReturnType<typeof setInterval> | null = null;
  #savedText = "";
  #saving: Promise<void> = Promise.resolve();
  #isStopping = false;

  constructor(options: AlertsOptions) {
    this.#options = options;
    this.#observations = new Observations(options.thresholds.windowMs, options.monotonicMs());
    options.metrics.declareAlerts([...alertNames, testAlertName], deliveryStatuses);
    this.#delivery = options.webhook === null ? null : new Delivery({
      send: (payload, stop) => this.#post(payload, stop),
      onEnd: (outgoing, status, detail) => this.#ended(outgoing, status, detail),
    });
  }

  /** Reads what an earlier run left and begins to look. */
  async start(): Promise<void> {
    const { store, logger } = this.#options;
    const text = await store.load();
    const saved = parseSavedAlerts(text);
    if (text !== null && saved === null) logger.warn("saved alerts cannot be read, they are forgotten");
    if (saved !== null) this.#restore(saved);
    await this.#save();
    const tickMs = Math.min(tickMsMax, Math.max(tickMsMin, this.#options.thresholds.windowMs / ticksPerWindow));
    this.#timer = setInterval(() => this.look(), tickMs);
  }

  query(seen: QueryObservation): void {
    this.#observations.query(this.#options.monotonicMs(), seen);
  }

  slowQuery(seen: SlowQueryObservation): void {
    this.#observations.slowQuery(this.#options.monotonicMs(), seen);
  }

  authFailure(clientIp: string, username: string): void {
    this.#observations.authFailure(this.#options.monotonicMs(), clientIp, username);
  }

  /** A process ended that was not asked to. While the server stops, processes are ended on purpose. */
  workerEnded(seen: RestartObservation): void {
    if (!this.#isStopping) this.#observations.workerEnded(this.#options.monotonicMs(), seen);
  }

  /** Every workspace's size; `Observations.sizes`. */
  sizes(figures: readonly SizeFigures[]): void {
    this.#observations.sizes(figures);
  }

  removeWorkspace(workspaceId: string): void {
    this.#observations.removeWorkspace(workspaceId);
  }

  /** What fires now, longest first. */
  firing(): AlertState[] {
    return [...this.#states.values()].filter((state) => state.isActive)
      .sort((left, right) => left.firingSinceMs - right.firingSinceMs);
  }

  /** Notifications that wait for the webhook. */
  get waitingCount(): number {
    return this.#delivery?.waitingCount ?? 0;
  }

  get hasWebhook(): boolean {
    return this.#delivery !== null;
  }

  /** Sends one notification past queue and interval. The webhook must be configured. */
  async test(): Promise<AlertTestResult> {
    const { instance, logger } = this.#options;
    const payload: AlertPayload = {
      alert: testAlertName,
      status: "firing",
      severity: "info",
      timestamp: new Date(this.#options.epochMs()).toISOString(),
      summary: "Test of Eider's alert webhook",
      description: "An administrator asked for this with POST /internal/alerts/test. Nothing is wrong.",
      context: { instance: instance() },
      labels: { instance: instance() },
      value: 0,
    };
    try {
      const answer = await this.#post(payload, new AbortController().signal);
      this.#options.metrics.alert(testAlertName, "sent");
      return { delivered: true, answer, error: null };
    } catch (error) {
      if (!(error instanceof WebhookError)) throw error;
      this.#options.metrics.alert(testAlertName, "failed");
      logger.warn("alert webhook test failed", { reason: error.message });
      return { delivered: false, answer: error.answer, error: error.message };
    }
  }

  /** One look at the rules; the timer does it, tests may. */
  look(): void {
    const { monotonicMs, epochMs, pool, instance, thresholds, minIntervalMs } = this.#options;
    const now: Moment = { monotonicMs: monotonicMs(), epochMs: epochMs() };
    if (pool !== undefined) this.#observations.pool(now.monotonicMs, pool());
    const figures = this.#observations.figures(now.monotonicMs, instance());
    const { states, notifications } = advance(this.#states, findConditions(figures, thresholds), now, minIntervalMs);
    this.#states = states;
    for (const { status, condition } of notifications) {
      const isFiring = status === "firing";
      const payload: AlertPayload = {
        alert: condition.alert,
        status,
        severity: condition.severity,
        timestamp: new Date(now.epochMs).toISOString(),
        summary: isFiring ? condition.summary : `Resolved: ${condition.summary}`,
        description: isFiring ? condition.description : condition.resolution,
        context: condition.context,
        labels: condition.labels,
        value: condition.value,
      };
      this.#options.logger[isFiring ? "warn" : "info"](`alert ${status}`, {
        alert: condition.alert,
        severity: condition.severity,
        summary: condition.summary,
        ...condition.labels,
      });
      this.#delivery?.enqueue({ key: stateKey(condition.alert, condition.subject), payload });
    }
    if (notifications.length > 0) void this.#save();
  }

  /** The server was asked to stop: said while there is time for it. */
  serverStopping(): void {
    if (this.#isStopping) return;
    this.#isStopping = true;
    this.#observations.server = "stopping";
    this.look();
  }

  /** Ends the looking; what is on its way gets a moment more. */
  async stop(): Promise<void> {
    if (this.#timer === null) return; // it has never looked
    clearInterval(this.#timer);
    this.#timer = null;
    this.serverStopping();
    await this.#delivery?.stop(stopTimeoutMs);
    await this.#save();
  }

  #post(payload: AlertPayload, stop: AbortSignal): Promise<WebhookAnswer> {
    const { webhook, format } = this.#options;
    if (webhook === null) return Promise.reject(new WebhookError("alert_webhook_url is not set", false));
    return postWebhook(webhook, alertBody(payload, format), stop);
  }

  #ended({ key, payload }: Outgoing, status: DeliveryStatus, detail: string): void {
    const { metrics, logger } = this.#options;
    metrics.alert(payload.alert, status);
    const fields = { alert: payload.alert, alert_status: payload.status, detail, ...payload.labels };
    if (status === "sent") return logger.info("alert sent", fields);
    logger.error(`alert ${status === "failed" ? "not delivered" : "dropped"}`, fields);
    if (payload.status === "firing") this.#states = markUndelivered(this.#states, key);
  }

  #restore(saved: SavedAlerts): void {
    const now: Moment = { monotonicMs: this.#options.monotonicMs(), epochMs: this.#options.epochMs() };
    if (saved.running) this.#observations.server = "recovered";
    this.#states = new Map(saved.told.map(({ condition, toldAtMs, firingSinceMs }) => {
      // A wall clock that was set back since gives a negative age: then it counts as told long ago.
      const ageMs = now.epochMs - toldAtMs;
      const atMs = ageMs >= 0 ? now.monotonicMs - ageMs : Number.NEGATIVE_INFINITY;
      const state: AlertState = {
        condition,
        isActive: true,
        firingSinceMs,
        told: { status: "firing", condition, atMs },
        repeatPauseMs: this.#options.minIntervalMs,
        isUndelivered: false,
      };
      return [stateKey(condition.alert, condition.subject), state];
    }));
  }

  /** Saves what the webhook believes to be firing, when that has changed. */
  #save(): Promise<void> {
    const { epochMs, monotonicMs, store, logger } = this.#options;
    const now: Moment = { monotonicMs: monotonicMs(), epochMs: epochMs() };
    const text = JSON.stringify(savedAlerts(this.#states, !this.#isStopping, now));
    if (text === this.#savedText) return this.#saving;
    this.#savedText = text;
    return this.#saving = this.#saving.then(() => store.save(text)).catch((error) => {
      this.#savedText = "";
      logger.warn("alerts could not be saved", { error: String(error) });
    });
  }
}
