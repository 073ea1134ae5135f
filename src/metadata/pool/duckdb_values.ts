/** Parameters into DuckDB and rows out of it, as `types.ts` promises. */
import {
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBIntervalValue,
  type DuckDBMaterializedResult,
  type DuckDBPreparedStatement,
  DuckDBTimestampMillisecondsValue,
  DuckDBTimestampNanosecondsValue,
  DuckDBTimestampSecondsValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  DuckDBTimeTZValue,
  DuckDBTimeValue,
  DuckDBUUIDValue,
  type DuckDBValue,
} from "@duckdb/node-api";
import type { SqlParameter, SqlRow, SqlValue } from "../types.ts";

const bigintMin = -(2n ** 63n);
const bigintMax = 2n ** 63n - 1n;
/** The range of JavaScript's dates, in microseconds. */
const dateMicrosMax = 8_640_000_000_000_000_000n;

/** Whole numbers go as BIGINT and others as DOUBLE; DuckDB casts them, and text, to the type that the place needs. */
export function bindParameters(statement: DuckDBPreparedStatement, parameters: readonly SqlParameter[]): void {
  for (const [index, value] of parameters.entries()) {
    const position = index + 1;
    if (value === null) statement.bindNull(position);
    else if (typeof value === "string") statement.bindVarchar(position, value);
    else if (typeof value === "boolean") statement.bindBoolean(position, value);
    else if (typeof value === "number") {
      if (Number.isSafeInteger(value)) statement.bindBigInt(position, BigInt(value));
      else statement.bindDouble(position, value);
    } else if (typeof value === "bigint") {
      if (value >= bigintMin && value <= bigintMax) statement.bindBigInt(position, value);
      else statement.bindHugeInt(position, value);
    } else {
      throw new TypeError(`parameter $${position} is ${typeof value}: accepted are text, numbers, booleans and null`);
    }
  }
}

export async function readRows(result: DuckDBMaterializedResult): Promise<SqlRow[]> {
  const names = result.deduplicatedColumnNames();
  const rows = await result.getRows();
  return rows.map((row) => {
    const record: Record<string, SqlValue> = {};
    for (const [index, name] of names.entries()) record[name] = readValue(row[index] ?? null, name);
    return record;
  });
}

function readValue(value: DuckDBValue, column: string): SqlValue {
  switch (typeof value) {
    case "boolean":
    case "number":
    case "string":
      return value;
    case "bigint": {
      const number = Number(value);
      return Number.isSafeInteger(number) ? number : value;
    }
  }
  if (value === null) return null;
  if (value instanceof DuckDBTimestampTZValue || value instanceof DuckDBTimestampValue) {
    return timestampText(value.micros, value);
  }
  if (value instanceof DuckDBTimestampMillisecondsValue) return timestampText(value.millis * 1000n, value);
  if (value instanceof DuckDBTimestampSecondsValue) return timestampText(value.seconds * 1_000_000n, value);
  if (value instanceof DuckDBTimestampNanosecondsValue) return timestampText(value.nanos / 1000n, value);
  if (value instanceof DuckDBDecimalValue) return value.toDouble();
  if (
    value instanceof DuckDBDateValue || value instanceof DuckDBTimeValue || value instanceof DuckDBTimeTZValue ||
    value instanceof DuckDBUUIDValue || value instanceof DuckDBIntervalValue
  ) {
    return value.toString();
  }
  throw new TypeError(`column ${column} has a nested or binary value: cast it to VARCHAR or JSON in the query`);
}

/** RFC 3339 UTC with milliseconds; what JavaScript's dates cannot hold (infinity) as DuckDB writes it. */
function timestampText(micros: bigint, value: { toString(): string }): string {
  if (micros > dateMicrosMax || micros < -dateMicrosMax) return value.toString();
  const millis = micros >= 0n ? micros / 1000n : (micros - 999n) / 1000n;
  return new Date(Number(millis)).toISOString();
}
