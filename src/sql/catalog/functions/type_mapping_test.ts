/** The macros over type texts say the same as the wire protocol does of a column. */
import assert from "node:assert/strict";
import duckdb from "@duckdb/node-api";
import bindings from "@duckdb/node-bindings";
import type { Connection } from "../../../engine/duckdb.ts";
import { columnTypeOf } from "../../../engine/encode/column_type.ts";
import { fieldTypeOf } from "../../../pgwire/types.ts";
import { typeMapping } from "./type_mapping.ts";

const instance = await duckdb.DuckDBInstance.create(":memory:");
const connection = await instance.connect();
const native = (connection as unknown as { connection: Connection }).connection;
await connection.run("ATTACH ':memory:' AS __eider; CREATE SCHEMA __eider.pg");
for (const macro of typeMapping) {
  await connection.run(`CREATE MACRO __eider.pg."${macro.name}"${macro.overloads.join(", ")}`);
}

const types = [
  ..."BOOLEAN TINYINT SMALLINT INTEGER BIGINT UTINYINT USMALLINT UINTEGER UBIGINT HUGEINT UHUGEINT BIGNUM FLOAT DOUBLE"
    .split(" "),
  ..."VARCHAR JSON BLOB BIT DATE TIME TIME_NS TIMETZ TIMESTAMP TIMESTAMP_S TIMESTAMP_MS TIMESTAMP_NS TIMESTAMPTZ"
    .split(" "),
  "INTERVAL",
  "UUID",
  "DECIMAL(12,2)",
  "DECIMAL(4,0)",
  "DECIMAL(38,37)",
  "DECIMAL(38,10)",
  "DECIMAL(5,1)[]",
  "ENUM('a', 'b]', 'c(')",
  "ENUM('a', 'b')[]",
  'STRUCT(a INTEGER, "b[]" DECIMAL(3,1)[])',
  "STRUCT(a INTEGER)[]",
  "MAP(VARCHAR, INTEGER)",
  "UNION(a INTEGER, b VARCHAR[])",
  "INTEGER[]",
  "INTEGER[3]",
  "VARCHAR[][]",
  "BIGINT[2][]",
  "TIMESTAMPTZ[]",
  "JSON[]",
  "UINTEGER[]",
];

for (const type of types) {
  Deno.test(`a column of ${type} is described as in a result`, async () => {
    await connection.run(`CREATE OR REPLACE TABLE sample(value ${type})`);
    const result = await bindings.query(native, "SELECT value FROM sample");
    const field = fieldTypeOf(columnTypeOf(bindings.column_logical_type(result, 0)));
    const mapped = await connection.runAndReadAll(
      `SELECT __eider.pg."__type_oid"(data_type), __eider.pg."__type_length"(data_type),
         __eider.pg."__type_modifier"(data_type) FROM duckdb_columns() WHERE table_name = 'sample'`,
    );
    assert.deepEqual(mapped.getRows(), [[field.oid, field.length, field.modifier]]);
  });
}
