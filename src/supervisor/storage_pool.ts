/**
 * Processes for work on table version files: a few, each doing one job at a time, so that a job's memory limit holds
 * and a crash costs one job. A process is kept for the next job for a while, and replaced after its share of jobs.
 */
import { AppError } from "../errors/app_error.ts";
import type { StorageJob } from "../ipc/messages.ts";
import { type ExitReason, residentBytesMax, type SupervisorConfig, type Timer } from "./settings.ts";
import type { WorkerProcess } from "./worker_process.ts";

export interface StoragePoolOptions {
  readonly config: SupervisorConfig;
  readonly start: () => Promise<WorkerProcess>;
  readonly onExit: (process: WorkerProcess) => void;
}

interface WaitingJob {
  readonly job: StorageJob;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
}

interface Runner {
  readonly process: WorkerProcess;
  jobCount: number;
  idleTimer: Timer | null;
}

/** An idle process has nothing to finish; this is only for an orderly exit. */
const idleDrainMs = 1_000;

/** Invariant: idle and busy and starting processes together are never more than `storageProcessesMax`. */
export class StoragePool {
  readonly #options: StoragePoolOptions;
  readonly #waiting: WaitingJob[] = [];
  readonly #running = new Set<WaitingJob>();
  readonly #idle: Runner[] = [];
  readonly #runners = new Set<Runner>();
  readonly #ending = new Set<Promise<unknown>>();
  #starting = 0;
  #closed = false;
  #outOfTime = false;
  readonly #settled = Promise.withResolvers<void>();

  constructor(options: StoragePoolOptions) {
    this.#options = options;
  }

  /** Files that waiting and running jobs read or write. */
  *filesInUse(): Generator<string> {
    for (const jobs of [this.#waiting, this.#running]) {
      for (const { job } of jobs) {
        if ("source_path" in job) yield job.source_path;
        if ("target_path" in job) yield job.target_path;
        if ("base_path" in job && job.base_path !== null) yield job.base_path;
      }
    }
  }

  /**
   * Throws `too_many_requests` when the queue is full, `worker_lost` when the job's process ends before the job does.
   */
  run(job: StorageJob): Promise<unknown> {
    if (this.#closed) return Promise.reject(new AppError("shutting_down", "the server is shutting down"));
    const { storageQueueMax } = this.#options.config;
    if (this.#waiting.length >= storageQueueMax) {
      return Promise.reject(
        new AppError("too_many_requests", `too many storage jobs wait: ${storageQueueMax}, at most ${storageQueueMax}`),
      );
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ job, resolve, reject });
      this.#dispatch();
    });
  }

  /** Refuses waiting jobs, lets running ones finish for `timeoutMs`, then ends their processes. */
  async close(timeoutMs: number): Promise<void> {
    this.#closed = true;
    for (const { reject } of this.#waiting.splice(0)) {
      reject(new AppError("shutting_down", "the server is shutting down"));
    }
    for (const runner of this.#idle.splice(0)) this.#end(runner, "shutdown");
    if (this.#running.size > 0) {
      const timer = setTimeout(() => this.hasten(), timeoutMs);
      await this.#settled.promise;
      clearTimeout(timer);
    }
    await Promise.all([...this.#runners].map((runner) => runner.process.exited));
    await Promise.all(this.#ending);
  }

  /** Ends running jobs' processes now; a job that is cut off leaves at most an unreferenced file. */
  hasten(): void {
    this.#outOfTime = true;
    for (const runner of this.#runners) runner.process.kill("shutdown");
  }

  #dispatch(): void {
    const { storageProcessesMax } = this.#options.config;
    while (this.#waiting.length > 0) {
      const runner = this.#takeIdle();
      if (runner === undefined && this.#runners.size + this.#starting >= storageProcessesMax) return;
      const waiting = this.#waiting.shift();
      if (waiting === undefined) return;
      this.#running.add(waiting);
      this.#execute(waiting, runner).then(waiting.resolve, waiting.reject).finally(() => {
        this.#running.delete(waiting);
        if (this.#closed && this.#running.size === 0) this.#settled.resolve();
        this.#dispatch();
      });
    }
  }

  #takeIdle(): Runner | undefined {
    const position = this.#idle.findLastIndex(({ process }) => process.isUsable);
    if (position === -1) return undefined;
    const [runner] = this.#idle.splice(position, 1);
    if (runner?.idleTimer != null) clearTimeout(runner.idleTimer);
    return runner;
  }

  async #execute({ job }: WaitingJob, idle: Runner | undefined): Promise<unknown> {
    const runner = idle ?? await this.#start();
    const limitBytes = "memory_bytes_max" in job ? job.memory_bytes_max : Number.POSITIVE_INFINITY;
    if (this.#outOfTime) {
      runner.process.kill("shutdown");
      throw new AppError("shutting_down", "the server is shutting down");
    }
    runner.process.residentBytesMax = residentBytesMax(limitBytes);
    runner.jobCount++;
    try {
      return await runner.process.call({ command: "storage_job", job });
    } catch (error) {
      if (!(error instanceof AppError) || error.kind !== "worker_lost") throw error;
      throw new AppError("worker_lost", `the ${job.job} job did not finish: ${error.message}`, { cause: error });
    } finally {
      this.#giveBack(runner);
    }
  }

  async #start(): Promise<Runner> {
    this.#starting++;
    try {
      const runner: Runner = { process: await this.#options.start(), jobCount: 0, idleTimer: null };
      this.#runners.add(runner);
      runner.process.exited.then(() => {
        this.#runners.delete(runner);
        const position = this.#idle.indexOf(runner);
        if (position !== -1) this.#idle.splice(position, 1);
        if (runner.idleTimer !== null) clearTimeout(runner.idleTimer);
        this.#options.onExit(runner.process);
        this.#dispatch();
      });
      return runner;
    } finally {
      this.#starting--;
    }
  }

  #giveBack(runner: Runner): void {
    if (!runner.process.isUsable) return;
    if (this.#closed) return this.#end(runner, "shutdown");
    if (runner.jobCount >= this.#options.config.storageJobsPerProcess) return this.#end(runner, "retired");
    this.#idle.push(runner);
    runner.idleTimer = setTimeout(() => {
      const position = this.#idle.indexOf(runner);
      if (position === -1) return;
      this.#idle.splice(position, 1);
      this.#end(runner, "idle");
    }, this.#options.config.storageIdleMs);
  }

  #end(runner: Runner, reason: ExitReason): void {
    if (runner.idleTimer !== null) clearTimeout(runner.idleTimer);
    const ending = runner.process.drain(reason, idleDrainMs).finally(() => this.#ending.delete(ending));
    this.#ending.add(ending);
  }
}
