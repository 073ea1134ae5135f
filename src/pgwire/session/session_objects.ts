/**
 * What this session alone sees: its temporary objects, and what its open transaction has made, changed or dropped. Questions about other
 * objects go to a connection of their own (`WorkspaceEngine.lookups`): asked inside the transaction, most of them would open all
 * databases, and so fix what the transaction sees of the emulated catalog.
 *
 * Schemas are named as PostgreSQL shows them; names are compared in lower case.
 */
import { quoteIdentifier } from "../../engine/duckdb.ts";
import { temporarySchema } from "../../sql/catalog/relations/objects.ts";
import type { ObjectKind, OnCommit, ParsedStatement, RelationName, StatementKind } from "../../sql/statement.ts";
import { createdIndex } from "./created_index.ts";

export interface KnownObject {
  readonly exists: boolean;
  /** null: it is what the committed object is that `committedName` names. */
  readonly isView: boolean | null;
  readonly committedName: string;
}

/** Statements that define objects; what others change, such as COMMENT, does not matter here. */
const defining: ReadonlySet<StatementKind> = new Set(["create", "create_table_as", "alter", "drop"]);
const renaming = /\brename\s+to\s+(?:"((?:[^"]|"")+)"|([\w$]+))\s*$/i;
/** Of an object that is changed by its bare name while nothing tells in which schema of the search path it is. */
const someSchema = "";

export class SessionObjects {
  /** Temporary objects for as long as they exist, others until the transaction ends. */
  #known = new Map<string, KnownObject>();
  #knownBefore: ReadonlyMap<string, KnownObject> | null = null;
  /** Temporary tables with ON COMMIT, by key. */
  readonly #onCommit = new Map<string, { readonly name: string; readonly action: OnCommit }>();
  #committedSchemas: ReadonlySet<string> | null = null;
  /** Schemas that the open transaction has made (true) or dropped. */
  readonly #schemas = new Map<string, boolean>();
  #schemasWithOwn: { readonly committed: ReadonlySet<string>; readonly all: ReadonlySet<string> } | null = null;

  /** A transaction has begun in the engine. It keeps to these committed schemas: its snapshot may lack one that comes later. */
  begin(schemas: ReadonlySet<string>): void {
    this.commit();
    this.#committedSchemas = schemas;
    this.#knownBefore = new Map(this.#known);
  }

  commit(): void {
    for (const [key, { exists }] of this.#known) {
      if (!exists || !isTemporaryKey(key)) this.#known.delete(key);
    }
    this.#knownBefore = null;
    this.#committedSchemas = null;
    this.#schemas.clear();
    this.#schemasWithOwn = null;
  }

  rollback(): void {
    if (this.#knownBefore !== null) this.#known = new Map(this.#knownBefore);
    this.commit();
    for (const key of this.#onCommit.keys()) if (!this.#known.has(key)) this.#onCommit.delete(key);
  }

  /** What ON COMMIT asks for at the end of a transaction, or of a statement outside of one, as DuckDB's SQL. */
  endStatements(): string[] {
    if (this.#onCommit.size === 0) return [];
    const existing = [...this.#onCommit].filter(([key]) => this.#known.get(key)?.exists === true);
    return existing.map(([, { name, action }]) =>
      `${action === "drop" ? "DROP TABLE" : "DELETE FROM"} temp.main.${quoteIdentifier(name)}`
    );
  }

  /** They have run. */
  noteEnded(): void {
    for (const [key, { action }] of this.#onCommit) {
      if (action !== "drop") continue;
      this.#onCommit.delete(key);
      this.#known.delete(key);
    }
  }

  /** A statement has run. `isOpen`: in a transaction whose end is still to come. `path`: in which bare names are looked for. */
  note(parsed: ParsedStatement, isOpen: boolean, path: readonly string[]): void {
    if (!defining.has(parsed.kind)) return;
    const index = createdIndex(parsed);
    if (index !== null && isOpen) this.#set("index", index, path, made("CREATE INDEX", index.name));
    for (const { command, mode, object, target, onCommit } of parsed.facts.changes) {
      if (mode === "rows" || command === "CREATE INDEX") continue;
      if (object === "schema") {
        const isDropped = command.startsWith("DROP ");
        if (isOpen && (isDropped || mode === "create")) this.#schemas.set(target.name.toLowerCase(), !isDropped);
        this.#schemasWithOwn = null;
      } else {
        const schema = mode === "create_temporary"
          ? temporarySchema
          : this.#schemaOf(object, target, mode === "create", path);
        if (isOpen || schema === temporarySchema) this.#change(parsed, command, object, { ...target, schema }, path);
        const key = keyOf(object, schema, target.name);
        if (onCommit !== undefined) this.#onCommit.set(key, { name: target.name, action: onCommit });
        else if (mode === "create_temporary") this.#onCommit.delete(key);
      }
    }
  }

  #change(
    parsed: ParsedStatement,
    command: string,
    object: ObjectKind,
    target: RelationName,
    path: readonly string[],
  ): void {
    if (parsed.kind === "create" || parsed.kind === "create_table_as") {
      return this.#set(object, target, path, made(command, target.name));
    }
    const before = this.known(object, target.schema ?? someSchema, target.name) ??
      { exists: true, isView: command.endsWith(" VIEW") ? true : null, committedName: target.name };
    const newName = renamedTo(parsed);
    this.#set(object, target, path, { ...before, exists: parsed.kind === "alter" && newName === null });
    if (newName === null) return;
    this.#set(object, { ...target, name: newName }, path, before);
    const schema = target.schema ?? someSchema;
    const ending = this.#onCommit.get(keyOf(object, schema, target.name));
    if (ending !== undefined) this.#onCommit.set(keyOf(object, schema, newName), { ...ending, name: newName });
  }

  #set(object: ObjectKind, target: RelationName, path: readonly string[], known: KnownObject): void {
    const schema = target.schema ?? this.#schemaOf(object, target, true, path);
    this.#known.set(keyOf(object, schema, target.name), known);
  }

  /** The schema of what a statement names, or `someSchema`. */
  #schemaOf(object: ObjectKind, target: RelationName, isMade: boolean, path: readonly string[]): string {
    if (target.schema !== null) return shownSchemaName(target.schema);
    const own = path.filter((schema) => schema !== temporarySchema);
    const known = isMade
      ? undefined
      : [...path, someSchema].find((schema) => this.#known.get(keyOf(object, schema, target.name))?.exists === true);
    return known ?? (isMade || own.length === 1 ? own[0] ?? someSchema : someSchema);
  }

  /** undefined for what neither is temporary nor was touched by the open transaction. */
  known(object: ObjectKind, schema: string, name: string): KnownObject | undefined {
    return this.#known.get(keyOf(object, schema, name)) ??
      (schema === temporarySchema ? undefined : this.#known.get(keyOf(object, someSchema, name)));
  }

  /** Names of the session's temporary objects, in lower case. */
  temporaryNames(): ReadonlySet<string> {
    const names = new Set<string>();
    for (const [key, { exists }] of this.#known) {
      if (exists && isTemporaryKey(key)) names.add(key.slice(key.lastIndexOf("\0") + 1));
    }
    return names;
  }

  /** Whether the open transaction has made, changed or dropped a type. */
  get changesTypes(): boolean {
    return [...this.#known.keys()].some((key) => key.includes("\0type\0"));
  }

  /** Whether the open transaction has made or dropped a schema. */
  get changesSchemas(): boolean {
    return this.#schemas.size > 0;
  }

  /** Whether others have changed schemas since the transaction began. */
  areSchemasOld(now: ReadonlySet<string>): boolean {
    return this.#committedSchemas !== null && this.#committedSchemas !== now;
  }

  /** The schemas that the session sees, by those that are committed now. The same object until something changes. */
  withSchemas(now: ReadonlySet<string>): ReadonlySet<string> {
    const committed = this.#committedSchemas ?? now;
    if (this.#schemas.size === 0) return committed;
    if (this.#schemasWithOwn?.committed !== committed) {
      const all = new Set(committed);
      for (const [name, isThere] of this.#schemas) {
        if (isThere) all.add(name);
        else all.delete(name);
      }
      this.#schemasWithOwn = { committed, all };
    }
    return this.#schemasWithOwn.all;
  }

  /** Whether the open transaction has made (true) or dropped the schema; undefined when neither. */
  hasSchema(name: string): boolean | undefined {
    return this.#schemas.get(name.toLowerCase());
  }
}

/** A schema as PostgreSQL shows it, by its name in a statement. */
export function shownSchemaName(schema: string): string {
  return schema === "main" ? "public" : schema === "pg_temp" ? temporarySchema : schema.toLowerCase();
}

function made(command: string, name: string): KnownObject {
  return { exists: true, isView: command.endsWith(" VIEW"), committedName: name };
}

/** Types have names of their own; tables, views, indexes and sequences share theirs. */
function keyOf(object: ObjectKind, schema: string, name: string): string {
  return `${schema}\0${object === "type" || object === "macro" ? object : "relation"}\0${name.toLowerCase()}`;
}

function isTemporaryKey(key: string): boolean {
  return key.startsWith(`${temporarySchema}\0`);
}

/** The new name of ALTER … RENAME TO. */
function renamedTo(parsed: ParsedStatement): string | null {
  const match = parsed.kind === "alter" ? renaming.exec(parsed.text) : null;
  return match === null ? null : match[1]?.replaceAll('""', '"') ?? match[2]!;
}
