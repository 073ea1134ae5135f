/**
 * Result types of functions, where the translation has use for them: PostgreSQL's catalog, text, date and JSON
 * functions.
 */
import { isNumber, type StaticType } from "./static_types.ts";

const byType: Readonly<Record<string, string>> = {
  text: "lower upper initcap btrim ltrim rtrim trim lpad rpad left right substring substr replace translate repeat " +
    "reverse " +
    "concat concat_ws format quote_ident quote_literal quote_nullable to_char to_hex md5 chr split_part overlay " +
    "string_agg " +
    "regexp_replace regexp_substr array_to_string format_type pg_get_expr pg_get_viewdef pg_get_constraintdef " +
    "pg_get_indexdef pg_get_functiondef pg_get_function_arguments pg_get_function_identity_arguments " +
    "pg_get_function_result pg_get_triggerdef pg_get_ruledef pg_get_serial_sequence pg_get_statisticsobjdef " +
    "pg_get_partkeydef pg_get_partition_constraintdef pg_get_statisticsobjdef_columns obj_description " +
    "col_description " +
    "shobj_description current_setting set_config version pg_size_pretty json_typeof jsonb_typeof jsonb_pretty " +
    "json_extract_path_text jsonb_extract_path_text pg_describe_object pg_tablespace_location regexp_split_to_table " +
    "string_to_table json_object_keys jsonb_object_keys json_array_elements_text jsonb_array_elements_text timeofday " +
    "array_dims pg_relation_filepath pg_get_function_sqlbody __regclass_name __regtype_name __regproc_name " +
    "__regprocedure_name __regnamespace_name __regrole_name",
  name:
    "current_database current_catalog current_schema current_user session_user user pg_get_userbyid getpgusername " +
    "pg_encoding_to_char pg_client_encoding",
  "name[]": "current_schemas",
  oid: "pg_my_temp_schema pg_relation_filenode lo_create lo_creat pg_current_xact_oid",
  regclass: "to_regclass __regclass",
  regtype: "pg_typeof to_regtype __regtype",
  regproc: "to_regproc __regproc",
  regprocedure: "to_regprocedure",
  regnamespace: "to_regnamespace __regnamespace",
  regrole: "to_regrole __regrole",
  int4: "length char_length character_length octet_length bit_length ascii position strpos array_length array_upper " +
    "array_lower array_ndims array_position cardinality date_mi pg_backend_pid generate_subscripts width_bucket " +
    "json_array_length jsonb_array_length regexp_count regexp_instr num_nulls num_nonnulls inet_server_port " +
    "inet_client_port pg_char_to_encoding pg_encoding_max_length txid_status",
  int8: "count row_number rank dense_rank nextval currval setval lastval pg_relation_size pg_table_size " +
    "pg_total_relation_size pg_indexes_size pg_database_size pg_tablespace_size txid_current regr_count " +
    "pg_stat_get_numscans",
  float8:
    "random pi sqrt_float8 date_part percentile_cont cume_dist percent_rank degrees radians sin cos tan asin acos " +
    "atan atan2 cot corr covar_pop covar_samp regr_slope regr_intercept regr_r2",
  numeric: "extract to_number",
  bool: "starts_with pg_table_is_visible pg_type_is_visible pg_function_is_visible pg_operator_is_visible " +
    "pg_opclass_is_visible pg_collation_is_visible pg_ts_config_is_visible pg_conversion_is_visible " +
    "has_table_privilege has_schema_privilege has_database_privilege has_column_privilege has_any_column_privilege " +
    "has_function_privilege has_sequence_privilege has_type_privilege has_tablespace_privilege " +
    "has_language_privilege " +
    "has_foreign_data_wrapper_privilege has_server_privilege pg_has_role pg_is_in_recovery pg_is_other_temp_schema " +
    "bool_and bool_or every isfinite pg_cancel_backend pg_terminate_backend regexp_like row_security_active " +
    "pg_column_is_updatable pg_relation_is_publishable pg_try_advisory_lock pg_advisory_unlock " +
    "pg_index_column_has_property " +
    "pg_indexam_has_property pg_index_has_property jsonb_exists jsonb_contains json_exists __regexp_matches",
  date: "current_date make_date to_date",
  time: "localtime make_time",
  timestamp: "localtimestamp make_timestamp",
  timestamptz: "now current_timestamp clock_timestamp statement_timestamp transaction_timestamp make_timestamptz " +
    "to_timestamp pg_postmaster_start_time pg_conf_load_time",
  interval: "age make_interval justify_days justify_hours justify_interval",
  json: "to_json row_to_json json_build_object json_build_array json_agg json_object_agg json_object array_to_json " +
    "json_array_elements json_extract_path json_strip_nulls json_array json_object",
  jsonb:
    "to_jsonb jsonb_build_object jsonb_build_array jsonb_agg jsonb_object_agg jsonb_object jsonb_set jsonb_insert " +
    "jsonb_array_elements jsonb_extract_path jsonb_strip_nulls jsonb_concat jsonb_delete jsonb_path_query " +
    "jsonb_path_query_array jsonb_path_query_first",
  "int4[]": "array_positions",
  "text[]": "parse_ident string_to_array regexp_split_to_array regexp_match regexp_matches",
  uuid: "gen_random_uuid uuid_generate_v4",
  bytea: "decode convert_to sha224 sha256 sha384 sha512",
  xid8: "pg_current_xact_id pg_current_xact_id_if_assigned",
};

const types: ReadonlyMap<string, string> = new Map(
  Object.entries(byType).flatMap(([type, names]) => names.split(" ").map((name) => [name, type] as const)),
);

/** Functions whose result has the type of their first argument. */
const likeFirst: ReadonlySet<string> = new Set(
  ("min max any_value first last lag lead first_value last_value nth_value abs array_append array_remove " +
    "list_append list_concat " +
    "array_replace " +
    "array_cat mode nullif greatest least coalesce ifnull")
    .split(" "),
);

/**
 * The type of a call by the function's last name part; `first` is the type of its first argument, `second` of its
 * second.
 */
export function functionType(name: string, first: StaticType, second: StaticType): StaticType {
  const known = types.get(name);
  if (known !== undefined) return known;
  // There is no min of these, but of text.
  if ((name === "min" || name === "max") && first === "varchar") return "text";
  if (likeFirst.has(name)) return first === "unknown" ? "text" : first;
  switch (name) {
    case "unnest":
      return first !== null && first.endsWith("[]") ? first.slice(0, -2) : vectorElement(first);
    case "array_agg":
    case "list":
      return first === null || first === "unknown" ? null : `${first}[]`;
    case "array_prepend":
    case "list_prepend":
      return second;
    case "date_trunc":
      return second === "date" || second === "timestamptz" ? "timestamptz" : second;
    case "date_bin":
      return second;
    case "timezone":
      return second === "timestamptz" ? "timestamp" : second === "timestamp" ? "timestamptz" : null;
    case "sum":
      return first === "int2" || first === "int4" ? "int8" : first === "int8" ? "numeric" : first;
    case "avg":
      if (first === "interval") return first;
      return first === "float4" || first === "float8" ? "float8" : isNumber(first) ? "numeric" : null;
    case "round":
      // With digits it is numeric always.
      if (second !== null && isNumber(first)) return "numeric";
      return first === "numeric" ? "numeric" : isNumber(first) ? "float8" : null;
    case "trunc":
    case "sign":
    case "ceil":
    case "ceiling":
    case "floor":
    case "power":
    case "sqrt":
    case "exp":
    case "ln":
      return first === "numeric" ? "numeric" : first === "float8" || first === "float4" ? "float8" : null;
    default:
      return null;
  }
}

function vectorElement(type: StaticType): StaticType {
  return type === "int2vector" ? "int2" : type === "oidvector" ? "oid" : null;
}
