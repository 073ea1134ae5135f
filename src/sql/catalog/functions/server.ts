/**
 * What a PostgreSQL server has and this one does not: replication, partitions, advisory locks, files. Answered where
 * the answer is true, else refused.
 */
import type { MacroFunction } from "../../functions/types.ts";
import { macro, pg, refusal } from "./macro.ts";

const noReplication = "there is no write-ahead log to replicate.";
const noLocks = "sessions share no locks; use a table and a transaction.";
const noFiles = "files of the server cannot be read; use COPY ... FROM STDIN.";
const noCluster = "a workspace is no PostgreSQL cluster.";

const advisoryLocks = ["lock", "lock_shared", "xact_lock", "xact_lock_shared"].flatMap((kind) => [
  refusal(`pg_advisory_${kind}`, [1, 2], noLocks),
  refusal(`pg_try_advisory_${kind}`, [1, 2], noLocks),
]);

const refusals: readonly MacroFunction[] = [
  ...advisoryLocks,
  refusal("pg_advisory_unlock", [1, 2], noLocks),
  refusal("pg_advisory_unlock_shared", [1, 2], noLocks),
  refusal(
    "lastval",
    [0],
    "which sequence gave the last value is not kept; use INSERT … RETURNING, or currval with the sequence.",
  ),
  refusal("pg_current_wal_lsn", [0], noReplication),
  refusal("pg_current_wal_insert_lsn", [0], noReplication),
  refusal("pg_current_wal_flush_lsn", [0], noReplication),
  refusal("pg_switch_wal", [0], noReplication),
  refusal("pg_create_restore_point", [1], noReplication),
  refusal("pg_walfile_name", [1], noReplication),
  refusal("pg_create_physical_replication_slot", [1, 2, 3], noReplication),
  refusal("pg_create_logical_replication_slot", [2, 3, 4], noReplication),
  refusal("pg_drop_replication_slot", [1], noReplication),
  refusal("pg_logical_slot_get_changes", [3, 4, 5], noReplication),
  refusal("pg_logical_slot_peek_changes", [3, 4, 5], noReplication),
  refusal("pg_wal_replay_pause", [0], noReplication),
  refusal("pg_wal_replay_resume", [0], noReplication),
  refusal("pg_promote", [0, 1, 2], noReplication),
  refusal("pg_backup_start", [1, 2], noReplication),
  refusal("pg_backup_stop", [0, 1], noReplication),
  refusal("pg_control_system", [0], noCluster),
  refusal("pg_control_checkpoint", [0], noCluster),
  refusal("pg_control_recovery", [0], noCluster),
  refusal("pg_control_init", [0], noCluster),
  refusal("pg_reload_conf", [0], "settings of the server are its administrator's."),
  refusal("pg_rotate_logfile", [0], "settings of the server are its administrator's."),
  refusal("pg_log_backend_memory_contexts", [1], "the server's log is its administrator's."),
  refusal("pg_read_file", [1, 2, 3, 4], noFiles),
  refusal("pg_read_binary_file", [1, 2, 3, 4], noFiles),
  refusal("pg_stat_file", [1, 2], noFiles),
  refusal("pg_ls_dir", [1, 3], noFiles),
  refusal("pg_ls_logdir", [0], noFiles),
  refusal("pg_ls_waldir", [0], noFiles),
  refusal("pg_ls_tmpdir", [0, 1], noFiles),
  refusal("pg_stat_reset", [0], "nothing is counted that could be reset."),
];

const replication = [
  macro("pg_is_wal_replay_paused", "() AS false"),
  macro("pg_get_wal_replay_pause_state", "() AS 'not paused'"),
  ...["pg_last_wal_receive_lsn", "pg_last_wal_replay_lsn"].map((name) => macro(name, "() AS NULL::VARCHAR")),
  macro("pg_last_xact_replay_timestamp", "() AS NULL::TIMESTAMPTZ"),
  macro("pg_xact_commit_timestamp", "(id) AS NULL::TIMESTAMPTZ"),
  macro("pg_get_replica_identity_index", "(relation) AS NULL::UINTEGER"),
  macro("pg_relation_is_publishable", "(relation) AS CASE WHEN relation IS NOT NULL THEN false END"),
  /** Lists; there are none of these. */
  macro(
    "pg_get_replication_slots",
    "() AS []::STRUCT(slot_name VARCHAR, plugin VARCHAR, slot_type VARCHAR, datoid UINTEGER)[]",
  ),
  macro("pg_get_publication_tables", "(publication) AS []::STRUCT(relid UINTEGER, attrs SMALLINT[], qual VARCHAR)[]"),
];

/** Nothing is partitioned. */
const partitions = [
  macro("pg_partition_root", "(relation) AS NULL::UINTEGER"),
  macro("pg_partition_ancestors", "(relation) AS []::UINTEGER[]"),
  macro(
    "pg_partition_tree",
    "(relation) AS []::STRUCT(relid UINTEGER, parentrelid UINTEGER, isleaf BOOLEAN, level INTEGER)[]",
  ),
  macro("pg_get_partkeydef", "(relation) AS NULL::VARCHAR"),
  macro("pg_get_partition_constraintdef", "(relation) AS NULL::VARCHAR"),
];

/** All indexes are of one method, ordered and ascending, that PostgreSQL calls btree. */
const indexes = [
  macro(
    "pg_indexam_has_property",
    `(method, property) AS CASE WHEN method IS NULL THEN NULL ELSE CASE lower(property) WHEN 'can_order'
      THEN true WHEN 'can_unique' THEN true
      WHEN 'can_multi_col' THEN true WHEN 'can_exclude' THEN false WHEN 'can_include' THEN false END END`,
  ),
  macro(
    "pg_index_has_property",
    `(index, property) AS CASE WHEN index IS NULL THEN NULL ELSE CASE lower(property) WHEN 'clusterable'
      THEN false WHEN 'index_scan' THEN true
      WHEN 'bitmap_scan' THEN false WHEN 'backward_scan' THEN false END END`,
  ),
  macro(
    "pg_index_column_has_property",
    `(index, number, property) AS CASE WHEN index IS NULL OR number IS NULL THEN NULL ELSE CASE lower(property)
      WHEN 'asc' THEN true WHEN 'desc' THEN false
      WHEN 'nulls_first' THEN false WHEN 'nulls_last' THEN true WHEN 'orderable' THEN true
        WHEN 'distance_orderable' THEN false
      WHEN 'returnable' THEN false WHEN 'search_array' THEN false WHEN 'search_nulls' THEN false END END`,
  ),
];

/** Functions under views of pg_catalog of another name: a list of the view's rows. */
const functionsUnderViews: Readonly<Record<string, string>> = {
  pg_cursor: "pg_cursors",
  pg_lock_status: "pg_locks",
  pg_prepared_statement: "pg_prepared_statements",
  pg_prepared_xact: "pg_prepared_xacts",
  pg_show_all_file_settings: "pg_file_settings",
  pg_show_all_settings: "pg_settings",
};
export const viewFunctionNames: readonly (readonly [name: string, view: string])[] = Object.entries(
  functionsUnderViews,
);

/** The page (1) or the line (2) of a place's text; like tidin, it minds nothing before `(` and after `)`. */
const placePart = (part: 1 | 2) =>
  `split_part(split_part(split_part(place::VARCHAR, '(', 2), ')', 1), ',', ${part})::BIGINT`;

/** DuckDB numbers the rows that an open transaction has added from here on. They get the upper half of all pages. */
const addedRow = "36028797018960000";
const addedPage = "2147483648";
const pageOf =
  `CASE WHEN place >= ${addedRow} THEN ${addedPage} + (place - ${addedRow}) // 65535 ELSE place // 65535 END`;
const lineOf = `CASE WHEN place >= ${addedRow} THEN (place - ${addedRow}) % 65535 ELSE place % 65535 END + 1`;
/** The number of the first row of a place's page. */
const firstRowOf = `CASE WHEN ${placePart(1)} >= ${addedPage} THEN ${addedRow} + (${
  placePart(1)
} - ${addedPage}) * 65535
  ELSE ${placePart(1)} * 65535 END`;

const others = [
  ...viewFunctionNames.map(([name, view]) =>
    macro(name, `() AS (SELECT coalesce(list(shown), []) FROM ${pg(view)} AS shown)`)
  ),
  /** A list of rows (option_name, option_value) of texts `name=value`. */
  macro(
    "pg_options_to_table",
    `(options) AS list_transform(options::VARCHAR[], lambda option: {'option_name': split_part(option, '=', 1),
      'option_value': CASE WHEN contains(option, '=') THEN option[strpos(option, '=') + 1:] END})`,
  ),
  // DuckDB's number of a row, from 0, as PostgreSQL writes a row's place: page and line, whose numbers end at 65535.
  macro("__ctid", `(place) AS CASE WHEN place IS NOT NULL THEN concat('(', ${pageOf}, ',', ${lineOf}, ')') END`),
  // The other way, for comparisons: no row has line 0, so there the first row is behind the last one.
  macro("__ctid_first", `(place) AS ${firstRowOf} + greatest(${placePart(2)}, 1) - 1`),
  macro("__ctid_last", `(place) AS ${firstRowOf} + ${placePart(2)} - 1`),
  // No snapshot can be shared, so there is none to name; SET TRANSACTION SNAPSHOT is refused. DuckDB's postgres extension goes on when the
  // question itself fails, in a transaction that has failed with it, and then reads nothing where it should have read a table.
  macro("pg_export_snapshot", "() AS NULL::VARCHAR"),
  macro("pg_advisory_unlock_all", "() AS ''"),
  macro("pg_stat_clear_snapshot", "() AS ''"),
  macro("pg_stat_force_next_flush", "() AS ''"),
  macro("pg_database_collation_actual_version", "(database) AS NULL::VARCHAR"),
  macro("pg_collation_actual_version", "(collation) AS NULL::VARCHAR"),
  macro("pg_column_compression", "(value) AS NULL::VARCHAR"),
];

export const serverFunctions: readonly MacroFunction[] = [
  ...refusals,
  ...replication,
  ...partitions,
  ...indexes,
  ...others,
];
