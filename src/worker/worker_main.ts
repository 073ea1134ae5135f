/**
 * A worker process: `eider worker --socket-directory=DIR`. It serves one workspace, once it was told which, or storage jobs.
 *
 * Life: listens on a Unix socket, says `ready`, then follows commands from stdin until that ends. stdout belongs to the control
 * channel; stderr is for the log. It must not outlive the server: when stdin ends it kills itself, since native threads may
 * be busy and an orderly exit would wait for them. Committed work is safe in DuckDB's write-ahead log.
 */
import { createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { AppError } from "../errors/app_error.ts";
import type { ErrorKind } from "../errors/catalogue.ts";
import { serveControl, type WorkerControl } from "../ipc/channel_worker.ts";
import type { Command, LaunchSpec, SessionHeader } from "../ipc/messages.ts";
import { openGiveBack } from "../memory/give_back.ts";
import { type PreparedInstance, prepareInstance } from "../engine/prepared_instance.ts";
import { runningStatementsMax, WorkspaceEngine } from "../engine/workspace_engine.ts";
import { NotificationHub } from "../pgwire/session/notifications.ts";
import { policyContext } from "../pgwire/session/policy_context.ts";
import { RateLimit } from "../pgwire/session/rate_limit.ts";
import { Semaphore } from "../pgwire/session/semaphore.ts";
import { Session } from "../pgwire/session/session.ts";
import { SlowShapes } from "../pgwire/session/slow_plans.ts";
import { StatementLog } from "../pgwire/session/statement_log.ts";
import { checkStatement, loadPolicyParser, parseStatements } from "../sql/policy/mod.ts";
import { Rest } from "./rest.ts";
import { readSessionHeader } from "./session_header.ts";

const memoryReportIntervalMs = 5_000;
/** After the start of a process that nobody waits for. */
const startRestMs = 200;
/** When a spare begins to prepare: whoever took the spare before it is at work now. */
const prepareMs = 1_500;
/** After a workspace was opened. */
const openRestMs = 1_000;
/** Statements that may wait for a slot; a workspace has far fewer connections. */
const waitingStatementsMax = 1_000;

interface Served {
  spec: LaunchSpec;
  readonly engine: WorkspaceEngine;
  readonly rateLimit: RateLimit;
  readonly slots: Semaphore;
  readonly notifications: NotificationHub;
  readonly statementLog: StatementLog;
  readonly slowShapes: SlowShapes;
}

class Worker {
  readonly #sessions = new Map<string, Session>();
  readonly #sessionsEnded = new Set<Promise<unknown>>();
  readonly #server: Server;
  readonly #control: WorkerControl;
  readonly #memory = openGiveBack();
  /** Until the first command: nobody waits for this process yet. */
  #isSpare = true;
  /** Ends soon when the process is no spare any more. */
  #preparation: Promise<PreparedInstance | undefined> = Promise.resolve(undefined);
  #served: Served | null = null;
  #drained: Promise<unknown> | null = null;
  /** On the monotonic clock; a second drain command may bring it nearer. */
  #drainDeadlineMs = Number.POSITIVE_INFINITY;

  constructor(socketPath: string) {
    this.#server = createServer({ pauseOnConnect: true }, (socket) => void this.#serve(socket));
    this.#control = serveControl({
      readable: Deno.stdin.readable,
      writable: Deno.stdout.writable,
      handle: (command) => this.#handle(command),
      onParentGone: (reason) => {
        console.error(`worker ends: ${reason}`);
        Deno.kill(Deno.pid, "SIGKILL");
      },
      onDefect: (error, incidentId) => reportDefect(error, incidentId),
    });
    this.#server.listen(socketPath, () => {
      this.#control.emit({ event: "ready", pid: Deno.pid, socket_path: socketPath });
    });
    // What starting took. A process that is given its workspace at once has no time for that.
    setTimeout(() => {
      if (this.#isSpare) this.#memory.all();
    }, startRestMs);
    setTimeout(() => void this.#prepare(), prepareMs);
    const rest = new Rest();
    setInterval(() => {
      this.#control.emit({ event: "memory", rss_bytes: Deno.memoryUsage().rss });
      const slots = this.#served?.slots;
      if (slots !== undefined && rest.tick(slots.grantedCount, slots.heldCount)) this.#memory.all();
    }, memoryReportIntervalMs);
  }

  /** Makes what every first session needs, while nobody waits for this process. */
  async #prepare(): Promise<void> {
    if (!this.#isSpare) return;
    this.#preparation = prepareInstance(() => this.#isSpare).catch((error) => {
      reportDefect(error, crypto.randomUUID());
      return undefined;
    });
    await this.#preparation;
    if (this.#isSpare) this.#memory.all();
  }

  async #handle(command: Command): Promise<unknown> {
    this.#isSpare &&= command.command === "ping";
    switch (command.command) {
      case "ping":
        return {};
      case "open_workspace":
        return await this.#open(command.spec);
      case "storage_job": {
        // Loaded by storage workers only.
        const { runStorageJob } = await import("./storage_jobs.ts");
        return await runStorageJob(command.job);
      }
      case "drain":
        return await this.#drain(command.timeout_ms);
      case "cancel_query":
        this.#sessions.get(command.session_id)?.cancel();
        return {};
      case "terminate_session":
        this.#sessions.get(command.session_id)?.terminate(command.kind as ErrorKind, command.detail);
        return { found: this.#sessions.has(command.session_id) };
      case "pause_writes":
        if (command.time_ms === 0) this.#require().engine.writes.resume();
        else this.#require().engine.writes.pause(command.time_ms);
        return {};
      case "session_activity":
        this.#sessions.get(command.session_id)?.noteActivity();
        return {};
      case "refresh_catalog":
        return await this.#require().engine.refreshCatalog(command.catalog);
      case "update_limits": {
        const served = this.#require();
        served.spec = { ...served.spec, ...command.limits } as LaunchSpec;
        served.rateLimit.change(served.spec.queries_per_minute_max);
        return await served.engine.updateLimits(command.limits);
      }
      case "set_statement_log":
        this.#require().statementLog.settings = command.settings;
        return {};
      case "describe":
        return await this.#require().engine.describe();
      case "clear":
        return await this.#require().engine.clear();
      case "drop_object":
        return await this.#require().engine.dropObject(command.name);
      case "load":
        return await this.#require().engine.load(command.items, (sql) => this.#checkLoad(sql));
      default: {
        const never: never = command;
        throw new AppError("internal", `unknown command: ${JSON.stringify(never)}`);
      }
    }
  }

  async #open(spec: LaunchSpec): Promise<{ opened: string }> {
    if (this.#served !== null) throw new AppError("internal", "this worker serves a workspace already");
    const [engine] = await Promise.all([
      this.#preparation.then((prepared) => WorkspaceEngine.open(spec, (message) => console.error(message), prepared)),
      loadPolicyParser(),
    ]);
    this.#served = {
      spec,
      engine,
      rateLimit: new RateLimit(spec.queries_per_minute_max, () => performance.now()),
      slots: new Semaphore(runningStatementsMax, waitingStatementsMax),
      notifications: new NotificationHub(),
      statementLog: new StatementLog({
        emit: (event) => this.#control.emit(event),
        drained: () => this.#control.drained(),
        settings: spec.statement_log,
      }),
      slowShapes: new SlowShapes(),
    };
    // What opening took; the session that waits for it must not wait for a collection, too. That, and what clients ask first
    // about the catalog, a little later.
    this.#memory.native();
    setTimeout(() => {
      if (this.#served?.slots.heldCount === 0) this.#memory.all();
    }, openRestMs);
    return { opened: spec.workspace_id };
  }

  #require(): Served {
    if (this.#served === null) throw new AppError("internal", "this worker serves no workspace yet");
    return this.#served;
  }

  /** A load's SELECT passes the same policy as the analyst's own statements, and must be exactly one. */
  #checkLoad(sql: string): void {
    const { engine } = this.#require();
    const statements = parseStatements(sql);
    const [statement] = statements;
    if (statements.length !== 1 || statement === undefined || statement.action.type !== "execute") {
      throw new AppError("syntax_error", "not a condition: one SQL expression is accepted");
    }
    checkStatement(statement, policyContext(engine, ["main", ...engine.projectTables.schemas]));
  }

  async #serve(socket: Socket): Promise<void> {
    let header: SessionHeader | null = null;
    try {
      const read = await readSessionHeader(socket);
      header = read.header;
      const served = this.#require();
      if (this.#drained !== null) throw new AppError("shutting_down", "the workspace is shutting down");
      socket.setNoDelay(true);
      const sessionId = header.session_id;
      const done = Session.serve(socket, read.rest, header, {
        engine: served.engine,
        emit: (event) => this.#control.emit(event),
        limits: () => served.spec,
        rateLimit: served.rateLimit,
        slots: served.slots,
        notifications: served.notifications,
        statementLog: served.statementLog,
        slowShapes: served.slowShapes,
        spoolDirectory: served.spec.temp_directory,
        now: Date.now,
        defect: reportDefect,
      }, (session) => this.#sessions.set(sessionId, session));
      this.#sessionsEnded.add(done);
      const reason = await done.finally(() => this.#sessionsEnded.delete(done));
      this.#control.emit({ event: "session_closed", session_id: sessionId, reason });
    } catch (error) {
      reportDefect(error, crypto.randomUUID());
      if (header !== null) {
        this.#control.emit({ event: "session_closed", session_id: header.session_id, reason: "internal" });
      }
      socket.destroy();
    } finally {
      if (header !== null) this.#sessions.delete(header.session_id);
    }
  }

  /** Ends idle sessions at once and busy ones when their statement has ended, or after the time is over. */
  #drain(timeoutMs: number): Promise<unknown> {
    this.#drainDeadlineMs = Math.min(this.#drainDeadlineMs, performance.now() + timeoutMs);
    return this.#drained ??= this.#endSessions();
  }

  async #endSessions(): Promise<unknown> {
    const message = "terminating connection due to administrator command";
    while (this.#sessions.size > 0) {
      const late = performance.now() >= this.#drainDeadlineMs;
      for (const session of this.#sessions.values()) {
        if (late || !session.busy) session.terminate("admin_shutdown", message);
      }
      await Promise.race([
        Promise.allSettled([...this.#sessionsEnded]),
        new Promise((resolve) => setTimeout(resolve, late ? 1_000 : 50)),
      ]);
      if (performance.now() > this.#drainDeadlineMs + 5_000) break;
    }
    this.#server.close();
    this.#served?.statementLog.flush();
    await this.#served?.engine.close();
    // After the reply has gone out.
    this.#control.flushed().then(() => setTimeout(() => Deno.exit(0), 10));
    return { drained: true };
  }
}

function reportDefect(error: unknown, incidentId: string): void {
  const text = error instanceof Error ? error.stack ?? error.message : String(error);
  console.error(`defect ${incidentId}: ${text}`);
}

/** Runs until the server ends it. */
export function runWorker(commandLine: readonly string[]): void {
  const flag = commandLine.find((argument) => argument.startsWith("--socket-directory="));
  if (flag === undefined) {
    console.error("eider worker is started by the server: --socket-directory=DIR is missing");
    Deno.exit(2);
  }
  // A service manager signals the whole group; a worker ends when the server tells it, or when the server is gone.
  for (const signal of ["SIGTERM", "SIGINT"] as const) Deno.addSignalListener(signal, () => undefined);
  globalThis.addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    reportDefect(event.reason, crypto.randomUUID());
  });
  new Worker(join(flag.slice("--socket-directory=".length), `w${Deno.pid}.sock`));
}
