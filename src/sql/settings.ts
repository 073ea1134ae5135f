/**
 * The settings of one session: SET, SHOW, RESET, and what a transaction's end does to them, as in PostgreSQL
 * (https://www.postgresql.org/docs/16/config-setting.html). Nothing here talks to DuckDB or to the client: a change
 * says which ParameterStatus messages to send and which SET statements the engine must run.
 *
 * Invariant: the value in force is the transaction's own (SET LOCAL), else the session's (SET), else the one the
 * session started with (StartupMessage), else the default.
 */
import { AppError } from "../errors/app_error.ts";
import {
  displayValue,
  normaliseValue,
  parseBoolean,
  type SettingDefinition,
  settingDefinitions,
} from "./settings_definitions.ts";
import {
  formatNameList,
  parseClientEncoding,
  parseDateStyle,
  parseNameList,
  parseSearchPath,
  parseStartupOptions,
  parseTimeZone,
} from "./settings_values.ts";

export interface SettingsEnvironment {
  /** Name of the workspace's own database in DuckDB. */
  readonly database: string;
  readonly username: string;
  /** SQL names of the buckets, now. */
  projectSchemas(): Iterable<string>;
  /** Schemas of the workspace's own database besides main, now. */
  ownSchemas(): Iterable<string>;
  /** Defaults that the server's configuration gives, such as `statement_timeout`. */
  readonly defaults?: Readonly<Record<string, string>>;
  /** Every transaction is read-only, also one that says READ WRITE. */
  readonly readOnly?: boolean;
}

export interface ParameterStatus {
  readonly name: string;
  readonly value: string;
}

/** What the session must do after a change. */
export interface SettingChange {
  readonly reports: readonly ParameterStatus[];
  /** To run on the session's DuckDB connection, in this order. */
  readonly duckdbStatements: readonly string[];
  /** For a NoticeResponse of severity WARNING. */
  readonly warning: string | null;
}

interface Layer {
  readonly session: Map<string, string>;
  readonly local: Map<string, string>;
}

/** The entries, and what they follow from: schemas are compared by their object, which is another one when they change. */
interface SearchPath {
  readonly value: string;
  readonly projectSchemas: Iterable<string>;
  readonly ownSchemas: Iterable<string>;
  readonly entries: readonly string[];
}

interface Savepoint extends Layer {
  readonly name: string;
}

/** Parameters of a StartupMessage that are no settings. */
const startupWords: ReadonlySet<string> = new Set(["user", "database", "options", "replication"]);
const customName = /^[A-Za-z_][A-Za-z0-9_$]*(\.[A-Za-z_][A-Za-z0-9_$]*)+$/;
/** Settings that begin with a transaction and end with it. */
const transactionSettings: ReadonlySet<string> = new Set(
  ["transaction_isolation", "transaction_read_only", "transaction_deferrable"],
);
/** A session can keep so many settings of its own making; PostgreSQL has no bound, a server needs one. */
const customSettingsMax = 1_000;

function quoteLiteral(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

export class SessionSettings {
  readonly #environment: SettingsEnvironment;
  /** Every transaction is read-only, whatever the settings say. */
  readonly alwaysReadOnly: boolean;
  readonly #start = new Map<string, string>();
  #layer: Layer = { session: new Map(), local: new Map() };
  /** State at the transaction's begin and at each savepoint; empty outside a transaction. */
  #saved: Savepoint[] = [];
  /** What `show` and `searchPathEntries` have given, until something changes: every statement asks some ten times. */
  readonly #shown = new Map<string, string>();
  #path: SearchPath | null = null;

  /**
   * `startup` holds all parameters of the StartupMessage; those that are settings become what RESET goes back to.
   * Throws `unknown_setting`, `invalid_parameter_value`, `setting_read_only` or `feature_not_supported`.
   */
  constructor(environment: SettingsEnvironment, startup: Readonly<Record<string, string>> = {}) {
    this.#environment = environment;
    this.alwaysReadOnly = environment.readOnly === true;
    this.#start.set("session_authorization", environment.username);
    for (const [name, value] of Object.entries(environment.defaults ?? {})) this.#initialise(name, value);
    for (const [name, value] of parseStartupOptions(startup["options"] ?? "")) this.#initialise(name, value);
    for (const [name, value] of Object.entries(startup)) {
      if (startupWords.has(name) || name.startsWith("_pq_.")) continue;
      this.#initialise(name, value);
    }
    if (this.alwaysReadOnly) this.#initialise("default_transaction_read_only", "on");
  }

  #initialise(name: string, value: string): void {
    const key = name.toLowerCase();
    const values = key === "search_path" ? parseNameList(value) : [value];
    this.#start.set(key, this.#normalise(key, name, values));
  }

  /** All reported parameters, for the end of the start-up. */
  parameterStatus(): ParameterStatus[] {
    return [...settingDefinitions.values()]
      .filter((definition) => definition.reported)
      .map((definition) => ({ name: definition.name, value: this.show(definition.name) }));
  }

  /** The SET statements that bring a fresh DuckDB connection to the session's state. */
  duckdbStatements(): string[] {
    return [this.#timeZoneStatement(), this.searchPathStatement()];
  }

  get inTransaction(): boolean {
    return this.#saved.length > 0;
  }

  /** `values` as `StatementAction` has them. SET LOCAL outside a transaction does nothing but warn. */
  set(
    name: string,
    values: readonly string[],
    options: { readonly local?: boolean; readonly isDefault?: boolean } = {},
  ): SettingChange {
    const key = name.toLowerCase();
    this.#requireChangeable(key, name);
    const isDefault = options.isDefault === true;
    const value = isDefault ? this.#defaultValue(key) : this.#normalise(key, name, values);
    const local = options.local === true || transactionSettings.has(key);
    if (local && !this.inTransaction) {
      if (transactionSettings.has(key)) return { reports: [], duckdbStatements: [], warning: null };
      return { reports: [], duckdbStatements: [], warning: "SET LOCAL can only be used in transaction blocks" };
    }
    this.#boundCustom(key);
    return this.#changing(() => {
      if (local) {
        if (value === null) this.#layer.local.delete(key);
        else this.#layer.local.set(key, value);
        return;
      }
      this.#layer.local.delete(key);
      if (isDefault || value === null) this.#layer.session.delete(key);
      else this.#layer.session.set(key, value);
    });
  }

  /** RESET name, or RESET ALL with null. */
  reset(name: string | null): SettingChange {
    if (name !== null) return this.set(name, [], { isDefault: true });
    return this.#changing(() => {
      for (const layer of [this.#layer.session, this.#layer.local]) {
        for (const key of [...layer.keys()]) {
          if (!transactionSettings.has(key) && key !== "role" && key !== "session_authorization") layer.delete(key);
        }
      }
    });
  }

  /** The value as SHOW prints it. Throws `unknown_setting`. */
  show(name: string): string {
    const shown = this.#shown.get(name);
    if (shown !== undefined) return shown;
    const key = name.toLowerCase();
    const value = this.#value(key);
    if (value === null) throw this.#unknown(name);
    const definition = settingDefinitions.get(key);
    const display = definition === undefined ? value : displayValue(definition, value);
    if (definition?.name === name) this.#shown.set(name, display);
    return display;
  }

  showAll(): { readonly name: string; readonly setting: string; readonly description: string }[] {
    return [...settingDefinitions.values()]
      .map(({ name, description }) => ({ name, setting: this.show(name), description }))
      .sort((first, second) => first.name.toLowerCase() < second.name.toLowerCase() ? -1 : 1);
  }

  /** pg_settings' rows. */
  rows(): { name: string; setting: string; description: string; bootValue: string; resetValue: string }[] {
    return [...settingDefinitions.values()].map((definition) => ({
      name: definition.name,
      setting: this.show(definition.name),
      description: definition.description,
      bootValue: displayValue(definition, definition.bootValue),
      resetValue: displayValue(definition, this.#defaultValue(definition.name.toLowerCase()) ?? ""),
    })).sort((first, second) => first.name.toLowerCase() < second.name.toLowerCase() ? -1 : 1);
  }

  /** The name that SHOW gives the column: as PostgreSQL writes it. */
  canonicalName(name: string): string {
    return settingDefinitions.get(name.toLowerCase())?.name ?? name;
  }

  /** A time setting in milliseconds; 0 means no limit. */
  milliseconds(name: string): number {
    return Number(this.#value(name.toLowerCase()) ?? 0);
  }

  boolean(name: string): boolean {
    return parseBoolean(this.#value(name.toLowerCase()) ?? "off") === true;
  }

  beginTransaction(): void {
    if (this.inTransaction) return;
    this.#shown.clear();
    this.#savepoint("");
    for (const key of transactionSettings) this.#layer.local.set(key, this.#value(`default_${key}`) ?? "off");
  }

  commitTransaction(): SettingChange {
    return this.#changing(() => {
      this.#layer.local.clear();
      this.#saved = [];
    });
  }

  rollbackTransaction(): SettingChange {
    return this.#changing(() => {
      const first = this.#saved[0];
      this.#saved = [];
      if (first !== undefined) this.#layer = { session: first.session, local: new Map() };
    });
  }

  savepoint(name: string): void {
    if (this.inTransaction) this.#savepoint(name);
  }

  /** The savepoint stays and can be gone back to again. An unknown name is the session's error, not this class's. */
  rollbackToSavepoint(name: string): SettingChange {
    return this.#changing(() => {
      const index = this.#saved.findLastIndex((saved, position) => position > 0 && saved.name === name);
      const saved = this.#saved[index];
      if (saved === undefined) return;
      this.#saved.length = index + 1;
      this.#layer = { session: new Map(saved.session), local: new Map(saved.local) };
    });
  }

  releaseSavepoint(name: string): void {
    const index = this.#saved.findLastIndex((saved, position) => position > 0 && saved.name === name);
    if (index > 0) this.#saved.length = index;
  }

  #savepoint(name: string): void {
    this.#saved.push({ name, session: new Map(this.#layer.session), local: new Map(this.#layer.local) });
  }

  #changing(change: () => void): SettingChange {
    const tracked = [...settingDefinitions.values()].filter((definition) => definition.reported);
    const before = tracked.map((definition) => this.show(definition.name));
    change();
    this.#shown.clear();
    const reports: ParameterStatus[] = [];
    const duckdbStatements: string[] = [];
    tracked.forEach((definition, index) => {
      const value = this.show(definition.name);
      if (value === before[index]) return;
      reports.push({ name: definition.name, value });
      if (definition.name === "TimeZone") duckdbStatements.push(this.#timeZoneStatement());
      if (definition.name === "search_path") duckdbStatements.push(this.searchPathStatement());
    });
    return { reports, duckdbStatements, warning: null };
  }

  #value(key: string): string | null {
    // Outside of a block every statement is a transaction with the defaults.
    if (!this.inTransaction && transactionSettings.has(key)) return this.#value(`default_${key}`);
    return this.#layer.local.get(key) ?? this.#layer.session.get(key) ?? this.#defaultValue(key);
  }

  #defaultValue(key: string): string | null {
    return this.#start.get(key) ?? settingDefinitions.get(key)?.bootValue ?? null;
  }

  #unknown(name: string): AppError {
    return new AppError("unknown_setting", `unrecognized configuration parameter "${name}"`);
  }

  #requireChangeable(key: string, name: string): SettingDefinition | null {
    const definition = settingDefinitions.get(key);
    if (definition === undefined) {
      if (customName.test(name)) return null;
      throw this.#unknown(name);
    }
    if (definition.readOnly) {
      throw new AppError("setting_read_only", `parameter "${definition.name}" cannot be changed`);
    }
    return definition;
  }

  #boundCustom(key: string): void {
    if (settingDefinitions.has(key) || this.#layer.session.has(key)) return;
    if (this.#layer.session.size + this.#layer.local.size > customSettingsMax) {
      throw new AppError("program_limit", `a session keeps at most ${customSettingsMax} settings of its own`);
    }
  }

  #normalise(key: string, name: string, values: readonly string[]): string {
    const definition = this.#requireChangeable(key, name);
    if (key === "search_path") return formatNameList(parseSearchPath(values));
    if (key === "datestyle") return parseDateStyle(values, this.#value(key) ?? "");
    if (values.length !== 1) {
      if (definition === null || definition.name !== "temp_tablespaces") {
        throw new AppError("invalid_parameter_value", `SET ${name} takes only one argument`);
      }
    }
    const value = values.join(", ");
    if (definition === null) return value;
    switch (key) {
      case "timezone": {
        if (/^(default|local)$/i.test(value)) return this.#defaultValue(key)!;
        return parseTimeZone(value).shown;
      }
      case "client_encoding":
        return parseClientEncoding(value);
      case "role":
        if (value.toLowerCase() === "none" || value === this.#environment.username) return value;
        throw new AppError("insufficient_privilege", `permission denied to set role "${value}"`);
      case "session_authorization":
        if (value === this.#environment.username) return value;
        throw new AppError("insufficient_privilege", `permission denied to set session authorization "${value}"`);
      default:
        return normaliseValue(definition, value);
    }
  }

  #timeZoneStatement(): string {
    return `SET TimeZone = ${quoteLiteral(parseTimeZone(this.#value("timezone")!).duckdb)}`;
  }

  /** The entries of the path as they stand for DuckDB, `database.schema` each; the first is where new objects go. */
  searchPathEntries(): readonly string[] {
    const value = this.#value("search_path")!;
    const projectSchemas = this.#environment.projectSchemas();
    const ownSchemas = this.#environment.ownSchemas();
    const before = this.#path;
    const isSame = before !== null && before.value === value && before.projectSchemas === projectSchemas &&
      before.ownSchemas === ownSchemas;
    if (isSame) return before.entries;
    const entries = this.#entriesOf(value, projectSchemas, ownSchemas);
    this.#path = { value, projectSchemas, ownSchemas, entries };
    return entries;
  }

  #entriesOf(path: string, projectSchemas: Iterable<string>, ownSchemas: Iterable<string>): readonly string[] {
    const { database } = this.#environment;
    const own = database.toLowerCase();
    const buckets = new Set(projectSchemas);
    const schemas = new Set([...ownSchemas].map((schema) => schema.toLowerCase()));
    const entries = new Set<string>();
    for (const item of parseNameList(path)) {
      const lower = item.toLowerCase();
      const schema = lower.startsWith(`${own}.`) ? lower.slice(own.length + 1) : lower;
      const bucket = lower.startsWith("project.") ? lower.slice("project.".length) : lower;
      if (["public", "main", own].includes(schema)) entries.add(`${database}.main`);
      else if (buckets.has(bucket)) entries.add(`project.${bucket}`);
      else if (schemas.has(schema)) entries.add(`${database}.${schema}`);
    }
    // DuckDB finds `schema.table` in another database only when the path names that schema. So the rest follows.
    entries.add(`${database}.main`);
    for (const bucket of buckets) entries.add(`project.${bucket}`);
    for (const schema of schemas) entries.add(`${database}.${schema}`);
    return [...entries];
  }

  /** To run again when buckets or the workspace's schemas have changed. */
  searchPathStatement(): string {
    const quote = (name: string) => /^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
    const path = this.searchPathEntries().map((entry) => {
      const dot = entry.indexOf(".");
      return `${quote(entry.slice(0, dot))}.${quote(entry.slice(dot + 1))}`;
    });
    return `SET search_path = ${quoteLiteral(path.join(","))}`;
  }
}
