/**
 * One workspace's DuckDB instance: opens the workspace file under the database's own name, the project's tables beside it,
 * closes the doors to files and settings, and hands out connections for sessions.
 *
 * Assumes that this process is the only one with the workspace file (DuckDB's file lock refuses a second) and that
 * there is one `WorkspaceEngine` in it. Session statements pass `sql/policy` before they come here; the settings
 * made in `open` stand behind that policy.
 */
import { dirname } from "node:path";
import duckdb, { type Database } from "@duckdb/node-bindings";
import { AppError } from "../errors/app_error.ts";
import type {
  ChangeableLimits,
  LaunchSpec,
  LimitsApplied,
  Loaded,
  LoadItem,
  ProjectCatalog,
  WorkspaceDescription,
} from "../ipc/messages.ts";
import { WritePause } from "../ipc/write_pause.ts";
import { ownershipQuery } from "../sql/translate/rewrite/statements/mod.ts";
import type { CatalogEmulation } from "./catalog_emulation.ts";
import { type Connection, quoteIdentifier, quoteLiteral, rows, run } from "./duckdb.ts";
import { type EnumTypes, readEnumTypes } from "./enum_types.ts";
import { isInterrupt, translateEngineError } from "./engine_error.ts";
import { setEngineLimits, setMemoryLimit } from "./limits.ts";
import { Lookups } from "./lookups.ts";
import { attachWorkspace, openingSettings } from "./opening.ts";
import { registerRowFunction, type RowFeeds } from "./load/row_feed.ts";
import { openInstance, type PreparedInstance } from "./prepared_instance.ts";
import { projectDatabase, ProjectTables } from "./project_tables.ts";
import { countedBytes, mayHaveUncountedRoom, nearLimitShare, sizeOnDisk, usedBytes } from "./workspace_size.ts";

/**
 * Statements that may be inside DuckDB at once. With about 30 running, DuckDB's own queue began and could not be interrupted
 * (measured); below it there is room for the control connection.
 */
export const runningStatementsMax = 24;

/** How often a growing file is looked at: some hundred megabytes at most are written in between. */
const growthCheckMs = 200;

export type CheckFilter = (sql: string) => void;
type WorkspaceObject = WorkspaceDescription["objects"][number];

export class WorkspaceEngine {
  readonly spec: LaunchSpec;
  readonly projectTables: ProjectTables;
  readonly catalog: CatalogEmulation;
  readonly lookups: Lookups;
  /** What COPY is about to insert, for the table function that is there from the start: an open transaction sees no later one. */
  readonly rowFeeds: RowFeeds = new Map();
  /** Whoever writes asks here first. */
  readonly writes = new WritePause();
  readonly #instance: Database;
  readonly #control: Connection;
  readonly #openEpochs = new Map<Connection, number>();
  /**
   * Grows whenever a name may mean another object than before. DuckDB binds a prepared statement again when an object that it
   * reads has changed, but not when a new object now hides that one; so whoever keeps statements drops them.
   */
  definitionEpoch = 0;
  /** Committed schemas of the workspace besides main, in lower case; another object whenever they have changed. */
  ownSchemas: ReadonlySet<string> = new Set();
  #enums: { readonly epoch: number; readonly types: EnumTypes } | null = null;
  #controlQueue: Promise<unknown> = Promise.resolve();
  #sizeBytesMax: number;
  /** DuckDB's memory limit. */
  #memoryBytes: number;

  private constructor(
    spec: LaunchSpec,
    instance: Database,
    control: Connection,
    projectTables: ProjectTables,
    catalog: CatalogEmulation,
    lookups: Lookups,
  ) {
    this.spec = spec;
    this.catalog = catalog;
    this.lookups = lookups;
    this.#instance = instance;
    this.#control = control;
    this.projectTables = projectTables;
    this.#sizeBytesMax = spec.size_bytes_max;
    this.#memoryBytes = spec.memory_bytes_max;
  }

  /** Opens the workspace, in an instance that is nobody else's; throws an `AppError` when its file or a setting is refused. */
  static async open(
    spec: LaunchSpec,
    warn: (message: string) => void,
    prepared?: PreparedInstance,
  ): Promise<WorkspaceEngine> {
    try {
      const { instance, catalog } = prepared ?? await openInstance();
      const control = await duckdb.connect(instance);
      await Deno.mkdir(spec.temp_directory, { recursive: true });
      await Deno.mkdir(dirname(spec.file_path), { recursive: true });
      await run(control, openingSettings(spec));
      // Before the workspace's file: its log may name functions of ours.
      await catalog.adopt(spec.database, spec.catalog);
      await attachWorkspace(control, catalog, spec);
      const projectTables = new ProjectTables(control, warn);
      await projectTables.open(spec.catalog);
      await run(control, "SET GLOBAL enable_external_access=false");
      const lookups = await Lookups.open(instance, spec.database);
      const engine = new WorkspaceEngine(spec, instance, control, projectTables, catalog, lookups);
      registerRowFunction(control, engine.rowFeeds);
      await engine.setSearchPath(control, ["main"]);
      await engine.#prepareViews();
      await engine.readOwnSchemas();
      await engine.#restoreOwnership();
      return engine;
    } catch (error) {
      throw translateEngineError(error);
    }
  }

  /** A connection, with the workspace's `main` schema in its search path. */
  async connect(): Promise<Connection> {
    const connection = await duckdb.connect(this.#instance);
    await this.setSearchPath(connection, ["main"]);
    return connection;
  }

  /**
   * Sets a connection's search path to the given schemas, own or buckets, and after them all buckets: DuckDB finds
   * `bucket.table` in another database only when `database.bucket` stands in the search path.
   */
  async setSearchPath(connection: Connection, schemas: readonly string[]): Promise<void> {
    const buckets = this.projectTables.schemas;
    const named = schemas.map((schema) =>
      `${buckets.has(schema) ? projectDatabase : quoteIdentifier(this.spec.database)}.${quoteIdentifier(schema)}`
    );
    const rest = [...buckets].filter((schema) => !schemas.includes(schema))
      .map((schema) => `${projectDatabase}.${quoteIdentifier(schema)}`);
    await run(connection, `SET search_path=${quoteLiteral([...named, ...rest].join(","))}`);
  }

  /** Reads `ownSchemas` anew; call when a change of schemas is committed. */
  async readOwnSchemas(): Promise<void> {
    const found = await this.lookups.rows(
      `SELECT lower(schema_name) FROM duckdb_schemas() WHERE database_name=${quoteLiteral(this.spec.database)}
       AND NOT internal AND schema_name<>'main'`,
    );
    this.ownSchemas = new Set(found.map(([name]) => String(name)));
  }

  /** The committed enum types. */
  async enumTypes(): Promise<EnumTypes> {
    if (this.#enums?.epoch !== this.definitionEpoch) {
      const epoch = this.definitionEpoch;
      this.#enums = { epoch, types: await readEnumTypes(this.lookups, this.spec.database) };
    }
    return this.#enums.types;
  }

  disconnect(connection: Connection): void {
    this.#openEpochs.delete(connection);
    duckdb.disconnect_sync(connection);
  }

  /** Notes that the connection reads tables as of now, until `ended`. */
  began(connection: Connection): void {
    if (!this.#openEpochs.has(connection)) this.#openEpochs.set(connection, this.projectTables.epoch);
  }

  /** The catalog's epoch that the connection's open statement or transaction began with; undefined when none is open. */
  epochOf(connection: Connection): number | undefined {
    return this.#openEpochs.get(connection);
  }

  /** Equal numbers mean the same versions of the project's tables, as what the connection runs next sees them. */
  tablesEpochFor(connection: Connection): number {
    return this.#openEpochs.get(connection) ?? this.projectTables.epoch;
  }

  /** The connection's statement or transaction is over: old table versions may go. */
  ended(connection: Connection): void {
    this.#openEpochs.delete(connection);
    this.#sweep();
  }

  async refreshCatalog(catalog: ProjectCatalog): Promise<void> {
    await this.projectTables.refresh(catalog);
    this.catalog.setProject(catalog);
    this.definitionEpoch++;
    this.#sweep();
    if (!this.projectTables.complete) await this.projectTables.attachNamedIn(await this.#viewDefinitions());
  }

  /** Takes new limits while statements run. */
  updateLimits(limits: ChangeableLimits): Promise<LimitsApplied> {
    this.#sizeBytesMax = limits.size_bytes_max ?? this.#sizeBytesMax;
    return this.#exclusive(async () => {
      await setEngineLimits(this.#control, limits);
      const bytes = limits.memory_bytes_max;
      if (bytes !== undefined) this.#memoryBytes = await setMemoryLimit(this.#control, bytes, this.#memoryBytes);
      return { memory_bytes_max: this.#memoryBytes };
    });
  }

  /** Bytes of the workspace's file and its write-ahead log. */
  sizeBytes(): Promise<number> {
    return sizeOnDisk(this.spec.file_path);
  }

  /** Throws `workspace_size_exceeded` when the workspace is at its limit; asked before a statement that adds data. */
  async checkRoomToWrite(): Promise<void> {
    if (await this.sizeBytes() < this.#sizeBytesMax) return;
    const used = await this.#exclusive(() => this.#usedBytes());
    if (used >= this.#sizeBytesMax) throw this.#full(used);
  }

  async #usedBytes(): Promise<number> {
    await this.#checkpoint();
    return await usedBytes(this.#control, this.spec.database);
  }

  /** What counts against the limit: the file's size, and near the limit without the free blocks that dropped tables left. */
  async #countedBytes(): Promise<number> {
    const sizeBytes = await this.sizeBytes();
    if (sizeBytes < nearLimitShare * this.#sizeBytesMax || !mayHaveUncountedRoom(sizeBytes)) return sizeBytes;
    const used = await this.#usedBytes();
    return countedBytes(await this.sizeBytes(), used);
  }

  /**
   * Looks at the file while a statement adds data, and calls back when it has grown over the limit, so that one statement
   * cannot go far beyond it. Gives a function that ends the watch. A file that is larger already, with free blocks
   * from dropped tables in it, may be filled but not grow.
   */
  watchGrowth(exceeded: (error: AppError) => void): () => void {
    let allowedBytes: number | null = null;
    const look = async () => {
      const sizeBytes = await this.sizeBytes().catch(() => 0);
      allowedBytes ??= Math.max(sizeBytes, this.#sizeBytesMax);
      if (sizeBytes > Math.max(allowedBytes, this.#sizeBytesMax)) exceeded(this.#full(sizeBytes));
    };
    void look();
    const timer = setInterval(() => void look(), growthCheckMs);
    return () => clearInterval(timer);
  }

  #full(usedBytes: number): AppError {
    return new AppError(
      "workspace_size_exceeded",
      `workspace ${this.spec.workspace_id} is full: ${usedBytes} bytes used of ${this.#sizeBytesMax}`,
      { hint: "Drop tables that are no longer needed, or have size_limit_gb raised (PATCH of the workspace)." },
    );
  }

  describe(): Promise<WorkspaceDescription> {
    return this.#exclusive(async () => ({
      size_bytes: await this.#countedBytes(),
      memory_bytes: Deno.memoryUsage().rss,
      objects: await this.#objects(),
    }));
  }

  /**
   * Copies project tables into the workspace, all of them or none. `checkFilter` applies the statement policy to each
   * composed SELECT, since `where` is the caller's SQL.
   */
  async load(items: readonly LoadItem[], checkFilter: CheckFilter): Promise<Loaded> {
    await this.writes.allowed();
    await this.checkRoomToWrite();
    return await this.#exclusive(async () => {
      const selects = items.map((item) => this.#selectFor(item));
      selects.forEach((sql) => checkFilter(sql));
      for (const item of items) await this.projectTables.attachNamedIn(item.table);
      const existing = new Set((await this.#objects()).map((object) => object.name.toLowerCase()));
      for (const item of items) {
        if (existing.has(item.destination.toLowerCase())) {
          throw new AppError("duplicate_table", `cannot load ${item.source}: "${item.destination}" already exists`, {
            hint: "Name another destination, or drop the object first.",
          });
        }
        existing.add(item.destination.toLowerCase());
      }
      const connection = await this.connect();
      const loaded: Loaded["loaded"] = [];
      let current = "";
      try {
        this.began(connection);
        await run(connection, "BEGIN");
        for (const [index, item] of items.entries()) {
          current = selects[index] ?? "";
          const before = await this.sizeBytes();
          const target = `${quoteIdentifier(this.spec.database)}.main.${quoteIdentifier(item.destination)}`;
          await run(connection, `CREATE TABLE ${target} AS ${current}`);
          const count = await rows(connection, `SELECT count(*) FROM ${target}`);
          const size = Math.max(0, await this.sizeBytes() - before);
          loaded.push({
            source: item.source,
            destination: item.destination,
            rows: Number(count[0]?.[0]),
            size_bytes: size,
          });
        }
        await run(connection, "COMMIT");
      } catch (error) {
        await run(connection, "ROLLBACK").catch(() => undefined);
        throw translateEngineError(error, current);
      } finally {
        this.catalog.memos.changed("routines");
        this.ended(connection);
        this.disconnect(connection);
      }
      await this.#checkpoint();
      const tableSizes = await this.#tableSizes();
      return {
        loaded: loaded.map((item) => ({ ...item, size_bytes: tableSizes.get(item.destination) ?? item.size_bytes })),
        workspace_size_bytes: await this.sizeBytes(),
      };
    });
  }

  /** Drops everything that the analyst made, in one transaction. */
  clear(): Promise<{ dropped: number }> {
    return this.#exclusive(async () => {
      const database = quoteIdentifier(this.spec.database);
      const literal = quoteLiteral(this.spec.database);
      const objects = await this.#objects();
      const schemas = await rows(
        this.#control,
        `SELECT schema_name FROM duckdb_schemas() WHERE database_name=${literal} AND NOT internal AND schema_name<>'main'`,
      );
      const others = await rows(
        this.#control,
        `SELECT 'SEQUENCE', sequence_name FROM duckdb_sequences() WHERE database_name=${literal} AND schema_name='main'
         UNION ALL SELECT DISTINCT CASE function_type WHEN 'table_macro' THEN 'MACRO TABLE' ELSE 'MACRO' END, function_name
           FROM duckdb_functions() WHERE database_name=${literal} AND schema_name='main' AND NOT internal
         UNION ALL SELECT 'TYPE', type_name FROM duckdb_types() WHERE database_name=${literal} AND schema_name='main' AND NOT internal`,
      );
      const ordered = [...objects].sort((a, b) => Number(a.type === "table") - Number(b.type === "table"));
      const statements = [
        ...schemas.map(([name]) => `DROP SCHEMA ${database}.${quoteIdentifier(String(name))} CASCADE`),
        ...ordered.filter((object) => !object.name.includes(".")).map((object) =>
          `DROP ${object.type === "view" ? "VIEW" : "TABLE"} ${database}.main.${quoteIdentifier(object.name)}`
        ),
        ...others.map(([kind, name]) => `DROP ${String(kind)} ${database}.main.${quoteIdentifier(String(name))}`),
      ];
      await this.#transaction(statements);
      await this.readOwnSchemas();
      this.definitionEpoch++;
      await this.#checkpoint();
      return { dropped: objects.length };
    });
  }

  /** Drops one table or view, `name` or `schema.name`; throws `not_found`. */
  dropObject(name: string): Promise<{ dropped: string; type: string }> {
    return this.#exclusive(async () => {
      const object = (await this.#objects()).find((item) => item.name === name);
      if (object === undefined) {
        throw new AppError("not_found", `workspace object not found: "${name}" is no table or view of this workspace`);
      }
      const qualified = object.name.split(".").map(quoteIdentifier).join(".");
      const path = object.name.includes(".") ? qualified : `main.${qualified}`;
      const kind = object.type === "view" ? "VIEW" : "TABLE";
      await this.#transaction([`DROP ${kind} ${quoteIdentifier(this.spec.database)}.${path}`]);
      this.definitionEpoch++;
      await this.#checkpoint();
      return { dropped: object.name, type: object.type };
    });
  }

  /** Writes the log into the file and closes the instance. Sessions must have ended. */
  async close(): Promise<void> {
    await this.#exclusive(() => this.#checkpoint());
    await this.catalog.close();
    await this.lookups.close();
    duckdb.disconnect_sync(this.#control);
    duckdb.close_sync(this.#instance);
  }

  #selectFor(item: LoadItem): string {
    const table = this.projectTables.get(item.schema, item.table);
    if (table === undefined) throw new AppError("not_found", `project table not found: ${item.source}`);
    const columns = item.columns === null ? "*" : item.columns.map(quoteIdentifier).join(", ");
    const filter = item.where === null ? "" : ` WHERE (${item.where}\n)`;
    return `SELECT ${columns} FROM ${quoteIdentifier(item.schema)}.${quoteIdentifier(item.table)}${filter}`;
  }

  async #objects(): Promise<WorkspaceObject[]> {
    const literal = quoteLiteral(this.spec.database);
    const found = await rows(
      this.#control,
      `SELECT schema_name, table_name, 'table' FROM duckdb_tables() WHERE database_name=${literal} AND NOT internal
       UNION ALL SELECT schema_name, view_name, 'view' FROM duckdb_views() WHERE database_name=${literal} AND NOT internal
       ORDER BY 1, 2`,
    );
    const objects: WorkspaceObject[] = [];
    for (const [schemaValue, nameValue, type] of found) {
      const schema = String(schemaValue);
      const name = String(nameValue);
      let count: number | null = null;
      if (type === "table") {
        const path = [this.spec.database, schema, name].map(quoteIdentifier).join(".");
        count = Number((await rows(this.#control, `SELECT count(*) FROM ${path}`))[0]?.[0]);
      }
      objects.push({
        name: schema === "main" ? name : `${schema}.${name}`,
        type: type === "view" ? "view" : "table",
        rows: count,
      });
    }
    return objects;
  }

  /** Stored bytes of each table of `main`, from its blocks. */
  async #tableSizes(): Promise<Map<string, number>> {
    const sizes = new Map<string, number>();
    const literal = quoteLiteral(this.spec.database);
    const names = await rows(
      this.#control,
      `SELECT table_name FROM duckdb_tables() WHERE database_name=${literal} AND schema_name='main'`,
    );
    for (const [name] of names) {
      const path = [this.spec.database, "main", String(name)].map(quoteIdentifier).join(".");
      const counted = await rows(
        this.#control,
        `SELECT count(DISTINCT block_id) FROM pragma_storage_info(${quoteLiteral(path)}) WHERE persistent`,
      );
      sizes.set(String(name), Number(counted[0]?.[0] ?? 0) * 262_144);
    }
    return sizes;
  }

  /**
   * The analyst's own views and macros may use project tables and PostgreSQL's functions without naming them in a later statement:
   * the tables are attached, the functions made.
   */
  async #prepareViews(): Promise<void> {
    const definitions = await this.#viewDefinitions();
    await this.projectTables.attachNamedIn(definitions);
    await this.catalog.install(definitions);
    this.catalog.noteDefinitions(definitions);
  }

  /** Defaults, checks and indexes use functions as views do. */
  async #viewDefinitions(): Promise<string> {
    const literal = quoteLiteral(this.spec.database);
    const definitions = await rows(
      this.#control,
      `SELECT sql FROM duckdb_views() WHERE database_name=${literal} AND NOT internal
       UNION ALL SELECT macro_definition FROM duckdb_functions() WHERE database_name=${literal} AND NOT internal
       UNION ALL SELECT sql FROM duckdb_tables() WHERE database_name=${literal} AND NOT internal
       UNION ALL SELECT sql FROM duckdb_indexes() WHERE database_name=${literal}`,
    );
    return definitions.map(([sql]) => String(sql)).join("\n");
  }

  /** DuckDB forgets with the process which table owns a serial column's sequence. */
  async #restoreOwnership(): Promise<void> {
    for (const [statement] of await rows(this.#control, ownershipQuery(this.spec.database))) {
      await run(this.#control, String(statement));
    }
  }

  async #transaction(statements: readonly string[]): Promise<void> {
    if (statements.length === 0) return;
    try {
      await run(this.#control, "BEGIN");
      for (const statement of statements) await run(this.#control, statement);
      await run(this.#control, "COMMIT");
    } catch (error) {
      await run(this.#control, "ROLLBACK").catch(() => undefined);
      throw translateEngineError(error);
    } finally {
      this.catalog.memos.changed("routines");
    }
  }

  async #checkpoint(): Promise<void> {
    try {
      await run(this.#control, `CHECKPOINT ${quoteIdentifier(this.spec.database)}`);
    } catch (error) {
      // Refused while other transactions run; the log stays and is replayed at the next opening.
      if (isInterrupt(error)) throw error;
    }
  }

  #sweep(): void {
    const oldest = Math.min(Infinity, ...this.#openEpochs.values());
    void this.projectTables.sweep(oldest);
  }

  #exclusive<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#controlQueue.then(work, work);
    this.#controlQueue = result.catch(() => undefined);
    return result;
  }
}
