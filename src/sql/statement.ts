/**
 * What the policy's parser says about one statement: pure data, made once for a text and shared by all sessions that
 * send it. `facts` is what the check needs; everything in it is independent of a session.
 */
import type { ErrorKind } from "../errors/catalogue.ts";
import type { FactsByTable } from "./translate/table_facts.ts";

export type StatementKind =
  | "select"
  | "insert"
  | "update"
  | "delete"
  | "merge"
  | "truncate"
  | "create"
  | "create_table_as"
  | "alter"
  | "drop"
  | "comment"
  | "copy"
  | "explain"
  | "describe"
  | "call"
  | "transaction"
  | "setting"
  | "show"
  | "prepared"
  | "cursor"
  | "notification"
  | "lock"
  | "utility"
  | "empty";

export type IsolationLevel = "read uncommitted" | "read committed" | "repeatable read" | "serializable";

/** Characteristics that a statement gives; null where it says nothing. */
export interface TransactionModes {
  readonly readOnly: boolean | null;
  readonly isolation: IsolationLevel | null;
  readonly deferrable: boolean | null;
}

export interface CopyOptions {
  readonly format: "text" | "csv" | "binary";
  /** Defaults by format as PostgreSQL's: tab and `\N` for text, comma and empty for csv. */
  readonly delimiter: string;
  readonly null: string;
  readonly header: boolean | "match";
  readonly quote: string;
  readonly escape: string;
  /** Column names, or "all". */
  readonly forceQuote: readonly string[] | "all";
  readonly forceNotNull: readonly string[] | "all";
  readonly forceNull: readonly string[] | "all";
  readonly encoding: string | null;
  /** Text that stands for the column's default in COPY FROM, null when not given. */
  readonly default: string | null;
}

export interface RelationName {
  readonly catalog: string | null;
  readonly schema: string | null;
  readonly name: string;
}

/**
 * A FETCH or MOVE: `count` rows in `direction`; "all" with direction forward or backward; absolute and relative as
 * given.
 */
export interface CursorMove {
  readonly name: string;
  readonly direction: "forward" | "backward" | "absolute" | "relative";
  readonly count: number | "all";
}

export type StatementAction =
  /** Give the text to DuckDB as it stands. */
  | { readonly type: "execute" }
  | { readonly type: "empty" }
  | ({ readonly type: "begin" } & TransactionModes)
  | { readonly type: "commit"; readonly chain: boolean }
  | { readonly type: "rollback"; readonly chain: boolean }
  | { readonly type: "savepoint" | "release_savepoint" | "rollback_to_savepoint"; readonly name: string }
  /** SET TRANSACTION (`session` false), or SET SESSION CHARACTERISTICS AS TRANSACTION. */
  | ({ readonly type: "set_transaction"; readonly session: boolean } & TransactionModes)
  /** `values` is empty when `isDefault`. A list (`search_path`, `DateStyle`) has one value an item. */
  | {
    readonly type: "set";
    readonly name: string;
    readonly values: readonly string[];
    readonly local: boolean;
    readonly isDefault: boolean;
  }
  /** `name` is "all" for SHOW ALL. */
  | { readonly type: "show"; readonly name: string }
  | { readonly type: "reset"; readonly name: string | null }
  | { readonly type: "discard"; readonly what: "all" | "plans" | "sequences" | "temp" }
  | {
    readonly type: "prepare";
    readonly name: string;
    /** Type names as written, such as `integer` or `character varying(10)`. */
    readonly types: readonly string[];
    readonly text: string;
    readonly statement: ParsedStatement;
  }
  /** `arguments` are SQL expressions as written, already part of this statement's check. */
  | { readonly type: "execute_prepared"; readonly name: string; readonly arguments: readonly string[] }
  | { readonly type: "deallocate"; readonly name: string | null }
  | {
    readonly type: "declare_cursor";
    readonly name: string;
    readonly text: string;
    readonly statement: ParsedStatement;
    readonly hold: boolean;
    /** true SCROLL, false NO SCROLL, null not said. */
    readonly scroll: boolean | null;
    readonly binary: boolean;
  }
  | ({ readonly type: "fetch" | "move" } & CursorMove)
  | { readonly type: "close_cursor"; readonly name: string | null }
  | { readonly type: "listen"; readonly channel: string }
  /** `channel` null: UNLISTEN *. */
  | { readonly type: "unlisten"; readonly channel: string | null }
  | { readonly type: "notify"; readonly channel: string; readonly payload: string }
  | { readonly type: "lock"; readonly relations: readonly RelationName[] }
  /** `query` is a SELECT that gives the rows: the one in parentheses, or one over the table and columns as written. */
  | {
    readonly type: "copy_to_stdout";
    readonly query: string;
    readonly statement: ParsedStatement;
    readonly table: RelationName | null;
    readonly columns: readonly string[];
    readonly options: CopyOptions;
  }
  | {
    readonly type: "copy_from_stdin";
    readonly table: RelationName;
    readonly columns: readonly string[];
    readonly options: CopyOptions;
  }
  /** PostgreSQL has it, a workspace needs it not: answer the tag, with this notice. */
  | { readonly type: "ignored"; readonly notice: string };

/** A function call by its last name part in lower case; `literal` is the first argument if a plain string. */
export interface FunctionUse {
  readonly name: string;
  /** In FROM or CALL: a table function or table macro. Unknown for tokens ("either"). */
  readonly position: "table" | "scalar" | "either";
  readonly literal: string | null;
}

export type ObjectKind =
  | "table"
  | "view"
  | "index"
  | "sequence"
  | "type"
  | "macro"
  | "schema"
  | "relation";

/** A change of a named object. `create` puts it into the first schema of the search path, the others look along it. */
export interface ObjectChange {
  /** The command for the message, such as INSERT or DROP TABLE. */
  readonly command: string;
  readonly mode: "create" | "create_temporary" | "rows" | "definition";
  readonly object: ObjectKind;
  readonly target: RelationName;
  /** What becomes of a temporary table at the end of each transaction; left out: nothing. */
  readonly onCommit?: OnCommit;
}

export type OnCommit = "drop" | "delete rows";

/** A refusal that needs no session: the statement is never allowed. */
export interface Denial {
  readonly kind: ErrorKind;
  readonly detail: string;
  readonly hint?: string;
  /** 1-based, in characters of this statement's text. */
  readonly position?: number;
}

export interface StatementFacts {
  readonly denials: readonly Denial[];
  readonly functions: readonly FunctionUse[];
  readonly reads: readonly RelationName[];
  readonly changes: readonly ObjectChange[];
}

export interface ParsedStatement {
  /** This one statement's own text, without the trailing semicolon and without comments around it. */
  readonly text: string;
  /** Start in the whole text, in UTF-16 units. */
  readonly offset: number;
  readonly kind: StatementKind;
  /**
   * Base of PostgreSQL's command tag: SELECT, INSERT, CREATE TABLE, BEGIN, SET, … (a CREATE TABLE AS answers SELECT).
   */
  readonly tag: string;
  readonly returnsRows: boolean | "unknown";
  /** Changes data or definitions, so that a read-only transaction must refuse it. Temporary objects do not count. */
  readonly writes: boolean;
  readonly action: StatementAction;
  readonly dialect: "postgresql" | "duckdb";
  /** Columns of an INSERT that names none and gives fewer values than the table has columns (`engine/insert_columns.ts`). */
  readonly insertColumns?: readonly string[];
  /** Of `public` in the workspace's database, which temporary objects of the session hide from DuckDB (`translate/permanent_names.ts`). */
  readonly permanentNames?: { readonly database: string; readonly names: ReadonlySet<string> };
  /** What was looked up of the tables that it changes, because its translation asked for it (`translate/table_facts.ts`). */
  readonly tableFacts?: FactsByTable;
  /** The same: names of the columns of queries. */
  readonly columnNames?: ReadonlyMap<string, readonly string[]>;
  readonly facts: StatementFacts;
}

/** Collects facts while a statement is analysed. */
export class FactsBuilder {
  readonly denials: Denial[] = [];
  readonly functions: FunctionUse[] = [];
  readonly reads: RelationName[] = [];
  readonly changes: ObjectChange[] = [];

  deny(kind: ErrorKind, detail: string, hint?: string): void {
    this.denials.push(hint === undefined ? { kind, detail } : { kind, detail, hint });
  }

  change(
    command: string,
    mode: ObjectChange["mode"],
    object: ObjectKind,
    target: RelationName,
    onCommit: OnCommit | null = null,
  ): void {
    this.changes.push({ command, mode, object, target, ...(onCommit === null ? {} : { onCommit }) });
  }

  addAll(other: StatementFacts): void {
    this.denials.push(...other.denials);
    this.functions.push(...other.functions);
    this.reads.push(...other.reads);
    this.changes.push(...other.changes);
  }

  facts(): StatementFacts {
    return { denials: this.denials, functions: this.functions, reads: this.reads, changes: this.changes };
  }
}
