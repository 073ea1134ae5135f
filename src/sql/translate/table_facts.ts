/**
 * What a translation may have to know of a table that a statement changes: its columns with their defaults, and its keys. Whoever prepares
 * the statement looks it up (`engine/table_facts.ts`) and gives it along with the parsed statement.
 */
import type { StaticType } from "./rewrite/static_types.ts";

export interface FactColumn {
  readonly name: string;
  /** DuckDB's, as text. */
  readonly type: string;
  /** PostgreSQL's internal name, null where it has none. */
  readonly staticType: StaticType;
  /** DuckDB SQL; of a generated column its expression. */
  readonly default: string | null;
  readonly isGenerated: boolean;
  readonly isNullable: boolean;
}

export interface FactKey {
  /** PostgreSQL's name for it. A unique index has none as a constraint. */
  readonly constraint: string | null;
  readonly isPrimary: boolean;
  readonly columns: readonly string[];
}

export interface TableFacts {
  readonly columns: readonly FactColumn[];
  readonly keys: readonly FactKey[];
}

/** By `factsKey`. */
export type FactsByTable = ReadonlyMap<string, TableFacts>;

/** Of a table as a statement names it, in PostgreSQL's words or DuckDB's. */
export function factsKey(schema: string | null, name: string): string {
  const shown = schema === "main" ? "public" : schema === "temp" ? "pg_temp" : schema ?? "";
  return JSON.stringify([shown.toLowerCase(), name.toLowerCase()]);
}
