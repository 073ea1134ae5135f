/**
 * What the engine reads once and keeps until something changes, so that a statement that asks the catalog is planned in a few milliseconds: the rows
 * of relations (`rows`), and what functions look up by name or OID (`lookup`). Data only; `src/engine/memo` keeps them.
 */
import type { JavaScriptFunction } from "../../functions/types.ts";

/** The table function behind the views of kept relations. */
export const memoTableFunction = "__eider_memo";

/**
 * After what the rows may be others: never; after a function, a type, a schema or the project has changed; after any definition has; after data have,
 * too; or they are read for each statement.
 */
export type MemoChange = "never" | "routines" | "definitions" | "data" | "always";

interface Memo {
  /** Unique: `pg.pg_class`. */
  readonly key: string;
  readonly changes: MemoChange;
}

interface QueryMemo extends Memo {
  /** DuckDB SQL that gives the rows. It must not depend on the session's settings, only on what the session sees of the workspace. */
  readonly sql: string;
}

interface ColumnsMemo extends Memo {
  /** Types in DuckDB's words. */
  readonly columns: readonly { readonly name: string; readonly type: string }[];
}

/** Rows of a query. */
export interface QueryRowsMemo extends QueryMemo, ColumnsMemo {
  readonly kind: "rows";
}

/** A value of a made row: of a list its elements, of a bytea none. */
export type MadeValue = string | number | bigint | boolean | null | readonly (string | number)[];
export type MadeRow = readonly MadeValue[];

export interface MadeRows {
  /** The same array each time. */
  readonly fixed: readonly MadeRow[];
  readonly others: readonly MadeRow[];
}

/** Rows that this process makes of what other memos found: a query of as many parts takes DuckDB ten times as long. */
export interface MadeRowsMemo extends ColumnsMemo {
  readonly kind: "made_rows";
  readonly of: readonly FoundMemo[];
  make(view: MakerView): MadeRows;
}

export type RowsMemo = QueryRowsMemo | MadeRowsMemo;

/** Found in the rows of a query. */
export interface LookupMemo<Found = unknown> extends QueryMemo {
  readonly kind: "lookup";
  /** Of the rows, each value as text: what the functions look into. */
  build(rows: readonly (readonly (string | null)[])[]): Found;
}

/** Made of what other memos found. */
export interface MadeMemo<Found = unknown> extends Memo {
  readonly kind: "made";
  readonly of: readonly FoundMemo[];
  make(view: MakerView): Found;
}

export type FoundMemo<Found = unknown> = LookupMemo<Found> | MadeMemo<Found>;
export type CatalogMemo = RowsMemo | FoundMemo;

/** For whom something is made. */
export interface MakerView {
  readonly username: string;
  /** The workspace's own. */
  readonly database: string;
  /** Of a memo that the made one names in `of`. */
  lookUp<Found>(memo: FoundMemo<Found>): Found;
}

/** What a function sees of the session that calls it. */
export interface SessionView {
  readonly username: string;
  readonly database: string;
  /** The schemas of the search path, existing or not, as they are shown. */
  readonly path: readonly string[];
  /** A setting's value; empty for one that there is not. */
  setting(name: string): string;
  /** What was kept for the session. Call it only with memos that the function names. */
  lookUp<Found>(memo: FoundMemo<Found>): Found;
}

/** A function that answers from kept rows. In SQL its first argument is `pg_backend_pid()`; the others are these parameters. */
export interface LookupFunction {
  readonly name: `__eider_${string}`;
  readonly parameters: JavaScriptFunction["parameters"];
  readonly returns: JavaScriptFunction["returns"];
  readonly memos: readonly FoundMemo[];
  /** As `JavaScriptFunction.call`. */
  readonly call: (view: SessionView, ...parameters: never[]) => ReturnType<JavaScriptFunction["call"]>;
}
