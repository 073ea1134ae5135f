/**
 * Which functions a workspace's SQL may call. DuckDB 1.5.5's own catalogue (`duckdb_functions()`) was read name by
 * name; `functions_test.ts` reads it again and fails when a name is neither here nor in `reviewed_functions.txt`.
 *
 * A name that DuckDB does not have is the user's own macro, whose body was checked when it was created, or does not
 * exist. Names that extensions would bring are refused by pattern, should one ever be loaded.
 */
import { isServerSetting } from "./server_settings.ts";

/**
 * DuckDB table functions, table macros and pragma functions that reach no file, path, setting or other instance state.
 */
export const allowedTableFunctions: ReadonlySet<string> = new Set([
  ..."range generate_series unnest repeat repeat_row json_each json_tree summary test_all_types test_vector_types"
    .split(" "),
  ..."icu_calendar_names pg_timezone_names".split(" "),
  ..."duckdb_approx_database_count duckdb_columns duckdb_constraints duckdb_coordinate_systems duckdb_dependencies"
    .split(" "),
  ..."duckdb_functions duckdb_indexes duckdb_keywords duckdb_memory duckdb_optimizers duckdb_schemas".split(" "),
  ..."duckdb_sequences duckdb_tables duckdb_types duckdb_variables duckdb_views".split(" "),
  ..."pragma_collations pragma_platform pragma_show pragma_storage_info pragma_table_info".split(" "),
  ..."pragma_user_agent pragma_version".split(" "),
]);

/** Table functions that are refused, each with the reason that the error gives. */
const forbiddenByReason: readonly (readonly [reason: string, names: string])[] = [
  [
    "reads files",
    "arrow_scan arrow_scan_dumb glob parquet_bloom_probe parquet_file_metadata parquet_full_metadata parquet_kv_metadata " +
    "parquet_metadata parquet_scan parquet_schema read_blob read_csv read_csv_auto read_duckdb read_json read_json_auto " +
    "read_json_objects read_json_objects_auto read_ndjson read_ndjson_auto read_ndjson_objects read_parquet read_text " +
    "seq_scan sniff_csv import_database copy_database add_parquet_key " +
    "pg_read_file pg_read_binary_file pg_ls_dir pg_stat_file lo_import lo_export getenv",
  ],
  [
    "runs SQL that the policy does not see",
    "query query_table json_execute_serialized_sql json_serialize_plan sql_auto_complete",
  ],
  // DuckDB writes them over query_table(): a file name as first argument is read.
  ["takes a table by name", "histogram_values duckdb_table_sample"],
  [
    "shows the server's files or settings",
    "duckdb_databases duckdb_extensions duckdb_external_file_cache duckdb_secrets duckdb_secret_types duckdb_settings " +
    "duckdb_temporary_files which_secret duckdb_logs duckdb_logs_parsed duckdb_log_contexts duckdb_profiling_settings " +
    "duckdb_prepared_statements duckdb_connection_count pragma_database_list database_list pragma_database_size " +
    "database_size pragma_metadata_info metadata_info show_databases extension_versions all_profiling_output " +
    "pg_show_all_file_settings",
  ],
  [
    "changes the server's state",
    "checkpoint force_checkpoint enable_logging disable_logging truncate_duckdb_logs enable_profiling disable_profiling " +
    "enable_profile disable_profile enable_peg_parser disable_peg_parser check_peg_parser " +
    "disable_checkpoint_on_shutdown enable_checkpoint_on_shutdown disable_object_cache enable_object_cache " +
    "disable_optimizer enable_optimizer disable_print_progress_bar enable_print_progress_bar disable_progress_bar " +
    "enable_progress_bar disable_verification enable_verification disable_verify_external verify_external " +
    "disable_verify_fetch_row verify_fetch_row disable_verify_parallelism verify_parallelism disable_verify_serializer " +
    "verify_serializer pg_reload_conf pg_rotate_logfile",
  ],
  ["is internal to DuckDB", "variant_bytes_to_variant variant_to_parquet_variant"],
];

/** name -> reason. Refused wherever a function can stand, in any quoting and behind any schema. */
export const forbiddenFunctions: ReadonlyMap<string, string> = new Map(
  forbiddenByReason.flatMap(([reason, names]) => names.split(" ").map((name) => [name, reason] as const)),
);

/** What extensions add. None is loaded and autoload is off, so these are a second line. */
const forbiddenPatterns: readonly RegExp[] = [
  /^__internal_/,
  // The emulated catalog's own functions: only its macros call them.
  /^__eider/,
  /^(read|write|scan)_(blob|text|csv|json|ndjson|parquet|duckdb|avro|xlsx|arrow|orc|lance|vortex|gsheet|stat)/,
  /^(st_read|sqlite_|postgres_|mysql_|mssql_|iceberg_|delta_|ducklake_|http_|azure_|aws_|load_aws|dblink)/,
  /(^|_)scan(_|$)/,
  /^(enable|disable)_/,
  /^duckdb_(settings|secret|database|log|ext|temporary|prepared)/,
];

/** Why `name` (in lower case) may not be called, or null. `position` as in `FunctionUse`. */
export function forbiddenFunctionReason(name: string, position: "table" | "scalar" | "either"): string | null {
  const reason = forbiddenFunctions.get(name);
  if (reason !== undefined) return reason;
  // The table macro histogram(source, column) reads `source` with query_table(); the aggregate of that name is
  // harmless.
  if (name === "histogram" && position !== "scalar") return "takes a table by name";
  if (allowedTableFunctions.has(name)) return null;
  return forbiddenPatterns.some((pattern) => pattern.test(name)) ? "is not available in a workspace" : null;
}

/** PRAGMA statements that only describe; every other one changes or shows the server's state. */
export const allowedPragmas: ReadonlySet<string> = new Set(
  "collations functions platform show show_tables show_tables_expanded storage_info table_info user_agent version"
    .split(" "),
);

/**
 * Whether `current_setting` may not show a setting: DuckDB's that hold paths, addresses or secrets. A name that is
 * not a plain one is hidden too. PostgreSQL's settings are answered by `SessionSettings`, not by DuckDB.
 */
export function hiddenSetting(name: string): boolean {
  if (!/^[A-Za-z_][A-Za-z0-9_.]*$/.test(name)) return true;
  return isServerSetting(name) &&
    /director|path|secret|password|user|proxy|repository|configs|filesystem|profil|logging|output|access|extension/i
      .test(name);
}
