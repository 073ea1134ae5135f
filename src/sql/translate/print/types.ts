/**
 * PostgreSQL's type names as DuckDB's. The parser gives the types of the grammar as `pg_catalog.int4` and the others bare; both
 * spellings of a system type become DuckDB's type that holds its values, any other name is a user's type or one of DuckDB's.
 */
import type { PgNode } from "../../pg_parser.ts";
import { typeNameText } from "./identifiers.ts";
import { bodyOf, constantInteger, refuse, stringsOf, type TypeName, Unprintable } from "./tree.ts";
import type { NodePrinters } from "./writer.ts";

/** `numeric` without precision: DuckDB's decimals have a fixed scale, and this one leaves 28 digits before the point. */
export const unconstrainedNumeric = "DECIMAL(38,10)";

const decimalPrecisionMax = 38;

const duckdbTypes: Readonly<Record<string, string>> = {
  bool: "BOOLEAN",
  int2: "SMALLINT",
  int4: "INTEGER",
  int8: "BIGINT",
  float4: "FLOAT",
  float8: "DOUBLE",
  numeric: unconstrainedNumeric,
  money: "DECIMAL(38,2)",
  text: "VARCHAR",
  varchar: "VARCHAR",
  bpchar: "VARCHAR",
  char: "VARCHAR",
  name: "VARCHAR",
  citext: "VARCHAR",
  unknown: "VARCHAR",
  cstring: "VARCHAR",
  xml: "VARCHAR",
  inet: "VARCHAR",
  cidr: "VARCHAR",
  macaddr: "VARCHAR",
  macaddr8: "VARCHAR",
  tsvector: "VARCHAR",
  tsquery: "VARCHAR",
  jsonpath: "VARCHAR",
  aclitem: "VARCHAR",
  refcursor: "VARCHAR",
  pg_node_tree: "VARCHAR",
  pg_lsn: "VARCHAR",
  pg_snapshot: "VARCHAR",
  txid_snapshot: "VARCHAR",
  tid: "VARCHAR",
  bytea: "BLOB",
  json: "JSON",
  jsonb: "JSON",
  uuid: "UUID",
  bit: "BIT",
  varbit: "BIT",
  date: "DATE",
  time: "TIME",
  timetz: "TIMETZ",
  timestamp: "TIMESTAMP",
  timestamptz: "TIMESTAMPTZ",
  interval: "INTERVAL",
  oid: "UINTEGER",
  xid: "UINTEGER",
  cid: "UINTEGER",
  xid8: "UBIGINT",
  regclass: "UINTEGER",
  regtype: "UINTEGER",
  regproc: "UINTEGER",
  regprocedure: "UINTEGER",
  regnamespace: "UINTEGER",
  regrole: "UINTEGER",
  regoper: "UINTEGER",
  regoperator: "UINTEGER",
  regcollation: "UINTEGER",
  regconfig: "UINTEGER",
  regdictionary: "UINTEGER",
  int2vector: "SMALLINT[]",
  oidvector: "UINTEGER[]",
};

/** Not types but shorthands of a column with a sequence, which only a rewriting can give. */
const sequenceTypes: ReadonlySet<string> = new Set([
  "serial",
  "bigserial",
  "smallserial",
  "serial2",
  "serial4",
  "serial8",
]);

/** The name of a system type without its schema, such as `int4`; null for any other type. Arrays are named by their element. */
export function systemTypeName(typeName: TypeName): string | null {
  const names = stringsOf(typeName.names);
  const name = names.length === 2 && names[0] === "pg_catalog" ? names[1] : names.length === 1 ? names[0] : undefined;
  return name !== undefined && Object.hasOwn(duckdbTypes, name) ? name : null;
}

/** The numbers in brackets after the type's name. */
export function typeModifiers(typeName: TypeName): number[] {
  return (typeName.typmods ?? []).map((modifier) =>
    constantInteger(modifier) ?? refuse("a type modifier is no number")
  );
}

function decimalText(modifiers: readonly number[]): string {
  const [precision, scale = 0] = modifiers;
  if (precision === undefined) return unconstrainedNumeric;
  if (scale < 0 || scale > Math.min(precision, decimalPrecisionMax)) refuse(`numeric(${precision},${scale})`);
  return `DECIMAL(${Math.min(precision, decimalPrecisionMax)},${scale})`;
}

function scalarTypeText(typeName: TypeName): string {
  const system = systemTypeName(typeName);
  const modifiers = typeModifiers(typeName);
  if (system === "numeric") return decimalText(modifiers);
  if (system !== null) return duckdbTypes[system]!;
  const names = stringsOf(typeName.names).filter((name, index) => index > 0 || name !== "pg_catalog");
  if (names.length === 1 && sequenceTypes.has(names[0]!)) refuse(`${names[0]} is no type`);
  return typeNameText(names) + (modifiers.length === 0 ? "" : `(${modifiers.join(",")})`);
}

/** Types that DuckDB knows by all of PostgreSQL's names for them. */
const alikeTypes: ReadonlySet<string> = new Set(
  "bool int2 int4 int8 float4 numeric text varchar bpchar char bytea json uuid date time timetz timestamp timestamptz interval"
    .split(" "),
);
/** Of those, the ones that take modifiers in DuckDB, which it ignores or means as PostgreSQL does. */
const modifiedAlike: ReadonlySet<string> = new Set(["numeric", "varchar", "bpchar"]);

/** Whether DuckDB understands the type as PostgreSQL spells it; `int[3]` is an array of that size there. */
function isAlike(typeName: TypeName): boolean {
  if ((typeName.arrayBounds ?? []).some((bound) => bodyOf(bound, "Integer")?.ival !== -1)) return false;
  const system = systemTypeName(typeName);
  if (system === null) return stringsOf(typeName.names)[0] !== "pg_catalog";
  const [precision] = typeModifiers(typeName);
  if (system === "numeric") return precision !== undefined && precision <= decimalPrecisionMax;
  return alikeTypes.has(system) && (precision === undefined || modifiedAlike.has(system));
}

function typeText(typeName: TypeName): string {
  if (typeName.setof === true || typeName.pct_type === true) refuse("SETOF or %TYPE");
  return scalarTypeText(typeName) + "[]".repeat(typeName.arrayBounds?.length ?? 0);
}

/** DuckDB's name of a type; null for what has none, such as `serial` or `SETOF t`. */
export function duckdbTypeName(typeName: PgNode): string | null {
  const body = (typeName["TypeName"] ?? typeName) as TypeName;
  try {
    return typeText(body);
  } catch (error) {
    if (error instanceof Unprintable) return null;
    throw error;
  }
}

/** A raw tree has the modifiers in `typmods`; `typemod` is always -1. */
export const typeFields = ["names", "typmods", "typemod", "arrayBounds"] as const;

export const typePrinters = {
  TypeName: {
    fields: typeFields,
    print(out, typeName) {
      if (!isAlike(typeName)) out.translates();
      out.place(typeName.location);
      out.write(typeText(typeName));
    },
  },
} satisfies NodePrinters;
