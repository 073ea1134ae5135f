/**
 * Carries out what a session's messages ask for: parse, bind, describe, execute, simple queries. It knows statements,
 * portals and transactions; it knows neither message bytes nor the socket, except for the output it appends rows to.
 *
 * Invariant: at most one row source is live on the connection (`#live`). Before the connection runs anything else that source
 * is parked in a spool, so no row of a suspended portal is lost.
 */
import { AppError } from "../../errors/app_error.ts";
import { run } from "../../engine/duckdb.ts";
import { translateEngineError } from "../../engine/engine_error.ts";
import { interrupt } from "../../engine/statement.ts";
import { parseStatements } from "../../sql/policy/mod.ts";
import type { ParsedStatement } from "../../sql/statement.ts";
import type { SettingChange } from "../../sql/settings.ts";
import { parameterStatus } from "../codec/backend_messages.ts";
import { catalogChange, CatalogChanges } from "./catalog_changes.ts";
import { type Copying, copyInStatement, copyOutStatement } from "./copy_statements.ts";
import { substituteParameters } from "./parameter_types.ts";
import type { ExecutorPorts } from "./executor_ports.ts";
import {
  type CursorOptions,
  type Executed,
  type Field,
  type ParameterValue,
  Portal,
  type PreparedStatement,
  type SendFields,
} from "./portal.ts";
import {
  checkLimits,
  encodeSettingsOf,
  fieldsOf,
  requireSameColumns,
  rowsTag,
  simpleFormats,
  unknownColumns,
} from "./results.ts";
import { RowSource } from "./row_source.ts";
import { changesNames, endsTransaction, frees, isTransactionControl } from "./statement_kinds.ts";
import { forgetStaged } from "./staged.ts";
import { explainFailure, shownSchemas } from "./failures.ts";
import { sendSkipNotices } from "./skip_notices.ts";
import { shownColumns, withComputed } from "./output_types.ts";
import { namedObjectsMax, StatementStore } from "./statement_store.ts";
import { TableAccess } from "./table_access.ts";
import { Transaction } from "./transaction.ts";
import { Binding } from "./binding.ts";
import { Cancellation } from "./cancellation.ts";
import { answerUtility, type UtilityAnswer, utilityFields } from "./utility.ts";

export class Executor {
  readonly ports: ExecutorPorts;
  readonly transaction: Transaction;
  readonly statements: StatementStore;
  readonly portals = new Map<string, Portal>();
  #live: RowSource | null = null;
  readonly #binding: Binding;
  readonly #cancellation: Cancellation;
  #endWatch: () => void = () => {};
  /** The statement that was begun last. */
  #begun: ParsedStatement | null = null;
  /** Changes by set_config(), whose part in the engine waits until its statement has ended. */
  readonly #lateChanges: SettingChange[] = [];
  readonly #tables: TableAccess;
  readonly #changes: CatalogChanges;

  constructor(ports: ExecutorPorts) {
    this.ports = ports;
    this.#binding = new Binding(ports);
    this.#cancellation = new Cancellation(ports.connection);
    this.transaction = new Transaction(ports);
    this.#changes = new CatalogChanges((change) => ports.engine.catalog.memos.changed(change));
    this.#tables = new TableAccess(ports, this.transaction, async () => {
      for (const portal of this.portals.values()) await portal.source?.park(ports.spoolDirectory);
      this.#live = null;
    });
    this.statements = new StatementStore({
      ports,
      transaction: this.transaction,
      tables: this.#tables,
      freeConnection: () => this.freeConnection(),
      utilityFields: (parsed) => utilityFields(this, parsed),
    });
  }

  /** Makes the running statement fail with `reason`. Does nothing between statements. */
  cancel(reason: AppError): void {
    this.#cancellation.cancel(reason);
  }

  /** Until the statement has ended; a second statement of one message begins anew. */
  #watchGrowth(): void {
    this.#endWatch();
    this.#endWatch = this.ports.engine.watchGrowth((error) => this.cancel(error));
  }

  get running(): boolean {
    return this.#cancellation.running;
  }

  /** A result is still being read from the connection. */
  get busy(): boolean {
    return this.#live?.live === true;
  }

  /** Runs `work` as a statement that `cancel` can end. */
  async cancellable<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    try {
      return await this.#cancellation.run(work);
    } finally {
      this.#endWatch();
    }
  }

  /** Parse: see `StatementStore`. */
  parse(name: string, text: string, declaredOids: readonly number[], fromSql = false): Promise<PreparedStatement> {
    return this.statements.parse(name, text, declaredOids, (prepared) => this.#inUse(prepared), fromSql);
  }

  async bind(
    portalName: string,
    statementName: string,
    parameters: readonly ParameterValue[],
    resultFormats: readonly (0 | 1)[],
  ): Promise<Portal> {
    const prepared = this.statements.get(statementName);
    if (prepared.engine !== null && parameters.length !== prepared.parameterOids.length) {
      throw new AppError(
        "protocol_violation_in_message",
        `bind message supplies ${parameters.length} parameters, but prepared statement "${statementName}" requires ` +
          `${prepared.parameterOids.length}`,
      );
    }
    if (prepared.parsed !== null && !endsTransaction(prepared.parsed)) this.transaction.requireUsable();
    if (portalName !== "" && this.portals.has(portalName)) {
      throw new AppError("duplicate_cursor", `cursor "${portalName}" already exists`);
    }
    if (this.portals.size >= namedObjectsMax) {
      throw new AppError("configuration_limit", `too many portals in this session: ${namedObjectsMax}`);
    }
    const portal = new Portal(portalName, prepared, parameters, resultFormats);
    this.#binding.bind(portal);
    await this.closePortal(portalName);
    this.portals.set(portalName, portal);
    return portal;
  }

  /** Throws `invalid_prepared_statement` when there is none of this name. */
  statement(name: string): PreparedStatement {
    return this.statements.get(name);
  }

  portal(name: string): Portal {
    const portal = this.portals.get(name);
    if (portal === undefined) throw new AppError("invalid_cursor", `portal "${name}" does not exist`);
    return portal;
  }

  closeStatement(name: string): void {
    this.statements.close(name, (prepared) => this.#inUse(prepared));
  }

  #inUse(prepared: PreparedStatement): boolean {
    return [...this.portals.values()].some((portal) => portal.prepared === prepared && !portal.finished);
  }

  async closePortal(name: string): Promise<void> {
    const portal = this.portals.get(name);
    if (portal === undefined) return;
    this.portals.delete(name);
    if (portal.source !== null && portal.source === this.#live) {
      if (portal.source.live) interrupt(this.ports.connection);
      this.#live = null;
    }
    await portal.close();
    this.#noteEnd();
  }

  /** Execute: up to `rowsMax` rows of a portal (Infinity for all). `sendFields` is called when rows will follow. */
  async execute(portal: Portal, rowsMax: number, signal: AbortSignal, sendFields: SendFields): Promise<Executed> {
    const executed = await this.#execute(portal, rowsMax, signal, sendFields);
    for (const change of this.#lateChanges.splice(0)) await this.applySettings(change);
    return executed;
  }

  /** set_config(): in force at once for the session, and in the engine when the running statement has ended. */
  setLater(change: SettingChange): void {
    this.#lateChanges.push(change);
  }

  async #execute(portal: Portal, rowsMax: number, signal: AbortSignal, sendFields: SendFields): Promise<Executed> {
    const { parsed } = portal.prepared;
    if (parsed === null) return { suspended: false, tag: "" };
    if (portal.finished) {
      return {
        suspended: false,
        tag: parsed.action.type === "execute" && portal.source !== null ? "SELECT 0" : portal.tag,
      };
    }
    this.#begun = parsed;
    this.#changes.begun(parsed);
    if (parsed.action.type === "copy_to_stdout") return await copyOutStatement(this.#copying(), parsed, signal);
    if (parsed.action.type === "copy_from_stdin") {
      portal.rowCount = await copyInStatement(this.#copying(), parsed, parsed.action, signal);
      return this.#ended(portal, { tag: `COPY ${portal.rowCount}` });
    }
    if (parsed.action.type !== "execute") {
      const answer = await answerUtility(this, parsed, portal, rowsMax, signal, sendFields);
      return answer === null ? { suspended: true } : this.#ended(portal, answer);
    }
    if (!portal.started) {
      const tag = await this.#start(portal, parsed, signal);
      if (tag !== null) return this.#ended(portal, { tag });
    }
    const rowCount = await this.sendRows(portal, portal, rowsMax, signal, sendFields);
    if (rowCount >= rowsMax) return { suspended: true };
    return this.#ended(portal, { tag: rowsTag(parsed.tag, rowCount) });
  }

  /** Sends rows of a started portal in the formats that were asked of `reader`: itself, or of the FETCH that reads a cursor. */
  async sendRows(
    portal: Portal,
    reader: Portal,
    rowsMax: number,
    signal: AbortSignal,
    sendFields: SendFields,
  ): Promise<number> {
    const source = portal.source;
    if (source === null) throw new AppError("invalid_cursor", `portal "${portal.name}" has no rows`);
    const formats = reader.formatsFor(source.columns.length);
    sendFields(fieldsOf(source.columns, portal.prepared.tables), formats);
    const limits = this.ports.limits();
    const sent = await source.send(rowsMax, this.ports.output, (rowCount, byteCount) => {
      signal.throwIfAborted();
      portal.rowCount += rowCount;
      portal.byteCount += byteCount;
      checkLimits(portal, limits);
    }, formats);
    signal.throwIfAborted();
    if (!source.live && this.#live === source) this.#live = null;
    return sent.rowCount;
  }

  #ended(portal: Portal, answer: UtilityAnswer): Executed {
    portal.finished = true;
    portal.tag = answer.tag;
    this.#noteEnd();
    return { suspended: false, tag: answer.tag };
  }

  /**
   * What Describe answers for a portal: null when no rows come back. Where only the result tells the columns, a query that changes
   * nothing is started. Throws `indeterminate_datatype` for another.
   */
  async describePortal(portal: Portal, signal: AbortSignal): Promise<readonly Field[] | null> {
    const { parsed } = portal.prepared;
    if (portal.prepared.fields !== null || !portal.prepared.returnsRows || parsed === null) {
      return portal.prepared.fields;
    }
    if (!portal.started && !parsed.writes) await this.#start(portal, parsed, signal);
    if (portal.source === null) throw unknownColumns();
    return fieldsOf(portal.source.columns, []);
  }

  /** Starts an engine statement. Gives its tag when it returned no rows, else the portal has its source. */
  async #start(portal: Portal, parsed: ParsedStatement, signal: AbortSignal): Promise<string | null> {
    const { engine, translation } = portal.prepared;
    if (translation === null) throw new AppError("internal", "a statement was not prepared");
    this.transaction.requireUsable();
    const { writes } = parsed;
    this.transaction.requireMayRun(parsed);
    this.ports.rateLimit.take();
    if (writes) await this.ports.engine.writes.allowed(signal);
    if (writes && !frees.has(parsed.kind)) {
      await this.ports.engine.checkRoomToWrite();
      this.#watchGrowth();
    }
    await this.freeConnection();
    this.#begun = parsed;
    for (const notice of translation.notices) this.ports.notice("NOTICE", "00000", notice);
    await sendSkipNotices(parsed, this.ports);
    await this.#tables.ensureCatalog(parsed, translation);
    await this.#tables.ensure(parsed);
    if (engine === null) await this.transaction.beginImplicit();
    else await this.#binding.toTables(portal, engine);
    await this.ports.plans.starting(portal, parsed);
    signal.throwIfAborted();
    portal.started = true;
    this.ports.engine.began(this.ports.connection);
    if (writes) this.transaction.noteWrite();
    if (catalogChange(parsed) !== null) this.#tables.noteChange(parsed);
    if (changesNames.has(parsed.kind)) this.ports.engine.definitionEpoch++;
    const result = await this.#binding.run(portal, parsed, translation, signal);
    if (typeof result === "string") {
      await this.#noteChanges(parsed);
      return result;
    }
    const { enums, computed, staged } = portal.prepared;
    const known = withComputed(shownColumns(result.columns(), translation.outputTypes, enums), computed);
    const columns = staged === null
      ? known
      : known.map((column, at) => ({ ...column, name: staged.names[at] ?? column.name }));
    requireSameColumns(portal, columns);
    portal.source = new RowSource(result, columns, {
      formats: portal.formatsFor(columns.length),
      settings: encodeSettingsOf(this.ports.settings),
      anyFormat: portal.cursor !== null,
    });
    this.#live = portal.source;
    if (staged === null) return null;
    // Its rows are in tables that must be gone before anybody sees them.
    await this.freeConnection();
    await forgetStaged(this.ports.connection, staged.plan);
    return null;
  }

  /** Parses, checks and runs the statements of a simple query. */
  async simpleQuery(
    statements: readonly ParsedStatement[],
    each: (parsed: ParsedStatement) => Promise<void>,
  ): Promise<void> {
    for (const parsed of statements) {
      if (statements.length > 1 && !isTransactionControl(parsed)) await this.transaction.beginImplicit();
      await each(parsed);
    }
    if (!this.transaction.explicit) await this.endImplicit();
  }

  /** Prepares and runs one statement in an unnamed portal with text results. */
  async runParsed(parsed: ParsedStatement, signal: AbortSignal, sendFields: SendFields): Promise<Executed> {
    await this.closePortal("");
    const prepared = await this.statements.prepareRecent("", parsed, []);
    // Described columns belong to the extended protocol; here the result itself tells them.
    const portal = new Portal("", { ...prepared, columns: null }, [], simpleFormats(parsed, this.portals));
    this.portals.set("", portal);
    try {
      return await this.execute(portal, Infinity, signal, sendFields);
    } finally {
      await this.closePortal("");
      this.statements.release(prepared);
    }
  }

  /** EXECUTE name (arguments): the prepared text with its arguments written in, checked as a statement of its own. */
  async executePrepared(
    name: string,
    argumentTexts: readonly string[],
    resultFormats: readonly (0 | 1)[],
    sendFields: SendFields,
  ): Promise<Executed> {
    const prepared = this.statements.get(name);
    if (prepared.parsed === null) return { suspended: false, tag: "" };
    if (argumentTexts.length !== prepared.parameterOids.length) {
      throw new AppError(
        "syntax_error",
        `wrong number of parameters for prepared statement "${name}": expected ${prepared.parameterOids.length} ` +
          `parameters but got ${argumentTexts.length}`,
      );
    }
    const [parsed] = parseStatements(substituteParameters(prepared.parsed.text, argumentTexts));
    if (parsed === undefined) return { suspended: false, tag: "" };
    const inner = await this.statements.prepare("", parsed, []);
    const portal = new Portal("", inner, [], resultFormats);
    try {
      return await this.execute(portal, Infinity, this.#cancellation.signal, sendFields);
    } finally {
      if (portal.source !== null && portal.source === this.#live) this.#live = null;
      await portal.close();
      inner.engine?.dispose();
    }
  }

  /** DECLARE: opens a portal of this name over a query. */
  async declareCursor(name: string, parsed: ParsedStatement, options: CursorOptions): Promise<void> {
    if (this.portals.has(name)) throw new AppError("duplicate_cursor", `cursor "${name}" already exists`);
    const prepared = await this.statements.prepare("", parsed, []);
    const portal = new Portal(name, prepared, [], [], options);
    const tag = await this.#start(portal, parsed, this.#cancellation.signal);
    if (tag !== null) throw new AppError("syntax_error", "DECLARE needs a query that returns rows");
    this.portals.set(name, portal);
  }

  /** The end of a pipeline (Sync) or of a simple query: commits an implicit transaction and drops its portals. */
  async endImplicit(): Promise<void> {
    if (this.transaction.explicit) return;
    await this.dropPortals();
    await this.commit();
    this.ports.notifications.commit();
    this.#noteEnd();
  }

  /** COMMIT, or the end of an implicit transaction. Names mean what it has made of them from then on. */
  async commit(): Promise<"committed" | "rolled back" | "none"> {
    const { wrote } = this.transaction;
    try {
      return await this.transaction.commit();
    } finally {
      if (wrote) this.ports.engine.definitionEpoch++;
    }
  }

  /** A statement failed: the transaction is aborted and its portals are gone. */
  async fail(): Promise<void> {
    this.#lateChanges.length = 0;
    this.ports.notifications.rollback();
    await this.dropPortals();
    if (this.transaction.wrote) this.ports.engine.definitionEpoch++;
    await this.transaction.fail();
    this.#noteEnd();
  }

  /** The error of the statement that was begun last, with what the catalog tells of it. Call after `fail`. */
  explain(error: AppError): Promise<AppError> {
    return explainFailure(error, this.#begun, this.ports);
  }

  /** Before COMMIT: held cursors are computed to their end; the others close. */
  async dropPortals(keepHeld = true): Promise<void> {
    for (const portal of [...this.portals.values()]) {
      if (keepHeld && portal.cursor?.hold === true && portal.source !== null) {
        await portal.source.park(this.ports.spoolDirectory);
        if (this.#live === portal.source) this.#live = null;
      } else {
        await this.closePortal(portal.name);
      }
    }
  }

  /** Moves a live result out of the way. */
  async freeConnection(): Promise<void> {
    const live = this.#live;
    this.#live = null;
    await live?.park(this.ports.spoolDirectory);
  }

  /** Makes a changed setting known to the engine and to the client. */
  async applySettings(change: SettingChange): Promise<void> {
    for (const sql of change.duckdbStatements) await this.applyToEngine(sql);
    for (const { name, value } of change.reports) parameterStatus(this.ports.output.writer, name, value);
    if (change.warning !== null) this.ports.notice("WARNING", "25P01", change.warning);
  }

  async applyToEngine(sql: string): Promise<void> {
    // A name may mean another object now, which DuckDB's prepared statements would not notice.
    this.statements.forgetRecent();
    await this.freeConnection();
    try {
      await run(this.ports.connection, sql);
    } catch (error) {
      throw translateEngineError(error);
    }
  }

  async close(): Promise<void> {
    await this.dropPortals(false);
    await this.transaction.rollback();
    for (const name of this.statements.names()) this.closeStatement(name);
    this.statements.forgetRecent();
    this.ports.engine.ended(this.ports.connection);
  }

  #copying(): Copying {
    return {
      ports: this.ports,
      transaction: this.transaction,
      tables: this.#tables,
      encodeSettings: encodeSettingsOf(this.ports.settings),
      freeConnection: () => this.freeConnection(),
      setLive: (source) => this.#live = source,
      ended: () => this.#noteEnd(),
    };
  }

  /** Others know of an open transaction's schemas when it has committed. */
  async #noteChanges(parsed: ParsedStatement): Promise<void> {
    const { engine, objects } = this.ports;
    // Again, for who has asked while the statement ran.
    if (changesNames.has(parsed.kind)) engine.definitionEpoch++;
    objects.note(parsed, this.transaction.open, shownSchemas(this.ports));
    if (/SCHEMA/.test(parsed.tag) && !this.transaction.open) await engine.readOwnSchemas();
  }

  #noteEnd(): void {
    if (!this.transaction.open) this.#changes.ended(this.#live !== null);
    if (this.#live === null && !this.transaction.open) this.ports.engine.ended(this.ports.connection);
  }
}
