/**
 * The statistics views. A table's live rows and the number of sessions are known; what nobody counts here, such as the
 * scans of a table, is NULL and not zero.
 */
import { userIndexes, userTables } from "../made/table_views.ts";
import type { CatalogRelation } from "../types.ts";
import { type ColumnValues, emptyRelation, relation } from "./define.ts";
import { ownRows, relationOid, stateRows } from "./objects.ts";
import { databaseOid } from "./server.ts";
import { staticRows } from "./static_rows.ts";
import { schemaNameOf, type SystemRelation } from "./system_relations.ts";

/** Each view exists for the users' relations, for the system's, and for all. */
type Scope = "user" | "sys" | "all";
const scopes: readonly Scope[] = ["user", "sys", "all"];

/**
 * SELECTs of the columns oid, schema_name, name, row_count; they are simple, because a dozen views are made of them.
 */
function tables(system: readonly SystemRelation[]): Readonly<Record<Scope, string>> {
  const sys = `SELECT oid, schema_name, name, 0 AS row_count FROM ${
    staticRows(
      ["oid UINTEGER", "schema_name VARCHAR", "name VARCHAR"],
      system.filter(({ kind }) => kind === "r").map((table) => [table.oid, schemaNameOf(table), table.name]),
    )
  } AS system_tables`;
  return { user: userTables, sys, all: `${userTables} UNION ALL ${sys}` };
}

const ofTable = { relid: "oid", schemaname: "schema_name", relname: "name" };
const ofIndex = {
  relid: relationOid("schema_name", "table_name"),
  indexrelid: relationOid("schema_name", "index_name"),
  schemaname: "schema_name",
  relname: "table_name",
  indexrelname: "index_name",
};
const ofSequence = {
  relid: relationOid("shown_schema", "sequence_name"),
  schemaname: "shown_schema",
  relname: "sequence_name",
};

/** The system's own tables have neither indexes nor sequences here. */
function ofUsers(name: (scope: Scope) => string, columns: ColumnValues, source: string): CatalogRelation[] {
  return scopes.map((scope) => scope === "sys" ? emptyRelation(name(scope)) : relation(name(scope), columns, source));
}

const sessionCount = `(SELECT count(*) FROM ${stateRows("sessions", "pid")} AS sessions)`;
const startTime = `(SELECT max(started_at) FROM ${stateRows("workspace", "started_at")} AS workspace)`;
const ofDatabase = { datid: databaseOid, datname: "current_database()" };

const unfilled: readonly string[] = [
  "pg_stat_io",
  "pg_stat_progress_analyze",
  "pg_stat_progress_basebackup",
  "pg_stat_progress_cluster",
  "pg_stat_progress_copy",
  "pg_stat_progress_create_index",
  "pg_stat_progress_vacuum",
  "pg_stat_recovery_prefetch",
  "pg_stat_replication",
  "pg_stat_replication_slots",
  "pg_stat_slru",
  "pg_stat_subscription",
  "pg_stat_subscription_stats",
  "pg_stat_user_functions",
  "pg_stat_wal_receiver",
  "pg_stat_xact_user_functions",
  "pg_statistic",
  "pg_statistic_ext",
  "pg_stats",
  "pg_stats_ext",
  "pg_stats_ext_exprs",
];

export function statistics(system: readonly SystemRelation[]): CatalogRelation[] {
  const tablesOf = tables(system);
  return [
    ...scopes.flatMap((scope) => {
      const source = `FROM (${tablesOf[scope]}) AS tables`;
      return [
        relation(`pg_stat_${scope}_tables`, { ...ofTable, n_live_tup: "row_count" }, source),
        relation(`pg_stat_xact_${scope}_tables`, ofTable, source),
        relation(`pg_statio_${scope}_tables`, ofTable, source),
      ];
    }),
    ...ofUsers((scope) => `pg_stat_${scope}_indexes`, ofIndex, `FROM (${userIndexes}) AS indexes`),
    ...ofUsers((scope) => `pg_statio_${scope}_indexes`, ofIndex, `FROM (${userIndexes}) AS indexes`),
    ...ofUsers(
      (scope) => `pg_statio_${scope}_sequences`,
      ofSequence,
      `FROM ${ownRows("duckdb_sequences", "sequence_name")} AS sequences`,
    ),
    // No session waits for another's lock, and there is no standby: of both there are none, not an unknown number.
    relation("pg_stat_database", {
      ...ofDatabase,
      numbackends: sessionCount,
      conflicts: "0",
      deadlocks: "0",
      stats_reset: startTime,
    }, ""),
    // A standby's conflicts, of which a server that is none has none.
    relation("pg_stat_database_conflicts", {
      ...ofDatabase,
      confl_tablespace: "0",
      confl_lock: "0",
      confl_snapshot: "0",
      confl_bufferpin: "0",
      confl_deadlock: "0",
      confl_active_logicalslot: "0",
    }, ""),
    relation("pg_stat_archiver", { archived_count: "0", failed_count: "0", stats_reset: startTime }, ""),
    relation("pg_stat_bgwriter", { stats_reset: startTime }, ""),
    relation("pg_stat_wal", { stats_reset: startTime }, ""),
    ...unfilled.map(emptyRelation),
  ];
}
