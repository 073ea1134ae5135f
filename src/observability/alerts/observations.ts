/**
 * What the server has seen lately, as the rules need it: counts a workspace, an address and a process over the window.
 * Bounded whatever happens: a strangers' address or a workspace beyond the bounds pushes out the one seen longest ago.
 * All times are of a monotonic clock.
 */
import { BoundedMap } from "./bounded_map.ts";
import type {
  AuthFailureFigures,
  Figures,
  QueryFigures,
  RestartFigures,
  SizeFigures,
  SlowQueryFigures,
} from "./rules.ts";
import { SlidingCounts } from "./sliding_counts.ts";

/** Addresses with failed logins that are told apart; those beyond count only towards the total. */
export const addressesMax = 1_000;
/** Far above what one machine serves within a window. */
const workspacesMax = 10_000;
/** A name typed wrong may be a password; it is cut to what a name can be. */
const usernameCharactersMax = 63;

export interface QueryObservation {
  readonly workspaceId: string;
  readonly projectId: string | null;
  readonly status: "success" | "error" | "timeout" | "cancelled";
}

export interface SlowQueryObservation {
  readonly workspaceId: string;
  readonly projectId: string | null;
  readonly sessionId: string;
  readonly queryHash: string;
  readonly durationMs: number;
}

export interface RestartObservation {
  /** `workspace`, `spare` or `storage`. */
  readonly kind: string;
  readonly workspaceId: string | null;
  readonly projectId: string | null;
  readonly reason: string;
  readonly sessionsLost: number;
}

export interface PoolObservation {
  readonly waiters: number;
  /** All waits since the server's start. */
  readonly waitSecondsTotal: number;
}

/** A latest observation, how often there was one in the window, and how often since the start. */
interface Counted<Latest> {
  latest: Latest;
  readonly recent: SlidingCounts;
  countSinceStart: number;
}

interface CountedQueries {
  projectId: string | null;
  /** Columns: all, failed. */
  readonly recent: SlidingCounts;
  failedSinceStart: number;
}

export class Observations {
  readonly #windowMs: number;
  readonly #startedAtMs: number;
  readonly #queries = new BoundedMap<CountedQueries>(workspacesMax);
  readonly #slowQueries = new BoundedMap<Counted<SlowQueryObservation>>(workspacesMax);
  readonly #authFailures = new BoundedMap<Counted<{ clientIp: string; username: string }>>(addressesMax);
  readonly #authFailuresTotal: SlidingCounts;
  #authFailuresSinceStart = 0;
  readonly #restarts = new BoundedMap<Counted<RestartObservation>>(workspacesMax);
  #sizes: readonly SizeFigures[] = [];
  /** Columns: waited seconds, sampled waiters, samples. */
  readonly #pool: SlidingCounts;
  #poolWaitSecondsSeen = 0;
  server: Figures["server"] = "up";

  constructor(windowMs: number, nowMs: number) {
    this.#windowMs = windowMs;
    this.#startedAtMs = nowMs;
    this.#authFailuresTotal = new SlidingCounts(windowMs, 1);
    this.#pool = new SlidingCounts(windowMs, 3);
  }

  query(nowMs: number, seen: QueryObservation): void {
    const isFailure = seen.status === "error" || seen.status === "timeout";
    const counted = this.#queries.use(seen.workspaceId, () => ({
      projectId: seen.projectId,
      recent: new SlidingCounts(this.#windowMs, 2),
      failedSinceStart: 0,
    }));
    counted.projectId = seen.projectId ?? counted.projectId;
    counted.recent.add(nowMs, 0);
    if (!isFailure) return;
    counted.recent.add(nowMs, 1);
    counted.failedSinceStart += 1;
  }

  slowQuery(nowMs: number, seen: SlowQueryObservation): void {
    this.#count(this.#slowQueries, seen.workspaceId, nowMs, seen);
  }

  authFailure(nowMs: number, clientIp: string, username: string): void {
    this.#count(this.#authFailures, clientIp, nowMs, { clientIp, username: username.slice(0, usernameCharactersMax) });
    this.#authFailuresTotal.add(nowMs, 0);
    this.#authFailuresSinceStart += 1;
  }

  workerEnded(nowMs: number, seen: RestartObservation): void {
    this.#count(this.#restarts, seen.workspaceId ?? seen.kind, nowMs, seen);
  }

  /** All workspaces' sizes as just measured; one that is missing is no longer there. */
  sizes(figures: readonly SizeFigures[]): void {
    this.#sizes = figures.slice(0, workspacesMax);
  }

  /** The workspace is gone, and with it whatever was wrong with it. */
  removeWorkspace(workspaceId: string): void {
    for (const map of [this.#queries, this.#slowQueries, this.#restarts]) map.delete(workspaceId);
    this.#sizes = this.#sizes.filter((figures) => figures.workspaceId !== workspaceId);
  }

  pool(nowMs: number, seen: PoolObservation): void {
    this.#pool.add(nowMs, 0, Math.max(0, seen.waitSecondsTotal - this.#poolWaitSecondsSeen));
    this.#poolWaitSecondsSeen = seen.waitSecondsTotal;
    this.#pool.add(nowMs, 1, seen.waiters);
    this.#pool.add(nowMs, 2);
  }

  /** What is in the window now. Subjects with nothing left in it are forgotten. */
  figures(nowMs: number, instance: string): Figures {
    return {
      instance,
      queries: [...this.#queryFigures(nowMs)],
      authFailures: [...recent(this.#authFailures, nowMs)].map(([counted, failures]): AuthFailureFigures => ({
        ...counted.latest,
        failures,
        failuresSinceStart: counted.countSinceStart,
      })),
      authFailuresTotal: this.#authFailuresTotal.sums(nowMs)[0] ?? 0,
      authFailuresSinceStart: this.#authFailuresSinceStart,
      slowQueries: [...recent(this.#slowQueries, nowMs)].map(([counted, count]): SlowQueryFigures => ({
        ...counted.latest,
        count,
        countSinceStart: counted.countSinceStart,
      })),
      restarts: [...recent(this.#restarts, nowMs)].map(([counted, count]): RestartFigures => ({
        ...counted.latest,
        subject: counted.latest.workspaceId ?? counted.latest.kind,
        count,
        countSinceStart: counted.countSinceStart,
      })),
      sizes: this.#sizes,
      poolWaiters: this.#poolWaiters(nowMs),
      server: this.#server(nowMs),
    };
  }

  #count<Latest>(map: BoundedMap<Counted<Latest>>, key: string, nowMs: number, seen: Latest): void {
    const counted = map.use(key, () => ({
      latest: seen,
      recent: new SlidingCounts(this.#windowMs, 1),
      countSinceStart: 0,
    }));
    counted.latest = seen;
    counted.recent.add(nowMs, 0);
    counted.countSinceStart += 1;
  }

  *#queryFigures(nowMs: number): Iterable<QueryFigures> {
    for (const [workspaceId, counted] of this.#queries.entries()) {
      const [total = 0, failed = 0] = counted.recent.sums(nowMs);
      if (total === 0) this.#queries.delete(workspaceId);
      else {
        const { projectId, failedSinceStart } = counted;
        yield { workspaceId, projectId, total, failed, failedSinceStart };
      }
    }
  }

  /** Long waits are known only when they end, those that end in a timeout never: so the queue is sampled too. */
  #poolWaiters(nowMs: number): number {
    const [waitedSeconds = 0, waiters = 0, samples = 0] = this.#pool.sums(nowMs);
    return Math.max(waitedSeconds * 1000 / this.#windowMs, samples === 0 ? 0 : waiters / samples);
  }

  /** A recovery is news for one window. */
  #server(nowMs: number): Figures["server"] {
    const isOver = this.server === "recovered" && nowMs - this.#startedAtMs >= this.#windowMs;
    return isOver ? "up" : this.server;
  }
}

function* recent<Latest>(map: BoundedMap<Counted<Latest>>, nowMs: number): Iterable<[Counted<Latest>, number]> {
  for (const [key, counted] of map.entries()) {
    const count = counted.recent.sums(nowMs)[0] ?? 0;
    if (count === 0) map.delete(key);
    else yield [counted, count];
  }
}
