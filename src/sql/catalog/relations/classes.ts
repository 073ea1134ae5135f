/**
 * pg_class: tables, views, indexes and sequences of the workspace, project tables, and the emulated relations
 * themselves.
 */
import type { CatalogRelation } from "../types.ts";
import { relation } from "./define.ts";
import { ownKeys } from "./keys.ts";
import { ownRows, relationOid, roleOids, schemaOid, stateRows, temporarySchema } from "./objects.ts";
import { staticRows } from "./static_rows.ts";
import type { SystemRelation } from "./system_relations.ts";

/** Access methods: pg_am.oid. */
const [heap, btree] = [2, 403];
const sequenceColumnCount = 3;

/**
 * Own tables that have a foreign key or that one refers to, as one list of `schema.table`: PostgreSQL keeps it with
 * triggers, and psql asks for them.
 */
const tablesWithForeignKeys = `(
  SELECT flatten(list([
    lower(concat(shown_schema, '.', table_name)), lower(concat(shown_schema, '.', referenced_table))]))
  FROM ${ownRows("duckdb_constraints", "table_name, referenced_table", "constraint_type = 'FOREIGN KEY'")} AS keys)`;

/** SQL over rows of `duckdb_tables()` with shown_schema. */
export const hasForeignKeys =
  `coalesce(list_contains(${tablesWithForeignKeys}, lower(concat(shown_schema, '.', table_name))), false)`;

/**
 * No relation has pages, as none has in PostgreSQL before its first VACUUM: a tool that is told of pages (DuckDB's own postgres extension,
 * for one) reads ranges of them on several connections, with one exported snapshot, which DuckDB does not have, and by
 * `ctid`, which project tables do not have. `pg_relation_size` has the bytes.
 */
const ownTables = `
  SELECT shown_schema AS schema_name, table_name AS name, 'r' AS kind, ${roleOids.user} AS owner,
    column_count AS attributes, estimated_size AS row_count,
    0 AS page_count, index_count > 0 AS has_index,
    check_constraint_count AS checks,
    ${hasForeignKeys} AS has_triggers,
    CAST(NULL AS VARCHAR[]) AS acl
  FROM ${
  ownRows("duckdb_tables", "table_name, column_count, estimated_size, index_count, check_constraint_count")
} AS tables`;

const ownViews = `
  SELECT shown_schema, view_name, 'v', ${roleOids.user}, column_count, 0, 0, false, 0, false, NULL
  FROM ${ownRows("duckdb_views", "view_name, column_count", "NOT internal")} AS views`;

const ownSequences = `
  SELECT shown_schema, sequence_name, 'S', ${roleOids.user}, ${sequenceColumnCount}, 1, 1, false, 0, false, NULL
  FROM ${ownRows("duckdb_sequences", "sequence_name")} AS sequences`;

/** Pages and rows of an index are those of a new one in PostgreSQL: DuckDB does not tell them. */
const indexFacts = "1, false, 0, false, NULL";

const ownIndexes = `
  SELECT shown_schema, index_name, 'i', ${roleOids.user}, len(CAST(expressions AS VARCHAR[])), 0, ${indexFacts}
  FROM ${ownRows("duckdb_indexes", "index_name, expressions")} AS indexes
  UNION ALL
  SELECT shown_schema, index_name, 'i', ${roleOids.user}, len(key_names), 0, ${indexFacts} FROM ${ownKeys} AS keys`;

const projectTables = `
  SELECT tables.schema_name, tables.table_name, 'r', ${roleOids.project}, attributes, row_count, 0, has_key, 0, false,
    ['project=arwdDxt/project', concat(current_user, '=r/project')]
  FROM ${stateRows("project_tables", "schema_name, table_name, row_count")} AS tables
  JOIN (
    SELECT schema_name, table_name, count(*) AS attributes, count(key_position) > 0 AS has_key
    FROM ${stateRows("project_columns", "schema_name, table_name, key_position")} AS columns GROUP BY ALL
  ) AS columns ON columns.schema_name = tables.schema_name AND columns.table_name = tables.table_name`;

const projectIndexes = `
  SELECT schema_name, concat(table_name, '_pkey'), 'i', ${roleOids.project}, count(*), 0, ${indexFacts}
  FROM ${stateRows("project_columns", "schema_name, table_name", "key_position IS NOT NULL")} AS keys
  GROUP BY schema_name, table_name`;

function emulatedRelations(relations: readonly SystemRelation[]): string {
  return staticRows(
    ["oid UINTEGER", "name VARCHAR", "namespace UINTEGER", "kind VARCHAR", "attributes INTEGER"],
    relations.map(({ oid, name, namespaceOid, kind, columns }) => [oid, name, namespaceOid, kind, columns.length]),
  );
}

export function classes(relations: readonly SystemRelation[]): CatalogRelation[] {
  const columns = "name, kind, owner, attributes, row_count, page_count, has_index, checks, has_triggers, acl";
  return [
    relation(
      "pg_class",
      {
        oid: "oid",
        relname: "name",
        relnamespace: "namespace",
        relowner: "owner",
        relam: `CASE kind WHEN 'r' THEN ${heap} WHEN 'i' THEN ${btree} ELSE 0 END`,
        relfilenode: "CASE WHEN kind = 'v' THEN 0 ELSE oid END",
        relpages: "least(page_count, 2147483647)",
        reltuples: "row_count",
        relhasindex: "has_index",
        relpersistence: "persistence",
        relkind: "kind",
        relnatts: "attributes",
        relchecks: "checks",
        relhasrules: "kind = 'v'",
        relhastriggers: "has_triggers",
        relispopulated: "true",
        relreplident: "CASE WHEN kind = 'r' AND oid >= 16384 THEN 'd' ELSE 'n' END",
        // The first ordinary transaction: nothing is ever frozen here.
        relfrozenxid: "CASE WHEN kind = 'r' THEN 3 ELSE 0 END",
        relminmxid: "CASE WHEN kind = 'r' THEN 1 ELSE 0 END",
        relacl: "acl",
      },
      `FROM (
        SELECT ${relationOid("schema_name", "name")} AS oid, ${schemaOid("schema_name")} AS namespace, ${columns},
          CASE WHEN schema_name = '${temporarySchema}' THEN 't' ELSE 'p' END AS persistence
        FROM (
          ${
        [ownTables, ownViews, ownSequences, ownIndexes, projectTables, projectIndexes]
          .join(" UNION ALL ")
      }
        ) AS objects
        UNION ALL
        SELECT oid, namespace, name, kind, ${roleOids.user}, attributes, 0, 0, false, 0, false,
          [concat(current_user, '=arwdDxt/', current_user), concat('=r/', current_user)], 'p'
        FROM ${emulatedRelations(relations)} AS emulated
      ) AS relations`,
    ),
  ];
}
