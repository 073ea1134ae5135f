/** pg_index and pg_constraint: keys, foreign keys and checks of own tables, and the primary keys of project tables. */
import { catalogDatabase, type CatalogRelation } from "../types.ts";
import { relation, shownSql } from "./define.ts";
import { constraintOid, indexedColumns, ownConstraints, ownIndexKeys, projectKeys } from "./keys.ts";
import { relationOid, schemaOid, stateRows } from "./objects.ts";
import { operatorClassOf } from "./operator_classes.ts";

const typeOidOf = (type: string) => `${catalogDatabase}.pg."__type_oid"(${type})`;
/** pg_type.oid of text, which alone among the types of columns has a collation, pg_collation's `default`. */
const [text, textArray, defaultCollation] = [25, 1009, 100];

/**
 * schema_name, table_name, index_name, is_unique, is_primary, key_count, key (column numbers), types (of keys),
 * expressions.
 */
const indexes = `
  SELECT shown_schema AS schema_name, table_name, index_name, is_unique, is_primary, count(*) AS key_count,
    list(CAST(attribute_number AS SMALLINT) ORDER BY position) AS key,
    list(${typeOidOf("coalesce(data_type, 'VARCHAR')")} ORDER BY position) AS types,
    string_agg(CASE WHEN attribute_number = 0 THEN key END, ', ' ORDER BY position) AS expressions
  FROM ${ownIndexKeys(indexedColumns)} AS keys GROUP BY shown_schema, table_name, index_name, is_unique, is_primary
  UNION ALL
  SELECT schema_name, table_name, concat(table_name, '_pkey'), true, true, count(*),
    list(CAST(position AS SMALLINT) ORDER BY key_position), list(${typeOidOf("data_type")} ORDER BY key_position), NULL
  FROM ${
  stateRows("project_columns", "schema_name, table_name, position, key_position, data_type", "key_position IS NOT NULL")
} AS keys GROUP BY schema_name, table_name`;

const forEachKey = (value: string) => `list_transform(types, lambda type: ${value})`;

/** Names are compared as DuckDB does, whatever their case. */
const lowered = (names: string) => `list_transform(${names}, lambda name: lower(name))`;

const constraints = `
  SELECT own.shown_schema AS schema_name, own.table_name, own.constraint_name, own.kind, own.key, own.expression,
    own.referenced_table, target.key AS referenced_key, CASE WHEN own.kind IN ('p', 'u') THEN own.constraint_name
      ELSE target.constraint_name END AS index_name
  FROM own_constraints AS own LEFT JOIN own_constraints AS target
    ON target.shown_schema = own.shown_schema AND target.table_name = own.referenced_table
    AND ${lowered("target.column_names")} = ${lowered("own.referenced_names")} AND target.kind IN ('p', 'u')
  UNION ALL
  SELECT schema_name, table_name, index_name, 'p', key, NULL, NULL, NULL, index_name
  FROM ${projectKeys} AS project_keys`;

/** In PostgreSQL a blank, where the constraint is no foreign key. */
const ofForeignKey = (value: string) => `CASE WHEN kind = 'f' THEN '${value}' ELSE ' ' END`;

export const constraintRelations: readonly CatalogRelation[] = [
  relation(
    "pg_index",
    {
      indexrelid: relationOid("schema_name", "index_name"),
      indrelid: relationOid("schema_name", "table_name"),
      indnatts: "key_count",
      indnkeyatts: "key_count",
      indisunique: "is_unique",
      indisprimary: "is_primary",
      indimmediate: "true",
      indisvalid: "true",
      indisready: "true",
      indislive: "true",
      indkey: "key",
      indcollation: forEachKey(`CASE WHEN type IN (${text}, ${textArray}) THEN ${defaultCollation} ELSE 0 END`),
      indclass: forEachKey(operatorClassOf("type")),
      indoption: forEachKey("0"),
      indexprs: shownSql("expressions"),
    },
    `FROM (${indexes}) AS indexes`,
  ),
  relation(
    "pg_constraint",
    {
      oid: constraintOid("schema_name", "table_name", "constraint_name"),
      conname: "constraint_name",
      connamespace: schemaOid("schema_name"),
      contype: "kind",
      convalidated: "true",
      conrelid: relationOid("schema_name", "table_name"),
      conindid: `CASE WHEN index_name IS NULL THEN 0 ELSE ${relationOid("schema_name", "index_name")} END`,
      confrelid: `CASE WHEN kind = 'f' THEN ${relationOid("schema_name", "referenced_table")} ELSE 0 END`,
      confupdtype: ofForeignKey("a"),
      confdeltype: ofForeignKey("a"),
      confmatchtype: ofForeignKey("s"),
      conislocal: "true",
      connoinherit: "kind <> 'c'",
      conkey: "key",
      confkey: "referenced_key",
      conbin: shownSql("expression"),
    },
    `FROM (
      WITH own_constraints AS MATERIALIZED (SELECT * FROM ${ownConstraints} AS own) ${constraints}
    ) AS constraints`,
  ),
];
