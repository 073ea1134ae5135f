/** A statement that DuckDB cannot carry out at once: what it changes is computed first, into temporary tables, and then done. */

/** A text that is only prepared, never run. */
export interface PreparedText {
  readonly text: string;
  /** 1-based position in characters of the text -> the same in the client's statement. */
  readonly originalPosition: (position: number) => number;
}

export interface StagedPlan {
  /** Statements that together have every parameter, each where its type can be told. */
  readonly probes: readonly PreparedText[];
  /** A query with the result's columns; null when no rows come back. */
  readonly shape: PreparedText | null;
  /** Run in this order in one transaction, with those of the client's parameters that they have. */
  readonly steps: readonly string[];
  /** Gives the rows, after the steps. Without it the counts of the last `countedSteps` go into the command tag. */
  readonly result: string | null;
  readonly countedSteps: number;
  /** Temporary tables to drop afterwards, in the database `temp`. */
  readonly tables: readonly string[];
}
