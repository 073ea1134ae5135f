/** information_schema: functions, their parameters, sequences, collations, and what PostgreSQL says of itself. */
import type { CatalogRelation } from "../types.ts";
import {
  catalogName,
  emptyInformationRelation,
  informationRelation,
  pg,
  shownTypes,
} from "./information_schema_define.ts";
import { staticRows } from "./static_rows.ts";

const routines = `FROM ${pg("pg_proc")} p JOIN ${pg("pg_namespace")} n ON n.oid = p.pronamespace`;
const specific = {
  specific_catalog: catalogName,
  specific_schema: "n.nspname",
  specific_name: "p.proname || '_' || p.oid",
};

/** One row a parameter: place, mode, name, type. */
const parameters = `(
  SELECT p.oid, p.proname, p.pronamespace, unnest(types) AS type_oid, generate_subscripts(types, 1) AS place,
    unnest(coalesce(p.proargmodes, list_transform(types, lambda type: 'i'))) AS mode,
    unnest(coalesce(p.proargnames, list_transform(types, lambda type: ''))) AS parameter_name
  FROM (SELECT *, coalesce(proallargtypes, proargtypes) AS types FROM ${pg("pg_proc")}) AS p)`;

/** identifier, name, number, text, comment, as PostgreSQL 16 has them. */
const implementation: readonly (readonly string[])[] = [
  ["10003", "CATALOG NAME", "", "Y", ""],
  ["10004", "COLLATING SEQUENCE", "", "", ""],
  ["23", "CURSOR COMMIT BEHAVIOR", "1", "", "close cursors and retain prepared statements"],
  ["2", "DATA SOURCE NAME", "", "", ""],
  ["17", "DBMS NAME", "", "PostgreSQL", ""],
  ["18", "DBMS VERSION", "", "16.04.0000)", ""],
  ["26", "DEFAULT TRANSACTION ISOLATION", "2", "", "READ COMMITTED; user-settable"],
  ["28", "IDENTIFIER CASE", "3", "", "stored in mixed case - case sensitive"],
  ["85", "NULL COLLATION", "0", "", "nulls higher than non-nulls"],
  ["13", "SERVER NAME", "", "", ""],
  ["94", "SPECIAL CHARACTERS", "", "", "all non-ASCII characters allowed"],
  ["46", "TRANSACTION CAPABLE", "2", "", "both DML and DDL"],
];
const lengthComment = "Might be less, depending on character set.";
/** identifier, name, value (0: no limit, nothing: not known), comment. */
const sizing: readonly (readonly string[])[] = [
  ["97", "MAXIMUM COLUMNS IN GROUP BY", "0", ""],
  ["99", "MAXIMUM COLUMNS IN ORDER BY", "0", ""],
  ["100", "MAXIMUM COLUMNS IN SELECT", "1664", ""],
  ["101", "MAXIMUM COLUMNS IN TABLE", "1600", ""],
  ["1", "MAXIMUM CONCURRENT ACTIVITIES", "0", ""],
  ["0", "MAXIMUM DRIVER CONNECTIONS", "", ""],
  ["20000", "MAXIMUM STATEMENT OCTETS", "0", ""],
  ["20001", "MAXIMUM STATEMENT OCTETS DATA", "0", ""],
  ["20002", "MAXIMUM STATEMENT OCTETS SCHEMA", "0", ""],
  ["106", "MAXIMUM TABLES IN SELECT", "0", ""],
  ["25000", "MAXIMUM CURRENT DEFAULT TRANSFORM GROUP LENGTH", "", ""],
  ["25001", "MAXIMUM CURRENT TRANSFORM GROUP LENGTH", "", ""],
  ["25002", "MAXIMUM CURRENT PATH LENGTH", "0", ""],
  ["25003", "MAXIMUM CURRENT ROLE LENGTH", "", ""],
  ["34", "MAXIMUM CATALOG NAME LENGTH", "63", lengthComment],
  ["30", "MAXIMUM COLUMN NAME LENGTH", "63", lengthComment],
  ["31", "MAXIMUM CURSOR NAME LENGTH", "63", lengthComment],
  ["10005", "MAXIMUM IDENTIFIER LENGTH", "63", lengthComment],
  ["32", "MAXIMUM SCHEMA NAME LENGTH", "63", lengthComment],
  ["35", "MAXIMUM TABLE NAME LENGTH", "63", lengthComment],
  ["107", "MAXIMUM USER NAME LENGTH", "63", lengthComment],
  ["25004", "MAXIMUM SESSION USER LENGTH", "63", lengthComment],
  ["25005", "MAXIMUM SYSTEM USER LENGTH", "63", lengthComment],
];

const characterSet = { character_set_name: "'UTF8'" };

export const informationRoutines: readonly CatalogRelation[] = [
  informationRelation(
    "routines",
    {
      ...specific,
      routine_catalog: catalogName,
      routine_schema: "n.nspname",
      routine_name: "p.proname",
      routine_type: "CASE p.prokind WHEN 'f' THEN 'FUNCTION' WHEN 'p' THEN 'PROCEDURE' END",
      data_type: "CASE WHEN p.prokind <> 'p' THEN t.data_type END",
      type_udt_catalog: `CASE WHEN p.prokind <> 'p' THEN ${catalogName} END`,
      type_udt_schema: "CASE WHEN p.prokind <> 'p' THEN t.udt_schema END",
      type_udt_name: "CASE WHEN p.prokind <> 'p' THEN t.udt_name END",
      dtd_identifier: "CASE WHEN p.prokind <> 'p' THEN '0' END",
      routine_body: "CASE WHEN l.lanname = 'sql' THEN 'SQL' ELSE 'EXTERNAL' END",
      routine_definition: "CASE WHEN p.proowner = 10 THEN p.prosrc END",
      external_language: "upper(l.lanname)",
      parameter_style: "'GENERAL'",
      is_deterministic: "CASE WHEN p.provolatile = 'i' THEN 'YES' ELSE 'NO' END",
      sql_data_access: "'MODIFIES'",
      is_null_call: "CASE WHEN p.prokind <> 'p' THEN CASE WHEN p.proisstrict THEN 'YES' ELSE 'NO' END END",
      schema_level_routine: "'YES'",
      max_dynamic_result_sets: "0",
      security_type: "CASE WHEN p.prosecdef THEN 'DEFINER' ELSE 'INVOKER' END",
      as_locator: "'NO'",
      is_udt_dependent: "'NO'",
    },
    `${routines} LEFT JOIN ${shownTypes} AS t ON t.oid = p.prorettype LEFT JOIN ${
      pg("pg_language")
    } l ON l.oid = p.prolang`,
  ),
  informationRelation(
    "parameters",
    {
      ...specific,
      ordinal_position: "p.place",
      parameter_mode: "CASE p.mode WHEN 'o' THEN 'OUT' WHEN 't' THEN 'OUT' WHEN 'b' THEN 'INOUT' ELSE 'IN' END",
      is_result: "'NO'",
      as_locator: "'NO'",
      parameter_name: "nullif(p.parameter_name, '')",
      data_type: "t.data_type",
      udt_catalog: catalogName,
      udt_schema: "t.udt_schema",
      udt_name: "t.udt_name",
      dtd_identifier: "p.place",
    },
    `FROM ${parameters} AS p JOIN ${
      pg("pg_namespace")
    } n ON n.oid = p.pronamespace JOIN ${shownTypes} AS t ON t.oid = p.type_oid`,
  ),
  informationRelation(
    "sequences",
    {
      sequence_catalog: catalogName,
      sequence_schema: "n.nspname",
      sequence_name: "c.relname",
      data_type: "coalesce(__eider_format_type(s.seqtypid::BIGINT, (-2)::BIGINT), 'bigint')",
      numeric_precision: `${pg("_pg_numeric_precision")}(s.seqtypid, -1)`,
      numeric_precision_radix: "2",
      numeric_scale: "0",
      start_value: "s.seqstart",
      minimum_value: "s.seqmin",
      maximum_value: "s.seqmax",
      increment: "s.seqincrement",
      cycle_option: "CASE WHEN s.seqcycle THEN 'YES' ELSE 'NO' END",
    },
    `FROM ${pg("pg_sequence")} s JOIN ${pg("pg_class")} c ON c.oid = s.seqrelid JOIN ${
      pg("pg_namespace")
    } n ON n.oid = c.relnamespace`,
  ),
  informationRelation(
    "collations",
    {
      collation_catalog: catalogName,
      collation_schema: "n.nspname",
      collation_name: "c.collname",
      pad_attribute: "'NO PAD'",
    },
    `FROM ${pg("pg_collation")} c JOIN ${pg("pg_namespace")} n ON n.oid = c.collnamespace`,
  ),
  informationRelation(
    "collation_character_set_applicability",
    {
      collation_catalog: catalogName,
      collation_schema: "n.nspname",
      collation_name: "c.collname",
      ...characterSet,
    },
    `FROM ${pg("pg_collation")} c JOIN ${
      pg("pg_namespace")
    } n ON n.oid = c.collnamespace WHERE c.collencoding IN (-1, 6)`,
  ),
  informationRelation(
    "character_sets",
    {
      ...characterSet,
      character_repertoire: "'UCS'",
      form_of_use: "'UTF8'",
      default_collate_catalog: catalogName,
    },
    "",
  ),
  informationRelation(
    "sql_implementation_info",
    {
      implementation_info_id: "id",
      implementation_info_name: "name",
      integer_value: "number",
      character_value: "value",
      comments: "comment",
    },
    `FROM ${
      staticRows(["id VARCHAR", "name VARCHAR", "number INTEGER?", "value VARCHAR", "comment VARCHAR?"], implementation)
    } AS info`,
  ),
  informationRelation(
    "sql_sizing",
    { sizing_id: "id", sizing_name: "name", supported_value: "number", comments: "comment" },
    `FROM ${staticRows(["id INTEGER", "name VARCHAR", "number INTEGER?", "comment VARCHAR?"], sizing)} AS sizing`,
  ),
  // Which parts of the standard hold is not claimed.
  ...["sql_features", "sql_parts", "triggers", "triggered_update_columns", "check_constraint_routine_usage"].map(
    emptyInformationRelation,
  ),
  ...["routine_column_usage", "routine_routine_usage", "routine_sequence_usage", "routine_table_usage"].map(
    emptyInformationRelation,
  ),
];
