/**
 * PostgreSQL's catalog and functions inside a workspace's DuckDB instance: database `__eider` (`src/sql/catalog`).
 *
 * Its macros and views are made when a statement first needs them (`pgwire/session/table_access.ts`). What changes is written into `__eider.state` just
 * before it is read.
 *
 * Invariant: only this class changes `__eider`, one change at a time, on a connection of its own.
 */
import duckdb, { type Database } from "@duckdb/node-bindings";
import type { ProjectCatalog } from "../ipc/messages.ts";
import {
  allObjects,
  baseStatements,
  type CatalogObject,
  javaScriptFunctions,
  memosFor,
  objectsFor,
  rowsMemos,
  sqlOf,
} from "../sql/catalog/install.ts";
import type { CatalogMemo } from "../sql/catalog/memo/types.ts";
import { tableSizeQuery } from "../sql/catalog/functions/sizes.ts";
import { stateTablePath } from "../sql/catalog/state.ts";
import { catalogDatabase } from "../sql/catalog/types.ts";
import type { JavaScriptFunction } from "../sql/functions/types.ts";
import type { Translation } from "../sql/translate/types.ts";
import { type Connection, quoteIdentifier, quoteLiteral, rows, run } from "./duckdb.ts";
import { CatalogMemos, type MemoReader, type SharedReader } from "./memo/catalog_memos.ts";
import { lookupFunctionsOf } from "./memo/lookup_functions.ts";
import { registerMemoTableFunction } from "./memo/memo_table_function.ts";
import { enumOidsByText, type EnumTypes } from "./enum_types.ts";
import { registerScalarFunction } from "./scalar_functions.ts";
import type { SessionAccess, SessionDirectory } from "./session_directory.ts";
import { identify } from "./session_identity.ts";
import { sessionFunctions } from "./session_functions.ts";

/** Relations whose rows are written anew for each statement that names them. */
const activityRelations = ["pg_stat_activity", "pg_stat_database", "pg_stat_gssapi", "pg_stat_ssl", "pg_locks"];
const settingRelations = ["pg_settings", "pg_show_all_settings"];
/** Macros and views made in one go by `installAll`: some 50 ms of work. */
const objectsAtOnce = 20;
const none: ReadonlyMap<string, number> = new Map();
/** Rows of one INSERT, so that its text stays small. */
const insertRowsMax = 500;

export class CatalogEmulation {
  readonly sessions: SessionDirectory = new Map();
  readonly memos: CatalogMemos;
  readonly #instance: Database;
  readonly #connection: Connection;
  #database = "";
  #project: ProjectCatalog = { schemas: [], tables: [] };
  #projectWritten = false;
  #enums: EnumTypes = new Map();
  /** OIDs of `#enums` by the text of their type. */
  #enumOids: ReadonlyMap<string, number> = new Map();
  /** Keys of the objects that exist, with the clock at which each was made. */
  readonly #present = new Map<string, number>();
  #background: Promise<void> | null = null;
  #queue: Promise<unknown> = Promise.resolve();
  /** Whose queries' objects exist. */
  readonly #readable = new Set<CatalogMemo>();
  /** What definitions of the workspace's own objects need, which statements name without a word of the catalog. */
  readonly #neededByDefinitions = new Map<string, CatalogMemo>();
  #sharedReaders = 0;

  private constructor(instance: Database, connection: Connection) {
    this.#instance = instance;
    this.memos = new CatalogMemos(() => this.#database, (username) => this.#openShared(username));
    this.#connection = connection;
  }

  /** Attaches the empty database. `adopt` says of which workspace it is. */
  static async open(instance: Database): Promise<CatalogEmulation> {
    const connection = await duckdb.connect(instance);
    const emulation = new CatalogEmulation(instance, connection);
    const { sessions, memos } = emulation;
    for (
      const definition of [
        ...sessionFunctions(sessions),
        ...lookupFunctionsOf(sessions, memos, () => emulation.#database),
        enumOidFunction(emulation),
        ...javaScriptFunctions,
      ]
    ) {
      registerScalarFunction(connection, definition);
    }
    registerMemoTableFunction(connection, rowsMemos(), (processId, key) => memos.rowsOf(processId, key));
    // A macro is bound when it is made, and finds these by name.
    await identify(connection, { username: "", database: "", backendProcessId: 0, version: "" });
    await run(connection, [`ATTACH ':memory:' AS ${catalogDatabase}`, ...baseStatements].join(";\n"));
    return emulation;
  }

  /** Once, before any session. `database` is the workspace's own. */
  async adopt(database: string, project: ProjectCatalog): Promise<void> {
    this.#database = database;
    this.setProject(project);
    await run(
      this.#connection,
      `INSERT INTO ${stateTablePath("workspace")} VALUES (${quoteLiteral(database)}, now())`,
    );
  }

  /** Makes the macros and views that SQL text names, with what they need. */
  async install(text: string): Promise<void> {
    const wanted = () => objectsFor(text, this.#present);
    if (wanted().length > 0) await this.#exclusive(() => this.#create(wanted()));
  }

  /** Makes everything; some objects at a time, so that nobody waits long behind it. */
  async installAll(): Promise<void> {
    for (;;) {
      const missing = allObjects(this.#present).slice(0, objectsAtOnce);
      if (missing.length === 0) return;
      await this.#exclusive(() => this.#create(missing.filter((object) => !this.#present.has(object.key))));
    }
  }

  /** Begins to make everything, behind what others ask for. */
  installSoon(): void {
    this.#background ??= this.installAll().catch(() => {
      this.#background = null;
    });
  }

  /** Grows with every object made. A transaction sees those that were made before its first use of the database. */
  get clock(): number {
    return this.#present.size;
  }

  /** The clock at which the last of the objects was made that SQL text needs. */
  clockOf(text: string): number {
    return Math.max(0, ...objectsFor(text, none).map((object) => this.#present.get(object.key) ?? Infinity));
  }

  /** The analyst's enums as the next statement sees them. */
  showEnums(enums: EnumTypes): void {
    if (enums === this.#enums) return;
    this.#enums = enums;
    this.#enumOids = enumOidsByText(enums);
  }

  /** Of an enum or a list of enums, by what DuckDB calls the type; null when no one type is meant. */
  enumOid(type: string): number | null {
    return this.#enumOids.get(type) ?? null;
  }

  /** The project's tables have changed; they are written when somebody asks. */
  setProject(project: ProjectCatalog): void {
    this.#project = project;
    this.#projectWritten = false;
    this.memos.changed("routines");
  }

  /** What the workspace's own definitions use is kept ready for every statement from now on: it may name them. */
  noteDefinitions(text: string): void {
    for (const memo of memosFor(text)) this.#neededByDefinitions.set(memo.key, memo);
  }

  /** Reads what the statement is about to look into. Call before it is prepared and before it is started, after `refresh`. */
  async ensureMemos(text: string, reader: Omit<MemoReader, "username">): Promise<void> {
    const needed = text.includes(catalogDatabase) ? memosFor(text) : [];
    const defined = this.#neededByDefinitions;
    if (needed.length === 0 && defined.size === 0) return;
    if (!this.#projectWritten) await this.#exclusive(() => this.#writeProject());
    const all = defined.size === 0 ? needed : [...new Set([...defined.values(), ...needed])];
    const unread = all.filter((memo) => !this.#readable.has(memo));
    if (unread.length > 0) {
      await this.install(unread.flatMap(sqlOf).join("\n"));
      for (const memo of unread) this.#readable.add(memo);
    }
    const username = this.sessions.get(reader.processId)?.username ?? "";
    await this.memos.ensure(all, { ...reader, username });
  }

  /** Sees what the user's sessions see, but for what is one session's alone. */
  async #openShared(username: string): Promise<SharedReader> {
    const connection = await duckdb.connect(this.#instance);
    // No session has a negative number.
    const processId = -(++this.#sharedReaders);
    await identify(connection, { username, database: this.#database, backendProcessId: processId, version: "" });
    return { connection, processId, close: () => duckdb.disconnect_sync(connection) };
  }

  /**
   * Writes what the statement is about to read. Call before it is prepared and before it is started, after its objects were made.
   */
  async refresh(translation: Translation, backendProcessId: number): Promise<void> {
    if (!this.#projectWritten) await this.#exclusive(() => this.#writeProject());
    const { relations } = translation;
    if (relations.size === 0) return;
    const names = (list: readonly string[]) => list.some((name) => relations.has(name));
    const session = this.sessions.get(backendProcessId);
    const writes: string[] = [];
    if (names(activityRelations)) writes.push(...this.#activity());
    if (session !== undefined && names(settingRelations)) writes.push(...settingRows(session));
    if (session !== undefined && relations.has("pg_prepared_statements")) writes.push(...preparedRows(session));
    if (session !== undefined && relations.has("pg_cursors")) writes.push(...cursorRows(session));
    if (writes.length > 0) await this.#exclusive(() => this.#transaction(writes));
    if (relations.has("table_sizes")) await this.#exclusive(() => this.#writeTableSizes());
  }

  /** Waits for what is under way. */
  async close(): Promise<void> {
    await this.#exclusive(() => Promise.resolve());
    await this.memos.close();
    duckdb.disconnect_sync(this.#connection);
  }

  async #create(objects: readonly CatalogObject[]): Promise<void> {
    if (objects.length === 0) return;
    await this.#transaction(objects.map((object) => object.sql));
    for (const object of objects) this.#present.set(object.key, this.#present.size + 1);
  }

  async #writeProject(): Promise<void> {
    if (this.#projectWritten) return;
    const { schemas, tables } = this.#project;
    this.#projectWritten = true;
    try {
      await this.#transaction([
        ...replaceRows(
          "project_schemas",
          [...new Set([...schemas, ...tables.map((table) => table.schema)])].map((schema) => [text(schema)]),
        ),
        ...replaceRows(
          "project_tables",
          tables.map((table) => [text(table.schema), text(table.name), String(table.rows), String(table.size_bytes)]),
        ),
        ...replaceRows(
          "project_columns",
          tables.flatMap((table) =>
            table.columns.map((column, index) => {
              const keyPosition = table.primary_key.indexOf(column.name) + 1;
              return [
                text(table.schema),
                text(table.name),
                text(column.name),
                String(index + 1),
                text(column.type),
                String(column.nullable),
                keyPosition === 0 ? "NULL" : String(keyPosition),
              ];
            })
          ),
        ),
      ]);
    } catch (error) {
      this.#projectWritten = false;
      throw error;
    }
  }

  async #writeTableSizes(): Promise<void> {
    const tables = await rows(
      this.#connection,
      `SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name=${quoteLiteral(this.#database)}`,
    );
    const values: string[][] = [];
    for (const [schemaValue, tableValue] of tables) {
      const [schema, table] = [String(schemaValue), String(tableValue)];
      const path = [this.#database, schema, table].map(quoteIdentifier).join(".");
      values.push([text(schema === "main" ? "public" : schema), text(table), `(${tableSizeQuery(path)})`]);
    }
    await this.#transaction(replaceRows("table_sizes", values));
  }

  #activity(): string[] {
    const rows = [...this.sessions.values()].map((session) => {
      const activity = session.activity();
      return [
        String(session.backendProcessId),
        text(activity.username),
        text(activity.applicationName),
        text(activity.clientAddress),
        String(activity.clientPort),
        time(activity.backendStartMs),
        time(activity.transactionStartMs),
        time(activity.queryStartMs),
        time(activity.stateChangeMs),
        text(activity.state),
        text(activity.query),
        String(activity.tls !== null),
        nullableText(activity.tls?.version ?? null),
        nullableText(activity.tls?.cipher ?? null),
      ];
    });
    return replaceRows("sessions", rows);
  }

  async #transaction(statements: readonly string[]): Promise<void> {
    try {
      await run(this.#connection, ["BEGIN", ...statements, "COMMIT"].join(";\n"));
    } catch (error) {
      await run(this.#connection, "ROLLBACK").catch(() => undefined);
      throw error;
    }
  }

  #exclusive<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(work, work);
    this.#queue = result.catch(() => undefined);
    return result;
  }
}

function enumOidFunction(emulation: CatalogEmulation): JavaScriptFunction {
  return {
    kind: "javascript",
    name: "__eider_enum_oid",
    parameters: ["VARCHAR"],
    returns: "BIGINT",
    volatile: true,
    call: (type: string) => emulation.enumOid(type),
  };
}

function settingRows(session: SessionAccess): string[] {
  const processId = String(session.backendProcessId);
  return replaceRows(
    "settings",
    session.settings().map((row) => [
      processId,
      text(row.name),
      text(row.setting),
      text(row.description),
      text(row.bootValue),
      text(row.resetValue),
    ]),
    `pid=${processId}`,
  );
}

function preparedRows(session: SessionAccess): string[] {
  const processId = String(session.backendProcessId);
  return replaceRows(
    "prepared_statements",
    session.preparedStatements().map((row) => [
      processId,
      text(row.name),
      text(row.statement),
      time(row.prepareTimeMs),
      `[${row.parameterOids.join()}]::UINTEGER[]`,
      String(row.fromSql),
    ]),
    `pid=${processId}`,
  );
}

function cursorRows(session: SessionAccess): string[] {
  const processId = String(session.backendProcessId);
  return replaceRows(
    "cursors",
    session.cursors().map((row) => [
      processId,
      text(row.name),
      text(row.statement),
      String(row.isHoldable),
      String(row.isBinary),
      String(row.isScrollable),
      time(row.creationTimeMs),
    ]),
    `pid=${processId}`,
  );
}

/** Statements after which the table has these rows of SQL expressions in place of those that fulfil `condition`. */
function replaceRows(table: string, rows: readonly (readonly string[])[], condition = "true"): string[] {
  const path = stateTablePath(table);
  const statements = [`DELETE FROM ${path} WHERE ${condition}`];
  for (let from = 0; from < rows.length; from += insertRowsMax) {
    const values = rows.slice(from, from + insertRowsMax).map((row) => `(${row.join(",")})`);
    statements.push(`INSERT INTO ${path} VALUES ${values.join(",")}`);
  }
  return statements;
}

function text(value: string): string {
  return quoteLiteral(value.replaceAll("\0", ""));
}

function nullableText(value: string | null): string {
  return value === null ? "NULL" : text(value);
}

function time(milliseconds: number | null): string {
  return milliseconds === null ? "NULL" : `make_timestamptz(${Math.round(milliseconds * 1000)})`;
}
