/** information_schema: keys, foreign keys and checks, over pg_constraint. */
import type { CatalogRelation } from "../types.ts";
import { catalogName, informationRelation, pg } from "./information_schema_define.ts";

/** Constraints `k` of tables `c`, both in schema `n`. */
const constraints = `FROM ${pg("pg_constraint")} k JOIN ${pg("pg_class")} c ON c.oid = k.conrelid
  JOIN ${pg("pg_namespace")} n ON n.oid = c.relnamespace`;

/** Columns that must not be null; PostgreSQL shows them as checks with a name made of OIDs. */
const notNullColumns = `FROM ${pg("pg_attribute")} a JOIN ${pg("pg_class")} c ON c.oid = a.attrelid
  JOIN ${pg("pg_namespace")} n ON n.oid = c.relnamespace
  WHERE a.attnotnull AND a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p')`;
const notNullName = "n.oid || '_' || c.oid || '_' || a.attnum || '_not_null'";

/** One row a column of a constraint: with `place`, its place in the key, from 1. */
function keyColumns(list: string, relation: string, kinds: string): string {
  return `(SELECT k.oid, k.conname, k.contype, k.conrelid, k.confrelid, k.conindid, unnest(k.${list}) AS attnum,
      generate_subscripts(k.${list}, 1) AS place, unnest(coalesce(k.confkey, list_transform(k.conkey,
        lambda number: NULL))) AS referenced_attnum,
      k.${relation} AS relation FROM ${pg("pg_constraint")} k WHERE k.contype IN (${kinds}))`;
}

function columnsOf(keys: string): string {
  return `FROM ${keys} AS k JOIN ${pg("pg_class")} c ON c.oid = k.relation JOIN ${
    pg("pg_namespace")
  } n ON n.oid = c.relnamespace
    JOIN ${pg("pg_attribute")} a ON a.attrelid = k.relation AND a.attnum = k.attnum`;
}

const rule = (column: string) =>
  `CASE ${column} WHEN 'c' THEN 'CASCADE' WHEN 'n' THEN 'SET NULL' WHEN 'd' THEN 'SET DEFAULT' WHEN 'r'
    THEN 'RESTRICT' ELSE 'NO ACTION' END`;
const inSchema = { constraint_catalog: catalogName, constraint_schema: "n.nspname" };
const ofTable = { table_catalog: catalogName, table_schema: "n.nspname", table_name: "c.relname" };

/** The key that a foreign key refers to. */
const referencedKey = `LEFT JOIN ${
  pg("pg_constraint")
} u ON u.contype IN ('p', 'u') AND u.conrelid = k.confrelid AND u.conindid = k.conindid`;

export const informationConstraints: readonly CatalogRelation[] = [
  informationRelation(
    "table_constraints",
    {
      constraint_catalog: catalogName,
      constraint_schema: "constraint_schema",
      constraint_name: "constraint_name",
      table_catalog: catalogName,
      table_schema: "constraint_schema",
      table_name: "table_name",
      constraint_type: "constraint_type",
      is_deferrable: "'NO'",
      initially_deferred: "'NO'",
      enforced: "'YES'",
      nulls_distinct: "CASE WHEN constraint_type = 'UNIQUE' THEN 'YES' END",
    },
    `FROM (
      SELECT n.nspname AS constraint_schema, k.conname AS constraint_name, c.relname AS table_name,
        CASE k.contype WHEN 'c' THEN 'CHECK' WHEN 'f' THEN 'FOREIGN KEY' WHEN 'p' THEN 'PRIMARY KEY'
          ELSE 'UNIQUE' END AS constraint_type
      ${constraints} WHERE k.contype IN ('c', 'f', 'p', 'u')
      UNION ALL SELECT n.nspname, ${notNullName}, c.relname, 'CHECK' ${notNullColumns}) AS constraints`,
  ),
  informationRelation(
    "check_constraints",
    {
      constraint_catalog: catalogName,
      constraint_schema: "constraint_schema",
      constraint_name: "constraint_name",
      check_clause: "check_clause",
    },
    `FROM (
      SELECT n.nspname AS constraint_schema, k.conname AS constraint_name, '(' || k.conbin || ')' AS check_clause
      ${constraints} WHERE k.contype = 'c'
      UNION ALL SELECT n.nspname, ${notNullName}, a.attname || ' IS NOT NULL' ${notNullColumns}) AS checks`,
  ),
  informationRelation(
    "key_column_usage",
    {
      ...inSchema,
      constraint_name: "k.conname",
      ...ofTable,
      column_name: "a.attname",
      ordinal_position: "k.place",
      position_in_unique_constraint: "CASE WHEN k.contype = 'f' THEN list_position(u.conkey, k.referenced_attnum) END",
    },
    `${columnsOf(keyColumns("conkey", "conrelid", "'p', 'u', 'f'"))} ${
      referencedKey.replaceAll("LEFT JOIN", "LEFT JOIN")
    }`,
  ),
  informationRelation(
    "constraint_column_usage",
    { ...ofTable, column_name: "a.attname", ...inSchema, constraint_name: "k.conname" },
    `FROM (
      SELECT * FROM ${keyColumns("conkey", "conrelid", "'p', 'u', 'c'")} AS own
      UNION ALL SELECT * FROM ${keyColumns("confkey", "confrelid", "'f'")} AS referenced) AS k
    JOIN ${pg("pg_class")} c ON c.oid = k.relation JOIN ${pg("pg_namespace")} n ON n.oid = c.relnamespace
    JOIN ${pg("pg_attribute")} a ON a.attrelid = k.relation AND a.attnum = k.attnum`,
  ),
  informationRelation(
    "constraint_table_usage",
    { ...ofTable, ...inSchema, constraint_name: "k.conname" },
    `FROM ${pg("pg_constraint")} k JOIN ${
      pg("pg_class")
    } c ON c.oid = CASE WHEN k.contype = 'f' THEN k.confrelid ELSE k.conrelid END
      JOIN ${pg("pg_namespace")} n ON n.oid = c.relnamespace WHERE k.contype IN ('f', 'p', 'u')`,
  ),
  informationRelation(
    "referential_constraints",
    {
      ...inSchema,
      constraint_name: "k.conname",
      unique_constraint_catalog: `CASE WHEN u.oid IS NOT NULL THEN ${catalogName} END`,
      unique_constraint_schema: "un.nspname",
      unique_constraint_name: "u.conname",
      match_option: "CASE k.confmatchtype WHEN 'f' THEN 'FULL' WHEN 'p' THEN 'PARTIAL' ELSE 'NONE' END",
      update_rule: rule("k.confupdtype"),
      delete_rule: rule("k.confdeltype"),
    },
    `${constraints} ${referencedKey} LEFT JOIN ${
      pg("pg_namespace")
    } un ON un.oid = u.connamespace WHERE k.contype = 'f'`,
  ),
];
