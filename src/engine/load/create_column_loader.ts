/** The loader for a column, by its type. */
import duckdb from "@duckdb/node-bindings";
import { type ColumnType, fieldTypeOf, type ScalarTypeName } from "../../pgwire/types.ts";
import { columnTypeOf } from "../encode/column_type.ts";
import type { ColumnLoader } from "./column_loader.ts";
import {
  DateLoader,
  IntervalLoader,
  TimeLoader,
  TimestampLoader,
  TimeTzLoader,
  UuidLoader,
} from "./date_time_loader.ts";
import { BooleanLoader, EnumLoader, IntegerLoader } from "./integer_loader.ts";
import { ListLoader } from "./list_loader.ts";
import { DecimalLoader, FloatLoader, HugeIntegerLoader } from "./number_loader.ts";
import { BitLoader, BlobLoader, JsonLoader, StringLoader } from "./string_loader.ts";

export interface LoadableColumn {
  readonly loader: ColumnLoader;
  /** Bytes of every value in binary format; -1 where they differ. */
  readonly binaryLength: number;
  /** What DuckDB is given. Another type than the table's where DuckDB itself must convert: JSON for what clients see as json. */
  readonly logicalType: duckdb.LogicalType;
}

/** `timeZone` is where a timestamptz without a zone lies. */
export function createColumnLoader(logicalType: duckdb.LogicalType, timeZone: string): LoadableColumn {
  const type = columnTypeOf(logicalType);
  return { ...loadable(type, logicalType, timeZone), binaryLength: fieldTypeOf(type).length };
}

type Loadable = Omit<LoadableColumn, "binaryLength">;

function loadable(type: ColumnType, logicalType: duckdb.LogicalType, timeZone: string): Loadable {
  switch (type.name) {
    case "LIST": {
      const child = loadable(type.child, duckdb.list_type_child_type(logicalType), timeZone);
      return { loader: new ListLoader(type, child.loader), logicalType: duckdb.create_list_type(child.logicalType) };
    }
    case "ARRAY": {
      const child = loadable(type.child, duckdb.array_type_child_type(logicalType), timeZone);
      return {
        loader: new ListLoader(type, child.loader),
        logicalType: duckdb.create_array_type(child.logicalType, type.size),
      };
    }
    case "STRUCT":
    case "MAP":
    case "UNION": {
      const json = duckdb.create_logical_type(duckdb.Type.VARCHAR);
      duckdb.logical_type_set_alias(json, "JSON");
      return { loader: new JsonLoader(), logicalType: json };
    }
    case "BIGNUM":
    case "GEOMETRY":
    case "SQLNULL":
      return { loader: new StringLoader(), logicalType: duckdb.create_logical_type(duckdb.Type.VARCHAR) };
    case "ENUM": {
      const typeName = duckdb.logical_type_get_alias(logicalType) ?? "enum";
      return { loader: new EnumLoader(typeName, type.values, type.indexBytes), logicalType };
    }
    case "DECIMAL":
      return { loader: new DecimalLoader(type.width, type.scale), logicalType };
    default:
      return { loader: plainLoader(type.name, timeZone), logicalType };
  }
}

type PlainTypeName = Exclude<ScalarTypeName, "BIGNUM" | "GEOMETRY" | "SQLNULL">;

function plainLoader(name: PlainTypeName, timeZone: string): ColumnLoader {
  switch (name) {
    case "BOOLEAN":
      return new BooleanLoader();
    case "TINYINT":
    case "SMALLINT":
    case "INTEGER":
    case "BIGINT":
    case "UTINYINT":
    case "USMALLINT":
    case "UINTEGER":
    case "UBIGINT":
      return new IntegerLoader(name);
    case "HUGEINT":
      return new HugeIntegerLoader(true);
    case "UHUGEINT":
      return new HugeIntegerLoader(false);
    case "FLOAT":
      return new FloatLoader(4);
    case "DOUBLE":
      return new FloatLoader(8);
    case "VARCHAR":
      return new StringLoader();
    case "JSON":
      return new JsonLoader();
    case "BLOB":
      return new BlobLoader();
    case "BIT":
      return new BitLoader();
    case "DATE":
      return new DateLoader();
    case "TIME":
      return new TimeLoader("microseconds");
    case "TIME_NS":
      return new TimeLoader("nanoseconds");
    case "TIMETZ":
      return new TimeTzLoader();
    case "TIMESTAMP":
      return new TimestampLoader("microseconds", null);
    case "TIMESTAMP_S":
      return new TimestampLoader("seconds", null);
    case "TIMESTAMP_MS":
      return new TimestampLoader("milliseconds", null);
    case "TIMESTAMP_NS":
      return new TimestampLoader("nanoseconds", null);
    case "TIMESTAMPTZ":
      return new TimestampLoader("microseconds", timeZone);
    case "INTERVAL":
      return new IntervalLoader();
    case "UUID":
      return new UuidLoader();
    default: {
      const never: never = name;
      throw new Error(`unknown column type: ${never}`);
    }
  }
}
