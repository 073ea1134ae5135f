/** The types of the emulated catalog's columns, by DuckDB's words for them. */
import duckdb, { type LogicalType } from "@duckdb/node-bindings";

const scalarTypes: Readonly<Record<string, duckdb.Type>> = {
  BIGINT: duckdb.Type.BIGINT,
  BLOB: duckdb.Type.BLOB,
  BOOLEAN: duckdb.Type.BOOLEAN,
  DOUBLE: duckdb.Type.DOUBLE,
  FLOAT: duckdb.Type.FLOAT,
  INTEGER: duckdb.Type.INTEGER,
  INTERVAL: duckdb.Type.INTERVAL,
  SMALLINT: duckdb.Type.SMALLINT,
  TIMESTAMPTZ: duckdb.Type.TIMESTAMP_TZ,
  UINTEGER: duckdb.Type.UINTEGER,
  VARCHAR: duckdb.Type.VARCHAR,
};

export function logicalTypeOf(name: string): LogicalType {
  if (name.endsWith("[]")) return duckdb.create_list_type(logicalTypeOf(name.slice(0, -2)));
  const decimal = /^DECIMAL\((\d+),(\d+)\)$/.exec(name);
  if (decimal !== null) return duckdb.create_decimal_type(Number(decimal[1]), Number(decimal[2]));
  const type = scalarTypes[name];
  if (type === undefined) throw new Error(`the catalog has no columns of type ${name}`);
  return duckdb.create_logical_type(type);
}
