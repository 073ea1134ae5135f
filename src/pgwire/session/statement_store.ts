/**
 * The prepared statements of one session: checked by the policy, translated into DuckDB's dialect, prepared in the engine. The
 * extended protocol's, PREPARE's, and the recent ones that a simple query may use again.
 */
import { AppError } from "../../errors/app_error.ts";
import { withInsertColumns } from "../../engine/insert_columns.ts";
import { withTableColumns } from "../../engine/table_columns.ts";
import { checkStatement, parseStatements } from "../../sql/policy/mod.ts";
import type { ParsedStatement } from "../../sql/statement.ts";
import { translate, type Translation } from "../../sql/translate/mod.ts";
import type { StagedPlan } from "../../sql/translate/staged/types.ts";
import { withPermanentNames } from "../../sql/translate/permanent_names.ts";
import { voidOid, withoutVoidParameters } from "../../sql/translate/void_parameters.ts";
import type { ExecutorPorts } from "./executor_ports.ts";
import { explainColumns } from "./explain_rows.ts";
import { computedOf, shownColumns } from "./output_types.ts";
import { policyContext } from "./policy_context.ts";
import { atLiteral, inWholeText } from "./failures.ts";
import type { Field, PreparedStatement } from "./portal.ts";
import { cacheKeyOf, RecentStatements } from "./recent_statements.ts";
import { fieldsOf } from "./results.ts";
import { endsTransaction } from "./statement_kinds.ts";
import type { TableAccess } from "./table_access.ts";
import type { Transaction } from "./transaction.ts";

/** Prepared statements that a session may hold, as many portals; a client that never closes them is told so. */
export const namedObjectsMax = 10_000;

export interface StatementStorePorts {
  readonly ports: ExecutorPorts;
  readonly transaction: Transaction;
  readonly tables: TableAccess;
  /** Moves a live result out of the way. */
  readonly freeConnection: () => Promise<void>;
  /** Columns of a statement that the session answers itself, or null. */
  readonly utilityFields: (parsed: ParsedStatement) => readonly Field[] | null;
}

const noColumns: ReadonlySet<number> = new Set();

export class StatementStore {
  readonly #ports: ExecutorPorts;
  readonly #around: StatementStorePorts;
  readonly #prepared = new Map<string, PreparedStatement>();
  readonly #recent = new RecentStatements();

  constructor(around: StatementStorePorts) {
    this.#ports = around.ports;
    this.#around = around;
  }

  /** Parse. An unnamed statement replaces the last one; a named one must be new. `fromSql` for PREPARE. */
  async parse(
    name: string,
    text: string,
    declaredOids: readonly number[],
    inUse: (prepared: PreparedStatement) => boolean,
    fromSql = false,
  ): Promise<PreparedStatement> {
    if (name !== "" && this.#prepared.has(name)) {
      throw new AppError("duplicate_prepared_statement", `prepared statement "${name}" already exists`);
    }
    if (this.#prepared.size >= namedObjectsMax) {
      throw new AppError("configuration_limit", `too many prepared statements in this session: ${namedObjectsMax}`);
    }
    const statements = parseStatements(text);
    if (statements.length > 1) {
      throw new AppError("syntax_error", "cannot insert multiple commands into a prepared statement");
    }
    const statement = statements[0] ?? null;
    const prepared = {
      ...await this.prepareRecent(name, statement, declaredOids).catch((error) =>
        Promise.reject(statement === null ? error : inWholeText(error, text, statement))
      ),
      fromSql,
    };
    this.close(name, inUse);
    this.#prepared.set(name, prepared);
    return prepared;
  }

  /** Prepares, or takes up again what this session prepared a short while ago. */
  async prepareRecent(
    name: string,
    parsed: ParsedStatement | null,
    declaredOids: readonly number[],
  ): Promise<PreparedStatement> {
    const key = parsed === null ? "" : cacheKeyOf(parsed.text, declaredOids);
    const { engine, connection } = this.#ports;
    const recent = parsed === null ? null : this.#recent.take(key, engine.definitionEpoch);
    if (parsed === null || recent === null) return await this.prepare(name, parsed, declaredOids);
    if (recent.engine?.tablesEpoch !== engine.tablesEpochFor(connection)) {
      recent.engine?.dispose();
      return await this.prepare(name, parsed, declaredOids);
    }
    this.#around.transaction.requireUsable();
    this.#check(parsed);
    return { ...recent, name, parsed, preparedAtMs: this.#ports.now() };
  }

  async prepare(
    name: string,
    given: ParsedStatement | null,
    declaredOids: readonly number[],
  ): Promise<PreparedStatement> {
    const { engine, objects, connection } = this.#ports;
    const { database } = engine.spec;
    const parsed = given === null ? null : withPermanentNames(given, database, objects.temporaryNames());
    try {
      return await this.#prepareAs(name, parsed, declaredOids);
    } catch (error) {
      const complete = parsed === null
        ? null
        : parsed.tableFacts === undefined && (hasNoKey(error) || isUngrouped(error))
        ? await this.#around.tables.withFacts(parsed, translate(parsed), isUngrouped(error))
        : await withInsertColumns(parsed, error, connection, database);
      if (complete === null) throw error;
      return await this.#prepareAs(name, complete, declaredOids);
    }
  }

  async #prepareAs(
    name: string,
    parsed: ParsedStatement | null,
    declaredOids: readonly number[],
  ): Promise<PreparedStatement> {
    const common = {
      name,
      parsed,
      cacheKey: parsed === null ? "" : cacheKeyOf(parsed.text, declaredOids),
      preparedAtMs: this.#ports.now(),
      fromSql: false,
      translation: null,
      parameterOids: declaredOids,
      nativeIndexes: null,
      engine: null,
      staged: null,
      fields: null,
      returnsRows: false,
      enums: null,
      tables: [],
      columns: null,
      computed: noColumns,
    };
    if (parsed === null) return common;
    if (!endsTransaction(parsed)) this.#around.transaction.requireUsable();
    this.#check(parsed);
    if (parsed.action.type !== "execute") {
      const fields = this.#around.utilityFields(parsed);
      return { ...common, fields, returnsRows: fields !== null };
    }
    const general = translated(parsed, declaredOids);
    await this.#around.freeConnection();
    await this.#around.tables.ensureCatalog(parsed, general);
    await this.#around.tables.ensure(parsed);
    if (general.wantsFacts) {
      return await this.#prepareAs(name, await this.#around.tables.withFacts(parsed, general), declaredOids);
    }
    const translation = await withTableColumns(parsed, general, this.#ports.connection);
    if (translation !== general) await this.#around.tables.ensureCatalog(parsed, translation);
    if (translation.staged !== undefined) {
      return { ...common, ...await this.#prepareStaged(parsed, translation, translation.staged, declaredOids) };
    }
    // Several statements in place of one: the later ones can be prepared only when the earlier ones have run.
    if (translation.texts.length > 1) return { ...common, translation };
    const tablesEpoch = this.#ports.engine.tablesEpochFor(this.#ports.connection);
    const typed = await this.#around.tables.prepare(parsed, translation, declaredOids);
    typed.statement.tablesEpoch = tablesEpoch;
    const native = parsed.kind === "explain" ? explainColumns(parsed) : typed.columns;
    const shown = native === null ? null : shownColumns(native, translation.outputTypes);
    const returnsRows = parsed.returnsRows === "unknown" ? typed.statement.returnsRows() : parsed.returnsRows;
    const described = returnsRows && shown !== null ? await this.#around.tables.describe(translation, shown) : null;
    return {
      ...common,
      translation,
      parameterOids: typed.parameterOids,
      nativeIndexes: typed.nativeIndexes ?? null,
      engine: typed.statement,
      returnsRows,
      enums: typed.enums ?? null,
      tables: described?.tables ?? [],
      computed: computedOf(described?.columns ?? []),
      columns: described?.columns ?? null,
      fields: described === null ? null : fieldsOf(described.columns, described.tables),
    };
  }

  async #prepareStaged(
    parsed: ParsedStatement,
    translation: Translation,
    plan: StagedPlan,
    declaredOids: readonly number[],
  ): Promise<Partial<PreparedStatement>> {
    const { parameterOids, columns, enums } = await this.#around.tables.prepareStaged(parsed, plan, declaredOids);
    const shown = columns === null ? null : shownColumns(columns, translation.outputTypes);
    const described = shown === null ? null : await this.#around.tables.describe(translation, shown);
    return {
      translation,
      parameterOids,
      staged: { plan, names: columns?.map(({ name }) => name) ?? [] },
      returnsRows: plan.shape !== null,
      enums,
      tables: described?.tables ?? [],
      computed: computedOf(described?.columns ?? []),
      columns: described?.columns ?? null,
      fields: described === null ? null : fieldsOf(described.columns, described.tables),
    };
  }

  /** Throws `invalid_prepared_statement` when there is none of this name. */
  get(name: string): PreparedStatement {
    const prepared = this.#prepared.get(name);
    if (prepared !== undefined) return prepared;
    const label = name === "" ? "unnamed prepared statement" : `prepared statement "${name}"`;
    throw new AppError("invalid_prepared_statement", `${label} does not exist`);
  }

  find(name: string): PreparedStatement | undefined {
    return this.#prepared.get(name);
  }

  names(): string[] {
    return [...this.#prepared.keys()];
  }

  all(): PreparedStatement[] {
    return [...this.#prepared.values()];
  }

  /** Forgets the statement; it stays prepared for a while unless a portal still uses it. */
  close(name: string, inUse: (prepared: PreparedStatement) => boolean): void {
    const prepared = this.#prepared.get(name);
    if (prepared === undefined) return;
    this.#prepared.delete(name);
    if (!inUse(prepared)) this.release(prepared);
  }

  /** The statement is in nobody's use any more: it is kept among the recent ones, or disposed of. */
  release(prepared: PreparedStatement): void {
    this.#recent.put(prepared, this.#ports.engine.definitionEpoch);
  }

  forgetRecent(): void {
    this.#recent.clear();
  }

  #check(parsed: ParsedStatement): void {
    checkStatement(parsed, policyContext(this.#ports.engine, this.#ports.settings.searchPathEntries()));
  }
}

/** What DuckDB says of ON CONFLICT DO NOTHING where nothing can conflict. */
function hasNoKey(error: unknown): boolean {
  return error instanceof Error &&
    /^There are no UNIQUE\/PRIMARY KEY constraints that refer to this table/i.test(error.message);
}

/** A column that may depend on a primary key by which the statement groups. */
function isUngrouped(error: unknown): boolean {
  return error instanceof AppError && error.sqlstate === "42803";
}

function translated(parsed: ParsedStatement, declaredOids: readonly number[]): Translation {
  try {
    const voids = new Set(declaredOids.flatMap((oid, index) => oid === voidOid ? [index + 1] : []));
    return (voids.size === 0 ? null : withoutVoidParameters(parsed, voids)) ?? translate(parsed);
  } catch (error) {
    throw atLiteral(error, parsed.text);
  }
}
