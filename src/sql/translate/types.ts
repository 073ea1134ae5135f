/** What the translation of one statement gives; pure data, independent of a session, made once for a text. */
import type { StagedPlan } from "./staged/types.ts";
import type { TableColumns } from "./rewrite/scope.ts";
import type { ColumnOrigins } from "./column_origins.ts";
import type { CatalogColumnType } from "../catalog/types.ts";
import type { PgNode } from "../pg_parser.ts";

/** PostgreSQL's type of a result column where DuckDB's own type would describe it as another one. */
export type OutputType =
  | CatalogColumnType
  | "tid"
  | "regclass"
  | "regnamespace"
  | "regprocedure"
  | "regrole"
  | "xid8"
  | "record"
  | "jsonb"
  | "jsonb[]"
  | "bpchar"
  | `varchar(${number})`
  | `bpchar(${number})`;

export interface Translation {
  /**
   * DuckDB SQL. One statement, or several that are carried out in order in one transaction, when PostgreSQL's single statement
   * needs it (`serial`: CREATE SEQUENCE, then CREATE TABLE). The last one gives the command tag and the rows.
   */
  readonly texts: readonly [string, ...string[]];
  /** 1-based position in characters of the last text -> the same in the statement's own text. */
  readonly originalPosition: (position: number) => number;
  /** Emulated relations that it reads, such as `pg_stat_activity` (lower case, without schema). */
  readonly relations: ReadonlySet<string>;
  /**
   * Types of result columns, by index; null or beyond its end: as DuckDB describes it. It ends before the first `*` whose columns the
   * translation cannot know.
   */
  readonly outputTypes: readonly (OutputType | null)[];
  /** What the columns are of; null where the tree does not tell. */
  readonly origins: ColumnOrigins | null;
  /**
   * Tables as DuckDB names them, when a constant may mean something else beside some of their columns: `translateWithColumns` knows better
   * (`table_columns.ts`).
   */
  readonly wantedTables: readonly string[];
  /** What was found out about them. */
  readonly columns?: TableColumns;
  /** It means something else, or something only, where the keys and columns of the tables that it changes are known (`table_facts.ts`). */
  readonly wantsFacts: boolean;
  /** Texts whose columns' names it wants, too. */
  readonly wantedNames?: readonly string[];
  /** What is carried out in place of `texts`, where it is known. */
  readonly staged?: StagedPlan;
  /** Notices to send, such as that a FOR UPDATE locks nothing. */
  readonly notices: readonly string[];
}

/** A printed tree. Positions are 0-based UTF-16 offsets; `original` is libpg-query's `location`, a UTF-8 byte offset. */
export interface Printed {
  readonly text: string;
  /** Ascending by `printed`: at this offset of `text` begins what stood at byte `original` of the source. */
  readonly places: readonly { readonly printed: number; readonly original: number }[];
}

/** Prints a statement's tree as DuckDB SQL; null when it holds a node that the printer does not know. */
export type PrintStatement = (statement: PgNode) => Printed | null;
