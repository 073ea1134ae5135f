/**
 * The error catalogue: one row a kind. Two renderers read it, problem+json (`http/problem.ts`) and ErrorResponse
 * (`pgwire/codec/error_response.ts`); no other file names an HTTP status or a SQLSTATE.
 * SQLSTATEs: PostgreSQL documentation, appendix A.
 */
export interface ErrorRow {
  readonly sqlstate: string;
  readonly severity: "ERROR" | "FATAL";
  readonly httpStatus: number;
  readonly title: string;
  /** Whether the same request can succeed later without a change. */
  readonly retryable: boolean;
}

function row(
  sqlstate: string,
  severity: "ERROR" | "FATAL",
  httpStatus: number,
  title: string,
  retryable = false,
): ErrorRow {
  return { sqlstate, severity, httpStatus, title, retryable };
}

export const catalogue = {
  // REST and domain
  unauthorized: row("28000", "FATAL", 401, "Authentication required"),
  forbidden: row("42501", "ERROR", 403, "Not allowed"),
  not_found: row("42704", "ERROR", 404, "Not found"),
  method_not_allowed: row("0A000", "ERROR", 405, "Method not allowed"),
  conflict: row("42710", "ERROR", 409, "Conflict"),
  gone: row("28000", "FATAL", 410, "Gone"),
  precondition_failed: row("40001", "ERROR", 412, "Precondition failed"),
  body_too_large: row("54000", "ERROR", 413, "Body too large"),
  unsupported_media_type: row("22023", "ERROR", 415, "Unsupported media type"),
  invalid_request: row("22023", "ERROR", 422, "Invalid request"),
  invalid_json: row("22023", "ERROR", 400, "Malformed JSON"),
  import_failed: row("22P04", "ERROR", 422, "Import failed"),
  too_many_requests: row("53400", "ERROR", 429, "Too many requests", true),
  workspace_expired: row("28000", "FATAL", 410, "Workspace expired"),
  workspace_limit_reached: row("53400", "ERROR", 409, "Workspace limit reached"),
  workspace_size_exceeded: row("53100", "ERROR", 507, "Workspace size exceeded"),
  insufficient_memory_budget: row("53200", "ERROR", 503, "Memory budget exhausted", true),
  shutting_down: row("57P03", "FATAL", 503, "Shutting down", true),
  starting_up: row("57P03", "FATAL", 503, "Starting up", true),
  disk_full: row("53100", "ERROR", 507, "Disk full", true),
  io_error: row("58030", "ERROR", 500, "Input/output error", true),
  internal: row("XX000", "ERROR", 500, "Internal error"),
  config_invalid: row("F0000", "FATAL", 500, "Configuration error"),
  metadata_unusable: row("58000", "FATAL", 500, "Metadata store unusable"),
  upstream_failed: row("08006", "ERROR", 502, "Datasource failed", true),
  query_log_unusable: row("58000", "FATAL", 503, "Query log unusable", true),
  timeout: row("57014", "ERROR", 504, "Timed out", true),
  audit_unavailable: row("57P03", "ERROR", 503, "Audit log not writable", true),
  share_not_found: row("42704", "ERROR", 404, "No such share link"),
  worker_lost: row("57P02", "FATAL", 503, "Workspace process ended", true),

  // connection and authentication
  invalid_password: row("28P01", "FATAL", 401, "Invalid password"),
  invalid_authorization: row("28000", "FATAL", 401, "Invalid authorization"),
  invalid_database: row("3D000", "FATAL", 404, "Database does not exist"),
  too_many_connections: row("53300", "FATAL", 429, "Too many connections", true),
  admin_shutdown: row("57P01", "FATAL", 503, "Terminated by administrator", true),
  idle_session_timeout: row("57P05", "FATAL", 408, "Idle session timeout", true),
  idle_in_transaction_timeout: row("25P03", "FATAL", 408, "Idle in transaction timeout", true),
  protocol_violation: row("08P01", "FATAL", 400, "Protocol violation"),
  protocol_violation_in_message: row("08P01", "ERROR", 400, "Protocol violation"),
  unsupported_protocol: row("0A000", "FATAL", 400, "Unsupported protocol"),
  message_too_large: row("54000", "FATAL", 413, "Message too large"),

  // SQL
  syntax_error: row("42601", "ERROR", 400, "Syntax error"),
  undefined_table: row("42P01", "ERROR", 400, "Undefined table"),
  undefined_column: row("42703", "ERROR", 400, "Undefined column"),
  undefined_function: row("42883", "ERROR", 400, "Undefined function"),
  undefined_object: row("42704", "ERROR", 400, "Undefined object"),
  undefined_schema: row("3F000", "ERROR", 400, "Undefined schema"),
  undefined_parameter: row("42P02", "ERROR", 400, "Undefined parameter"),
  ambiguous_column: row("42702", "ERROR", 400, "Ambiguous column"),
  ambiguous_function: row("42725", "ERROR", 400, "Ambiguous function"),
  duplicate_table: row("42P07", "ERROR", 409, "Duplicate table"),
  duplicate_schema: row("42P06", "ERROR", 409, "Duplicate schema"),
  duplicate_object: row("42710", "ERROR", 409, "Duplicate object"),
  duplicate_column: row("42701", "ERROR", 409, "Duplicate column"),
  duplicate_prepared_statement: row("42P05", "ERROR", 409, "Duplicate prepared statement"),
  duplicate_cursor: row("42P03", "ERROR", 409, "Duplicate cursor"),
  invalid_prepared_statement: row("26000", "ERROR", 400, "Invalid prepared statement"),
  invalid_cursor: row("34000", "ERROR", 400, "Invalid cursor"),
  datatype_mismatch: row("42804", "ERROR", 400, "Datatype mismatch"),
  cannot_coerce: row("42846", "ERROR", 400, "Cannot coerce"),
  indeterminate_datatype: row("42P18", "ERROR", 400, "Indeterminate datatype"),
  grouping_error: row("42803", "ERROR", 400, "Grouping error"),
  wrong_object_type: row("42809", "ERROR", 400, "Wrong object type"),
  insufficient_privilege: row("42501", "ERROR", 403, "Insufficient privilege"),
  read_only: row("25006", "ERROR", 403, "Read-only"),
  feature_not_supported: row("0A000", "ERROR", 501, "Not supported"),
  invalid_text_representation: row("22P02", "ERROR", 400, "Invalid text representation"),
  invalid_binary_representation: row("22P03", "ERROR", 400, "Invalid binary representation"),
  invalid_parameter_value: row("22023", "ERROR", 400, "Invalid parameter value"),
  invalid_datetime_format: row("22007", "ERROR", 400, "Invalid datetime format"),
  string_data_right_truncation: row("22001", "ERROR", 400, "String too long"),
  generated_always: row("428C9", "ERROR", 400, "Generated column"),
  invalid_column_reference: row("42P10", "ERROR", 400, "Invalid column reference"),
  invalid_argument_for_logarithm: row("2201E", "ERROR", 400, "Invalid argument for logarithm"),
  invalid_argument_for_power: row("2201F", "ERROR", 400, "Invalid argument for power function"),
  substring_error: row("22011", "ERROR", 400, "Substring error"),
  datetime_overflow: row("22008", "ERROR", 400, "Datetime overflow"),
  numeric_out_of_range: row("22003", "ERROR", 400, "Numeric value out of range"),
  division_by_zero: row("22012", "ERROR", 400, "Division by zero"),
  character_not_in_repertoire: row("22021", "ERROR", 400, "Character not in repertoire"),
  data_exception: row("22000", "ERROR", 400, "Data exception"),
  cardinality_violation: row("21000", "ERROR", 400, "Cardinality violation"),
  not_null_violation: row("23502", "ERROR", 409, "Not-null violation"),
  foreign_key_violation: row("23503", "ERROR", 409, "Foreign key violation"),
  unique_violation: row("23505", "ERROR", 409, "Unique violation"),
  check_violation: row("23514", "ERROR", 409, "Check violation"),
  dependent_objects: row("2BP01", "ERROR", 409, "Dependent objects still exist"),
  active_transaction: row("25001", "ERROR", 409, "Active transaction"),
  no_active_transaction: row("25P01", "ERROR", 409, "No active transaction"),
  failed_transaction: row("25P02", "ERROR", 409, "Failed transaction"),
  invalid_savepoint: row("3B001", "ERROR", 400, "Invalid savepoint"),
  serialization_failure: row("40001", "ERROR", 409, "Serialization failure", true),
  query_canceled: row("57014", "ERROR", 499, "Query cancelled"),
  out_of_memory: row("53200", "ERROR", 507, "Out of memory", true),
  configuration_limit: row("53400", "ERROR", 429, "Configuration limit exceeded", true),
  program_limit: row("54000", "ERROR", 413, "Program limit exceeded"),
  unknown_setting: row("42704", "ERROR", 400, "Unknown setting"),
  setting_read_only: row("55P02", "ERROR", 403, "Setting cannot be changed"),
} as const satisfies Record<string, ErrorRow>;

export type ErrorKind = keyof typeof catalogue;
export const errorKinds = Object.keys(catalogue) as readonly ErrorKind[];
