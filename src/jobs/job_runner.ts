/**
 * The server's background jobs: a registry of named pieces of work that run again and again, with a pause after each run,
 * and once when an administrator asks. One run of a job at a time; different jobs may overlap, so a job must not assume
 * that it is alone with the data.
 *
 * Time between runs comes from timers, which a jump of the clock does not move; only what is shown to people is wall time.
 */
import { AppError } from "../errors/app_error.ts";

/** What a run has to tell, such as `{ removed: 3 }`; field names as in REST. */
export type JobResult = Readonly<Record<string, number | string | boolean>>;

export interface Job {
  /** Lower case with underscores; the name in paths, metrics and the log. */
  readonly name: string;
  /** One line for administrators: what a run does. */
  readonly description: string;
  /** Pause between the end of a run and the start of the next; the first run comes this long after `start`. */
  readonly intervalMs: number;
  /** Safe to repeat and to interrupt. A long run looks at `signal` between two steps and ends early: the server stops. */
  run(signal: AbortSignal): Promise<JobResult | void>;
}

export type JobTrigger = "schedule" | "administrator";

/** One run that has ended. */
export interface JobRun {
  readonly job: string;
  readonly trigger: JobTrigger;
  readonly status: "succeeded" | "failed";
  /** Milliseconds since the epoch. */
  readonly startedAtMs: number;
  readonly durationMs: number;
  readonly result: JobResult;
  /** Null when it succeeded. */
  readonly error: string | null;
}

export interface JobStatus {
  readonly name: string;
  readonly description: string;
  readonly intervalMs: number;
  readonly running: boolean;
  readonly lastRun: JobRun | null;
  /** Milliseconds since the epoch; null when none has been. */
  readonly lastSuccessAtMs: number | null;
  /** Milliseconds since the epoch; null while it runs and when the runner does not run. */
  readonly nextRunAtMs: number | null;
  /** Since the server's start. */
  readonly runCount: number;
  readonly failureCount: number;
}

export interface JobLogger {
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
}

export interface JobRunnerOptions {
  readonly logger: JobLogger;
  /** Milliseconds since the epoch. */
  now(): number;
  /** Called once when a job is registered, for series that exist from the start. */
  onRegistered?(job: string): void;
  /** Called after each run. */
  onRun?(run: JobRun): void;
}

/** How long `stop` waits for runs under way: they were told by their signal. */
const stopGraceMs = 10_000;

interface Entry {
  readonly job: Job;
  timer: ReturnType<typeof setTimeout> | undefined;
  /** When the timer fires, on the monotonic clock. */
  dueMs: number | null;
  running: Promise<JobRun> | null;
  lastRun: JobRun | null;
  lastSuccessAtMs: number | null;
  runCount: number;
  failureCount: number;
}

/** Invariant: an entry has a run or a timer, never both; after `stop` none has a timer. */
export class JobRunner {
  readonly #options: JobRunnerOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #stop = new AbortController();
  #started = false;

  constructor(options: JobRunnerOptions) {
    this.#options = options;
  }

  /** Adds a job; one that is added after `start` is scheduled at once. */
  register(job: Job): void {
    if (!/^[a-z][a-z_]*$/.test(job.name)) throw new Error(`a job's name is lower case with underscores: ${job.name}`);
    if (this.#entries.has(job.name)) throw new Error(`two jobs have the name ${job.name}`);
    const entry: Entry = {
      job,
      timer: undefined,
      dueMs: null,
      running: null,
      lastRun: null,
      lastSuccessAtMs: null,
      runCount: 0,
      failureCount: 0,
    };
    this.#entries.set(job.name, entry);
    this.#options.onRegistered?.(job.name);
    if (this.#started) this.#schedule(entry);
  }

  start(): void {
    this.#started = true;
    for (const entry of this.#entries.values()) this.#schedule(entry);
  }

  /**
   * Runs a job now and gives how it went; the pause until its next run begins anew. Throws `not_found` naming the jobs that
   * there are, `conflict` while it runs, `shutting_down` once the runner was stopped.
   */
  async runNow(name: string): Promise<JobRun> {
    const entry = this.#entries.get(name);
    if (entry === undefined) {
      throw new AppError(
        "not_found",
        `job: "${name}" does not exist; there are ${[...this.#entries.keys()].join(", ")}`,
      );
    }
    if (this.#stop.signal.aborted) {
      throw new AppError("shutting_down", "the server is shutting down: no job is started");
    }
    if (entry.running !== null) {
      throw new AppError("conflict", `job: "${name}" is running; try again when it has ended`);
    }
    return await this.#run(entry, "administrator");
  }

  list(): JobStatus[] {
    return [...this.#entries.values()].map((entry) => ({
      name: entry.job.name,
      description: entry.job.description,
      intervalMs: entry.job.intervalMs,
      running: entry.running !== null,
      lastRun: entry.lastRun,
      lastSuccessAtMs: entry.lastSuccessAtMs,
      nextRunAtMs: entry.dueMs === null ? null : Math.round(this.#options.now() + entry.dueMs - performance.now()),
      runCount: entry.runCount,
      failureCount: entry.failureCount,
    }));
  }

  /** Starts nothing more, tells running jobs, and resolves when they have ended or had `graceMs` to do so. */
  async stop(graceMs: number = stopGraceMs): Promise<void> {
    this.#stop.abort();
    for (const entry of this.#entries.values()) this.#unschedule(entry);
    const running = [...this.#entries.values()].filter((entry) => entry.running !== null);
    if (running.length === 0) return;
    const late = Promise.withResolvers<"late">();
    const timer = setTimeout(() => late.resolve("late"), graceMs);
    const outcome = await Promise.race([Promise.all(running.map((entry) => entry.running)), late.promise]);
    clearTimeout(timer);
    if (outcome !== "late") return;
    const names = running.filter((entry) => entry.running !== null).map((entry) => entry.job.name);
    this.#options.logger.warn("background jobs did not end in time and are left behind", { jobs: names });
  }

  #schedule(entry: Entry): void {
    if (this.#stop.signal.aborted || !this.#started || entry.running !== null) return;
    this.#unschedule(entry);
    entry.dueMs = performance.now() + entry.job.intervalMs;
    entry.timer = setTimeout(() => void this.#run(entry, "schedule"), entry.job.intervalMs);
  }

  #unschedule(entry: Entry): void {
    clearTimeout(entry.timer);
    entry.timer = undefined;
    entry.dueMs = null;
  }

  #run(entry: Entry, trigger: JobTrigger): Promise<JobRun> {
    this.#unschedule(entry);
    const running = this.#execute(entry.job, trigger).then((run) => {
      entry.running = null;
      entry.lastRun = run;
      entry.runCount += 1;
      if (run.status === "succeeded") entry.lastSuccessAtMs = run.startedAtMs + run.durationMs;
      else entry.failureCount += 1;
      this.#options.onRun?.(run);
      this.#schedule(entry);
      return run;
    });
    entry.running = running;
    return running;
  }

  /** Never rejects. */
  async #execute(job: Job, trigger: JobTrigger): Promise<JobRun> {
    const { logger } = this.#options;
    const startedAtMs = this.#options.now();
    const startedMs = performance.now();
    const ended = (status: JobRun["status"], result: JobResult, error: string | null): JobRun => ({
      job: job.name,
      trigger,
      status,
      startedAtMs,
      durationMs: Math.round((performance.now() - startedMs) * 1000) / 1000,
      result,
      error,
    });
    try {
      const run = ended("succeeded", await job.run(this.#stop.signal) ?? {}, null);
      if (trigger === "administrator") {
        logger.info("background job run", { job: job.name, trigger, duration_ms: run.durationMs, ...run.result });
      }
      return run;
    } catch (error) {
      logger.error("background job failed", { job: job.name, trigger, error: String(error) });
      return ended("failed", {}, error instanceof Error ? error.message : String(error));
    }
  }
}
