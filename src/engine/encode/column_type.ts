/** Turns an opaque DuckDB logical type into plain data (`ColumnType`), once a statement. */
import duckdb from "@duckdb/node-bindings";
import { AppError } from "../../errors/app_error.ts";
import type { ColumnType, NamedColumnType, ScalarTypeName } from "../../pgwire/types.ts";

const scalarNames: ReadonlyMap<number, ScalarTypeName> = new Map<number, ScalarTypeName>([
  [duckdb.Type.BOOLEAN, "BOOLEAN"],
  [duckdb.Type.TINYINT, "TINYINT"],
  [duckdb.Type.SMALLINT, "SMALLINT"],
  [duckdb.Type.INTEGER, "INTEGER"],
  [duckdb.Type.BIGINT, "BIGINT"],
  [duckdb.Type.UTINYINT, "UTINYINT"],
  [duckdb.Type.USMALLINT, "USMALLINT"],
  [duckdb.Type.UINTEGER, "UINTEGER"],
  [duckdb.Type.UBIGINT, "UBIGINT"],
  [duckdb.Type.HUGEINT, "HUGEINT"],
  [duckdb.Type.UHUGEINT, "UHUGEINT"],
  [duckdb.Type.BIGNUM, "BIGNUM"],
  [duckdb.Type.FLOAT, "FLOAT"],
  [duckdb.Type.DOUBLE, "DOUBLE"],
  [duckdb.Type.VARCHAR, "VARCHAR"],
  [duckdb.Type.BLOB, "BLOB"],
  [duckdb.Type.BIT, "BIT"],
  [duckdb.Type.DATE, "DATE"],
  [duckdb.Type.TIME, "TIME"],
  [duckdb.Type.TIME_NS, "TIME_NS"],
  [duckdb.Type.TIME_TZ, "TIMETZ"],
  [duckdb.Type.TIMESTAMP, "TIMESTAMP"],
  [duckdb.Type.TIMESTAMP_S, "TIMESTAMP_S"],
  [duckdb.Type.TIMESTAMP_MS, "TIMESTAMP_MS"],
  [duckdb.Type.TIMESTAMP_NS, "TIMESTAMP_NS"],
  [duckdb.Type.TIMESTAMP_TZ, "TIMESTAMPTZ"],
  [duckdb.Type.INTERVAL, "INTERVAL"],
  [duckdb.Type.UUID, "UUID"],
  [duckdb.Type.GEOMETRY, "GEOMETRY"],
  [duckdb.Type.SQLNULL, "SQLNULL"],
]);

/** Throws `feature_not_supported` for a type that has no PostgreSQL form, such as VARIANT. */
export function columnTypeOf(logicalType: duckdb.LogicalType): ColumnType {
  const id = duckdb.get_type_id(logicalType);
  switch (id) {
    case duckdb.Type.DECIMAL:
      return { name: "DECIMAL", width: duckdb.decimal_width(logicalType), scale: duckdb.decimal_scale(logicalType) };
    case duckdb.Type.ENUM:
      return enumType(logicalType);
    case duckdb.Type.LIST:
      return { name: "LIST", child: columnTypeOf(duckdb.list_type_child_type(logicalType)) };
    case duckdb.Type.ARRAY:
      return {
        name: "ARRAY",
        child: columnTypeOf(duckdb.array_type_child_type(logicalType)),
        size: duckdb.array_type_array_size(logicalType),
      };
    case duckdb.Type.STRUCT: {
      const count = duckdb.struct_type_child_count(logicalType);
      return {
        name: "STRUCT",
        entries: named(
          count,
          (index) => duckdb.struct_type_child_name(logicalType, index),
          (index) => duckdb.struct_type_child_type(logicalType, index),
        ),
      };
    }
    case duckdb.Type.MAP:
      return {
        name: "MAP",
        key: columnTypeOf(duckdb.map_type_key_type(logicalType)),
        value: columnTypeOf(duckdb.map_type_value_type(logicalType)),
      };
    case duckdb.Type.UNION: {
      const count = duckdb.union_type_member_count(logicalType);
      return {
        name: "UNION",
        members: named(
          count,
          (index) => duckdb.union_type_member_name(logicalType, index),
          (index) => duckdb.union_type_member_type(logicalType, index),
        ),
      };
    }
    case duckdb.Type.VARCHAR:
      return { name: duckdb.logical_type_get_alias(logicalType) === "JSON" ? "JSON" : "VARCHAR" };
    default: {
      const name = scalarNames.get(id);
      if (name === undefined) {
        throw new AppError("feature_not_supported", `column type ${duckdb.Type[id] ?? id} cannot be sent`, {
          hint: "Cast the column to another type, such as VARCHAR.",
        });
      }
      return { name };
    }
  }
}

function enumType(logicalType: duckdb.LogicalType): ColumnType {
  const count = duckdb.enum_dictionary_size(logicalType);
  const values = Array.from({ length: count }, (_, index) => duckdb.enum_dictionary_value(logicalType, index));
  const internal = duckdb.enum_internal_type(logicalType);
  const indexBytes = internal === duckdb.Type.UTINYINT ? 1 : internal === duckdb.Type.USMALLINT ? 2 : 4;
  return { name: "ENUM", values, indexBytes };
}

function named(
  count: number,
  nameAt: (index: number) => string,
  typeAt: (index: number) => duckdb.LogicalType,
): NamedColumnType[] {
  return Array.from({ length: count }, (_, index) => ({ name: nameAt(index), type: columnTypeOf(typeAt(index)) }));
}
