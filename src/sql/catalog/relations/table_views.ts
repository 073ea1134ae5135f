/** The views that list tables, views, indexes and sequences by name, and pg_sequence and pg_rewrite. */
import { tableViews as madeViews } from "../made/table_views.ts";
import type { CatalogRelation } from "../types.ts";
import { emptyRelation, relation } from "./define.ts";
import { ownRows, relationOid, ruleOid } from "./objects.ts";
import { typeOid } from "./postgres_types.ts";
import { staticRows } from "./static_rows.ts";
import { schemaNameOf, type SystemRelation } from "./system_relations.ts";
import { viewTexts } from "./view_reads.ts";

const ownViews = ownRows("duckdb_views", "view_name", "NOT internal");
const sequenceColumns = "sequence_name, start_value, min_value, max_value, increment_by, cycle";
const ownSequences = ownRows("duckdb_sequences", sequenceColumns);
const bigint = String(typeOid("int8"));

function systemNames(system: readonly SystemRelation[], kind: SystemRelation["kind"]): string {
  return staticRows(
    ["schema_name VARCHAR", "name VARCHAR"],
    system.filter((relation) => relation.kind === kind).map((relation) => [schemaNameOf(relation), relation.name]),
  );
}

export function tableViews(system: readonly SystemRelation[]): CatalogRelation[] {
  return [
    ...madeViews(system),
    relation(
      "pg_views",
      { schemaname: "schema_name", viewname: "name", viewowner: "current_user", definition: "definition" },
      `FROM (
      SELECT shown_schema AS schema_name, view_name AS name, definition FROM ${viewTexts} AS own
      UNION ALL SELECT schema_name, name, NULL FROM ${systemNames(system, "v")} AS system_views) AS views`,
    ),
    emptyRelation("pg_matviews"),
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
