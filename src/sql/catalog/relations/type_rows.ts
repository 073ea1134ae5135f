/**
 * pg_type, pg_enum and pg_range: PostgreSQL's own types with their arrays, and the types that users made. A user's enum
 * is one here too; another type of DuckDB (`CREATE TYPE … AS STRUCT(…)`, `AS INTEGER`) is shown as a domain over the
 * type its values are sent as.
 */
import { catalogDatabase, type CatalogRelation } from "../types.ts";
import { objectOid, relation } from "./define.ts";
import { ownRows, roleOids, schemaOid, schemaOids } from "./objects.ts";
import { typeSupportOid } from "./postgres_functions.ts";
import { arrayFunctions, postgresTypeRows, typeOid } from "./postgres_types.ts";
import { staticRows } from "./static_rows.ts";

const functionColumns = [
  "typinput",
  "typoutput",
  "typreceive",
  "typsend",
  "typmodin",
  "typmodout",
  "typanalyze",
  "typsubscript",
];

const factColumns = [
  "typlen",
  "typbyval",
  "typtype",
  "typcategory",
  "typispreferred",
  "typdelim",
  "typelem",
  "typarray",
]
  .concat("typalign", "typstorage", "typcollation", functionColumns);

const builtInTypes = staticRows(
  [
    "oid UINTEGER",
    "typname VARCHAR",
    "typlen SMALLINT",
    "typbyval BOOLEAN",
    "typtype VARCHAR",
    "typcategory VARCHAR",
    "typispreferred BOOLEAN",
    "typdelim VARCHAR",
    "typelem UINTEGER",
    "typarray UINTEGER",
    "typalign VARCHAR",
    "typstorage VARCHAR",
    "typcollation UINTEGER",
    ...functionColumns.map((name) => `${name} UINTEGER`),
  ],
  postgresTypeRows.map((type) => [
    type.oid,
    type.name,
    type.length,
    type.byValue,
    type.kind,
    type.category,
    type.preferred,
    type.delimiter,
    type.elementOid,
    type.arrayOid,
    type.alignment,
    type.storage,
    type.collationOid,
    ...type.functions.map(typeSupportOid),
  ]),
);

/** shown_schema, type_name, labels (of an enum, else null), base_oid (the type whose values it has, 0 for an enum). */
const ownTypes = ownRows(
  "duckdb_types",
  `type_name, labels, CASE WHEN labels IS NULL THEN ${catalogDatabase}.pg."__type_oid"(CASE
     WHEN logical_type IN ('STRUCT', 'MAP', 'UNION') THEN 'JSON' WHEN logical_type = 'DECIMAL' THEN 'HUGEINT'
     WHEN logical_type IN ('LIST', 'ARRAY') THEN 'VARCHAR[]' ELSE logical_type END) ELSE 0 END AS base_oid`,
  "NOT internal",
);

const oidsOf = (names: readonly string[]) => names.map(typeSupportOid).join(", ");
const enumFunctions = oidsOf(["enum_in", "enum_out", "enum_recv", "enum_send", "", "", "", ""]);

const ownOid = objectOid("type", "shown_schema", "type_name");

/** Read once for three kinds of rows. */
const readOwnTypes = `own AS MATERIALIZED (
  SELECT ${ownOid} AS type_oid, ${objectOid("array_type", "shown_schema", "type_name")} AS array_oid,
    ${schemaOid("shown_schema")} AS namespace, type_name, labels IS NOT NULL AS is_enum, base_oid
  FROM ${ownTypes} AS types)`;

const enums = `
  SELECT type_oid, namespace, type_name, ${roleOids.user}, 0, 4, true, 'e', 'E', false, ',', 0, array_oid, 'i', 'p', 0,
    ${enumFunctions}
  FROM own WHERE is_enum`;

/** A domain has what its base type has, but its own input functions and no preference. */
const domains = `
  SELECT type_oid, namespace, type_name, ${roleOids.user}, base_oid, typlen, typbyval, 'd', typcategory, false,
    typdelim, 0, array_oid, typalign, typstorage, typcollation, ${typeSupportOid("domain_in")}, typoutput,
    ${typeSupportOid("domain_recv")}, typsend, 0, 0, 0, 0
  FROM own JOIN built_in ON built_in.oid = base_oid WHERE NOT is_enum`;

const arrays = `
  SELECT array_oid, namespace, concat('_', type_name), ${roleOids.user}, 0, -1, false, 'b', 'A', false, ',', type_oid,
    0, 'i', 'x', 0, ${oidsOf(arrayFunctions)}
  FROM own`;

const enumLabels = `(
  SELECT shown_schema, type_name, unnest(labels) AS label, generate_subscripts(labels, 1) AS position
  FROM ${ownTypes} AS types WHERE labels IS NOT NULL)`;

export const types: readonly CatalogRelation[] = [
  relation(
    "pg_type",
    {
      oid: "oid",
      typname: "typname",
      typnamespace: "namespace",
      typowner: "owner",
      typisdefined: "true",
      typbasetype: "base_oid",
      typtypmod: "-1",
      ...Object.fromEntries(factColumns.map((column) => [column, column])),
    },
    `FROM (
      WITH built_in AS MATERIALIZED (SELECT * FROM ${builtInTypes} AS rows), ${readOwnTypes}
      SELECT oid, ${schemaOids.pg_catalog} AS namespace, typname, ${roleOids.user} AS owner, 0 AS base_oid,
        ${factColumns.join(", ")}
      FROM built_in
      ${[enums, domains, arrays].map((arm) => `UNION ALL ${arm}`).join(" ")}
    ) AS types`,
  ),
  relation(
    "pg_enum",
    {
      oid: objectOid("enum_label", "shown_schema", "concat(type_name, '.', label)"),
      enumtypid: ownOid,
      enumsortorder: "position",
      enumlabel: "label",
    },
    `FROM ${enumLabels} AS labels`,
  ),
  relation(
    "pg_range",
    {
      rngtypid: "type_oid",
      rngsubtype: "element_oid",
      rngmultitypid: "multirange_oid",
      rngsubopc: "operator_class",
      rngcanonical: "canonical",
      rngsubdiff: "difference",
    },
    `FROM ${
      staticRows(
        [
          "type_oid UINTEGER",
          "element_oid UINTEGER",
          "multirange_oid UINTEGER",
          "operator_class UINTEGER",
          "canonical UINTEGER",
          "difference UINTEGER",
        ],
        [
          ["int4range", "int4", "int4multirange", 1978, "int4range_canonical", "int4range_subdiff"],
          ["numrange", "numeric", "nummultirange", 3125, "", "numrange_subdiff"],
          ["tsrange", "timestamp", "tsmultirange", 3128, "", "tsrange_subdiff"],
          ["tstzrange", "timestamptz", "tstzmultirange", 3127, "", "tstzrange_subdiff"],
          ["daterange", "date", "datemultirange", 3122, "daterange_canonical", "daterange_subdiff"],
          ["int8range", "int8", "int8multirange", 3124, "int8range_canonical", "int8range_subdiff"],
        ].map(([range, element, multirange, operatorClass, canonical, difference]) => [
          typeOid(String(range)),
          typeOid(String(element)),
          typeOid(String(multirange)),
          Number(operatorClass),
          typeSupportOid(String(canonical)),
          typeSupportOid(String(difference)),
        ]),
      )
    } AS ranges`,
  ),
];
