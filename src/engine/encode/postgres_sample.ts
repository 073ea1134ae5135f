/** One value as a real PostgreSQL sends it: the oracle of the result encoders and the parameter decoders. */
import type { PostgresTypeName } from "../../pgwire/types.ts";

export interface PostgresSample {
  /** PostgreSQL type; with `[]` its array type. */
  readonly type: PostgresTypeName | `${PostgresTypeName}[]`;
  /** The value in DuckDB's SQL. */
  readonly sql: string;
  readonly text: string;
  /** Hexadecimal. */
  readonly binary: string;
  /** TimeZone under which the text was made; UTC when left out. */
  readonly timeZone?: string;
}

export function sample(type: PostgresSample["type"], sql: string, text: string, binary: string): PostgresSample {
  return { type, sql, text, binary };
}

/** A timestamptz under a time zone. */
export function zoned(timeZone: string, sql: string, text: string, binary: string): PostgresSample {
  return { type: "timestamptz", sql, text, binary, timeZone };
}
