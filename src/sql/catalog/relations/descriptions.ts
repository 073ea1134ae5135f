/** Comments (pg_description) and what depends on what (pg_depend), as far as DuckDB tells. */
import { columnDefaultRows } from "../made/attributes.ts";
import { constraintRows } from "../made/constraints.ts";
import type { CatalogRelation } from "../types.ts";
import { emptyRelation, objectOid, relation } from "./define.ts";
import { functionOid, ownFunctions } from "./function_rows.ts";
import { constraintOid } from "./keys.ts";
import { ownRows, relationOid, ruleOid, schemaOid, schemaOids } from "./objects.ts";
import { postgresRelations } from "./postgres_columns.ts";
import { viewColumnReads } from "./view_reads.ts";

const classOid = (name: string) => postgresRelations.get(name)!.oid;
const [pgClass, pgConstraint, pgAttrdef, pgNamespace, pgRewrite] = [
  "pg_class",
  "pg_constraint",
  "pg_attrdef",
  "pg_namespace",
  "pg_rewrite",
].map(classOid);

function ofRelation(tableFunction: string, name: string, condition: string): string {
  return `SELECT ${relationOid("shown_schema", name)} AS object, ${pgClass} AS class, 0 AS sub_object, comment
    FROM ${ownRows(tableFunction, `${name}, comment`, condition)} AS objects`;
}

const commented = "comment IS NOT NULL";

const comments = [
  ofRelation("duckdb_tables", "table_name", commented),
  ofRelation("duckdb_views", "view_name", `${commented} AND NOT internal`),
  ofRelation("duckdb_indexes", "index_name", commented),
  ofRelation("duckdb_sequences", "sequence_name", commented),
  `SELECT ${relationOid("shown_schema", "table_name")}, ${pgClass}, column_index, comment
   FROM ${ownRows("duckdb_columns", "table_name, column_index, comment", `${commented} AND NOT internal`)} AS columns`,
  `SELECT ${objectOid("type", "shown_schema", "type_name")}, ${classOid("pg_type")}, 0, comment
   FROM ${ownRows("duckdb_types", "type_name, comment", `${commented} AND NOT internal`)} AS types`,
  `SELECT ${functionOid}, ${classOid("pg_proc")}, 0, comment FROM ${ownFunctions} AS functions WHERE ${commented}`,
  `SELECT ${schemaOid("shown_schema")}, ${pgNamespace}, 0, comment
   FROM ${ownRows("duckdb_schemas", "comment", commented)} AS schemas`,
  `SELECT unnest([${schemaOids.pg_catalog}, ${schemaOids.public}, ${schemaOids.pg_toast}]), ${pgNamespace}, 0,
     unnest(['system catalog schema', 'standard public schema', 'reserved schema for TOAST tables'])`,
].join(" UNION ALL ");

const defaultOid = objectOid("default", "shown_schema", "concat(table_name, '.', column_name)");
const tableOid = relationOid("shown_schema", "table_name");
/** The sequence that a default reads, as it is written there: `a_seq`, `"A seq"`, `s.a_seq`. */
const sequenceParts = String.raw`regexp_extract_all(regexp_extract(value, '^nextval\(''(.*)''::regclass\)$', 1), ` +
  String.raw`'"(?:[^"]|"")*"|[^".]+')`;
const unquoted = `CASE WHEN starts_with(part, '"') THEN replace(array_slice(part, 2, -2), '""', '"') ELSE part END`;

/**
 * A default depends on its column and on the sequence that it reads. A sequence called as `serial` calls it belongs to
 * the column, as it does in PostgreSQL. A key's index belongs to the constraint, a constraint to its columns, a foreign
 * key to the other table, and the rule that a view is to the view and to the columns that it reads.
 */
const dependencies = [
  `SELECT ${pgAttrdef} AS class, ${defaultOid} AS object, ${pgClass} AS referenced_class, ${tableOid} AS referenced,
     column_index AS referenced_sub, 'a' AS kind FROM defaults`,
  `SELECT ${pgAttrdef}, ${defaultOid}, ${pgClass}, sequence, 0, 'n' FROM defaults WHERE sequence IS NOT NULL`,
  `SELECT ${pgClass}, sequence, ${pgClass}, ${tableOid}, column_index, 'a' FROM defaults
   WHERE sequence IS NOT NULL AND sequence_name = concat(table_name, '_', column_name, '_seq')`,
  `SELECT ${pgClass}, ${relationOid("shown_schema", "constraint_name")}, ${pgConstraint}, constraint_oid, 0, 'i'
   FROM constraints WHERE kind IN ('p', 'u')`,
  `SELECT ${pgConstraint}, constraint_oid, ${pgClass}, ${tableOid}, unnest(key), 'a' FROM constraints`,
  `SELECT ${pgConstraint}, constraint_oid, ${pgClass}, ${relationOid("shown_schema", "referenced_table")}, 0, 'n'
   FROM constraints WHERE kind = 'f'`,
  `SELECT ${pgRewrite}, ${ruleOid("shown_schema", "view_name")}, ${pgClass}, ${
    relationOid("shown_schema", "view_name")
  }, 0, 'i' FROM ${ownRows("duckdb_views", "view_name", "NOT internal")} AS views`,
  `SELECT ${pgRewrite}, ${ruleOid("view_schema", "view_name")}, ${pgClass}, ${
    relationOid("schema_name", "name")
  }, coalesce(position, 0), 'n' FROM ${viewColumnReads} AS reads`,
].join(" UNION ALL ");

export const descriptionRelations: readonly CatalogRelation[] = [
  relation(
    "pg_description",
    { objoid: "object", classoid: "class", objsubid: "sub_object", description: "comment" },
    `FROM (${comments}) AS comments`,
  ),
  emptyRelation("pg_shdescription"),
  relation(
    "pg_depend",
    {
      classid: "class",
      objid: "object",
      refclassid: "referenced_class",
      refobjid: "referenced",
      refobjsubid: "referenced_sub",
      deptype: "kind",
    },
    `FROM (
      WITH constraints AS MATERIALIZED (
        SELECT *, ${constraintOid("shown_schema", "table_name", "constraint_name")} AS constraint_oid
        FROM ${constraintRows} AS own),
      defaults AS MATERIALIZED (
        SELECT *, CASE WHEN len(parts) > 0 THEN ${
      relationOid("CASE WHEN len(parts) > 1 THEN array_extract(parts, 1) ELSE shown_schema END", "sequence_name")
    } END AS sequence
        FROM (SELECT *, array_extract(parts, -1) AS sequence_name FROM (
          SELECT *, list_transform(${sequenceParts}, lambda part: ${unquoted}) AS parts FROM ${columnDefaultRows} AS own
        ) AS named) AS named)
      ${dependencies}) AS dependencies`,
  ),
  emptyRelation("pg_shdepend"),
];
