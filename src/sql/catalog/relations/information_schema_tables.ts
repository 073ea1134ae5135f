/**
 * information_schema: tables, columns, views and schemas, over the relations of pg_catalog, so that both say the same.
 */
import { viewDefinitions } from "../functions/definitions.ts";
import type { CatalogRelation } from "../types.ts";
import {
  catalogName,
  emptyInformationRelation,
  informationRelation,
  pg,
  shownTypes,
  sizeColumns,
  yesOrNo,
} from "./information_schema_define.ts";
import { viewColumnReads, viewReads } from "./view_reads.ts";

/** Tables and views with their schema: `c` and `n`. */
const tables = `FROM ${pg("pg_class")} c JOIN ${pg("pg_namespace")} n ON n.oid = c.relnamespace`;
const isTable = "c.relkind IN ('r', 'v', 'f', 'p')";
/** Rows can be written: an own table. Views take none in DuckDB, the catalog and the project's tables are only read. */
const isWritable =
  "(c.relkind IN ('r', 'p') AND c.relowner = 10 AND n.nspname NOT IN ('pg_catalog', 'information_schema'))";

const columnSource = `FROM ${pg("pg_attribute")} a JOIN ${pg("pg_class")} c ON c.oid = a.attrelid
  JOIN ${pg("pg_namespace")} n ON n.oid = c.relnamespace JOIN ${shownTypes} AS t ON t.oid = a.atttypid
  LEFT JOIN ${pg("pg_attrdef")} d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
  WHERE a.attnum > 0 AND NOT a.attisdropped AND ${isTable}`;

const ofColumn = {
  table_catalog: catalogName,
  table_schema: "n.nspname",
  table_name: "c.relname",
  column_name: "a.attname",
};

const ofViewedTable = {
  view_catalog: catalogName,
  view_schema: "reads.view_schema",
  view_name: "reads.view_name",
  table_catalog: catalogName,
  table_schema: "reads.schema_name",
  table_name: "reads.name",
};

export const informationTables: readonly CatalogRelation[] = [
  informationRelation("information_schema_catalog_name", { catalog_name: catalogName }, ""),
  informationRelation(
    "tables",
    {
      table_catalog: catalogName,
      table_schema: "n.nspname",
      table_name: "c.relname",
      table_type: `CASE WHEN c.relpersistence = 't' THEN 'LOCAL TEMPORARY' WHEN c.relkind = 'v' THEN 'VIEW'
        WHEN c.relkind = 'f' THEN 'FOREIGN' ELSE 'BASE TABLE' END`,
      is_insertable_into: yesOrNo(isWritable),
      is_typed: "'NO'",
    },
    `${tables} WHERE ${isTable}`,
  ),
  informationRelation(
    "columns",
    {
      ...ofColumn,
      ordinal_position: "a.attnum",
      column_default: `CASE WHEN a.attgenerated = '' THEN d.adbin END`,
      is_nullable: yesOrNo("NOT a.attnotnull"),
      data_type: "t.data_type",
      ...sizeColumns("a.atttypid", "a.atttypmod"),
      interval_type: `CASE WHEN a.atttypid = 1186 THEN ${pg("_pg_interval_type")}(a.atttypid, a.atttypmod) END`,
      collation_catalog: `CASE WHEN a.attcollation = 950 THEN ${catalogName} END`,
      collation_schema: "CASE WHEN a.attcollation = 950 THEN 'pg_catalog' END",
      collation_name: "CASE WHEN a.attcollation = 950 THEN 'C' END",
      udt_catalog: catalogName,
      udt_schema: "t.udt_schema",
      udt_name: "t.udt_name",
      dtd_identifier: "a.attnum",
      is_self_referencing: "'NO'",
      is_identity: yesOrNo("a.attidentity IN ('a', 'd')"),
      identity_generation: "CASE a.attidentity WHEN 'a' THEN 'ALWAYS' WHEN 'd' THEN 'BY DEFAULT' END",
      identity_cycle: "'NO'",
      is_generated: "CASE WHEN a.attgenerated = '' THEN 'NEVER' ELSE 'ALWAYS' END",
      generation_expression: `CASE WHEN a.attgenerated <> '' THEN d.adbin END`,
      is_updatable: yesOrNo(`${isWritable} AND a.attgenerated = ''`),
    },
    // PostgreSQL promises no order and yet has this one: programs list a table's columns as they come.
    `${columnSource} ORDER BY a.attrelid, a.attnum`,
  ),
  informationRelation(
    "views",
    {
      table_catalog: catalogName,
      table_schema: "n.nspname",
      table_name: "c.relname",
      view_definition: "v.definition",
      check_option: "'NONE'",
      is_updatable: "'NO'",
      is_insertable_into: "'NO'",
      is_trigger_updatable: "'NO'",
      is_trigger_deletable: "'NO'",
      is_trigger_insertable_into: "'NO'",
    },
    `${tables} LEFT JOIN (${viewDefinitions}) AS v ON v.oid = c.oid WHERE c.relkind = 'v'`,
  ),
  informationRelation(
    "schemata",
    { catalog_name: catalogName, schema_name: "nspname", schema_owner: `${pg("pg_get_userbyid")}(nspowner)` },
    `FROM ${pg("pg_namespace")}`,
  ),
  informationRelation(
    "element_types",
    {
      object_catalog: catalogName,
      object_schema: "n.nspname",
      object_name: "c.relname",
      object_type: "'TABLE'",
      collection_type_identifier: "a.attnum",
      data_type: "e.data_type",
      udt_catalog: catalogName,
      udt_schema: "e.udt_schema",
      udt_name: "e.udt_name",
      dtd_identifier: "'a' || a.attnum",
    },
    columnSource.replace(" LEFT JOIN", ` JOIN ${shownTypes} AS e ON e.oid = t.element_oid LEFT JOIN`),
  ),
  informationRelation(
    "data_type_privileges",
    {
      object_catalog: catalogName,
      object_schema: "n.nspname",
      object_name: "c.relname",
      object_type: "'TABLE'",
      dtd_identifier: "a.attnum",
    },
    columnSource,
  ),
  informationRelation(
    "column_udt_usage",
    { udt_catalog: catalogName, udt_schema: "t.udt_schema", udt_name: "t.udt_name", ...ofColumn },
    `${columnSource} AND t.udt_schema <> 'pg_catalog'`,
  ),
  // PostgreSQL shows an owner of the tables only; here whoever has the view, as the project's tables belong to another role.
  informationRelation("view_table_usage", ofViewedTable, `FROM ${viewReads} AS reads`),
  informationRelation(
    "view_column_usage",
    { ...ofViewedTable, column_name: "reads.column_name" },
    `FROM ${viewColumnReads} AS reads WHERE column_name IS NOT NULL`,
  ),
  ...[
    "attributes",
    "column_column_usage",
    "column_domain_usage",
    "column_options",
    "domain_constraints",
    "domain_udt_usage",
    "domains",
    "transforms",
    "user_defined_types",
    "view_routine_usage",
  ].map(emptyInformationRelation),
];
