/**
 * The project's tables inside a workspace's DuckDB instance: database `project`, one schema a bucket, one view a table.
 *
 * Attaching a version file costs about 0.6 ms, so a worker opens with placeholders of the right columns (0.2 ms each), attaches
 * what a statement names before it runs. 1,000 attached files cost 280 MB; unused ones cost nothing. A placeholder that is
 * read all the same raises an error; it never answers with no rows. `docs/adr/0002-attach-on-demand.md` has the figures.
 *
 * Invariant: a table's view points at its placeholder or at an attached alias, and an alias is detached only when no
 * statement or transaction that began before it was replaced is still open.
 */
import type { CatalogTable, ProjectCatalog } from "../ipc/messages.ts";
import { type Connection, quoteIdentifier, quoteLiteral, run } from "./duckdb.ts";
import { notAttachedMarker } from "./engine_error.ts";

export const projectDatabase = "project";
/**
 * DuckDB takes the snapshot of each database at its first use in a transaction. Reading this view at the begin takes that of
 * `project`, so that the whole transaction sees one version of every table.
 */
const snapshotView = `${projectDatabase}.main.eider_snapshot`;
export const pinSnapshotStatement = `SELECT pinned FROM ${snapshotView} LIMIT 0`;

interface Entry {
  readonly table: CatalogTable;
  readonly alias: string;
  attached: boolean;
}

interface Obsolete {
  readonly alias: string;
  readonly since: number;
}

export class ProjectTables {
  readonly #connection: Connection;
  readonly #warn: (message: string) => void;
  readonly #entries = new Map<string, Entry>();
  /** Names by lower-case word, for the scan of a statement's text. */
  #byName = new Map<string, Entry[]>();
  #unattachedCount = 0;
  #schemas = new Set<string>();
  #aliasNumbers = new Map<string, number>();
  #obsolete: Obsolete[] = [];
  #lock: Promise<unknown> = Promise.resolve();
  #clock = 0;

  constructor(connection: Connection, warn: (message: string) => void) {
    this.#connection = connection;
    this.#warn = warn;
  }

  /** The buckets' schemas; another object whenever they have changed. */
  get schemas(): ReadonlySet<string> {
    return this.#schemas;
  }

  has(schema: string, name: string): boolean {
    return this.#entries.has(keyOf(schema, name));
  }

  /** Whether any bucket has a table of this name. */
  hasName(name: string): boolean {
    return this.#byName.has(name.toLowerCase());
  }

  get(schema: string, name: string): CatalogTable | undefined {
    return this.#entries.get(keyOf(schema, name))?.table;
  }

  /** A number that grows with every replaced view; a transaction notes it when it begins (`sweep`). */
  get epoch(): number {
    return this.#clock;
  }

  /** Creates database, schemas and placeholders. Call once, before any session. */
  async open(catalog: ProjectCatalog): Promise<void> {
    await run(
      this.#connection,
      `ATTACH ':memory:' AS ${projectDatabase}; CREATE VIEW ${snapshotView} AS SELECT 1 AS pinned`,
    );
    await this.refresh(catalog);
  }

  /** Makes the views those of `catalog`: new tables, new versions, dropped tables and schemas. */
  refresh(catalog: ProjectCatalog): Promise<void> {
    return this.#exclusive(async () => {
      const statements: string[] = [];
      const wanted = new Map(catalog.tables.map((table) => [keyOf(table.schema, table.name), table]));
      const schemas = new Set([...catalog.schemas, ...catalog.tables.map((table) => table.schema)]);
      for (const schema of schemas) {
        if (!this.#schemas.has(schema)) {
          statements.push(`CREATE SCHEMA IF NOT EXISTS ${projectDatabase}.${quoteIdentifier(schema)}`);
        }
      }
      const next = new Map<string, Entry>();
      const gone: Entry[] = [];
      for (const [key, entry] of this.#entries) {
        const table = wanted.get(key);
        if (table !== undefined && sameFile(table, entry.table)) {
          next.set(key, entry);
          continue;
        }
        gone.push(entry);
        if (table === undefined) statements.push(`DROP VIEW IF EXISTS ${viewName(entry.table)}`);
      }
      for (const [key, table] of wanted) {
        if (next.has(key)) continue;
        const entry = { table, alias: this.#newAlias(table), attached: false };
        next.set(key, entry);
        // A table that was attached never goes back to its placeholder: a statement that has just looked relies on it.
        if (this.#entries.get(key)?.attached === true) entry.attached = await this.#tryAttachFile(entry);
        statements.push(entry.attached ? view(entry) : placeholder(table));
      }
      for (const schema of this.#schemas) {
        if (!schemas.has(schema)) {
          statements.push(`DROP SCHEMA IF EXISTS ${projectDatabase}.${quoteIdentifier(schema)} CASCADE`);
        }
      }
      if (statements.length > 0) await run(this.#connection, `BEGIN; ${statements.join("; ")}; COMMIT`);
      this.#clock++;
      this.#entries.clear();
      for (const [key, entry] of next) this.#entries.set(key, entry);
      if (!sameNames(this.#schemas, schemas)) this.#schemas = schemas;
      for (const entry of gone) {
        if (entry.attached) this.#obsolete.push({ alias: entry.alias, since: this.#clock });
      }
      this.#reindex();
    });
  }

  /** Changes whenever tables were attached. */
  get attachedCount(): number {
    return this.#entries.size - this.#unattachedCount;
  }

  /** True when every table is attached, so that no statement needs to be scanned. */
  get complete(): boolean {
    return this.#unattachedCount === 0;
  }

  /** Attaches the tables whose names appear anywhere in the text; more than needed does no harm. */
  async attachNamedIn(text: string): Promise<void> {
    if (this.complete) return;
    const found = new Set<Entry>();
    const lower = text.toLowerCase();
    // With a bound: over a word of millions of letters (a string's, say) the unbounded pattern overflows the stack.
    for (const [word] of lower.matchAll(/[\p{L}_][\p{L}\p{N}_$]{0,255}/gu)) {
      for (const entry of this.#byName.get(word) ?? []) if (!entry.attached) found.add(entry);
    }
    for (const [name, entries] of this.#byName) {
      if (/^[\p{L}_][\p{L}\p{N}_$]*$/u.test(name) || !lower.includes(name)) continue;
      for (const entry of entries) if (!entry.attached) found.add(entry);
    }
    if (found.size > 0) await this.#exclusive(() => this.#attach([...found]));
  }

  /** Attaches everything that is left. A transaction that writes needs it: a later attachment would not be visible in it. */
  attachAll(): Promise<void> {
    return this.#exclusive(() => this.#attach([...this.#entries.values()].filter((entry) => !entry.attached)));
  }

  /** Detaches aliases replaced before `oldestOpenEpoch`, the epoch of the oldest open transaction (Infinity when none). */
  sweep(oldestOpenEpoch: number): Promise<void> {
    if (this.#obsolete.length === 0) return Promise.resolve();
    return this.#exclusive(async () => {
      const removable = this.#obsolete.filter((item) => item.since <= oldestOpenEpoch);
      this.#obsolete = this.#obsolete.filter((item) => item.since > oldestOpenEpoch);
      for (const { alias } of removable) {
        try {
          await run(this.#connection, `DETACH ${alias}`);
        } catch (error) {
          this.#warn(`cannot detach ${alias}: ${String(error)}`);
        }
      }
    });
  }

  async #attach(entries: readonly Entry[]): Promise<void> {
    const open = entries.filter((entry) =>
      !entry.attached && this.#entries.get(keyOf(entry.table.schema, entry.table.name)) === entry
    );
    if (open.length === 0) return;
    try {
      await run(this.#connection, open.map(attachment).join("; "));
      for (const entry of open) this.#attached(entry);
    } catch (error) {
      if (open.length === 1) throw error;
      // One broken file must not take the others with it.
      for (const entry of open) {
        try {
          await run(this.#connection, attachment(entry));
          this.#attached(entry);
        } catch (single) {
          this.#warn(`cannot attach ${entry.table.schema}.${entry.table.name}: ${String(single)}`);
        }
      }
    }
  }

  async #tryAttachFile(entry: Entry): Promise<boolean> {
    try {
      await run(this.#connection, attachFile(entry));
      return true;
    } catch (error) {
      this.#warn(`cannot attach ${entry.table.schema}.${entry.table.name}: ${String(error)}`);
      return false;
    }
  }

  #attached(entry: Entry): void {
    entry.attached = true;
    this.#unattachedCount--;
  }

  #newAlias(table: CatalogTable): string {
    const key = keyOf(table.schema, table.name);
    const number = this.#aliasNumbers.get(key) ?? this.#aliasNumbers.size + 1;
    this.#aliasNumbers.set(key, number);
    // The clock keeps a version that comes back (restore) apart from its earlier, perhaps still open, attachment.
    return `__t${number}_v${table.version}${this.#clock === 0 ? "" : `_${this.#clock}`}`;
  }

  #reindex(): void {
    this.#byName = new Map();
    this.#unattachedCount = 0;
    for (const entry of this.#entries.values()) {
      const name = entry.table.name.toLowerCase();
      const list = this.#byName.get(name);
      if (list === undefined) this.#byName.set(name, [entry]);
      else list.push(entry);
      if (!entry.attached) this.#unattachedCount++;
    }
  }

  #exclusive<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#lock.then(work, work);
    this.#lock = result.catch(() => undefined);
    return result;
  }
}

function keyOf(schema: string, name: string): string {
  return `${schema.toLowerCase()}\u0000${name.toLowerCase()}`;
}

function sameFile(a: CatalogTable, b: CatalogTable): boolean {
  return a.file_path === b.file_path && a.version === b.version;
}

function sameNames(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && [...a].every((name) => b.has(name));
}

function viewName(table: CatalogTable): string {
  return `${projectDatabase}.${quoteIdentifier(table.schema)}.${quoteIdentifier(table.name)}`;
}

function placeholder(table: CatalogTable): string {
  const columns = table.columns.map((column) => `NULL::${column.type} AS ${quoteIdentifier(column.name)}`).join(", ");
  return `CREATE OR REPLACE VIEW ${viewName(table)} AS SELECT ${columns} WHERE error(${
    quoteLiteral(notAttachedMarker)
  })`;
}

function attachFile(entry: Entry): string {
  return `ATTACH IF NOT EXISTS ${quoteLiteral(entry.table.file_path)} AS ${entry.alias} (READ_ONLY)`;
}

function view(entry: Entry): string {
  return `CREATE OR REPLACE VIEW ${viewName(entry.table)} AS SELECT * FROM ${entry.alias}.main.data`;
}

function attachment(entry: Entry): string {
  return `${attachFile(entry)}; ${view(entry)}`;
}
