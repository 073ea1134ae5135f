/**
 * PostgreSQL's types as the wire protocol names them (OID, length, modifier), and the map from an engine column type to
 * them. Pure data: no engine and no socket here. OIDs: PostgreSQL's `src/include/catalog/pg_type.dat`.
 */
import { quotientType } from "../sql/quotient_type.ts";

/** A PostgreSQL type: `length` is pg_type.typlen (-1 variable), `arrayOid` the array type of this element type. */
export interface PostgresType {
  readonly name: string;
  readonly oid: number;
  readonly length: number;
  readonly arrayOid: number;
}

function type(name: string, oid: number, length: number, arrayOid: number): PostgresType {
  return { name, oid, length, arrayOid };
}

export const postgresTypes = {
  bool: type("bool", 16, 1, 1000),
  bytea: type("bytea", 17, -1, 1001),
  char: type("char", 18, 1, 1002),
  name: type("name", 19, 64, 1003),
  int8: type("int8", 20, 8, 1016),
  int2: type("int2", 21, 2, 1005),
  int2vector: type("int2vector", 22, -1, 1006),
  int4: type("int4", 23, 4, 1007),
  regproc: type("regproc", 24, 4, 1008),
  text: type("text", 25, -1, 1009),
  oid: type("oid", 26, 4, 1028),
  tid: type("tid", 27, 6, 1010),
  xid: type("xid", 28, 4, 1011),
  oidvector: type("oidvector", 30, -1, 1013),
  json: type("json", 114, -1, 199),
  xml: type("xml", 142, -1, 143),
  float4: type("float4", 700, 4, 1021),
  float8: type("float8", 701, 8, 1022),
  unknown: type("unknown", 705, -2, 0),
  bpchar: type("bpchar", 1042, -1, 1014),
  varchar: type("varchar", 1043, -1, 1015),
  date: type("date", 1082, 4, 1182),
  time: type("time", 1083, 8, 1183),
  timestamp: type("timestamp", 1114, 8, 1115),
  timestamptz: type("timestamptz", 1184, 8, 1185),
  interval: type("interval", 1186, 16, 1187),
  timetz: type("timetz", 1266, 12, 1270),
  bit: type("bit", 1560, -1, 1561),
  varbit: type("varbit", 1562, -1, 1563),
  numeric: type("numeric", 1700, -1, 1231),
  regprocedure: type("regprocedure", 2202, 4, 2207),
  regclass: type("regclass", 2205, 4, 2210),
  regtype: type("regtype", 2206, 4, 2211),
  record: type("record", 2249, -1, 2287),
  uuid: type("uuid", 2950, 16, 2951),
  jsonb: type("jsonb", 3802, -1, 3807),
  regnamespace: type("regnamespace", 4089, 4, 4090),
  regrole: type("regrole", 4096, 4, 4097),
} as const satisfies Record<string, PostgresType>;

export type PostgresTypeName = keyof typeof postgresTypes;

const byOid = new Map<number, PostgresType>(Object.values(postgresTypes).map((entry) => [entry.oid, entry]));
const byArrayOid = new Map<number, PostgresType>(
  Object.values(postgresTypes).filter((entry) => entry.arrayOid !== 0).map((entry) => [entry.arrayOid, entry]),
);

/** The scalar type with this OID, or undefined. */
export function postgresTypeByOid(oid: number): PostgresType | undefined {
  return byOid.get(oid);
}

/** The element type of the array type with this OID, or undefined when it is no array type that is known here. */
export function arrayElementByOid(arrayOid: number): PostgresType | undefined {
  return byArrayOid.get(arrayOid);
}

/** The SQL name of a type for messages: format_type's, such as `double precision` or `integer[]`. */
export function formatTypeName(oid: number): string {
  const element = arrayElementByOid(oid);
  if (element !== undefined) return `${formatTypeName(element.oid)}[]`;
  const scalar = postgresTypeByOid(oid);
  if (scalar === undefined) return `type ${oid}`;
  return longNames[scalar.name] ?? scalar.name;
}

const longNames: Readonly<Record<string, string>> = {
  bool: "boolean",
  bpchar: "character",
  char: '"char"',
  float4: "real",
  float8: "double precision",
  int2: "smallint",
  int4: "integer",
  int8: "bigint",
  time: "time without time zone",
  timestamp: "timestamp without time zone",
  timestamptz: "timestamp with time zone",
  timetz: "time with time zone",
  varbit: "bit varying",
  varchar: "character varying",
};

/** typmod of numeric(precision, scale): ((precision << 16) | scale) + VARHDRSZ. */
export function numericTypeModifier(precision: number, scale: number): number {
  return ((precision << 16) | (scale & 0x7ff)) + 4;
}

/** An engine column type as plain data. `name` is DuckDB's; `JSON` stands for VARCHAR with the alias JSON. */
export type ColumnType =
  /** `shownAs`: what the translation knows to be of a PostgreSQL type that DuckDB does not have; `modifier` its typmod. */
  | { readonly name: ScalarTypeName; readonly shownAs?: ShownType; readonly modifier?: number }
  /** `computed`: of an expression, which in PostgreSQL has no type modifier. */
  | { readonly name: "DECIMAL"; readonly width: number; readonly scale: number; readonly computed?: true }
  /** `oids`: of the type that has these labels, where it is known. */
  | {
    readonly name: "ENUM";
    readonly values: readonly string[];
    readonly indexBytes: 1 | 2 | 4;
    readonly oids?: { readonly oid: number; readonly arrayOid: number };
  }
  | { readonly name: "LIST"; readonly child: ColumnType; readonly shownAs?: ShownVectorType }
  | { readonly name: "ARRAY"; readonly child: ColumnType; readonly size: number }
  | { readonly name: "STRUCT"; readonly entries: readonly NamedColumnType[]; readonly shownAs?: ShownStructType }
  | { readonly name: "MAP"; readonly key: ColumnType; readonly value: ColumnType }
  | { readonly name: "UNION"; readonly members: readonly NamedColumnType[] };

/** PostgreSQL types that are sent for another engine type: UINTEGER as oid or xid, VARCHAR as name or tid, JSON as jsonb and so on. */
export type ShownType = "oid" | "xid" | "name" | "char" | "varchar" | "bpchar" | "jsonb" | "tid";
/** A struct that is a row, or the name and the OID of a reg… value. */
export type ShownStructType = "record" | RegTypeName;
export type RegTypeName = "regclass" | "regtype" | "regproc" | "regprocedure" | "regnamespace" | "regrole";
/** SMALLINT[] and UINTEGER[] that PostgreSQL writes as `1 2 3`. */
export type ShownVectorType = "int2vector" | "oidvector";

/** The engine type that stands for `numeric` without precision: its trailing zeros are not shown. */
export const unconstrainedNumeric = { name: "DECIMAL", width: 38, scale: 10 } as const;

export function isUnconstrainedNumeric(type: ColumnType): boolean {
  return type.name === "DECIMAL" && type.width === unconstrainedNumeric.width &&
    type.scale === unconstrainedNumeric.scale;
}

/** The engine type of averages and quotients, whose decimals follow from the value (`sql/quotient_type.ts`). */
export function isQuotient(type: ColumnType): boolean {
  return type.name === "DECIMAL" && type.width === quotientType.width && type.scale === quotientType.scale;
}

export interface NamedColumnType {
  readonly name: string;
  readonly type: ColumnType;
}

export type ScalarTypeName =
  | "BOOLEAN"
  | "TINYINT"
  | "SMALLINT"
  | "INTEGER"
  | "BIGINT"
  | "UTINYINT"
  | "USMALLINT"
  | "UINTEGER"
  | "UBIGINT"
  | "HUGEINT"
  | "UHUGEINT"
  | "BIGNUM"
  | "FLOAT"
  | "DOUBLE"
  | "VARCHAR"
  | "JSON"
  | "BLOB"
  | "BIT"
  | "DATE"
  | "TIME"
  | "TIME_NS"
  | "TIMETZ"
  | "TIMESTAMP"
  | "TIMESTAMP_S"
  | "TIMESTAMP_MS"
  | "TIMESTAMP_NS"
  | "TIMESTAMPTZ"
  | "INTERVAL"
  | "UUID"
  | "GEOMETRY"
  | "SQLNULL";

/** What RowDescription says of a column's type. */
export interface FieldType {
  readonly oid: number;
  readonly length: number;
  readonly modifier: number;
}

const scalarFieldTypes: Readonly<Record<ScalarTypeName, PostgresType>> = {
  BOOLEAN: postgresTypes.bool,
  TINYINT: postgresTypes.int2,
  SMALLINT: postgresTypes.int2,
  INTEGER: postgresTypes.int4,
  BIGINT: postgresTypes.int8,
  UTINYINT: postgresTypes.int2,
  USMALLINT: postgresTypes.int4,
  UINTEGER: postgresTypes.int8,
  UBIGINT: postgresTypes.numeric,
  HUGEINT: postgresTypes.numeric,
  UHUGEINT: postgresTypes.numeric,
  BIGNUM: postgresTypes.numeric,
  FLOAT: postgresTypes.float4,
  DOUBLE: postgresTypes.float8,
  VARCHAR: postgresTypes.text,
  JSON: postgresTypes.json,
  BLOB: postgresTypes.bytea,
  BIT: postgresTypes.varbit,
  DATE: postgresTypes.date,
  TIME: postgresTypes.time,
  TIME_NS: postgresTypes.time,
  TIMETZ: postgresTypes.timetz,
  TIMESTAMP: postgresTypes.timestamp,
  TIMESTAMP_S: postgresTypes.timestamp,
  TIMESTAMP_MS: postgresTypes.timestamp,
  TIMESTAMP_NS: postgresTypes.timestamp,
  TIMESTAMPTZ: postgresTypes.timestamptz,
  INTERVAL: postgresTypes.interval,
  UUID: postgresTypes.uuid,
  GEOMETRY: postgresTypes.bytea,
  SQLNULL: postgresTypes.text,
};

/** The PostgreSQL scalar type that shows values of this engine type; for LIST and ARRAY, of their innermost element. */
function elementType(column: ColumnType): PostgresType {
  switch (column.name) {
    case "DECIMAL":
      return postgresTypes.numeric;
    case "ENUM":
      return column.oids === undefined ? postgresTypes.text : { name: "enum", length: 4, ...column.oids };
    case "LIST":
    case "ARRAY":
      return elementType(column.child);
    case "STRUCT":
      return column.shownAs === undefined ? postgresTypes.json : postgresTypes[column.shownAs];
    case "MAP":
    case "UNION":
      return postgresTypes.json;
    default:
      return column.shownAs === undefined ? scalarFieldTypes[column.name] : postgresTypes[column.shownAs];
  }
}

/** The PostgreSQL type under which a column of this engine type is sent. Arrays of any depth have one array type. */
export function fieldTypeOf(column: ColumnType): FieldType {
  if (column.name === "LIST" && column.shownAs !== undefined) {
    const { oid, length } = postgresTypes[column.shownAs];
    return { oid, length, modifier: -1 };
  }
  if (column.name === "LIST" || column.name === "ARRAY") {
    return { oid: elementType(column).arrayOid, length: -1, modifier: -1 };
  }
  const scalar = elementType(column);
  const hasModifier = column.name === "DECIMAL" && column.computed !== true && !isUnconstrainedNumeric(column) &&
    !isQuotient(column);
  const modifier = hasModifier
    ? numericTypeModifier(column.width, column.scale)
    : "modifier" in column
    ? column.modifier ?? -1
    : -1;
  return { oid: scalar.oid, length: scalar.length, modifier };
}

/** OID of the innermost element of a LIST or ARRAY column, as binary arrays name it. */
export function elementOidOf(column: ColumnType): number {
  return elementType(column).oid;
}
