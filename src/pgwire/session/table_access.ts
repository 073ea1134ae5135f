/**
 * Brings the project tables that a statement names into reach of its connection: attached, visible in its transaction's
 * snapshot, and found through its search path. `docs/adr/0002-attach-on-demand.md` tells why this is needed.
 */
import { type Connection, rows, run } from "../../engine/duckdb.ts";
import { noChanges, type OwnState, withChange } from "../../engine/memo/catalog_memos.ts";
import { isNotAttached } from "../../engine/engine_error.ts";
import { type EnumTypes, readEnumTypes } from "../../engine/enum_types.ts";
import { readTableFacts } from "../../engine/table_facts.ts";
import { isView } from "../../engine/view_names.ts";
import type { EngineColumn } from "../../engine/statement.ts";
import type { WorkspaceEngine } from "../../engine/workspace_engine.ts";
import type { SessionSettings } from "../../sql/settings.ts";
import type { ParsedStatement } from "../../sql/statement.ts";
import { catalogDatabase } from "../../sql/catalog/types.ts";
import { asViewRename } from "../../sql/translate/rename_view.ts";
import { parameterProbe } from "../../sql/translate/parameter_probe.ts";
import type { StagedPlan } from "../../sql/translate/staged/types.ts";
import { type FactsByTable, factsKey, type TableFacts } from "../../sql/translate/table_facts.ts";
import { mayHaveSum, sumProbe, withBigintSums } from "../../sql/translate/typed_sums.ts";
import type { Translation } from "../../sql/translate/types.ts";
import { catalogChange } from "./catalog_changes.ts";
import { ColumnTables, type DescribedColumns } from "./column_tables.ts";
import { shownSchemas } from "./failures.ts";
import type { ExecutorPorts } from "./executor_ports.ts";
import {
  describeEnums,
  integerColumns,
  parameterCountOf,
  prepareTyped,
  type SourceText,
  type TypedStatement,
} from "./parameter_types.ts";
import { relationPlaces } from "./relation_places.ts";
import { prepareStaged, type StagedTypes } from "./staged.ts";
import { changesNames, definesObjects } from "./statement_kinds.ts";
import { shownSchemaName } from "./session_objects.ts";
import type { Transaction } from "./transaction.ts";

/** DuckDB's own lists: its functions, and the statements that are made of them. The emulated catalog is one of the databases. */
const opensEveryDatabase = /\b(?:duckdb|pragma)_\w+\s*\(|^\s*(?:show|pragma|summarize)\b/i;

export class TableAccess {
  readonly #engine: WorkspaceEngine;
  readonly #connection: Connection;
  readonly #settings: SessionSettings;
  readonly #transaction: Transaction;
  /** Moves every running result out of the way, so that the transaction can be begun again. */
  readonly #parkResults: () => Promise<void>;
  readonly #backendProcessId: number;
  readonly #columnTables: ColumnTables;
  /** The buckets that the connection's search path has; another set is another object. */
  #schemas: ReadonlySet<string>;
  #ownSchemas: ReadonlySet<string>;
  /** From then on the session may see objects that no other one sees. */
  #mayHaveTemporary = false;
  #changes = noChanges;

  constructor(
    ports: Pick<ExecutorPorts, "engine" | "connection" | "settings" | "backendProcessId">,
    transaction: Transaction,
    parkResults: () => Promise<void>,
  ) {
    const { engine } = ports;
    this.#engine = engine;
    this.#connection = ports.connection;
    this.#settings = ports.settings;
    this.#backendProcessId = ports.backendProcessId;
    this.#transaction = transaction;
    this.#parkResults = parkResults;
    this.#columnTables = new ColumnTables(engine, ports.connection, ports.settings, transaction.objects);
    this.#schemas = engine.projectTables.schemas;
    this.#ownSchemas = engine.ownSchemas;
  }

  /** Call before a statement is prepared or started; the connection is free. */
  async ensure(parsed: ParsedStatement): Promise<void> {
    const tables = this.#engine.projectTables;
    const transaction = this.#transaction;
    const { objects } = transaction;
    // A transaction that began before tables changed keeps seeing the old ones.
    const mayRenew = () => !transaction.wrote && this.#engine.epochOf(this.#connection) === tables.epoch;
    if (objects.areSchemasOld(this.#engine.ownSchemas) && mayRenew() && !transaction.fixedSnapshot) {
      await this.#renewSnapshot();
    }
    const ownSchemas = objects.withSchemas(this.#engine.ownSchemas);
    if (this.#schemas !== tables.schemas || this.#ownSchemas !== ownSchemas) {
      this.#schemas = tables.schemas;
      this.#ownSchemas = ownSchemas;
      await run(this.#connection, this.#settings.searchPathStatement());
    }
    if (tables.complete) return;
    if (!transaction.open || transaction.wrote) return await tables.attachNamedIn(parsed.text);
    const before = tables.attachedCount;
    if (parsed.writes || transaction.fixedSnapshot) await tables.attachAll();
    else await tables.attachNamedIn(parsed.text);
    if (tables.attachedCount !== before && mayRenew()) await this.#renewSnapshot();
  }

  /**
   * Makes the objects of the emulated catalog that the statement uses, and sees to it that its transaction sees them: that sees what was
   * made before its first use of the catalog. Call before `ensure`, with a free connection.
   */
  async ensureCatalog(parsed: ParsedStatement, translation: Translation): Promise<void> {
    const { catalog } = this.#engine;
    const transaction = this.#transaction;
    const text = translation.texts.join("\n");
    const uses = text.includes(catalogDatabase) || opensEveryDatabase.test(text);
    if (uses && definesObjects.has(parsed.kind)) catalog.noteDefinitions(text);
    // Once something is written the snapshot stays, so it must have everything.
    const keepsSnapshot = transaction.open && (transaction.wrote || parsed.writes || transaction.fixedSnapshot);
    if (uses && keepsSnapshot && transaction.catalogClock === null) await catalog.installAll();
    else if (uses) await catalog.install(text);
    if (transaction.open && transaction.catalogClock !== null && !transaction.wrote && !transaction.fixedSnapshot) {
      if (parsed.writes) await catalog.installAll();
      const needed = parsed.writes ? catalog.clock : uses ? catalog.clockOf(text) : 0;
      if (needed > transaction.catalogClock) await this.#renewSnapshot();
    }
    if (uses) {
      if (transaction.open) {
        transaction.catalogClock ??= catalog.clock;
        // What the transaction will wait for when it writes.
        catalog.installSoon();
      }
      catalog.showEnums(await this.#enumTypes());
      await catalog.refresh(translation, this.#backendProcessId);
    }
    await catalog.ensureMemos(text, {
      processId: this.#backendProcessId,
      connection: this.#connection,
      ownState: this.#ownState(),
    });
  }

  /** Call when a statement that may change something is about to run, after `ensureCatalog`. */
  noteChange(parsed: ParsedStatement): void {
    const change = catalogChange(parsed);
    if (change !== null) this.#changes = withChange(this.#changes, change);
    if (changesNames.has(parsed.kind) && /temp/i.test(parsed.text + this.#settings.show("search_path"))) {
      this.#mayHaveTemporary = true;
    }
  }

  /** null while the session sees what is committed. */
  #ownState(): OwnState | null {
    const { open, wrote, fixedSnapshot, snapshotSerial } = this.#transaction;
    const isOwn = this.#mayHaveTemporary || (open && (wrote || fixedSnapshot));
    return isOwn ? { snapshot: String(snapshotSerial), changes: this.#changes } : null;
  }

  /** Prepares; a table that this transaction's snapshot has only as a placeholder costs it its snapshot. */
  async prepare(
    parsed: ParsedStatement,
    translation: Translation,
    declaredOids: readonly number[],
  ): Promise<TypedStatement> {
    const source = sourceOf(parsed, await this.#viewRename(parsed) ?? translation);
    const parameterCount = parameterCountOf(parsed.text);
    const prepareNow = async () => {
      const typed = await prepareTyped(this.#connection, source, declaredOids, parameterCount);
      return await describeEnums(
        await this.#narrowSums(parsed, translation, typed, declaredOids),
        declaredOids,
        () => this.#enumTypes(),
      );
    };
    try {
      return await prepareNow();
    } catch (error) {
      if (!isNotAttached(error) || !this.#transaction.open || this.#transaction.wrote) throw error;
      await this.#engine.projectTables.attachNamedIn(parsed.text);
      await this.#renewSnapshot();
      return await prepareNow();
    }
  }

  /**
   * The statement with what its translation wants to know, `ofRead` also of the tables that it only reads. The connection is free, `ensure` has
   * been called.
   */
  async withFacts(parsed: ParsedStatement, translation: Translation, ofRead = false): Promise<ParsedStatement> {
    await this.#seeWholeCatalog();
    const columnNames = new Map(parsed.columnNames);
    for (const text of translation.wantedNames ?? []) columnNames.set(text, await this.#columnNames(text));
    return { ...parsed, tableFacts: parsed.tableFacts ?? await this.#tableFacts(parsed, ofRead), columnNames };
  }

  async #tableFacts({ facts: { changes, reads } }: ParsedStatement, ofRead: boolean): Promise<FactsByTable> {
    const facts = new Map<string, TableFacts>();
    const changed = changes.filter(({ mode }) => mode === "rows").map(({ target }) => target);
    for (const { schema, name } of ofRead ? [...changed, ...reads] : changed) {
      const places = relationPlaces(this.#engine, this.#settings, schema, name);
      const found = await readTableFacts(this.#connection, places, name);
      if (found !== null) facts.set(factsKey(schema, name), found);
    }
    return facts;
  }

  /** None of what cannot be prepared: the statement itself tells why. */
  async #columnNames(text: string): Promise<readonly string[]> {
    const source = { text, originalPosition: (position: number) => position, typeProbe: () => null };
    try {
      const { statement, columns } = await prepareTyped(this.#connection, source, [], parameterCountOf(text));
      statement.dispose();
      return columns?.map(({ name }) => name) ?? [];
    } catch {
      return [];
    }
  }

  /** What of a staged statement can be known before it runs. */
  prepareStaged(parsed: ParsedStatement, plan: StagedPlan, declaredOids: readonly number[]): Promise<StagedTypes> {
    return prepareStaged(this.#connection, plan, declaredOids, parameterCountOf(parsed.text), () => this.#enumTypes());
  }

  /** The columns with the tables that they are of. */
  describe(translation: Translation, columns: readonly EngineColumn[]): Promise<DescribedColumns> {
    return this.#columnTables.describe(translation.origins, columns);
  }

  /** Prepares anew with bigint for sums over integers, when there are any. */
  async #narrowSums(
    parsed: ParsedStatement,
    translation: Translation,
    typed: TypedStatement,
    declaredOids: readonly number[],
  ): Promise<TypedStatement> {
    const mayGive = parsed.kind === "create_table_as" || typed.columns?.some(({ type }) => type.name === "HUGEINT");
    if (mayGive !== true || !mayHaveSum(parsed)) return typed;
    const places = await integerColumns(this.#connection, sumProbe(parsed, translation.columns));
    const narrow = places.size === 0 ? null : withBigintSums(parsed, places, translation.columns);
    if (narrow === null) return typed;
    const source = sourceOf(parsed, narrow);
    const again = await prepareTyped(this.#connection, source, declaredOids, parameterCountOf(parsed.text)).catch(() =>
      null
    );
    if (again === null) return typed;
    typed.statement.dispose();
    return again;
  }

  /** ALTER TABLE … RENAME TO of a view as ALTER VIEW; null for anything else. */
  async #viewRename(parsed: ParsedStatement): Promise<Translation | null> {
    const target = parsed.facts.changes[0]?.target;
    if (parsed.kind !== "alter" || target === undefined || !/\brename\s+to\b/i.test(parsed.text)) return null;
    const { lookups } = this.#engine;
    const path = target.schema === null ? shownSchemas({ settings: this.#settings }) : [shownSchemaName(target.schema)];
    const known = path.map((schema) => this.#transaction.objects.known("relation", schema, target.name))
      .find((object) => object?.exists === true);
    const renamesView = known?.isView ?? await isView(lookups, path, known?.committedName ?? target.name);
    return renamesView ? asViewRename(parsed) : null;
  }

  /** An uncommitted one only the session sees; so its transaction is asked, and must see all of the emulated catalog from then on. */
  async #enumTypes(): Promise<EnumTypes> {
    const { spec } = this.#engine;
    if (!this.#transaction.objects.changesTypes) return await this.#engine.enumTypes();
    await this.#seeWholeCatalog();
    return await readEnumTypes({ rows: (sql) => rows(this.#connection, sql) }, spec.database);
  }

  /** DuckDB's lists of objects open every database, the emulated catalog too: a transaction must see all of it from then on. */
  async #seeWholeCatalog(): Promise<void> {
    const { catalog } = this.#engine;
    if (!this.#transaction.open || this.#transaction.catalogClock !== null) return;
    await catalog.installAll();
    this.#transaction.catalogClock = catalog.clock;
  }

  /**
   * An open transaction has a snapshot without what was attached meanwhile. Under READ COMMITTED it may be renewed as long as
   * nothing was written; that is why everything is attached before the first write.
   */
  async #renewSnapshot(): Promise<void> {
    await this.#parkResults();
    this.#engine.ended(this.#connection);
    await this.#transaction.renewSnapshot();
  }
}

function sourceOf(parsed: ParsedStatement, translation: Translation): SourceText {
  return {
    text: translation.texts[0],
    originalPosition: translation.originalPosition,
    typeProbe: () => parameterProbe(parsed, translation.columns),
  };
}
