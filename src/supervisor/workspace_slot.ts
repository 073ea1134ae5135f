/**
 * One life of a workspace's worker: from the decision to start it until its process is gone. A workspace that starts
 * again gets a new slot, so nothing of the old life can be mistaken for the new one.
 */
import type { Socket } from "node:net";
import { AppError } from "../errors/app_error.ts";
import type { WorkerEvent } from "../ipc/channel.ts";
import {
  type CommandBody,
  type LaunchSpec,
  limitsAppliedSchema,
  type ProjectCatalog,
  type SessionHeader,
} from "../ipc/messages.ts";
import { connectSession } from "./session_socket.ts";
import { type ExitReason, type ProcessExit, residentBytesMax, type Timer } from "./settings.ts";
import type { WorkerProcess } from "./worker_process.ts";

/** How long after its socket's end a session may still be reported as closed by the worker, before it is forgotten. */
const sessionReportMs = 5_000;
/** An idle workspace has no statement to finish: the time is for its checkpoint. */
export const idleDrainMs = 10_000;

/** Invariant: `starting`, then `running`, then `ending`, never back; `process` is set from `running` on. */
export class WorkspaceSlot {
  readonly workspaceId: string;
  /** Settles when the workspace is open, or cannot be. */
  readonly opened: Promise<void>;
  /** Resolves when the process is gone and its file closed; also after a start that failed. */
  readonly gone: Promise<void>;
  /** The workspace's own memory limit; kept, as `grantedBytes` is, by `memory_budget.ts`. */
  wantedBytes = 0;
  /** The memory limit that is in force, as counted against the budget; 0 before it was admitted. */
  grantedBytes = 0;
  /** When it last had a session or a command, milliseconds of the monotonic clock. */
  lastUsedMs = performance.now();

  /** Called when nobody uses it any more. */
  onIdle: () => void = () => {};

  readonly #idleMs: number;
  readonly #files = new Set<string>();
  /** Sessions with an open socket, and whether the worker has already reported them as closed. */
  readonly #openSessions = new Map<string, { reported: boolean }>();
  /** Sessions whose socket has closed and which the worker has not yet reported as closed, with their timers. */
  readonly #closingSessions = new Map<string, Timer>();
  readonly #opened = Promise.withResolvers<void>();
  readonly #gone = Promise.withResolvers<void>();
  #process: WorkerProcess | null = null;
  #state: "starting" | "running" | "ending" = "starting";
  #closed = false;
  #connecting = 0;
  #openCalls = 0;
  #idleTimer: Timer | null = null;

  constructor(workspaceId: string, idleMs: number) {
    this.workspaceId = workspaceId;
    this.#idleMs = idleMs;
    this.opened = this.#opened.promise;
    this.gone = this.#gone.promise;
    // Whoever asked for the workspace sees the failure; without one it would be an unhandled rejection.
    this.opened.catch(() => {});
  }

  get state(): "starting" | "running" | "ending" {
    return this.#state === "running" && this.#process?.isUsable !== true ? "ending" : this.#state;
  }

  get processId(): number {
    return this.#process?.processId ?? 0;
  }

  get memoryBytes(): number {
    return this.#process?.memoryBytes ?? 0;
  }

  get sessionCount(): number {
    return this.#openSessions.size + this.#connecting;
  }

  /** Neither sessions nor commands: it may be stopped without anybody noticing. */
  get isIdle(): boolean {
    return this.state === "running" && this.sessionCount === 0 && this.#openCalls === 0;
  }

  /** Version files that this process has been told of. */
  get files(): ReadonlySet<string> {
    return this.#files;
  }

  /** Must be called before the worker gets to know the catalog. */
  addFiles(catalog: ProjectCatalog): void {
    for (const table of catalog.tables) this.#files.add(table.file_path);
  }

  /** The workspace is open in this process. */
  open(process: WorkerProcess, spec: LaunchSpec): void {
    this.#process = process;
    this.#state = "running";
    process.residentBytesMax = residentBytesMax(Math.max(spec.memory_bytes_max, this.wantedBytes));
    this.#opened.resolve();
    this.touch();
  }

  fail(error: unknown): void {
    this.#state = "ending";
    this.grantedBytes = 0;
    this.#opened.reject(error);
    this.#gone.resolve();
  }

  /** The process has ended. Gives the sessions that went down with it. */
  close(): string[] {
    this.#state = "ending";
    this.grantedBytes = 0;
    this.#closed = true;
    this.#stopIdleTimer();
    const open = [...this.#openSessions].filter(([, session]) => !session.reported).map(([sessionId]) => sessionId);
    const lost = [...open, ...this.#closingSessions.keys()];
    for (const timer of this.#closingSessions.values()) clearTimeout(timer);
    this.#closingSessions.clear();
    this.#gone.resolve();
    return lost;
  }

  /** Waits until the process is gone, for at most `timeoutMs`. */
  async goneWithin(timeoutMs: number): Promise<void> {
    const late = Promise.withResolvers<void>();
    const timer = setTimeout(late.resolve, timeoutMs);
    await Promise.race([this.gone, late.promise]);
    clearTimeout(timer);
  }

  /** Takes note of what an event says about sessions. */
  observe(event: WorkerEvent): void {
    if (event.event !== "session_closed") return;
    const open = this.#openSessions.get(event.session_id);
    if (open !== undefined) open.reported = true;
    clearTimeout(this.#closingSessions.get(event.session_id));
    this.#closingSessions.delete(event.session_id);
  }

  /** Starts the idle time anew. */
  touch(): void {
    this.lastUsedMs = performance.now();
    this.#stopIdleTimer();
    if (!this.isIdle) return;
    this.onIdle();
    this.#idleTimer = setTimeout(() => {
      this.#idleTimer = null;
      if (this.isIdle) this.end("idle", idleDrainMs);
    }, this.#idleMs);
  }

  /** Ends the process in order; resolves when it is gone. Has no effect on one that is ending already. */
  async end(reason: ExitReason, timeoutMs: number): Promise<ProcessExit | undefined> {
    this.#stopIdleTimer();
    if (this.#state === "running") this.#state = "ending";
    const exit = await this.#process?.drain(reason, timeoutMs);
    await this.gone;
    return exit;
  }

  /** See `WorkerProcess.hasten`. */
  hasten(): void {
    this.#process?.hasten();
  }

  async call(body: CommandBody): Promise<unknown> {
    const process = this.#running();
    if (body.command === "refresh_catalog") this.addFiles(body.catalog);
    this.#openCalls++;
    this.touch();
    try {
      return await process.call(body);
    } finally {
      this.#openCalls--;
      this.touch();
    }
  }

  /**
   * Tells the process a memory limit and gives the one that is in force then, which is higher when statements hold more.
   * No use of the workspace: an idle one stays idle.
   */
  async setMemoryLimit(bytes: number): Promise<number> {
    const process = this.#running();
    const answer = await process.call({ command: "update_limits", limits: { memory_bytes_max: bytes } });
    return limitsAppliedSchema.safeParse(answer).data?.memory_bytes_max ?? bytes;
  }

  /** Another memory limit of the workspace's own: the process may hold so much before it is killed. */
  setWanted(bytes: number): void {
    this.wantedBytes = bytes;
    if (this.#process !== null) this.#process.residentBytesMax = residentBytesMax(Math.max(bytes, this.grantedBytes));
  }

  async openSession(header: SessionHeader): Promise<Socket> {
    const process = this.#running();
    this.#connecting++;
    this.touch();
    try {
      const socket = await connectSession(process.socketPath, header);
      this.#openSessions.set(header.session_id, { reported: false });
      socket.once("close", () => this.#sessionSocketClosed(header.session_id));
      return socket;
    } finally {
      this.#connecting--;
      this.touch();
    }
  }

  #running(): WorkerProcess {
    if (this.state !== "running" || this.#process === null) {
      throw new AppError("worker_lost", `the process of workspace ${this.workspaceId} is ending`);
    }
    return this.#process;
  }

  #sessionSocketClosed(sessionId: string): void {
    const reported = this.#openSessions.get(sessionId)?.reported === true;
    this.#openSessions.delete(sessionId);
    if (!reported && !this.#closed) {
      this.#closingSessions.set(
        sessionId,
        setTimeout(() => this.#closingSessions.delete(sessionId), sessionReportMs),
      );
    }
    this.touch();
  }

  #stopIdleTimer(): void {
    if (this.#idleTimer !== null) clearTimeout(this.#idleTimer);
    this.#idleTimer = null;
  }
}
