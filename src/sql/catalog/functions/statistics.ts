/**
 * The functions under PostgreSQL's statistics views that tools call themselves. Sessions come from
 * `__eider.state.sessions`, which the engine writes before a statement that reads `pg_stat_activity` (`relationsBehind`
 * in mod.ts). What nobody counts here is NULL, not zero.
 */
import type { MacroFunction } from "../../functions/types.ts";
import { stateTablePath } from "../state.ts";
import { macro, pg } from "./macro.ts";

const sessions = `(SELECT *, row_number() OVER (ORDER BY pid)::INTEGER AS backend_id FROM ${
  stateTablePath("sessions")
})`;

/** By number of the backend, as pg_stat_get_backend_idset lists them. */
const backendColumns: Readonly<Record<string, string>> = {
  pg_stat_get_backend_pid: "pid",
  pg_stat_get_backend_userid: "10::UINTEGER",
  pg_stat_get_backend_activity: "query",
  pg_stat_get_backend_activity_start: "query_start",
  pg_stat_get_backend_xact_start: "xact_start",
  pg_stat_get_backend_start: "backend_start",
  pg_stat_get_backend_client_addr: "client_addr",
  pg_stat_get_backend_client_port: "client_port",
  pg_stat_get_backend_wait_event_type: "NULL::VARCHAR",
  pg_stat_get_backend_wait_event: "NULL::VARCHAR",
};

/** Of a table; nobody counts them. */
const uncountedOfRelation = [
  "numscans",
  "tuples_returned",
  "tuples_fetched",
  "tuples_inserted",
  "tuples_updated",
  "tuples_deleted",
  "tuples_hot_updated",
  "tuples_newpage_updated",
  "dead_tuples",
  "mod_since_analyze",
  "ins_since_vacuum",
  "blocks_fetched",
  "blocks_hit",
  "vacuum_count",
  "autovacuum_count",
  "analyze_count",
  "autoanalyze_count",
];
const timesOfRelation = [
  "last_vacuum_time",
  "last_autovacuum_time",
  "last_analyze_time",
  "last_autoanalyze_time",
  "lastscan",
];
const uncountedOfDatabase = [
  "xact_commit",
  "xact_rollback",
  "blocks_fetched",
  "blocks_hit",
  "tuples_returned",
  "tuples_fetched",
  "tuples_inserted",
  "tuples_updated",
  "tuples_deleted",
  "conflict_all",
  "temp_files",
  "temp_bytes",
  "deadlocks",
  "sessions",
  "sessions_abandoned",
  "sessions_fatal",
  "sessions_killed",
];

/** Names of the functions that read the workspace's sessions. */
export const sessionStatisticsNames: readonly string[] = [
  ...Object.keys(backendColumns),
  "pg_stat_get_backend_idset",
  "pg_stat_get_backend_dbid",
  "pg_stat_get_db_numbackends",
  "inet_client_addr",
  "inet_client_port",
];

const ownDatabase = `(SELECT min(@d.oid) FROM ${pg("pg_database")} AS @d WHERE @d.datname = current_database())`;

export const statisticsFunctions: readonly MacroFunction[] = [
  /** A list of numbers of backends. */
  macro(
    "pg_stat_get_backend_idset",
    `() AS (SELECT coalesce(list(backend_id ORDER BY backend_id), []) FROM ${sessions} AS backends)`,
  ),
  ...Object.entries(backendColumns).map(([name, column]) =>
    macro(name, `(backend) AS (SELECT ${column} FROM ${sessions} AS @b WHERE @b.backend_id = backend)`)
  ),
  macro("pg_stat_get_backend_dbid", `(backend) AS CASE WHEN backend IS NOT NULL THEN ${ownDatabase} END`),
  macro(
    "pg_stat_get_db_numbackends",
    `(database) AS CASE WHEN database = ${ownDatabase} THEN (SELECT count(*) FROM ${
      stateTablePath("sessions")
    }) ELSE 0 END::INTEGER`,
  ),
  macro(
    "pg_stat_get_live_tuples",
    `(relation) AS (SELECT greatest(@c.reltuples, 0)::BIGINT FROM ${pg("pg_class")} AS @c WHERE @c.oid = relation)`,
  ),
  ...uncountedOfRelation.map((name) => macro(`pg_stat_get_${name}`, "(relation) AS NULL::BIGINT")),
  ...timesOfRelation.map((name) => macro(`pg_stat_get_${name}`, "(relation) AS NULL::TIMESTAMPTZ")),
  ...uncountedOfDatabase.map((name) => macro(`pg_stat_get_db_${name}`, "(database) AS NULL::BIGINT")),
  macro("pg_stat_get_db_stat_reset_time", "(database) AS NULL::TIMESTAMPTZ"),
  macro("pg_stat_get_snapshot_timestamp", "() AS NULL::TIMESTAMPTZ"),
];
