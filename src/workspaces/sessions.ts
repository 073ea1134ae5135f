/**
 * Every open PostgreSQL session of this server, live in memory. The pgwire front opens and closes entries, worker
 * events update them, REST reads them. What changed is written to the metadata store in batches, so that neither a
 * connection nor a query waits for a disk.
 *
 * Invariant: a session is in `#live` from `open` until `close`; an ended one waits in `#ended` until it is saved.
 */
import { AppError } from "../errors/app_error.ts";
import type { ErrorKind } from "../errors/catalogue.ts";
import type { QueryFinished } from "../ipc/messages.ts";
import { makeSessionId, type RandomBytes } from "./naming.ts";
import type { WorkspaceLogger } from "./types.ts";

/** A row of `pg_sessions`. */
export interface SessionRecord {
  readonly id: string;
  readonly workspaceId: string;
  readonly projectId: string;
  readonly username: string;
  readonly clientAddress: string;
  readonly applicationName: string;
  readonly tls: boolean;
  readonly startedAtMs: number;
  readonly lastActivityAtMs: number;
  readonly endedAtMs: number | null;
  readonly endReason: string | null;
  /** Statements that have ended. */
  readonly queryCount: number;
  readonly bytesReceived: number;
  readonly bytesSent: number;
}

/** Persistence of sessions; implemented by `metadata/workspaces/sessions.ts`. */
export interface SessionStore {
  /** Inserts or updates all of them, or none. */
  save(sessions: readonly SessionRecord[]): Promise<void>;
  /** Ends the rows that are still open, except those with these ids; gives how many there were. */
  closeOpen(exceptIds: readonly string[], reason: string, nowMs: number): Promise<number>;
  /** Deletes rows that ended before then; gives how many. */
  prune(endedBeforeMs: number): Promise<number>;
}

/** An open session as REST shows it. */
export interface SessionInfo extends SessionRecord {
  /** PostgreSQL's: active, idle, idle in transaction, idle in transaction (aborted). */
  readonly state: string;
  /** The statement that runs now. */
  readonly currentQuery: string | null;
  readonly queryStartedAtMs: number | null;
}

export interface SessionOpenRequest {
  readonly workspaceId: string;
  readonly projectId: string;
  readonly username: string;
  readonly clientAddress: string;
  readonly applicationName: string;
  readonly tls: boolean;
  /** Sessions that the workspace may have open; the server's limit when missing. */
  readonly connectionsMax?: number;
  /** Ends the session: FATAL of this kind to the client, then the socket closes. Must lead to `close`. */
  terminate(kind: ErrorKind, detail: string): void;
}

export interface SessionRegistryOptions {
  readonly store: SessionStore;
  readonly connectionsPerWorkspaceMax: number;
  readonly logger: WorkspaceLogger;
  readonly random: RandomBytes;
  now(): number;
  /** Milliseconds of a clock that never jumps, for how long something has lasted; the system's by default. */
  monotonicMs?(): number;
  /** How long a change may wait to be saved; 0: only `flush` saves. */
  readonly flushIntervalMs: number;
}

/** Ended sessions that wait to be saved. Beyond it the oldest is lost: the store has been failing for a long time. */
export const endedSessionsMax = 10_000;
/** Rows of one metadata transaction, so that a batch holds its connection for milliseconds. */
const saveBatchRows = 200;
/**
 * Flush intervals after which a session's mere activity is saved. Nobody reads an open session's row while the server runs: it is
 * for who looks after a crash. Saved with every flush, fifty busy sessions cost the server more than all of their bytes.
 */
const activityFlushIntervals = 10;
/** Characters of a running statement that are kept for display. */
const currentQueryCharactersMax = 1_000;

type LiveSession = { -readonly [Key in keyof SessionInfo]: SessionInfo[Key] } & {
  readonly terminate: SessionOpenRequest["terminate"];
  terminating: boolean;
  /** On the monotonic clock: when it was opened and last did something. */
  readonly openedMs: number;
  activeMs: number;
};

export class SessionRegistry {
  readonly #options: SessionRegistryOptions;
  readonly #live = new Map<string, LiveSession>();
  readonly #ended = new Map<string, SessionRecord>();
  readonly #dirty = new Set<string>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** When `#timer` fires, on the monotonic clock. */
  #timerAtMs = Infinity;
  #saving: Promise<void> = Promise.resolve();
  #lostCount = 0;

  constructor(options: SessionRegistryOptions) {
    this.#options = options;
  }

  /** Registers an authenticated session and gives its id. Throws `too_many_connections`. */
  open(request: SessionOpenRequest): string {
    const limit = request.connectionsMax ?? this.#options.connectionsPerWorkspaceMax;
    if (this.count(request.workspaceId) >= limit) {
      throw new AppError(
        "too_many_connections",
        `too many connections for workspace "${request.workspaceId}": ${limit} are open, the most that ` +
          "max_connections_per_workspace allows",
      );
    }
    const nowMs = this.#options.now();
    const openedMs = this.#monotonicMs();
    const id = makeSessionId(this.#options.random);
    this.#live.set(id, {
      id,
      workspaceId: request.workspaceId,
      projectId: request.projectId,
      username: request.username,
      clientAddress: request.clientAddress,
      applicationName: request.applicationName,
      tls: request.tls,
      startedAtMs: nowMs,
      lastActivityAtMs: nowMs,
      endedAtMs: null,
      endReason: null,
      queryCount: 0,
      bytesReceived: 0,
      bytesSent: 0,
      state: "idle",
      currentQuery: null,
      queryStartedAtMs: null,
      terminate: (kind, detail) => request.terminate(kind, detail),
      terminating: false,
      openedMs,
      activeMs: openedMs,
    });
    this.#changed(id, 1);
    return id;
  }

  /** Ends a session; a second call does nothing. */
  close(sessionId: string, reason: string): void {
    const session = this.#live.get(sessionId);
    if (session === undefined) return;
    this.#live.delete(sessionId);
    this.#dirty.delete(sessionId);
    this.#ended.set(sessionId, { ...toRecord(session), endedAtMs: this.#options.now(), endReason: reason });
    if (this.#ended.size > endedSessionsMax) {
      const [oldest] = this.#ended.keys();
      if (oldest !== undefined) this.#ended.delete(oldest);
      this.#lostCount += 1;
    }
    this.#schedule(1);
  }

  queryStarted(sessionId: string, query: string, startedAtMs: number): void {
    const session = this.#touch(sessionId);
    if (session === undefined) return;
    session.state = "active";
    session.currentQuery = query.slice(0, currentQueryCharactersMax);
    session.queryStartedAtMs = startedAtMs;
  }

  queryFinished(event: QueryFinished): void {
    const session = this.#touch(event.session_id);
    if (session === undefined) return;
    session.queryCount += 1;
    session.currentQuery = null;
    session.queryStartedAtMs = null;
    if (session.state === "active") session.state = "idle";
  }

  state(sessionId: string, state: string, applicationName: string): void {
    const session = this.#touch(sessionId);
    if (session === undefined) return;
    session.state = state;
    session.applicationName = applicationName;
  }

  addBytes(sessionId: string, received: number, sent: number): void {
    const session = this.#touch(sessionId);
    if (session === undefined) return;
    session.bytesReceived += received;
    session.bytesSent += sent;
  }

  /** Notes that the session's owner vouches for it. Gives it, or undefined when it is not open. */
  heartbeat(sessionId: string): SessionInfo | undefined {
    const session = this.#touch(sessionId);
    return session === undefined || session.terminating ? undefined : toInfo(session);
  }

  /** Open sessions of a workspace, oldest first; not those that are being terminated. */
  list(workspaceId: string): SessionInfo[] {
    return this.#open(workspaceId).map(toInfo);
  }

  /** Open sessions of the server or of a project, oldest first; not those that are being terminated. */
  listAll(projectId?: string): SessionInfo[] {
    return this.#openIn(projectId).map(toInfo);
  }

  get(sessionId: string): SessionInfo | undefined {
    const session = this.#live.get(sessionId);
    return session === undefined || session.terminating ? undefined : toInfo(session);
  }

  /** Open sessions of a workspace or, without one, of the server; not those that are being terminated. */
  count(workspaceId?: string): number {
    let count = 0;
    for (const session of this.#live.values()) {
      if (!session.terminating && (workspaceId === undefined || session.workspaceId === workspaceId)) count += 1;
    }
    return count;
  }

  /** Workspaces with open sessions, those being terminated included. */
  workspaceIds(): Set<string> {
    return new Set([...this.#live.values()].map((session) => session.workspaceId));
  }

  /** Asks the session's owner to end it; gives false when it is not open. */
  terminate(sessionId: string, kind: ErrorKind, detail: string): boolean {
    const session = this.#live.get(sessionId);
    if (session === undefined || session.terminating) return false;
    session.terminating = true;
    try {
      session.terminate(kind, detail);
    } catch (error) {
      this.#options.logger.warn("session could not be terminated cleanly", {
        session_id: sessionId,
        error: `${error}`,
      });
      this.close(sessionId, "terminated");
    }
    return true;
  }

  /** Terminates every session of a workspace; gives how many. */
  terminateAll(workspaceId: string, kind: ErrorKind, detail: string): number {
    return this.#open(workspaceId).filter((session) => this.terminate(session.id, kind, detail)).length;
  }

  /** Terminates every session of the server or of a project; gives how many. */
  terminateEverywhere(kind: ErrorKind, detail: string, projectId?: string): number {
    return this.#openIn(projectId).filter((session) => this.terminate(session.id, kind, detail)).length;
  }

  /**
   * Closes sessions whose worker is gone although nobody said so. `isServed` tells whether a worker runs for the
   * workspace; a session younger than `graceMs` may still be waiting for its worker to start.
   */
  closeStale(isServed: (workspaceId: string) => boolean, graceMs: number): number {
    const openedBeforeMs = this.#monotonicMs() - graceMs;
    const stale = [...this.#live.values()].filter((session) =>
      session.openedMs < openedBeforeMs && !isServed(session.workspaceId)
    );
    for (const session of stale) {
      this.terminate(session.id, "worker_lost", "the workspace's process has ended");
      this.close(session.id, "stale");
    }
    return stale.length;
  }

  /** Ends sessions that run nothing and have done nothing for that long; gives how many. */
  endIdle(idleMs: number): number {
    const activeBeforeMs = this.#monotonicMs() - idleMs;
    const idle = [...this.#live.values()].filter((session) =>
      session.state !== "active" && session.activeMs < activeBeforeMs
    );
    const detail = "terminating connection due to idle-session timeout";
    return idle.filter((session) => this.terminate(session.id, "idle_session_timeout", detail)).length;
  }

  /** At server start: rows that an earlier run left open have ended. */
  closeLeftovers(): Promise<number> {
    return this.#options.store.closeOpen([...this.#live.keys()], "server_restart", this.#options.now());
  }

  /** Deletes the rows of sessions that ended before then. */
  prune(endedBeforeMs: number): Promise<number> {
    return this.#options.store.prune(endedBeforeMs);
  }

  /** Saves what changed since the last time. Throws what the store throws; the changes are then kept. */
  flush(): Promise<void> {
    const saving = this.#saving.then(() => this.#save());
    this.#saving = saving.catch(() => {});
    return saving;
  }

  /** At server stop: ends what is open and saves everything. */
  async shutDown(reason: string): Promise<void> {
    for (const id of [...this.#live.keys()]) this.close(id, reason);
    this.#stopTimer();
    await this.flush();
  }

  #open(workspaceId: string): LiveSession[] {
    return [...this.#live.values()].filter((session) => session.workspaceId === workspaceId && !session.terminating);
  }

  #openIn(projectId: string | undefined): LiveSession[] {
    return [...this.#live.values()].filter((session) =>
      !session.terminating && (projectId === undefined || session.projectId === projectId)
    );
  }

  #touch(sessionId: string): LiveSession | undefined {
    const session = this.#live.get(sessionId);
    if (session === undefined) return undefined;
    session.lastActivityAtMs = this.#options.now();
    session.activeMs = this.#monotonicMs();
    this.#changed(sessionId, activityFlushIntervals);
    return session;
  }

  #monotonicMs(): number {
    return this.#options.monotonicMs?.() ?? performance.now();
  }

  #changed(sessionId: string, intervals: number): void {
    if (this.#dirty.has(sessionId)) return;
    this.#dirty.add(sessionId);
    this.#schedule(intervals);
  }

  /** Saves within so many flush intervals. */
  #schedule(intervals: number): void {
    const delayMs = intervals * this.#options.flushIntervalMs;
    if (delayMs === 0) return;
    const atMs = this.#monotonicMs() + delayMs;
    if (this.#timerAtMs <= atMs) return;
    this.#stopTimer();
    this.#timerAtMs = atMs;
    this.#timer = setTimeout(() => {
      this.#stopTimer();
      this.flush().catch((error) => {
        this.#options.logger.warn("sessions could not be saved, they stay queued", {
          error: `${error}`,
          waiting: this.#ended.size,
          lost: this.#lostCount,
        });
        this.#schedule(1);
      });
    }, delayMs);
  }

  #stopTimer(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#timerAtMs = Infinity;
  }

  /** What has changed by now. What changes meanwhile has its own turn: busy sessions would be saved without end. */
  async #save(): Promise<void> {
    const dirty = [...this.#dirty];
    const ended = [...this.#ended.values()];
    while (dirty.length + ended.length > 0) {
      const batch: SessionRecord[] = ended.splice(0, saveBatchRows);
      const endedIds = batch.map(({ id }) => id);
      const dirtyIds = dirty.splice(0, saveBatchRows - batch.length);
      for (const id of dirtyIds) {
        this.#dirty.delete(id);
        const session = this.#live.get(id);
        if (session !== undefined) batch.push(toRecord(session));
      }
      if (batch.length === 0) continue;
      try {
        await this.#options.store.save(batch);
      } catch (error) {
        for (const id of dirtyIds) if (this.#live.has(id)) this.#dirty.add(id);
        throw error;
      }
      for (const id of endedIds) this.#ended.delete(id);
    }
  }
}

function toRecord(session: LiveSession): SessionRecord {
  const { state: _state, currentQuery: _currentQuery, queryStartedAtMs: _queryStartedAtMs, ...record } = toInfo(
    session,
  );
  return record;
}

function toInfo(session: LiveSession): SessionInfo {
  const { terminate: _terminate, terminating: _terminating, openedMs: _openedMs, activeMs: _activeMs, ...info } =
    session;
  return info;
}
