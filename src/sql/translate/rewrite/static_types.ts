/**
 * Types of expressions as far as the text alone tells them: PostgreSQL's internal names (`int4`, `regclass`, `text[]`),
 * `unknown` for a string constant or NULL without a cast, and null for what only DuckDB will know (a column of a user's
 * table).
 *
 * A value of a reg… type is its OID (UINTEGER) everywhere inside a statement; where it is shown it becomes its name.
 */
import { list, type PgNode, stringsOf } from "./tree.ts";

export type StaticType = string | null;

/** Any type of an analyst's own with labels: PostgreSQL compares by the order of these. */
export const enumType = "enum";

export const regTypes: ReadonlySet<string> = new Set([
  "regclass",
  "regtype",
  "regproc",
  "regprocedure",
  "regnamespace",
  "regrole",
]);

const textTypes: ReadonlySet<string> = new Set(["text", "varchar", "bpchar", "name", "char", "cstring", "string"]);
const integerTypes: ReadonlySet<string> = new Set(["int2", "int4", "int8"]);
const numberTypes: ReadonlySet<string> = new Set([...integerTypes, "numeric", "float4", "float8"]);
/** UINTEGER in DuckDB, shown as the number. */
const oidTypes: ReadonlySet<string> = new Set(["oid", "xid", "cid", "xid8"]);

export const isReg = (type: StaticType) => type !== null && regTypes.has(type);
export const isText = (type: StaticType) => type !== null && textTypes.has(type);
export const isInteger = (type: StaticType) => type !== null && integerTypes.has(type);
export const isNumber = (type: StaticType) => type !== null && numberTypes.has(type);
export const isOid = (type: StaticType) => type !== null && oidTypes.has(type);
const isObjectId = (type: StaticType) => isReg(type) || isOid(type);
export const isJson = (type: StaticType) => type === "json" || type === "jsonb";
export const isArray = (type: StaticType) =>
  type !== null && (type.endsWith("[]") || type === "int2vector" || type === "oidvector");

export function elementOf(type: StaticType): StaticType {
  if (type === null) return null;
  if (type.endsWith("[]")) return type.slice(0, -2);
  return type === "int2vector" ? "int2" : type === "oidvector" ? "oid" : null;
}

/** SQL's and DuckDB's spellings that the grammar leaves as they are. */
const aliases: ReadonlyMap<string, string> = new Map([
  ["integer", "int4"],
  ["int", "int4"],
  ["bigint", "int8"],
  ["smallint", "int2"],
  ["boolean", "bool"],
  ["decimal", "numeric"],
  ["real", "float4"],
  ["double", "float8"],
  ["string", "text"],
  ["blob", "bytea"],
  ["_text", "text[]"],
  ["_int4", "int4[]"],
  ["_int8", "int8[]"],
  ["_int2", "int2[]"],
  ["_name", "name[]"],
  ["_oid", "oid[]"],
  ["_regtype", "regtype[]"],
  ["_varchar", "varchar[]"],
]);

/** The type that a TypeName body names. */
export function typeOfTypeName(body: PgNode): string {
  const name = stringsOf(body, "names").at(-1)?.toLowerCase() ?? "";
  return (aliases.get(name) ?? name) + "[]".repeat(list(body, "arrayBounds").length);
}

/** The type of a CASE, COALESCE or UNION over these: the one that all known ones share, else the wider number. */
export function commonType(types: readonly StaticType[]): StaticType {
  let result: StaticType = "unknown";
  for (const type of types) {
    if (type === null) return null;
    if (type === "unknown" || type === result) continue;
    if (result === "unknown") result = type;
    else if (isNumber(result) && isNumber(type)) result = wider(result, type);
    else if (isText(result) && isText(type)) result = "text";
    else if (isObjectId(result) && isObjectId(type)) result = "oid";
    else if (isObjectId(result) && isInteger(type)) continue;
    else if (isInteger(result) && isObjectId(type)) result = type;
    else return null;
  }
  return result;
}

const width = ["int2", "int4", "int8", "numeric", "float4", "float8"];

/** Of two numbers beside an arithmetic operator: a real and another number are computed as doubles. */
export function computedNumber(left: string, right: string): string {
  return (left === "float4") !== (right === "float4") ? "float8" : wider(left, right);
}

export function wider(left: string, right: string): string {
  return width[Math.max(width.indexOf(left), width.indexOf(right))] ?? left;
}
