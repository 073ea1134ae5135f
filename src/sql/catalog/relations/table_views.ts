/** The views that list tables, views, indexes and sequences by name, and pg_sequence and pg_rewrite. */
import { catalogDatabase, type CatalogRelation } from "../types.ts";
import { hasForeignKeys } from "./classes.ts";
import { emptyRelation, relation, shownSql } from "./define.ts";
import { ownCreatedIndexes, ownKeys, projectKeys } from "./keys.ts";
import { ownRows, relationOid, ruleOid, stateRows } from "./objects.ts";
import { typeOid } from "./postgres_types.ts";
import { staticRows } from "./static_rows.ts";
import { schemaNameOf, type SystemRelation } from "./system_relations.ts";
import { viewTexts } from "./view_reads.ts";

const view = (name: string) => `${catalogDatabase}.pg."${name}"`;
const quotedName = (name: string) => `${view("__quoted_name")}(${name})`;

const ownViews = ownRows("duckdb_views", "view_name", "NOT internal");
const sequenceColumns = "sequence_name, start_value, min_value, max_value, increment_by, cycle";
const ownSequences = ownRows("duckdb_sequences", sequenceColumns);
const bigint = String(typeOid("int8"));

/** The keys of an index as CREATE INDEX has them: a name, or an expression in parentheses. */
const keysOf = (names: string) =>
  `array_to_string(list_transform(${names}, lambda name: CASE WHEN starts_with(name, '(') THEN ${
    shownSql("name")
  } ELSE ${quotedName("name")} END), ', ')`;

const indexes = `(
  SELECT shown_schema AS schema_name, table_name, index_name, is_unique, key_names FROM ${ownCreatedIndexes} AS created
  UNION ALL SELECT shown_schema, table_name, index_name, true, key_names FROM ${ownKeys} AS keys
  UNION ALL SELECT schema_name, table_name, index_name, true, key_names FROM ${projectKeys} AS keys)`;

function systemNames(system: readonly SystemRelation[], kind: SystemRelation["kind"]): string {
  return staticRows(
    ["schema_name VARCHAR", "name VARCHAR"],
    system.filter((relation) => relation.kind === kind).map((relation) => [schemaNameOf(relation), relation.name]),
  );
}

export function tableViews(system: readonly SystemRelation[]): CatalogRelation[] {
  return [
    relation(
      "pg_tables",
      {
        schemaname: "schema_name",
        tablename: "name",
        tableowner: "owner",
        hasindexes: "has_index",
        hasrules: "false",
        hastriggers: "has_triggers",
        rowsecurity: "false",
      },
      `FROM (
        SELECT shown_schema AS schema_name, table_name AS name, current_user AS owner, index_count > 0 AS has_index,
          ${hasForeignKeys} AS has_triggers
        FROM ${ownRows("duckdb_tables", "table_name, index_count")} AS own
        UNION ALL
        SELECT schema_name, table_name, 'project', (schema_name, table_name) IN (
          SELECT (schema_name, table_name) FROM ${
        stateRows("project_columns", "schema_name, table_name", "key_position = 1")
      } AS keys), false
        FROM ${stateRows("project_tables", "schema_name, table_name")} AS project
        UNION ALL SELECT schema_name, name, current_user, false, false FROM ${systemNames(system, "r")} AS system_tables
      ) AS tables`,
    ),
    relation(
      "pg_views",
      { schemaname: "schema_name", viewname: "name", viewowner: "current_user", definition: "definition" },
      `FROM (
      SELECT shown_schema AS schema_name, view_name AS name, definition FROM ${viewTexts} AS own
      UNION ALL SELECT schema_name, name, NULL FROM ${systemNames(system, "v")} AS system_views) AS views`,
    ),
    emptyRelation("pg_matviews"),
    relation(
      "pg_indexes",
      {
        schemaname: "schema_name",
        tablename: "table_name",
        indexname: "index_name",
        indexdef: `concat('CREATE ', CASE WHEN is_unique THEN 'UNIQUE ' END, 'INDEX ', ${
          quotedName("index_name")
        }, ' ON ',
        ${quotedName("schema_name")}, '.', ${quotedName("table_name")}, ' USING btree (', ${keysOf("key_names")}, ')')`,
      },
      `FROM ${indexes} AS indexes`,
    ),
    relation(
      "pg_sequences",
      {
        schemaname: "shown_schema",
        sequencename: "sequence_name",
        sequenceowner: "current_user",
        data_type: bigint,
        start_value: "start_value",
        min_value: "min_value",
        max_value: "max_value",
        increment_by: "increment_by",
        cycle: "cycle",
        cache_size: "1",
        last_value: "last_value",
      },
      `FROM ${ownRows("duckdb_sequences", `${sequenceColumns}, last_value`)} AS sequences`,
    ),
    relation(
      "pg_sequence",
      {
        seqrelid: relationOid("shown_schema", "sequence_name"),
        seqtypid: bigint,
        seqstart: "start_value",
        seqincrement: "increment_by",
        seqmax: "max_value",
        seqmin: "min_value",
        seqcache: "1",
        seqcycle: "cycle",
      },
      `FROM ${ownSequences} AS sequences`,
    ),
    // PostgreSQL keeps a view as a rule; the parse tree that it has in ev_action is not to be had here.
    relation(
      "pg_rewrite",
      {
        oid: ruleOid("shown_schema", "view_name"),
        rulename: "'_RETURN'",
        ev_class: relationOid("shown_schema", "view_name"),
        ev_type: "'1'",
        ev_enabled: "'O'",
        is_instead: "true",
        ev_qual: "'<>'",
        ev_action: "'<>'",
      },
      `FROM ${ownViews} AS views`,
    ),
    emptyRelation("pg_rules"),
  ];
}
