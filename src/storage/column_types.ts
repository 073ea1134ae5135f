/** Which column types a table may declare: DuckDB's scalar types, in the form in which DuckDB itself writes them. */
import { AppError } from "../errors/app_error.ts";

/** What people write, upper case, and what DuckDB calls it. */
const scalarTypes: Readonly<Record<string, string>> = {
  BOOLEAN: "BOOLEAN",
  BOOL: "BOOLEAN",
  LOGICAL: "BOOLEAN",
  TINYINT: "TINYINT",
  INT1: "TINYINT",
  SMALLINT: "SMALLINT",
  INT2: "SMALLINT",
  SHORT: "SMALLINT",
  INTEGER: "INTEGER",
  INT: "INTEGER",
  INT4: "INTEGER",
  SIGNED: "INTEGER",
  BIGINT: "BIGINT",
  INT8: "BIGINT",
  LONG: "BIGINT",
  HUGEINT: "HUGEINT",
  INT128: "HUGEINT",
  UTINYINT: "UTINYINT",
  USMALLINT: "USMALLINT",
  UINTEGER: "UINTEGER",
  UBIGINT: "UBIGINT",
  UHUGEINT: "UHUGEINT",
  FLOAT: "FLOAT",
  FLOAT4: "FLOAT",
  REAL: "FLOAT",
  DOUBLE: "DOUBLE",
  FLOAT8: "DOUBLE",
  "DOUBLE PRECISION": "DOUBLE",
  VARCHAR: "VARCHAR",
  TEXT: "VARCHAR",
  STRING: "VARCHAR",
  CHAR: "VARCHAR",
  BPCHAR: "VARCHAR",
  "CHARACTER VARYING": "VARCHAR",
  BLOB: "BLOB",
  BYTEA: "BLOB",
  BINARY: "BLOB",
  VARBINARY: "BLOB",
  DATE: "DATE",
  TIME: "TIME",
  "TIME WITHOUT TIME ZONE": "TIME",
  TIMESTAMP: "TIMESTAMP",
  DATETIME: "TIMESTAMP",
  "TIMESTAMP WITHOUT TIME ZONE": "TIMESTAMP",
  TIMESTAMP_S: "TIMESTAMP_S",
  TIMESTAMP_MS: "TIMESTAMP_MS",
  TIMESTAMP_NS: "TIMESTAMP_NS",
  TIMESTAMPTZ: "TIMESTAMP WITH TIME ZONE",
  "TIMESTAMP WITH TIME ZONE": "TIMESTAMP WITH TIME ZONE",
  INTERVAL: "INTERVAL",
  UUID: "UUID",
  JSON: "JSON",
  DECIMAL: "DECIMAL(18,3)",
  NUMERIC: "DECIMAL(18,3)",
  DEC: "DECIMAL(18,3)",
};

const precisionMax = 38;

/** DuckDB's own name of a column type. Throws `invalid_request` with `pointer` for anything but a scalar type. */
export function normalizeColumnType(type: string, pointer: string): string {
  const text = type.trim().replaceAll(/\s+/g, " ").toUpperCase();
  const known = Object.hasOwn(scalarTypes, text) ? scalarTypes[text] : undefined;
  if (known !== undefined) return known;
  const decimal = /^(?:DECIMAL|NUMERIC|DEC) ?\( ?(\d{1,2}) ?(?:, ?(\d{1,2}) ?)?\)$/.exec(text);
  if (decimal !== null) {
    const precision = Number(decimal[1]);
    const scale = Number(decimal[2] ?? 0);
    if (precision >= 1 && precision <= precisionMax && scale <= precision) return `DECIMAL(${precision},${scale})`;
  }
  // DuckDB does not enforce a length either.
  if (/^(VARCHAR|CHAR|CHARACTER VARYING|BPCHAR) ?\( ?\d{1,9} ?\)$/.test(text)) return "VARCHAR";
  const accepted = "BOOLEAN, SMALLINT, INTEGER, BIGINT, FLOAT, DOUBLE, DECIMAL(p,s) with p up to 38, VARCHAR, BLOB, " +
    "DATE, TIME, TIMESTAMP, TIMESTAMPTZ, INTERVAL, UUID, JSON and DuckDB's other scalar types";
  throw new AppError("invalid_request", `column type: "${type.slice(0, 100)}" is not accepted; ${accepted}`, {
    fields: [{ pointer, detail: `one of ${accepted}` }],
  });
}
