/**
 * Registers JavaScript functions with a DuckDB instance. DuckDB's threads wait for this thread while one runs, so nothing here may
 * wait for DuckDB, and the engine never calls DuckDB synchronously on a connection that runs a statement.
 *
 * Measured: 0.6 µs a row and 0.4 ms a statement more than a built-in function.
 */
import "../heartbeat.ts";
import duckdb, { type DataChunk, type Vector } from "@duckdb/node-bindings";
import { AppError } from "../errors/app_error.ts";
import { catalogue } from "../errors/catalogue.ts";
import {
  type JavaScriptFunction,
  type JavaScriptFunctionType,
  type JavaScriptValue,
  raisedErrorPrefix,
} from "../sql/functions/types.ts";
import type { Connection } from "./duckdb.ts";

const logicalTypes: Readonly<Record<JavaScriptFunctionType, duckdb.Type>> = {
  VARCHAR: duckdb.Type.VARCHAR,
  DOUBLE: duckdb.Type.DOUBLE,
  BIGINT: duckdb.Type.BIGINT,
  BOOLEAN: duckdb.Type.BOOLEAN,
};

const valueBytes: Readonly<Record<JavaScriptFunctionType, number>> = { VARCHAR: 16, DOUBLE: 8, BIGINT: 8, BOOLEAN: 1 };

/** For the whole instance, not only for this connection. */
export function registerScalarFunction(connection: Connection, definition: JavaScriptFunction): void {
  const native = duckdb.create_scalar_function();
  duckdb.scalar_function_set_name(native, definition.name);
  for (const type of definition.parameters) {
    duckdb.scalar_function_add_parameter(native, duckdb.create_logical_type(logicalTypes[type]));
  }
  duckdb.scalar_function_set_return_type(native, duckdb.create_logical_type(logicalTypes[definition.returns]));
  if (definition.volatile) duckdb.scalar_function_set_volatile(native);
  duckdb.scalar_function_set_function(native, (info, chunk, output) => {
    try {
      callForRows(definition, chunk, output);
    } catch (error) {
      const [kind, message] = error instanceof AppError
        ? [error.kind, error.message]
        : ["internal", String(error)] as const;
      duckdb.scalar_function_set_error(info, `${raisedErrorPrefix}${catalogue[kind].sqlstate}:${message}`);
    }
  });
  duckdb.register_scalar_function(connection, native);
}

function callForRows(definition: JavaScriptFunction, chunk: DataChunk, output: Vector): void {
  const rowCount = duckdb.data_chunk_get_size(chunk);
  const readers = definition.parameters.map((type, index) =>
    readerOf(type, duckdb.data_chunk_get_vector(chunk, index), rowCount)
  );
  const call = definition.call as (...parameters: JavaScriptValue[]) => JavaScriptValue;
  const writer = writerOf(definition.returns, output, rowCount);
  for (let row = 0; row < rowCount; row++) {
    const parameters = readers.map((read) => read(row));
    writer.write(row, parameters.includes(null) ? null : call(...parameters));
  }
  writer.finish();
}

function readerOf(type: JavaScriptFunctionType, vector: Vector, rowCount: number): (row: number) => JavaScriptValue {
  const validity = duckdb.vector_get_validity(vector, Math.ceil(rowCount / 64) * 8);
  const isNull = (row: number): boolean => validity !== null && ((validity[row >> 3] ?? 0xff) & (1 << (row & 7))) === 0;
  const bytes = duckdb.vector_get_data(vector, rowCount * valueBytes[type]);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const decoder = new TextDecoder();
  const read = (row: number): JavaScriptValue => {
    switch (type) {
      case "BIGINT":
        return view.getBigInt64(row * 8, true);
      case "DOUBLE":
        return view.getFloat64(row * 8, true);
      case "BOOLEAN":
        return view.getUint8(row) !== 0;
      case "VARCHAR": {
        const length = view.getUint32(row * 16, true);
        if (length <= 12) return decoder.decode(bytes.subarray(row * 16 + 4, row * 16 + 4 + length));
        return decoder.decode(
          duckdb.get_data_from_pointer(bytes.buffer as ArrayBuffer, bytes.byteOffset + row * 16 + 8, length),
        );
      }
    }
  };
  return (row) => isNull(row) ? null : read(row);
}

interface ValueWriter {
  write(row: number, value: JavaScriptValue): void;
  /** Call once, after the last row. */
  finish(): void;
}

/** The bindings give copies of a vector's memory, so values are collected here and copied into it at the end. */
function writerOf(type: JavaScriptFunctionType, output: Vector, rowCount: number): ValueWriter {
  const values = new DataView(new ArrayBuffer(type === "VARCHAR" ? 0 : rowCount * valueBytes[type]));
  const validity = new Uint8Array(Math.ceil(rowCount / 64) * 8).fill(0xff);
  let hasNulls = false;
  return {
    write: (row, value) => {
      if (value === null) {
        hasNulls = true;
        validity[row >> 3]! &= ~(1 << (row & 7));
        return;
      }
      switch (type) {
        case "BIGINT":
          return values.setBigInt64(row * 8, BigInt(value), true);
        case "DOUBLE":
          return values.setFloat64(row * 8, Number(value), true);
        case "BOOLEAN":
          return values.setUint8(row, value === true ? 1 : 0);
        case "VARCHAR":
          return duckdb.vector_assign_string_element(output, row, String(value));
      }
    },
    finish: () => {
      if (values.byteLength > 0) duckdb.copy_data_to_vector(output, 0, values.buffer, 0, values.byteLength);
      if (!hasNulls) return;
      duckdb.vector_ensure_validity_writable(output);
      duckdb.copy_data_to_vector_validity(output, 0, validity.buffer, 0, validity.byteLength);
    },
  };
}
