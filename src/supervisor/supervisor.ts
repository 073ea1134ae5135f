/**
 * Starts, watches and ends the worker processes. No user SQL runs in the server; whatever happens to a worker
 * (crash, kill, hang, too much memory) ends its own sessions only, and the next use of the workspace starts another.
 *
 * The life of a workspace's worker: `acquire` asks for its launch spec, takes a spare process or starts one, sends
 * `open_workspace`, and gives it to everybody who asked meanwhile. Sessions and commands keep it; without them it is
 * drained after `workerIdleMs`. At every moment at most one process has the workspace's file: a new one starts only
 * when the old one is gone.
 */
import type { Socket } from "node:net";
import { AppError } from "../errors/app_error.ts";
import type { CommandBody, LaunchSpec, ProjectCatalog, SessionHeader, StorageJob } from "../ipc/messages.ts";
import { MemoryBudget } from "./memory_budget.ts";
import {
  isWanted,
  type ProcessExit,
  type SupervisorConfig,
  supervisorDefaults,
  type SupervisorOptions,
  type WorkerExit,
} from "./settings.ts";
import { makeSocketDirectory, type SocketDirectory } from "./socket_directory.ts";
import { SparePool } from "./spare_pool.ts";
import { StartFailures } from "./start_failures.ts";
import { StoragePool } from "./storage_pool.ts";
import { WorkerProcess } from "./worker_process.ts";
import { WorkspaceSlot } from "./workspace_slot.ts";

/** A workspace's running process. */
export interface WorkspaceWorker {
  readonly workspaceId: string;
  readonly processId: number;
  readonly sessionCount: number;
  /** Resident memory as the process last reported it. */
  readonly memoryBytes: number;
  /** DuckDB's memory limit that is in force: the workspace's own, or less while the budget is short. */
  readonly memoryLimitBytes: number;
  /** The reply's result; throws the worker's `AppError`, or `worker_lost`. */
  call(body: CommandBody): Promise<unknown>;
  /**
   * A socket connected to the process, with the header already sent; bytes may be spliced. When the process has just
   * ended or is being stopped for idleness, a new one is started for the session.
   */
  openSession(header: SessionHeader): Promise<Socket>;
}

export interface Supervisor {
  /** Starts a process (or takes the spare) if none runs; concurrent calls share one start. */
  acquire(workspaceId: string): Promise<WorkspaceWorker>;
  /** Whether a process of the workspace exists, is being started, or is ending. */
  isInUse(workspaceId: string): boolean;
  /** Never starts one. */
  running(workspaceId: string): WorkspaceWorker | undefined;
  runningWorkspaces(): readonly WorkspaceWorker[];
  /** Runs in a storage process; a few at once, the rest waits in a bounded queue. */
  runStorageJob(job: StorageJob): Promise<unknown>;
  /** Does nothing when no process runs: the next one starts with the present catalog. */
  refreshCatalog(workspaceId: string, catalog: ProjectCatalog): Promise<void>;
  /** Drains; resolves when the process is gone and its file is closed. */
  stopWorkspace(workspaceId: string, timeoutMs: number): Promise<void>;
  /** Version files that living processes were told of, and files of storage jobs: none of them may be deleted. */
  filesInUse(): ReadonlySet<string>;
  stats(): { active: number; spare: number };
  /** False once `close` was called. */
  isOpen(): boolean;
  /** Bytes of workspaces_memory_budget, and how much of them the limits in force take. */
  memory(): { readonly budgetBytes: number; readonly grantedBytes: number };
  /** Drains everything; nothing can be started any more. */
  close(timeoutMs: number): Promise<void>;
  /** A `close` that is under way cancels running statements and storage jobs now. */
  hasten(): void;
}

export async function makeSupervisor(options: SupervisorOptions): Promise<Supervisor> {
  const config = { ...supervisorDefaults, ...options.config };
  const directory = await makeSocketDirectory(config.socketBaseDirectory);
  return new ProcessSupervisor(options, config, directory);
}

/** Long enough for the end of a process to be seen, short enough for somebody who waits for a connection. */
const refusedPauseMs = 200;

class ProcessSupervisor implements Supervisor {
  readonly #options: SupervisorOptions;
  readonly #config: SupervisorConfig;
  readonly #directory: SocketDirectory;
  readonly #slots = new Map<string, WorkspaceSlot>();
  readonly #failures: StartFailures;
  readonly #spares: SparePool;
  readonly #storage: StoragePool;
  readonly #memory: MemoryBudget;
  #closing: Promise<void> | null = null;

  constructor(options: SupervisorOptions, config: SupervisorConfig, directory: SocketDirectory) {
    this.#options = options;
    this.#config = config;
    this.#directory = directory;
    this.#memory = new MemoryBudget({
      budgetBytes: config.memoryBudgetBytes,
      floorBytes: config.memoryFloorBytes,
      waitMs: config.memoryWaitMs,
      slots: () => this.#slots.values(),
      logger: options.logger,
    });
    this.#failures = new StartFailures(config.startFailuresMax, config.startFailureWindowMs);
    this.#spares = new SparePool({
      count: config.spareCount,
      start: () => this.#startProcess("spare", null),
      logger: options.logger,
      onExit: (process) => this.#report(process, "spare", null),
    });
    this.#storage = new StoragePool({
      config,
      start: () => this.#startProcess("storage", null),
      onExit: (process) => this.#report(process, "storage", null),
    });
    this.#spares.fill();
  }

  async acquire(workspaceId: string): Promise<WorkspaceWorker> {
    return this.#handle(await this.#acquireSlot(workspaceId));
  }

  isInUse(workspaceId: string): boolean {
    return this.#slots.has(workspaceId);
  }

  running(workspaceId: string): WorkspaceWorker | undefined {
    const slot = this.#slots.get(workspaceId);
    return slot?.state === "running" ? this.#handle(slot) : undefined;
  }

  runningWorkspaces(): readonly WorkspaceWorker[] {
    return [...this.#slots.values()].filter((slot) => slot.state === "running").map((slot) => this.#handle(slot));
  }

  runStorageJob(job: StorageJob): Promise<unknown> {
    return this.#storage.run(job);
  }

  async refreshCatalog(workspaceId: string, catalog: ProjectCatalog): Promise<void> {
    const slot = this.#slots.get(workspaceId);
    if (slot === undefined) return;
    // A process that is starting may have been given an older catalog, so it needs this one as well.
    slot.addFiles(catalog);
    try {
      await slot.opened;
      if (slot.state === "running") await slot.call({ command: "refresh_catalog", catalog });
    } catch (error) {
      if (slot.state === "running") throw error;
    }
  }

  async stopWorkspace(workspaceId: string, timeoutMs: number): Promise<void> {
    const slot = this.#slots.get(workspaceId);
    if (slot === undefined) return;
    if (slot.state === "starting") await slot.opened.catch(() => {});
    await slot.end("drained", timeoutMs);
  }

  filesInUse(): ReadonlySet<string> {
    const files = new Set<string>(this.#storage.filesInUse());
    for (const slot of this.#slots.values()) {
      for (const file of slot.files) files.add(file);
    }
    return files;
  }

  stats(): { active: number; spare: number } {
    return { active: this.runningWorkspaces().length, spare: this.#spares.count };
  }

  memory(): { readonly budgetBytes: number; readonly grantedBytes: number } {
    return { budgetBytes: this.#config.memoryBudgetBytes, grantedBytes: this.#memory.grantedBytes };
  }

  isOpen(): boolean {
    return this.#closing === null;
  }

  close(timeoutMs: number): Promise<void> {
    return this.#closing ??= this.#close(timeoutMs);
  }

  hasten(): void {
    if (this.#closing === null) return;
    for (const slot of this.#slots.values()) slot.hasten();
    this.#storage.hasten();
  }

  async #close(timeoutMs: number): Promise<void> {
    // Let `#closing` be set before anything is awaited, so that nothing starts from here on.
    await Promise.resolve();
    this.#memory.close();
    await Promise.all([
      this.#spares.close(),
      this.#storage.close(timeoutMs),
      ...[...this.#slots.values()].map(async (slot) => {
        if (slot.state === "starting") await slot.opened.catch(() => {});
        await slot.end("shutdown", timeoutMs);
      }),
    ]);
    await this.#directory.remove();
  }

  async #acquireSlot(workspaceId: string): Promise<WorkspaceSlot> {
    for (;;) {
      this.#refuseWhenClosing();
      let slot = this.#slots.get(workspaceId);
      if (slot?.state === "ending") {
        await slot.gone;
        continue;
      }
      slot ??= this.#startSlot(workspaceId);
      await slot.opened;
      if (slot.state !== "running") continue;
      slot.touch();
      return slot;
    }
  }

  #startSlot(workspaceId: string): WorkspaceSlot {
    const slot = new WorkspaceSlot(workspaceId, this.#config.workerIdleMs);
    slot.onIdle = () => this.#memory.wake();
    this.#slots.set(workspaceId, slot);
    this.#launch(slot).catch((error) => {
      this.#slots.delete(workspaceId);
      slot.fail(error);
      this.#memory.changed();
    });
    return slot;
  }

  async #launch(slot: WorkspaceSlot): Promise<void> {
    const startedMs = performance.now();
    this.#failures.check(slot.workspaceId);
    const wanted = await this.#options.launchSpec(slot.workspaceId);
    slot.addFiles(wanted.catalog);
    const spec = { ...wanted, memory_bytes_max: await this.#memory.admit(slot, wanted.memory_bytes_max) };
    try {
      const process = await this.#openProcess(slot, spec);
      // Its end is watched before anybody can use it.
      process.exited.then(async () => {
        // While the slot still stands, so that no next process has the folder.
        await Deno.remove(spec.temp_directory, { recursive: true }).catch(() => {});
        const sessionsLost = slot.close();
        this.#slots.delete(slot.workspaceId);
        this.#memory.changed();
        this.#report(process, "workspace", slot.workspaceId, sessionsLost);
      });
      slot.open(process, spec);
      this.#failures.clear(slot.workspaceId);
      if (slot.grantedBytes < slot.wantedBytes) this.#memory.changed();
      this.#notify(() =>
        this.#options.events?.onWorkerStart?.(slot.workspaceId, process.processId, performance.now() - startedMs)
      );
    } finally {
      // Only now, so that the new spare does not compete with the workspace that somebody waits for.
      this.#spares.fill();
    }
  }

  /** A process with the workspace open. A spare may have been dying when it was taken, so it gets a second chance. */
  async #openProcess(slot: WorkspaceSlot, spec: LaunchSpec): Promise<WorkerProcess> {
    for (;;) {
      this.#refuseWhenClosing();
      const spare = this.#spares.take();
      let process: WorkerProcess | undefined;
      try {
        process = spare ?? await this.#startProcess("workspace", slot.workspaceId);
        this.#refuseWhenClosing();
        process.onEvent = (event) => {
          slot.observe(event);
          this.#options.events?.onWorkerEvent?.(slot.workspaceId, event);
        };
        await process.callWithin({ command: "open_workspace", spec }, this.#config.openTimeoutMs, "start_failed");
        return process;
      } catch (error) {
        const hasEnded = process !== undefined && !process.isUsable;
        if (process !== undefined) {
          process.kill(this.#closing === null ? "start_failed" : "shutdown");
          await process.exited;
          this.#report(process, "workspace", slot.workspaceId);
        }
        if (this.#closing !== null) throw error;
        this.#failures.record(slot.workspaceId, error instanceof Error ? error.message : String(error));
        if (spare === undefined || !hasEnded) throw error;
        this.#failures.check(slot.workspaceId);
      }
    }
  }

  #startProcess(kind: WorkerExit["kind"], workspaceId: string | null): Promise<WorkerProcess> {
    return WorkerProcess.start({
      command: this.#options.workerCommand(),
      socketDirectory: this.#directory.path,
      logger: this.#options.logger,
      config: this.#config,
      onStartFailed: (process) => this.#report(process, kind, workspaceId),
    });
  }

  #handle(slot: WorkspaceSlot): WorkspaceWorker {
    return {
      workspaceId: slot.workspaceId,
      get processId() {
        return slot.processId;
      },
      get sessionCount() {
        return slot.sessionCount;
      },
      get memoryBytes() {
        return slot.memoryBytes;
      },
      get memoryLimitBytes() {
        return slot.grantedBytes;
      },
      call: (body) => this.#call(slot, body),
      openSession: (header) => this.#openSession(slot, header),
    };
  }

  async #call(slot: WorkspaceSlot, body: CommandBody): Promise<unknown> {
    if (body.command !== "update_limits") return await slot.call(body);
    const { memory_bytes_max: wantedBytes, ...limits } = body.limits;
    const answer = await slot.call({ ...body, limits });
    if (wantedBytes === undefined) return answer;
    slot.setWanted(wantedBytes);
    if (this.#config.memoryBudgetBytes <= 0) {
      slot.grantedBytes = wantedBytes;
      return await slot.call({ ...body, limits: { memory_bytes_max: wantedBytes } });
    }
    await this.#memory.balance();
    return answer;
  }

  async #openSession(slot: WorkspaceSlot, header: SessionHeader): Promise<Socket> {
    try {
      return await slot.openSession(header);
    } catch (error) {
      if (!(error instanceof AppError) || error.kind !== "worker_lost") throw error;
      // The socket is refused or closed a moment before the process is known to be gone.
      if (slot.state === "running") await slot.goneWithin(refusedPauseMs);
      if (slot.state === "running") throw error;
      this.#options.logger.info("a session moves to a new worker", {
        workspace_id: slot.workspaceId,
        session_id: header.session_id,
        error: error.message,
      });
    }
    // Only once: what ends two processes in a row is the session itself.
    const next = await this.#acquireSlot(slot.workspaceId);
    return await next.openSession(header);
  }

  #refuseWhenClosing(): void {
    if (this.#closing !== null) throw new AppError("shutting_down", "the server is shutting down");
  }

  async #report(
    process: WorkerProcess,
    kind: WorkerExit["kind"],
    workspaceId: string | null,
    sessionsLost: readonly string[] = [],
  ): Promise<void> {
    const ended: ProcessExit = await process.exited;
    const exit: WorkerExit = { ...ended, kind, workspaceId, wanted: isWanted(ended.reason), sessionsLost };
    const fields = {
      kind,
      workspace_id: workspaceId,
      worker_pid: exit.processId,
      reason: exit.reason,
      exit_code: exit.exitCode,
      signal: exit.signal,
    };
    if (exit.wanted) this.#options.logger.info("worker ended", fields);
    else {
      this.#options.logger.error("worker ended unexpectedly", {
        ...fields,
        sessions_lost: sessionsLost.length,
        last_output: process.lastOutput,
      });
    }
    this.#notify(() => this.#options.events?.onWorkerExit?.(exit));
  }

  #notify(callback: () => void): void {
    try {
      callback();
    } catch (error) {
      this.#options.logger.error("a supervisor callback failed", { error: String(error) });
    }
  }
}
