/**
 * The keys of the configuration, one row each: name, zod schema, default, accepted form, meaning. A schema takes what
 * a YAML file, an environment variable or a flag can hold (so numbers also as text) and gives the field of `Config`.
 */
import * as path from "node:path";
import { z } from "zod";
import { type Cidr, cidrForm, parseCidr } from "../addresses/addresses.ts";
import { byteSizeForm, formatByteSize, parseByteSize } from "./byte_size.ts";
import type { Config } from "./config.ts";
import { deniedDatasourceRanges } from "./denied_addresses.ts";

export interface ConfigKey<Value> {
  /** As in the YAML file; the environment name is `EIDER_` + upper case, the flag `--` + dashes. */
  readonly key: string;
  readonly schema: z.ZodType<Value, unknown>;
  /** As it would be written in the YAML file. */
  readonly default: unknown;
  /** What the schema takes, one phrase. */
  readonly accepted: string;
  readonly meaning: string;
  /** How a value is shown: as it would be written in the YAML file, without its secret part. */
  readonly show: (value: Value) => unknown;
  /** The value itself must appear in no text. */
  readonly secret: boolean;
  readonly isBoolean: boolean;
  /** How it is written that the key is not set. */
  readonly whenUnset: string;
}

/** Timers hold 2^31 - 1 milliseconds at most; a longer time would fire at once. */
const secondsMax = 2_000_000;
const countMax = Number.MAX_SAFE_INTEGER;

type Form<Value> =
  & Pick<ConfigKey<Value>, "schema" | "accepted">
  & Partial<Pick<ConfigKey<Value>, "show" | "isBoolean" | "whenUnset">>;

function key<Value>(
  name: string,
  form: Form<Value>,
  defaultValue: unknown,
  meaning: string,
  options: { readonly secret?: boolean; readonly show?: (value: Value) => unknown } = {},
): ConfigKey<Value> {
  return {
    key: name,
    schema: form.schema,
    accepted: form.accepted,
    default: defaultValue,
    meaning,
    whenUnset: form.whenUnset ?? "none",
    show: (value) => {
      const shown = (options.show ?? form.show ?? ((same) => same))(value);
      return shown === null ? form.whenUnset ?? null : shown;
    },
    secret: options.secret ?? false,
    isBoolean: form.isBoolean ?? false,
  };
}

const decimalText = z.string().trim().regex(/^\d+(\.\d+)?$/).transform(Number);

function integer(min: number, max: number, note = ""): Form<number> {
  const range = max === countMax ? `a whole number, at least ${min}` : `a whole number from ${min} to ${max}`;
  return {
    schema: z.union([z.number(), decimalText]).pipe(z.number().int().min(min).max(max)),
    accepted: range + note,
  };
}

/** A number above zero, or from zero on when zero has a meaning. */
function quantity(unit: string, max: number, zero?: string): Form<number> {
  const bounded = z.number().max(max);
  return {
    schema: z.union([z.number(), decimalText]).pipe(zero === undefined ? bounded.gt(0) : bounded.min(0)),
    accepted: `a number of ${unit} ` +
      (zero === undefined ? `above 0, at most ${max}` : `from 0${zero ? ` (${zero})` : ""} to ${max}`),
  };
}

const seconds = (zero?: string) => quantity("seconds", secondsMax, zero);
const port = integer(0, 65535, " (0 = any free port)");

const boolean: Form<boolean> = {
  schema: z.union([
    z.boolean(),
    z.string().trim().toLowerCase().pipe(z.enum(["true", "false", "on", "off", "yes", "no", "1", "0"]))
      .transform((text) => ["true", "on", "yes", "1"].includes(text)),
    z.literal(1).transform(() => true),
    z.literal(0).transform(() => false),
  ]),
  accepted: "true or false",
  isBoolean: true,
};

function choice<const Values extends readonly [string, ...string[]]>(values: Values): Form<Values[number]> {
  return { schema: z.string().trim().pipe(z.enum(values)), accepted: `one of ${values.join(", ")}` };
}

/** Only what can be no name or address at all is refused: whether there is such a host the system knows, when it is asked. */
const hostName: Form<string> = {
  schema: z.string().trim().regex(/^[^\s/@"'<>]+$/),
  accepted: "a host name or address",
};

const filePath = (what: string): Form<string> => ({
  schema: z.string().trim().min(1).refine((value) => !value.includes("\0")).transform((value) => path.resolve(value)),
  accepted: what,
});

/** `none`, an empty text and YAML's null all mean that the key is not set. */
function optional<Value>(form: Form<Value>, whenUnset: string): Form<Value | null> {
  const unset = z.union([z.null(), z.literal(["", "none", whenUnset])]).transform(() => null);
  return {
    ...form,
    schema: z.union([unset, form.schema]),
    accepted: `${form.accepted}, or ${whenUnset}`,
    show: (value) => value ?? null,
    whenUnset,
  };
}

const byteSize: Form<number> = {
  schema: z.union([
    z.number().int().min(1),
    z.string().transform((value, context) => {
      const bytes = parseByteSize(value);
      if (bytes !== undefined && bytes > 0) return bytes;
      context.addIssue({ code: "custom", message: "not a size" });
      return z.NEVER;
    }),
  ]),
  accepted: byteSizeForm,
  show: formatByteSize,
};

const byteSizeOrUnlimited: Form<number> = {
  ...byteSize,
  schema: z.union([z.literal([0, "0"]).transform(() => 0), byteSize.schema]),
  accepted: `${byteSizeForm}, 0 = unlimited`,
  show: (bytes) => bytes,
};

/** `75%` of `memoryTotalBytes`, or a size. */
function memoryShare(memoryTotalBytes: number): Form<number> {
  const percentage = z.string().trim().regex(/^\d+(\.\d+)?\s*%$/)
    .transform((value) => Number(value.replace(/\s*%$/, "")))
    .pipe(z.number().gt(0).max(100))
    .transform((percent) => Math.floor((memoryTotalBytes * percent) / 100));
  return {
    ...byteSize,
    schema: z.union([percentage, byteSize.schema]),
    accepted: `a percentage such as 75%, or ${byteSizeForm}`,
  };
}

const webUrl: Form<string> = { schema: z.url({ protocol: /^https?$/ }), accepted: "an http or https address" };

const headers: Form<Readonly<Record<string, string>>> = {
  schema: z.union([
    z.string().transform((value, context) => {
      try {
        return value.trim() === "" ? {} : JSON.parse(value) as unknown;
      } catch {
        context.addIssue({ code: "custom", message: "not JSON" });
        return z.NEVER;
      }
    }),
    z.record(z.string(), z.unknown()),
    z.null().transform(() => ({})),
  ]).pipe(z.record(z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/), z.string().regex(/^[\x20-\x7e]*$/))),
  accepted: 'header names and values, in YAML as a mapping, else as JSON such as {"Authorization": "Bearer …"}',
};

/** In YAML a list, else texts with commas between. */
const cidrList: Form<readonly Cidr[]> = {
  schema: z.union([
    z.string().transform((text) => text.split(",").map((part) => part.trim()).filter((part) => part !== "")),
    z.array(z.string()),
    z.null().transform(() => []),
  ]).pipe(z.array(
    z.string().transform((text, context) => {
      const range = parseCidr(text);
      if (range !== null) return range;
      context.addIssue({ code: "custom", message: "not a range" });
      return z.NEVER;
    }),
  )),
  accepted: `ranges with commas between, each ${cidrForm}`,
  show: (ranges) => ranges.map(({ text }) => text),
};

/** `none`, `self`, or the origins that may embed, as frame-ancestors of Content-Security-Policy takes them. */
const frameAncestors: Form<string> = {
  schema: z.string().trim().transform((text, context) => {
    if (text === "none" || text === "'none'") return "'none'";
    const sources = text.split(/[\s,]+/).map((source) => source === "self" ? "'self'" : source);
    const origin = /^('self'|\*|https?:\/\/[A-Za-z0-9*._-]+(:\d+)?)$/;
    if (sources.every((source) => origin.test(source))) return sources.join(" ");
    context.addIssue({ code: "custom", message: "not origins" });
    return z.NEVER;
  }),
  accepted: "none, self, or origins such as https://wiki.example.com with blanks between",
};

const hidden = "(hidden)";
const hiddenUnlessNull = (value: string | null) => value === null ? null : hidden;

export type ConfigKeys = { readonly [Field in keyof Config]: ConfigKey<Config[Field]> };

/** The key table. `memoryTotalBytes` is what percentages of memory are taken of. */
export function makeConfigKeys(memoryTotalBytes: number): ConfigKeys {
  return {
    dataDir: key("data_dir", filePath("a folder"), "./data", "everything persistent"),
    httpHost: key(
      "http_host",
      hostName,
      "127.0.0.1",
      "address of REST, console, metrics, health",
    ),
    httpPort: key("http_port", port, 8000, "port of REST, console, metrics, health"),
    pgHost: key("pg_host", hostName, "127.0.0.1", "address of the PostgreSQL wire protocol"),
    pgPort: key("pg_port", port, 5432, "port of the PostgreSQL wire protocol: plain, upgraded and direct TLS"),
    pgDirectTlsPort: key("pg_direct_tls_port", optional(port, "none"), null, "an extra TLS-only port"),
    publicHost: key("public_host", hostName, "localhost", "host in connection strings"),
    tlsCert: key(
      "tls_cert",
      optional(filePath("a PEM file"), "auto"),
      null,
      "certificate; auto = self-signed, made once",
    ),
    tlsKey: key("tls_key", optional(filePath("a PEM file"), "auto"), null, "the certificate's private key"),
    pgTls: key(
      "pg_tls",
      choice(["disable", "prefer", "require"]),
      "prefer",
      "whether SQL connections may or must use TLS",
    ),
    adminKey: key(
      "admin_key",
      optional({
        schema: z.string().regex(/^[\x21-\x7e]{16,200}$/),
        accepted: "16 to 200 printable ASCII characters without spaces",
      }, "generated"),
      null,
      "server administrator's bearer key; generated = made at the first start",
      { secret: true, show: hiddenUnlessNull },
    ),
    maxConnectionsTotal: key("max_connections_total", integer(1, 100_000), 100, "SQL connections of the server"),
    maxConnectionsPerWorkspace: key("max_connections_per_workspace", integer(1, 100_000), 5, "… of one workspace"),
    maxConnectionsPerIp: key("max_connections_per_ip", integer(1, 100_000), 100, "… from one address"),
    idleTimeoutSeconds: key("idle_timeout_seconds", seconds("none"), 3600, "a silent session is ended"),
    queryTimeoutSeconds: key("query_timeout_seconds", seconds("none"), 300, "a running statement is cancelled"),
    connectionTimeoutSeconds: key("connection_timeout_seconds", seconds(), 30, "time to authenticate"),
    workspaceDefaultMemoryLimitBytes: key("workspace_default_memory_limit", byteSize, "4GB", "memory of a workspace"),
    workspacesMemoryBudgetBytes: key(
      "workspaces_memory_budget",
      memoryShare(memoryTotalBytes),
      "75%",
      "ceiling for the sum of active workspaces' memory limits",
    ),
    workspaceMaxTempStorageBytes: key("workspace_max_temp_storage", byteSize, "10GB", "spill limit of a workspace"),
    workspaceMaxAttachedTables: key(
      "workspace_max_attached_tables",
      integer(1, 1_000_000),
      1000,
      "tables in a workspace",
    ),
    workspaceDefaultSizeLimitGb: key("workspace_default_size_limit_gb", quantity("GB", 1e6), 10, "size of a workspace"),
    workspaceDefaultTtlHours: key("workspace_default_ttl_hours", quantity("hours", 1e6), 24, "life of a workspace"),
    workspaceMaxTtlHours: key("workspace_max_ttl_hours", quantity("hours", 1e6), 168, "longest life of a workspace"),
    workspaceExpiredRetentionHours: key(
      "workspace_expired_retention_hours",
      quantity("hours", 1e6, "deleted at the next cleanup"),
      24,
      "how long an expired workspace's file is kept",
    ),
    workspaceMaxResultRows: key(
      "workspace_max_result_rows",
      integer(0, countMax, ", 0 = unlimited"),
      100_000,
      "result rows",
    ),
    workspaceMaxResultBytes: key(
      "workspace_max_result_bytes",
      byteSizeOrUnlimited,
      100_000_000,
      "result bytes",
    ),
    workspaceMaxStatementBytes: key(
      "workspace_max_statement_bytes",
      byteSizeOrUnlimited,
      16_000_000,
      "bytes of one statement's text",
    ),
    maxWorkspacesPerProject: key("max_workspaces_per_project", integer(1, 1_000_000), 10, "workspaces of a project"),
    sessionCleanupIntervalSeconds: key(
      "session_cleanup_interval_seconds",
      seconds(),
      300,
      "time between cleanups of sessions, workspaces, table versions and temp folders",
    ),
    queryAuditEnabled: key("query_audit_enabled", boolean, true, "keep a query log"),
    queryAuditMode: key(
      "query_audit_mode",
      choice(["full", "structure", "hash_only"]),
      "full",
      "what of a query is kept",
    ),
    queryAuditMaxLength: key("query_audit_max_length", integer(1, 10_000_000), 10_000, "characters of a query kept"),
    queryAuditTable: key("query_audit_table", boolean, true, "also keep the query log as a queryable table"),
    queryAuditRetentionDays: key("query_audit_retention_days", quantity("days", 1e6), 30, "age at which it is pruned"),
    queryAuditMaxBytes: key(
      "query_audit_max_bytes",
      byteSizeOrUnlimited,
      5_000_000_000,
      "what the table may take on disk; beyond it the oldest statements go",
    ),
    slowQueryThresholdMs: key(
      "slow_query_threshold_ms",
      quantity("milliseconds", 1e9, "every query is slow"),
      1000,
      "duration from which a query is slow",
    ),
    slowQueryExplain: key("slow_query_explain", boolean, true, "log a slow query's plan"),
    slowQueryLogFull: key("slow_query_log_full", boolean, true, "log a slow query's whole text"),
    alertWebhookUrl: key("alert_webhook_url", optional(webUrl, "none"), null, "where alerts are posted", {
      secret: true,
      show: (value) => value === null ? null : `${new URL(value).origin}/${hidden}`,
    }),
    alertWebhookHeaders: key("alert_webhook_headers", headers, {}, "headers sent with an alert", {
      secret: true,
      show: (value) => Object.fromEntries(Object.keys(value).map((name) => [name, hidden])),
    }),
    alertMinIntervalSeconds: key("alert_min_interval_seconds", seconds(""), 60, "time between two alerts of a kind"),
    alertWebhookFormat: key("alert_webhook_format", choice(["json", "slack", "discord", "teams"]), "json", "its body"),
    alertWebhookTimeoutSeconds: key("alert_webhook_timeout_seconds", seconds(), 5, "longest wait for its answer"),
    alertWindowSeconds: key(
      "alert_window_seconds",
      integer(1, 86_400),
      300,
      "the time over which alerts count; one that no longer holds resolves after it",
    ),
    alertErrorRatePercent: key(
      "alert_error_rate_percent",
      integer(0, 100),
      5,
      "alert when more of a workspace's statements fail",
    ),
    alertErrorRateMinQueries: key("alert_error_rate_min_queries", integer(1, countMax), 10, "… of at least so many"),
    alertAuthFailures: key(
      "alert_auth_failures",
      integer(1, countMax),
      10,
      "alert at so many failed logins of an address",
    ),
    alertSlowQueries: key(
      "alert_slow_queries",
      integer(1, countMax),
      1,
      "alert at so many slow queries of a workspace",
    ),
    maxQueriesPerMinute: key("max_queries_per_minute", integer(0, countMax, ", 0 = unlimited"), 0, "per workspace"),
    authFailuresPerMinute: key("auth_failures_per_minute", integer(1, 1_000_000), 10, "per address and user"),
    dbMaxOpenConns: key("db_max_open_conns", integer(1, 1000), 50, "open connections of the metadata pool"),
    dbMaxIdleConns: key("db_max_idle_conns", integer(0, 1000), 10, "idle connections it keeps"),
    dbConnMaxLifetimeSeconds: key("db_conn_max_lifetime", seconds("no limit"), 300, "age at which one is replaced"),
    dbConnMaxIdleTimeSeconds: key(
      "db_conn_max_idle_time",
      seconds("no limit"),
      60,
      "idle time after which one is closed",
    ),
    dbConnectTimeoutSeconds: key("db_connect_timeout", seconds(), 10, "longest wait for a connection"),
    dbQueryTimeoutSeconds: key("db_query_timeout", seconds("none"), 30, "longest metadata query"),
    shutdownTimeoutSeconds: key(
      "shutdown_timeout_seconds",
      seconds("cancel at once"),
      30,
      "time running queries get to end",
    ),
    logLevel: key("log_level", choice(["debug", "info", "warn", "error"]), "info", "least severe level logged"),
    logFormat: key("log_format", choice(["json", "pretty"]), "json", "one JSON object a line, or for people"),
    workerIdleSeconds: key(
      "worker_idle_seconds",
      seconds("ends at once"),
      300,
      "a workspace's process outlives its last session",
    ),
    spareWorkers: key("spare_workers", integer(0, 16), 1, "idle processes kept started for sleeping workspaces"),
    auditRetentionDays: key(
      "audit_retention_days",
      integer(1, 2557, ", 7 years at most"),
      400,
      "age at which a month of the audit log is removed",
    ),
    trustedProxies: key("trusted_proxies", cidrList, [], "proxies whose X-Forwarded-For is believed"),
    datasourceDeniedAddresses: key(
      "datasource_denied_addresses",
      cidrList,
      [...deniedDatasourceRanges],
      "addresses that no datasource may be at",
    ),
    datasourceAllowedAddresses: key(
      "datasource_allowed_addresses",
      cidrList,
      [],
      "the only addresses that datasources may be at; empty = all that are not denied",
    ),
    shareTokenAllowNever: key("share_token_allow_never", boolean, false, "share links may have no expiry"),
    shareFrameAncestors: key(
      "share_frame_ancestors",
      frameAncestors,
      "none",
      "sites that may embed what a share link opens",
    ),
    shareFailuresPerMinute: key(
      "share_failures_per_minute",
      integer(1, 1_000_000),
      30,
      "share links from one address that do not open, before it must wait",
    ),
    dashboardsProvisioningDir: key(
      "dashboards_provisioning_dir",
      optional(filePath("a folder"), "none"),
      null,
      "YAML and JSON files of dashboards, datasources, variables and folders that the server keeps as they say",
    ),
    dashboardsProvisioningPrune: key(
      "dashboards_provisioning_prune",
      boolean,
      false,
      "delete what was provisioned and is in no file any more",
    ),
    dashboardsProvisioningIntervalSeconds: key(
      "dashboards_provisioning_interval_seconds",
      seconds(),
      30,
      "time between two looks at that folder",
    ),
    dashboardsDeletedRetentionDays: key(
      "dashboards_deleted_retention_days",
      quantity("days", 1e6, "deleted at the next cleanup"),
      30,
      "how long a deleted dashboard can be undeleted",
    ),
  };
}

export const environmentName = (name: string): string => `EIDER_${name.toUpperCase()}`;
export const flagName = (name: string): string => `--${name.replaceAll("_", "-")}`;
