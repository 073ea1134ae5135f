/**
 * Binds a parameter of Bind to a prepared DuckDB statement: bytes in PostgreSQL's text or binary format become a DuckDB
 * value of the corresponding type, exactly. What is no value of its type is refused in PostgreSQL's words.
 */
import duckdb from "@duckdb/node-bindings";
import { AppError } from "../../errors/app_error.ts";
import { decodeText } from "../../pgwire/codec/body_reader.ts";
import { arrayElementByOid, postgresTypes } from "../../pgwire/types.ts";
import { type ArrayElement, parseArrayBinary, parseArrayText } from "./array_input.ts";
import { binaryValue } from "./binary_input.ts";
import { textValue } from "./text_input.ts";

const noUserElements: ReadonlyMap<number, number> = new Map();

/**
 * `index1` is 1-based. `typeOid` is PostgreSQL's OID of the parameter's type, 0 for text; an array type binds a LIST.
 * `timeZone` is where a timestamptz without a zone lies; `userElements` has the element type of array types that users made.
 * Throws `invalid_text_representation`, `invalid_binary_representation`, `numeric_out_of_range`,
 * `invalid_datetime_format`, `datetime_overflow` or `character_not_in_repertoire`.
 */
export function bindParameter(
  statement: duckdb.PreparedStatement,
  index1: number,
  typeOid: number,
  format: 0 | 1,
  bytes: Uint8Array | null,
  timeZone = "UTC",
  userElements: ReadonlyMap<number, number> = noUserElements,
): void {
  if (bytes === null) duckdb.bind_null(statement, index1);
  else duckdb.bind_value(statement, index1, parameterValue(typeOid, format, bytes, timeZone, userElements));
}

/** The DuckDB value of a parameter that is not NULL. */
export function parameterValue(
  typeOid: number,
  format: 0 | 1,
  bytes: Uint8Array,
  timeZone = "UTC",
  userElements: ReadonlyMap<number, number> = noUserElements,
): duckdb.Value {
  const elementOid = arrayElementByOid(typeOid)?.oid ?? userElements.get(typeOid);
  if (elementOid === undefined) {
    return format === 0
      ? textValue(typeOid, parameterText(bytes), timeZone)
      : binaryValue(typeOid, bytes, parameterText);
  }
  if (format === 0) {
    const elements = parseArrayText(parameterText(bytes));
    return listValue(elements, elementOid, (text) => textValue(elementOid, text, timeZone)).value;
  }
  const elements = parseArrayBinary(typeOid, elementOid, bytes);
  return listValue(elements, elementOid, (item) => binaryValue(elementOid, item, parameterText)).value;
}

/** UTF-8; a zero byte is refused as PostgreSQL's text refuses it. */
function parameterText(bytes: Uint8Array): string {
  if (bytes.includes(0)) {
    throw new AppError("character_not_in_repertoire", 'invalid byte sequence for encoding "UTF8": 0x00');
  }
  return decodeText(bytes);
}

interface ListValue {
  readonly value: duckdb.Value;
  readonly type: duckdb.LogicalType;
}

/** A LIST whose elements have one type: all scalar, or all lists. */
function listValue<T>(
  elements: readonly ArrayElement<T>[],
  elementOid: number,
  scalar: (element: T) => duckdb.Value,
): ListValue {
  const values: duckdb.Value[] = [];
  let childType: duckdb.LogicalType | undefined;
  for (const element of elements) {
    if (element === null) {
      values.push(duckdb.create_null_value());
    } else if (Array.isArray(element)) {
      const inner = listValue(element as readonly ArrayElement<T>[], elementOid, scalar);
      childType = inner.type;
      values.push(inner.value);
    } else {
      values.push(scalar(element as T));
    }
  }
  const type = childType ?? commonType(values, elementOid);
  return { value: duckdb.create_list_value(type, values), type: duckdb.create_list_type(type) };
}

const listElementTypes: ReadonlyMap<number, duckdb.Type> = new Map<number, duckdb.Type>([
  [postgresTypes.bool.oid, duckdb.Type.BOOLEAN],
  [postgresTypes.int2.oid, duckdb.Type.SMALLINT],
  [postgresTypes.int4.oid, duckdb.Type.INTEGER],
  [postgresTypes.int8.oid, duckdb.Type.BIGINT],
  [postgresTypes.oid.oid, duckdb.Type.BIGINT],
  [postgresTypes.float4.oid, duckdb.Type.FLOAT],
  [postgresTypes.float8.oid, duckdb.Type.DOUBLE],
  [postgresTypes.bytea.oid, duckdb.Type.BLOB],
  [postgresTypes.date.oid, duckdb.Type.DATE],
  [postgresTypes.time.oid, duckdb.Type.TIME],
  [postgresTypes.timetz.oid, duckdb.Type.TIME_TZ],
  [postgresTypes.timestamp.oid, duckdb.Type.TIMESTAMP],
  [postgresTypes.timestamptz.oid, duckdb.Type.TIMESTAMP_TZ],
  [postgresTypes.interval.oid, duckdb.Type.INTERVAL],
  [postgresTypes.uuid.oid, duckdb.Type.UUID],
  [postgresTypes.bit.oid, duckdb.Type.BIT],
  [postgresTypes.varbit.oid, duckdb.Type.BIT],
]);

/** DECIMALs of one list differ in width and scale: the type that holds all of them. */
function commonType(values: readonly duckdb.Value[], elementOid: number): duckdb.LogicalType {
  if (elementOid !== postgresTypes.numeric.oid) {
    return duckdb.create_logical_type(listElementTypes.get(elementOid) ?? duckdb.Type.VARCHAR);
  }
  let integerDigits = 1;
  let scale = 0;
  for (const value of values) {
    if (duckdb.is_null_value(value)) continue;
    const type = duckdb.get_value_type(value);
    if (duckdb.get_type_id(type) !== duckdb.Type.DECIMAL) return duckdb.create_logical_type(duckdb.Type.DOUBLE);
    scale = Math.max(scale, duckdb.decimal_scale(type));
    integerDigits = Math.max(integerDigits, duckdb.decimal_width(type) - duckdb.decimal_scale(type));
  }
  if (integerDigits + scale > 38) {
    throw new AppError("numeric_out_of_range", "numeric array has too many digits for one DECIMAL type, at most 38");
  }
  return duckdb.create_decimal_type(integerDigits + scale, scale);
}
