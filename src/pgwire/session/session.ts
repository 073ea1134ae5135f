/**
 * One client's session in a worker, from AuthenticationOk to the end. It turns messages into calls on the `Executor` and
 * their outcome into messages; errors, cancellation, timeouts and termination are decided here.
 *
 * Messages are handled one at a time, in order. After an error in the extended protocol everything up to Sync is skipped.
 * PostgreSQL documentation, "Message Flow".
 */
import type { Socket } from "node:net";
import { AppError } from "../../errors/app_error.ts";
import { catalogue, type ErrorKind } from "../../errors/catalogue.ts";
import { isInterrupt } from "../../engine/engine_error.ts";
import { identify } from "../../engine/session_identity.ts";
import type { WorkspaceEngine } from "../../engine/workspace_engine.ts";
import type { SessionEvent, SessionHeader } from "../../ipc/messages.ts";
import { parseStatements } from "../../sql/policy/mod.ts";
import { SessionSettings } from "../../sql/settings.ts";
import * as backend from "../codec/backend_messages.ts";
import { decodeFrontendMessage, type FrontendMessage } from "../codec/frontend_messages.ts";
import type { Connection } from "../../engine/duckdb.ts";
import { CopyInput } from "./copy_input.ts";
import { Deadline, shorter } from "./deadline.ts";
import { Executor } from "./executor.ts";
import { type NotificationHub, SessionNotifications } from "./notifications.ts";
import { sessionAccess } from "./session_access.ts";
import { SessionObserver } from "./session_observer.ts";
import { type ResultLimits, rowsOf, unknownColumns } from "./results.ts";
import { IdleWatch } from "./idle_watch.ts";
import { type Frame, MessageQueue } from "./message_queue.ts";
import { startSettings } from "./start_settings.ts";
import { checkStatementSize, simpleQueryType } from "./statement_size.ts";
import { SessionOutput } from "./output.ts";
import type { Field, Portal, SendFields } from "./portal.ts";
import { inWholeText } from "./failures.ts";
import { SessionObjects } from "./session_objects.ts";
import type { RateLimit } from "./rate_limit.ts";
import type { Semaphore } from "./semaphore.ts";
import { SlowPlans, type SlowShapes } from "./slow_plans.ts";
import type { StatementLog } from "./statement_log.ts";

/** How long a client that reads nothing may delay the end of its session. */
const endGraceMs = 2_000;

interface StatementLimits {
  readonly query_timeout_ms: number;
  readonly idle_timeout_ms: number;
  readonly statement_bytes_max: number;
}

export interface SessionPorts {
  readonly engine: WorkspaceEngine;
  readonly emit: (event: SessionEvent) => void;
  readonly limits: () => ResultLimits & StatementLimits;
  readonly rateLimit: RateLimit;
  readonly slots: Semaphore;
  readonly notifications: NotificationHub;
  readonly spoolDirectory: string;
  readonly statementLog: StatementLog;
  readonly slowShapes: SlowShapes;
  readonly now: () => number;
  readonly defect: (error: unknown, incidentId: string) => void;
}

export class Session {
  readonly header: SessionHeader;
  readonly #ports: SessionPorts;
  readonly #output: SessionOutput;
  readonly #queue: MessageQueue;
  readonly #settings: SessionSettings;
  readonly #executor: Executor;
  readonly #copyInput: CopyInput;
  #skipToSync = false;
  /** Gives the running statement's place among those in DuckDB back. */
  #releaseSlot: () => void = () => {};
  #ending: AppError | null = null;
  readonly #idle = new IdleWatch({
    sessionMs: () => this.#ports.limits().idle_timeout_ms,
    transactionMs: () => this.#settings.milliseconds("idle_in_transaction_session_timeout"),
    terminate: (kind, detail) => this.terminate(kind, detail),
  });
  readonly #timeout = new Deadline(() => this.#timedOut());
  #timeoutMs = 0;
  readonly #observer: SessionObserver;
  readonly #notifications: SessionNotifications;
  /** Between messages, when the client may be told something that it has not asked for. */
  #waiting = false;
  #closeReason = "client closed the connection";

  /** Serves the session until it ends; resolves with the reason. */
  static async serve(
    socket: Socket,
    head: Uint8Array,
    header: SessionHeader,
    ports: SessionPorts,
    started: (session: Session) => void,
  ): Promise<string> {
    const objects = new SessionObjects();
    let settings: SessionSettings;
    try {
      settings = startSettings(header, ports.engine, objects);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      const output = new SessionOutput(socket);
      backend.errorResponse(output.writer, error, "FATAL");
      await output.end(endGraceMs);
      return error.kind;
    }
    const connection = await ports.engine.connect();
    const session = new Session(socket, header, ports, settings, objects, connection);
    started(session);
    ports.engine.catalog.sessions.set(header.backend_process_id, session.#access());
    try {
      await session.#run(head);
    } finally {
      ports.engine.catalog.sessions.delete(header.backend_process_id);
      ports.engine.catalog.memos.forget(header.backend_process_id);
      session.#notifications.close();
      session.#idle.close();
      session.#timeout.close();
      await session.#executor.close().catch((error) => ports.defect(error, crypto.randomUUID()));
      session.#executor.ports.plans.close();
      ports.engine.disconnect(connection);
      socket.destroy();
    }
    return session.#closeReason;
  }

  private constructor(
    socket: Socket,
    header: SessionHeader,
    ports: SessionPorts,
    settings: SessionSettings,
    objects: SessionObjects,
    connection: Connection,
  ) {
    this.header = header;
    this.#ports = ports;
    this.#output = new SessionOutput(socket);
    this.#queue = new MessageQueue(socket);
    this.#settings = settings;
    const plans = new SlowPlans(ports.slowShapes, connection, ports.spoolDirectory);
    this.#observer = new SessionObserver({
      header,
      emit: ports.emit,
      now: ports.now,
      applicationName: () => settings.show("application_name"),
      bytesSent: () => this.#output.bytesSent + this.#output.writer.length,
      toAppError: (error) => this.#toAppError(error),
      log: ports.statementLog,
      plans,
      timeZone: () => settings.show("TimeZone"),
      isBusy: () => this.#executor.busy,
      giveUp: () => this.#executor.fail(),
    });
    this.#notifications = new SessionNotifications(
      ports.notifications,
      header.backend_process_id,
      () => void this.#notifyIdle(),
    );
    this.#copyInput = new CopyInput(this.#queue, (signal, wait) => this.#withoutSlot(signal, wait));
    this.#executor = new Executor({
      backendProcessId: header.backend_process_id,
      now: ports.now,
      notifications: this.#notifications,
      engine: ports.engine,
      connection,
      settings: this.#settings,
      objects,
      output: this.#output,
      limits: ports.limits,
      rateLimit: ports.rateLimit,
      spoolDirectory: ports.spoolDirectory,
      plans,
      copyInput: this.#copyInput,
      notice: (severity, sqlstate, message) =>
        backend.noticeResponse(this.#output.writer, { severity, sqlstate, message }),
    });
    socket.once("close", () => this.#executor.cancel(new AppError("query_canceled", "the client has gone")));
  }

  /** CancelRequest: ends the running statement; does nothing between statements, as in PostgreSQL. */
  cancel(): void {
    this.#executor.cancel(new AppError("query_canceled", "canceling statement due to user request"));
  }

  /** Ends the session with a FATAL error of this kind, at once between messages or after interrupting the statement. */
  terminate(kind: ErrorKind, detail: string): void {
    if (this.#ending !== null) return;
    this.#ending = new AppError(kind, detail);
    this.#closeReason = kind;
    this.#executor.cancel(this.#ending);
    this.#queue.wake();
    // A client that does not read its rows would hold the statement, and so the session, for ever.
    setTimeout(() => this.#queue.destroy(), endGraceMs);
  }

  /** Somebody vouches for the client: its idle time begins anew, though not that of an open transaction. */
  noteActivity(): void {
    if (this.#waiting && this.#ending === null && this.#executor.transaction.status === "I") this.#idle.watch("I");
  }

  get busy(): boolean {
    return this.#executor.running;
  }

  async #run(head: Uint8Array): Promise<void> {
    try {
      await this.#greet();
      this.#queue.start(head);
      for (;;) {
        this.#waiting = true;
        const frame = await this.#queue.next();
        this.#waiting = false;
        this.#idle.stop();
        if (this.#ending !== null) return await this.#fatal(this.#ending);
        if (frame === null) return;
        const message = await this.#decode(frame);
        if (message?.type === "terminate") {
          this.#closeReason = "client terminated";
          return;
        }
        if (message !== null) await this.#handle(message);
        if (this.#ending !== null) return await this.#fatal(this.#ending);
        if (this.#queue.empty) await this.#output.flush();
        else await this.#output.flushBlock();
      }
    } catch (error) {
      const fatal = this.#toAppError(error);
      this.#closeReason = fatal.kind;
      await this.#fatal(fatal);
    }
  }

  /** A malformed body is the statement's error, as the stream can be read on; an unknown type ends the session. */
  async #decode(frame: Frame): Promise<FrontendMessage | null> {
    try {
      checkStatementSize(frame, this.#ports.limits().statement_bytes_max);
      return decodeFrontendMessage(frame.type, frame.body);
    } catch (error) {
      const appError = this.#toAppError(error);
      if (catalogue[appError.kind].severity === "FATAL") throw appError;
      if (this.#skipToSync) return null;
      await this.#failed(appError);
      if (frame.type === simpleQueryType) this.#ready();
      else this.#skipToSync = true;
      return null;
    }
  }

  async #greet(): Promise<void> {
    const { writer } = this.#output;
    await identify(this.#executor.ports.connection, {
      username: this.header.username,
      database: this.#ports.engine.spec.database,
      backendProcessId: this.header.backend_process_id,
      version: `PostgreSQL ${this.#settings.show("server_version")}, DuckDB underneath`,
    });
    for (const sql of this.#settings.duckdbStatements()) await this.#executor.applyToEngine(sql);
    backend.authenticationOk(writer);
    for (const { name, value } of this.#settings.parameterStatus()) backend.parameterStatus(writer, name, value);
    backend.backendKeyData(writer, this.header.backend_process_id, this.header.backend_secret_key);
    this.#ready();
    await this.#output.flush();
  }

  async #handle(message: FrontendMessage): Promise<void> {
    if (this.#skipToSync && message.type !== "sync") return;
    try {
      switch (message.type) {
        case "query":
          this.#copyInput.pipelined = false;
          return await this.#simpleQuery(message.text);
        case "parse":
          await this.#noting(
            message.text,
            () => this.#timed(() => this.#executor.parse(message.name, message.text, message.parameterOids)),
          );
          backend.parseComplete(this.#output.writer);
          return;
        case "bind":
          await this.#noting(
            this.#executor.statement(message.statement).parsed?.text ?? "",
            () => this.#executor.bind(message.portal, message.statement, message.parameters, message.resultFormats),
          );
          backend.bindComplete(this.#output.writer);
          return;
        case "describe":
          return await this.#describe(message.kind, message.name);
        case "execute":
          this.#copyInput.pipelined = true;
          return await this.#execute(message.portal, message.rowsMax);
        case "close":
          if (message.kind === "statement") this.#executor.closeStatement(message.name);
          else await this.#executor.closePortal(message.name);
          backend.closeComplete(this.#output.writer);
          return;
        case "flush":
          return await this.#output.flush();
        case "sync":
          return await this.#sync();
        case "copy_data":
        case "copy_done":
        case "copy_fail":
          // Left over from a COPY that has failed: PostgreSQL ignores them, too. The session is as idle as before.
          return this.#idle.watch(this.#executor.transaction.status);
        default:
          throw new AppError("protocol_violation", `unexpected message "${message.type}" after start-up`);
      }
    } catch (error) {
      await this.#failed(error);
      if (message.type === "sync" || message.type === "query") this.#ready();
      else this.#skipToSync = true;
    }
  }

  async #simpleQuery(text: string): Promise<void> {
    const { writer } = this.#output;
    const statements = await this.#noting(text, () => parseStatements(text));
    if (statements.length === 0) backend.emptyQueryResponse(writer);
    await this.#executor.simpleQuery(statements, async (parsed) => {
      await this.#observer.observe(parsed, async (outcome) => {
        const executed = await this.#timed((signal) => this.#executor.runParsed(parsed, signal, this.#sendFields))
          .catch((error) => Promise.reject(inWholeText(error, text, parsed)));
        if (executed.suspended) throw new AppError("internal", "a simple query cannot be suspended");
        outcome.rows = rowsOf(executed);
        if (parsed.action.type === "empty") backend.emptyQueryResponse(writer);
        else backend.commandComplete(writer, executed.tag);
        await this.#output.flushBlock();
      });
    });
    this.#ready();
  }

  /** Work before a statement runs; when it fails, the query log has the statement all the same. */
  async #noting<T>(text: string, work: () => T | Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      const appError = this.#toAppError(error);
      this.#observer.failed(text, appError);
      throw appError;
    }
  }

  readonly #sendFields: SendFields = (fields, formats) => this.#rowDescription(fields, formats);

  #rowDescription(fields: readonly Field[], formats: readonly (0 | 1)[]): void {
    backend.rowDescription(
      this.#output.writer,
      fields.map((field, index) => ({
        name: field.name,
        ...(field.table === undefined ? {} : { table: field.table }),
        typeOid: field.type.oid,
        typeLength: field.type.length,
        typeModifier: field.type.modifier,
        format: formats[index] ?? 0,
      })),
    );
  }

  async #describe(kind: "statement" | "portal", name: string): Promise<void> {
    const { writer } = this.#output;
    if (kind === "statement") {
      const prepared = this.#executor.statement(name);
      if (prepared.fields === null && prepared.returnsRows) throw unknownColumns();
      backend.parameterDescription(writer, prepared.parameterOids);
      if (prepared.fields === null) backend.noData(writer);
      else this.#rowDescription(prepared.fields, []);
      return;
    }
    const portal = this.#executor.portal(name);
    const { returnsRows } = portal.prepared;
    const known = portal.prepared.fields;
    const fields = known === null && returnsRows
      ? await this.#timed((signal) => this.#executor.describePortal(portal, signal))
      : known;
    if (fields === null) backend.noData(writer);
    else this.#rowDescription(fields, portal.formatsFor(fields.length));
  }

  async #execute(portalName: string, rowsMax: number): Promise<void> {
    const { writer } = this.#output;
    const portal: Portal = this.#executor.portal(portalName);
    const { parsed } = portal.prepared;
    if (parsed === null) return backend.emptyQueryResponse(writer);
    // More than one statement before Sync makes one transaction; the usual single one needs none.
    if (!this.#queue.nextIsSync() && parsed.action.type === "execute" && !portal.started) {
      await this.#executor.transaction.beginImplicit();
    }
    const rowsBefore = portal.rowCount;
    await this.#observer.observe(parsed, async (outcome) => {
      const executed = await this.#timed((signal) =>
        this.#executor.execute(portal, rowsMax === 0 ? Infinity : rowsMax, signal, () => undefined)
      );
      outcome.rows = executed.suspended ? portal.rowCount - rowsBefore : rowsOf(executed);
      if (executed.suspended) backend.portalSuspended(writer);
      else backend.commandComplete(writer, executed.tag);
    });
  }

  async #sync(): Promise<void> {
    this.#skipToSync = false;
    await this.#executor.endImplicit();
    this.#ready();
  }

  /** Holds a slot while a statement runs, and ends it when its time is over; `cancel` reaches it also while it waits. */
  async #timed<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const timeoutMs = shorter(this.#settings.milliseconds("statement_timeout"), this.#ports.limits().query_timeout_ms);
    return await this.#executor.cancellable(async (signal) => {
      this.#timeoutMs = timeoutMs;
      if (timeoutMs > 0) this.#timeout.set(timeoutMs);
      try {
        this.#releaseSlot = await this.#ports.slots.acquire(signal);
        return await work(signal);
      } finally {
        this.#timeout.lift();
        this.#giveSlotBack();
      }
    });
  }

  #timedOut(): void {
    this.#executor.cancel(
      new AppError("query_canceled", `canceling statement due to statement timeout (${this.#timeoutMs} ms)`),
    );
  }

  #giveSlotBack(): void {
    this.#releaseSlot();
    this.#releaseSlot = () => {};
  }

  /** A statement that waits for its client keeps nobody else out of DuckDB. */
  async #withoutSlot<T>(signal: AbortSignal, wait: () => Promise<T>): Promise<T> {
    this.#giveSlotBack();
    const result = await wait();
    this.#releaseSlot = await this.#ports.slots.acquire(signal);
    return result;
  }

  async #failed(error: unknown): Promise<void> {
    const failure = this.#toAppError(error);
    await this.#executor.fail();
    if (this.#ending !== null) return;
    const appError = await this.#executor.explain(failure);
    if (appError.kind === "protocol_violation") {
      this.#ending = appError;
      return;
    }
    backend.errorResponse(this.#output.writer, appError, "ERROR");
  }

  async #fatal(error: AppError): Promise<void> {
    backend.errorResponse(this.#output.writer, error, "FATAL");
    await this.#output.end(endGraceMs);
  }

  #toAppError(error: unknown): AppError {
    if (error instanceof AppError) return error;
    if (isInterrupt(error)) return new AppError("query_canceled", "canceling statement due to user request");
    const incidentId = crypto.randomUUID();
    this.#ports.defect(error, incidentId);
    return new AppError("internal", `internal error: incident ${incidentId}`, { cause: error });
  }

  #access() {
    return sessionAccess(this.#executor, {
      header: this.header,
      activity: () => {
        const { state, query, queryStartMs, stateChangeMs, startedAtMs } = this.#observer;
        return { state, query, queryStartMs, stateChangeMs, backendStartMs: startedAtMs };
      },
      cancel: () => this.cancel(),
      terminate: () => this.terminate("admin_shutdown", "terminating connection due to administrator command"),
    });
  }

  /** Notifications reach an idle client at once, and others before the next ReadyForQuery outside a transaction. */
  async #notifyIdle(): Promise<void> {
    if (!this.#waiting || this.#ending !== null || this.#executor.transaction.status !== "I") return;
    this.#deliverNotifications();
    await this.#output.flush();
  }

  #deliverNotifications(): void {
    for (const { processId, channel, payload } of this.#notifications.take()) {
      backend.notificationResponse(this.#output.writer, processId, channel, payload);
    }
  }

  #ready(): void {
    const { status } = this.#executor.transaction;
    if (status === "I") this.#deliverNotifications();
    backend.readyForQuery(this.#output.writer, status);
    this.#observer.setState(
      status === "I" ? "idle" : status === "T" ? "idle in transaction" : "idle in transaction (aborted)",
    );
    this.#idle.watch(status);
  }
}
