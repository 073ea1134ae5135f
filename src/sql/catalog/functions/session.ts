/**
 * The session and its server: settings, process ids and signals, notifications, transaction ids, when and where the
 * server runs. What changes is asked of the engine's session functions (`__eider_setting`, `__eider_set_setting`,
 * `__eider_signal`, `__eider_notify`).
 */
import type { MacroFunction } from "../../functions/types.ts";
import { temporarySchema } from "../relations/objects.ts";
import { stateTablePath } from "../state.ts";
import { macro, pg, quoteLiteral, raise } from "./macro.ts";

const encodings = `
  SQL_ASCII EUC_JP EUC_CN EUC_KR EUC_TW EUC_JIS_2004 UTF8 MULE_INTERNAL LATIN1 LATIN2 LATIN3 LATIN4 LATIN5 LATIN6
  LATIN7 LATIN8 LATIN9 LATIN10 WIN1256 WIN1258 WIN866 WIN874 KOI8R WIN1251 WIN1252 ISO_8859_5 ISO_8859_6 ISO_8859_7
  ISO_8859_8 WIN1250 WIN1253 WIN1254 WIN1255 WIN1257 KOI8U SJIS BIG5 GBK UHC GB18030 JOHAB SHIFT_JIS_2004
`.trim().split(/\s+/);
const encodingList = `[${encodings.map(quoteLiteral).join(", ")}]`;
const plainEncodings = `[${encodings.map((name) => quoteLiteral(name.toLowerCase().replaceAll("_", ""))).join(", ")}]`;

const settings = [
  macro("current_setting", "(setting, missing_ok := false) AS __eider_setting(pg_backend_pid(), setting, missing_ok)"),
  macro(
    "set_config",
    `(setting_name, new_value, is_local) AS CASE WHEN setting_name IS NULL THEN ${
      raise("22004", "'SET requires parameter name'")
    } ELSE __eider_set_setting(pg_backend_pid(), setting_name, coalesce(new_value, ''), new_value IS NULL,
      coalesce(is_local, false)) END`,
  ),
  macro(
    "pg_settings_get_flags",
    "(guc) AS CASE WHEN __eider_setting(pg_backend_pid(), guc, true) IS NOT NULL THEN []::VARCHAR[] END",
  ),
];

const signals = [
  macro("pg_cancel_backend", "(pid) AS __eider_signal(pg_backend_pid(), pid, 'cancel')"),
  macro(
    "pg_terminate_backend",
    "(pid, timeout := 0) AS CASE WHEN timeout IS NOT NULL THEN __eider_signal(pg_backend_pid(), pid, 'terminate') END",
  ),
  macro(
    "pg_notify",
    `(channel, payload) AS CASE WHEN coalesce(channel, '') = '' THEN ${
      raise("22023", "'channel name cannot be empty'")
    } ELSE __eider_notify(pg_backend_pid(), channel, coalesce(payload, '')) END`,
  ),
  macro("pg_notification_queue_usage", "() AS 0::DOUBLE"),
  macro("pg_blocking_pids", "(pid) AS CASE WHEN pid IS NOT NULL THEN []::INTEGER[] END"),
  macro("pg_safe_snapshot_blocking_pids", "(pid) AS CASE WHEN pid IS NOT NULL THEN []::INTEGER[] END"),
  macro("pg_isolation_test_session_is_blocked", "(pid, blockers) AS false"),
];

/** DuckDB's own sleep, which a cancel ends. */
const sleep = (milliseconds: string) => `coalesce(sleep_ms(greatest(${milliseconds}, 0)::BIGINT)::VARCHAR, '')`;
const sleeps = [
  macro("pg_sleep", `(seconds) AS ${sleep("seconds * 1000")}`),
  macro("pg_sleep_for", `(duration) AS ${sleep("epoch(duration::INTERVAL) * 1000")}`),
  macro("pg_sleep_until", `(moment) AS ${sleep("epoch(moment::TIMESTAMPTZ - now()) * 1000")}`),
];

/** DuckDB numbers its transactions; an id is given out with the transaction, so it is always "assigned". */
const transactions = [
  macro("txid_current", "() AS txid_current()::BIGINT"),
  macro("txid_current_if_assigned", "() AS txid_current()::BIGINT"),
  macro("pg_current_xact_id", "() AS txid_current()::UBIGINT"),
  macro("pg_current_xact_id_if_assigned", "() AS txid_current()::UBIGINT"),
  macro("pg_current_snapshot", "() AS txid_current() || ':' || txid_current() || ':'"),
  macro("txid_current_snapshot", "() AS txid_current() || ':' || txid_current() || ':'"),
  ...["pg", "txid"].flatMap((prefix) => [
    macro(`${prefix}_snapshot_xmin`, "(snapshot) AS split_part(snapshot, ':', 1)::UBIGINT"),
    macro(`${prefix}_snapshot_xmax`, "(snapshot) AS split_part(snapshot, ':', 2)::UBIGINT"),
    /** A list of transaction ids. */
    macro(
      `${prefix}_snapshot_xip`,
      "(snapshot) AS list_transform(regexp_extract_all(split_part(snapshot, ':', 3), '\\d+'), lambda id: id::UBIGINT)",
    ),
    macro(
      `${prefix}_visible_in_snapshot`,
      `(id, snapshot) AS id < split_part(snapshot, ':', 1)::UBIGINT`,
    ),
  ]),
  macro(
    "txid_status",
    "(id) AS CASE WHEN id = txid_current() THEN 'in progress' WHEN id < txid_current() THEN 'committed' END",
  ),
  macro(
    "pg_xact_status",
    "(id) AS CASE WHEN id = txid_current() THEN 'in progress' WHEN id < txid_current() THEN 'committed' END",
  ),
];

const own = stateTablePath("workspace");
const sessions = stateTablePath("sessions");
const server = [
  macro("pg_postmaster_start_time", `() AS (SELECT started_at FROM ${own})`),
  macro("pg_conf_load_time", `() AS (SELECT started_at FROM ${own})`),
  // The worker has its sessions over a local socket, for which PostgreSQL says NULL.
  macro("inet_server_addr", "() AS NULL::VARCHAR"),
  macro("inet_server_port", "() AS NULL::INTEGER"),
  macro("inet_client_addr", `() AS (SELECT client_addr FROM ${sessions} WHERE pid = pg_backend_pid())`),
  macro("inet_client_port", `() AS (SELECT client_port FROM ${sessions} WHERE pid = pg_backend_pid())`),
  macro("pg_is_in_recovery", "() AS false"),
  macro("pg_jit_available", "() AS false"),
  macro("pg_trigger_depth", "() AS 0"),
  macro("pg_my_temp_schema", `() AS ${pg("__object_oid")}('schema', '', '${temporarySchema}')`),
  macro("pg_is_other_temp_schema", "(schema_oid) AS CASE WHEN schema_oid IS NOT NULL THEN false END"),
  macro(
    "pg_encoding_to_char",
    `(encoding) AS CASE WHEN encoding IS NOT NULL THEN coalesce(${encodingList}[encoding + 1], '') END`,
  ),
  macro(
    "pg_char_to_encoding",
    `(encoding) AS CASE WHEN encoding IS NOT NULL THEN coalesce(nullif(list_position(${plainEncodings}, replace(
      regexp_replace(lower(encoding), '[^a-z0-9]', '', 'g'), 'unicode', 'utf8')), 0), 0) - 1 END`,
  ),
  macro("pg_encoding_max_length", "(encoding) AS CASE encoding WHEN 6 THEN 4 WHEN 0 THEN 1 END"),
  macro("getdatabaseencoding", "() AS 'UTF8'"),
  macro("pg_client_encoding", "() AS 'UTF8'"),
  macro("pg_current_logfile", "() AS NULL::VARCHAR", "(format) AS NULL::VARCHAR"),
  macro(
    "pg_collation_for",
    `(value) AS CASE WHEN typeof(value) IN ('VARCHAR', '"NULL"', 'NULL') THEN '"default"' ELSE ${
      raise("42804", "'collations are not supported by type ' || lower(typeof(value))")
    } END`,
  ),
];

const unitBytes: Readonly<Record<string, number>> = {
  "": 1,
  b: 1,
  bytes: 1,
  kb: 2 ** 10,
  mb: 2 ** 20,
  gb: 2 ** 30,
  tb: 2 ** 40,
  pb: 2 ** 50,
};
const sizePart = (group: number) =>
  `regexp_extract(size, '^\\s*([+-]?(\\d+\\.?\\d*|\\.\\d+)(e[+-]?\\d+)?)\\s*([a-zA-Z]*)\\s*$', ${group})`;
const sizeBytes = macro(
  "pg_size_bytes",
  `(size) AS CASE WHEN size IS NULL THEN NULL ELSE coalesce(round(TRY_CAST(nullif(${sizePart(1)}, '') AS DOUBLE)
      * CASE lower(${sizePart(4)}) ${
    Object.entries(unitBytes).map(([unit, bytes]) => `WHEN '${unit}' THEN ${bytes}`).join(" ")
  } END)::BIGINT,
    ${raise("22023", `'invalid size: "' || size || '"'`)}) END`,
);

/** Roles of a workspace: its user and the project's owner. */
export const userById = macro(
  "pg_get_userbyid",
  "(role) AS CASE role WHEN 10 THEN current_user() WHEN 11 THEN 'project' ELSE 'unknown (OID=' || role || ')' END",
);

export const sessionFunctions: readonly MacroFunction[] = [
  ...settings,
  ...signals,
  ...sleeps,
  ...transactions,
  ...server,
  sizeBytes,
];
