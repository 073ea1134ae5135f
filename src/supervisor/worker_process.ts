/**
 * One worker process: started, watched, ended. It does not know whether it serves a workspace, waits as a spare or runs
 * storage jobs.
 *
 * Assumptions about the child: it writes `ready` when its socket listens; it answers `ping` from an event loop that
 * user SQL does not block; it ends by itself when stdin ends. That last rule is what leaves no worker behind when the
 * server is killed, and it holds because the kernel closes the server's pipe ends, which no other process inherits
 * (close-on-exec). The child has a session of its own (setsid), so a Ctrl-C in the server's terminal reaches only the
 * server, which drains.
 */
import { AppError } from "../errors/app_error.ts";
import { ControlChannel, type WorkerEvent } from "../ipc/channel.ts";
import { readLines } from "../ipc/lines.ts";
import type { CommandBody } from "../ipc/messages.ts";
import type { ExitReason, ProcessExit, SupervisorConfig, SupervisorLogger, Timer, WorkerCommand } from "./settings.ts";

export interface WorkerProcessOptions {
  readonly command: WorkerCommand;
  readonly socketDirectory: string;
  readonly logger: SupervisorLogger;
  readonly config: SupervisorConfig;
  /** The process ended, or was ended, before it was ready. */
  readonly onStartFailed: (process: WorkerProcess) => void;
}

/** A line of stderr beyond this comes in pieces. */
const outputLineBytesMax = 16 * 1024;
/** The last lines of stderr, kept for the log entry of an unexpected end. */
const lastOutputLinesMax = 20;
/**
 * A reply sent just before the end may still be in the pipe; it is there at once, unless somebody else holds the pipe.
 */
const leftoverReadMs = 1_000;
/** How long a process may take to end after it has closed its stdout. */
const silentExitMs = 2_000;
/** A late answer counts when it was only this server that was slow: it gets one more look after the deadline. */
const pingGraceMs = 1_000;
/** So many reports in a row must be too high: one peak is not a runaway. */
const memoryReportsToKill = 3;

/** Invariant: `exited` is resolved exactly once, after which `call` only throws and no timer of the process is left. */
export class WorkerProcess {
  readonly processId: number;
  readonly exited: Promise<ProcessExit>;
  /** Resident memory as last reported. */
  memoryBytes = 0;
  /** Above this much for several reports in a row the process is killed; set when it is given a workspace or a job. */
  residentBytesMax = Number.POSITIVE_INFINITY;
  /** Gets every event except `ready`. */
  onEvent: (event: WorkerEvent) => void = () => {};

  readonly #child: Deno.ChildProcess;
  readonly #options: WorkerProcessOptions;
  readonly #channel: ControlChannel;
  readonly #ready = Promise.withResolvers<string>();
  readonly #lastOutput: string[] = [];
  readonly #stopOutput = new AbortController();
  readonly #timers = new Set<Timer>();
  #socketPath = "";
  #reason: ExitReason | null = null;
  #alive = true;
  #pingIsOpen = false;
  #highMemoryReports = 0;

  /** Starts a process and waits until it is ready. Throws `worker_lost` when it does not get there. */
  static async start(options: WorkerProcessOptions): Promise<WorkerProcess> {
    let child: Deno.ChildProcess;
    try {
      child = new Deno.Command(options.command.executable, {
        args: [...options.command.args, "worker", `--socket-directory=${options.socketDirectory}`],
        stdin: "piped",
        stdout: "piped",
        stderr: "piped",
        detached: true,
        clearEnv: true,
        env: workerEnvironment(Deno.env.toObject()),
      }).spawn();
    } catch (cause) {
      throw new AppError("worker_lost", "a workspace process cannot be started", { cause });
    }
    const process = new WorkerProcess(child, options);
    await process.#waitUntilReady();
    return process;
  }

  private constructor(child: Deno.ChildProcess, options: WorkerProcessOptions) {
    this.#child = child;
    this.#options = options;
    this.processId = child.pid;
    this.#channel = new ControlChannel({
      readable: child.stdout,
      writable: child.stdin,
      onEvent: (event) => this.#handleEvent(event),
      onBroken: (error) => {
        this.#options.logger.error("worker broke the protocol", { worker_pid: this.processId, error: error.message });
        this.kill("protocol_error");
      },
    });
    this.exited = this.#watchExit(Promise.all([this.#channel.readEnded, this.#readOutput()]));
    // Nothing more can be heard from a process that has closed its stdout: it ends within a moment, or is ended.
    this.#channel.readEnded.then(() => {
      if (this.#alive) this.#after(silentExitMs, () => this.kill("protocol_error"));
    });
    preferForOutOfMemoryKill(child.pid);
  }

  /** False once the process is known to be gone or has been told to go. */
  get isUsable(): boolean {
    return this.#alive && this.#reason === null;
  }

  get socketPath(): string {
    return this.#socketPath;
  }

  /** The reply's result; throws the worker's `AppError`, or `worker_lost` when the process ends before it replies. */
  call(body: CommandBody): Promise<unknown> {
    return this.#channel.call(body);
  }

  /** As `call`, but kills the process when no answer comes in time. */
  async callWithin(body: CommandBody, timeoutMs: number, reason: ExitReason): Promise<unknown> {
    const timer = this.#after(timeoutMs, () => this.kill(reason));
    try {
      return await this.call(body);
    } finally {
      this.#clear(timer);
    }
  }

  /** Ends the process at once. The first reason given is the one that is reported. */
  kill(reason: ExitReason): void {
    if (!this.#alive) return;
    this.#reason ??= reason;
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended by itself a moment ago; `exited` tells.
    }
  }

  /**
   * Lets running statements finish for `timeoutMs`, then cancels them, checkpoints and ends the process; kills it when
   * it has not ended `drainGraceMs` later. Resolves when it is gone and its files are closed.
   */
  async drain(reason: ExitReason, timeoutMs: number): Promise<ProcessExit> {
    if (this.#alive && this.#reason === null) {
      this.#reason = reason;
      this.#after(timeoutMs + this.#options.config.drainGraceMs, () => {
        this.#reason = "drain_timeout";
        this.kill("drain_timeout");
      });
      // Ending without a reply is as good as a reply. A refusal means that the process cannot end in order.
      this.call({ command: "drain", timeout_ms: timeoutMs }).catch((error) => {
        if (this.#alive && error instanceof AppError && error.kind !== "worker_lost") {
          this.#options.logger.error("worker refused to drain", { worker_pid: this.processId, error: error.message });
          this.kill(reason);
        }
      });
    }
    return await this.exited;
  }

  /** A drain that is under way shall not wait for running statements any longer. */
  hasten(): void {
    if (!this.#alive || this.#reason === null) return;
    this.#after(this.#options.config.drainGraceMs, () => {
      this.#reason = "drain_timeout";
      this.kill("drain_timeout");
    });
    this.call({ command: "drain", timeout_ms: 0 }).catch(() => {});
  }

  async #waitUntilReady(): Promise<void> {
    const { readyTimeoutMs, pingIntervalMs } = this.#options.config;
    const timer = this.#after(readyTimeoutMs, () => this.kill("start_failed"));
    try {
      this.#socketPath = await Promise.race([
        this.#ready.promise,
        this.exited.then((exit): never => {
          throw new AppError("worker_lost", `the workspace process did not start: ${this.#describe(exit)}`);
        }),
      ]);
    } catch (error) {
      this.#options.onStartFailed(this);
      throw error;
    } finally {
      this.#clear(timer);
    }
    this.#timers.add(setInterval(() => this.#ping(), pingIntervalMs));
  }

  #handleEvent(event: WorkerEvent): void {
    if (event.event === "ready") {
      if (event.socket_path.startsWith(`${this.#options.socketDirectory}/`)) this.#ready.resolve(event.socket_path);
      else throw new Error(`the worker listens outside of its socket folder: ${event.socket_path}`);
      return;
    }
    if (event.event === "memory") {
      this.memoryBytes = event.rss_bytes;
      this.#highMemoryReports = event.rss_bytes > this.residentBytesMax ? this.#highMemoryReports + 1 : 0;
      if (this.#highMemoryReports >= memoryReportsToKill) this.kill("memory_exceeded");
    }
    try {
      this.onEvent(event);
    } catch (error) {
      this.#options.logger.error("handling a worker's event failed", { event: event.event, error: String(error) });
    }
  }

  async #ping(): Promise<void> {
    // One at a time: a worker that does not answer is judged by the first ping it has left open.
    if (this.#pingIsOpen || !this.#alive) return;
    this.#pingIsOpen = true;
    let timer = this.#after(this.#options.config.pingTimeoutMs, () => {
      timer = this.#after(pingGraceMs, () => this.kill("unresponsive"));
    });
    try {
      await this.call({ command: "ping" });
    } catch (error) {
      if (this.#alive) {
        this.#options.logger.warn("worker refused a ping", { worker_pid: this.processId, error: String(error) });
      }
    } finally {
      this.#clear(timer);
      this.#pingIsOpen = false;
    }
  }

  async #readOutput(): Promise<void> {
    const lines = readLines(this.#child.stderr, {
      lineBytesMax: outputLineBytesMax,
      longLine: "split",
      unfinishedLine: "keep",
      signal: this.#stopOutput.signal,
    });
    try {
      for await (const line of lines) {
        if (this.#lastOutput.push(line) > lastOutputLinesMax) this.#lastOutput.shift();
        this.#options.logger.info("worker output", { worker_pid: this.processId, line });
      }
    } catch (error) {
      this.#options.logger.warn("worker output cannot be read", { worker_pid: this.processId, error: String(error) });
    }
  }

  async #watchExit(outputRead: Promise<unknown>): Promise<ProcessExit> {
    const status = await this.#child.status;
    this.#alive = false;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    const leftover = Promise.withResolvers<void>();
    const leftoverTimer = setTimeout(leftover.resolve, leftoverReadMs);
    await Promise.race([outputRead, leftover.promise]);
    clearTimeout(leftoverTimer);
    this.#stopOutput.abort();

    const exit: ProcessExit = {
      reason: this.#reason ?? "crashed",
      processId: this.processId,
      exitCode: status.signal === null ? status.code : null,
      signal: status.signal,
    };
    await this.#channel.end(new AppError("worker_lost", `the workspace process ended: ${this.#describe(exit)}`));
    await Deno.remove(this.#socketPath).catch(() => {});
    return exit;
  }

  #describe(exit: ProcessExit): string {
    const how = exit.signal === null ? `exit code ${exit.exitCode}` : `signal ${exit.signal}`;
    return exit.reason === "crashed" ? how : `${exit.reason}, ${how}`;
  }

  /** The last lines of the process's stderr, for the log. */
  get lastOutput(): readonly string[] {
    return this.#lastOutput;
  }

  #after(delayMs: number, action: () => void): Timer {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      action();
    }, delayMs);
    this.#timers.add(timer);
    return timer;
  }

  #clear(timer: Timer): void {
    clearTimeout(timer);
    this.#timers.delete(timer);
  }
}

/** User SQL runs in the worker, so the server's settings, of which some are secret, do not go there. */
export function workerEnvironment(environment: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith("EIDER_")));
}

/** When the machine runs out of memory, Linux ends a worker before it ends the server. Elsewhere this does nothing. */
function preferForOutOfMemoryKill(processId: number): void {
  if (Deno.build.os !== "linux") return;
  Deno.writeTextFile(`/proc/${processId}/oom_score_adj`, "500", { create: false }).catch(() => {});
}
