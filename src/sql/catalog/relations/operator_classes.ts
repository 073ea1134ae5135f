/**
 * pg_opclass, pg_opfamily and pg_am: how indexes order the types that columns have here. DuckDB's indexes are shown as
 * btree, the only access method with operator classes; pg_amop and pg_amproc, which describe how classes work inside,
 * are empty.
 */
import type { CatalogRelation } from "../types.ts";
import { emptyRelation, relation } from "./define.ts";
import { roleOids, schemaOids } from "./objects.ts";
import { typeOid } from "./postgres_types.ts";
import { staticRows } from "./static_rows.ts";

const btreeOid = 403;

/** `class oid, class, family oid, family, type`; the first ones of a type are its default. */
const operatorClasses = `10003 bool_ops 424 bool_ops bool, 10006 bytea_ops 428 bytea_ops bytea,
  10007 char_ops 429 char_ops char, 10028 name_ops 1994 text_ops name, 3124 int8_ops 1976 integer_ops int8,
  1979 int2_ops 1976 integer_ops int2, 1978 int4_ops 1976 integer_ops int4, 3126 text_ops 1994 text_ops text,
  10044 varchar_ops 1994 text_ops text, 4217 text_pattern_ops 2095 text_pattern_ops text,
  4218 varchar_pattern_ops 2095 text_pattern_ops text, 1981 oid_ops 1989 oid_ops oid,
  10032 oidvector_ops 1991 oidvector_ops oidvector, 10012 float4_ops 1970 float_ops float4,
  3123 float8_ops 1970 float_ops float8, 10004 bpchar_ops 426 bpchar_ops bpchar,
  4219 bpchar_pattern_ops 2097 bpchar_pattern_ops bpchar, 3122 date_ops 434 datetime_ops date,
  10038 time_ops 1996 time_ops time, 3128 timestamp_ops 434 datetime_ops timestamp,
  3127 timestamptz_ops 434 datetime_ops timestamptz, 10022 interval_ops 1982 interval_ops interval,
  10041 timetz_ops 2000 timetz_ops timetz, 10002 bit_ops 423 bit_ops bit, 10043 varbit_ops 2002 varbit_ops varbit,
  3125 numeric_ops 1988 numeric_ops numeric, 10000 array_ops 397 array_ops anyarray, 10065 uuid_ops 2968 uuid_ops uuid,
  10069 enum_ops 3522 enum_ops anyenum, 10088 jsonb_ops 4033 jsonb_ops jsonb`.split(/,\s+/).map((entry) => {
  const [oid, name, familyOid, family, type] = entry.split(" ") as [string, string, string, string, string];
  return { oid: Number(oid), name, familyOid: Number(familyOid), family, typeOid: typeOid(type) };
});

const defaultClasses: ReadonlyMap<number, number> = new Map(
  operatorClasses.toReversed().map(({ oid, typeOid }) => [typeOid, oid]),
);
const arrayClass = 10000;
const textClass = 3126;
/** Types of columns, as `__type_oid` gives them, that are neither arrays nor ordered as text. */
const scalarTypes = ["bool", "bytea", "int8", "int2", "int4", "float4", "float8", "date", "time", "timestamp"]
  .concat("timestamptz", "interval", "timetz", "varbit", "numeric", "uuid").map(typeOid);
const textTypes = ["text", "json"].map(typeOid);

const classes: ReadonlyMap<number, number> = new Map(
  [...scalarTypes, ...textTypes].map((oid) => [oid, defaultClasses.get(oid) ?? textClass]),
);

/** The OID of the class by which an index orders the type of that OID. */
export function operatorClassOf(typeOid: number): number {
  return classes.get(typeOid) ?? arrayClass;
}

const families = new Map(operatorClasses.map(({ familyOid, family }) => [familyOid, family]));

export const operatorClassRelations: readonly CatalogRelation[] = [
  relation(
    "pg_am",
    { oid: "oid", amname: "name", amhandler: "handler", amtype: "kind" },
    `FROM ${
      staticRows(["oid UINTEGER", "name VARCHAR", "handler UINTEGER", "kind VARCHAR"], [
        [2, "heap", 3, "t"],
        [btreeOid, "btree", 330, "i"],
      ])
    } AS methods`,
  ),
  relation(
    "pg_opclass",
    {
      oid: "oid",
      opcmethod: String(btreeOid),
      opcname: "name",
      opcnamespace: String(schemaOids.pg_catalog),
      opcowner: String(roleOids.user),
      opcfamily: "family",
      opcintype: "type",
      opcdefault: "is_default",
    },
    `FROM ${
      staticRows(
        ["oid UINTEGER", "name VARCHAR", "family UINTEGER", "type UINTEGER", "is_default BOOLEAN"],
        operatorClasses.map((entry) => [
          entry.oid,
          entry.name,
          entry.familyOid,
          entry.typeOid,
          defaultClasses.get(entry.typeOid) === entry.oid,
        ]),
      )
    } AS classes`,
  ),
  relation(
    "pg_opfamily",
    {
      oid: "oid",
      opfmethod: String(btreeOid),
      opfname: "name",
      opfnamespace: String(schemaOids.pg_catalog),
      opfowner: String(roleOids.user),
    },
    `FROM ${staticRows(["oid UINTEGER", "name VARCHAR"], [...families])} AS families`,
  ),
  emptyRelation("pg_amop"),
  emptyRelation("pg_amproc"),
];
