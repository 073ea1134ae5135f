/**
 * The settings a session has, as PostgreSQL 16 names, describes and checks them (`pg_settings`, guc_tables.c). Each has
 * one row; those that change nothing here are kept and shown, because drivers and dumps set them as a matter of course.
 */
import { AppError } from "../errors/app_error.ts";

/** Shown by `SHOW server_version` and sent at start-up; drivers read the number before the first space or dot. */
export const serverVersion = "16.4 (Eider)";
const serverVersionNumber = "160004";

export type SettingType = "bool" | "integer" | "real" | "string" | "enum" | "special";

export interface SettingDefinition {
  /** In the case in which PostgreSQL shows it; look-ups ignore case. */
  readonly name: string;
  readonly type: SettingType;
  readonly bootValue: string;
  /** Cannot be changed by SET. */
  readonly readOnly: boolean;
  /** Changes are sent to the client as ParameterStatus. */
  readonly reported: boolean;
  readonly unit: "ms" | "s" | "kB" | "8kB" | null;
  readonly minimum: number;
  readonly maximum: number;
  readonly choices: readonly string[];
  readonly description: string;
}

type Extra = Partial<Omit<SettingDefinition, "name" | "type" | "bootValue" | "description">>;

function define(name: string, type: SettingType, bootValue: string, description: string, extra: Extra = {}) {
  const empty = {
    readOnly: false,
    reported: false,
    unit: null,
    minimum: 0,
    maximum: 2_147_483_647,
    choices: [],
  } as const;
  return { name, type, bootValue, description, ...empty, ...extra } satisfies SettingDefinition;
}

const reported = { reported: true } as const;
const fixed = { readOnly: true } as const;
const fixedReported = { readOnly: true, reported: true } as const;
const milliseconds = { unit: "ms" } as const;
const levels = "debug5 debug4 debug3 debug2 debug1 log notice warning error".split(" ");
const isolations = ["serializable", "repeatable read", "read committed", "read uncommitted"];

/**
 * As in PostgreSQL. DuckDB's snapshots give more than that; see docs/adr/0002-attach-on-demand.md for where it
 * matters.
 */
const isolation = "read committed";

const rows: readonly SettingDefinition[] = [
  define(
    "application_name",
    "string",
    "",
    "Sets the application name to be reported in statistics and logs.",
    reported,
  ),
  define("client_encoding", "special", "UTF8", "Sets the client's character set encoding.", reported),
  define("DateStyle", "special", "ISO, MDY", "Sets the display format for date and time values.", reported),
  define("IntervalStyle", "enum", "postgres", "Sets the display format for interval values.", {
    ...reported,
    choices: ["postgres", "postgres_verbose", "sql_standard", "iso_8601"],
  }),
  define("TimeZone", "special", "UTC", "Sets the time zone for displaying and interpreting time stamps.", reported),
  define(
    "search_path",
    "special",
    '"$user", public',
    "Sets the schema search order for names that are not qualified.",
    reported,
  ),
  define("server_version", "string", serverVersion, "Shows the server version.", fixedReported),
  define("server_version_num", "integer", serverVersionNumber, "Shows the server version as an integer.", fixed),
  define("server_encoding", "string", "UTF8", "Shows the server (database) character set encoding.", fixedReported),
  define("integer_datetimes", "bool", "on", "Shows whether datetimes are integer based.", fixedReported),
  define("is_superuser", "bool", "off", "Shows whether the current user is a superuser.", fixedReported),
  define("in_hot_standby", "bool", "off", "Shows whether hot standby is currently active.", fixedReported),
  define("scram_iterations", "integer", "4096", "Sets the iteration count for SCRAM secret generation.", fixedReported),
  define("session_authorization", "special", "", "Sets the session user name.", reported),
  define("role", "special", "none", "Sets the current role."),
  define("standard_conforming_strings", "enum", "on", "Causes '...' strings to treat backslashes literally.", {
    ...reported,
    choices: ["on"],
  }),
  define(
    "default_transaction_read_only",
    "bool",
    "off",
    "Sets the default read-only status of new transactions.",
    reported,
  ),
  define("default_transaction_isolation", "enum", isolation, "Sets the isolation level of each new transaction.", {
    choices: isolations,
  }),
  define("default_transaction_deferrable", "bool", "off", "Sets the default deferrable status of new transactions."),
  define("transaction_isolation", "enum", isolation, "Sets the current transaction's isolation level.", {
    choices: isolations,
  }),
  define("transaction_read_only", "bool", "off", "Sets the current transaction's read-only status."),
  define("transaction_deferrable", "bool", "off", "Whether to defer a read-only serializable transaction."),
  define("statement_timeout", "integer", "0", "Sets the maximum allowed duration of any statement.", milliseconds),
  define("lock_timeout", "integer", "0", "Sets the maximum allowed duration of any wait for a lock.", milliseconds),
  define("transaction_timeout", "integer", "0", "Sets the maximum allowed duration of any transaction.", milliseconds),
  define(
    "idle_in_transaction_session_timeout",
    "integer",
    "0",
    "Sets the maximum idle time in a transaction.",
    milliseconds,
  ),
  define("idle_session_timeout", "integer", "0", "Sets the maximum idle time outside a transaction.", milliseconds),
  define("extra_float_digits", "integer", "1", "Sets the number of digits displayed for floating-point values.", {
    minimum: -15,
    maximum: 3,
  }),
  define("bytea_output", "enum", "hex", "Sets the output format for bytea.", { choices: ["hex", "escape"] }),
  define("client_min_messages", "enum", "notice", "Sets the message levels that are sent to the client.", {
    choices: levels,
  }),
  define("synchronize_seqscans", "bool", "on", "Enables synchronized sequential scans."),
  define("row_security", "bool", "on", "Enables row security."),
  define("check_function_bodies", "bool", "on", "Checks routine bodies during CREATE FUNCTION."),
  define("xmloption", "enum", "content", "Sets whether XML data is content or a document.", {
    choices: ["content", "document"],
  }),
  define("xmlbinary", "enum", "base64", "Sets how binary values are encoded in XML.", { choices: ["base64", "hex"] }),
  define("escape_string_warning", "bool", "on", "Warns about backslash escapes in ordinary string literals."),
  define("backslash_quote", "enum", "safe_encoding", "Sets whether \\' is allowed in string literals.", {
    choices: ["safe_encoding", "on", "off"],
  }),
  define("array_nulls", "bool", "on", "Enables input of NULL elements in arrays."),
  define("quote_all_identifiers", "bool", "off", "Quotes all identifiers when generating SQL fragments."),
  define("transform_null_equals", "bool", "off", "Treats expr=NULL as expr IS NULL."),
  define("synchronous_commit", "enum", "on", "Sets the current transaction's synchronization level.", {
    choices: ["local", "remote_write", "remote_apply", "on", "off"],
  }),
  define("session_replication_role", "enum", "origin", "Sets the behaviour of triggers and rules.", {
    choices: ["origin", "replica", "local"],
  }),
  define("default_tablespace", "string", "", "Sets the default tablespace to create tables and indexes in."),
  define("temp_tablespaces", "string", "", "Sets the tablespaces for temporary tables and sort files."),
  define("default_table_access_method", "string", "heap", "Sets the default table access method."),
  define("default_toast_compression", "string", "pglz", "Sets the default compression of large values."),
  define("default_text_search_config", "string", "pg_catalog.simple", "Sets the default text search configuration."),
  define("default_with_oids", "bool", "off", "Accepted for old dumps; has no effect."),
  define("lc_collate", "string", "C", "Shows the collation order locale.", fixed),
  define("lc_ctype", "string", "C", "Shows the character classification locale.", fixed),
  define("lc_messages", "string", "C", "Sets the language in which messages are displayed."),
  define("lc_monetary", "string", "C", "Sets the locale for formatting monetary amounts."),
  define("lc_numeric", "string", "C", "Sets the locale for formatting numbers."),
  define("lc_time", "string", "C", "Sets the locale for formatting dates and times."),
  define("timezone_abbreviations", "string", "Default", "Selects a file of time zone abbreviations."),
  define("max_identifier_length", "integer", "63", "Shows the maximum identifier length.", fixed),
  define("max_index_keys", "integer", "32", "Shows the maximum number of index keys.", fixed),
  define("max_function_args", "integer", "100", "Shows the maximum number of function arguments.", fixed),
  define("block_size", "integer", "8192", "Shows the size of a disk block.", fixed),
  define("max_connections", "integer", "100", "Sets the maximum number of concurrent connections.", fixed),
  define("ssl", "bool", "on", "Enables SSL connections.", fixed),
  define("password_encryption", "enum", "scram-sha-256", "Chooses the algorithm for encrypting passwords.", {
    ...fixed,
    choices: ["scram-sha-256"],
  }),
  define("wal_level", "string", "replica", "Sets the level of information written to the WAL.", fixed),
  define("cluster_name", "string", "eider", "Sets the name of the cluster.", fixed),
  define("jit", "bool", "off", "Allows JIT compilation."),
  define("work_mem", "integer", "4096", "Sets the maximum memory to be used for query workspaces.", {
    unit: "kB",
    minimum: 64,
  }),
  define("maintenance_work_mem", "integer", "65536", "Sets the maximum memory for maintenance operations.", {
    unit: "kB",
    minimum: 1024,
  }),
  define("temp_buffers", "integer", "1024", "Sets the maximum number of temporary buffers.", {
    unit: "8kB",
    minimum: 100,
  }),
  define("effective_cache_size", "integer", "524288", "Sets the planner's assumption about the data cache.", {
    unit: "8kB",
    minimum: 1,
  }),
  define("random_page_cost", "real", "4", "Sets the planner's cost of a nonsequentially fetched page."),
  define("seq_page_cost", "real", "1", "Sets the planner's cost of a sequentially fetched page."),
  define("cpu_tuple_cost", "real", "0.01", "Sets the planner's cost of processing each row."),
  define("cursor_tuple_fraction", "real", "0.1", "Sets the fraction of a cursor's rows that will be retrieved."),
  define("join_collapse_limit", "integer", "8", "Sets the FROM-list size beyond which JOINs are not flattened.", {
    minimum: 1,
  }),
  define("from_collapse_limit", "integer", "8", "Sets the FROM-list size beyond which subqueries are not collapsed.", {
    minimum: 1,
  }),
  define("constraint_exclusion", "enum", "partition", "Enables the planner to use constraints.", {
    choices: ["partition", "on", "off"],
  }),
  define("plan_cache_mode", "enum", "auto", "Controls the selection of custom or generic plans.", {
    choices: ["auto", "force_generic_plan", "force_custom_plan"],
  }),
  ...("geqo enable_bitmapscan enable_gathermerge enable_hashagg enable_hashjoin enable_incremental_sort enable_indexonlyscan " +
    "enable_indexscan enable_material enable_memoize enable_mergejoin enable_nestloop enable_parallel_append " +
    "enable_parallel_hash enable_partition_pruning enable_partitionwise_aggregate enable_partitionwise_join " +
    "enable_seqscan enable_sort enable_tidscan").split(" ").map((name) =>
      define(name, "bool", "on", "A planner switch of PostgreSQL; has no effect.")
    ),
  ...("debug_print_parse debug_print_rewritten debug_print_plan debug_pretty_print log_duration log_parser_stats " +
    "log_planner_stats log_executor_stats log_statement_stats").split(" ").map((name) =>
      define(name, "bool", "off", "A logging switch of PostgreSQL; has no effect.")
    ),
];

/** Every setting by its name in lower case. */
export const settingDefinitions: ReadonlyMap<string, SettingDefinition> = new Map(
  rows.map((row) => [row.name.toLowerCase(), row]),
);

function invalid(definition: SettingDefinition, value: string, hint?: string): never {
  throw new AppError("invalid_parameter_value", `invalid value for parameter "${definition.name}": "${value}"`, {
    ...(hint === undefined ? {} : { hint }),
  });
}

/** PostgreSQL's parse_bool: any unambiguous beginning of true, false, yes, no, on, off, and 1, 0. */
export function parseBoolean(value: string): boolean | null {
  const lower = value.trim().toLowerCase();
  if (lower === "1" || lower === "on") return true;
  if (lower === "0" || lower === "off" || lower === "of") return false;
  if (lower !== "" && ("true".startsWith(lower) || "yes".startsWith(lower))) return true;
  if (lower !== "" && ("false".startsWith(lower) || "no".startsWith(lower))) return false;
  return null;
}

const timeUnits: Readonly<Record<string, number>> = {
  us: 0.001,
  ms: 1,
  s: 1_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};
const memoryUnits: Readonly<Record<string, number>> = { B: 1 / 1024, kB: 1, MB: 1024, GB: 1024 ** 2, TB: 1024 ** 3 };

/** The size of the setting's own unit, in milliseconds or kilobytes. */
function baseUnit(definition: SettingDefinition): { units: Readonly<Record<string, number>>; size: number } | null {
  if (definition.unit === null) return null;
  if (definition.unit === "kB" || definition.unit === "8kB") {
    return { units: memoryUnits, size: definition.unit === "kB" ? 1 : 8 };
  }
  return { units: timeUnits, size: timeUnits[definition.unit]! };
}

function parseNumber(definition: SettingDefinition, value: string): string {
  const match = /^\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*([A-Za-z]*)\s*$/.exec(value);
  if (match === null) invalid(definition, value);
  let number = Number(match[1]);
  const base = baseUnit(definition);
  if (match[2] !== "") {
    const factor = base?.units[match[2]!];
    if (base === null || factor === undefined) {
      const accepted = base === null ? "" : `Valid units for this parameter are ${Object.keys(base.units).join(", ")}.`;
      invalid(definition, value, accepted === "" ? undefined : accepted);
    }
    number = number * factor / base.size;
  }
  if (definition.type === "integer") number = Math.round(number);
  const { minimum, maximum, unit } = definition;
  if (number < minimum || number > maximum) {
    const suffix = unit === null ? "" : ` ${unit}`;
    throw new AppError(
      "invalid_parameter_value",
      `${number}${suffix} is outside the valid range for parameter "${definition.name}" (${minimum}${suffix} .. ${maximum}${suffix})`,
    );
  }
  return String(number);
}

/** The value as it is kept, for every type but "special" (see `SessionSettings`). Throws `invalid_parameter_value`. */
export function normaliseValue(definition: SettingDefinition, value: string): string {
  switch (definition.type) {
    case "bool": {
      const boolean = parseBoolean(value);
      if (boolean === null) {
        throw new AppError("invalid_parameter_value", `parameter "${definition.name}" requires a Boolean value`);
      }
      return boolean ? "on" : "off";
    }
    case "integer":
    case "real":
      return parseNumber(definition, value);
    case "enum": {
      const choice = definition.choices.find((item) => item === value.toLowerCase()) ??
        booleanChoice(definition, value);
      if (choice === undefined) invalid(definition, value, `Available values: ${definition.choices.join(", ")}.`);
      return choice;
    }
    case "string":
    case "special":
      return value;
  }
}

function booleanChoice(definition: SettingDefinition, value: string): string | undefined {
  const boolean = parseBoolean(value);
  return boolean === null ? undefined : definition.choices.find((item) => item === (boolean ? "on" : "off"));
}

/** As SHOW prints it: a time or a size in the largest unit that divides it. */
export function displayValue(definition: SettingDefinition, value: string): string {
  const base = baseUnit(definition);
  const number = Number(value);
  if (base === null || number <= 0) return value;
  const inBase = number * base.size;
  const units = Object.entries(base.units).filter(([, size]) => size >= 1).reverse();
  const [unit, size] = units.find(([, size]) => inBase % size === 0) ?? units.at(-1)!;
  return `${inBase / size}${unit}`;
}
