/**
 * What a session sees of itself and of the workspace's other sessions: settings, prepared statements, cursors,
 * activity. The rows are in `__eider.state`, written by the engine just before a statement that reads these relations.
 */
import { settingDefinitions } from "../../settings_definitions.ts";
import type { CatalogRelation } from "../types.ts";
import { emptyRelation, relation } from "./define.ts";
import { roleOids, stateRows } from "./objects.ts";
import { dataLines } from "./postgres_columns.ts";
import postgresSettings from "./postgres_settings.txt" with { type: "text" };
import { databaseOid } from "./server.ts";
import { staticRows } from "./static_rows.ts";

const ofThisSession = "pid = pg_backend_pid()";

/** PostgreSQL keeps these out of pg_settings; SHOW has them. */
const unlisted = ["default_with_oids", "is_superuser", "role", "session_authorization"];

/** What of a setting is the same in every session, by its name in lower case. */
const settingFacts = staticRows(
  [
    "name VARCHAR",
    "unit VARCHAR?",
    "category VARCHAR",
    "context VARCHAR",
    "vartype VARCHAR",
    "min_val VARCHAR?",
    "max_val VARCHAR?",
    "enumvals VARCHAR[]?",
  ],
  dataLines(postgresSettings).flatMap((line) => {
    const [name, context, category] = line.split("|") as [string, string, string];
    const definition = settingDefinitions.get(name.toLowerCase());
    if (definition === undefined) return [];
    const isNumber = definition.type === "integer" || definition.type === "real";
    return [[
      name.toLowerCase(),
      definition.unit ?? "",
      category,
      // Whatever may be set here, a user may set.
      definition.readOnly ? (context === "user" ? "internal" : context) : "user",
      definition.type === "special" ? "string" : definition.type,
      isNumber ? definition.minimum : "",
      isNumber ? definition.maximum : "",
      definition.type === "enum" ? `[${definition.choices.map((choice) => `"${choice}"`).join(", ")}]` : "",
    ]];
  }),
);

const sessions = stateRows("sessions", "*");

export const sessionRelations: readonly CatalogRelation[] = [
  relation(
    "pg_settings",
    {
      name: "settings.name",
      setting: "settings.setting",
      unit: "facts.unit",
      category: "coalesce(facts.category, 'Customized Options')",
      short_desc: "nullif(settings.description, '')",
      context: "coalesce(facts.context, 'user')",
      vartype: "coalesce(facts.vartype, 'string')",
      source: `CASE WHEN setting IS NOT DISTINCT FROM boot_value THEN 'default'
        WHEN setting IS NOT DISTINCT FROM reset_value THEN 'client' ELSE 'session' END`,
      min_val: "facts.min_val",
      max_val: "facts.max_val",
      enumvals: "facts.enumvals",
      boot_val: "settings.boot_value",
      reset_val: "settings.reset_value",
      pending_restart: "false",
    },
    `FROM ${stateRows("settings", "*", ofThisSession)} AS settings
     LEFT JOIN ${settingFacts} AS facts ON facts.name = lower(settings.name)
     WHERE settings.name NOT IN (${unlisted.map((name) => `'${name}'`).join(", ")})`,
  ),
  emptyRelation("pg_file_settings"),
  emptyRelation("pg_hba_file_rules"),
  emptyRelation("pg_ident_file_mappings"),
  relation(
    "pg_prepared_statements",
    {
      name: "name",
      statement: "statement",
      prepare_time: "prepare_time",
      parameter_types: "parameter_oids",
      from_sql: "from_sql",
    },
    `FROM ${stateRows("prepared_statements", "*", ofThisSession)} AS statements`,
  ),
  relation(
    "pg_cursors",
    {
      name: "name",
      statement: "statement",
      is_holdable: "is_holdable",
      is_binary: "is_binary",
      is_scrollable: "is_scrollable",
      creation_time: "creation_time",
    },
    `FROM ${stateRows("cursors", "*", ofThisSession)} AS cursors`,
  ),
  relation(
    "pg_stat_activity",
    {
      datid: databaseOid,
      datname: "current_database()",
      pid: "pid",
      usesysid: String(roleOids.user),
      usename: "username",
      application_name: "application_name",
      client_addr: "nullif(client_addr, '')",
      client_port: "client_port",
      backend_start: "backend_start",
      xact_start: "xact_start",
      query_start: "query_start",
      state_change: "state_change",
      wait_event_type: "CASE WHEN starts_with(state, 'idle') THEN 'Client' END",
      wait_event: "CASE WHEN starts_with(state, 'idle') THEN 'ClientRead' END",
      state: "state",
      query: "query",
      backend_type: "'client backend'",
    },
    `FROM ${sessions} AS sessions`,
  ),
  // Clients have no certificates. The bits are those of the cipher's key, which its name tells.
  relation(
    "pg_stat_ssl",
    {
      pid: "pid",
      ssl: "tls",
      version: "tls_version",
      cipher: "tls_cipher",
      bits: `CASE WHEN contains(tls_cipher, 'CHACHA20') THEN 256
        ELSE CAST(nullif(regexp_extract(tls_cipher, 'AES_?(128|256)', 1), '') AS INTEGER) END`,
    },
    `FROM ${sessions} AS sessions`,
  ),
  relation(
    "pg_stat_gssapi",
    { pid: "pid", gss_authenticated: "false", encrypted: "false", credentials_delegated: "false" },
    `FROM ${sessions} AS sessions`,
  ),
];
