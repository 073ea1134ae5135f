/**
 * LISTEN and NOTIFY between the sessions of a workspace. As in PostgreSQL both take effect when their transaction commits, and
 * equal notifications of one transaction are sent once. PostgreSQL documentation, "NOTIFY".
 */
import { AppError } from "../../errors/app_error.ts";

export interface Notification {
  readonly processId: number;
  readonly channel: string;
  readonly payload: string;
}

/** PostgreSQL's own bound for a payload. */
const payloadBytesMax = 7999;
/** Notifications that one session may owe its client; a client in a long transaction loses the oldest beyond it. */
const waitingMax = 10_000;
/** Notifications of one transaction. */
const pendingMax = 10_000;

/** All listening sessions of a workspace. */
export class NotificationHub {
  readonly #listeners = new Set<SessionNotifications>();

  add(session: SessionNotifications): void {
    this.#listeners.add(session);
  }

  remove(session: SessionNotifications): void {
    this.#listeners.delete(session);
  }

  publish(notification: Notification): void {
    for (const session of this.#listeners) session.receive(notification);
  }
}

/** One session's channels, what its transaction will do to them, and what waits for its client. */
export class SessionNotifications {
  readonly #hub: NotificationHub;
  readonly #processId: number;
  /** Called when something has arrived. */
  readonly #arrived: () => void;
  #channels: ReadonlySet<string> = new Set();
  #pendingChannels: Set<string> | null = null;
  #pending: Notification[] = [];
  #waiting: Notification[] = [];

  constructor(hub: NotificationHub, processId: number, arrived: () => void) {
    this.#hub = hub;
    this.#processId = processId;
    this.#arrived = arrived;
    hub.add(this);
  }

  close(): void {
    this.#hub.remove(this);
  }

  listen(channel: string): void {
    this.#changed().add(channel);
  }

  /** null: all channels. */
  unlisten(channel: string | null): void {
    if (channel === null) this.#changed().clear();
    else this.#changed().delete(channel);
  }

  /** Throws `invalid_parameter_value` as PostgreSQL does. */
  notify(channel: string, payload: string): void {
    if (channel === "") throw new AppError("invalid_parameter_value", "channel name cannot be empty");
    if (new TextEncoder().encode(channel).length > 63) {
      throw new AppError("invalid_parameter_value", "channel name too long");
    }
    if (new TextEncoder().encode(payload).length > payloadBytesMax) {
      throw new AppError("invalid_parameter_value", "payload string too long");
    }
    const same = this.#pending.some((pending) => pending.channel === channel && pending.payload === payload);
    if (same) return;
    if (this.#pending.length >= pendingMax) {
      throw new AppError("program_limit", `too many notifications in one transaction: ${pendingMax}`);
    }
    this.#pending.push({ processId: this.#processId, channel, payload });
  }

  commit(): void {
    this.#channels = this.#pendingChannels ?? this.#channels;
    this.#pendingChannels = null;
    for (const notification of this.#pending.splice(0)) this.#hub.publish(notification);
  }

  rollback(): void {
    this.#pendingChannels = null;
    this.#pending = [];
  }

  receive(notification: Notification): void {
    if (!this.#channels.has(notification.channel)) return;
    this.#waiting.push(notification);
    if (this.#waiting.length > waitingMax) this.#waiting.shift();
    this.#arrived();
  }

  /** What the client must be told now; it is told once. */
  take(): readonly Notification[] {
    return this.#waiting.splice(0);
  }

  get channels(): readonly string[] {
    return [...this.#channels];
  }

  #changed(): Set<string> {
    this.#pendingChannels ??= new Set(this.#channels);
    return this.#pendingChannels;
  }
}
