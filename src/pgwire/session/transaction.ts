/**
 * The session's transaction, with PostgreSQL's rules over DuckDB's: every error aborts an open transaction until ROLLBACK, and
 * several statements of one message (or of one pipeline up to Sync) are one implicit transaction.
 *
 * Invariant: `open` is true exactly while DuckDB has an explicit transaction on the connection. A failed transaction is
 * rolled back in DuckDB at once, so that it holds nothing; only its status stays until the client ends it.
 */
import { AppError } from "../../errors/app_error.ts";
import { type Connection, run } from "../../engine/duckdb.ts";
import { translateEngineError } from "../../engine/engine_error.ts";
import { pinSnapshotStatement } from "../../engine/project_tables.ts";
import type { ParsedStatement } from "../../sql/statement.ts";
import type { ExecutorPorts } from "./executor_ports.ts";
import type { SessionObjects } from "./session_objects.ts";

const beginStatements = `BEGIN; ${pinSnapshotStatement}`;

/** ReadyForQuery's status byte: idle, in a transaction, in a failed one. */
export type TransactionStatus = "I" | "T" | "E";

export class Transaction {
  readonly #connection: Connection;
  #open = false;
  #block: "none" | "implicit" | "explicit" = "none";
  #failed = false;
  #wrote = false;
  /** Innermost last; `wroteBefore`: whether something would have to survive a rollback to it. */
  readonly #savepoints: { readonly name: string; readonly wroteBefore: boolean }[] = [];
  /** READ ONLY was asked for: statements that write are refused. Outside of a block, the session's default counts. */
  get readOnly(): boolean {
    if (this.#alwaysReadOnly) return true;
    return this.#block === "explicit" ? this.#readOnly : this.#readOnlyByDefault();
  }

  set readOnly(value: boolean) {
    this.#readOnly = value;
  }

  #readOnly = false;
  readonly #readOnlyByDefault: () => boolean;
  /** Of a session that may only read. */
  readonly #alwaysReadOnly: boolean;
  /** REPEATABLE READ or SERIALIZABLE: the snapshot must not move between statements. */
  fixedSnapshot = false;

  #startedAtMs = 0;
  #serial = 0;
  #writeCount = 0;
  /** The emulated catalog's clock at its first use in this transaction; null before that. */
  catalogClock: number | null = null;
  readonly #now: () => number;
  readonly #beforeBegin: () => void;

  /** What the session alone sees. */
  readonly objects: SessionObjects;
  readonly #ownSchemas: () => ReadonlySet<string>;
  readonly #readOwnSchemas: () => Promise<void>;

  constructor(
    { connection, now, settings, engine, objects }: Pick<
      ExecutorPorts,
      "connection" | "now" | "settings" | "engine" | "objects"
    >,
  ) {
    this.objects = objects;
    this.#ownSchemas = () => engine.ownSchemas;
    this.#readOwnSchemas = () => engine.readOwnSchemas();
    this.#readOnlyByDefault = () => settings.boolean("default_transaction_read_only");
    this.#alwaysReadOnly = settings.alwaysReadOnly;
    this.#connection = connection;
    this.#now = now;
    // What the transaction reads must stay attached from its first snapshot on.
    this.#beforeBegin = () => engine.began(connection);
  }

  /** null when no transaction is open. */
  get startedAtMs(): number | null {
    return this.#block === "none" ? null : this.#startedAtMs;
  }

  get status(): TransactionStatus {
    if (this.#block !== "explicit") return "I";
    return this.#failed ? "E" : "T";
  }

  get open(): boolean {
    return this.#open;
  }

  get explicit(): boolean {
    return this.#block === "explicit";
  }

  get wrote(): boolean {
    return this.#wrote;
  }

  /** Grows whenever the session may see another state of the workspace: with each snapshot, each end and each write. */
  get serial(): number {
    return this.#serial;
  }

  /** As `serial`, without what the session writes itself. */
  get snapshotSerial(): number {
    return this.#serial - this.#writeCount;
  }

  noteWrite(): void {
    this.#serial++;
    this.#writeCount++;
    if (this.#open) this.#wrote = true;
  }

  /** Throws 25P02 in a failed transaction. */
  requireUsable(): void {
    if (!this.#failed) return;
    throw new AppError(
      "failed_transaction",
      "current transaction is aborted, commands ignored until end of transaction block",
    );
  }

  /** Throws 25006 in a read-only transaction for what changes something: nextval and setval do in a statement that reads. */
  requireMayRun({ writes, tag, facts }: Pick<ParsedStatement, "writes" | "tag" | "facts">): void {
    if (!this.readOnly) return;
    const call = facts.functions.find(({ name }) => name === "nextval" || name === "setval");
    if (!writes && call === undefined) return;
    const what = writes || call === undefined ? tag : `${call.name}()`;
    throw new AppError("read_only", `cannot execute ${what} in a read-only transaction`);
  }

  async beginImplicit(): Promise<void> {
    if (this.#open) return;
    await this.#start("implicit");
  }

  /** BEGIN. Gives false when a transaction was open already (PostgreSQL warns). */
  async begin(options: { readonly readOnly: boolean; readonly fixedSnapshot: boolean }): Promise<boolean> {
    if (this.#block === "explicit") return false;
    if (this.#block === "implicit") this.#block = "explicit";
    else await this.#start("explicit");
    this.readOnly = options.readOnly;
    this.fixedSnapshot = options.fixedSnapshot;
    return true;
  }

  /** COMMIT, or the end of an implicit one. A failed transaction is rolled back: the answer says which it was. */
  async commit(): Promise<"committed" | "rolled back" | "none"> {
    if (this.#block === "none") {
      await this.#endStatement();
      return "none";
    }
    if (this.#failed) {
      this.#reset();
      return "rolled back";
    }
    this.#reset();
    try {
      await run(this.#connection, [...this.objects.endStatements(), "COMMIT"].join("; "));
    } catch (error) {
      await this.#rollBackInEngine();
      throw translateEngineError(error);
    }
    const { changesSchemas } = this.objects;
    this.objects.commit();
    this.objects.noteEnded();
    if (changesSchemas) await this.#readOwnSchemas();
    return "committed";
  }

  /** ON COMMIT also holds for a statement that is a transaction of its own. */
  async #endStatement(): Promise<void> {
    const statements = this.objects.endStatements();
    if (statements.length === 0) return;
    try {
      await run(this.#connection, statements.join("; "));
    } catch (error) {
      throw translateEngineError(error);
    }
    this.objects.noteEnded();
  }

  async rollback(): Promise<boolean> {
    const existed = this.#block !== "none";
    const open = this.#open;
    this.#reset();
    if (open) await this.#rollBackInEngine();
    return existed;
  }

  /** SAVEPOINT. Throws 25P01 outside of a transaction block. */
  savepoint(name: string): void {
    this.#requireBlock("SAVEPOINT");
    this.#savepoints.push({ name, wroteBefore: this.#wrote });
  }

  /** RELEASE SAVEPOINT: forgets it and those after it. */
  release(name: string): void {
    this.#requireBlock("RELEASE SAVEPOINT");
    this.#savepoints.length = this.#savepointIndex(name);
  }

  /**
   * ROLLBACK TO SAVEPOINT. DuckDB has no savepoints; one before which nothing was written is the transaction's begin, and that
   * can be gone back to. Anything else is refused, and the transaction is aborted rather than half kept.
   */
  async rollbackTo(name: string): Promise<void> {
    this.#requireBlock("ROLLBACK TO SAVEPOINT");
    const index = this.#savepointIndex(name);
    if (this.#savepoints[index]?.wroteBefore === true) {
      throw new AppError(
        "feature_not_supported",
        `cannot roll back to savepoint "${name}": the transaction had written before it, and DuckDB has no savepoints`,
        { hint: "Roll the whole transaction back, and use one transaction for each unit of work." },
      );
    }
    this.#savepoints.length = index + 1;
    if (this.#open) await this.#rollBackInEngine();
    this.#open = false;
    await this.#beginInEngine();
    this.#failed = false;
  }

  #requireBlock(command: string): void {
    if (this.#block === "explicit") return;
    throw new AppError("no_active_transaction", `${command} can only be used in transaction blocks`);
  }

  #savepointIndex(name: string): number {
    const index = this.#savepoints.findLastIndex((savepoint) => savepoint.name === name);
    if (index < 0) throw new AppError("invalid_savepoint", `savepoint "${name}" does not exist`);
    return index;
  }

  /** A statement failed. */
  async fail(): Promise<void> {
    this.#serial++;
    if (this.#open) await this.#rollBackInEngine();
    this.#open = false;
    if (this.#block === "explicit") this.#failed = true;
    else this.#reset();
  }

  /** Takes a new snapshot under READ COMMITTED. Only while nothing was written. */
  async renewSnapshot(): Promise<void> {
    if (!this.#open || this.#wrote) throw new Error("a transaction that has written keeps its snapshot");
    this.#beforeBegin();
    await run(this.#connection, `COMMIT; ${beginStatements}`);
    this.objects.begin(this.#ownSchemas());
    this.catalogClock = null;
  }

  async #start(block: "implicit" | "explicit"): Promise<void> {
    await this.#beginInEngine();
    this.#startedAtMs = this.#now();
    this.#block = block;
  }

  async #beginInEngine(): Promise<void> {
    this.#serial++;
    this.#beforeBegin();
    try {
      await run(this.#connection, beginStatements);
    } catch (error) {
      throw translateEngineError(error);
    }
    this.objects.begin(this.#ownSchemas());
    this.#open = true;
    this.#wrote = false;
    this.catalogClock = null;
  }

  async #rollBackInEngine(): Promise<void> {
    this.objects.rollback();
    await run(this.#connection, "ROLLBACK").catch(() => undefined);
  }

  #reset(): void {
    this.#serial++;
    this.#open = false;
    this.#block = "none";
    this.#failed = false;
    this.#wrote = false;
    this.#savepoints.length = 0;
    this.readOnly = false;
    this.fixedSnapshot = false;
  }
}
