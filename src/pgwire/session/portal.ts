/**
 * Prepared statements and portals of one session, as the extended query protocol names them, and SQL cursors, which are
 * portals too. PostgreSQL documentation, "Extended Query".
 */
import type { ParsedStatement } from "../../sql/statement.ts";
import type { EnumTypes } from "../../engine/enum_types.ts";
import type { EngineColumn, EngineStatement } from "../../engine/statement.ts";
import type { StagedPlan } from "../../sql/translate/staged/types.ts";
import type { Translation } from "../../sql/translate/types.ts";
import type { FieldType } from "../types.ts";
import type { ColumnTable } from "./column_tables.ts";
import type { RowSource } from "./row_source.ts";

export interface Field {
  readonly name: string;
  readonly type: FieldType;
  readonly table?: ColumnTable;
}

export interface PreparedStatement {
  readonly name: string;
  /** null for an empty query string. */
  readonly parsed: ParsedStatement | null;
  readonly parameterOids: readonly number[];
  /** The engine's number of each parameter, where it differs; null for one that the engine does not need. */
  readonly nativeIndexes: readonly (number | null)[] | null;
  /** What must be equal for another Parse to mean the same statement: its text and the declared types. */
  readonly cacheKey: string;
  /** null for a statement that the session answers itself. */
  readonly translation: Translation | null;
  readonly preparedAtMs: number;
  /** Made by PREPARE, not by a Parse message. */
  readonly fromSql: boolean;
  /** null for a statement that the session answers itself, or that needs several statements of the engine. */
  readonly engine: EngineStatement | null;
  /** In place of `engine`: how the statement is carried out in stages, and the names of its columns. */
  readonly staged: { readonly plan: StagedPlan; readonly names: readonly string[] } | null;
  /** What Describe answers: null when no rows come back. */
  readonly fields: readonly Field[] | null;
  /** Whether rows come back, `fields` being known or not. */
  readonly returnsRows: boolean;
  /** The analyst's enum types, when a column or parameter may be of one. */
  readonly enums: EnumTypes | null;
  /** One a column, where `fields` are known. */
  readonly tables: readonly ColumnTable[];
  /** The engine columns behind `fields`, where the engine gives them. */
  readonly columns: readonly EngineColumn[] | null;
  /** Indexes of the columns whose numeric is computed, as far as the statement tells. */
  readonly computed: ReadonlySet<number>;
}

export interface ParameterValue {
  readonly bytes: Uint8Array | null;
  readonly format: 0 | 1;
}

/** What DECLARE said: a cursor WITH HOLD outlives its transaction, BINARY is how a simple query's FETCH gets its rows. */
export interface CursorOptions {
  readonly hold: boolean;
  readonly binary: boolean;
}

export class Portal {
  readonly name: string;
  readonly prepared: PreparedStatement;
  readonly parameters: readonly ParameterValue[];
  /** As in Bind: none, one for all, or one a column. */
  readonly resultFormats: readonly (0 | 1)[];
  source: RowSource | null = null;
  started = false;
  finished = false;
  /** Tag to repeat when a finished portal is executed again. */
  tag = "";
  rowCount = 0;
  byteCount = 0;
  /** null for a portal of Bind or of a simple query. */
  readonly cursor: CursorOptions | null;
  /** Rows that a suspended FETCH has still to give. */
  fetchRowsLeft: number | null = null;

  constructor(
    name: string,
    prepared: PreparedStatement,
    parameters: readonly ParameterValue[],
    resultFormats: readonly (0 | 1)[],
    cursor: CursorOptions | null = null,
  ) {
    this.name = name;
    this.prepared = prepared;
    this.parameters = parameters;
    this.resultFormats = resultFormats;
    this.cursor = cursor;
  }

  formatsFor(columnCount: number): (0 | 1)[] {
    return Array.from({ length: columnCount }, (_, index) => {
      if (this.resultFormats.length === 0) return 0;
      return (this.resultFormats.length === 1 ? this.resultFormats[0] : this.resultFormats[index]) ?? 0;
    });
  }

  async close(): Promise<void> {
    await this.source?.close();
    this.source = null;
    this.finished = true;
  }
}

/** What happened to a portal: rows may be left (suspended), or it ended with a command tag. */
export type Executed = { readonly suspended: true } | { readonly suspended: false; readonly tag: string };

/** Called before the first row of a result: what RowDescription would say of it. */
export type SendFields = (fields: readonly Field[], formats: readonly (0 | 1)[]) => void;
