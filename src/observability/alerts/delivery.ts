/**
 * Notifications on their way to the webhook: a bounded queue, one request at a time and in order, each tried a bounded
 * number of times with growing, jittered pauses. A webhook that hangs, refuses or fails costs the server nothing but this
 * queue. Each notification ends as `sent`, `failed` (given up) or `dropped` (pushed out of a full queue, or left at the end).
 */
import type { AlertPayload, DeliveryStatus } from "./alert_types.ts";
import { type WebhookAnswer, WebhookError } from "./webhook.ts";

export interface Outgoing {
  /** The state it tells of. */
  readonly key: string;
  readonly payload: AlertPayload;
}

export interface DeliveryOptions {
  /** One request; throws `WebhookError`. */
  readonly send: (payload: AlertPayload, stop: AbortSignal) => Promise<WebhookAnswer>;
  /** A notification's end; must not throw. */
  readonly onEnd: (outgoing: Outgoing, status: DeliveryStatus, detail: string) => void;
  readonly attemptsMax?: number;
  /** Before the second attempt; doubled before each further one. */
  readonly firstPauseMs?: number;
  /** From 0 to 1, for jitter. */
  readonly random?: () => number;
}

/** More waiting alerts than this help nobody; the oldest goes first, because the newest say how it is now. */
export const queueMax = 100;
const attemptsMaxDefault = 5;
const firstPauseMsDefault = 1_000;
const pauseMsMax = 30_000;

/** Invariant: `#queue` holds at most `queueMax` notifications, the one that is being sent not counted; one `#run` at a time. */
export class Delivery {
  readonly #options: DeliveryOptions;
  readonly #queue: Outgoing[] = [];
  readonly #stop = new AbortController();
  #running: Promise<void> | null = null;

  constructor(options: DeliveryOptions) {
    this.#options = options;
  }

  /** Waiting, without the one that is being sent. */
  get waitingCount(): number {
    return this.#queue.length;
  }

  enqueue(outgoing: Outgoing): void {
    if (this.#stop.signal.aborted) return this.#options.onEnd(outgoing, "dropped", "the server has stopped");
    this.#queue.push(outgoing);
    if (this.#queue.length > queueMax) {
      const oldest = this.#queue.shift();
      if (oldest !== undefined) this.#options.onEnd(oldest, "dropped", `more than ${queueMax} alerts were waiting`);
    }
    this.#running ??= this.#run().finally(() => {
      this.#running = null;
    });
  }

  /** Gives what is waiting this long to be sent, then drops it. */
  async stop(timeoutMs: number): Promise<void> {
    const timer = setTimeout(() => this.#stop.abort(), timeoutMs);
    await this.#running;
    clearTimeout(timer);
    this.#stop.abort();
  }

  async #run(): Promise<void> {
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) await this.#deliver(next);
  }

  async #deliver(outgoing: Outgoing): Promise<void> {
    const { send, onEnd } = this.#options;
    const attemptsMax = this.#options.attemptsMax ?? attemptsMaxDefault;
    const { signal } = this.#stop;
    for (let attempt = 1;; attempt++) {
      if (signal.aborted) return onEnd(outgoing, "dropped", "the server is stopping");
      try {
        const answer = await send(outgoing.payload, signal);
        return onEnd(outgoing, "sent", `answered ${answer.status} to attempt ${attempt}`);
      } catch (error) {
        if (signal.aborted) return onEnd(outgoing, "dropped", "the server is stopping");
        const reason = error instanceof Error ? error.message : String(error);
        if (!(error instanceof WebhookError) || !error.retryable) return onEnd(outgoing, "failed", reason);
        if (attempt >= attemptsMax) return onEnd(outgoing, "failed", `${reason}; given up after ${attempt} attempts`);
        await this.#pause(Math.max(this.#backoffMs(attempt), error.retryAfterMs ?? 0));
      }
    }
  }

  /** Between half and the whole of a pause that doubles, so that many servers do not knock together. */
  #backoffMs(attempt: number): number {
    const pauseMs = Math.min((this.#options.firstPauseMs ?? firstPauseMsDefault) * 2 ** (attempt - 1), pauseMsMax);
    return pauseMs * (0.5 + (this.#options.random ?? Math.random)() / 2);
  }

  #pause(durationMs: number): Promise<void> {
    return new Promise((resolve) => {
      const { signal } = this.#stop;
      const end = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", end);
        resolve();
      };
      const timer = setTimeout(end, durationMs);
      signal.addEventListener("abort", end);
      if (signal.aborted) end();
    });
  }
}
